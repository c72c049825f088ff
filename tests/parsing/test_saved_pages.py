"""Real saved pages, one test per field. The pages lie outside the repository; without them these tests are skipped."""

import os
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from digests import digest

from gimonitor.parsing import parse_page
from gimonitor.parsing.parsers import PARSERS

SHARED = Path(os.environ.get("GIMONITOR_SHARED_DATA") or Path(__file__).parents[2] / "../shared/data").resolve()
PAGES = SHARED / "pages"
EXPECTED = yaml.safe_load(Path(__file__).with_name("saved_pages.yml").read_text(encoding="utf-8"))
HOSTS = {
    "taobao": "item.taobao.com", "tmall": "detail.tmall.com", "jd": "item.jd.com", "1688": "m.1688.com",
    "pinduoduo": "mobile.yangkeduo.com", "amazon": "www.amazon.com", "ebay": "www.ebay.com",
    "aliexpress": "he.aliexpress.com", "etsy": "www.etsy.com",
}  # fmt: skip
TEXTS = (
    *("url", "subtitle", "attributes", "description", "keywords", "brand", "origin", "ship_from", "category"),
    *("specification", "currency"),
)
FIELDS = [(page, field) for page, expected in EXPECTED.items() for field in expected.get("first", {})]

pytestmark = pytest.mark.skipif(
    not PAGES.is_dir(), reason="the shared saved pages are not here: set GIMONITOR_SHARED_DATA"
)


@cache
def parsed(page):
    folder = page.partition("/")[0]
    return parse_page((PAGES / page).read_bytes(), f"https://{HOSTS.get(folder, f'www.{folder}.com')}/")


@pytest.mark.parametrize("page", EXPECTED)
def test_page(page):
    got, expected = parsed(page), EXPECTED[page]
    assert got.parser == expected["parser"]
    assert len(got.listings) == expected["listings"]
    assert got.announced == expected.get("announced")
    if got.listings:
        assert len({one.item_id for one in got.listings}) == expected["distinct"]
        assert all(one.item_id and one.parser == got.parser for one in got.listings)
        untitled = sum(not one.title for one in got.listings)
        assert untitled == expected.get("untitled", 0)  # left to the pipeline, which rejects them with a reason


@pytest.mark.parametrize("page", [page for page, expected in EXPECTED.items() if "filled" in expected])
def test_how_many_listings_have_the_field(page):
    for field, number in EXPECTED[page]["filled"].items():
        assert sum(getattr(one, field) not in (None, "", ()) for one in parsed(page).listings) == number, field


@pytest.mark.parametrize(("page", "field"), FIELDS)
def test_field(page, field):
    first, expected = parsed(page).listings[0], EXPECTED[page]["first"][field]
    got = {
        "attributes": lambda: len(first.attributes),
        "attributes_digest": lambda: digest(first.attributes),
        "images": lambda: len(first.image_urls),
        "shop": lambda: digest(first.shop.name),
        "missing": lambda: " ".join(first.missing),
    }.get(field, lambda: digest(getattr(first, field)))()
    assert str(got) == str(expected), getattr(first, field, None)


@pytest.mark.parametrize("page", [page for page, expected in EXPECTED.items() if expected["listings"]])
def test_every_field_that_a_parser_may_give_is_there_or_named(page):
    (gives,) = {tuple(parser.gives.split()) for parser in PARSERS if parser.label == parsed(page).parser}
    for one in parsed(page).listings:
        there = {name for name in TEXTS if getattr(one, name)}
        there |= {"price"} if one.price_fen is not None else set()
        there |= {"sales"} if one.sales is not None else set()
        there |= {"images"} if one.image_urls else set()
        there |= {"shop"} if one.shop and one.shop.name else set()
        assert there <= {*gives, "currency"}, "given and not declared"
        assert set(one.missing) == set(gives) - there


def test_a_page_without_an_origin_names_it_and_its_brand_is_read_in_any_language():
    (goods,) = parsed("aliexpress/item_ogs.html").listings
    assert goods.origin == "" and "origin" in goods.missing
    assert goods.brand == "Apple" and ("שם מותג", "Apple") in goods.attributes


@pytest.mark.parametrize(
    ("page", "listings"),
    [
        ("jd/search_html_2016_sony.html", 29), ("jd/search_ajax_fragment_2016.html", 60), ("jd/home_html_2024.html", 0),
        ("taobao/search_g_page_config_2018.html", 60), ("taobao/mtop_alimama_union_sem_landing_json.json", 100),
        ("taobao/home_2018.html", 0), ("pinduoduo/apiv4_operation_list_0.json", 119),
        ("pinduoduo/apiv4_operation_list_1.json", 100), ("rakuten/home_eucjp_ogs.html", 0), ("naver/page_ogs.html", 0),
    ],
)  # fmt: skip
def test_what_others_counted(page, listings):
    """The numbers of EXPECTED.md, counted there with other tools."""
    assert len(parsed(page).listings) == listings


@pytest.mark.parametrize(
    "page",
    [
        "etsy/item_ogs.html", "ebay/page_ogs.html", "bestbuy/page_ogs.html", "newegg/page_ogs.html",
        "jossandmain/item_metascraper_jossandmain.html", "potterybarn/item_metascraper_potterybarn.html",
        "globalindustrial/item_metascraper_globalindustrial.html", "jsonld_extruct/product.html",
        "jsonld_extruct/product_microdata.html", "jsonld_extruct/product-ref.html",
    ],
)  # fmt: skip
def test_the_generic_parser_reads_every_page_with_product_metadata(page):
    from gimonitor.parsing.page import Page
    from gimonitor.parsing.product import read_product

    text = (PAGES / page).read_text(encoding="utf-8")
    assert read_product(Page(text, "https://shop.example/goods/1")).listings[0].title


def test_every_page_with_a_known_price_has_it():
    """Prices as the pages show them, read by eye."""
    seen = {
        "jd/item_html_2014_gbk.html": 139900, "taobao/item_ogs.html": 14900, "tmall/item_html_gbk_TShopSetup.html": 549900,
        "1688/m_item_page_a.html": 1600, "aliexpress/item_ogs.html": 9739, "ebay/page_ogs.html": 34999,
        "amazon/item_metascraper_amazon.html": 2999, "etsy/item_ogs.html": 299, "pinduoduo/apiv4_operation_list_0.json": 5800,
        "jd/search_html_2016_sony.html": 5500, "newegg/page_ogs.html": 54999,
        "jossandmain/item_metascraper_jossandmain.html": 9899,
    }  # fmt: skip
    assert {page: parsed(page).listings[0].price_fen for page in seen} == seen
