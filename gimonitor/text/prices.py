"""Prices as marketplaces write them, to fen, and what they are the price of."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from gimonitor.text.plain import plain
from gimonitor.text.quantities import number

STATED = "标价原文"
"""The attribute that keeps how a price is written where the number alone does not tell what it is the price of."""

_WHOLE = r"(?!\d|[,，]\d{3})"  # a number is read to its end, or not at all
_AMOUNT = (
    rf"(?P<amount>\d{{1,3}}(?:[,，]\d{{3}})+{_WHOLE}(?:\.\d{{1,2}})?|\d{{1,9}}{_WHOLE}(?:\.\d{{1,2}})?)"
    r"\s*(?P<factor>万|千(?!克))?"
)
_MARKED = re.compile(r"(?:[¥￥]|rmb|cny|价|券后|到手)\s*[:]?\s*" + _AMOUNT, re.IGNORECASE)
_NAMED = re.compile(r"(?<![\d.])(?<!\d{4}[,，])" + _AMOUNT + r"\s*(?:元|块|圆)")
_BARE = re.compile(r"^\s*" + _AMOUNT + r"\s*(?:[-~起]|$)")
_GRAMS = {
    "g": 1, "克": 1, "kg": 1000, "千克": 1000, "公斤": 1000, "斤": 500, "市斤": 500, "jin": 500, "两": 50, "吨": 1_000_000,
}  # fmt: skip
_UNIT = r"(?P<unit>公斤|千克|kg|市斤|斤|jin|克|g|两|吨)(?![a-z])"
_COUNT = r"(?P<count>\d{1,4}(?:\.\d{1,2})?|[二两三四五六七八九十半])?\s*"
_SAID = r"[\s:/的单价格售卖为是仅只需要才约不到低至合(]{0,8}"  # between a weight and its price
_PRICED = rf"{_SAID}(?P<sign>[¥￥]\s*)?{_AMOUNT}(?(sign)|\s*(?:元|块|圆|$))(?!\s*[/每(一])"
_PER = r"(?:\s*/\s*[每一]?|[每一]{1,2}|\s*\(\s*[/每一]?|1(?=\s*(?:公?斤|市斤|千克|kg))|\s*每(?=[\s\d]*[a-z一-龥]{1,2}\s*$))"
_NO_OTHER = r"(?![^\d\s,;]{0,6}\d+(?:\.\d+)?\s*(?:元|块))"  # 29.9元每斤不到3元
_BY_WEIGHT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_AMOUNT}\s*)?(?:元|块|圆)钱?{_PER}\s*{_COUNT}{_UNIT}{_NO_OTHER}",  # 9元/斤, 9元(每斤)
        rf"^\s*[¥￥]?\s*{_AMOUNT}\s*[/每]\s*{_COUNT}{_UNIT}",  # 9.9/500g
        rf"(?<![\d.\-])[¥￥]?\s*{_AMOUNT}\s*/\s*{_UNIT}",
        rf"[¥￥]\s*{_AMOUNT}\s*[/每]\s*{_COUNT}{_UNIT}{_NO_OTHER}",
        rf"(?:每\s*{_COUNT}|^\s*|(?<![十百])一|(?<![\d.])1\s*){_UNIT}{_PRICED}",  # 每斤9元, 斤/9元, 一斤9元
        rf"(?<![\d.十百])(?P<count>\d{{1,4}}(?:\.\d{{1,2}})?|[二两三四五六七八九十半])\s*{_UNIT}{_PRICED}",  # 10斤90元
    )
)
_UNIT_NAMED = re.compile(rf"(?<![\d.十百a-z]){_COUNT}{_UNIT}", re.IGNORECASE)
_KINDS = r"(?P<unit>公斤|千克|kg|市斤|斤|两|克)"
_END = r"(?=$|[\s,.。;、!)\]])"
_SOLD_BY = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"[按论以称]{_KINDS}(?:(?:计价|计费|卖|售|出售|销售|定价|结算|标价|称|拍)(?!的)|{_END})",
        rf"价格?\s*均?[为是按即]\s*[每一]?{_KINDS}的?{_END}",
        rf"单位\s*[:为是]?\s*{_KINDS}(?![一-龥])",
        rf"(?:[每单]|(?<!\d)1|(?<![十百])一){_KINDS}的?单?价格?{_END}",
        rf"^\s*{_KINDS}\s*$",
    )
)
_BY_PACK = re.compile(r"(?:元|块|圆)\s*(?:[/每一]|\()\s*[袋盒罐瓶包听]")
_RATE = re.compile("单价|积分")
_UNITS = (500, 1000)  # grams
_IN_PARTS = re.compile(
    r"拍\s*(?:[2-9]|\d{2,4}|[二两三四五六七八九十])\s*[件份个袋]?\s*发\s*[\d一二两三四五六七八九十半]+\s*(?:公?斤|kg)"
)
_OPEN = re.compile(r"\d\s*(?:元|块)?\s*(?:起|[-~至到]\s*[¥￥]?\s*\d)")
_PLAIN = re.compile(rf"\s*[¥￥]?\s*{_AMOUNT}\s*(?:元|块|圆)?\s*")
_FACTORS = {"万": 10_000, "千": 1_000, "": 1, None: 1}


def fen(text: str) -> int | None:
    """The price in fen, or None: `¥1,280.00` 128000, `1.2万` 1200000; of a range the lower bound; `已售1000+` is no price, nor
    is a number of more than nine digits."""
    half = plain(text)
    for pattern in (_MARKED, _NAMED, _BARE):
        amounts = [_fen(match) for match in pattern.finditer(half)]
        if amounts:
            return min(amounts) if pattern is _MARKED and "券后" in half else amounts[0]
    return None


def _fen(found: re.Match[str]) -> int:
    value = Decimal(found["amount"].replace(",", "").replace("，", "")) * _FACTORS[found["factor"]]
    return int((value * 100).to_integral_value())


class ByWeight(NamedTuple):
    """A price by weight: in fen, None where only the weight is said, and the grams that it is for."""

    price: int | None
    grams: int

    @property
    def is_of_unit(self) -> bool:
        """True for the price of a 斤 or a kilogram, by which goods are sold loose."""
        return self.grams in _UNITS

    def weight_at(self, price: int) -> int | None:
        """The grams that another price is for, where it is this one, or that of another unit at the same rate: 8 of `每公斤16元`."""
        if self.price in (None, price):
            return self.grams
        other = sum(_UNITS) - self.grams
        return other if self.is_of_unit and self.price * other == price * self.grams else None


def prices_by_weight(text: str) -> list[ByWeight]:
    """What a text says that a weight costs, surest first: `9元/斤`, `每公斤18元`, `10斤90元`, `元/kg`."""
    half = plain(text)
    return [
        ByWeight(_fen(found) if found["amount"] else None, grams)
        for pattern in _BY_WEIGHT
        for found in pattern.finditer(half)
        if (grams := _weight(found))
    ]


def _weight(found: re.Match[str]) -> int:
    return round(number(found.groupdict().get("count") or "1") * _GRAMS[found["unit"].lower()])


def unit_priced(text: str) -> int | None:
    """The grams of the unit in what is said of a price: `斤` 500, `9元(按公斤)` 1000, `500g` 500; a gram is that of net weights."""
    found = _UNIT_NAMED.search(plain(text))
    return grams if found and (grams := _weight(found)) >= _GRAMS["两"] else None


def sold_by(text: str) -> int | None:
    """The grams of the unit that goods are said to be sold by, where no number is: `按斤卖` 500, `单斤价` 500, `按公斤计价` 1000."""
    half = plain(text)
    found = next((found for pattern in _SOLD_BY if (found := pattern.search(half))), None)
    return _GRAMS[found["unit"].lower()] if found else None


def is_by_pack(text: str) -> bool:
    """True for a price that is said to be that of one pack: `30元/袋`."""
    return _BY_PACK.search(plain(text)) is not None


def is_rate(text: str) -> bool:
    """True for a price that is that of a unit which need not be named, or not all of a price: `单价9元`, `1元+999积分`."""
    return _RATE.search(text) is not None


def is_of_part(text: str) -> bool:
    """True where a price is that of a part of the amount told: `拍10份发10斤`."""
    return _IN_PARTS.search(text) is not None


def is_open(text: str) -> bool:
    """True for a price that is one of several: `10-200`, `9.9起`."""
    return _OPEN.search(plain(text)) is not None


def is_plain(text: str) -> bool:
    """True for a price that is a number and nothing else, with or without a sign of the currency."""
    return _PLAIN.fullmatch(plain(text)) is not None
