"""Download handler: takes the site's turn before anything is asked, and keeps to addresses that may be asked."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached

from gimonitor.configuration import load_configuration
from gimonitor.crawling.egress import ForbiddenAddressError, Gate, gate_of
from gimonitor.crawling.hosts import is_loopback, pace_of, site_of
from gimonitor.crawling.politeness import open_turns
from gimonitor.crawling.turns import NotAskedError

if TYPE_CHECKING:
    from gimonitor.crawling.chromium import Chromium

log = logging.getLogger(__name__)

JITTER = 0.5
BEGUN = "answer_begun"
"""In the meta of a request whose answer's headers have come."""


class PoliteHandler(HTTP11DownloadHandler):
    """Asks plainly. Chromium is loaded for the first page that needs it: few crawls do, and it costs a second and 100 MB."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._configuration = load_configuration()
        self._turns = open_turns()
        self._gate: Gate | None = None
        self._chromium: Chromium | None = None
        crawler.signals.connect(_note_begun, signal=signals.headers_received)

    async def download_request(self, request: Request) -> Response:
        """Fetch plainly, or through Chromium when the request asks for it.

        Raises NotAskedError when it may not be asked now, ForbiddenAddressError when it may not be asked there.
        """
        host = urlparse_cached(request).hostname or ""
        self._check(host)
        await self._wait(host, request.url)
        if request.meta.get("playwright"):
            return await self._render(request)
        request.meta.pop(BEGUN, None)
        try:
            response: Response = await super().download_request(request)
        except CannotResolveHostError as error:
            if host in self.gate.refused:
                raise ForbiddenAddressError(f"{host} leads to an address that is not public: not connected") from error
            raise
        except DownloadTimeoutError:
            if request.meta.get(BEGUN):  # a body without an end has none the second time either
                request.meta["dont_retry"] = True
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

    async def _wait(self, host: str, url: str) -> None:
        self._check_not_refused(url)
        jitter = random.random() * JITTER  # a gap, no secret
        wait = self._turns.take(site_of(host), pace_of(host), jitter, datetime.now(UTC))
        if wait > 0:
            await asyncio.sleep(wait)
            self._check_not_refused(url)

    def _check_not_refused(self, url: str) -> None:
        refusal_at = getattr(self._crawler.spider, "refusal_at", None)  # `scrapy shell` has a spider without
        if refusal_at is not None and refusal_at(url) is not None:
            raise NotAskedError("the source has refused; nothing more is asked of it")

    async def _render(self, request: Request) -> Response:
        if self._chromium is None:
            from gimonitor.crawling.chromium import Chromium

            self._chromium = Chromium(self._crawler, self.gate, self._configuration.chromium)
        return await self._chromium.render(request)

    async def close(self) -> None:
        """Also end Chromium."""
        await super().close()
        if self._chromium is not None:
            await self._chromium.close()


def _note_begun(request: Request) -> None:
    request.meta[BEGUN] = True
