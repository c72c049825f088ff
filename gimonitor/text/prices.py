"""Prices as marketplaces write them, to fen, and what they are the price of."""

from __future__ import annotations

import re
from decimal import Decimal

from gimonitor.text.plain import plain

STATED = "标价原文"
"""The attribute that keeps how a price is written where the number alone does not tell what it is the price of."""

_WHOLE = r"(?!\d|[,，]\d{3})"  # a number is read to its end, or not at all
_AMOUNT = rf"(\d{{1,3}}(?:[,，]\d{{3}})+{_WHOLE}(?:\.\d{{1,2}})?|\d{{1,9}}{_WHOLE}(?:\.\d{{1,2}})?)\s*(万|千)?"
_MARKED = re.compile(r"(?:[¥￥]|rmb|cny|价|券后|到手)\s*[:]?\s*" + _AMOUNT, re.IGNORECASE)
_NAMED = re.compile(r"(?<![\d.])(?<!\d{4}[,，])" + _AMOUNT + r"\s*(?:元|块|圆)")
_BARE = re.compile(r"^\s*" + _AMOUNT + r"\s*(?:[-~起]|$)")
_GRAMS = {"g": 1, "克": 1, "kg": 1000, "千克": 1000, "公斤": 1000, "斤": 500, "市斤": 500, "两": 50}
_PER = r"(?:/|每|一)\s*(\d{1,4})?\s*(公斤|千克|kg|市斤|斤|克|g|两)(?![a-z])"
_BY_WEIGHT = re.compile(
    rf"(?:{_AMOUNT}\s*)?(?:元|块|圆)\s*{_PER}|^\s*[¥￥]?\s*{_AMOUNT}\s*{_PER.replace('|一', '')}", re.IGNORECASE
)
_OPEN = re.compile(r"\d\s*(?:元|块)?\s*(?:起|[-~至到]\s*[¥￥]?\s*\d)")
_PLAIN = re.compile(rf"\s*[¥￥]?\s*{_AMOUNT}\s*(?:元|块|圆)?\s*")
_FACTORS = {"万": 10_000, "千": 1_000, "": 1, None: 1}


def fen(text: str) -> int | None:
    """The price in fen, or None: `¥1,280.00` 128000, `1.2万` 1200000; of a range the lower bound; `已售1000+` is no price, nor
    is a number of more than nine digits."""
    half = plain(text)
    for pattern in (_MARKED, _NAMED, _BARE):
        amounts = [_fen(match.group(1), match.group(2)) for match in pattern.finditer(half)]
        if amounts:
            return min(amounts) if pattern is _MARKED and "券后" in half else amounts[0]
    return None


def _fen(amount: str, factor: str | None) -> int:
    value = Decimal(amount.replace(",", "").replace("，", "")) * _FACTORS[factor]
    return int((value * 100).to_integral_value())


def weight_priced(text: str, price: int | None = None) -> int | None:
    """The grams that a price is said to be for: `9元/斤` 500, `元/kg` 1000; None where it is not by weight, or the number is
    another one than `price` in fen."""
    for found in _BY_WEIGHT.finditer(plain(text)):
        amount, factor, count, unit = found.groups()[:4] if found[4] else found.groups()[4:]
        if price is None or (amount and _fen(amount, factor) == price):
            return int(count or 1) * _GRAMS[unit.lower()]
    return None


def is_open(text: str) -> bool:
    """True for a price that is one of several: `10-200`, `9.9起`."""
    return _OPEN.search(plain(text)) is not None


def is_plain(text: str) -> bool:
    """True for a price that is a number and nothing else, with or without a sign of the currency."""
    return _PLAIN.fullmatch(plain(text)) is not None
