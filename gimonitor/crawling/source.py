"""The base of every spider: what to ask and how to read are two hooks; paging, refusals, counting and stopping are here."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn

import scrapy
from scrapy import signals
from scrapy.exceptions import CloseSpider, DownloadCancelledError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Request, Response, TextResponse
from twisted.python.failure import Failure

from gimonitor.crawling.browser import rendered
from gimonitor.crawling.egress import ForbiddenAddressError
from gimonitor.crawling.handler import BEGUN
from gimonitor.crawling.hosts import PRIVATE
from gimonitor.crawling.ledger import Count, Ledger
from gimonitor.crawling.redirects import RefusedRedirectError, refused_private
from gimonitor.crawling.robots import NoRobotsError
from gimonitor.crawling.turns import NotAskedError
from gimonitor.errors import BlockedError, ConfigurationError, DiskFullError, InputError
from gimonitor.evidence.sealed import Sealed
from gimonitor.logs import Trouble, trouble
from gimonitor.model.listing import Listing
from gimonitor.model.run import BlockKind, Example
from gimonitor.parsing import ParsedPage, parse_page, says_gone

TRIP = "gimonitor_trip"
SEALED = "gimonitor_sealed"
SHELL = "gimonitor_shell"
STRIKES = 3
_GONE = frozenset({404, 410})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trip:
    """Why a page is asked: the query it serves, the number of the result page, the rank on it (goods only); `again` when the
    same page was asked before (to be rendered, or with a new token), so that it counts once."""

    query: str
    page: int = 1
    rank: int | None = None
    again: bool = False


class SourceSpider(scrapy.Spider, ABC):
    """Base of all sources. A subclass names itself and its platform, and implements `ask`; `read` suits most.

    `queries` come from the slice, or by hand from `-a query=…` (comma-separated). `renders` lets pages that are empty
    without JavaScript be asked again through Chromium. `max_pages` bounds the result pages of a query; what lies
    behind is recorded as cut off. `is_page`: a person could look at the same pages in an ordinary browser; `advice` says how
    to start it by hand.
    """

    platform: str = ""
    max_pages: int = 20
    renders: bool = False
    queries: tuple[str, ...] = ()
    is_page: bool = True
    advice: str = "-a query=五常大米,西湖龙井"

    def __init__(self, *args: Any, query: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queries = tuple(
            dict.fromkeys(part.strip() for part in query.replace("，", ",").split(",") if part.strip())
        )
        self.ledger = Ledger(self.queries)
        self.on_listing: Callable[[Listing, Sealed | None], None] = lambda listing, sealed: None
        self.on_gone: Callable[[str, datetime], None] = lambda url, at: None
        self.stored_already: Callable[[Iterable[str]], set[str]] = lambda item_ids: set()
        self.refused: BlockKind | None = None
        self.refused_at = ""
        self.refused_why = "the source had refused"
        self._strikes = 0

    ends_it: ClassVar[frozenset[BlockKind]] = frozenset({BlockKind.CHALLENGE})  # refused once is refused for the night
    is_search: ClassVar[bool] = True  # False where a query is an address: a place in it is no rank

    @property
    def named_hosts(self) -> Iterable[str]:
        """Hosts that the operator named when starting it; these may lie in the own network. None for what data names."""
        return ()

    # --- the two hooks ---

    @abstractmethod
    def ask(self, query: str) -> Iterable[Request]:
        """Hook: the first requests of a query, made with `request_page` or `request_item`."""

    def read(self, response: Response) -> ParsedPage:
        """Hook: what a response says. Raises BlockedError or InputError as `parse_page` does."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        rendered = response.meta.get("playwright")
        kind = "text/html; charset=utf-8" if rendered else kind
        return parse_page(response.body, response.url, kind, self.platform, response.status)

    def item_id_of(self, url: str) -> str:
        """Hook: the item number in the address of a good, "" when it does not show; lets a resumed slice skip what it has."""
        return ""

    def check_ready(self, contact: str, is_loopback: Callable[[str], bool]) -> None:
        """Raise ConfigurationError when the spider must not start: nothing to ask, no domains, no contact."""
        if not self.queries:
            raise ConfigurationError(f"{self.name}: nothing to ask; by hand: {self.advice}")
        domains = list(getattr(self, "allowed_domains", None) or [])
        if not domains:
            raise ConfigurationError(f"{self.name}: no allowed domains are known")
        if not contact and not all(is_loopback(domain) for domain in domains):
            raise ConfigurationError(
                "a real site is not asked without a contact in the User-Agent: set GIMONITOR_CONTACT"
            )

    # --- asking ---

    async def start(self) -> AsyncIterator[Any]:
        """Ask one query after another: the next one when nothing of the last one waits."""
        for number, query in enumerate(self.queries):
            if number:
                await self.crawler.signals.wait_for(signals.scheduler_empty)
            for request in self.ask(query):
                yield request

    def request_page(self, url: str, query: str, page: int = 1, *, again: bool = False, **kwargs: Any) -> Request:
        """A request for a page of results; `again` when the same page was asked before and has to be asked once more."""
        return self._request(url, Trip(query, page, again=again), priority=0, dont_filter=again, **kwargs)

    def request_item(self, url: str, query: str, page: int = 1, rank: int | None = None, **kwargs: Any) -> Request:
        """A request for the page of one good; goods go before further result pages."""
        return self._request(url, Trip(query, page, rank), priority=10, **kwargs)

    def _request(self, url: str, trip: Trip, **kwargs: Any) -> Request:
        meta = {**kwargs.pop("meta", {}), TRIP: trip}
        self.ledger[trip.query].waiting += 1
        return Request(url, callback=self.receive, errback=self.lose, meta=meta, **kwargs)

    # --- receiving ---

    def receive(self, response: Response) -> Iterator[Listing | Request]:
        """Read one response: listings, goods to ask, the next page; or a refusal, counted as such."""
        trip: Trip = response.meta[TRIP]
        count = self._asked(trip)
        if response.status in _GONE and trip.rank is not None:
            count.pages_answered += 1
            self._gone(response, count)
            return
        try:
            parsed = self.read(response)
        except BlockedError as error:
            yield from self._blocked(response, trip, count, error)
            return
        except InputError as error:
            count.pages_answered += trip.rank is not None
            self._unreadable(count, trip, str(error), response)
            return
        self._strikes = 0
        for note in parsed.notes:
            count.note(note)
        if trip.rank is None and (response.status in _GONE or not parsed.parser):
            self._unreadable(count, trip, f"no results page (status {response.status}): {response.url}", response)
            return
        count.pages_answered += 1
        if trip.rank is not None and not parsed.listings:
            if says_gone(text_of(response)):
                self._gone(response, count)
                return
            self._unreadable(count, trip, f"no listing: {response.url}", response)
        yield from self._listings(parsed, response, trip, count)
        yield from self._follow(parsed, trip, count)

    def _asked(self, trip: Trip) -> Count:
        count = self.ledger[trip.query]
        count.waiting -= 1
        count.pages_asked += not trip.again
        return count

    def request_dropped(self, request: Request) -> None:
        """A request that Scrapy did not schedule: another query, or another page, leads to the same good, or one to itself."""
        if TRIP not in request.meta:
            return
        trip: Trip = request.meta[TRIP]
        self._stat("asked_already")
        if not (before := request.meta.get("redirect_urls")):
            self.ledger[trip.query].waiting -= 1
            return
        count = self._asked(trip)
        if request.url in before:
            self._lost(count, trip, f"redirect to itself: {request.url}")
            return
        count.pages_answered += 1
        count.note(f"redirect to a page that was asked already: {request.url}")

    def _gone(self, response: Response, count: Count) -> None:
        """The page of a good says that the good is no more: noted on the listing."""
        count.note(f"gone: {response.url}")
        self._stat("gone")
        self.on_gone(response.url, datetime.now(UTC))

    def _unreadable(self, count: Count, trip: Trip, why: str, response: Response) -> None:
        """A page that nobody could read: a good that was seen and lost, or a results page, which counts as unanswered."""
        count.unread += 1
        count.example = count.example or example_of(response, why)
        if trip.rank is not None:
            self._count_loss(count)
        own = f"{response.url}: "  # errors begin with the place; a remark ends with it
        count.note(f"{why.removeprefix(own)}: {response.url}" if why.startswith(own) else why)
        self._stat("unreadable")
        self.logger.warning("unreadable: %s", why)

    def _listings(self, parsed: ParsedPage, response: Response, trip: Trip, count: Count) -> Iterator[Listing]:
        now = datetime.now(UTC)
        count.repeated += parsed.repeated
        for index, listing in enumerate(parsed.listings, 1):
            for name in count.take(listing):
                count.without[name] = example_of(response, f"no {name} in {listing.item_id}")
            listing = replace(
                listing,
                source=self.name,
                query=trip.query,
                rank=self._rank(trip, parsed, index),
                observed_at=now,
            )
            self.on_listing(listing, response.meta.get(SEALED))
            yield listing

    def _rank(self, trip: Trip, parsed: ParsedPage, index: int) -> int | None:
        if not self.is_search:
            return None
        return trip.rank if trip.rank is not None else (trip.page - 1) * len(parsed.listings) + index

    def _follow(self, parsed: ParsedPage, trip: Trip, count: Count) -> Iterator[Request]:
        first = count.found
        known = self.stored_already(filter(None, map(self.item_id_of, parsed.links))) if parsed.links else set()
        for link in parsed.links:
            count.found += 1
            if self.item_id_of(link) in known:
                count.seen += 1
                count.unchanged += 1
                self._stat("stored_already")
                continue
            yield self.request_item(link, trip.query, trip.page, count.found)
        if parsed.announced or (parsed.announced == 0 and trip.page == 1):  # behind the end some announce nothing
            count.announced = parsed.announced
        if trip.rank is not None:
            return
        if parsed.next_url and trip.page < self.max_pages and (count.found > first or parsed.listings):
            yield self.request_page(parsed.next_url, trip.query, trip.page + 1)
        elif parsed.next_url or (
            count.announced is not None and max(count.found, count.seen + count.repeated) < count.announced
        ):
            count.cut_off = True

    # --- refusals and losses ---

    def _blocked(self, response: Response, trip: Trip, count: Count, error: BlockedError) -> Iterator[Request]:
        kind = BlockKind(error.kind)
        if kind is BlockKind.FUZZY:
            count.pages_answered += 1
            count.announced = 0
            count.note("no exact match: other goods were shown and not counted")
            self._strikes = 0
            return
        if kind is BlockKind.EMPTY_SHELL and self.renders and not response.meta.get("playwright"):
            yield self._rendering(response, trip)
            return
        said = f" ({error.detail[:250]})" if error.detail else ""
        count.block(kind, f"{kind.value}: {response.url}{said}")
        count.example = count.example or example_of(response, kind.value)
        self.refused_at = self.refused_at or response.meta.get("redirect_urls", [response.url])[0]
        self._stat(f"blocked/{kind.value}")
        self.logger.warning("%s at %s (query %r)%s", kind.value, response.url, trip.query, said)
        self._strike(kind, response.url)

    def _strike(self, kind: BlockKind, url: str) -> None:
        """Take note of a refusal, and ask no more when it is one too many."""
        self._strikes += 1
        if kind in self.ends_it or self._strikes >= STRIKES:
            self._stop(kind)

    def refusal_at(self, address: str) -> BlockKind | None:
        """How an address must not be asked any more: the whole source has refused."""
        return self.refused

    def _rendering(self, response: Response, trip: Trip) -> Request:
        self._stat("rendered")
        original = response.request
        assert original is not None
        self.ledger[trip.query].waiting += 1
        meta = {TRIP: replace(trip, again=True), SHELL: example_of(response, "empty without JavaScript")}
        return rendered(original.replace(meta=meta, dont_filter=True, priority=5))

    def lose(self, failure: Failure) -> Iterator[Request]:
        """Errback: a request that got no response."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it on every failure
        trip: Trip = request.meta[TRIP]
        error = failure.value
        if isinstance(error, NotAskedError):
            self._not_asked(trip, str(error), request.url)
            return iter(())
        count = self._asked(trip)
        if isinstance(error, DiskFullError):
            count.note(str(error))
            log.error("%s", error, extra=trouble(Trouble.FULL))
            raise CloseSpider("disk_full")
        if isinstance(error, NoRobotsError):
            count.block(BlockKind.UNAVAILABLE, f"{error}: {request.url}")
            self._stat("blocked/unavailable")
            return iter(())
        if isinstance(error, IgnoreRequest) and "robots" in str(error):
            count.block(BlockKind.ROBOTS, f"robots.txt forbids {request.url}")
            self._stat("blocked/robots")
            return iter(())
        why = self._why_lost(error, request)
        shell: Example | None = request.meta.get(SHELL)
        count.example = count.example or (shell and replace(shell, why=why[:200]))
        self._lost(count, trip, why, str(error))
        return iter(())

    def _lost(self, count: Count, trip: Trip, why: str, error: str = "") -> None:
        count.note(why)
        if trip.rank is not None:
            self._count_loss(count)
        self._stat("lost")
        self.logger.warning("no answer: %s (%s)", why, error)

    @staticmethod
    def _count_loss(count: Count) -> None:
        """A good that was found or reported, and whose own page could not be had."""
        count.seen += 1
        count.failed += 1

    def _why_lost(self, error: BaseException | None, request: Request) -> str:
        if isinstance(error, RefusedRedirectError):
            return str(error)
        if isinstance(error, ForbiddenAddressError):
            is_led = bool(request.meta.get("redirect_urls"))
            return refused_private(request.url) if is_led else f"{PRIVATE}: {request.url}"
        if isinstance(error, DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(error):
            return f"body larger than {self.settings.getint('DOWNLOAD_MAXSIZE') >> 20} MiB: {request.url}"
        if request.meta.get(BEGUN) and isinstance(error, DownloadTimeoutError):
            return f"body without an end in {self.settings.getint('DOWNLOAD_TIMEOUT')} s: {request.url}"
        if request.meta.get("playwright"):
            said = str(error).strip().splitlines()
            return f"Chromium: {said[0][:120] if said else type(error).__name__}: {request.url}"
        return f"{type(error).__name__}: {request.url}"

    def _not_asked(self, trip: Trip, why: str, url: str) -> None:
        """A request that was held back. While the source refuses it stays waiting, and is recorded as refused at the end."""
        self._stat("not_asked")
        if self.refusal_at(url) is None:
            count = self.ledger[trip.query]
            count.waiting -= 1
            count.cut_off = True
            count.over_budget += 1
            count.note(why)

    def _stop(self, kind: BlockKind) -> NoReturn:
        self.refused = kind
        raise CloseSpider("blocked")

    def close_ledger(self, reason: str) -> None:
        """Mark every query that was left unfinished, so that no gap stays silent. Called once, at the end."""
        for query in self.queries:
            count = self.ledger[query]
            if count.same_as or (count.pages_asked and not count.waiting):
                continue
            left = f"{count.waiting} pages not asked" if count.pages_asked else "not asked"
            if (refusal := self.refusal_at(query)) is not None:
                count.block(refusal, f"{left}: {self.refused_why}")
            else:
                count.cut_off = True
                count.note(f"{left}: ended by {reason}")

    def _stat(self, name: str) -> None:
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value(f"gimonitor/source/{name}")


def example_of(response: Response, why: str) -> Example | None:
    """Where a response that is no answer lies sealed; None where nothing is recorded."""
    return example_at(response.meta.get(SEALED), why)


def example_at(sealed: Sealed | None, why: str) -> Example | None:
    """A sealed response as an example."""
    if sealed is None:
        return None
    place = {name: getattr(sealed, name) for name in ("url", "file", "offset", "length", "sha256")}
    return Example(why=why[:200], **place)


def text_of(response: Response) -> str:
    """The text of a response, "" for bytes that are no text."""
    return response.text if isinstance(response, TextResponse) else ""
