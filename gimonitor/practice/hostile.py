"""A server that means harm, on loopback: bombs, endless bodies, redirects to where nobody should go, broken answers.
One address per vector, and a good page among them."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import urlsplit

GOOD = b'<html><head><script type="application/ld+json">{"@type":"Product","name":"\xe8\x8c\xb6","sku":"good"}</script></head></html>'
_CHUNK = b"\x00" * (1 << 20)


@cache
def gzip_bomb(mebibytes: int = 1024) -> bytes:
    """A gzip member of about a thousandth of what it unpacks to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return b"".join([*(packer.compress(_CHUNK) for _ in range(mebibytes)), packer.flush()])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    other: ClassVar[str] = ""
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.asked.append(self.path if self.path in VECTORS else path)
        with suppress(ConnectionError, TimeoutError):
            (VECTORS.get(self.path) or VECTORS.get(path) or WAYS.get(path, _good))(self)

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Send one whole answer; keyword names are header names with _ for -."""
        self.send_response(status)
        for name, value in {
            "Content_Type": "text/html; charset=utf-8",
            "Content_Length": str(len(body)),
            **headers,
        }.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def _good(handler: _Handler) -> None:
    missing = urlsplit(handler.path).path == "/robots.txt"
    handler.answer(b"" if missing else GOOD, 404 if missing else 200)


def _redirect(target: str) -> Callable[[_Handler], None]:
    def send(handler: _Handler) -> None:
        handler.answer(b"", 302, Location=target.replace("OTHER", handler.other))

    return send


def _endless_redirect(handler: _Handler) -> None:
    handler.answer(b"", 302, Location=f"/endless-redirect?{time.monotonic_ns()}")


def _endless_body(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _ in range(10_240):
        handler.wfile.write(_CHUNK)
    handler.close_connection = True


def _long_promise(handler: _Handler) -> None:
    handler.answer(b"<html>", Content_Length=str(10 << 30))
    handler.close_connection = True


def _cut_body(handler: _Handler) -> None:
    handler.answer(GOOD, Content_Length=str(len(GOOD) + 500))
    handler.close_connection = True


def _slow_body(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        time.sleep(0.25)


def _many_headers(handler: _Handler) -> None:
    handler.send_response(200)
    for number in range(90):
        handler.send_header(f"X-{number}", "x" * 100)
    handler.send_header("Content-Length", str(len(GOOD)))
    handler.end_headers()
    handler.wfile.write(GOOD)


def _product(name: str, sku: str, price: str = "1") -> str:
    node = f'{{"@type":"Product","name":"{name}","sku":"{sku}","offers":{{"price":{price}}}}}'
    return f'<html><meta charset="utf-8"><script type="application/ld+json">{node}</script></html>'


VECTORS: dict[str, Callable[[_Handler], None]] = {
    "/gzip-bomb": lambda h: h.answer(gzip_bomb(), Content_Encoding="gzip"),
    "/gzip-twice": lambda h: h.answer(gzip.compress(gzip_bomb()), Content_Encoding="gzip, gzip"),
    "/not-gzip": lambda h: h.answer(b"no gzip at all", Content_Encoding="gzip"),
    "/endless-body": _endless_body,
    "/long-promise": _long_promise,
    "/cut-body": _cut_body,
    "/slow-body": _slow_body,
    "/endless-redirect": _endless_redirect,
    "/self-redirect": _redirect("/self-redirect"),
    "/to-file": _redirect("file:///etc/hostname"),
    "/to-data": _redirect("data:text/html,x"),
    "/to-script": _redirect("javascript:alert(1)"),
    "/to-private": _redirect("http://OTHER/secret"),
    "/to-metadata": _redirect("http://169.254.169.254/latest/meta-data/"),
    "/to-decimal": _redirect("http://2130706433/secret"),
    "/refresh-file": lambda h: h.answer(b'<html><meta http-equiv="refresh" content="0;url=file:///etc/hostname"></html>'),
    "/refresh-private": lambda h: h.answer(
        f'<html><meta http-equiv="refresh" content="0;url=http://{h.other}/secret"></html>'.encode()
    ),
    "/attributes": lambda h: h.answer(b"<html><div " + b"a=1 " * 200_000 + b">"),
    "/deep": lambda h: h.answer(b"<html>" + b"<div>" * 100_000),
    "/broken-json": lambda h: h.answer(b'{"products": [{"id": 1,', Content_Type="application/json"),
    "/deep-json": lambda h: h.answer(b"[" * 200_000, Content_Type="application/json"),
    "/binary": lambda h: h.answer(bytes(range(256)) * 4000),
    "/empty": lambda h: h.answer(b""),
    "/nul": lambda h: h.answer(GOOD.replace(b"\xe8\x8c\xb6", b"\\u0000\\ud800<b>x</b>").replace(b"good", b"nul")),
    "/absurd": lambda h: h.answer(
        b'<html><script type="application/ld+json">{"@type":"Product","name":"' + b"x" * 100_000
        + b'","sku":"absurd","offers":{"price":"-1e999"}}</script></html>'
    ),
    "/many-headers": _many_headers,
    "/nonsense-status": lambda h: h.answer(GOOD, 299),
    "/wrong-charset": lambda h: h.answer(_product("五常大米 稻花香 真空包装", "charset").encode("gb18030")),
    "/html-as-json": lambda h: h.answer(b"<html><body>no JSON</body></html>", Content_Type="application/json"),
    "/html-in-json": lambda h: h.answer(
        b'{"@type":"Product","name":"<script>alert(1)</script><b>rice</b>","sku":"markup"}', Content_Type="application/json"
    ),
    "/price-in-words": lambda h: h.answer(_product("价格面议", "words", '"面议"').encode()),
    "/price-with-words": lambda h: h.answer(_product("万元", "tens", '"￥1.2万起"').encode()),
    "/price-negative": lambda h: h.answer(_product("负数", "negative", "-5").encode()),
    "/price-huge": lambda h: h.answer(_product("天价", "huge", "9e40").encode()),
    "/price-list": lambda h: h.answer(_product("数组", "list", '[{"x": [1]}]').encode()),
    "/same-one": lambda h: h.answer(_product("同一商品", "same").encode()),
    "/same-two": lambda h: h.answer(_product("同一商品", "same").encode()),
    "/same-three?from=ad": lambda h: h.answer(_product("同一商品", "same").encode()),
}  # fmt: skip

WAYS: dict[str, Callable[[_Handler], None]] = {
    "/short-one": _redirect("/same-one"),
    "/short-two": _redirect("/short-one"),
    "/ring-one": _redirect("/ring-two"),
    "/ring-two": _redirect("/ring-one"),
    "/other-goods": lambda h: h.answer(_product("另一商品", "other").encode()),
}
"""Links that lead to one another, as short links do, and goods beside them; they mean no harm."""


@contextmanager
def running_hostile(other: str = "127.0.0.2:9") -> Iterator[tuple[str, list[str]]]:
    """Serve until the block ends; yields the base address and the list of paths asked. `other` is where redirects lead."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"other": other, "asked": asked}))
    server.daemon_threads = True
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]  # clients hang up on bombs
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
