"""One crawl from its first check to its last record: store, slice, archive and ledger are opened before anything is asked,
and closed after everything is stored. The composition root of a crawl process."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import NoReturn, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Request
from scrapy.utils.log import get_scrapy_root_handler
from sqlalchemy import Connection

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.crawling.hosts import is_loopback, site_of
from gimonitor.crawling.ledger import Ledger
from gimonitor.crawling.openapi import bias_of
from gimonitor.crawling.picturesource import Fetched, PictureSource
from gimonitor.crawling.source import SourceSpider
from gimonitor.errors import ConflictError, DiskFullError, GimonitorError, StoreError
from gimonitor.evidence.keeping import keep_bytes
from gimonitor.evidence.seal import WarcSeal
from gimonitor.evidence.sealed import Sealed
from gimonitor.logs import Trouble, formatter, keep_troubles, trouble
from gimonitor.model.listing import Listing
from gimonitor.model.run import BlockKind, Coverage, RunState, Slice, SliceState
from gimonitor.model.task import TaskKind
from gimonitor.store import runs
from gimonitor.store.captures import RESPONSE, StoredCapture, save_capture
from gimonitor.store.database import Store, open_store
from gimonitor.store.listings import mark_gone_at
from gimonitor.store.loading import stored_in_run
from gimonitor.store.pictures import IMAGE
from gimonitor.store.tasks import create_task
from gimonitor.store.wanted import MOST_PICTURES, Wanted, load_wanted

log = logging.getLogger(__name__)

BY_HAND = frozenset({BlockKind.CHALLENGE, BlockKind.LOGIN})
STOPPED_BY_HAND = frozenset({"shutdown", "cancelled"})


class CrawlSession:
    """Scrapy extension. `open` is called by whoever needs the store first; it raises CloseSpider when nothing may be asked.

    Other components get it by `session_of(crawler)`. `seals` remembers where the response of a listing lies sealed.
    """

    def __init__(self, crawler: Crawler, configuration: Configuration) -> None:
        self.crawler = crawler
        self.configuration = configuration
        self.ledger = Ledger()
        self.seals: dict[tuple[str, str, str], Sealed] = {}
        self._gone: list[tuple[str, datetime]] = []
        self.seal: WarcSeal | None = None
        self._store: Store | None = None
        self._slice: Slice | None = None
        self._refusal = self._refused_for = ""
        self._heart: asyncio.Task[None] | None = None
        self._log_about({})
        self._owner = str(crawler.settings.get("GIMONITOR_OWNER") or f"{socket.gethostname()}:{os.getpid()}")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built once for each crawl, with the configuration of this process."""
        if not crawler.settings.getbool("GIMONITOR_RECORDING", True):
            raise NotConfigured("recording is switched off")
        session = cls(crawler, load_configuration())
        crawler.signals.connect(session.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(session.spider_error, signal=signals.spider_error)
        crawler.signals.connect(session.request_dropped, signal=signals.request_dropped)
        crawler.signals.connect(session.spider_closed, signal=signals.spider_closed)
        return session

    @property
    def store(self) -> Store:
        """The open store. Only after `open`."""
        assert self._store is not None
        return self._store

    @property
    def run_id(self) -> int:
        """The run that this crawl belongs to. Only after `open`."""
        assert self._slice is not None
        return self._slice.run_id

    @property
    def is_open(self) -> bool:
        """True between a successful `open` and the end."""
        return self._slice is not None

    def open(self) -> None:
        """Open store, slice and archive. Raises CloseSpider, with the reason logged, before anything was asked."""
        if self._refusal:
            raise CloseSpider(self._refusal)
        keep_troubles()
        spider = self.crawler.spider
        if self._slice is not None or not isinstance(spider, SourceSpider):
            return
        try:
            self._open(spider)
        except DiskFullError as error:
            self.refuse("disk_full", error)
        except StoreError as error:
            self.refuse("store_unreachable", error)
        except GimonitorError as error:
            self.refuse("not_configured", error)

    def refuse(self, reason: str, error: GimonitorError) -> NoReturn:
        """Log why nothing may be asked, and raise CloseSpider."""
        self._refusal, self._refused_for = reason, str(error)
        told = trouble(Trouble.FULL) if isinstance(error, DiskFullError) else None
        log.error("nothing was asked: %s", error, extra=told)
        raise CloseSpider(reason) from error

    def _open(self, spider: SourceSpider) -> None:
        self._check_disk()
        self._store = open_store(self.configuration.store_url)
        try:
            self._slice = self._take_slice(spider)
        except BaseException:
            self._store.close()
            self._store = None
            raise
        spider.queries = self._slice.queries
        if isinstance(spider, PictureSource):
            spider.load, spider.keep = self._load_wanted, self._keep_fetched
        spider.check_ready(self.configuration.contact, is_loopback)
        for domain in getattr(spider, "allowed_domains", None) or ():
            site_of(domain)  # the list of suffixes takes half a second: read now, not while a site waits for its turn
        self.ledger = spider.ledger = Ledger(self._slice.queries)
        spider.on_listing = self.remember_seal
        spider.on_gone = self.remember_gone
        if self._slice.attempts > 1:
            spider.stored_already = self._stored_already
        reserve = self.configuration.disk_reserve_mb * 1_000_000
        self.seal = WarcSeal(self.configuration.warc_dir, f"run-{self._slice.run_id}", reserve=reserve)
        self._log_about({"run_id": self._slice.run_id, "slice_id": self._slice.id})
        log.info("run %d, slice %d: %d queries", self._slice.run_id, self._slice.id, len(self._slice.queries))

    def _log_about(self, about: dict[str, int]) -> None:
        if handler := get_scrapy_root_handler():
            handler.setFormatter(formatter(self.configuration, about))

    def _check_disk(self) -> None:
        self.configuration.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.configuration.data_dir).free // 1_000_000
        if free < self.configuration.disk_reserve_mb:
            raise DiskFullError(f"{free} MB free, {self.configuration.disk_reserve_mb} MB are kept in reserve")

    def _take_slice(self, spider: SourceSpider) -> Slice:
        slice_id = self.crawler.settings.getint("GIMONITOR_SLICE_ID")
        if slice_id:
            with self.store.read() as c:
                return runs.load_slice(c, slice_id)
        self._owner = f"{self._owner}:by-hand"
        seconds = self.configuration.lease_seconds
        with self.store.write() as c:
            config = {"source": spider.name, "queries": list(spider.queries), "bias": bias_of([spider.name])}
            run_id = runs.start_run(c, "by_hand", config)
            runs.plan_slices(c, run_id, [(spider.name, spider.queries)])
            leased = runs.lease_slice(c, run_id, spider.name, self._owner, seconds, datetime.now(UTC))
        assert leased is not None
        return leased

    def _stored_already(self, item_ids: Iterable[str]) -> set[str]:
        assert isinstance(self.crawler.spider, SourceSpider)
        pairs = [(self.crawler.spider.platform, item_id) for item_id in item_ids]
        with self.store.read() as c:
            return {item_id for _, item_id in stored_in_run(c, self.run_id, pairs)} if pairs else set()

    def _load_wanted(self, numbers: list[int]) -> dict[int, Wanted]:
        with self.store.read() as c:
            return load_wanted(c, numbers, MOST_PICTURES)

    def _keep_fetched(self, fetched: Fetched) -> bool:
        """Keep what the second pass brought, and say whether it is new."""
        wanted, sealed = fetched.wanted, fetched.sealed
        capture = StoredCapture(
            listing_id=wanted.listing_id,
            listing_version=wanted.version,
            kind=RESPONSE if sealed else IMAGE,
            url=fetched.url,
            file=sealed.file if sealed else "",
            sha256=sealed.sha256 if sealed else "",
            offset=sealed.offset if sealed else None,
            length=sealed.length if sealed else None,
            at=fetched.at,
            run_id=self.run_id,
            detail={"what": "shop"} if sealed else {"size": len(fetched.body)},
        )
        is_new = True
        if not sealed:
            root, reserve = self.configuration.evidence_dir, self.configuration.disk_reserve_mb * 1_000_000
            file, sha256, is_new = keep_bytes(
                root, "image", "picture", fetched.body, at=fetched.at, who="", reserve=reserve
            )
            capture = replace(capture, file=file, sha256=sha256)
        self.store.attempt(lambda c: save_capture(c, capture))
        return is_new

    def spider_opened(self) -> None:
        """Open when no pipeline has done it, and keep the lease from now on."""
        self.open()
        if self._slice is not None:
            self._heart = asyncio.get_running_loop().create_task(self._keep_lease(self._slice))

    async def _keep_lease(self, piece: Slice) -> None:
        """Extend the lease while the crawl goes on: a polite one takes hours. A crawl that hangs loses it."""
        seconds = self.configuration.lease_seconds
        while True:
            try:
                await asyncio.to_thread(self._extend, piece.id, seconds)
            except ConflictError:
                log.warning("slice %d is somebody else's by now", piece.id)
                return
            except StoreError as error:
                log.warning("the lease of slice %d could not be extended: %s", piece.id, error)
            await asyncio.sleep(seconds / 3)

    def _extend(self, slice_id: int, seconds: float) -> None:
        with self.store.write() as c:
            runs.extend_lease(c, slice_id, self._owner, seconds, datetime.now(UTC))

    def spider_error(self) -> None:
        """Count callbacks that raised: such a crawl is not whole."""
        self.crawler.stats.inc_value("gimonitor/callback_errors")

    def request_dropped(self, request: Request) -> None:
        """Pass it on to the spider's count."""
        if isinstance(self.crawler.spider, SourceSpider):
            self.crawler.spider.request_dropped(request)

    def remember_seal(self, listing: Listing, sealed: Sealed | None) -> None:
        """Keep where the response of a listing lies until the listing is stored."""
        if sealed is not None:
            self.seals[(*listing.key, listing.query)] = sealed

    def remember_gone(self, url: str, at: datetime) -> None:
        """Keep that a good's page is gone until the records are written."""
        self._gone.append((url, at))

    def take_seal(self, listing: Listing) -> Sealed | None:
        """Where the response of a listing lies; forgotten afterwards."""
        return self.seals.pop((*listing.key, listing.query), None)

    def spider_closed(self, reason: str) -> None:
        """Write the records. Runs after the pipelines have stored what they held."""
        if self._heart is not None:
            self._heart.cancel()
        if self._slice is None:
            if self._store is not None:
                self._store.close()
            return
        if self.seal is not None:
            self.seal.close()
        assert isinstance(self.crawler.spider, SourceSpider)
        self.crawler.spider.close_ledger(reason)
        state, detail = self._judge(reason)
        try:
            self._record(reason, state, detail)
        except StoreError:
            log.exception("the records of slice %d could not be saved", self._slice.id)
        finally:
            self.store.close()
            self._slice = None
        log.info("%s: %s %s", state.value, ", ".join(f"{k} {v}" for k, v in self.ledger.totals().items()), detail)

    @property
    def _accidents(self) -> int:
        return int(self.crawler.stats.get_value("gimonitor/callback_errors", 0))

    def _judge(self, reason: str) -> tuple[SliceState, str]:
        errors = self._accidents
        if reason == "blocked":
            return SliceState.BLOCKED, "the source refused; the rest of the slice was not asked"
        if reason != "finished":
            return SliceState.FAILED, f"ended early: {self._refused_for or reason}"
        if errors or not self.ledger.is_accounted:
            return SliceState.FAILED, f"{errors} callbacks failed; not all that was seen is accounted for"
        if not self.ledger.is_whole:
            return SliceState.FAILED, f"{self.ledger.totals()['failed']} pages could not be had or read"
        return SliceState.DONE, ""

    def _record(self, reason: str, state: SliceState, detail: str) -> None:
        assert self._slice is not None
        piece, now = self._slice, datetime.now(UTC)
        by_hand = not self.crawler.settings.getint("GIMONITOR_SLICE_ID")
        with self.store.write() as c:
            records = self.ledger.coverage(piece.run_id, piece.source, now)
            for record in records:
                runs.save_coverage(c, record)
            self._note_gone(c)
            self._ask_for_captures(c, records, now)
            if reason in STOPPED_BY_HAND and not by_hand:
                return  # the runner that holds the lease says what becomes of the slice
            try:
                runs.finish_slice(c, piece.id, self._owner, state, detail)
            except ConflictError:
                log.exception("the slice is somebody else's by now; what was collected is stored all the same")
            if by_hand:
                runs.finish_run(c, piece.run_id, self._run_state(reason, state), detail)

    def _note_gone(self, c: Connection) -> None:
        spider = self.crawler.spider
        assert isinstance(spider, SourceSpider)
        for url, at in self._gone:
            mark_gone_at(c, spider.platform, url, spider.item_id_of(url), at)

    def _ask_for_captures(self, c: Connection, records: list[Coverage], now: datetime) -> None:
        """What stands behind a verification or a login is a task for a person with an ordinary browser."""
        spider = self.crawler.spider
        assert isinstance(spider, SourceSpider)
        kept = [record for record in records if record.blocked in BY_HAND]
        if not spider.is_page or not kept:
            return
        reasons = sorted({str(record.blocked) for record in kept})
        task_id = create_task(
            c,
            TaskKind.CAPTURE,
            spider.name,
            [record.query for record in kept],
            platform=spider.platform,
            url=spider.refused_at,
            reason=reasons[0],
            run_id=self.run_id,
            now=now,
        )
        log.warning("task %d: please capture by hand what %s refused: %d queries", task_id, spider.name, len(kept))

    def _run_state(self, reason: str, state: SliceState) -> RunState:
        if reason in STOPPED_BY_HAND:
            return RunState.INTERRUPTED
        if state is SliceState.BLOCKED:
            return RunState.BLOCKED
        if state is SliceState.FAILED and (self._accidents or reason != "finished" or not self.ledger.is_accounted):
            return RunState.FAILED
        if self.ledger.is_refused:
            return RunState.BLOCKED
        gaps = any(record.has_gap for record in self.ledger.coverage(self.run_id, "", datetime.now(UTC)))
        return RunState.PARTIAL if gaps else RunState.OK


def session_of(crawler: Crawler) -> CrawlSession | None:
    """The session of a crawl, or None where recording is switched off."""
    return crawler.get_extension(CrawlSession)
