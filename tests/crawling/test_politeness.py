"""The pace of each site, Retry-After, robots.txt in all its states."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from time import monotonic
from urllib.parse import urlsplit

import pytest

from gimonitor.crawling.hosts import MIN_DELAY, is_loopback, load_paces, pace_of, site_of
from gimonitor.crawling.openapi import load_apis
from gimonitor.crawling.politeness import retry_after
from gimonitor.operations.budgets import EBAY

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"3", 3), (b" 120 ", 120), (b"0", 0), (b"-5", 0), (b"nonsense", 0), (b"", 0), (None, 0), (b"9" * 30, 10**6),
        (b"Sun, 22 Nov 2026 12:00:30 GMT", 30), (b"Sun, 22 Nov 2026 11:00:00 GMT", 0),
    ],
)  # fmt: skip
def test_retry_after(value, seconds):
    assert retry_after(value, NOW) == seconds


def test_a_fast_pace_needs_a_reason():
    for host, pace in load_paces().hosts.items():
        assert pace.delay >= MIN_DELAY or pace.reason, host
    assert load_paces().default.delay >= 5 and load_paces().default.concurrency == 1


@pytest.mark.parametrize(
    ("host", "site"),
    [("item.jd.com", "jd.com"), ("a.b.com.cn", "b.com.cn"), ("127.0.0.1", "127.0.0.1"), ("localhost", "localhost")],
)
def test_site(host, site):
    assert site_of(host) == site


def test_only_an_api_is_bound_by_the_calls_of_its_key():
    apis = {urlsplit(api.endpoint).hostname for api in load_apis().values()} | {urlsplit(EBAY[0]).hostname}
    assert {host for host, pace in load_paces().hosts.items() if pace.daily_pages is None} == apis
    assert all(pace_of(host).delay == load_paces().default.delay for host in apis)
    assert pace_of("item.taobao.com").left(2000) == 0 < pace_of("eco.taobao.com").left(9999)


def test_sites_share_one_pace():
    assert pace_of("item.taobao.com") == load_paces().default
    assert pace_of("127.0.0.1").delay == 0


@pytest.mark.parametrize(
    ("host", "ours"), [("127.0.0.1", True), ("[::1]", True), ("localhost", True), ("10.0.0.1", False), ("a.com", False)]
)
def test_loopback(host, ours):
    assert is_loopback(host) is ours


class Shop(BaseHTTPRequestHandler):
    """One page with a product, and a robots.txt of the test's choice."""

    robots = (200, b"", {})
    paths: list[str]
    times: list[float]

    def do_GET(self):
        self.paths.append(self.path)
        self.times.append(monotonic())
        status, body, headers = (
            200,
            b'<script type="application/ld+json">{"@type":"Product","name":"a","sku":"1"}</script>',
            {},
        )
        if self.path.endswith("2"):
            body = body.replace(b'"1"', b'"2"')
        if self.path == "/robots.txt":
            status, body, headers = self.robots
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def open_shop():
    """Start shops with a robots.txt each; they end with the test."""
    servers = []

    def start(robots):
        handler = type("Handler", (Shop,), {"paths": [], "times": [], "robots": robots})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
        return handler, f"http://127.0.0.1:{server.server_address[1]}/goods"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


ROBOTS = {
    "allows": ((200, b"User-agent: *\nAllow: /\n", {}), True),
    "disallows": ((200, b"User-agent: *\nDisallow: /\n", {}), False),
    "is a web page": ((200, b"<html><body>not a robots file</body></html>", {}), True),
    "404": ((404, b"", {}), True),
    "410": ((410, b"", {}), True),
    "401": ((401, b"", {}), False),
    "403": ((403, b"", {}), False),
    "429": ((429, b"", {"Retry-After": "300"}), False),
    "500": ((500, b"", {}), False),
    "503": ((503, b"", {"Retry-After": "300"}), False),
    "byte order mark": ((200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", {}), False),
    "GBK": ((200, "User-agent: *\nDisallow: /\n# 中文".encode("gbk"), {}), False),
    "names us": ((200, b"User-agent: gimonitor\nDisallow: /\n", {}), False),
    "names another": ((200, b"User-agent: otherbot\nDisallow: /\n", {}), True),
}


def test_robots_in_all_states(crawl, open_shop):
    shops = {name: open_shop(robots) for name, (robots, _) in ROBOTS.items()}
    dead = "http://127.0.0.1:9/goods"
    crawl.run("shop", "-a", "query=" + ",".join([dead, *(url for _, url in shops.values())]), "-s", "RETRY_TIMES=0")
    coverage = crawl.coverage()
    assert (
        coverage[dead].blocked == "unavailable"
        and "nobody answered (DownloadConnectionRefusedError)" in coverage[dead].detail
    )
    asked = {name: "/goods" in handler.paths for name, (handler, _) in shops.items()}
    assert asked == {name: allowed for name, (_, allowed) in ROBOTS.items()}, crawl.log
    for name, (_, url) in shops.items():
        record = coverage[url]
        assert record.blocked == (None if asked[name] else "unavailable" if name.isdigit() else "robots"), name
        assert ("could not be had" in record.detail) == (record.blocked == "unavailable"), name
        assert record.stored + record.unchanged == int(asked[name]), name


def test_crawl_delay_is_obeyed(crawl, open_shop):
    handler, url = open_shop((200, b"User-agent: *\nCrawl-delay: 1.5\n", {}))
    crawl.run("shop", "-a", f"query={url},{url}2")
    assert "Crawl-delay 1.5 s" in crawl.log and len(handler.paths) == 3
    # arrivals, not departures: a busy machine may notice a request late, and then the next one seems to follow too soon
    assert all(later - earlier >= 0.75 for earlier, later in pairwise(handler.times)), handler.times
    assert handler.times[-1] - handler.times[0] >= 2 * 1.5 - 0.5, handler.times
