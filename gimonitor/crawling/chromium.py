"""Download handler: takes the site's turn before anything is asked, keeps to addresses that may be asked, and renders in a
Chromium that is bounded, renewed after so many pages, and given up when it hangs."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # type: ignore[import-untyped]  # no stubs

from gimonitor.configuration import load_configuration
from gimonitor.crawling.egress import EgressProxy, ForbiddenAddressError, Gate, gate_of
from gimonitor.crawling.hosts import is_loopback, pace_of, site_of
from gimonitor.crawling.politeness import open_turns
from gimonitor.crawling.turns import NotAskedError
from gimonitor.evidence.browser import find_chromium

log = logging.getLogger(__name__)

JITTER = 0.5
PAGES = 100  # after so many Chromium is started anew: its memory only grows
SECONDS = 90  # a page that takes longer hangs


class ChromiumHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # no stubs
    """As scrapy-playwright's own, without its start at every crawl: that costs a second and 100 MB, and `scrapy shell`
    hangs in it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._configuration = load_configuration()
        self._turns = open_turns()
        self._gate: Gate | None = None
        self._proxy: EgressProxy | None = None
        self._entrance = asyncio.Lock()
        self._rendering: set[int] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._pages_left = crawler.settings.getint("GIMONITOR_CHROMIUM_PAGES", PAGES)
        self._seconds = crawler.settings.getfloat("GIMONITOR_CHROMIUM_SECONDS", SECONDS)

    async def _maybe_launch_in_thread(self) -> None:
        """Do nothing when the engine starts."""

    async def download_request(self, request: Request) -> Response:
        """Fetch plainly, or through Chromium when the request asks for it.

        Raises NotAskedError when it may not be asked now, ForbiddenAddressError when it may not be asked there.
        """
        host = urlparse_cached(request).hostname or ""
        self._check(host)
        await self._wait(host)
        if request.meta.get("playwright"):
            return await self._render(request)
        try:
            response: Response = await super().download_request(request)
        except CannotResolveHostError as error:
            if host in self.gate.refused:
                raise ForbiddenAddressError(f"{host} leads to an address that is not public: not connected") from error
            raise
        return response

    @property
    def gate(self) -> Gate:
        """What this crawl may connect to; made at the first request, when the spider knows its hosts."""
        if self._gate is None:
            self._gate = gate_of(self._crawler, self._configuration)
        return self._gate

    def _check(self, host: str) -> None:
        if not self._configuration.contact and not is_loopback(host):
            log.error("a real site is not asked without a contact in the User-Agent: set GIMONITOR_CONTACT")
            raise IgnoreRequest("no contact is set")
        self.gate.check_literal(host)

    async def _wait(self, host: str) -> None:
        self._check_not_ending()
        jitter = random.random() * JITTER  # a gap, no secret
        wait = self._turns.take(site_of(host), pace_of(host), jitter, datetime.now(UTC))
        if wait > 0:
            await asyncio.sleep(wait)
            self._check_not_ending()

    def _check_not_ending(self) -> None:
        if getattr(self._crawler.spider, "refused", None) is not None:
            raise NotAskedError("the source has refused; nothing more is asked of it")

    async def _render(self, request: Request) -> Response:
        async with self._entrance:
            await self._start()
            await self._renew()
            self._rendering.add(id(request))
            self._is_idle.clear()
            self._pages_left -= 1
        try:
            async with asyncio.timeout(self._seconds):
                response: Response = await super().download_request(request)
        except TimeoutError as error:
            request.meta["dont_retry"] = True
            log.warning("Chromium hangs at %s: given up, and started anew", request.url)
            await self._give_up()
            raise DownloadTimeoutError(f"{request.url} hangs in Chromium") from error
        finally:
            self._rendering.discard(id(request))
            if not self._rendering:
                self._is_idle.set()
        return response

    async def _start(self) -> None:
        """Start the driver and the proxy, once."""
        if self._proxy is not None:
            return
        proxy = EgressProxy(self.gate)
        await proxy.start()
        await super()._maybe_launch_in_thread()
        own = self.browser_provider.playwright.chromium.executable_path
        options = self.config.launch_options
        options["executable_path"] = find_chromium(self._configuration.chromium, own)
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

    def _stats(self, name: str) -> None:
        self.stats.inc_value(f"gimonitor/chromium/{name}")

    async def close(self) -> None:
        """Also stop the proxy."""
        await super().close()
        if self._proxy is not None:
            await self._proxy.stop()
