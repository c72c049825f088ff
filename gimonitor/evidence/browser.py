"""One Chromium, kept open for many captures, behind calls that any thread may make.

Playwright's asynchronous API runs on a loop of its own in a thread of its own: it does not meet Scrapy's reactor or a
web server's loop, and every wait can be bounded (the synchronous `page.content()` was seen to hang for ever on a page
that never yields).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Awaitable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from gimonitor.errors import EvidenceError

T = TypeVar("T")

LAUNCH_SECONDS = 60.0
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--disable-site-isolation-trials",  # frames of other sites are listened to and guarded like the page
    "--no-default-browser-check",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--font-render-hinting=none",
)
_NO_SOCKETS = [
    "--proxy-server=http=direct://;https=direct://;socks=socks5://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
]
"""What is neither HTTP nor HTTPS, as web sockets are, goes nowhere: nothing else of ours sees it."""

# Draws characters of Chinese goods pages and a code point that no font has; what looks like the latter is missing.
_FONT_CHECK = """() => {
  const draw = c => { const v = document.createElement('canvas'); v.width = v.height = 40;
    const x = v.getContext('2d'); x.font = '32px sans-serif'; x.fillText(c, 2, 34); return v.toDataURL(); };
  const none = draw('\\u{10FFFD}');
  return [...'五常大米地理标志保护产品龙井镇'].filter(c => draw(c) === none).join('');
}"""


async def bounded(work: Awaitable[T], seconds: float, what: str) -> T:
    """Wait for `work`, at most `seconds`. Raises EvidenceError naming `what` when it takes longer or the browser fails."""
    try:
        return await asyncio.wait_for(work, seconds)
    except TimeoutError as error:
        raise EvidenceError(f"{what}: no answer within {seconds:g} s") from error
    except PlaywrightError as error:
        raise EvidenceError(f"{what}: {error.message.splitlines()[0]}") from error


def find_chromium(configured: str, playwright_own: str = "") -> str:
    """The Chromium to start: the configured one, else Playwright's own download, else the system's.

    Raises:
        EvidenceError: none is there; says how to get one.
    """
    if configured:
        path = shutil.which(configured)
        if not path:
            raise EvidenceError(f"{configured}: no such browser (setting chromium)")
        return path
    if playwright_own and Path(playwright_own).is_file():
        return playwright_own
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    raise EvidenceError("no Chromium found: install Debian's chromium, or run `playwright install chromium`")


class Browser:
    """Starts Chromium at the first use, again after it died or after `restart_after` pages, and stops it on `close`."""

    def __init__(
        self, chromium: str = "", *, proxy: str = "", restart_after: int = 200, arguments: tuple[str, ...] = ()
    ) -> None:
        self._chromium = chromium
        self.proxy = proxy
        self.arguments = arguments
        self._restart_after = restart_after
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chromium", daemon=True)
        self._thread.start()
        self._playwright: Playwright | None = None
        self._browser: PlaywrightBrowser | None = None
        self._starting = asyncio.Lock()
        self._pages = 0
        self._open = 0
        self.missing_glyphs = ""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the browser's loop and wait for its value; its exceptions are raised here."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def acquire(self) -> PlaywrightBrowser:
        """The living browser; give it back with `release`. Raises EvidenceError when it cannot be started."""
        async with self._starting:
            if self._browser and ((self.is_worn and self._open == 0) or not self._browser.is_connected()):
                await self._stop_browser()
            if self._browser is None:
                self._browser = await self._start()
                self._pages = 0
            self._pages += 1
            self._open += 1
            return self._browser

    def release(self) -> None:
        """Say that a page is done with; to be called on the browser's loop."""
        self._open -= 1

    @property
    def is_worn(self) -> bool:
        """True when it has shown so many pages that it is started anew once none is open."""
        return self._pages >= self._restart_after

    def owns(self, context: BrowserContext) -> bool:
        """True while a profile belongs to the browser that lives now."""
        return context.browser is self._browser and self._browser is not None and self._browser.is_connected()

    async def _start(self) -> PlaywrightBrowser:
        if self._playwright is None:
            self._playwright = await bounded(async_playwright().start(), LAUNCH_SECONDS, "starting Playwright")
        path = find_chromium(self._chromium, self._playwright.chromium.executable_path)
        arguments = [*_ARGUMENTS, *self.arguments, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = await bounded(
            self._playwright.chromium.launch(
                executable_path=path,
                args=arguments + ([] if self.proxy else _NO_SOCKETS),
                timeout=LAUNCH_SECONDS * 1000,
                proxy={"server": self.proxy} if self.proxy else None,
            ),
            LAUNCH_SECONDS,
            f"starting {path}",
        )
        page = await bounded(browser.new_page(), LAUNCH_SECONDS, "opening a page")
        self.missing_glyphs = await bounded(page.evaluate(_FONT_CHECK), LAUNCH_SECONDS, "checking fonts")
        await bounded(page.close(), LAUNCH_SECONDS, "closing a page")
        return browser

    async def _stop_browser(self) -> None:
        browser, self._browser = self._browser, None
        if browser:
            try:
                await bounded(browser.close(), 10, "closing the browser")
            except EvidenceError:
                return  # it is gone or hangs; Playwright's driver kills it when it is stopped itself

    async def _stop(self) -> None:
        await self._stop_browser()
        if self._playwright:
            playwright, self._playwright = self._playwright, None
            await asyncio.wait_for(playwright.stop(), 10)

    def close(self) -> None:
        """Stop the browser, its driver and the thread. May be called twice."""
        if self._loop.is_closed():
            return
        try:
            self.run(self._stop())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
