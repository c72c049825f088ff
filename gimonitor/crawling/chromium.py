"""Download handler that starts Playwright when the first page wants it: most crawls never do."""

from __future__ import annotations

import asyncio

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # type: ignore[import-untyped]  # no stubs


class ChromiumHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # no stubs
    """As scrapy-playwright's own, without its start at every crawl: that costs a second and 100 MB, and `scrapy shell`
    hangs in it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._starting = asyncio.Lock()
        self._is_started = False

    async def _maybe_launch_in_thread(self) -> None:
        """Do nothing when the engine starts."""

    async def download_request(self, request: Request) -> Response:
        """Fetch plainly, or through Chromium when the request asks for it."""
        if request.meta.get("playwright"):
            async with self._starting:
                if not self._is_started:
                    await super()._maybe_launch_in_thread()
                    self._is_started = True
        response: Response = await super().download_request(request)
        return response
