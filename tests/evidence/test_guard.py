"""A page that is captured leads the browser nowhere inside: no redirect, no frame, no picture, no script of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError, InputError
from gimonitor.evidence.browser import Browser
from gimonitor.evidence.capture import CaptureRequest, Limits, capture_page
from gimonitor.evidence.outside import require_outside

QUICK = Limits(load=15, settle=1, step=10, body=5)

PAGE = """<!doctype html><meta charset=utf-8><h1>五常大米</h1>
<img src="{inside}/picture.png"><img src="/moved"><iframe src="{inside}/frame"></iframe><iframe src="{other}/nested"></iframe>
<script src="{inside}/script.js"></script><link rel=stylesheet href="{inside}/style.css">
<script>
fetch('{inside}/fetch', {{mode: 'no-cors'}}).catch(() => 0);
new WebSocket('{inside}/socket'.replace('http', 'ws'));
navigator.sendBeacon('{inside}/beacon');
new Worker(URL.createObjectURL(new Blob(["fetch('{inside}/worker', {{mode: 'no-cors'}});"
  + "new WebSocket('{inside}/socket2'.replace('http', 'ws'))"])));
</script>"""
NESTED = '<h1>x</h1><img src="{inside}/nested.png">'


@contextmanager
def serving(address: str, answer: Callable[[BaseHTTPRequestHandler], tuple[int, str, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, location, body = answer(self)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.mark.browser
def test_no_address_inside_is_asked_by_whatever_a_page_does(browser: Browser, tmp_path: Path) -> None:
    asked: list[str] = []

    def inside(handler: BaseHTTPRequestHandler) -> tuple[int, str, bytes]:
        asked.append(handler.path)
        return 200, "", b"secret of the house"

    with serving("127.0.0.2", inside) as secret:

        def outside(handler: BaseHTTPRequestHandler) -> tuple[int, str, bytes]:
            if handler.path == "/moved":
                return 302, f"{secret}/moved", b""
            here = f"http://localhost:{handler.server.server_port}"  # type: ignore[attr-defined]  # the server's own
            page = NESTED if handler.path == "/nested" else PAGE
            return 200, "", page.format(inside=secret, other=here).encode()

        with serving("127.0.0.1", outside) as site:

            def guard(url: str) -> str:
                if urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
                    raise InputError(f"{url}: inside")
                return "127.0.0.1"

            take = partial(capture_page, browser=browser, reserve=0, guard=guard)
            with pytest.raises(EvidenceError, match="inside"):
                take(CaptureRequest(url=f"{site}/moved", limits=QUICK), tmp_path)
            assert list(tmp_path.iterdir()) == []
            capture = take(CaptureRequest(url=f"{site}/page", limits=QUICK), tmp_path)
            assert asked == []
            refused = {gap.split(": ")[1].rpartition("/")[2] for gap in capture.gaps if "inside" in gap}
            assert {"picture.png", "moved", "frame", "script.js", "style.css", "fetch", "nested.png"} <= refused
            capture_page(CaptureRequest(url=f"{site}/page", limits=QUICK), tmp_path, browser=browser, reserve=0)
            assert {"/picture.png", "/nested.png", "/worker"} <= set(asked)  # without a guard the page does ask


def test_what_the_operator_named_is_open_and_nothing_else_inside() -> None:
    configuration = Configuration(practice_url="http://127.0.0.1:8700")
    require_outside("http://127.0.0.1:8700/item/1", configuration)
    require_outside("http://10.1.2.3/x", configuration, named="http://10.1.2.3/item")
    for url in ("http://10.1.2.3/x", "http://127.0.0.1:8600/", "http://[::1]/", "http://169.254.169.254/latest"):
        with pytest.raises(InputError, match="practice_url"):
            require_outside(url, configuration)


@pytest.mark.browser
def test_the_browser_goes_where_the_check_looked_and_not_where_the_name_leads_now(
    browser: Browser, tmp_path: Path
) -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> tuple[int, str, bytes]:
        asked.append(handler.headers["Host"])
        return 200, "", "<h1>五常大米</h1>".encode()

    with serving("127.0.0.1", answer) as site:
        port = urlsplit(site).port
        # a name that has no address here, and one that leads to this very server: only the check's word counts
        for name, checked, reached in (("shop.example", "127.0.0.1", True), ("localhost", "127.0.0.3", False)):
            request = CaptureRequest(url=f"http://{name}:{port}/", limits=QUICK)
            take = partial(capture_page, request, tmp_path, browser=browser, reserve=0, guard=lambda _: checked)  # noqa: B023  # called at once
            if reached:
                capture = take()
                assert capture.ip == "127.0.0.1"
                assert '"pinned": true' in (capture.folder / "environment.json").read_text("utf-8")
            else:
                with pytest.raises(EvidenceError):
                    take()
        assert set(asked) == {f"shop.example:{port}"}
    assert [path.name for path in tmp_path.iterdir()] == [capture.folder.name]
