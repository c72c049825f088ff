"""How much a source may be asked in a night: pages and calls that are left of the day, hours of its site, time of the night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from gimonitor.configuration import Configuration
from gimonitor.crawling.hosts import pace_of, site_of
from gimonitor.crawling.keys import load_key, open_budget
from gimonitor.crawling.openapi import load_apis
from gimonitor.crawling.politeness import open_turns
from gimonitor.crawling.turns import in_hours
from gimonitor.model.zone import BEIJING

EBAY = ("https://api.ebay.com", 5000)  # as its spider has it
JITTER = 1.25  # the gap between two requests is lengthened by up to a half at random


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a source may be asked. `pages` are left of the day; `minutes` of the night lie in its hours."""

    pages: int
    seconds_a_page: float
    minutes: float

    @property
    def most(self) -> int:
        """Pages that fit into both."""
        return min(self.pages, int(self.minutes * 60 / self.seconds_a_page))

    @property
    def ends_by_day(self) -> bool:
        """True where the pages of the day end before the time of the night."""
        return self.pages <= self.minutes * 60 / self.seconds_a_page


def allowance(
    configuration: Configuration, source: str, starts: datetime, ends: datetime, share: float, least_seconds: float
) -> Allowance:
    """The allowance of a source in a night; `share` is its part of the time where sources are asked one after another.

    Addresses of several sites are taken together, at the pace of the slowest.
    """
    urls, calls = _addresses(configuration, source, starts)
    hosts = {urlsplit(url).hostname or "" for url in urls}
    paces = {site_of(host): pace_of(host) for host in hosts}
    turns = open_turns(configuration)
    left = sum(pace.left(turns.pages(site, starts)) for site, pace in paces.items())
    slowest = max(paces.values(), key=lambda pace: pace.delay)
    return Allowance(
        pages=left if calls is None else min(left, calls),
        seconds_a_page=max(slowest.delay * JITTER, least_seconds),
        minutes=share * min(_minutes(pace.hours, starts, ends) for pace in paces.values()),
    )


def _addresses(configuration: Configuration, source: str, starts: datetime) -> tuple[tuple[str, ...], int | None]:
    """Where a source is asked, and the calls that its key has left."""
    if source == "practice":
        return (configuration.practice_url,), None
    if source == "shop":
        return configuration.shop_urls, None
    key = load_key(configuration.data_dir, source)
    apis = load_apis()
    endpoint, daily = (apis[source].endpoint, apis[source].daily_calls) if source in apis else EBAY
    budget = open_budget(configuration, source, key, daily)
    return (key.endpoint or endpoint,), budget.left(starts.astimezone(BEIJING).date())


def _minutes(hours: str, starts: datetime, ends: datetime) -> float:
    whole = int((ends - starts).total_seconds() // 60)
    return sum(in_hours(hours, starts + timedelta(minutes=n)) for n in range(whole)) if hours else float(whole)
