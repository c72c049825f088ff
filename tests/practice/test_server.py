"""The practice marketplace answers as described, faults included."""

import http.client
import json
import struct
import tomllib
import zlib
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner

from gimonitor.cli.practice import app
from gimonitor.crawling.keys import ApiKey
from gimonitor.operations.plan import API_SOURCES
from gimonitor.practice.desk import ApiFault
from gimonitor.practice.server import PracticeServer


def get(market, path):
    """Status, headers and body, redirects not followed."""
    connection = http.client.HTTPConnection(urlsplit(market.url).netloc, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def search(market, query, page=1):
    return get(market, f"/search?q={quote(query)}&page={page}")


def test_search_pages_until_the_cap(market):
    pages = [search(market, "五常大米", page)[2].decode() for page in (1, 2, 3, 4)]
    assert all("<b>28</b>" in page for page in pages)
    assert [page.count('class="card"') for page in pages] == [8, 8, 8, 8]
    assert 'rel="next"' in pages[0] and 'rel="next"' not in pages[2]
    assert pages[2] == pages[3]  # behind the cap the last page comes again


def test_no_exact_match_shows_other_goods(market):
    body = search(market, "五常大米XYZ")[2].decode()
    assert "no-exact-match" in body and 'class="card"' in body


@pytest.mark.parametrize(
    ("query", "statuses"),
    [("访问过快", [429, 200]), ("正在维护", [503, 503, 503]), ("禁止访问", [403]), ("清徐葡萄", [503, 200])],
)
def test_faulty_queries(market, query, statuses):
    assert [search(market, query)[0] for _ in statuses] == statuses


def test_busy_answers_say_when_to_come_back(market):
    assert search(market, "访问过快")[1]["Retry-After"] == "1"
    assert get(market, "/item/g110.html")[1]["Retry-After"] == "1"
    assert get(market, "/item/g110.html")[0] == 200


def test_login_wall_and_challenge(market):
    status, headers, _ = search(market, "需要登录")
    assert status == 302 and headers["Location"].startswith("/login")
    status, _, body = search(market, "需要验证")
    assert status == 200 and "拖动滑块" in body.decode()
    assert get(market, "/item/g181.html")[0] == 302


def test_the_apis_are_told_to_fail_while_it_runs(market):
    assert json.loads(get(market, "/admin/apis?fault=quota")[2])["fault"] == "quota"
    assert get(market, "/admin/apis?fault=nonsense")[0] == 200 and market.market.desk.fault is ApiFault.QUOTA
    assert json.loads(get(market, "/admin/apis?fault=none")[2])["fault"] == "none"


def test_the_command_serves_with_the_fault_it_was_given(monkeypatch):
    seen = []
    monkeypatch.setattr(PracticeServer, "serve_forever", lambda server: seen.append(server.market.desk))
    asked = ["serve", "--port", "0", "--api-fault", "renamed", "--api-calls", "3", "--token-seconds", "5"]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert [(desk.fault, desk.quota, desk.token_seconds) for desk in seen] == [(ApiFault.RENAMED, 3, 5)]


def test_the_keys_are_printed_as_the_vault_takes_them():
    kept = tomllib.loads(CliRunner().invoke(app, ["keys", "--port", "8700"]).output)
    assert set(kept) == set(API_SOURCES)
    assert all(ApiKey(**values).endpoint.startswith("http://127.0.0.1:8700/apis/") for values in kept.values())


def test_pages_in_gbk_honest_and_lying(market):
    for item, declared in (("g085", "gbk"), ("g137", "utf-8")):
        _, headers, body = get(market, f"/item/{item}.html")
        assert headers["Content-Type"].endswith(declared)
        assert market.market.catalogue.goods[item].title in body.decode("gb18030")


def test_shell_is_empty_and_its_data_is_not(market):
    assert "霍山石斛" not in get(market, "/item/g185.html")[2].decode()
    assert "霍山石斛" in get(market, "/api/item/g185")[2].decode()


def test_days_change_what_is_there(market):
    assert get(market, "/item/g047.html")[0] == 200 and get(market, "/item/g048.html")[0] == 404
    assert get(market, "/admin/day?day=3")[2] == b'{"day": 3}'
    assert get(market, "/item/g047.html")[0] == 404 and get(market, "/item/g048.html")[0] == 200
    assert get(market, "/admin/day?day=x")[2] == b'{"day": 3}'


def test_shop_shows_its_licence(market):
    body = get(market, "/shop/s17")[2].decode()
    assert "清徐县醋源酿造有限公司" in body and "91140121MA0TEXT12C" in body
    assert "未公示营业执照" in get(market, "/shop/s27")[2].decode()


def test_image_is_a_png(market):
    status, headers, body = get(market, "/image/g030.png")
    assert status == 200 and headers["Content-Type"] == "image/png" and body.startswith(b"\x89PNG")
    assert struct.unpack(">II", body[16:24]) == (96, 96)
    start = body.index(b"IDAT") + 4
    assert len(zlib.decompress(body[start : body.index(b"IEND") - 8])) == 96 * (1 + 96 * 3)
    assert body != get(market, "/image/g031.png")[2]


def test_robots_and_sitemap(market):
    assert b"Disallow: /private/" in get(market, "/robots.txt")[2]
    sitemap = get(market, "/sitemap.xml")[2].decode()
    assert f"{market.url}/item/g001.html" in sitemap and "g185" not in sitemap


@pytest.mark.parametrize("path", ["/nothing", "/item/none.html", "/shop/none", "/image/none.png", "/search"])
def test_nonsense_is_answered(market, path):
    assert get(market, path)[0] in (200, 404)
