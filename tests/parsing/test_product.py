"""Product metadata in all its spellings, in order and out of order."""

import json

import pytest

from gimonitor.parsing import parse_page

URL = "https://shop.example/goods/7?utm=1"


def page(head="", body=""):
    text = f"<!DOCTYPE html><html><head><title>x</title>{head}</head><body>{body}<p>{'文字' * 100}</p></body></html>"
    return parse_page(text.encode(), URL, "text/html; charset=utf-8")


def ld(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return page(f'<script type="application/ld+json">{text}</script>')


TEA = {
    "@context": "https://schema.org",
    "@type": "Product",
    "name": "西湖龙井 250g",
    "sku": "T-7",
    "offers": {"price": "68.00", "priceCurrency": "CNY"},
}
MICRODATA = (
    '<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">西湖龙井 250g</h1><span itemprop="sku">T-7</span>'
    '<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><span itemprop="price" content="68.00">68</span>'
    '<meta itemprop="priceCurrency" content="CNY"></div></div>'
)
RDFA = (
    '<div vocab="http://schema.org/" typeof="Product"><h1 property="name">西湖龙井 250g</h1><span property="sku">T-7</span>'
    '<div property="offers" typeof="Offer"><span property="price" content="68.00">68</span>'
    '<meta property="priceCurrency" content="CNY"></div></div>'
)
OPENGRAPH = (
    '<meta property="og:type" content="product"><meta property="og:title" content="西湖龙井 250g">'
    '<meta property="product:retailer_item_id" content="T-7"><meta property="product:price:amount" content="68.00">'
    '<meta property="product:price:currency" content="CNY">'
)
SYNTAXES = {
    "json-ld": lambda: ld(TEA),
    "microdata": lambda: page(body=MICRODATA),
    "rdfa": lambda: page(body=RDFA),
    "opengraph": lambda: page(OPENGRAPH),
}


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_syntax_gives_the_same(syntax):
    (tea,) = SYNTAXES[syntax]().listings
    assert (tea.item_id, tea.title, tea.price_fen, tea.currency) == ("T-7", "西湖龙井 250g", 6800, "CNY")
    assert tea.platform == "shop.example" and tea.parser == "product@4" and "origin" in tea.missing


@pytest.mark.parametrize(
    "value",
    [
        [TEA], {"@graph": [{"@type": "WebPage"}, TEA]}, TEA | {"@type": ["Product", "Thing"]}, {"@type": "ItemPage", "mainEntity": TEA},
        TEA | {"@type": "http://schema.org/Product"}, TEA | {"offers": [{"price": "99"}, {"price": 68, "priceCurrency": "CNY"}]},
        TEA | {"offers": {"@type": "AggregateOffer", "lowPrice": "68", "highPrice": "99", "priceCurrency": "CNY"}},
        TEA | {"offers": {"priceSpecification": {"price": 68, "priceCurrency": "CNY"}}},
        json.dumps(TEA, ensure_ascii=False)[:-1] + ",}", "<!--" + json.dumps(TEA, ensure_ascii=False) + "-->",
        json.dumps(TEA, ensure_ascii=False).replace("250g", "250g\\u0000").replace("CNY", "CNY"),
    ],
)  # fmt: skip
def test_json_ld_as_shops_write_it(value):
    (tea,) = ld(value).listings
    assert (tea.title, tea.price_fen, tea.item_id) == ("西湖龙井 250g", 6800, "T-7")


@pytest.mark.parametrize(
    "price", ["-68", "1e308", "999999999999999999", "面议", "", None, {}, [], True, "NaN", float("nan")]
)
def test_absurd_prices_are_none_and_told(price):
    (tea,) = ld(TEA | {"offers": {"price": price}}).listings
    assert tea.price_fen is None and "price" in tea.missing


def test_html_in_json_stays_text():
    (tea,) = ld(
        TEA | {"name": "西湖<\\/b>龙井 &lt;b&gt;", "url": "javascript:alert(1)", "image": ["data:x", "/a.png"]}
    ).listings
    assert tea.url == URL and tea.image_urls == ("https://shop.example/a.png",)


@pytest.mark.parametrize("text", ["null", "[]", "{", '{"@type": "Product"}', '"x"', "[" * 5000, '{"@type":"Review"}'])
def test_nothing_comes_of_nothing(text):
    assert ld(text).listings == ()


def test_gaps_are_filled_from_opengraph():
    parsed = page(
        OPENGRAPH + '<script type="application/ld+json">{"@type": "Product", "name": "西湖龙井 250g"}</script>'
    )
    assert parsed.listings[0].price_fen == 6800


def test_the_same_offer_keeps_its_key_under_three_addresses():
    ids = set()
    for url in (
        "https://shop.example/goods/7",
        "https://shop.example/goods/7?utm=2",
        "https://shop.example/goods/7#top",
    ):
        text = '<html><script type="application/ld+json">{"@type": "Product", "name": "茶"}</script></html>'
        ids.add(parse_page(text.encode(), url, "text/html").listings[0].item_id)
    assert len(ids) == 1


def test_variants_at_one_address_are_told_apart_by_their_number_or_the_first_priced_is_kept():
    variants = [
        {"@type": "Product", "name": f"五常大米 {kilo}kg", "offers": {"price": price}}
        for kilo, price in ((5, 50), (10, 95))
    ]
    group = {"@type": "ProductGroup", "name": "五常大米", "url": "/goods/7", "hasVariant": variants}
    kept = ld(group)
    assert [(one.title, one.price_fen) for one in kept.listings] == [("五常大米 5kg", 5000)]
    assert kept.notes == ("2 of 3 products have no number or address of their own: left out",)
    numbered = [{**variant, "productID": str(n)} for n, variant in enumerate(variants, 1)]
    told = ld({**group, "hasVariant": numbered})
    assert [(one.item_id, one.price_fen) for one in told.listings][1:] == [("1", 5000), ("2", 9500)]
    assert not told.notes


def test_a_page_of_a_known_marketplace_keeps_the_number_in_its_address():
    text = f'<script type="application/ld+json">{json.dumps({**TEA, "sku": ""})}</script><p>{"文字" * 100}</p>'
    made = parse_page(text.encode(), "https://www.ebay.com/itm/123456789012?hash=1", "text/html").listings[0]
    assert made.key == ("ebay", "123456789012")


def test_a_flood_of_products_is_bounded():
    many = [TEA | {"sku": str(number), "name": f"茶 {number}"} for number in range(3000)]
    parsed = ld(many)
    assert len(parsed.listings) == 200 and parsed.notes == ("2800 of 3000 products left out",)


@pytest.mark.parametrize("text", ['{"@type": "Product", "name": "ri', '{"@type":"Product" "name":"x"}', "no JSON"])
def test_metadata_that_does_not_parse_is_noted(text):
    page = f'<html><script type="application/ld+json">{text}</script><p>rice</p></html>'
    (note,) = parse_page(page.encode(), "https://shop.example/1").notes
    assert note.startswith("ld+json does not parse: ")


def test_mark_up_sent_as_json_is_noted():
    parsed = parse_page(b"<html><p>rice</p></html>", "https://shop.example/1", "application/json")
    assert parsed.notes == ("sent as application/json, but it is mark-up",)


CRUMBS = [("首页", "https://shop.example/"), ("茶叶", "https://shop.example/tea"), ("西湖龙井 250g", "")]


def test_category_and_words_stand_elsewhere_on_the_page():
    steps = [
        {"name": CRUMBS[0][0], "item": CRUMBS[0][1]},
        {"item": {"@id": CRUMBS[1][1], "name": CRUMBS[1][0]}},
        {"name": CRUMBS[2][0]},
    ]
    trail = {"@type": "BreadcrumbList", "itemListElement": [*steps, None, 7, {"name": {}, "item": []}]}
    marked = "".join(
        f'<li itemprop="itemListElement"><a itemprop="item" href="{url}"><b itemprop="name">{name}</b></a></li>'
        for name, url in CRUMBS[:2]
    )
    words = '<meta name="Keywords" content="龙井,绿茶"><meta name="description" content="明前&amp;#40;茶&amp;#41;">'
    stated = page(f'{words}<script type="application/ld+json">{json.dumps([TEA, trail])}</script>').listings[0]
    listed = f'<ul itemscope itemtype="https://schema.org/BreadcrumbList">{marked}</ul>'
    for tea in (stated, page(words, MICRODATA + listed).listings[0]):
        assert (tea.category, tea.keywords, tea.description) == ("茶叶", ("龙井", "绿茶"), "明前(茶)")
