"""Single links that somebody reported (12315, an association, a tip): each page is asked once, and nothing it leads to.

scrapy crawl link -a query=https://shop.example/item/1
`gimonitor listings add URL --from 12315` starts it with the source kept; the query is then `12315 https://shop.example/item/1`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from gimonitor.crawling.hosts import domain_of, site_of
from gimonitor.crawling.ledger import Count
from gimonitor.crawling.source import TRIP, SourceSpider, Trip
from gimonitor.model.listing import Listing
from gimonitor.model.run import BlockKind
from gimonitor.parsing import ParsedPage


class LinkSpider(SourceSpider):
    """A query is an address, with who reported it before it: no host that the operator named, so none in the own network.

    The listing keeps who reported it as its source. A site that refuses is asked no more; the links to others are. Where two
    links lead to one page it is asked once, and the second is recorded as the same as the first.
    """

    name = "link"
    renders = True
    is_search = False
    is_page = False  # the command asks for a capture by hand, whatever the reason
    advice = "-a query=https://shop.example/item/1"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refusing: dict[str, BlockKind] = {}
        self._first: dict[bytes, str] = {}
        self.refused_why = "its site had refused another link"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """As every spider; it also notes which link led to a page first."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.request_scheduled, signal=signals.request_scheduled)
        return spider

    @property
    def allowed_domains(self) -> list[str]:
        """The hosts of the addresses."""
        return list(dict.fromkeys(domain_of(address_of(query)) for query in self.queries))

    def ask(self, query: str) -> Iterator[Request]:
        """The address itself, as the page of a good."""
        yield self.request_item(address_of(query), query, rank=1)

    def request_scheduled(self, request: Request) -> None:
        """Note the link that led to a page first."""
        if TRIP in request.meta:
            self._first.setdefault(self._mark(request), request.meta[TRIP].query)

    def request_dropped(self, request: Request) -> None:
        """The page was asked for another link already: what it gives is this link's too."""
        query = request.meta[TRIP].query if TRIP in request.meta else ""
        first = self._first.get(self._mark(request), query)
        super().request_dropped(request)
        if first != query:
            self.ledger[query].same_as = first

    def close_ledger(self, reason: str) -> None:
        """As every spider; what a page gave, or why not, is also told of the other links that led to it."""
        super().close_ledger(reason)
        ends = {query: self._end_of(query) for query in self.queries if self.ledger[query].same_as}
        for query, end in ends.items():
            count, first = self.ledger[query], self.ledger[end]
            count.same_as = end
            count.goods |= first.goods
            if end == query:
                count.same_as = ""
                self._lost(count, Trip(query, rank=1), f"links that lead to one another: {address_of(query)}")
            elif not first.goods:
                count.note(first.detail)

    def refusal_at(self, address: str) -> BlockKind | None:
        """How the site of an address, or of a query, has refused."""
        return self._refusing.get(_site_of(address_of(address)))

    def _strike(self, kind: BlockKind, url: str) -> None:
        if kind in self.ends_it:
            self._refusing[_site_of(url)] = kind

    def _end_of(self, query: str) -> str:
        """The query whose page a link's is in the end; the query itself where links lead in a ring."""
        end, passed = query, set[str]()
        while (following := self.ledger[end].same_as) and following not in passed:
            passed.add(following)
            end = following
        return query if self.ledger[end].same_as else end

    def _mark(self, request: Request) -> bytes:
        assert self.crawler.request_fingerprinter is not None
        return self.crawler.request_fingerprinter.fingerprint(request)

    def _listings(self, parsed: ParsedPage, response: Response, trip: Trip, count: Count) -> Iterator[Listing]:
        for listing in super()._listings(parsed, response, trip, count):
            count.goods[listing.key] = None
            yield replace(listing, source=trip.query.rpartition(" ")[0] or self.name)

    def _follow(self, parsed: ParsedPage, trip: Trip, count: Count) -> Iterator[Any]:
        yield from ()


def address_of(query: str) -> str:
    """The address in a query."""
    return query.rpartition(" ")[2]


def _site_of(url: str) -> str:
    return site_of(urlsplit(url).hostname or "")
