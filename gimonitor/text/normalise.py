"""The one door for Chinese text: a folded form for matching, with the way back to the text as it was shown.

Folding is NFKC, width, case, accents, traditional to simplified, removal of invisible characters, and removal of
separators (spaces, punctuation, symbols, emoji) that stand between Han characters. It costs one look-up in a table
over code points for each character, so it is linear in the length of the text whatever the text holds.
Evidence keeps the raw text: every place in a folded text leads back to the raw characters it came from.
"""

from __future__ import annotations

import unicodedata
from codecs import utf_16_le_decode
from dataclasses import dataclass
from functools import cache

import numpy as np
import opencc
from numpy.typing import NDArray

BREAK = "\uffff"  # ends a text for good: it stays in the folded form and no pattern holds it

_CODE_POINTS = 0x110000
_DROP, _SEPARATOR, _OTHER, _HAN = 0, 1, 2, 3
_SPACE = 0x20
_TRUE = np.array([True])
_UNKNOWN = 0xFFFD  # what a lone surrogate or an astral character without a folded form becomes
_EXPANDS = 0xFFFE  # stands in the table for a character that folds to several
_APOSTROPHES = frozenset(
    map(chr, (0x27, 0x60, 0xB4, 0x2B9, 0x2BB, 0x2BC, 0x2BD, 0x2C8, 0x2018, 0x2019, 0x201B, 0x2032, 0xFF07))
)
_MASKED = frozenset("〇○◯零")  # a circle is a numeral or a hole in a word, never a separator


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as matching sees it. `units` are its UTF-16 units in little-endian bytes, `places` the raw index of each.

    Every folded character is one unit: what lies beyond the basic plane folds into it or to U+FFFD.
    """

    raw: str
    text: str
    units: bytes
    places: NDArray[np.intp]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Raw (start, end) of the folded span. An empty span leads to an empty raw span."""
        if start >= end:
            at = int(self.places[start]) if start < len(self.places) else len(self.raw)
            return at, at
        return int(self.places[start]), int(self.places[end - 1]) + 1

    def shown(self, start: int, end: int) -> str:
        """The raw characters behind a folded span, exactly as they stood."""
        first, last = self.place(start, end)
        return self.raw[first:last]


@dataclass(frozen=True, slots=True)
class _Table:
    units: NDArray[np.uint16]
    classes: NDArray[np.uint8]
    lengths: NDArray[np.uint8]
    starts: NDArray[np.int32]
    expansions: NDArray[np.uint16]


def fold(raw: str) -> Folded:
    """Fold a text. Never raises: NUL, lone surrogates, noncharacters and any length are welcome."""
    table = _table()
    points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    units, classes, origin = table.units.take(points), table.classes.take(points), None
    if (units == _EXPANDS).any():
        units, classes, origin = _expand(table, points)
    kept = _kept(classes)
    data = units.take(kept).tobytes()
    places = kept if origin is None else origin.take(kept)
    return Folded(raw=raw, text=utf_16_le_decode(data)[0], units=data, places=places)


def fold_text(raw: str) -> str:
    """The folded form alone, for patterns and words that are compared with folded texts."""
    return fold(raw).text.strip()


