"""What lies in one parcel with goods sold by measure: a cup beside 100 g of tea is no sign that cups are sold."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from gimonitor.screening.sheet import Sheet

_NUMBER = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十半])"
_WEIGHT = re.compile(_NUMBER + r"(?:kg|g|克|千克|公斤|斤|两)(?![a-z])")
_VOLUME = re.compile(_NUMBER + r"(?:ml|l|毫升|升)(?![a-z])")
_PLUS = re.compile(r"[+＋]")
_GIVEN = re.compile(r"(?:送|赠)[^，。 ]{0,12}$")
_PORTION = re.compile(r"[一二两三四1-9][罐饼盒包袋泡] ?(?:[和与及配] ?)?$")
_LONGEST_PORTION = 5  # characters
_LONGEST_PART = 16  # characters beside a plus sign
_NEAR = 60  # characters before a word in which the name or a measure is looked for


def is_added(sheet: Sheet, at: int, named: Iterable[int], vessels: Container[int], is_drink: bool) -> bool:
    """True for a word of the title that stands after a plus sign, and before that the GI, a gift, or goods by measure.

    西湖龙井+茶杯, 茶叶100g+茶杯, 500ml*2+酒杯, 买即送茶杯+茶滤. `named` is where names of the GI end, `vessels` where words
    for vessels do: 玻璃杯300ml says what the vessel holds.
    """
    raw = sheet.listing.title
    if "+" not in raw and "＋" not in raw:
        return False
    assert sheet.title is not None
    end = sheet.folded.raw_at(sheet.title.start + at)
    signs = [found.start() for found in _PLUS.finditer(raw, max(0, end - _LONGEST_PART), end)]
    if not signs or " " in raw[signs[-1] + 1 : end].strip():
        return False
    if _GIVEN.search(raw, max(0, signs[-1] - _LONGEST_PART), signs[-1]):
        return True
    plus = sheet.folded.folded_at(signs[-1]) - sheet.title.start
    near = [last for last in named if plus - _NEAR < last <= plus]
    if any(all(place not in vessels for place in range(last, plus + 1)) for last in near):
        return True
    return has_measure(sheet.title_text, plus, vessels, is_drink)


def has_measure(title: str, end: int, vessels: Container[int], is_drink: bool) -> bool:
    """True where a folded title states a measure of goods not far before `end`: a weight, or a volume of drinks; none of a vessel."""
    starts = [start for start, _ in _measures(title, end, is_drink)]
    return any(start not in vessels and not (title[start - 1] == " " and start - 1 in vessels) for start in starts)


def is_beside(sheet: Sheet, at: int, goods: tuple[str, ...], is_drink: bool) -> bool:
    """True for a word of the title before which a measure of such goods stands alone, or a portion right before it: 茶叶100g 盖碗, 茶叶一罐茶具一套; not 大米10斤装米桶."""
    title = sheet.title_text
    portion = _PORTION.search(title, max(0, at - _LONGEST_PORTION), at)
    if portion and title.endswith(goods, 0, portion.start()):
        return True
    return any(
        title.endswith(goods, 0, start - (title[start - 1] == " ")) and (title[end] == " " or sheet.is_parted(end))
        for start, end in _measures(title, at, is_drink)
    )


def _measures(title: str, end: int, is_drink: bool) -> Iterator[tuple[int, int]]:
    for pattern in (_WEIGHT, _VOLUME) if is_drink else (_WEIGHT,):
        for found in pattern.finditer(title, max(0, end - _NEAR), end):
            if found.start():
                yield found.span()
