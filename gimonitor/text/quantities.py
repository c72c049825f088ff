"""How much of the goods an offer holds: specification text to grams, millilitres or pieces.

Source: 1 斤 = 500 g, 1 两 = 50 g, 1 公斤 = 1 kg (国务院关于在我国统一实行法定计量单位的命令, 1984).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gimonitor.text.plain import plain

_GRAMS = {
    "g": 1.0, "克": 1.0, "kg": 1000.0, "千克": 1000.0, "公斤": 1000.0, "斤": 500.0, "市斤": 500.0, "两": 50.0,
    "mg": 0.001, "毫克": 0.001, "吨": 1_000_000.0, "t": 1_000_000.0,
}  # fmt: skip
_MILLILITRES = {"ml": 1.0, "毫升": 1.0, "l": 1000.0, "升": 1000.0}
_PIECES = "只个枚颗粒条片朵根头块"
_PACKS = "袋罐盒瓶包桶箱件份听支坛壶饼提筒组套盘枝泡"
_NUMERALS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "半": 0.5,
}

_NUMBER = r"(?P<{0}>\d+(?:\.\d+)?|[一二两三四五六七八九十半](?=[斤公])|[一二三四五六七八九十半](?=两(?![个次天年日月只件种口人位样块三四五六七八九])))"
_UNIT = r"(?P<{0}>kg|mg|g|ml|l|千克|毫克|公斤|市斤|毫升|克|斤|两|升|吨)(?![a-wyz])"
_TIMES = (
    r"\s*(?:/|每)?\s*(?P<per>["
    + _PACKS
    + _PIECES
    + r"])?(?:装)?\s*[*xX]\s*(?P<count>\d{1,4})\s*(?P<counted>["
    + _PACKS
    + _PIECES
    + r"对])?(?:(?:/["
    + _PACKS
    + r"])?\s*[*xX]\s*(?P<times>\d{1,3})\s*["
    + _PACKS
    + "])?"
)
_WEIGHT = re.compile(
    r"(?<![\d.\-a-z])" + _NUMBER.format("n") + r"(?:\s*[-~]\s*(?P<upper>\d+(?:\.\d+)?))?\s*" + _UNIT.format("unit")
    + r"(?:" + _TIMES + r")?", re.IGNORECASE,
)  # fmt: skip
_REVERSED = re.compile(
    r"(?P<count>\d{1,4})\s*[" + _PACKS + _PIECES + r"]\s*(?:装)?\s*[*xX]\s*" + _NUMBER.format("n") + r"\s*" + _UNIT.format("unit"),
    re.IGNORECASE,
)  # fmt: skip
_PACKED = re.compile(r"(?P<count>\d{1,4}|[一二两三四五六七八九十])\s*(?:小|大)?(?P<pack>[" + _PACKS + "])")
_COUNTED = re.compile(r"(?<![\d.])(?P<count>\d{1,4})\s*(?P<piece>[" + _PIECES + "])")
_PAIRS = re.compile(r"(?P<count>\d{1,3})\s*对")
_EITHER = re.compile(r"\d\s*[/、或]\s*\d+(?:\.\d+)?\s*(?:kg|g|公斤|千克|市斤|斤|克|两)", re.IGNORECASE)  # 5/10/20斤
_OF_SEX = r"\s*[:约]?\s*(\d(?:\.\d)?)(?![\d.])(?:\s*[-~]\s*\d(?:\.\d)?)?\s*(两)?"
_SEXES = re.compile(r"([公母])(?:大?闸?蟹)?" + _OF_SEX + r"[^公母\d]{0,6}([公母])(?:大?闸?蟹)?" + _OF_SEX)
_WEIGHED_SEXES = re.compile(
    r"(\d(?:\.\d)?)(?:\s*[-~]\s*\d(?:\.\d)?)?\s*两\s*([公母])[^公母\d]{0,6}"
    r"(\d(?:\.\d)?)(?:\s*[-~]\s*\d(?:\.\d)?)?\s*两\s*([公母])"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What an offer holds; a field is None where the text does not tell. `each_grams` is one piece where it is sold by piece.

    `is_choice`: several weights are named, and which one the price is for is not; `grams` is the largest.
    """

    grams: int | None = None
    millilitres: int | None = None
    pieces: int | None = None
    each_grams: int | None = None
    is_choice: bool = False


