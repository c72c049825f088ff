"""Sitemaps: plain, gzipped, damaged, with addresses that are none."""

import gzip

import pytest
from scrapy.http import HtmlResponse, Response

from gimonitor.crawling.sitemap import is_sitemap, read_sitemap
from gimonitor.errors import InputError
from spiders.shop import ShopSpider

URL = "https://shop.example/sitemap.xml"
MAP = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def response(*addresses: str, text: str = "", body: bytes = b"") -> Response:
    entries = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return Response(URL, body=body or (text or MAP.format(entries)).encode())


def read(made: Response):
    assert is_sitemap(made)
    return read_sitemap(made, ["shop.example"])


def test_gzipped_is_told_by_its_content():
    body = gzip.compress(response("https://shop.example/1", "https://m.shop.example/2").body)
    assert read(response(body=body)).links == ("https://shop.example/1", "https://m.shop.example/2")


def test_what_is_no_address_is_left_out_and_the_rest_is_asked():
    found = read(response("javascript:alert(1)", "oops", "http://[::1", "", "https://shop.example/1"))
    assert found.links == ("https://shop.example/1",)
    (note,) = found.notes
    assert "4 addresses" in note and "no web address: javascript:alert(1), oops" in note


def test_other_hosts_are_counted():
    found = read(response("https://shop.example/1", "http://10.0.0.1/x", "https://evil.example/", "file:///etc/passwd"))
    assert found.links == ("https://shop.example/1",)
    assert ["2 addresses" in note and "10.0.0.1, evil.example" in note for note in found.notes] == [False, True]


@pytest.mark.parametrize(
    "made",
    [
        response(text='<?xml version="1.0"?><urlset xmlns="x"><<<&&& not xml'),
        response(body=gzip.compress(b"<html>no</html>")),
        response(body=gzip.compress(response("https://shop.example/1").body)[:40]),
        response(body=gzip.compress(b"<urlset>" + b" " * 60_000_000)),
    ],
    ids=["no xml", "no sitemap", "cut", "bomb"],
)
def test_what_nobody_can_read_is_said(made):
    with pytest.raises(InputError, match=URL):
        read(made)


def test_a_damaged_one_is_read_as_far_as_it_goes():
    found = read(response(text=MAP.format("<url><loc>https://shop.example/1</loc></url><url><loc>https")[:-12]))
    assert "https://shop.example/1" in found.links and "damaged" in " ".join(found.notes)


def test_an_empty_one_is_an_answer():
    assert (read(response()).links, read(response()).parser, read(response()).notes) == ((), "sitemap@1", ())


def test_what_an_index_names_is_a_sitemap_or_is_told():
    index = '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'
    stated = "".join(f"<sitemap><loc>https://shop.example/{name}</loc></sitemap>" for name in ("goods.xml", "login"))
    spider = ShopSpider(sitemap=URL)
    spider.read(response(text=index.format(stated)))
    goods = spider.read(response("https://shop.example/1").replace(url="https://shop.example/goods.xml"))
    assert goods.links == ("https://shop.example/1",)
    with pytest.raises(InputError, match="login: no sitemap"):
        spider.read(HtmlResponse("https://shop.example/login", body=b"<html>please log in</html>"))


def test_an_entity_in_an_address_is_said():
    body = b'<!DOCTYPE u [<!ENTITY e "boom">]><urlset><url><loc>https://shop.example/p/1</loc></url></urlset>'
    parsed = read_sitemap(Response("https://shop.example/sitemap.xml", body=body), ["shop.example"])
    assert parsed.links == ("https://shop.example/p/1",)
    assert any("entities are not read" in note for note in parsed.notes)
