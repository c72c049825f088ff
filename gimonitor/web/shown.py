"""How seller text is shown: as data, with highlights at exact places and every invisible or reordering character visible."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from markupsafe import Markup, escape

_HIDDEN = frozenset({"Cf", "Cc", "Cs", "Co"})
_KEPT = frozenset("\n\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A span `raw[start:end]` that finding `number` points at."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of text under the same findings; `ends` are the findings whose span ends with it."""

    text: str
    numbers: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def segments(text: str, marks: Iterable[Mark]) -> list[Segment]:
    """Cut `text` at every start and end of a mark. Marks may overlap; one outside the text is cut to it."""
    kept = [m for m in (_within(mark, len(text)) for mark in marks) if m.start < m.end]
    cuts = sorted({0, len(text), *(m.start for m in kept), *(m.end for m in kept)})
    found = []
    for start, end in pairwise(cuts):
        over = sorted({m.number for m in kept if m.start <= start and end <= m.end})
        ends = sorted({m.number for m in kept if m.end == end and m.start <= start})
        found.append(Segment(text=text[start:end], numbers=tuple(over), ends=tuple(ends)))
    return found


def marked(text: str, marks: Sequence[Mark]) -> Markup:
    """HTML of `text` with its marks: `<mark data-findings="1 2">` and the finding's number at the end of its span."""
    parts = []
    for segment in segments(text, marks):
        inner = visible(segment.text)
        if segment.numbers:
            numbers = " ".join(map(str, segment.numbers))
            inner = Markup('<mark data-findings="{}">{}</mark>').format(numbers, inner)
        parts.append(inner)
        parts += [Markup('<sup class="no">{}</sup>').format(number) for number in segment.ends]
    return Markup("").join(parts)


def visible(text: str) -> Markup:
    """HTML of `text`; a character that hides or reorders text is shown as its code point."""
    if not any(map(_is_hidden, text)):
        return escape(text)
    return Markup("").join(
        Markup('<span class="odd" title="{}">{}</span>').format(_name(c), _code(c)) if _is_hidden(c) else escape(c)
        for c in text
    )


def plain(value: object) -> object:
    """Jinja's `finalize`: the same for attributes and titles, as text, so that no template can forget it."""
    if isinstance(value, str) and not hasattr(value, "__html__") and any(map(_is_hidden, value)):
        return "".join(_code(c) if _is_hidden(c) else c for c in value)
    return "" if value is None else value


def web_address(url: str) -> str:
    """`url` where it is an absolute http(s) address, else "": nothing else may become a link."""
    if any(map(_is_hidden, url)) or url != url.strip():
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname and not parts.username else ""


def _within(mark: Mark, length: int) -> Mark:
    return Mark(start=max(0, mark.start), end=min(length, mark.end), number=mark.number)


def _is_hidden(character: str) -> bool:
    return character not in _KEPT and unicodedata.category(character) in _HIDDEN


def _code(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _name(character: str) -> str:
    return unicodedata.name(character, "control character")
