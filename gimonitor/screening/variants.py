"""Names written otherwise: by characters of the same sound or a like shape, in pinyin, or in a mixture. Titles only.

Over running text same-sounding characters raise many false hits; over titles, with at least half of the characters
right and nothing in the altered part that is a word or place of its own, few. A title is read as numbers: each
character becomes its syllable, or the first of its look-alikes, by one look-up in a table.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice

import numpy as np
from numpy.typing import NDArray

from gimonitor.screening.automaton import WIDE, Finder, build_finder
from gimonitor.screening.mentions import How
from gimonitor.screening.names import Profile
from gimonitor.text.normalise import BREAK
from gimonitor.text.sounds import spellings, usual

LONGEST_TITLE = 400  # characters looked at; what comes after is no title

_UNITS = 0x10000
_FIRST_SYLLABLE, _LAST_PRIVATE, _NOTHING = (0xE000, 0xF8FF, "\ufffd")  # syllables are written as private characters
_PIECE = re.compile(r"[a-z]+|[^a-z ]")
_LATIN = re.compile(r"[a-z]+")
_READINGS = 3  # ways to cut a word of Latin letters into syllables: xian, xi an

Units = NDArray[np.uint16]
Meaning = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Variant:
    """A name found in altered form: owner, folded span in the title, the name meant, and how it was altered."""

    owner: int
    how: How
    start: int
    end: int
    name: str


class Row:
    """Folded titles one after another, with breaks between them."""

    def __init__(self, titles: Sequence[str]) -> None:
        self.titles = [title[:LONGEST_TITLE] for title in titles]
        self.text = BREAK.join(self.titles)
        self.units = _units_of(self.text)
        self._starts = list(accumulate([len(title) + 1 for title in self.titles], initial=0))

    def at(self, position: int) -> tuple[int, int]:
        """Number of the title at a position, and the position in it."""
        number = bisect_right(self._starts, position) - 1
        return number, position - self._starts[number]

    def holding(self, words: Set[str]) -> list[int]:
        """Numbers of the titles with one of these words of Latin letters, in order."""
        return sorted({self.at(found.start())[0] for found in _LATIN.finditer(self.text) if found.group() in words})


class SoundView:
    """Titles as they sound, a unit a syllable; words of Latin letters that are pinyin count as the syllables they spell."""

    def __init__(self, profiles: Iterable[Profile], engine: str = "") -> None:
        self._syllables: dict[str, str] = {}
        table: dict[str, list[Meaning]] = {}
        for index, name in _long_names(profiles):
            for way in spellings(name):
                if all(sound.isascii() for sound in way):
                    table.setdefault("".join(map(self._written, way)), []).append((index, name))
        self._meanings = tuple(map(tuple, table.values()))
        self._only = _only_names(self._meanings)
        self._find: Finder = build_finder(list(table), engine)
        self._tables = tuple(self._table(rank) for rank in (0, 1))
        self._cut = lru_cache(maxsize=4096)(self._ways)

    def look(self, title: str) -> list[Variant]:
        """Variants in one folded title that are not the name itself."""
        return self.look_through(Row((title,))).get(0, [])

    def look_through(self, row: Row) -> dict[int, list[Variant]]:
        """The same for several titles at once, by their number; titles without variants are left out."""
        found: dict[int, dict[tuple[int, int, int], Variant]] = {}
        for table in self._tables:
            for start, end, pattern in self._find(table.take(row.units).tobytes()):
                if self._only[pattern] == row.text[start:end]:
                    continue
                number, first = row.at(start)
                for variant in self._same_sound(row.titles[number], first, first + end - start, pattern):
                    found.setdefault(number, {}).setdefault((variant.owner, variant.start, variant.end), variant)
        spelled = {word for word in set(_LATIN.findall(row.text)) if self._cut(word)}
        for number in row.holding(spelled) if spelled else ():
            for variant in self._spelled(row.titles[number]):
                found.setdefault(number, {}).setdefault((variant.owner, variant.start, variant.end), variant)
        return {number: list(variants.values()) for number, variants in found.items()}

    def _written(self, syllable: str) -> str:
        return self._syllables.setdefault(syllable, chr(_FIRST_SYLLABLE + len(self._syllables)))

    def _table(self, rank: int) -> Units:
        """Each unit to the syllable it is read as; what no name sounds like stays itself, and private characters say nothing."""
        table = np.arange(_UNITS, dtype=np.uint16)
        table[_FIRST_SYLLABLE : _LAST_PRIVATE + 1] = ord(_NOTHING)
        for character, sound in usual(rank).items():
            if sound in self._syllables:
                table[ord(character)] = ord(self._syllables[sound])
        return table

    def _same_sound(self, title: str, start: int, end: int, pattern: int) -> Iterator[Variant]:
        """Names of the pattern, unless all stand in the title, with at least half of the characters right."""
        meanings = self._meanings[pattern]
        if all(name in title for _, name in meanings):
            return
        for owner, name in meanings:
            wrong = sum(a != b for a, b in zip(title[start:end], name, strict=True))
            if 0 < wrong <= len(name) - wrong:
                yield Variant(owner, How.SOUND, start, end, name)

    def _spelled(self, title: str) -> Iterator[Variant]:
        """Names in a title with words that are pinyin, each word cut in every way that is one."""
        readings, seen = max(len(self._cut(word)) for word in _LATIN.findall(title)), set()
        for rank in range(2):
            for way in range(readings):
                pieces = list(self._pieces(title, rank, way))
                text = "".join([piece for piece, _, _ in pieces])
                if text in seen:
                    continue
                seen.add(text)
                for start, end, pattern in self._find(text.encode(WIDE, "surrogatepass")):
                    first, last = pieces[start][1], pieces[end - 1][2]
                    if not _within_latin(title, first, last):
                        for owner, name in self._meanings[pattern]:
                            how = _alignment(title, pieces[start:end], name)
                            if how is not None:
                                yield Variant(owner, how, first, last, name)

    def _pieces(self, title: str, rank: int, way: int) -> Iterator[tuple[str, int, int]]:
        """(syllable as written, start, end) of everything in a title but its blanks."""
        for piece in _PIECE.finditer(title):
            shown, at = piece.group(), piece.start()
            if not _LATIN.match(shown):
                yield chr(self._tables[rank][ord(shown)]), at, at + 1
                continue
            ways = self._cut(shown)
            if not ways:
                yield _NOTHING, at, piece.end()
                continue
            for syllable in ways[min(way, len(ways) - 1)]:
                yield self._syllables[syllable], at, at + len(syllable)
                at += len(syllable)

    def _ways(self, word: str) -> tuple[tuple[str, ...], ...]:
        """Ways to cut a word into syllables of names, the longest syllables first; none where it is no pinyin."""
        return tuple(islice(_cuts(word, self._syllables), _READINGS)) if len(word) <= 30 else ()


def _long_names(profiles: Iterable[Profile]) -> Iterator[Meaning]:
    """(index, name) of every Chinese name long enough to be told from others when altered."""
    for profile in profiles:
        if profile.gi.is_gi:
            yield from ((profile.index, name) for name in profile.altered)


def _only_names(meanings: Iterable[Sequence[Meaning]]) -> tuple[str, ...]:
    """The name that a pattern means where it means no other; a title that holds it as it stands is nothing altered."""
    return tuple(meant[0][1] if len({name for _, name in meant}) == 1 else "" for meant in meanings)


def _cuts(word: str, syllables: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    if not word:
        yield ()
    for length in range(min(6, len(word)), 0, -1):
        if word[:length] in syllables:
            for rest in _cuts(word[length:], syllables):
                yield (word[:length], *rest)


def _within_latin(title: str, first: int, last: int) -> bool:
    """True where the span begins or ends inside a Latin word."""

    def latin(i: int) -> bool:
        return 0 <= i < len(title) and title[i].isascii() and title[i].isalnum()

    return (latin(first) and latin(first - 1)) or (latin(last - 1) and latin(last))


def _alignment(title: str, pieces: list[tuple[str, int, int]], name: str) -> How | None:
    """How the pieces spell the name with Latin letters; None where there are none, or too little is right."""
    right = wrong = 0
    for (_, start, _), meant in zip(pieces, name, strict=True):
        if not title[start].isascii():
            right, wrong = (right + (title[start] == meant), wrong + (title[start] != meant))
    if right + wrong == len(name) or wrong > right:
        return None
    return How.MIXED if right else How.PINYIN


class ShapeView:
    """Titles with every character replaced by the first of its look-alikes; split characters are put together."""

    def __init__(
        self, profiles: Iterable[Profile], groups: Iterable[str], splits: Iterable[str], engine: str = ""
    ) -> None:
        self._alike = _representatives(groups)
        self._wholes = {a: b for a, _, b in (s.partition("=") for s in splits) if a and len(b) == 1}
        self._find_split: Finder = build_finder(list(self._wholes), engine)
        self._split = re.compile("|".join(map(re.escape, self._wholes)) or r"(?!)")
        table: dict[bytes, list[Meaning]] = {}
        for index, name in _long_names(profiles):
            table.setdefault(self._shaped(_units_of(name)), []).append((index, name))
        self._meanings = tuple(map(tuple, table.values()))
        self._only = _only_names(self._meanings)
        self._find: Finder = build_finder([shape.decode(WIDE) for shape in table], engine)

    def look(self, title: str) -> list[Variant]:
        """Variants in one folded title that are not the name itself."""
        return self.look_through(Row((title,))).get(0, [])

    def look_through(self, row: Row) -> dict[int, list[Variant]]:
        """The same for several titles at once, by their number; titles without variants are left out."""
        found: dict[int, list[Variant]] = {}
        for start, end, pattern in self._find(self._shaped(row.units)):
            if self._only[pattern] == row.text[start:end]:
                continue
            number, first = row.at(start)
            variants = list(self._alike_names(row.titles[number], first, first + end - start, pattern))
            if variants:
                found.setdefault(number, []).extend(variants)
        for number in sorted({row.at(start)[0] for start, _, _ in self._find_split(row.units.tobytes())}):
            found[number] = list(self._put_together(row.titles[number]))
        return {number: variants for number, variants in found.items() if variants}

    def _put_together(self, title: str) -> Iterator[Variant]:
        """Names in a title with split characters, once these are joined."""
        joined, origin = self._join(title)
        for start, end, pattern in self._find(self._shaped(_units_of(joined))):
            yield from self._alike_names(joined, start, end, pattern, (origin[start], origin[end]))

    def _alike_names(
        self, title: str, start: int, end: int, pattern: int, shown: tuple[int, int] | None = None
    ) -> Iterator[Variant]:
        """Names with at least half of the characters right; `shown` is the span before joining, where it is another one."""
        first, last = shown or (start, end)
        for owner, name in self._meanings[pattern]:
            wrong = sum(a != b for a, b in zip(title[start:end], name, strict=True))
            if wrong * 2 <= len(name) and (wrong or last - first > len(name)):
                yield Variant(owner, How.SHAPE, first, last, name)

    def _shaped(self, units: Units) -> bytes:
        return self._alike.take(units).tobytes()

    def _join(self, title: str) -> tuple[str, list[int]]:
        """The title with split characters put together, and where each character began."""
        characters: list[str] = []
        origin: list[int] = []
        at = 0
        for split in self._split.finditer(title):
            characters += [*title[at : split.start()], self._wholes[split.group()]]
            origin += range(at, split.start() + 1)
            at = split.end()
        return "".join((*characters, *title[at:])), [*origin, *range(at, len(title) + 1)]


def _units_of(text: str) -> Units:
    return np.frombuffer(text.encode(WIDE, "surrogatepass"), dtype=np.uint16)


def _representatives(groups: Iterable[str]) -> Units:
    """Each unit to the first of its group; a character in several groups joins them."""
    leader: dict[str, str] = {}

    def find(c: str) -> str:
        while leader.setdefault(c, c) != c:
            c = leader[c]
        return c

    for group in groups:
        for c in group[1:]:
            a, b = find(group[0]), find(c)
            leader[max(a, b)] = min(a, b)
    table = np.arange(_UNITS, dtype=np.uint16)
    for c in list(leader):
        table[ord(c)] = ord(find(c))
    return table
