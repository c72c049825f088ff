"""Places in Latin letters, as pages in English write them: Anji County, Huzhou, Zhejiang; Product of Vietnam.

Divisions are known by the pinyin of every word that names them, and by what `divisions/latin.csv` adds; countries by the
table that is given. What several places share in pinyin is all of them, unless a wider place beside it tells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from gimonitor.register.former import latin_names
from gimonitor.register.regions import Region, is_within, named_divisions, region, widest
from gimonitor.text.sounds import spellings

_WORD = re.compile(r"[a-z]+")
_PART = re.compile(r"[,;/|()，；、]")
_JOINING = frozenset({"the", "and"})
_KINDS = frozenset({"province", "city", "county", "district", "prefecture", "municipality", "autonomous", "region"})
_SMALLER = frozenset(
    {"village", "town", "township", "mountain", "mountains", "lake", "road", "street", "river", "island"}
)
_WORDS_OF_A_NAME = 5
_SHORTEST, _LONGER = (
    4,
    6,
)  # letters of a division: less are too easily other words; from here on rare readings count too
_CODE = 2  # letters of the code of a country
_WAYS = 4  # of reading the characters of a name


class LatinPlaces(NamedTuple):
    """What a text in Latin letters names: divisions in every reading, countries by their Chinese names, and up to where it names nothing else."""

    regions: tuple[Region, ...] = ()
    countries: tuple[str, ...] = ()
    end: int = 0


NOWHERE = LatinPlaces()


class _Named(NamedTuple):
    """A place at `text[start:end]`: the codes it may mean, or a country."""

    codes: tuple[str, ...]
    country: str
    start: int
    end: int


def read_latin(text: str, countries: Mapping[str, str]) -> LatinPlaces:
    """The places in a text. `countries`: names and codes in small letters with the Chinese name.

    A code of two letters is a country only where nothing else stands beside it between commas: FR.
    """
    small = _small(text)
    words = list(_WORD.finditer(small))
    named = list(_named(text, words, countries))
    found = tuple(dict.fromkeys(one.country for one in named if one.country))
    codes = _agreeing([one.codes for one in named if one.codes])
    regions = tuple(known for code in codes if (known := region(code)) is not None)
    return LatinPlaces(regions, found, _leading(words, named))


def _small(text: str) -> str:
    """Small letters without accents, one for each character."""
    return "".join([unicodedata.normalize("NFD", c)[0] for c in text.lower()]) if not text.isascii() else text.lower()


def _named(text: str, words: Sequence[re.Match[str]], countries: Mapping[str, str]) -> Iterator[_Named]:
    """The places that words name, the longest name first."""
    divisions, at = _divisions(), 0
    while at < len(words):
        for last in range(min(len(words), at + _WORDS_OF_A_NAME), at, -1):
            run = [word.group() for word in words[at:last]]
            start, end = words[at].start(), words[last - 1].end()
            country = countries.get(" ".join(run), "")
            if country and (end - start > _CODE or _is_alone(text, start, end)):
                yield _Named((), country, start, end)
                break
            codes = divisions.get("".join(run).replace("v", "u"))
            if codes and not (last < len(words) and words[last].group() in _SMALLER):  # 龙井村 is not 龙井市
                yield _Named(codes, "", start, end)
                break
        else:
            last = at + 1
        at = last


def _is_alone(text: str, start: int, end: int) -> bool:
    """True for capitals with nothing beside them between commas."""
    return text[start:end] in [part.strip() for part in _PART.split(text)] and text[start:end].isupper()


def _leading(words: Sequence[re.Match[str]], named: Sequence[_Named]) -> int:
    """Up to where a text names places and what kind they are, and nothing else."""
    end = 0
    for word in words:
        holder = next((one for one in named if one.start <= word.start() < one.end), None)
        if holder is None and word.group() not in _KINDS and (end or word.group() not in _JOINING):
            break
        end = holder.end if holder else end
    return end


def _agreeing(places: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Of several places that lie in one another the narrowest, in the readings that do; else all of them."""
    if len(places) < 2:
        return widest(places[0]) if places else ()
    kept = [
        tuple(c for c in codes if all(any(_is_nested(c, d) for d in other) for other in places if other is not codes))
        for codes in places
    ]
    if not all(kept):
        return tuple(dict.fromkeys(code for codes in places for code in widest(codes)))
    agreeing = tuple(dict.fromkeys(code for codes in kept for code in codes))
    return tuple(c for c in agreeing if not any(d != c and is_within(d, (c,)) for d in agreeing))


def _is_nested(one: str, other: str) -> bool:
    return is_within(one, (other,)) or is_within(other, (one,))


@cache
def _divisions() -> dict[str, tuple[str, ...]]:
    """Letters of every name without blanks, `u` for ü, with the codes it may mean; 沁县 is Qin County too."""
    found: dict[str, dict[str, None]] = {}
    for words, codes in named_divisions().items():
        for rank, way in enumerate(spellings(words, _WAYS)):
            letters = "".join(way).replace("v", "u")
            short = [way[0].replace("v", "u") + "county"] if len(words) == 2 and words.endswith("县") else []
            for name in (letters, *short):
                if len(name) >= (_LONGER if rank else _SHORTEST) and name.isascii():
                    found.setdefault(name, {}).update(dict.fromkeys(codes))
    for name, code in latin_names().items():
        letters = "".join(_WORD.findall(name.lower())).replace("v", "u")
        found.setdefault(letters, {})[code] = None
    return {name: tuple(codes) for name, codes in found.items()}
