"""Any shop whose pages carry product metadata (schema.org, OpenGraph): from a start page, or from its sitemap.

scrapy crawl shop -a start=https://shop.example/           pages linked from the start page
scrapy crawl shop -a sitemap=https://shop.example/sitemap.xml
scrapy crawl shop -a start=… -a allowed_domains=shop.example,img.example -a max_pages=200

A shop made with Shopify or WooCommerce is asked by its standard door (`products.json`, the Store API); where that is closed,
its pages are read like those of any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from scrapy.http import HtmlResponse, Request, Response, TextResponse, XmlResponse
from scrapy.linkextractors import LinkExtractor

from gimonitor.crawling.hosts import domain_of
from gimonitor.crawling.ledger import Count
from gimonitor.crawling.sitemap import INDEX, is_sitemap, read_sitemap
from gimonitor.crawling.source import TRIP, SourceSpider, Trip
from gimonitor.errors import BlockedError, InputError
from gimonitor.model.listing import Listing
from gimonitor.model.run import BlockKind
from gimonitor.parsing import ParsedPage

_DOORS = (
    (("cdn.shopify.com", "Shopify.theme", "Shopify.shop"), "/products.json?limit=250"),
    (("/wp-content/plugins/woocommerce", "woocommerce-page", "wc-block"), "/wp-json/wc/store/v1/products?per_page=100"),
)
_NOT_GOODS = re.compile(r"/(login|signin|cart|checkout|account|register|help|about|privacy|terms)\b", re.IGNORECASE)


class ShopSpider(SourceSpider):
    """A query of this source is an address: a page to begin at, or a sitemap (`…/sitemap.xml`)."""

    name = "shop"
    renders = True
    is_search = False
    advice = "-a start=https://shop.example/ or -a sitemap=https://shop.example/sitemap.xml; for every night: GIMONITOR_SHOP_URLS"

    def __init__(
        self,
        *args: Any,
        start: str = "",
        sitemap: str = "",
        allowed_domains: str = "",
        max_pages: str = "500",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.queries = self.queries or tuple(address for address in (start, sitemap) if address)
        self._domains = [part.strip() for part in allowed_domains.split(",") if part.strip()]
        self._budget = int(max_pages)
        self._links = LinkExtractor(deny=_NOT_GOODS)
        self._doors: dict[str, str] = {}
        self._sitemaps: set[str] = set()

    @property
    def allowed_domains(self) -> list[str]:
        """The hosts of the addresses, unless others were given."""
        return self._domains or list(dict.fromkeys(domain_of(address) for address in self.queries))

    @property
    def named_hosts(self) -> list[str]:
        """What it was started with."""
        return list(self.allowed_domains)

    def ask(self, query: str) -> Iterator[Request]:
        """The address itself."""
        yield self.request_page(query, query)

    def read(self, response: Response) -> ParsedPage:
        """Products of the page. Links to follow are added to a page of the first query's site."""
        if is_sitemap(response):
            found = read_sitemap(response, self.allowed_domains)
            asked = self._within_budget(found.links)
            self._sitemaps.update(asked if found.parser == INDEX else ())
            return replace(found, links=asked)
        if response.url in self._sitemaps:
            raise InputError(f"{response.url}: no sitemap, though an index names it as one")
        trip: Trip = response.meta[TRIP]
        if response.url == self._doors.get(trip.query):
            return self._read_door(response)
        parsed, refusal = self._read_page(response)
        if trip.rank is not None or parsed.parser or not isinstance(response, HtmlResponse | XmlResponse):
            if refusal:
                raise refusal
            return parsed
        door = door_of(response)
        if door and trip.query not in self._doors:
            self._doors[trip.query] = door
            return ParsedPage(next_url=door, parser="door@1", notes=parsed.notes)
        is_made = refusal is None or response.meta.get("playwright")
        links = [link.url for link in self._links.extract_links(response)] if is_made else []
        if refusal and not links:
            raise refusal
        return ParsedPage(links=self._within_budget(links), parser="links@1", notes=parsed.notes) if links else parsed

    def _read_page(self, response: Response) -> tuple[ParsedPage, BlockedError | None]:
        """A page with little to read may still show a door or, made by its script, links: it is said to be a shell beside it."""
        try:
            return super().read(response), None
        except BlockedError as error:
            if error.kind != BlockKind.EMPTY_SHELL.value:
                raise
            return ParsedPage(), error

    def _read_door(self, response: Response) -> ParsedPage:
        """The first page behind the standard door; a door that nobody can read is none."""
        try:
            parsed = super().read(response)
        except InputError as error:
            parsed = ParsedPage(notes=(str(error)[:200],))
        if parsed.parser:
            return parsed
        why = f"the standard door could not be read, its pages were: {response.url}"
        return ParsedPage(parser="no_door@1", notes=(why, *parsed.notes))

    def _follow(self, parsed: ParsedPage, trip: Trip, count: Count) -> Iterator[Request]:
        if parsed.parser == "door@1":
            yield self.request_page(parsed.next_url, trip.query, trip.page)
            return
        if parsed.parser == "no_door@1":
            count.pages_answered -= 1
            yield from self._without_door(trip)
            return
        yield from super()._follow(parsed, trip, count)

    def _blocked(self, response: Response, trip: Trip, count: Count, error: BlockedError) -> Iterator[Request]:
        """A standard door that is locked is no refusal of the shop, nor is a linked page that stays empty in Chromium."""
        if response.url == self._doors.get(trip.query) and response.status in (401, 403):
            yield from self._without_door(trip)
            return
        is_empty = error.kind == BlockKind.EMPTY_SHELL.value and response.meta.get("playwright")
        if is_empty and trip.rank is not None:
            count.note(f"empty even with JavaScript: {response.url}")
            self._stat("no_product")
            return
        yield from super()._blocked(response, trip, count, error)

    def _without_door(self, trip: Trip) -> Iterator[Request]:
        """The start page once more, for its links: its answer counts for the door."""
        self._stat("door_closed")
        yield self.request_page(trip.query, trip.query, trip.page, again=True)

    def receive(self, response: Response) -> Iterator[Listing | Request]:
        """As the base; a linked page without a product is no loss: shops link to more than goods."""
        trip: Trip = response.meta[TRIP]
        if response.status in (404, 410) and response.url == self._doors.get(trip.query):
            self._asked(trip)
            yield from self._without_door(trip)
            return
        yield from super().receive(response)

    def _unreadable(self, count: Count, trip: Trip, why: str, response: Response) -> None:
        if why.startswith("no listing: "):
            self._stat("no_product")
            return
        super()._unreadable(count, trip, why, response)

    def _within_budget(self, links: Sequence[str]) -> tuple[str, ...]:
        allowed = tuple(dict.fromkeys(links))[: max(0, self._budget)]
        self._budget -= len(allowed)
        if len(allowed) < len(links):
            self._stat("over_budget")
        return allowed


def door_of(response: TextResponse) -> str:
    """The address of the shop's standard door, when its page shows by what it was made; "" otherwise."""
    return next((response.urljoin(path) for signs, path in _DOORS if any(sign in response.text for sign in signs)), "")