def _kept(classes: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Indices that stay: all that carry meaning, and one separator wherever it does not stand between two Han characters."""
    empty = classes < _OTHER
    han = classes == _HAN
    kept = classes != _DROP
    kept[:1] &= ~empty[:1]
    kept[-1:] &= ~empty[-1:]
    inner = kept[1:-1]
    np.greater(inner, empty[1:-1] & han[:-2] & han[2:], out=inner)
    together = empty[1:] & empty[:-1]
    if together.any():
        _settle_runs(classes, kept, together.nonzero()[0])
    indices: NDArray[np.intp] = kept.nonzero()[0]
    return indices


def _settle_runs(classes: NDArray[np.uint8], kept: NDArray[np.bool_], firsts: NDArray[np.intp]) -> None:
    """Of several separators and invisible characters in a row at most one separator stays. `firsts`: all but the last of each run."""
    kept[firsts] = False
    kept[firsts + 1] = False
    parted = (firsts[1:] - firsts[:-1]) > 1
    starts = firsts[np.concatenate((_TRUE, parted))]
    ends = firsts[np.concatenate((parted, _TRUE))] + 2
    within = (starts > 0) & (ends < len(classes))
    starts, ends = starts[within], ends[within]
    stays = (classes.take(starts - 1) & classes.take(ends)) != _HAN
    starts, ends = starts[stays], ends[stays]
    separated = classes.take(starts) == _SEPARATOR
    kept[starts[separated]] = True
    for start, end in zip(starts[~separated].tolist(), ends[~separated].tolist(), strict=True):
        at = _separator_in(classes, start, end)
        if at >= 0:
            kept[at] = True


def _separator_in(classes: NDArray[np.uint8], start: int, end: int) -> int:
    """Index of the first separator among invisible characters, or -1."""
    inside = np.flatnonzero(classes[start:end] == _SEPARATOR)
    return start + int(inside[0]) if len(inside) else -1


def _expand(
    table: _Table, points: NDArray[np.uint32]
) -> tuple[NDArray[np.uint16], NDArray[np.uint8], NDArray[np.intp]]:
    """Units, classes and raw indices where some characters fold to several (㎏, ㈱, ⑩)."""
    lengths = table.lengths[points].astype(np.intp)
    origin = np.repeat(np.arange(len(points)), lengths)
    within = np.arange(len(origin)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    units = table.units[points][origin]
    classes = table.classes[points][origin]
    many = np.flatnonzero(units == _EXPANDS)
    units[many] = table.expansions[table.starts[points[origin[many]]] + within[many]]
    classes[many] = table.classes[units[many]]
    return units, classes, origin


@cache
def _table() -> _Table:
    units = np.full(_CODE_POINTS, _UNKNOWN, dtype=np.uint16)
    classes = np.full(_CODE_POINTS, _OTHER, dtype=np.uint8)
    lengths = np.ones(_CODE_POINTS, dtype=np.uint8)
    starts = np.zeros(_CODE_POINTS, dtype=np.int32)
    expansions: list[int] = []
    simplified = _simplified()
    for point in _mapped_points():
        text = _folded_character(chr(point), simplified)
        classes[point] = _class_of(text)
        inside = [ord(c) for c in text if ord(c) < _EXPANDS] or [_SPACE]
        if len(inside) > 1 and all(_class_of(c) == _SEPARATOR for c in text):
            inside, classes[point] = [_SPACE], _SEPARATOR
        if len(inside) == 1:
            units[point] = _SPACE if classes[point] == _SEPARATOR else inside[0]
            continue
        units[point], classes[point] = _EXPANDS, _OTHER
        lengths[point], starts[point] = len(inside), len(expansions)
        expansions += inside
    units[0xFFFF] = 0xFFFF
    classes[0xD800:0xE000] = _OTHER
    return _Table(units, classes, lengths, starts, np.array(expansions or [0], dtype=np.uint16))


def _mapped_points() -> list[int]:
    ranges = (
        (0, 0xD800),
        (0xE000, 0xFFFE),
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
    if character in _APOSTROPHES:
        return ""
    composed = unicodedata.normalize("NFKC", character).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(c))
    text = bare if bare and bare.isascii() else composed
    return "".join(simplified.get(c, c) for c in text)


def _class_of(text: str) -> int:
    """Class of a folded character; of several, that of the whole does not matter."""
    if not text:
        return _DROP
    character = text[0]
    if character in _MASKED or unicodedata.name(character, "").startswith("CJK UNIFIED"):
        return _HAN
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cc") and character not in "\t\n\r\v\f":
        return _DROP
    return _OTHER if category[0] in "LNC" and character not in "\t\n\r\v\f" else _SEPARATOR
