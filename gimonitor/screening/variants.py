"""Names written otherwise: by characters of the same sound or a like shape, in pinyin, or in a mixture. Titles only.

Over running text same-sounding characters raise many false hits; over titles, with at least half of the characters
right and nothing in the altered part that is a word or place of its own, few. A title is read as numbers: each
character becomes its syllable, or the first of its look-alikes, by one look-up in a table.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, islice, pairwise, product

import numpy as np
from numpy.typing import NDArray

from gimonitor.screening.automaton import WIDE, Finder, build_finder
from gimonitor.screening.mentions import How
from gimonitor.screening.names import Profile
from gimonitor.text.lazy import lazy
from gimonitor.text.normalise import BREAK
from gimonitor.text.sounds import spellings, usual

LONGEST_TITLE = 400  # characters looked at; what comes after is no title

_UNITS = 0x10000
_FIRST_SYLLABLE, _LAST_PRIVATE, _NOTHING = (0xE000, 0xF8FF, "\ufffd")  # syllables are written as private characters
_WORD = r"(?:[a-z] ){3,}[a-z](?![a-z])|[a-z]+"  # w u c h a n g is one, too
_LATIN = re.compile(_WORD)
_TONE = r"[1-5](?=[ a-z]|$)"  # a digit after letters: wu3 chang2
_TONES = re.compile("(?<=[a-z])" + _TONE)
_PIECE = re.compile(rf"({_WORD})(?:{_TONE})?|[^a-z ]")
_JOINED = 12  # characters that stand for one another in a table of look-alikes
_READINGS = 3  # ways to cut a word of Latin letters into syllables: xian, xi an

Units = NDArray[np.uint16]
Meaning = tuple[int, str]
Split = tuple[int, int, str]
"""A split character: its span, and what it is put together."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A name found in altered form: owner, folded span in the title, the name meant, and how it was altered."""

    owner: int
    how: How
    start: int
    end: int
    name: str


def toneless(title: str) -> str:
    """A folded title without the digits that tell the tones of pinyin."""
    return _TONES.sub("", title)


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
        spelled = {row.at(word.start())[0] for word in _LATIN.finditer(row.text) if self._cut(word.group())}
        for number in sorted(spelled):
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
            word, at = piece[1], piece.start()
            if word is None:
                yield chr(self._tables[rank][ord(piece[0])]), at, at + 1
                continue
            ways = self._cut(word)
            if not ways:
                yield _NOTHING, at, piece.end(1)
                continue
            width = 2 if " " in word else 1  # of a letter, with the blank after it
            for syllable in ways[min(way, len(ways) - 1)]:
                end = at + width * len(syllable)
                yield self._syllables[syllable], at, end - width + 1
                at = end

    def _ways(self, word: str) -> tuple[tuple[str, ...], ...]:
        """Ways to cut a word into syllables of names, the longest syllables first; none where it is no pinyin."""
        letters = word.replace(" ", "")
        return tuple(islice(_cuts(letters, self._syllables), _READINGS)) if len(letters) <= 30 else ()


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
        return 0 <= i < len(title) and title[i].isascii() and title[i].isalpha()

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
    """Titles with every character replaced by the first of its look-alikes; split characters are put together.

    What is alike is not so by way of a third one, yet a table joins it: each table of several holds some pairs, so that few
    characters stand for one another in it, and a title is read by each. Parts of characters stand side by side by chance too
    (日月, 山石): they are put together only where the character that comes of them stands beside one that it has beside it in a
    name.
    """

    def __init__(
        self, profiles: Iterable[Profile], groups: Iterable[str], splits: Iterable[str], engine: str = ""
    ) -> None:
        pairs = [pair for group in groups for pair in pairs_of(group)]
        self._pairs = frozenset((*pairs, *((other, one) for one, other in pairs)))
        names = tuple(_long_names(profiles))
        self._sights = tuple(_Sight(table, names, engine) for table in _tables(pairs))
        wholes: dict[str, str] = {}
        for parts, _, whole in (split.partition("=") for split in splits):
            if len(parts) > 1 and len(whole) == 1:
                wholes[parts] = wholes.get(parts, "") + whole
        self._wholes = tuple(wholes.values())
        self._find_split: Finder = build_finder(list(wholes), engine)

    def look(self, title: str) -> list[Variant]:
        """Variants in one folded title that are not the name itself."""
        return self.look_through(Row((title,))).get(0, [])

    def look_through(self, row: Row) -> dict[int, list[Variant]]:
        """The same for several titles at once, by their number; titles without variants are left out."""
        found: dict[int, dict[Variant, None]] = {}
        for sight in self._sights:
            for start, end, pattern in sight.find(sight.seen(row.units)):
                if sight.only[pattern] == row.text[start:end]:
                    continue
                number, first = row.at(start)
                variants = self._alike_names(row.titles[number], first, first + end - start, sight.meanings[pattern])
                found.setdefault(number, {}).update(dict.fromkeys(variants))
        for number, splits in self._splits(row).items():
            found[number] = dict.fromkeys(self._put_together(row.titles[number], splits))
        return {number: list(variants) for number, variants in found.items() if variants}

    def _splits(self, row: Row) -> dict[int, list[Split]]:
        """By the number of the title, the split characters that may belong to a name, with their spans in the title."""
        hits = self._find_split(row.units.tobytes())
        if not hits:
            return {}
        sight = self._sights[0]
        shaped = sight.text(row.text)
        begins: dict[int, str] = {}  # where a split begins, what it may be; and where one ends
        ends: dict[int, str] = {}
        for start, end, pattern in hits:
            wholes = sight.text(self._wholes[pattern])
            begins[start] = begins.get(start, "") + wholes
            ends[end] = ends.get(end, "") + wholes
        found: dict[int, list[Split]] = {}
        for start, end, pattern in hits:
            before = shaped[start - 1 : start] + ends.get(start, "")
            after = shaped[end : end + 1] + begins.get(end, "")
            for whole in self._wholes[pattern]:
                shape = sight.text(whole)
                if any((c, shape) in sight.beside for c in before) or any((shape, c) in sight.beside for c in after):
                    number, first = row.at(start)
                    found.setdefault(number, []).append((first, first + end - start, whole))
                    break
        return found

    def _put_together(self, title: str, splits: list[Split]) -> Iterator[Variant]:
        """Names in a title with split characters, once these are joined."""
        joined, origin = _join(title, splits)
        sight = self._sights[0]
        for start, end, pattern in sight.find(sight.seen(_units_of(joined))):
            yield from self._alike_names(joined, start, end, sight.meanings[pattern], (origin[start], origin[end]))

    def _alike_names(
        self,
        title: str,
        start: int,
        end: int,
        meanings: Sequence[Meaning],
        shown: tuple[int, int] | None = None,
    ) -> Iterator[Variant]:
        """Names with at least half of the characters right; `shown` is the span before joining, where it is another one.

        Characters count as alike only where one group holds both: what is like the like of another is another character.
        """
        first, last = shown or (start, end)
        for owner, name in meanings:
            wrong = [pair for pair in zip(title[start:end], name, strict=True) if pair[0] != pair[1]]
            many = len(wrong) * 2 > len(name)
            if not many and self._pairs.issuperset(wrong) and (wrong or last - first > len(name)):
                yield Variant(owner, How.SHAPE, first, last, name)


