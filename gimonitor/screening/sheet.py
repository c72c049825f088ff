"""A listing laid out for matching: all its texts folded at once, and the way back to field and raw place."""

from __future__ import annotations

import re
from bisect import bisect_right
from codecs import utf_16_le_decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from gimonitor.model.finding import Place
from gimonitor.model.listing import Field, Listing
from gimonitor.text.lazy import lazy
from gimonitor.text.normalise import BREAK, Folded, fold

_CLAUSE_END = re.compile(r"[，。；！？!?;\n|\uff5c\uffff]")

Part = tuple[Field, str, str]
"""Field, key and raw text."""


class Segment(NamedTuple):  # made for every text that is named: a tuple is built in a third of the time
    """One text of a listing: where it begins in the joined raw text, and its folded span."""

    field: Field
    key: str
    raw_start: int
    start: int
    end: int


@dataclass(frozen=True)
class Sheet:
    """All texts of a listing, joined by breaks. Positions are folded ones unless a name says raw.

    First come the loud texts; from the part `quiet` on, those in which a place alone says nothing: brand, shop,
    description, attributes. `keywords` is the number of the first keyword, `attributes` that of the first attribute.
    """

    listing: Listing
    folded: Folded
    parts: list[Part]
    raw_starts: list[int]  # where each begins in the joined raw text, and where one more would
    starts: list[int]  # the same in the folded text
    keywords: int
    quiet: int
    attributes: int

    @lazy
    def text(self) -> str:
        """The folded texts, joined by breaks."""
        return self.folded.text

    @lazy
    def title(self) -> Segment | None:
        """The title; None where the listing has none."""
        return self.segment(0) if self.listing.title else None

    @lazy
    def title_text(self) -> str:
        """The folded title; empty where the listing has none."""
        return utf_16_le_decode(self.folded.units[: 2 * self.starts[1] - 2])[0] if self.listing.title else ""

    @lazy
    def loud_text(self) -> str:
        """The folded texts before the quiet ones."""
        return self.text[: self.starts[self.quiet]]

    @lazy
    def _made(self) -> dict[int, Segment]:
        return {}

    @property
    def segments(self) -> Iterator[Segment]:
        """Every text with its place."""
        return map(self.segment, range(len(self.parts)))

    def segment(self, number: int) -> Segment:
        """The text of a number, made when first asked for: most texts of most listings name nothing."""
        made = self._made.get(number)
        if made is None:
            field, key, _ = self.parts[number]
            starts = self.starts
            made = Segment(field, key, self.raw_starts[number], starts[number], starts[number + 1] - 1)
            self._made[number] = made
        return made

    def segment_at(self, position: int) -> Segment:
        """The segment that holds a folded position."""
        return self.segment(bisect_right(self.starts, position) - 1)

    def place(self, start: int, end: int) -> Place:
        """Where a folded span stands in its field, exactly as shown."""
        segment = self.segment_at(start)
        first, last = self.folded.place(start, end)
        raw = self.folded.raw[first:last]
        offset = segment.raw_start
        return Place(field=segment.field, start=first - offset, end=last - offset, text=raw, key=segment.key)

    def raw_place(self, start: int, end: int) -> Place:
        """Where a span of the joined raw text stands."""
        segment = self.segment(bisect_right(self.raw_starts, start) - 1)
        offset = segment.raw_start
        raw = self.folded.raw[start:end]
        return Place(field=segment.field, start=start - offset, end=end - offset, text=raw, key=segment.key)

    def before(self, start: int, width: int) -> str:
        """Folded text of the same clause before a position, at most `width` characters."""
        left = max(self.segment_at(start).start, start - width)
        if left >= start:
            return ""
        places = self.folded.places
        first = places.item(left)
        raw = self.folded.raw[first : places.item(start)]
        if _CLAUSE_END.search(raw):
            left += int(places[left:start].searchsorted(first + _last_end(raw)))
        return self.text[left:start]

    def after(self, end: int, width: int) -> str:
        """Folded text of the same clause after a position, at most `width` characters."""
        right = min(self.segment_at(end - 1).end, end + width)
        if right <= end:
            return ""
        places = self.folded.places
        cut = _CLAUSE_END.search(self.folded.raw, places.item(end - 1) + 1, places.item(right - 1) + 1)
        if cut:
            right = end + int(places[end:right].searchsorted(cut.start()))
        return self.text[end:right]

    @lazy
    def beside(self) -> str:
        """The folded subtitle and image text, joined by a break."""
        return self.text[self.starts[1 if self.listing.title else 0] : self.starts[self.keywords]]


