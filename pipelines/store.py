"""Last stage: listings are screened and stored in batches, each in one transaction, off the event loop."""

from __future__ import annotations

import asyncio
import gc
import logging
from itertools import groupby
from time import monotonic
from typing import Self

from scrapy.crawler import Crawler

from gimonitor.crawling.session import CrawlSession, session_of
from gimonitor.errors import DiskFullError, GimonitorError, StoreError
from gimonitor.evidence.sealed import Sealed
from gimonitor.logs import Trouble, trouble
from gimonitor.model.listing import Listing
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store.registers import remember_register
from gimonitor.workflow.intake import officers_day, take_in

log = logging.getLogger(__name__)

BATCH = 500
SECONDS = 1.0
ATTEMPTS = 3

Catch = tuple[Listing, Sealed | None]


class StorePipeline:
    """Holds at most BATCH listings for at most SECONDS. What cannot be stored after three attempts is counted as failed,
    and ends the crawl."""

    def __init__(self, crawler: Crawler, session: CrawlSession | None) -> None:
        self._crawler = crawler
        self._session = session
        self._screener: Screener | None = None
        self._held: list[Catch] = []
        self._since = 0.0
        self._lock = asyncio.Lock()
        self._ticker: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Without a session (recording switched off) listings pass through."""
        return cls(crawler, session_of(crawler))

    def open_spider(self) -> None:
        """Open the store and compile the register. Raises CloseSpider before anything is asked when either fails."""
        if self._session is None:
            return
        self._session.open()
        if not self._session.is_open:
            return
        configuration = self._session.configuration
        try:
            register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
            self._screener = Screener(register)
            self._session.store.attempt(lambda c: remember_register(c, register))
        except GimonitorError as error:
            self._session.refuse("bad_rules", error)
        gc.freeze()  # the register is not looked through again and again while pages come and go
        self._ticker = asyncio.ensure_future(self._tick())

    async def process_item(self, item: Listing) -> Listing:
        """Take the listing into the batch; every BATCH-th one waits until the batch is stored."""
        if self._screener is None or self._session is None:
            return item
        if not self._held:
            self._since = monotonic()
        self._held.append((item, self._session.take_seal(item)))
        if len(self._held) >= BATCH:
            await self._flush()
        return item

    async def close_spider(self) -> None:
        """Store what is left. The ticker is stopped between two batches, never within one."""
        if self._ticker is not None:
            async with self._lock:
                self._ticker.cancel()
        await self._flush()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(SECONDS / 2)
            if self._held and monotonic() - self._since >= SECONDS:
                await self._flush()

    async def _flush(self) -> None:
        async with self._lock:
            held, self._held = self._held, []
            held.sort(key=lambda catch: catch[0].query)
            for query, catches in groupby(held, key=lambda catch: catch[0].query):
                await self._store(query, list(catches))

    async def _store(self, query: str, catches: list[Catch]) -> None:
        session, screener = self._session, self._screener
        assert session is not None and screener is not None and session.seal is not None
        count = session.ledger[query]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await asyncio.to_thread(session.seal.sync)
                saved = await asyncio.to_thread(
                    take_in, session.store, screener, catches, session.run_id, officers_day()
                )
            except (StoreError, DiskFullError) as error:
                told = trouble(Trouble.FULL if isinstance(error, DiskFullError) else Trouble.LOST)
                log.exception("%d listings of %r not stored, attempt %d", len(catches), query, attempt, extra=told)
                if attempt < ATTEMPTS:
                    await asyncio.sleep(2.0**attempt)
                continue
            count.stored += saved.new + saved.changed
            count.unchanged += saved.unchanged
            self._count("stored", saved.new + saved.changed)
            self._count("unchanged", saved.unchanged)
            self._count("leads_new", saved.leads_new)
            return
        count.failed += len(catches)
        count.note(f"{len(catches)} listings could not be stored")
        self._count("failed", len(catches))
        assert self._crawler.engine is not None
        self._ending = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="store_lost"))

    def _count(self, outcome: str, number: int) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(f"gimonitor/store/{outcome}", number)
