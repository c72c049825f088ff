"""Pages that need JavaScript, rendered in a Chromium that is bounded, renewed after so many pages, and given up when it hangs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import suppress

from playwright._impl._errors import TargetClosedError
from playwright.async_api import Error as PlaywrightError
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Request, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # type: ignore[import-untyped]  # no stubs

from gimonitor.crawling.egress import EgressProxy, Gate
from gimonitor.crawling.memory import renderers_below
from gimonitor.evidence.browser import find_chromium

log = logging.getLogger(__name__)

PAGES = 100  # after so many Chromium is started anew: its memory only grows
SECONDS = 90  # a page that takes longer hangs
MIB = 1024  # a renderer that takes more is ended: some pages allocate without end
GONE = "Chromium was gone in the midst"
GOING = 3.0  # seconds until it is known that Chromium is gone, and not only a page
LOOK = 0.5  # seconds between two looks at the renderers


class Chromium(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # no stubs
    """scrapy-playwright's rendering behind our own gate. It starts with the first page; `named` is the configured program."""

    def __init__(self, crawler: Crawler, gate: Gate, named: str) -> None:
        super().__init__(crawler)
        self._gate, self._named = gate, named
        self._proxy: EgressProxy | None = None
        self._entrance = asyncio.Lock()
        self._rendering: set[int] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._pages_left = crawler.settings.getint("GIMONITOR_CHROMIUM_PAGES", PAGES)
        self._most = crawler.settings.getint("GIMONITOR_CHROMIUM_MIB", MIB)
        self._ended = 0
        self._gone = asyncio.Event()
        self.config.target_closed_max_retries = (
            0  # at once it would be the same Chromium; the crawl's own second try waits
        )
        self._watch: asyncio.Task[None] | None = None
        self._seconds = crawler.settings.getfloat("GIMONITOR_CHROMIUM_SECONDS", SECONDS)

    async def render(self, request: Request) -> Response:
        """The page as Chromium shows it.

        Raises DownloadTimeoutError when it hangs or takes more memory than a page may; DownloadFailedError, which is worth
        another try, when Chromium is gone in the midst.
        """
        async with self._entrance:
            await self._start()
            if (browser := getattr(self, "browser", None)) is not None and not browser.is_connected():
                self._forget()
            await self._renew()
            self._rendering.add(id(request))
            self._is_idle.clear()
            self._pages_left -= 1
            if self._watch is None or self._watch.done():
                self._watch = asyncio.ensure_future(self._look())
        ended, gone = self._ended, self._gone
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._unless_gone(request)
        except TimeoutError as error:
            request.meta["dont_retry"] = True
            log.warning("Chromium hangs at %s: given up, and started anew", request.url)
            await self._give_up()
            raise DownloadTimeoutError(f"hangs, given up after {self._seconds:g} s") from error
        except PlaywrightError as error:
            is_closed = self._ended == ended and isinstance(error, TargetClosedError)
            went_as_it_started = is_closed and not hasattr(self, "browser")
            if went_as_it_started or (is_closed and await _comes(gone)):
                raise DownloadFailedError(f"{GONE}: {str(error).splitlines()[0]}") from error
            if self._ended == ended:
                raise
            request.meta["dont_retry"] = True
            raise DownloadTimeoutError(f"took more than {self._most} MiB, and was ended") from error
        finally:
            self._rendering.discard(id(request))
            if not self._rendering:
                self._is_idle.set()
        return response

    async def _unless_gone(self, request: Request) -> Response:
        """What a Chromium that was killed was asked may never be answered: it is not waited for."""
        rendering = asyncio.ensure_future(super().download_request(request))
        rendering.add_done_callback(_look_away)
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait((rendering, gone), return_when=asyncio.FIRST_COMPLETED)
            if not rendering.done():
                raise DownloadFailedError(GONE)
            response: Response = rendering.result()
            return response
        finally:
            gone.cancel()
            rendering.cancel()

    async def _browser_disconnected_callback(self) -> None:
        if (browser := getattr(self, "browser", None)) is not None and not browser.is_connected():
            self._forget()

    def _forget(self) -> None:
        """Leave a Chromium that is gone, with all that waits for it; the next page starts another."""
        self._gone.set()
        self._gone = asyncio.Event()
        self.context_wrappers.clear()
        self.context_semaphore = asyncio.Semaphore(self.config.max_contexts)
        del self.browser

    async def _look(self) -> None:
        """End renderers that take too much, as long as something is rendered."""
        while self._rendering:
            for pid, size in await asyncio.to_thread(lambda: list(renderers_below(os.getpid()))):
                if size > self._most << 20:
                    log.warning("a page takes %d MiB in Chromium: its renderer is ended", size >> 20)
                    self._ended += 1
                    with suppress(OSError):
                        os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(LOOK)

    async def _start(self) -> None:
        """Start the driver and the proxy, once."""
        if self._proxy is not None:
            return
        proxy = EgressProxy(self._gate)
        await proxy.start()
        await self._maybe_launch_in_thread()
        own = self.browser_provider.playwright.chromium.executable_path
        options = self.config.launch_options
        options["executable_path"] = find_chromium(self._named, own)
        options["proxy"] = {"server": proxy.url, "bypass": "<-loopback>"}
        self._proxy = proxy

    async def _renew(self) -> None:
        """Close a Chromium that has rendered enough, as soon as it is idle; the next page starts another."""
        if self._pages_left <= 0:
            await self._is_idle.wait()
            await self._give_up()
            self._stats("renewed")

    async def _give_up(self) -> None:
        self._pages_left = self._crawler.settings.getint("GIMONITOR_CHROMIUM_PAGES", PAGES)
        browser = getattr(self, "browser", None)
        if browser is not None:
            try:
                async with asyncio.timeout(10):
                    await browser.close()
            except TimeoutError:
                log.warning("Chromium does not close")
            if getattr(self, "browser", None) is browser:
                self._forget()

    def _stats(self, name: str) -> None:
        self.stats.inc_value(f"gimonitor/chromium/{name}")

    async def close(self) -> None:
        """Also stop the proxy."""
        await super().close()
        if self._proxy is not None:
            await self._proxy.stop()


async def _comes(event: asyncio.Event) -> bool:
    """True when it is set before long: a page that is closed may be told before the Chromium that it went with."""
    try:
        async with asyncio.timeout(GOING):
            return await event.wait()
    except TimeoutError:
        return False


def _look_away(rendering: asyncio.Future[Response]) -> None:
    """Nobody awaits a rendering that was left; its error is no news."""
    if not rendering.cancelled():
        rendering.exception()
