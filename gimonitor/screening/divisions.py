"""Names of administrative divisions as screening asks for them: named in a short text, lying in an area, ending words."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from gimonitor.register.regions import Region, find_regions, named_divisions, region
from gimonitor.screening.vocabulary import NEVER

_TOWNS = frozenset(("镇", "乡", "村", "街"))


@lru_cache(maxsize=20_000)
def regions_in(short: str) -> tuple[Region, ...]:
    """Administrative divisions named in a short folded text."""
    return find_regions(short)


def is_division(text: str) -> bool:
    """True where a text is the name of one division and nothing else."""
    regions = regions_in(text)
    return bool(regions) and all(found.start == 0 and found.end == len(text) for found in regions)


def is_town(text: str) -> bool:
    """True where the last name of a division in a text is only part of a town's: 民乐 in 民乐乡, 龙凤 in 龙凤山镇."""
    found = regions_in(text)
    if not found or found[-1].end - found[-1].start >= len(found[-1].name):
        return False
    rest = text[found[-1].end : found[-1].end + 2]
    return rest[:1] in _TOWNS or (rest[1:] in _TOWNS and found[-1].name.endswith("区"))


@lru_cache(maxsize=20_000)
def counties(area: tuple[str, ...]) -> re.Pattern[str]:
    """Matches the names of the counties that lie in an area, of districts the full ones only: 朝阳 is many things."""
    within = _forms_within()
    names = sorted({form for code in area for form in within.get(_stem(code), ())})
    return re.compile("|".join(map(re.escape, names))) if names else NEVER


def _stem(code: str) -> str:
    """The digits of a province, city or county that its parts begin with: 37 of 370000."""
    return code[:6].removesuffix("00").removesuffix("00")


@cache
def _forms_within() -> dict[str, tuple[str, ...]]:
    """The words that name the counties in each province, city and county, by its digits."""
    found: dict[str, list[str]] = {}
    for form, codes in named_divisions().items():
        if form.endswith("区") or not all(_is_district(code) for code in codes):
            for code in codes:
                for stem in (code[:2], code[:4], code) if not code.endswith("00") else ():
                    found.setdefault(stem, []).append(form)
    return {stem: tuple(forms) for stem, forms in found.items()}


def _is_district(code: str) -> bool:
    found = region(code)
    return found is not None and found.name.endswith("区")


@cache
def ends(code_end: str = "") -> frozenset[str]:
    """The last characters of the names of divisions; with `code_end` "00" of provinces and cities only."""
    divisions = named_divisions().items()
    return frozenset(words[-1] for words, codes in divisions if any(c.endswith(code_end) for c in codes))
