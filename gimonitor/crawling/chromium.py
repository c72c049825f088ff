"""Download handler: takes the site's turn before anything is asked, keeps to addresses that may be asked, and starts Chromium
when the first page wants it."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # type: ignore[import-untyped]  # no stubs

from gimonitor.crawling.hosts import pace_of, site_of
from gimonitor.crawling.politeness import open_turns
from gimonitor.crawling.turns import NotAskedError

JITTER = 0.5


class ChromiumHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # no stubs
    """As scrapy-playwright's own, without its start at every crawl: that costs a second and 100 MB, and `scrapy shell`
    hangs in it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self._turns = open_turns()
        self._starting = asyncio.Lock()
        self._is_started = False

    async def _maybe_launch_in_thread(self) -> None:
        """Do nothing when the engine starts."""

    async def download_request(self, request: Request) -> Response:
        """Fetch plainly, or through Chromium when the request asks for it. Raises NotAskedError when it may not be asked."""
        await self._wait(request)
        if request.meta.get("playwright"):
            async with self._starting:
                if not self._is_started:
                    await super()._maybe_launch_in_thread()
                    self._is_started = True
        response: Response = await super().download_request(request)
        return response

    async def _wait(self, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        self._check_not_ending()
        jitter = random.random() * JITTER  # a gap, no secret
        wait = self._turns.take(site_of(host), pace_of(host), jitter, datetime.now(UTC))
        if wait > 0:
            await asyncio.sleep(wait)
            self._check_not_ending()

    def _check_not_ending(self) -> None:
        if getattr(self._crawler.spider, "refused", None) is not None:
            raise NotAskedError("the source has refused; nothing more is asked of it")
