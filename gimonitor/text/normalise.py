"""The one door for Chinese text: a folded form for matching, with the way back to the text as it was shown.

Folding is NFKC, width, case, accents, traditional to simplified, removal of invisible characters, and removal of
separators (spaces, punctuation, symbols, emoji) that stand between Han characters; what is written for a browser, tags
and entities, is read as a browser shows it. It costs one look-up in a table over code points for each character, and a
closer look at the few that carry no meaning, so it is linear in the length of the text whatever the text holds.
Evidence keeps the raw text: every place in a folded text leads back to the raw characters it came from.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from codecs import utf_16_le_decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import opencc
from numpy.typing import NDArray

from gimonitor.text.lazy import lazy

BREAK = "\uffff"  # ends a text for good: it stays in the folded form and no pattern holds it

_CODE_POINTS = 0x110000
_DROP, _EXPANDS, _SPACE = (
    0,
    1,
    0x20,
)  # units that say what becomes of a character; every other one is more than a space
_UNKNOWN = 0xFFFD  # what an astral character without a folded form becomes
_PICTURES = 0x1F000  # here begin the planes of emoji
_LAST_OPENING = ord("<")
_JOINED = 2
_ZERO = np.zeros(1, dtype=np.intp)
Indices = NDArray[np.intp]
NONE: Indices = np.empty(0, dtype=np.intp)
_APOSTROPHES = frozenset(
    map(chr, (0x27, 0x60, 0xB4, 0x2B9, 0x2BB, 0x2BC, 0x2BD, 0x2C8, 0x2018, 0x2019, 0x201B, 0x2032, 0xFF07))
)
_STROKES = frozenset("丶丨ー\u318d\u119e")  # letters by category, typed as dots and dashes between characters
_CIRCLES = frozenset("〇○◯")  # numerals or holes in a word, never separators
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters by category, shown as nothing
_RADICALS = dict(
    zip(
        "⺅⺆⺈⺉⺊⺌⺍⺖⺗⺘⺙⺡⺣⺤⺨⺩⺬⺭⺮⺯⺰⺲⺶⺼⺾⺿⻀⻁⻂⻃⻄⻅⻆⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻢⻣⻤⻥⻦⻨⻩⻬⻮⻯⻰⻱⻳",
        "亻冂刀刂卜小小忄心扌攵氵灬爫犭王示礻竹纟纟罒羊月艹艹艹虎衤西西见角讠贝足车辶辶辶阝钅长长门阝雨青韦页风飞食饣饣饣马骨鬼鱼鸟麦黄齐齿龙龙龟龟",
        strict=True,
    )
)
"""Parts of characters that have code points of their own, to the characters they are typed as else."""
_LETTERS = dict(
    zip("АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁкΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTYXaesijopcyxhdkABEZHIKMNOPTYXo", strict=True)
)
"""Cyrillic and Greek letters to the Latin ones that they look like."""
_MARKUP = re.compile(
    r"&(?:[a-z]{2,8};|#\d{1,7};?|#x[0-9a-f]{1,6};?)"
    r"|<(?:!--|/?(?:a|b|big|blockquote|br|center|dd|del|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|label|li|mark|ol|p|pre|s|section"
    r"|small|span|strike|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul|wbr)(?=[\s/>]))[^<>\uffff\u3400-\u9fff]*>",
    re.IGNORECASE,
)
"""An entity, or a tag that holds no Han characters: what a browser makes a character of, or does not show."""
_OPENING = frozenset("&<")


class Way:
    """The way back from a folded text to the raw one.

    `kept` are the indices of the characters that stayed, `extra` those of the second and further ones that one raw
    character became; both count in the raw text so widened.
    """

    def __init__(self, kept: Indices, extra: Indices = NONE) -> None:
        self._kept = kept
        self._extra = extra

    @lazy
    def _wide(self) -> Sequence[int]:
        """The index of each folded character in the raw text so widened."""
        return np.ascontiguousarray(self._kept).data  # gives plain numbers, one when asked

    @lazy
    def _added(self) -> list[int]:
        found: list[int] = self._extra.tolist()
        return found

    def back(self, position: int) -> int:
        """The raw index of a folded character."""
        at = self._wide[position]
        return at - bisect_right(self._added, at) if self._added else at

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The raw indices of two folded characters."""
        wide, added = self._wide, self._added
        one, other = wide[first], wide[last]
        return (one - bisect_right(added, one), other - bisect_right(added, other)) if added else (one, other)

    def folded(self, wide: Indices) -> list[int]:
        """The folded index of the first character at or after each raw index."""
        if len(self._extra):
            wide = wide + (self._extra - np.arange(1, len(self._extra) + 1)).searchsorted(wide)
        found: list[int] = self._kept.searchsorted(wide).tolist()
        return found


