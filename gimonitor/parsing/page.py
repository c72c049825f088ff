"""A saved page and what a parser made of it; which parser takes which page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape

from parsel import Selector

from gimonitor.errors import BlockedError, InputError
from gimonitor.model.listing import Listing
from gimonitor.model.run import BlockKind
from gimonitor.parsing.charset import decode_page
from gimonitor.parsing.classify import classify
from gimonitor.parsing.markup import check_markup
from gimonitor.parsing.personal import without_people
from gimonitor.parsing.platform import platform_of
from gimonitor.parsing.values import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """What a page gives. `links` lead to pages of single goods, `next_url` to the next page of results.

    `parser` is `name@version`, "" when none took the page; `announced` the number of results the source claims;
    `missing` names the fields that at least one listing lacks; `notes` say what was odd (a lying charset, cut text).
    `is_search`: the listings are answers to a search, in its order. Each item is listed once; `repeated` counts what else was
    said of the same ones.
    """

    listings: tuple[Listing, ...] = ()
    links: tuple[str, ...] = ()
    next_url: str = ""
    parser: str = ""
    announced: int | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_search: bool = False
    repeated: int = 0


class Page:
    """A page being read: its text, and its mark-up or JSON when somebody asks for it."""

    def __init__(self, text: str, url: str, platform: str = "", content_type: str = "") -> None:
        self.text = text
        self.url = url
        self.platform = platform
        self.content_type = content_type

    @cached_property
    def html(self) -> Selector:
        """The parsed mark-up."""
        return Selector(text=self.text or "<html/>", base_url=self.url)

    def meta(self, name: str) -> str:
        """What `<meta name=…>` states (`name` in small letters), "" where there is none."""
        stated = (tag.attrib for tag in self.html.css("meta[name][content]"))
        return next((clean(unescape(one["content"])) for one in stated if one["name"].lower() == name), "")

    @cached_property
    def is_json(self) -> bool:
        """True when the text is a JSON document."""
        return self.text.lstrip()[:1] in ("{", "[")

    @cached_property
    def json(self) -> object:
        """The JSON document, read leniently: control characters in strings and blanks around keys are common in captures.

        Raises InputError when it is broken.
        """
        try:
            return json.loads(self.text, strict=False, object_pairs_hook=_stripped)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{self.url or 'page'}: broken JSON: {error}") from error


def _stripped(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {key.strip(): value for key, value in pairs}


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser of one kind of page: `takes` says cheaply whether the page is of its kind, `read` makes the values.

    `gives` names, with blanks between, the fields it looks for in each listing; what it did not find is the listing's
    `missing`. They are called as in `Listing`, but for price and images, and subject for who stands behind the shop.
    `is_search`: its pages answer a search, so that a place on them is a rank.
    """

    name: str
    version: int
    takes: Callable[[Page], bool]
    read: Callable[[Page], ParsedPage]
    gives: str = ""
    is_search: bool = False

    @property
    def label(self) -> str:
        """`name@version`, as recorded with each listing."""
        return f"{self.name}@{self.version}"


def parse_page(body: bytes, url: str, content_type: str = "", platform: str = "", status: int = 200) -> ParsedPage:
    """Read a page with the first parser that takes it; listings name the parser and the fields they lack.

    A page of no known kind gives an empty ParsedPage with parser "". Text is never a reason to raise.

    Raises:
        BlockedError: the page is no answer (login, challenge, refusal, fuzzy results, empty shell).
        InputError: the mark-up is built to stop a parser, or JSON is broken.
    """
    check_markup(body)
    decoded = decode_page(body, content_type)
    platform = platform or platform_of(url)
    kind = classify(decoded.text, url, status, platform)
    if kind is not None and kind is not BlockKind.EMPTY_SHELL:
        raise BlockedError(kind.value, url)
    notes = []
    if decoded.is_lying:
        notes.append(f"declared as {decoded.declared}, read as {decoded.encoding}")
    if decoded.damaged:
        notes.append(f"{decoded.damaged:.2%} of the characters could not be read")
    if "json" in content_type.lower() and decoded.text.lstrip().startswith("<"):
        notes.append(f"sent as {content_type[:60]}, but it is mark-up")
    parsed = _read(Page(decoded.text, url, platform, content_type))
    if kind is not None and not parsed.listings and not parsed.links:
        raise BlockedError(kind.value, url)
    return _labelled(parsed, tuple(notes))


def _read(page: Page) -> ParsedPage:
    from gimonitor.parsing.parsers import PARSERS

    notes: list[str] = []
    for parser in PARSERS:
        if parser.takes(page):
            parsed = parser.read(page)
            if parsed.listings or parsed.links or parsed.announced is not None:
                return _with(parsed, parser)
            notes.extend(parsed.notes)
    return ParsedPage(notes=tuple(notes))


def _with(parsed: ParsedPage, parser: Parser) -> ParsedPage:
    listings = tuple(
        without_people(replace(one, parser=parser.label, missing=not_found(one, parser.gives.split())))
        for one in told_apart(parsed.listings)
    )
    repeated = len(parsed.listings) - len(listings)
    notes = (*parsed.notes, f"goods that stand there more than once: {repeated}") if repeated else parsed.notes
    return replace(
        parsed,
        listings=listings,
        parser=parser.label,
        is_search=parser.is_search,
        repeated=repeated,
        notes=notes,
    )


def told_apart(listings: Iterable[Listing]) -> tuple[Listing, ...]:
    """One listing of each item, in their order: the first that has a price, so that one answer always gives the same."""
    kept: dict[tuple[str, str], Listing] = {}
    for one in listings:
        if one.key not in kept or (kept[one.key].price_fen is None and one.price_fen is not None):
            kept[one.key] = one
    return tuple(kept.values())


def not_found(listing: Listing, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of some fields, by the names that `Parser.gives` uses, that a listing does not have."""
    shop = listing.shop
    own = {
        "price": listing.price_fen,
        "images": listing.image_urls,
        "shop": shop and shop.name,
        "subject": shop and shop.subject,
    }
    return tuple(name for name in wanted if (own[name] if name in own else getattr(listing, name)) in (None, "", ()))


def _labelled(parsed: ParsedPage, notes: tuple[str, ...]) -> ParsedPage:
    missing = tuple(sorted({field for one in parsed.listings for field in one.missing}))
    return replace(parsed, missing=missing, notes=parsed.notes + notes)
