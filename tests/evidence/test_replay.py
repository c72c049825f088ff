"""A WACZ of ours played by ReplayWeb.page in Chromium, from loopback, with nothing asked of the captured site.

Skipped unless REPLAYWEBPAGE names an unpacked npm package `replaywebpage` (its `ui.js` and `sw.js`; tried with 2.5.3).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Frame

from gimonitor.evidence.browser import Browser
from gimonitor.evidence.capture import CaptureRequest, capture_page
from gimonitor.evidence.wacz import ArchivedPage, build_wacz

PACKAGE = Path(os.environ.get("REPLAYWEBPAGE", ""))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not os.environ.get("REPLAYWEBPAGE"), reason="REPLAYWEBPAGE names no unpacked npm package replaywebpage"
    ),
]


WAITING = "<script>navigator.serviceWorker.ready.then(() => setTimeout(() => location.reload(), 300))</script>"
"""What the frame shows until the service worker, which serves the real page in its place, has begun."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, directory=str(folder), **options)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


async def play(browser: Browser, address: str, words: str) -> tuple[str, list[str]]:
    """The text of the frame that shows the replayed page, and the addresses that were asked for outside."""
    chromium = await browser.acquire()
    try:
        context = await chromium.new_context()
        outside: list[str] = []
        context.on(
            "request",
            lambda r: outside.append(r.url) if not r.url.startswith((address.split("/index")[0], "data:")) else None,
        )
        page = await context.new_page()
        await page.goto(address)
        for _ in range(150):
            for frame in page.frames:
                if (text := await _text(frame)) and words in text:
                    await context.close()
                    return text, outside
            await page.wait_for_timeout(200)
        shown = [f"{frame.url}: {(await _text(frame))[:300]}" for frame in page.frames]
        await context.close()
        return "\n".join(shown), outside
    finally:
        browser.release()


async def _text(frame: Frame) -> str:
    try:
        return str(await frame.evaluate("() => document.body ? document.body.innerText : ''"))
    except Exception as error:  # noqa: BLE001  # a frame on its way
        return f"({type(error).__name__})"


def test_replayweb_page_plays_a_capture(site: str, browser: Browser, tmp_path: Path) -> None:
    capture = capture_page(CaptureRequest(url=f"{site}/goods"), tmp_path / "kept", browser=browser, reserve=0)
    stage = tmp_path / "stage"
    (stage / "replay").mkdir(parents=True)
    for place, name in ((stage, "ui.js"), (stage / "replay", "ui.js"), (stage / "replay", "sw.js")):
        (place / name).write_bytes((PACKAGE / name).read_bytes())
    (stage / "replay" / "index.html").write_text(WAITING, encoding="utf-8")
    pages = [ArchivedPage(url=capture.url, at=datetime.now(UTC), title=capture.title)]
    build_wacz(stage / "replay.wacz", list(capture.folder.glob("archive/*.warc.gz")), pages)
    (stage / "index.html").write_text(
        f"""<!doctype html><meta charset=utf-8><script src="/ui.js"></script>
        <replay-web-page source="/replay.wacz" url="{quote(capture.url, safe=":/")}" replaybase="/replay/"
        embed="replayonly" style="height:600px;display:block"></replay-web-page>""",
        encoding="utf-8",
    )
    with served(stage) as base:
        text, outside = browser.run(play(browser, f"{base}/index.html", "JS 产地"))
    assert "五常大米 10斤 东北特产" in text  # from bytes in GBK
    assert "JS 产地" in text  # its script was played too
    assert [url for url in outside if site in url] == []
