"""A listing laid out for matching: all its texts folded at once, and the way back to field and raw place."""

from __future__ import annotations

import re
from bisect import bisect_right
from codecs import utf_16_le_decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from gimonitor.model.finding import Place
from gimonitor.model.listing import Field, Listing
from gimonitor.text.lazy import lazy
from gimonitor.text.normalise import BREAK, Folded, fold

_CLAUSE_END = re.compile(r"[，。；！？!?;\n|\uff5c\uffff]")

Part = tuple[Field, str, str]
"""Field, key and raw text."""

_TITLE, _SUBTITLE, _ATTRIBUTES, _DESCRIPTION, _KEYWORDS, _SHOP, _BRAND, _IMAGE_TEXT = (
    Field  # a look-up each costs a call
)
_RAW, _TEXT = itemgetter(2), itemgetter(1)
_BLANK: list[Part] = [(_TITLE, "", "")]


class Segment(NamedTuple):  # made for every text that is named: a tuple is built in a third of the time
    """One text of a listing: where it begins in the joined raw text, and its folded span."""

    field: Field
    key: str
    raw_start: int
    start: int
    end: int


@dataclass(eq=False)  # not frozen: made for every listing that names something, and filled in a third of the time
class Sheet:
    """All texts of a listing, joined by breaks. Positions are folded ones unless a name says raw.

    First come the loud texts; from the part `quiet` on, those in which a place alone says nothing: brand, shop,
    description, attributes. `keywords` is the number of the first keyword, `attributes` that of the first attribute.
    Keywords and attributes stand in the order of their text: nothing hangs on the one in which they are given.
    """

    listing: Listing
    folded: Folded
    parts: list[Part]
    first: int  # the number of its first text among those of the pile
    raw_starts: list[int]  # of each text of the pile, and of one more
    starts: list[int]  # the same, folded
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
        return utf_16_le_decode(self.folded.units[: 2 * self._start(1) - 2])[0] if self.listing.title else ""

    @lazy
    def keys(self) -> tuple[str, ...]:
        """The names of the attributes, in their order."""
        return tuple([key for _, key, _ in self.parts[self.attributes :]])

    @lazy
    def description(self) -> Segment | None:
        """The description; None where the listing has none."""
        return self.segment(self.attributes - 1) if self.listing.description else None

    def _start(self, number: int) -> int:
        """Where a text begins, or one more would."""
        return self.starts[self.first + number] - self.folded.start

    @lazy
    def _made(self) -> dict[int, Segment]:
        return {}

    @lazy
    def told(self) -> dict[str, bool]:
        """Of names that were asked for: whether the stated ingredients list them among others."""
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
            at, starts, folded = self.first + number, self.starts, self.folded
            start, end = starts[at] - folded.start, starts[at + 1] - folded.start - 1
            made = self._made[number] = Segment(field, key, self.raw_starts[at] - folded.raw_start, start, end)
        return made

    def segment_at(self, position: int) -> Segment:
        """The segment that holds a folded position."""
        return self.segment(bisect_right(self.starts, position + self.folded.start, self.first) - 1 - self.first)

    def place(self, start: int, end: int) -> Place:
        """Where a folded span stands in its field, exactly as shown."""
        segment = self.segment_at(start)
        first, last = self.folded.place(start, end)
        raw = self.folded.raw[first:last]
        offset = segment.raw_start
        return Place(field=segment.field, start=first - offset, end=last - offset, text=raw, key=segment.key)

    def raw_place(self, start: int, end: int) -> Place:
        """Where a span of the joined raw text stands."""
        number = bisect_right(self.raw_starts, start + self.folded.raw_start, self.first) - 1 - self.first
        segment = self.segment(number)
        offset = segment.raw_start
        raw = self.folded.raw[start:end]
        return Place(field=segment.field, start=start - offset, end=end - offset, text=raw, key=segment.key)

    def is_parted(self, position: int) -> bool:
        """True where a sign or a blank stands right before a folded character."""
        return self.folded.raw_at(position) - self.folded.raw_at(position - 1) > 1

    def unparted(self, start: int, end: int, width: int) -> tuple[int, int]:
        """A folded span made wider on both sides, by at most `width` characters, up to a sign or a blank."""
        segment = self.segment_at(start)
        left, right = start, end
        while left > max(segment.start, start - width) and not self.is_parted(left):
            left -= 1
        while right < min(segment.end, end + width) and not self.is_parted(right):
            right += 1
        return left, right

    def before(self, start: int, width: int) -> str:
        """Folded text of the same clause before a position, at most `width` characters."""
        left = max(self.segment_at(start).start, start - width)
        if left >= start:
            return ""
        first = self.folded.raw_at(left)
        raw = self.folded.raw[first : self.folded.raw_at(start)]
        if _CLAUSE_END.search(raw):
            left = self.folded.folded_at(first + _last_end(raw))
        return self.text[left:start]

    def after(self, end: int, width: int) -> str:
        """Folded text of the same clause after a position, at most `width` characters."""
        right = min(self.segment_at(end - 1).end, end + width)
        if right <= end:
            return ""
        folded = self.folded
        cut = _CLAUSE_END.search(folded.raw, folded.raw_at(end - 1) + 1, folded.raw_at(right - 1) + 1)
        if cut:
            right = folded.folded_at(cut.start())
        return self.text[end:right]

    @lazy
    def beside(self) -> str:
        """The folded subtitle and image text, joined by a break."""
        return self.text[self._start(1 if self.listing.title else 0) : self._start(self.keywords)]


