"""Single links that somebody reported (12315, an association, a tip): each page is asked once, and nothing it leads to.

scrapy crawl link -a query=https://shop.example/item/1
`gimonitor listings add URL --from 12315` starts it with the source kept; the query is then `12315 https://shop.example/item/1`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scrapy.http import Request, Response

from gimonitor.crawling.hosts import domain_of
from gimonitor.crawling.ledger import Count
from gimonitor.crawling.source import SourceSpider, Trip
from gimonitor.model.listing import Listing
from gimonitor.parsing import ParsedPage


class LinkSpider(SourceSpider):
    """A query is an address, with who reported it before it: no host that the operator named, so none in the own network.

    The listing keeps who reported it as its source.
    """

    name = "link"
    renders = True
    is_search = False
    is_page = False  # the command asks for a capture by hand, whatever the reason
    advice = "-a query=https://shop.example/item/1"

    @property
    def allowed_domains(self) -> list[str]:
        """The hosts of the addresses."""
        return list(dict.fromkeys(domain_of(address_of(query)) for query in self.queries))

    def ask(self, query: str) -> Iterator[Request]:
        """The address itself, as the page of a good."""
        yield self.request_item(address_of(query), query, rank=1)

    def _listings(self, parsed: ParsedPage, response: Response, trip: Trip, count: Count) -> Iterator[Listing]:
        for listing in super()._listings(parsed, response, trip, count):
            yield replace(listing, source=trip.query.rpartition(" ")[0] or self.name)

    def _follow(self, parsed: ParsedPage, trip: Trip, count: Count) -> Iterator[Any]:
        yield from ()


def address_of(query: str) -> str:
    """The address in a query."""
    return query.rpartition(" ")[2]
