"""辖区: which GIs a person sees. A city sees its own, a province all of its cities'; nobody's areas: everything.

A sign and a GI whose area is not known belong to no area and are seen only by those who see everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from gimonitor.errors import InputError
from gimonitor.model.register import GI, Register
from gimonitor.register.regions import find_regions, is_within, region

Within = frozenset[str] | None
"""Ids of the GIs that somebody may see; None for all."""


def gis_within(register: Register | None, areas: Sequence[str]) -> Within:
    """The GIs that lie in one of some areas (adcodes of 2, 4 or 6 digits), or whose own area holds one of them."""
    if not areas:
        return None
    if register is None:
        return frozenset()
    return frozenset(gi.id for gi in register.gis if _touches(adcodes_of(gi), areas))


def may_see(register: Register | None, areas: Sequence[str], gi_id: str) -> bool:
    """True where a GI is among those of some areas, without looking at all the others."""
    if not areas or register is None:
        return not areas
    try:
        return _touches(adcodes_of(register.gi(gi_id)), areas)
    except KeyError:
        return False


def adcodes_of(gi: GI) -> tuple[str, ...]:
    """Where a GI belongs: its protected area, else the province and city it is filed under."""
    if gi.area is not None and gi.area.adcodes.value:
        return tuple(gi.area.adcodes.value)
    return _placed(f"{gi.province}{gi.city}")


@lru_cache(maxsize=4096)
def _placed(words: str) -> tuple[str, ...]:
    return tuple(found.adcode for found in find_regions(words) if not found.ambiguous)


def _touches(codes: Sequence[str], areas: Sequence[str]) -> bool:
    return any(is_within(code, areas) for code in codes) or any(is_within(area, codes) for area in areas)


def concerns(register: Register | None, within: Within, query: str) -> bool:
    """True where a query of the collection is somebody's business: it names a GI of their area, or no GI at all."""
    if within is None:
        return True
    named = _named(register, query) if register is not None else frozenset()
    return not named or bool(named & within)


def _named(register: Register, query: str) -> frozenset[str]:
    return frozenset(gi_id for word, gi_id in _words_of(register) if word in query)


@lru_cache(maxsize=2)
def _words_of(register: Register) -> tuple[tuple[str, str], ...]:
    """Every word by which queries ask for a GI: its name, its other names, and the place it is called after."""
    return tuple(
        (word, gi.id)
        for gi in register.gis
        for word in (gi.name, gi.core, *(fact.value for fact in (*gi.aliases, *gi.near)))
        if len(word) > 1
    )


def read_areas(texts: Sequence[str]) -> tuple[str, ...]:
    """Check areas as given. Raises InputError for what is no code of a division."""
    for text in texts:
        if len(text) not in (2, 4, 6) or not text.isdigit() or region(text) is None:
            raise InputError(f"{text!r} is no code of a province, city or county (2, 4 or 6 digits, GB/T 2260)")
    return tuple(dict.fromkeys(texts))
