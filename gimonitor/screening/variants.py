"""Names written otherwise: by characters of the same sound or a like shape, in pinyin, or in a mixture. Titles only.

Over running text same-sounding characters raise many false hits; over titles, with at least half of the characters
right and nothing in the altered part that is a word or place of its own, few.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from gimonitor.screening.automaton import NARROW, Finder, build_finder
from gimonitor.screening.mentions import How
from gimonitor.screening.names import Profile
from gimonitor.text.sounds import spellings, usual

LONGEST_TITLE = 400  # characters looked at; what comes after is no title

IsWord = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Variant:
    """A name found in altered form: owner, folded span in the title, the name meant, and how it was altered."""

    owner: int
    how: How
    start: int
    end: int
    name: str


class SoundView:
    """Titles as they sound: each Han character becomes its pinyin, Latin letters stay, blanks between them go."""

    def __init__(self, profiles: Iterable[Profile], engine: str = "") -> None:
        table: dict[str, tuple[tuple[int, str], ...]] = {}
        for profile in profiles:
            if not profile.gi.is_gi:
                continue
            for name in profile.names:
                if len(name) >= 3 and not name.isascii():
                    meaning = (profile.index, name)
                    for syllables in spellings(name):
                        sounded = "".join(syllables)
                        table[sounded] = (*table.get(sounded, ()), meaning)
        table = {sounded: meanings for sounded, meanings in table.items() if sounded.isascii()}
        self._meanings = tuple(table.values())
        self._find: Finder = build_finder(list(table), engine, NARROW)
        self._readings: tuple[Mapping[str, str], ...] = (_sounds(0), _sounds(1))

    def look(self, title: str) -> list[Variant]:
        """Variants in a folded title that are not the name itself."""
        title = title[:LONGEST_TITLE]
        found: dict[tuple[int, int, int], Variant] = {}
        previous = ""
        for table in self._readings:
            pieces = list(map(table.get, title, title))
            sounded = "".join(pieces)
            if sounded == previous:
                continue
            previous = sounded
            hits = self._find(sounded.encode(NARROW, "replace"))
            for start, end, pattern in hits:
                if all(name in title for _, name in self._meanings[pattern]):
                    continue
                for variant in self._variants(title, pieces, start, end, pattern):
                    found.setdefault((variant.owner, variant.start, variant.end), variant)
        return list(found.values())

    def _variants(self, title: str, pieces: list[str], start: int, end: int, pattern: int) -> Iterable[Variant]:
        offsets = list(accumulate(map(len, pieces), initial=0))
        first, last = _character_at(offsets, pieces, start), bisect_left(offsets, end)
        if first < 0 or offsets[last] != end:
            return
        if _within_latin(title, first, last):
            return
        sounded = "".join(pieces[first:last])
        for owner, name in self._meanings[pattern]:
            syllables = _syllables(name, sounded)
            how = _aligned(title, pieces, first, last, name, syllables) if syllables else None
            if how is not None:
                yield Variant(owner, how, first, last, name)


@lru_cache(maxsize=4096)
def _syllables(name: str, sounded: str) -> tuple[str, ...] | None:
    """The way to read a name that sounds so."""
    return next((way for way in spellings(name) if "".join(way) == sounded), None)


@cache
def _sounds(rank: int) -> Mapping[str, str]:
    """Characters to sounds, blanks to nothing."""
    return usual(rank) | {" ": ""}


def _character_at(offsets: list[int], pieces: list[str], offset: int) -> int:
    """Index of the character whose sound begins at an offset, or -1 where none does."""
    i = bisect_left(offsets, offset)
    if offsets[i] != offset:
        return -1
    while i < len(pieces) and not pieces[i]:
        i += 1
    return i


def _within_latin(title: str, first: int, last: int) -> bool:
    """True where the span begins or ends inside a Latin word."""

    def latin(i: int) -> bool:
        return 0 <= i < len(title) and title[i].isascii() and title[i].isalnum()

    return (latin(first) and latin(first - 1)) or (latin(last - 1) and latin(last))


def _aligned(title: str, pieces: list[str], first: int, last: int, name: str, syllables: tuple[str, ...]) -> How | None:
    """How the span spells the name, or None where it is the name itself or too little of it is right."""
    right = wrong = latin = 0
    at = 0
    bounds = {offset: i for i, offset in enumerate(accumulate(map(len, syllables), initial=0))}
    for i in range(first, last):
        piece = pieces[i]
        if not piece:
            continue
        if title[i].isascii():
            latin += 1
        elif at not in bounds or at + len(piece) not in bounds:
            return None
        elif title[i] == name[bounds[at]]:
            right += 1
        else:
            wrong += 1
        at += len(piece)
    if latin:
        return None if wrong > right else (How.MIXED if right + wrong else How.PINYIN)
    return How.SOUND if 0 < wrong <= right else None


class ShapeView:
    """Titles with every character replaced by the first of its look-alikes; split characters are put together."""

    def __init__(
        self, profiles: Iterable[Profile], groups: Iterable[str], splits: Iterable[str], engine: str = ""
    ) -> None:
        self._alike = _representatives(groups)
        self._splits = tuple((a, b) for a, _, b in (s.partition("=") for s in splits) if a and len(b) == 1)
        self._split = re.compile("|".join(re.escape(parts) for parts, _ in self._splits) or r"(?!)")
        table: dict[str, list[tuple[int, str]]] = {}
        for profile in profiles:
            if profile.gi.is_gi:
                for name in profile.names:
                    if len(name) >= 3 and not name.isascii():
                        table.setdefault("".join(map(self._alike.get, name, name)), []).append((profile.index, name))
        self._meanings = tuple(tuple(m) for m in table.values())
        self._find: Finder = build_finder(list(table), engine)

    def look(self, title: str) -> list[Variant]:
        """Variants in a folded title that are not the name itself."""
        title = title[:LONGEST_TITLE]
        joined, origin = self._join(title)
        shaped = "".join(map(self._alike.get, joined, joined))
        variants = []
        for start, end, pattern in self._find(shaped.encode("utf-16-le", "surrogatepass")):
            for owner, name in self._meanings[pattern]:
                shown = joined[start:end]
                first, last = (start, end) if origin is None else (origin[start], origin[end])
                wrong = sum(a != b for a, b in zip(shown, name, strict=True))
                if wrong * 2 <= len(name) and (wrong or last - first > len(name)):
                    variants.append(Variant(owner, How.SHAPE, first, last, name))
        return variants

    def _join(self, title: str) -> tuple[str, list[int] | None]:
        """The title with split characters put together, and where each character began (None: nothing was split)."""
        if not self._split.search(title):
            return title, None
        characters, origin, i = [], [], 0
        while i < len(title):
            parts, whole = next(((p, w) for p, w in self._splits if title.startswith(p, i)), (title[i], title[i]))
            characters.append(whole)
            origin.append(i)
            i += len(parts)
        return "".join(characters), [*origin, len(title)]


def _representatives(groups: Iterable[str]) -> dict[str, str]:
    """Each character to the first of its group; a character in several groups joins them."""
    leader: dict[str, str] = {}

    def find(c: str) -> str:
        while leader.setdefault(c, c) != c:
            c = leader[c]
        return c

    for group in groups:
        for c in group[1:]:
            a, b = find(group[0]), find(c)
            leader[max(a, b)] = min(a, b)
    return {c: find(c) for c in list(leader) if find(c) != c}
