"""A listing laid out for matching: all its texts folded at once, and the way back to field and raw place."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from gimonitor.model.finding import Place
from gimonitor.model.listing import Field, Listing
from gimonitor.text.normalise import BREAK, Folded, fold

_QUIET = frozenset({Field.DESCRIPTION, Field.ATTRIBUTES, Field.SHOP, Field.BRAND})
_CLAUSE_END = re.compile(r"[，。；！？!?;\n|\uff5c\uffff]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One text of a listing: where it begins in the joined raw text, and its folded span."""

    field: Field
    key: str
    raw_start: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """All texts of a listing, joined by breaks. Positions are folded ones unless a name says raw."""

    listing: Listing
    folded: Folded
    segments: tuple[Segment, ...]
    starts: tuple[int, ...]
    quiet: tuple[tuple[int, int], ...]  # spans in which a place alone says nothing: descriptions, attributes, the shop

    @property
    def text(self) -> str:
        """The folded texts, joined by breaks."""
        return self.folded.text

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
        cut = _last_end(self.folded.raw[places[left] : places[start]])
        if cut >= 0:
            left += int(np.searchsorted(places[left:start], places[left] + cut))
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

    @property
    def title(self) -> Segment | None:
        """The title's segment, if the listing has a title."""
        return self.segments[0] if self.segments and self.segments[0].field is Field.TITLE else None


def lay_out(listing: Listing) -> Sheet:
    """Fold a listing's texts in one go."""
    texts = list(listing.texts())
    raw = BREAK.join([text for _, _, text in texts])
    folded = fold(raw)
    raw_starts = [0, *accumulate(len(text) + 1 for _, _, text in texts)]
    bounds = np.searchsorted(folded.places, raw_starts).tolist()
    segments = tuple(
        Segment(field, key, raw_starts[i], bounds[i], bounds[i + 1] - (i + 1 < len(texts)))
        for i, (field, key, _) in enumerate(texts)
    )
    quiet = tuple((s.start, s.end) for s in segments if s.field in _QUIET)
    return Sheet(listing, folded, segments, tuple(bounds[:-1]), quiet)


def _last_end(raw: str) -> int:
    cuts = [m.end() for m in _CLAUSE_END.finditer(raw)]
    return cuts[-1] if cuts else -1
