"""The second pass: pictures and shop pages of listings that screening asks for, under the same politeness as everything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scrapy.http import Request, Response

from gimonitor.crawling.hosts import domain_of
from gimonitor.crawling.ledger import Count
from gimonitor.crawling.source import SEALED, TRIP, SourceSpider, Trip
from gimonitor.errors import ConfigurationError
from gimonitor.evidence.sealed import Sealed
from gimonitor.model.run import BlockKind
from gimonitor.parsing.capture import media_of
from gimonitor.store.wanted import Wanted

MAX_BYTES = 10 << 20
UNSEALED = "gimonitor_secret"  # a picture is kept as a file under its own digest, not in the archive as well
_GONE = frozenset({404, 410})
_REFUSALS = {
    401: BlockKind.LOGIN,
    403: BlockKind.FORBIDDEN,
    429: BlockKind.RATE_LIMIT,
    503: BlockKind.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came for a listing: a picture's bytes, or the sealed response of its shop's page."""

    wanted: Wanted
    url: str
    at: datetime
    body: bytes = b""
    sealed: Sealed | None = None


class PictureSource(SourceSpider):
    """A query is the number of a stored listing. `load` tells what to ask for some of them, `keep` stores what came and says
    whether it is new; the session gives both."""

    is_page = False
    advice = "-a query=12,15 (numbers of stored listings); `gimonitor run pictures` asks for all that screening wants"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.load: Callable[[list[int]], Mapping[int, Wanted]] = lambda numbers: {}
        self.keep: Callable[[Fetched], bool] = lambda fetched: False
        self._wanted: dict[str, Wanted] = {}
        self._users: dict[str, list[str]] = defaultdict(list)

    @property
    def allowed_domains(self) -> list[str]:
        """The hosts of what is wanted."""
        return list(dict.fromkeys(domain_of(url) for url in self._users))

    def check_ready(self, contact: str, is_loopback: Callable[[str], bool]) -> None:
        """Load what is wanted. Also raises ConfigurationError where nothing is."""
        numbers = {query: int(query) for query in self.queries if query.isdigit()}
        found = self.load(list(numbers.values()))
        self._wanted = {query: found[number] for query, number in numbers.items() if number in found}
        for query, wanted in self._wanted.items():
            for url in (*wanted.images, wanted.shop_url):
                if url:
                    self._users[url].append(query)
        if not self._users:
            raise ConfigurationError(f"{self.name}: no picture is wanted; by hand: {self.advice}")
        super().check_ready(contact, is_loopback)

    def ask(self, query: str) -> Iterator[Request]:
        """The pictures, then the shop's page; what an earlier listing of this crawl asks for already comes to both."""
        wanted = self._wanted.get(query)
        if wanted is None:
            self.ledger[query].pages_asked = self.ledger[query].pages_answered = 1  # nothing is left to ask
            return
        for rank, url in enumerate(wanted.images, 1):
            if self._users[url][0] == query:
                yield self.request_item(url, query, rank=rank, meta={UNSEALED: True})
        if wanted.shop_url and self._users[wanted.shop_url][0] == query:
            yield self.request_item(wanted.shop_url, query, rank=0)

    def receive(self, response: Response) -> Iterator[Any]:
        """Keep what came, for every listing that shows it."""
        trip: Trip = response.meta[TRIP]
        count = self._asked(trip)
        refusal = _REFUSALS.get(response.status)
        if refusal is not None:
            count.block(refusal, f"{refusal.value}: {response.url}")
            self._stat(f"blocked/{refusal.value}")
            return
        yield from ()
        count.pages_answered += 1
        if response.status in _GONE:
            count.note(f"gone: {response.url}")
            self._stat("gone")
            return
        why = self._unusable(trip, response)
        if why:
            count.seen += 1
            count.rejected += 1
            count.note(f"{why}: {response.url}")
            self._stat("unusable")
            return
        asked = self._wanted[trip.query]
        url = asked.shop_url if trip.rank == 0 else asked.images[(trip.rank or 1) - 1]
        for query in self._users[url]:
            self._take(self.ledger[query], query, url, response, is_first=query == trip.query)

    def _unusable(self, trip: Trip, response: Response) -> str:
        if response.status != 200:
            return f"status {response.status}"
        if trip.rank == 0:
            return ""
        if len(response.body) > MAX_BYTES:
            return f"{len(response.body)} bytes"
        return "" if media_of(response.body[:32]) == "picture" else "no picture"

    def _take(self, count: Count, query: str, url: str, response: Response, *, is_first: bool) -> None:
        sealed: Sealed | None = response.meta.get(SEALED)
        fetched = Fetched(
            wanted=self._wanted[query],
            url=url,
            at=datetime.now(UTC),
            body=b"" if sealed else response.body,
            sealed=sealed,
        )
        is_new = self.keep(fetched)
        count.seen += 1
        count.stored += is_new
        count.unchanged += not is_new
        if not is_first:
            count.pages_asked += 1
            count.pages_answered += 1
