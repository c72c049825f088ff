"""Asking no faster than a site bears: the pace of its data file, Crawl-delay, Retry-After, and a doubled gap after 429 and 503."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Self

from scrapy import signals
from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from gimonitor.crawling.hosts import is_loopback, pace_of, site_of

log = logging.getLogger(__name__)

MAX_DELAY = 300.0
MAX_PAUSE = 120.0  # a longer Retry-After is not waited for: the request counts as refused
_SLOW_DOWN = frozenset({429, 503})


class PolitenessMiddleware:
    """Scrapy downloader middleware; it stands nearer to the wire than Scrapy's retries, so that they wait as well."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._delays: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Also listens to robots.txt files as they are read."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.robots_parsed, signal=signals.robots_parsed)
        return middleware

    def process_request(self, request: Request) -> None:
        """Put the request into its site's queue, which has the site's pace."""
        host = urlparse_cached(request).hostname or ""
        site = site_of(host)
        request.meta["download_slot"] = site
        if site not in self._delays:
            pace = pace_of(host)
            slots = self._downloader.per_slot_settings
            slots[site] = {"delay": pace.delay, "concurrency": pace.concurrency, "jitter": 0.5}
            self._delays[site] = pace.delay

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Obey a Crawl-delay that is longer than our own."""
        agent = str(self._crawler.settings["USER_AGENT"])
        site = site_of(urlparse_cached(request).hostname or "")
        asked = robotparser.crawl_delay(agent) or 0.0
        if asked > self._delays.get(site, 0.0):
            self._slow(site, min(asked, MAX_DELAY), f"Crawl-delay {asked:g} s")

    def process_response(self, request: Request, response: Response) -> Response:
        """After 429 or 503: double the gap, and wait as long as Retry-After says before the site is asked again."""
        if response.status not in _SLOW_DOWN:
            return response
        host = urlparse_cached(request).hostname or ""
        site = str(request.meta.get("download_slot") or site_of(host))
        least = 0.05 if is_loopback(host) else 1.0
        self._slow(site, min(max(self._delays.get(site, 0.0) * 2, least), MAX_DELAY), f"status {response.status}")
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        if wait > MAX_PAUSE:
            request.meta["dont_retry"] = True
            log.warning("%s asks to wait %.0f s: not waited for, counted as refused", site, wait)
        elif wait:
            self._pause(site, wait)
        return response

    def _slow(self, site: str, delay: float, why: str) -> None:
        self._delays[site] = delay
        self._downloader.per_slot_settings.setdefault(site, {})["delay"] = delay
        if site in self._downloader.slots:
            self._downloader.slots[site].delay = delay
        self._crawler.stats.inc_value("gimonitor/politeness/slowed")
        log.info("%s: one request every %.2f s from now on (%s)", site, delay, why)

    def _pause(self, site: str, seconds: float) -> None:
        slot = self._downloader.slots.get(site)
        if slot is not None:
            slot.lastseen = monotonic() + seconds  # the next request leaves one gap after this moment
        self._crawler.stats.inc_value("gimonitor/politeness/paused")

    @property
    def _downloader(self) -> Downloader:
        assert self._crawler.engine is not None
        return self._crawler.engine.downloader


def retry_after(value: bytes | None, now: datetime) -> float:
    """Seconds to wait by a Retry-After header: a number or a date. 0 for none, a past date or nonsense."""
    text = (value or b"").decode("latin-1").strip()
    if text.isdigit():
        return float(min(int(text), 10**6))
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())
