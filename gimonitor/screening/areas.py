"""What the name of a place says about the area of a GI: of goods from there, whether they come from inside or outside it, or that it cannot be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gimonitor.model.finding import Origin
from gimonitor.register.latin import read_latin
from gimonitor.register.regions import Region, is_within, origin_of
from gimonitor.screening.divisions import is_division, is_town, regions_in
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.vocabulary import Vocabulary

_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_ROW = re.compile("[、，,/;； " + "和及与" + "]")  # between places
_WORD = re.compile(r"[a-z\u4e00-\u9fff]")


def says_of(profile: Profile, text: str, words: Vocabulary | None = None) -> Origin:
    """What a place name says about goods under a GI: a wider area than the protected one says nothing."""
    return _place_says(profile, text[:200], words)


def holds_area(profile: Profile, text: str) -> bool:
    """True for a place in which the whole area of a GI lies, and which is wider: 黑龙江 for 五常大米."""
    regions = regions_in(folded(text[:200]))
    codes = [found.adcode for found in regions]
    return bool(codes and profile.area) and all(
        is_within(area, (code,)) and not is_within(code, (area,)) for code in codes for area in profile.area
    )


@lru_cache(maxsize=20_000)  # profiles and vocabularies are told apart by identity, so that hashing them costs nothing
def _place_says(profile: Profile, text: str, words: Vocabulary | None) -> Origin:
    short, regions = _named_in(text, words)
    if profile.foreign:
        return _says_abroad(profile, short, regions, words)
    if regions:
        says = origin_of(regions, profile.area)
        if says is Origin.OUTSIDE and (is_town(short) or _may_name_own_place(profile, text, regions)):
            return Origin.UNKNOWN
        return Origin.INSIDE if says is Origin.UNKNOWN and profile.core and profile.core in short else says
    if words and any(words.pattern(group).search(short) for group in ("countries", "foreign-origins")):
        return Origin.OUTSIDE
    return Origin.UNKNOWN


def _says_abroad(profile: Profile, short: str, regions: Sequence[Region], words: Vocabulary | None) -> Origin:
    """Of a name from abroad, whose area is not entered: its country alone speaks for it, another place there is open."""
    if regions or (words and words.pattern("domestic-origins").search(short)):
        return Origin.OUTSIDE
    country = _country(profile, words)
    if words is None or not country:
        return Origin.UNKNOWN
    if country not in short:
        return Origin.OUTSIDE if words.pattern("countries").search(short) else Origin.UNKNOWN
    if profile.core == country or _names_own_place(profile, short, country):
        return Origin.INSIDE
    return Origin.UNKNOWN if _WORD.search(_besides_country(short, country, words)) else Origin.INSIDE


def names_other_place_abroad(profile: Profile, text: str, words: Vocabulary) -> bool:
    """True for a place, of which the country need not be told, that is not the own one of a name from abroad: 卢瓦尔 for 香槟."""
    short, country = folded(text[:200]), _country(profile, words)
    return (
        bool(country)
        and not _names_own_place(profile, short, country)
        and bool(_WORD.search(_besides_country(short, country, words)))
    )


def _country(profile: Profile, words: Vocabulary | None) -> str:
    """The country that a name from abroad is of; empty where it is not known."""
    found = words.pattern("countries").match(profile.gi.city) if words else None
    return found.group() if found else ""


def _names_own_place(profile: Profile, short: str, country: str) -> bool:
    """True where a folded text names the GI's own place, with or without a town in it: 法国香槟区 兰斯."""
    own = (folded(profile.gi.city).removeprefix(country), profile.core, *profile.names)
    spelt = (folded(name.value) for name in profile.gi.translations)
    return any(word in short for word in (*own, *spelt) if word)


def _besides_country(short: str, country: str, words: Vocabulary) -> str:
    """What a folded text names besides a country: 波尔多 in 法国波尔多."""
    latin = (name for name, chinese in words.countries.items() if chinese == country)
    for word in sorted({country, *latin} - {""}, key=len, reverse=True):
        short = short.replace(word, " ")
    for group in ("foreign-origins", "country-fillers"):
        short = words.pattern(group).sub(" ", short)
    return short


def _named_in(text: str, words: Vocabulary | None) -> tuple[str, Sequence[Region]]:
    """A folded text, with the Chinese names of the countries that it names in Latin letters, and the divisions in either writing.

    Divisions in Latin letters count only where no country but China is named: a place abroad may be written like one.
    """
    short = folded(text)
    regions = regions_in(short)
    if words is None or regions or not _LATIN.search(short):
        return short, regions
    places = read_latin(text, words.countries)
    abroad = any(not words.pattern("domestic-origins").fullmatch(country) for country in places.countries)
    return short + "".join(places.countries), () if abroad else places.regions


def _may_name_own_place(profile: Profile, text: str, regions: Sequence[Region]) -> bool:
    """True for places that bear the name too, and for a row of places that the name's own stands in: 陕西洛川、富平 for 富平柿饼."""
    core = profile.core
    return bool(core) and (_bears(core, regions) or any(part.startswith(core) for part in _ROW.split(text)[1:]))


def _bears(core: str, regions: Sequence[Region]) -> bool:
    """True for places that bear the name too: in the division that it names (银川 for 宁夏枸杞, whose area is one county), or of the same name (响水县)."""
    named = [home.adcode for home in regions_in(core)] if is_division(core) else []
    return any(is_within(found.adcode, named) or found.name.startswith(core) for found in regions)