@dataclass(eq=False)  # not frozen: made for every listing that names something, and filled in a third of the time
class Folded:
    """A text as matching sees it. `units` are its UTF-16 units in little-endian bytes; the rest is worked out when asked for.

    Every folded character is one unit: what lies beyond the basic plane folds into it or to U+FFFD. Of several texts
    that were folded together, `start` and `raw_start` say where this one begins on the `way`.
    """

    raw: str
    units: bytes
    way: Way
    start: int = 0
    raw_start: int = 0

    @lazy
    def text(self) -> str:
        """The folded text."""
        return utf_16_le_decode(self.units)[0]

    def part(self, raw_start: int, raw_end: int, start: int, end: int) -> Folded:
        """One of several texts that were folded together, by its raw and its folded span."""
        raw, units = self.raw[raw_start:raw_end], self.units[2 * start : 2 * end]
        return Folded(raw, units, self.way, self.start + start, self.raw_start + raw_start)

    def raw_at(self, position: int) -> int:
        """The raw index of a folded character."""
        return self.way.back(self.start + position) - self.raw_start

    def folded_at(self, raw: int) -> int:
        """The folded index of the first character at or after a raw index."""
        return self.way.folded(np.array([self.raw_start + raw]))[0] - self.start

    def is_parted(self, start: int, end: int) -> bool:
        """True where something stood between the characters of a folded span, or some of them are of one raw character."""
        first, last = self.way.span(self.start + start, self.start + end - 1)
        return last - first != end - start - 1

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Raw (start, end) of the folded span. An empty span leads to an empty raw span."""
        if start >= end:
            at = self.raw_at(start) if 2 * start < len(self.units) else len(self.raw)
            return at, at
        first, last = self.way.span(self.start + start, self.start + end - 1)
        return first - self.raw_start, last + 1 - self.raw_start

    def shown(self, start: int, end: int) -> str:
        """The raw characters behind a folded span, exactly as they stood."""
        first, last = self.place(start, end)
        return self.raw[first:last]


@dataclass(frozen=True, slots=True)
class _Table:
    units: NDArray[np.uint16]
    joins: NDArray[np.uint8]  # by unit: two that make _JOINED together need no separator between them
    expansions: Mapping[int, bytes]  # units of each character that folds to several


def fold(raw: str) -> Folded:
    """Fold a text. Never raises: NUL, lone surrogates, noncharacters and any length are welcome."""
    table = _table()
    points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    units, extra = table.units.take(points, mode="clip"), NONE  # no index lies beyond, here or below: quicker not asked
    many = (units == _EXPANDS).nonzero()[0]
    if len(many):
        units, extra = _expand(table, points, units, _unmarked(raw, table, points, units, many))
    empty = (units <= _SPACE).nonzero()[0]
    if not len(empty):
        return Folded(raw, units.tobytes(), Way(np.arange(len(units)), extra))
    stays = np.ones(len(units), dtype=np.bool_)
    stays[empty] = False
    stays[_parting(units, empty)] = True
    kept = stays.nonzero()[0]
    return Folded(raw, units.take(kept, mode="clip").tobytes(), Way(kept, extra))


def fold_text(raw: str) -> str:
    """The folded form alone, for patterns and words that are compared with folded texts."""
    return fold(raw).text.strip()


def is_read(character: str) -> bool:
    """True for a character that folds to something, neither to a separator nor to nothing."""
    unit = _table().units[ord(character)]
    return bool(unit == _EXPANDS or unit > _SPACE)


def _parting(units: NDArray[np.uint16], empty: Indices) -> Indices:
    """Of the places without meaning (`empty`) those that stay: the first separator of each run that parts more than Han characters.

    At the ends of a text, beside a break, and between two Han characters, a run goes whole.
    """
    apart = (empty[1:] - empty[:-1] > 1).nonzero()[0]
    first = np.concatenate((_ZERO, apart + 1))  # of each run, among the empty ones
    starts = empty.take(first, mode="clip")
    ends = np.concatenate((empty.take(apart, mode="clip"), empty[-1:])) + 1
    before, after = units.take(starts - 1, mode="clip"), units.take(ends, mode="clip")
    joins = _table().joins
    needed = joins.take(before, mode="clip") + joins.take(after, mode="clip") < _JOINED
    needed[0] &= starts[0] > 0
    needed[-1] &= ends[-1] < len(units)
    runs = needed.nonzero()[0]
    first, starts = first.take(runs, mode="clip"), starts.take(runs, mode="clip")
    kinds = units.take(empty, mode="clip")
    spaced = kinds.take(first, mode="clip") == _SPACE
    if spaced.all():
        return starts
    later = _separators(empty, kinds, first[~spaced], ends.take(runs[~spaced]))
    return np.concatenate((starts[spaced], later))


def _separators(empty: Indices, kinds: NDArray[np.uint16], first: Indices, ends: Indices) -> Indices:
    """The first separator of each run that has one; these runs begin with, or are, characters that are nothing at all."""
    spaces = (kinds == _SPACE).nonzero()[0]
    found = spaces.searchsorted(first)
    found = found[found < len(spaces)]
    stays = empty.take(spaces.take(found))
    within: Indices = stays[stays < ends[: len(stays)]]
    return within


def _unmarked(raw: str, table: _Table, points: NDArray[np.uint32], units: NDArray[np.uint16], many: Indices) -> Indices:
    """`many` without the signs that open markup; that is replaced in `units` by the character it is shown as, or by a separator."""
    opening = (points.take(many) <= _LAST_OPENING).nonzero()[0]
    if not len(opening):
        return many
    end = 0
    for index in many.take(opening).tolist():
        found = _MARKUP.match(raw, index) if index >= end else None
        end = found.end() if found else max(end, index + 1)
        shown = html.unescape(found.group()) if found and raw[index] == "&" else ""
        unit = int(table.units[ord(shown)]) if len(shown) == 1 else _SPACE
        units[index:end] = _DROP
        units[index] = _SPACE if unit == _EXPANDS else unit
    left: Indices = many[units.take(many) == _EXPANDS]
    return left


def _expand(
    table: _Table, points: NDArray[np.uint32], units: NDArray[np.uint16], many: Indices
) -> tuple[NDArray[np.uint16], Indices]:
    """Units where some characters fold to several (㎏, ㈱, ⑩), and the indices of what these added; `many` are those characters."""
    if not len(many):
        return units, NONE
    narrow, at, wider = units.tobytes(), 0, 0
    pieces: list[bytes] = []
    extra: list[int] = []
    for index, point in zip(many.tolist(), points.take(many).tolist(), strict=True):
        expansion = table.expansions[point]
        pieces += (narrow[2 * at : 2 * index], expansion)
        first, at = index + wider, index + 1
        wider += len(expansion) // 2 - 1
        extra += range(first + 1, at + wider)
    pieces.append(narrow[2 * at :])
    return np.frombuffer(b"".join(pieces), dtype=np.uint16), np.array(extra, dtype=np.intp)


@cache
def _table() -> _Table:
    units = np.full(_CODE_POINTS, _UNKNOWN, dtype=np.uint16)
    expansions: dict[int, bytes] = {}
    simplified = _simplified()
    for point in _mapped_points():
        inside = [_unit_of(c) for c in _folded_character(chr(point), simplified)] or [_DROP]
        if len(inside) > 1 and set(inside) <= {_DROP, _SPACE}:
            inside = [max(inside)]
        if len(inside) == 1:
            units[point] = inside[0]
            continue
        units[point] = _EXPANDS
        expansions[point] = np.array(inside, dtype=np.uint16).tobytes()
    units[0xFFFF] = 0xFFFF
    units[0xD800:0xE000] = _DROP  # half of a character, shown as nothing that could be read
    for character in _OPENING:
        units[ord(character)] = _EXPANDS
    joins = np.zeros(0x10000, dtype=np.uint8)
    joins[0x3400:0x4DC0] = joins[0x4E00:0xA000] = joins[[ord(c) for c in _CIRCLES]] = 1
    joins[ord(BREAK)] = _JOINED
    return _Table(units, joins, MappingProxyType(expansions))


def _mapped_points() -> list[int]:
    ranges = (
        (0, 0xD800),
        (0xE000, 0xFFFE),
        (0x110BD, 0x110CE),
        (0x13430, 0x13440),
        (0x1BCA0, 0x1BCA4),
        (0x1D165, 0x1D1AE),
        (0x1D400, 0x1D800),
        (0x1F000, 0x20000),
        (0x2F800, 0x2FA20),
        (0xE0000, 0xE0200),
    )
    return [point for first, end in ranges for point in range(first, end)] + sorted(
        ord(c) for c in _simplified() if ord(c) >= 0x20000
    )


@cache
def _simplified() -> dict[str, str]:
    """Traditional to simplified, character by character, where the simplified form lies in the basic plane."""
    blocks = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))
    characters = [chr(p) for first, end in blocks for p in range(first, end)]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    return {a: b for a, b in pairs if a != b and len(b) == 1 and ord(b) < 0x10000}


def _folded_character(character: str, simplified: dict[str, str]) -> str:
    if character in _APOSTROPHES or unicodedata.category(character) in ("Mn", "Me"):
        return ""
    character = _LETTERS.get(character) or _RADICALS.get(character, character)
    composed = unicodedata.normalize("NFKC", character).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(c))
    text = bare if bare and bare.isascii() else composed
    return "".join(simplified.get(c, c) for c in text)


def _unit_of(character: str) -> int:
    """What one folded character is in the table: itself, a separator, or nothing."""
    if character in _STROKES or character in _FILLERS:
        return _SPACE
    category = unicodedata.category(character)
    if character in "\t\n\r\v\f":
        return _SPACE
    if category in ("Cf", "Mn", "Me", "Cc"):
        return _DROP
    if category == "Cn" and ord(character) >= _PICTURES:  # an emoji younger than the table of categories
        return _SPACE
    return min(ord(character), _UNKNOWN) if category[0] in "LNC" or character in _CIRCLES else _SPACE
