"""A listing laid out for matching: all its texts folded at once, and the way back to field and raw place."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from gimonitor.model.finding import Place
from gimonitor.model.listing import Field, Listing
from gimonitor.text.normalise import BREAK, Folded, fold

_QUIET = frozenset({Field.DESCRIPTION, Field.ATTRIBUTES, Field.SHOP, Field.BRAND})
_CLAUSE_END = re.compile(r"[，。；！？!?;\n|\uff5c\uffff]")


class Segment(NamedTuple):  # made for every text of every listing: a tuple is built in a third of the time
    """One text of a listing: where it begins in the joined raw text, and its folded span."""

    field: Field
    key: str
    raw_start: int
    start: int
    end: int


@dataclass(frozen=True)
class Sheet:
    """All texts of a listing, joined by breaks. Positions are folded ones unless a name says raw."""

    listing: Listing
    folded: Folded
    parts: tuple[tuple[Field, str, str], ...]  # field, key and raw text of each segment
    raw_starts: list[int]  # where each begins in the joined raw text, and where one more would
    starts: list[int]  # the same in the folded text
    title: Segment | None  # None where the listing has no title
    text: str  # the folded texts, joined by breaks

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Every text with its place; made when first asked for, since most listings name nothing."""
        if not self.parts:
            return ()
        fields, keys, _ = zip(*self.parts, strict=True)
        ends = [start - 1 for start in self.starts[1:]]
        made = list(map(Segment, fields, keys, self.raw_starts, self.starts, ends))
        if self.title:
            made[0] = self.title  # told apart by identity
        return tuple(made)

    def is_quiet(self, position: int) -> bool:
        """True in texts where a place alone says nothing: descriptions, attributes, the shop."""
        return self.parts[bisect_right(self.starts, position) - 1][0] in _QUIET

    def segment_at(self, position: int) -> Segment:
        """The segment that holds a folded position."""
        return self.segments[bisect_right(self.starts, position) - 1]

    def place(self, start: int, end: int) -> Place:
        """Where a folded span stands in its field, exactly as shown."""
        segment = self.segment_at(start)
        first, last = self.folded.place(start, end)
        raw = self.folded.raw[first:last]
        offset = segment.raw_start
        return Place(field=segment.field, start=first - offset, end=last - offset, text=raw, key=segment.key)

    def before(self, start: int, width: int) -> str:
        """Folded text of the same clause before a position, at most `width` characters."""
        left = max(self.segment_at(start).start, start - width)
        if left >= start:
            return ""
        places = self.folded.places
        first = int(places[left])
        raw = self.folded.raw[first : int(places[start])]
        if _CLAUSE_END.search(raw):
            left += int(np.searchsorted(places[left:start], first + _last_end(raw)))
        return self.text[left:start]

    def after(self, end: int, width: int) -> str:
        """Folded text of the same clause after a position, at most `width` characters."""
        right = min(self.segment_at(end - 1).end, end + width)
        if right <= end:
            return ""
        places = self.folded.places
        origin = int(places[end - 1]) + 1
        cut = _CLAUSE_END.search(self.folded.raw, origin, int(places[right - 1]) + 1)
        if cut:
            right = end + int(np.searchsorted(places[end:right], cut.start()))
        return self.text[end:right]

    def texts_of(self, *fields: Field) -> str:
        """Folded texts of some fields, joined by breaks."""
        return BREAK.join(self.text[s.start : s.end] for s in self.segments if s.field in fields)


def lay_out(listing: Listing) -> Sheet:
    """Fold a listing's texts in one go."""
    parts = tuple(listing.texts())
    raw = BREAK.join([text for _, _, text in parts])
    folded = fold(raw)
    raw_starts = list(accumulate([len(text) + 1 for _, _, text in parts], initial=0))
    starts = folded.places.searchsorted(raw_starts).tolist()
    starts[-1] = len(folded.text) + 1
    title = Segment(Field.TITLE, "", 0, 0, starts[1] - 1) if parts and parts[0][0] is Field.TITLE else None
    return Sheet(listing, folded, parts, raw_starts, starts, title, folded.text)


def _last_end(raw: str) -> int:
    return max(m.end() for m in _CLAUSE_END.finditer(raw))
