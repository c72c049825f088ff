"""First stage: what cannot be a listing is dropped, with a reason that is counted."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from gimonitor.crawling.session import CrawlSession, session_of
from gimonitor.crawling.source import example_at
from gimonitor.model.listing import Listing
from gimonitor.model.validity import why_invalid


class ValidatePipeline:
    """Drops listings without a key or title; everything else goes on unchanged."""

    def __init__(self, crawler: Crawler, session: CrawlSession | None) -> None:
        self._stats = crawler.stats
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Works with and without a session."""
        return cls(crawler, session_of(crawler))

    def process_item(self, item: Listing) -> Listing:
        """Pass the listing on. Raises DropItem with the reason."""
        reason = why_invalid(item)
        if reason:
            self._count(f"rejected/{reason}")
            if self._session is not None:
                why = f"rejected ({reason}): {item.item_id or item.url}"
                self._session.ledger[item.query].reject(why, example_at(self._session.take_seal(item), why))
            raise DropItem(reason)
        self._count("passed")
        return item

    def _count(self, outcome: str) -> None:
        if self._stats is not None:
            self._stats.inc_value(f"gimonitor/validate/{outcome}")