class _Draft(NamedTuple):
    """A listing before it is laid out: its texts, the numbers of the first keyword, quiet text and attribute, and all it says."""

    parts: list[Part]
    keywords: int
    quiet: int
    attributes: int
    raw: str


@dataclass(frozen=True)
class Pile:
    """Several listings folded at once, which costs a third of folding each. Positions are those in all of them."""

    listings: Sequence[Listing]
    drafts: list[_Draft]
    folded: Folded
    raw_starts: list[int]  # of each listing, and of one more
    starts: list[int]  # the same, folded
    title_ends: list[int]
    quiet: list[int]  # where the quiet texts of each begin

    def title(self, number: int) -> str:
        """The folded title of a listing; empty where it has none."""
        return utf_16_le_decode(self.folded.units[2 * self.starts[number] : 2 * self.title_ends[number]])[0]

    def sheet(self, number: int) -> Sheet:
        """One of the listings laid out."""
        draft = self.drafts[number]
        folded = self.folded.part(draft.raw, self.raw_starts[number], self.starts[number], self.starts[number + 1] - 1)
        raw_starts = list(accumulate([len(text) + 1 for _, _, text in draft.parts], initial=0))
        starts = folded.starts(raw_starts)
        starts[-1] = len(folded.units) // 2 + 1
        listing = self.listings[number]
        return Sheet(listing, folded, draft.parts, raw_starts, starts, draft.keywords, draft.quiet, draft.attributes)


def lay_out(listing: Listing) -> Sheet:
    """Lay out one listing."""
    return pile_up((listing,)).sheet(0)


def pile_up(listings: Sequence[Listing]) -> Pile:
    """Fold the texts of several listings in one go."""
    drafts = [_draft(listing) for listing in listings]
    folded = fold(BREAK.join([draft.raw for draft in drafts]))
    raw_starts = list(accumulate([len(draft.raw) + 1 for draft in drafts], initial=0))
    ends = [start + len(listing.title) for start, listing in zip(raw_starts, listings, strict=False)]
    quiet = [
        start + sum([len(text) + 1 for _, _, text in draft.parts[: draft.quiet]])
        for start, draft in zip(raw_starts, drafts, strict=False)
    ]
    count = len(drafts)
    starts = folded.starts((*raw_starts, *ends, *quiet))
    starts[count] = len(folded.units) // 2 + 1
    return Pile(listings, drafts, folded, raw_starts, starts[: count + 1], starts[count + 1 : -count], starts[-count:])


def _draft(listing: Listing) -> _Draft:
    parts = _said(listing)
    keywords = len(parts)
    if listing.keywords:
        parts += [(Field.KEYWORDS, str(i), text) for i, text in enumerate(listing.keywords) if text]
    quiet = len(parts)
    parts += _told(listing)
    attributes = len(parts)
    if listing.attributes:
        parts += [(Field.ATTRIBUTES, name, text) for name, text in listing.attributes if text]
    return _Draft(parts, keywords, quiet, attributes, BREAK.join([text for _, _, text in parts]))


def _said(listing: Listing) -> list[Part]:
    parts: list[Part] = []
    if listing.title:
        parts.append((Field.TITLE, "", listing.title))
    if listing.subtitle:
        parts.append((Field.SUBTITLE, "", listing.subtitle))
    if listing.image_text:
        parts.append((Field.IMAGE_TEXT, "", listing.image_text))
    return parts


def _told(listing: Listing) -> list[Part]:
    parts: list[Part] = []
    if listing.brand:
        parts.append((Field.BRAND, "", listing.brand))
    if listing.shop and listing.shop.name:
        parts.append((Field.SHOP, "", listing.shop.name))
    if listing.description:
        parts.append((Field.DESCRIPTION, "", listing.description))
    return parts


def _last_end(raw: str) -> int:
    return max(m.end() for m in _CLAUSE_END.finditer(raw))
