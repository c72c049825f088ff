"""Prices as marketplaces write them, to fen."""

from __future__ import annotations

import re
from decimal import Decimal

from gimonitor.text.plain import plain

_WHOLE = r"(?!\d|[,，]\d{3})"  # a number is read to its end, or not at all
_AMOUNT = rf"(\d{{1,3}}(?:[,，]\d{{3}})+{_WHOLE}(?:\.\d{{1,2}})?|\d{{1,9}}{_WHOLE}(?:\.\d{{1,2}})?)\s*(万|千)?"
_MARKED = re.compile(r"(?:[¥￥]|rmb|cny|价|券后|到手)\s*[:]?\s*" + _AMOUNT, re.IGNORECASE)
_NAMED = re.compile(r"(?<![\d.])(?<!\d{4}[,，])" + _AMOUNT + r"\s*(?:元|块|圆)")
_BARE = re.compile(r"^\s*" + _AMOUNT + r"\s*(?:[-~起]|$)")
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