class _Sight:
    """Names as one table of look-alikes shows them. `only` is what a pattern means where it means one name."""

    def __init__(self, table: Units, names: Iterable[Meaning], engine: str) -> None:
        self._table = table
        found: dict[str, list[Meaning]] = {}
        for index, name in names:
            found.setdefault(self.text(name), []).append((index, name))
        self.meanings = tuple(map(tuple, found.values()))
        self.only = _only_names(self.meanings)
        self.find: Finder = build_finder(list(found), engine)
        self._shapes = tuple(found)

    @lazy
    def beside(self) -> frozenset[tuple[str, str]]:
        """Shapes that stand side by side in some name."""
        return frozenset(pair for shape in self._shapes for pair in pairwise(shape))

    def seen(self, units: Units) -> bytes:
        """Units as the table shows them."""
        return self._table.take(units).tobytes()

    def text(self, text: str) -> str:
        """A text as the table shows it."""
        return self.seen(_units_of(text)).decode(WIDE, "surrogatepass")


def _join(title: str, splits: list[Split]) -> tuple[str, list[int]]:
    """The title with split characters put together, the first and of these the longest ones, and where each character began."""
    characters: list[str] = []
    origin: list[int] = []
    at = 0
    for start, end, whole in sorted(splits, key=lambda split: (split[0], -split[1])):
        if start >= at:
            characters += [*title[at:start], whole]
            origin += range(at, start + 1)
            at = end
    return "".join((*characters, *title[at:])), [*origin, *range(at, len(title) + 1)]


def _units_of(text: str) -> Units:
    return np.frombuffer(text.encode(WIDE, "surrogatepass"), dtype=np.uint16)


def pairs_of(group: str) -> Iterator[tuple[str, str]]:
    """The look-alikes of a group: all of its characters, or after a sign the likes of the one before it: 宁=宇于."""
    one, only, likes = group.partition("=")
    yield from product(one, likes) if only else combinations(one, 2)


def _tables(pairs: Iterable[tuple[str, str]]) -> list[Units]:
    """Tables of each unit to the first of those it stands for; every pair is joined in one of them, in the first that has room:
    few characters may stand for one."""
    tables: list[dict[str, set[str]]] = [{}]
    for one, other in pairs:
        for table in tables:
            members = table.get(one, {one}) | table.get(other, {other})
            if len(members) <= _JOINED:
                break
        else:
            table, members = {}, {one, other}
            tables.append(table)
        table.update(dict.fromkeys(members, members))
    return [_representatives(table) for table in tables]


def _representatives(joined: Mapping[str, set[str]]) -> Units:
    table = np.arange(_UNITS, dtype=np.uint16)
    for character, members in joined.items():
        table[ord(character)] = ord(min(members))
    return table
