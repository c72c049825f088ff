"""The seats of makers, as far as the names of firms in attributes tell: 厂名 玉林市…加工厂. A hint, for a firm may pack what others grow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from gimonitor.model.finding import Origin
from gimonitor.register.regions import Region, origin_of, short_name
from gimonitor.screening.dictionary import is_word
from gimonitor.screening.divisions import regions_in
from gimonitor.screening.evidence import OriginEvidence
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.keys import is_one_of

_WEIGHT = 0.3  # less than where goods are sent from
_BEGINNING = 16  # characters of a firm's name in which its seat stands
_FEW = 4  # makers looked at


def makers_seats(profile: Profile, sheet: Sheet, words: Vocabulary) -> Iterator[OriginEvidence]:
    """Where the first makers named in attributes sit; a firm of the area that only orders or packs goods says nothing of them."""
    if profile.foreign or not profile.area:
        return
    for number in _naming(sheet.keys, words):
        segment = sheet.segment(sheet.attributes + number)
        seat = _seat(sheet.text[segment.start : min(segment.end, segment.start + _BEGINNING)])
        says = origin_of(seat, profile.area) if seat else Origin.UNKNOWN
        if says is Origin.OUTSIDE or (says is Origin.INSIDE and not words.pattern("ordering-keys").search(segment.key)):
            shown = sheet.folded.shown(segment.start, segment.end)
            where = partial(sheet.place, segment.start, segment.end)
            yield OriginEvidence(f"商品属性“{segment.key}”", shown, says, _WEIGHT, where)


@lru_cache(maxsize=4096)  # a platform has the same attributes for many goods
def _naming(keys: tuple[str, ...], words: Vocabulary) -> tuple[int, ...]:
    """Which attributes name the maker, the first of them."""
    known = words.words("producer-keys")
    return tuple(number for number, key in enumerate(keys) if is_one_of(key, known))[:_FEW]


def _seat(name: str) -> tuple[Region, ...]:
    """Every reading of the place that a firm's name begins with: written in full, after its province, or that of a city; no plain word (大同, 东方)."""
    found = [one for one in regions_in(name) if one.start == 0]
    text = name[: found[0].end] if found else ""
    if not found or is_word(text):
        return ()
    province = short_name(found[0].province)
    is_told = text.endswith(found[0].name) or text.startswith(province) or found[0].adcode.endswith("00")
    return tuple(found) if is_told else ()
