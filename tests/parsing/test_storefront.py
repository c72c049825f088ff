"""Shopify and WooCommerce in their documented shapes (no answer of a real shop was at hand)."""

import json

import pytest

from gimonitor.errors import InputError
from gimonitor.parsing import parse_page

SHOPIFY = {
    "products": [
        {
            "id": 1, "title": "Longjing Green Tea", "handle": "longjing", "body_html": "<p>From <b>Sichuan</b></p>", "vendor": "Tea Co",
            "product_type": "Tea", "tags": ["green", "龙井"], "variants": [{"price": "19.90"}, {"price": "9.90"}],
            "images": [{"src": "https://cdn.example/1.jpg"}],
        },
        {"id": 2, "title": "Mug", "handle": "mug", "tags": "cup, mug", "variants": [{"price": "-1"}], "images": []},
    ]
}  # fmt: skip
WOO = [
    {
        "id": 7, "name": "五常大米 5kg", "permalink": "https://shop.example/p/7", "short_description": "<p>东北</p>",
        "prices": {"price": "8990", "currency_code": "CNY", "currency_minor_unit": 2}, "images": [{"src": "/a.jpg"}],
        "categories": [{"name": "粮油"}], "tags": [{"name": "大米"}],
        "attributes": [{"name": "产地", "terms": [{"name": "辽宁"}]}],
    }
]  # fmt: skip


def read(value, url):
    return parse_page(json.dumps(value).encode(), url, "application/json")


def test_shopify():
    parsed = read(SHOPIFY, "https://www.shop.example/products.json?limit=250&page=2")
    tea, mug = parsed.listings
    assert parsed.parser == "shopify.products@3"
    assert parsed.next_url == "https://www.shop.example/products.json?limit=250&page=3"
    assert (tea.platform, tea.item_id, tea.title, tea.price_fen) == ("shop.example", "1", "Longjing Green Tea", 990)
    assert tea.url == "https://www.shop.example/products/longjing" and tea.description == "From Sichuan"
    assert (
        tea.keywords == ("green", "龙井") and tea.brand == "Tea Co" and tea.image_urls == ("https://cdn.example/1.jpg",)
    )
    assert mug.keywords == ("cup", "mug") and mug.price_fen is None and "price" in mug.missing


def test_woocommerce():
    parsed = read(WOO, "https://shop.example/wp-json/wc/store/v1/products?per_page=100")
    (rice,) = parsed.listings
    assert parsed.parser == "woocommerce.products@2" and parsed.next_url.endswith("page=2")
    assert (rice.item_id, rice.title, rice.price_fen, rice.currency) == ("7", "五常大米 5kg", 8990, "CNY")
    assert rice.attributes == (("产地", "辽宁"),) and rice.category == "粮油" and rice.keywords == ("大米",)
    assert rice.image_urls == ("https://shop.example/a.jpg",)


@pytest.mark.parametrize(("digits", "price"), [(2, 8990), (0, 899000), (3, 899)])
def test_woocommerce_units(digits, price):
    value = [WOO[0] | {"prices": {"price": "8990", "currency_minor_unit": digits}}]
    assert read(value, "https://shop.example/wp-json/wc/store/v1/products").listings[0].price_fen == price


def test_text_comes_as_it_would_stand_in_a_page():
    woo = WOO[0] | {"name": "沁州黄小米 &#8211; 第77袋", "description": "<p>A&amp;B</p>"}
    (millet,) = read([woo], "https://shop.example/wp-json/wc/store/v1/products").listings
    assert (millet.title, millet.description) == ("沁州黄小米 – 第77袋", "A&B")
    tea = SHOPIFY["products"][0] | {"body_html": "<p>Tea &amp; cup</p>", "title": "A &amp; B"}
    (sold,) = read({"products": [tea]}, "https://shop.example/products.json").listings
    assert (sold.title, sold.description) == ("A &amp; B", "Tea & cup"), "a title of Shopify's is plain text"


def test_the_end_is_an_end():
    for value, url in (
        ({"products": []}, "https://a.test/products.json"),
        ([], "https://a.test/wp-json/wc/store/v1/products"),
    ):
        parsed = read(value, url)
        assert parsed.listings == () and parsed.next_url == "" and parsed.announced == 0 and parsed.parser


def test_broken_json_is_said_to_be_broken():
    with pytest.raises(InputError, match="broken JSON"):
        parse_page(b'{"products": [{"id": 1,', "https://a.test/products.json", "application/json")


def test_an_item_that_stands_twice_is_one_always_the_same():
    first = {"id": 1, "title": "五常大米", "variants": [{"price": "-5.00"}]}
    priced = first | {"variants": [{"price": "39.90"}]}
    other = {"id": 2, "title": "西湖龙井", "variants": [{"price": "8.00"}]}
    for rows in ([first, other, priced], [priced, other, first], [priced, other, priced | {"title": "x"}]):
        body = json.dumps({"products": rows}).encode()
        parsed = parse_page(body, "https://shop.example/products.json", "application/json")
        assert [(one.item_id, one.price_fen, one.title) for one in parsed.listings] == [
            ("1", 3990, "五常大米"),
            ("2", 800, "西湖龙井"),
        ]
        assert parsed.repeated == 1 and parsed.notes == ("goods that stand there more than once: 1",)


def test_what_is_no_product_is_counted_and_a_title_has_no_markup():
    rows = [None, 5, "x", {"title": "no number"}, {"id": 1, "title": "<b>五常大米</b> 净重<5kg<script>"}]
    body = json.dumps({"products": rows}).encode()
    parsed = parse_page(body, "https://shop.example/products.json", "application/json")
    assert [one.title for one in parsed.listings] == ["五常大米 净重<5kg"]
    assert parsed.notes == ("entries that are no product with a number, left out: 4",)
