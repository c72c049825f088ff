"""A second way to read a title: as it is displayed, where that is not as it is stored, and without enclosed signs.

A run after U+202E is displayed from its end to its beginning. Keycaps, enclosed characters, ™ and ℃ are letters, digits or
characters for folding, and so they are read; between the characters of a name they are ornaments all the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gimonitor.text.normalise import Folded, fold, is_read

_OVERRIDE = "\u202e"
_REVERSED = re.compile(r"\u202e([^\u202a-\u202e\u2066-\u2069\n\uffff]*)")
_LETTERS_BUT_SIGNS = "ªºℹ"  # by category letters
_LAST_WIDE, _FIRST_SIGN, _LAST_SIGN = 0x10000, 0x1F000, 0x1FC00
_KEYCAP = r"[0-9#*]\ufe0f?\u20e3"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read the second way. `order` are the raw indices of its characters as they are displayed."""

    folded: Folded
    order: list[int]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Raw (start, end) of what holds a folded span, which is not empty."""
        first, last = self.folded.place(start, end)
        held = self.order[first:last]
        return min(held), max(held) + 1


def has_second_reading(raw: str) -> bool:
    """True where a text holds something that is read in two ways."""
    points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return bool(_telling().take(points, mode="clip").any())


def second_reading(raw: str) -> Reading:
    """The text as displayed, its enclosed signs read as blanks."""
    order = list(range(len(raw)))
    shown = raw
    if _OVERRIDE in raw:
        for run in _REVERSED.finditer(raw):
            order[run.start(1) : run.end(1)] = range(run.end(1) - 1, run.start(1) - 1, -1)
        shown = "".join([raw[at] for at in order])
    return Reading(fold(_signs().sub(lambda sign: " " * len(sign.group()), shown)), order)


@cache
def _signs() -> re.Pattern[str]:
    return re.compile(f"{_KEYCAP}|[{''.join(map(re.escape, _enclosed()))}]")


@cache
def _telling() -> NDArray[np.bool_]:
    """By code point, what makes a second reading; the last one stands for all that follow."""
    telling = np.zeros(_LAST_SIGN + 1, dtype=np.bool_)
    telling[[ord(c) for c in (_OVERRIDE, "\u20e3", *_enclosed())]] = True
    return telling


@cache
def _enclosed() -> tuple[str, ...]:
    """Signs by category that fold to something that is read."""
    characters = map(chr, (*range(0x80, _LAST_WIDE), *range(_FIRST_SIGN, _LAST_SIGN)))
    return tuple(c for c in characters if c in _LETTERS_BUT_SIGNS or (_is_sign(c) and is_read(c)))


def _is_sign(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "SP" or category in ("No", "Nl")
