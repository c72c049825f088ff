"""Asking no faster than a site bears: the pace of its data file, Crawl-delay, Retry-After, and a doubled gap after 429 and 503."""

from __future__ import annotations

import logging
import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.crawling.hosts import is_loopback, pace_of, site_of
from gimonitor.crawling.records import open_records
from gimonitor.crawling.turns import MAX_DELAY, NotAskedError, TurnBook
from gimonitor.errors import BlockedError
from gimonitor.model.run import BlockKind

log = logging.getLogger(__name__)

MAX_PAUSE = 120.0  # a longer Retry-After is not waited for: the request counts as refused
_SLOW_DOWN = frozenset({429, 503})


def open_turns(configuration: Configuration | None = None) -> TurnBook:
    """The turns that all processes of this installation share, on whatever machine."""
    return TurnBook(open_records(configuration or load_configuration(), "turns"))


def slow_down(turns: TurnBook, host: str, now: datetime) -> float:
    """Double the gap of a host's site after it refused for the pace. Returns the gap in force, in seconds."""
    least = 0.05 if is_loopback(host) else min(max(pace_of(host).delay * 2, 1.0), MAX_DELAY)
    return turns.double(site_of(host), least, now)


def wait_turn(url: str) -> None:
    """Wait for the next turn at the site of `url`, for what asks it outside a crawl. Raises BlockedError where it may not be asked now."""
    host = urlsplit(url).hostname or ""
    try:
        seconds = open_turns().take(site_of(host), pace_of(host), random.random() / 2, datetime.now(UTC))
    except NotAskedError as error:
        raise BlockedError(BlockKind.RATE_LIMIT, url, str(error)) from error
    time.sleep(seconds)


class PolitenessMiddleware:
    """Scrapy downloader middleware; it stands nearer to the wire than Scrapy's retries. The turns themselves are taken by the
    download handler, at the moment of asking."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._turns = open_turns()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Also listens to robots.txt files as they are read."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.robots_parsed, signal=signals.robots_parsed)
        return middleware

    def process_request(self, request: Request) -> None:
        """Put the request into its site's queue, which lets as many through at a time as the pace says."""
        host = urlparse_cached(request).hostname or ""
        site = site_of(host)
        request.meta["download_slot"] = site
        assert self._crawler.engine is not None
        slots = self._crawler.engine.downloader.per_slot_settings
        slots.setdefault(site, {"delay": 0.0, "jitter": 0.0, "concurrency": pace_of(host).concurrency})

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Obey a Crawl-delay that is longer than our own."""
        host = urlparse_cached(request).hostname or ""
        asked = robotparser.crawl_delay(str(self._crawler.settings["USER_AGENT"])) or 0.0
        if asked > pace_of(host).delay:
            gap = self._turns.slow(site_of(host), asked, datetime.now(UTC))
            self._say(site_of(host), gap, f"Crawl-delay {asked:g} s")

    def process_response(self, request: Request, response: Response) -> Response:
        """After 429 or 503: double the gap, and wait as long as Retry-After says before the site is asked again."""
        if response.status not in _SLOW_DOWN:
            return response
        host = urlparse_cached(request).hostname or ""
        site, now = site_of(host), datetime.now(UTC)
        self._say(site, slow_down(self._turns, host, now), f"status {response.status}")
        wait = retry_after(response.headers.get("Retry-After"), now)
        if wait > MAX_PAUSE:
            request.meta["dont_retry"] = True
            log.warning("%s asks to wait %.0f s: not waited for, counted as refused", site, wait)
        elif wait:
            self._turns.pause(site, wait, now)
            self._stat("paused")
        return response

    def _say(self, site: str, gap: float, why: str) -> None:
        self._stat("slowed")
        log.info("%s: one request every %.2f s from now on (%s)", site, gap, why)

    def _stat(self, name: str) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(f"gimonitor/politeness/{name}")


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