class _Draft(NamedTuple):
    """A listing before it is laid out: its texts, and the numbers of the first keyword, quiet text and attribute."""

    parts: list[Part]
    keywords: int
    quiet: int
    attributes: int


@dataclass(frozen=True)
class Pile:
    """Several listings folded at once, which costs a third of folding each. Positions are those in all of them.

    Texts are counted through: `numbers` is the first of each listing, and of one more. A listing without any has one
    that is empty.
    """

    listings: Sequence[Listing]
    drafts: list[_Draft]
    folded: Folded
    numbers: list[int]
    raw_starts: list[int]  # of each text, and of one more
    starts: list[int]  # the same, folded

    def start(self, number: int) -> int:
        """Where a listing begins, or one more would."""
        return self.starts[self.numbers[number]]

    def begins(self) -> list[int]:
        """Where each listing begins, and where one more would."""
        return [self.starts[number] for number in self.numbers]

    def loud(self) -> tuple[bytes, list[int]]:
        """Units of the loud texts of all listings, one after another, and where those of each listing begin and one more's would."""
        units, starts = self.folded.units, self.starts
        spans = [(starts[n], starts[n + draft.quiet]) for n, draft in zip(self.numbers, self.drafts, strict=False)]
        loud = b"".join([units[2 * start : 2 * end] for start, end in spans])
        return loud, [*accumulate([end - start for start, end in spans], initial=0)]

    def keywords(self, number: int) -> int:
        """Where the keywords of a listing begin, within it."""
        return self.starts[self.numbers[number] + self.drafts[number].keywords] - self.start(number)

    def title(self, number: int) -> str:
        """The folded title of a listing; empty where it has none."""
        first = self.numbers[number]
        return self._text(self.starts[first], self.starts[first + 1] - 1) if self.listings[number].title else ""

    def loud_text(self, number: int) -> str:
        """The folded texts of a listing before the quiet ones."""
        first = self.numbers[number]
        return self._text(self.starts[first], self.starts[first + self.drafts[number].quiet])

    def _text(self, start: int, end: int) -> str:
        return utf_16_le_decode(self.folded.units[2 * start : 2 * end])[0]

    def sheet(self, number: int) -> Sheet:
        """One of the listings laid out."""
        draft, first, last = self.drafts[number], self.numbers[number], self.numbers[number + 1]
        raw_start, start = self.raw_starts[first], self.starts[first]
        folded = self.folded.part(raw_start, self.raw_starts[last] - 1, start, self.starts[last] - 1)
        return Sheet(
            self.listings[number], folded, draft.parts, first, self.raw_starts, self.starts, draft.keywords, draft.quiet,
            draft.attributes,
        )  # fmt: skip


def lay_out(listing: Listing) -> Sheet:
    """Lay out one listing."""
    return pile_up((listing,)).sheet(0)


def pile_up(listings: Sequence[Listing]) -> Pile:
    """Fold the texts of several listings in one go."""
    drafts = [_draft(listing) for listing in listings]
    numbers = list(accumulate([len(draft.parts) or 1 for draft in drafts], initial=0))
    texts = [*map(_RAW, chain.from_iterable([draft.parts or _BLANK for draft in drafts]))]
    folded = fold(BREAK.join(texts))
    raw_starts = np.arange(len(texts) + 1)
    raw_starts[1:] += np.fromiter(map(len, texts), np.intp, len(texts)).cumsum()
    starts = folded.way.folded(raw_starts)
    starts[-1] = len(folded.units) // 2 + 1
    return Pile(listings, drafts, folded, numbers, raw_starts.tolist(), starts)


def _draft(listing: Listing) -> _Draft:
    shop = listing.shop
    parts: list[Part] = [(_TITLE, "", listing.title)] if listing.title else []
    if listing.subtitle:
        parts.append((_SUBTITLE, "", listing.subtitle))
    if listing.image_text:
        parts.append((_IMAGE_TEXT, "", listing.image_text))
    keywords = len(parts)
    parts += [(_KEYWORDS, str(i), text) for i, text in sorted(enumerate(listing.keywords), key=_TEXT) if text]
    quiet = len(parts)
    if listing.brand:
        parts.append((_BRAND, "", listing.brand))
    if shop and shop.name:
        parts.append((_SHOP, "", shop.name))
    if listing.description:
        parts.append((_DESCRIPTION, "", listing.description))
    attributes = len(parts)
    parts += [(_ATTRIBUTES, name, text) for name, text in sorted(listing.attributes) if text]
    return _Draft(parts, keywords, quiet, attributes)


def _last_end(raw: str) -> int:
    return max(m.end() for m in _CLAUSE_END.finditer(raw))
