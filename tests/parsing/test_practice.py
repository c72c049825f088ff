"""Every page of the practice marketplace is read as its catalogue says."""

from dataclasses import replace

import pytest

from gimonitor.parsing import parse_page
from gimonitor.practice import pages
from gimonitor.practice.catalogue import load_catalogue

CATALOGUE = load_catalogue()
BASE = "http://127.0.0.1:8601"


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
@pytest.mark.parametrize("good", CATALOGUE.goods.values(), ids=lambda g: g.id)
def test_item(good, charset):
    body = pages.item_page(CATALOGUE, good, BASE, 1, charset).encode("gb18030" if charset == "gbk" else charset)
    parsed = parse_page(body, f"{BASE}/item/{good.id}.html", f"text/html; charset={charset}", "practice")
    assert parsed.parser == "practice.item@1"
    (listing,) = parsed.listings
    assert replace(listing, parser="", missing=()) == CATALOGUE.listing(good, base=BASE)
    assert ("origin" in listing.missing) == (not listing.origin)
    assert listing.parser == "practice.item@1"


def test_rendered_fragment_gives_the_same():
    good = CATALOGUE.goods["g185"]
    body = "<html><body>" + pages.item_fragment(CATALOGUE, good, 1) + "</body></html>"
    parsed = parse_page(body.encode(), f"{BASE}/item/{good.id}.html", "text/html; charset=utf-8", "practice")
    assert replace(parsed.listings[0], parser="", missing=()) == CATALOGUE.listing(good, base=BASE)


def test_results():
    body = pages.search_page(CATALOGUE, "五常大米", 1, 1).encode()
    parsed = parse_page(body, f"{BASE}/search?q=x", "text/html; charset=utf-8", "practice")
    assert parsed.parser == "practice.results@1" and not parsed.listings
    assert len(parsed.links) == 8 and all(link.startswith(f"{BASE}/item/g") for link in parsed.links)
    assert parsed.announced == 28
    assert parsed.next_url.startswith(f"{BASE}/search?q=%E4%BA%94") and parsed.next_url.endswith("page=2")


def test_lying_charset_is_read_and_told():
    good = CATALOGUE.goods["g137"]
    body = pages.item_page(CATALOGUE, good, BASE, 1).encode("gb18030")
    parsed = parse_page(body, f"{BASE}/item/g137.html", "text/html; charset=utf-8", "practice")
    assert parsed.listings[0].title == good.title
    assert "declared as utf-8, read as gb18030" in parsed.notes