def grams(text: str) -> int | None:
    """Net weight in grams: `2.5kg*2袋` 5000, `5斤装` 2500, `250g/罐×2` 500; None where there is none, or one has to be chosen."""
    stated = quantity(text)
    return None if stated.is_choice else stated.grams


def quantity(text: str) -> Quantity:
    """Read a specification or title. Of several weights the largest is the offer; `净重` wins over `毛重`."""
    half = _net(plain(text).lower())
    counts = _counts(half)
    pieces = max(counts, default=None)
    amounts, volumes = _amounts(half, _GRAMS), _amounts(half, _MILLILITRES)
    heaviest = max(amounts, key=lambda amount: amount.total, default=None)
    total, each = heaviest.total if heaviest else None, None
    is_choice = heaviest is not None and (_EITHER.search(half) is not None or _is_choice(amounts, heaviest))
    couple = _couple(half) if pieces else None
    if couple is not None and pieces:
        total, each, is_choice = couple * pieces, round(couple), len(set(counts)) > 1
    elif heaviest and heaviest.times == 1 and pieces and heaviest.total < 1000 and heaviest.total * pieces <= 50_000:
        total, each = heaviest.total * pieces, round(heaviest.total)
    return Quantity(
        grams=round(total) if total else None,
        millilitres=round(max(volume.total for volume in volumes)) or None if volumes else None,
        pieces=pieces,
        each_grams=each,
        is_choice=is_choice,
    )


def _net(text: str) -> str:
    """Without gross weights, where a net weight is named too."""
    return re.sub(r"毛重\D{0,3}[\d.]+\s*(?:kg|g|公斤|千克|克|斤)", "", text) if "净" in text else text


class _Amount(NamedTuple):
    """A stated amount: so much in all, in so many packs."""

    total: float
    times: int


def _amounts(text: str, units: dict[str, float]) -> list[_Amount]:
    found: list[_Amount] = []
    for match in _REVERSED.finditer(text):
        factor = units.get(match["unit"].lower())
        if factor is not None:
            count = int(match["count"])
            found.append(_Amount(_number(match["n"]) * factor * count, count))
    for match in _WEIGHT.finditer(text):
        factor = units.get(match["unit"].lower())
        if factor is None:
            continue
        count = int(match["count"]) if match["count"] else _packs_after(text, match.end())
        count *= (2 if match["counted"] == "对" else 1) * int(match["times"] or 1)
        found.append(_Amount(_number(match["n"]) * factor * max(count, 1), max(count, 1)))
    return found


def _is_choice(amounts: Sequence[_Amount], heaviest: _Amount) -> bool:
    """True where a weight is neither that of all, in other words, nor that of one pack of it: 20斤 10kg, but 5斤 10斤."""
    same = {round(heaviest.total), round(heaviest.total / heaviest.times)}
    return any(round(amount.total) not in same for amount in amounts)


def _couple(text: str) -> float | None:
    """The mean weight of a crab where one for each sex is stated: 公4两母3两, 公4.0母3.0, 4.0两公 3.0两母."""
    if "公" not in text or "母" not in text:
        return None
    if (found := _WEIGHED_SEXES.search(text)) and found[2] != found[4]:
        return (float(found[1]) + float(found[3])) / 2 * _GRAMS["两"]
    if (found := _SEXES.search(text)) and found[1] != found[4]:
        measured = found[3] or found[6] or ("." in found[2] and "." in found[5])
        return (float(found[2]) + float(found[5])) / 2 * _GRAMS["两"] if measured else None
    return None


def _packs_after(text: str, end: int) -> int:
    """`250g 2罐` and `250g共2罐`: packs named right after a weight."""
    match = re.compile(r"(?:/[" + _PACKS + r"])?\s*(?:共|,|,)?\s*").match(text, end)
    packed = _PACKED.match(text, match.end() if match else end)
    if packed is None:
        return 1
    return int(_number(packed["count"]))


def _counts(text: str) -> list[int]:
    """How many pieces are named, pairs as two."""
    pairs = [int(m["count"]) * 2 for m in _PAIRS.finditer(text)]
    return pairs + [int(m["count"]) for m in _COUNTED.finditer(text)]


def _number(text: str) -> float:
    return float(_NUMERALS[text]) if text in _NUMERALS else float(text)
