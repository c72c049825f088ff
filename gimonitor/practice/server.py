"""The practice marketplace over HTTP, on loopback only."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

from gimonitor.practice import images, pages
from gimonitor.practice.apis import answer_call, is_api
from gimonitor.practice.catalogue import Catalogue, Good, load_catalogue
from gimonitor.practice.desk import ApiDesk, ApiFault
from gimonitor.practice.faults import FLAVOURS, Fault, FaultCounter, load_faults

ROBOTS = "User-agent: *\nDisallow: /private/\nDisallow: /admin/\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, body and headers of one response."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Market:
    """State of a running practice marketplace: its day and what was asked of it."""

    catalogue: Catalogue
    day: int = 1
    base: str = ""
    hold: Callable[[str], object] = lambda path: None  # called before an answer: who tests a crawl may wait in it
    faults: FaultCounter = field(default_factory=FaultCounter)
    desk: ApiDesk = field(init=False)
    log: list[tuple[float, str, str]] = field(default_factory=list)  # (monotonic time, path with query, User-Agent)

    def __post_init__(self) -> None:
        self.desk = ApiDesk(self.catalogue)

    def answer(self, path: str, query: dict[str, list[str]]) -> Answer:
        """The answer to GET `path` with `query`."""
        self.hold(path)
        for pattern, route in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found:
                return route(self, found.groupdict(), query)
        return _notice(404, "页面不存在", "您访问的页面不存在。")


def _html(text: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status=status, body=text.encode(), headers=headers)


def _notice(status: int, title: str, text: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return _html(pages.notice_page(title, text), status, headers)


def _faulty(market: Market, fault: Fault, address: str) -> Answer | None:
    """The answer that `fault` gives at `address`, or None when the right answer follows."""
    if not market.faults.strikes(fault, address):
        return None
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return None
    answers: dict[str, Callable[[], Answer]] = {
        "login": lambda: Answer(status=302, headers=(("Location", "/login?from=" + address.partition("?")[0]),)),
        "challenge": lambda: _html(pages.challenge_page()),
        "limit": lambda: _notice(429, "访问过于频繁", "请稍后再试。", (("Retry-After", "1"),)),
        "busy": lambda: _notice(503, "系统繁忙", "请稍后再试。", (("Retry-After", "1"),)),
        "down": lambda: _notice(503, "系统维护", "系统维护中。"),
        "forbidden": lambda: _notice(403, "禁止访问", "您没有权限访问。"),
    }
    return answers[fault.kind]()


def _search(market: Market, _: dict[str, str], query: dict[str, list[str]]) -> Answer:
    text = query.get("q", [""])[0].strip()
    page = int(number) if (number := query.get("page", ["1"])[0]).isdigit() else 1
    fault = load_faults().get(text)
    wrong = _faulty(market, fault, f"/search?{text}&{page}") if fault else None
    return wrong or _html(pages.search_page(market.catalogue, text, page, market.day))


def _item(market: Market, found: dict[str, str], _: dict[str, list[str]]) -> Answer:
    good = market.catalogue.goods.get(found["id"])
    if good is None or not good.is_offered(market.day):
        return _notice(404, "商品不存在", "您查看的商品已下架或不存在。")
    wrong = _faulty(market, FLAVOURS[good.flavour], f"/item/{good.id}") if good.flavour in FLAVOURS else None
    return wrong or _right_item(market, good)


def _right_item(market: Market, good: Good) -> Answer:
    if good.flavour == "js":
        return _html(pages.shell_page(good))
    if good.flavour in ("gbk", "liar"):
        declared = "gbk" if good.flavour == "gbk" else "utf-8"
        body = pages.item_page(market.catalogue, good, market.base, market.day, declared).encode("gb18030")
        return Answer(body=body, content_type=f"text/html; charset={declared}")
    return _html(pages.item_page(market.catalogue, good, market.base, market.day))


def _api_item(market: Market, found: dict[str, str], _: dict[str, list[str]]) -> Answer:
    good = market.catalogue.goods.get(found["id"])
    if good is None or not good.is_offered(market.day):
        return _notice(404, "商品不存在", "您查看的商品已下架或不存在。")
    return _html(pages.item_fragment(market.catalogue, good, market.day))


def _shop(market: Market, found: dict[str, str], _: dict[str, list[str]]) -> Answer:
    if found["id"] not in market.catalogue.shops:
        return _notice(404, "店铺不存在", "您查看的店铺不存在。")
    return _html(pages.shop_page(market.catalogue, found["id"], market.day))


def _image(market: Market, found: dict[str, str], _: dict[str, list[str]]) -> Answer:
    good = market.catalogue.goods.get(found["id"])
    if good is None:
        return _notice(404, "图片不存在", "")
    return Answer(body=images.draw_png(good.id, good.image), content_type="image/png")


def _admin(market: Market, _: dict[str, str], query: dict[str, list[str]]) -> Answer:
    number = query.get("day", [""])[0]
    if number.isdigit() and int(number) >= 1:
        market.day = int(number)
        market.faults.reset()
    return Answer(body=json.dumps({"day": market.day}).encode(), content_type="application/json")


def _admin_apis(market: Market, _: dict[str, str], query: dict[str, list[str]]) -> Answer:
    desk, asked = market.desk, query.get("fault", [""])[0]
    if asked in ("none", *ApiFault):
        desk.fault = None if asked == "none" else ApiFault(asked)
    told = {"fault": desk.fault or "none", "faults": ["none", *ApiFault], "calls": dict(desk.calls)}
    return Answer(body=json.dumps(told).encode(), content_type="application/json")


_Route = Callable[[Market, dict[str, str], dict[str, list[str]]], Answer]
_ROUTES: tuple[tuple[str, _Route], ...] = (
    (r"/", lambda m, f, q: _html(pages.home_page(m.catalogue, m.day))),
    (r"/robots\.txt", lambda m, f, q: Answer(body=ROBOTS.encode(), content_type="text/plain")),
    (
        r"/sitemap\.xml",
        lambda m, f, q: Answer(body=pages.sitemap(m.catalogue, m.base, m.day).encode(), content_type="application/xml"),
    ),
    (r"/search", _search),
    (r"/item/(?P<id>\w+)\.html", _item),
    (r"/api/item/(?P<id>\w+)", _api_item),
    (r"/shop/(?P<id>\w+)", _shop),
    (r"/image/(?P<id>\w+)\.png", _image),
    (r"/login", lambda m, f, q: _html(pages.login_page())),
    (r"/private/.*", lambda m, f, q: _notice(200, "内部页面", "robots.txt 不许访问这里。")),
    (r"/admin/day", _admin),
    (r"/admin/apis", _admin_apis),
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    market: ClassVar[Market]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.market.log.append((time.monotonic(), self.path, self.headers.get("User-Agent", "")))
        self._send(
            self._api(parts.query) if is_api(parts.path) else self.market.answer(parts.path, parse_qs(parts.query))
        )

    def do_POST(self) -> None:
        self.market.log.append((time.monotonic(), self.path, self.headers.get("User-Agent", "")))
        length = min(int(self.headers.get("Content-Length") or 0), 1 << 20)
        form = self.rfile.read(length).decode("utf-8", "replace")
        gone = _notice(404, "页面不存在", "您访问的页面不存在。")
        self._send(self._api(form) if is_api(urlsplit(self.path).path) else gone)

    def _api(self, form: str) -> Answer:
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = urlsplit(self.path).path
        status, kind, body = answer_call(self.market.desk, path, dict(parse_qsl(form)), headers)
        return Answer(status=status, body=body, content_type=kind)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: what was asked stands in `Market.log`."""


class PracticeServer(ThreadingHTTPServer):
    """A practice marketplace bound to 127.0.0.1. `market` is its state; `url` its base address."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int = 0, day: int = 1) -> None:
        self.market = Market(load_catalogue(), day=day)
        handler = type("Handler", (_Handler,), {"market": self.market})
        super().__init__(("127.0.0.1", port), handler)
        self.market.base = self.url

    @property
    def url(self) -> str:
        """Base address without a trailing slash."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error of ours."""


@contextmanager
def running_practice(port: int = 0, day: int = 1) -> Iterator[PracticeServer]:
    """A practice marketplace in a thread of this process, for as long as the block lasts."""
    server = PracticeServer(port, day)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
