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
    "mg": 0.001, "毫克": 0.001, "吨": 1_000_000.0, "t": 1_000_000.0, "jin": 500.0,
}  # fmt: skip
_MILLILITRES = {"ml": 1.0, "毫升": 1.0, "l": 1000.0, "升": 1000.0}
_PIECES = "只个枚颗粒条片朵根头块"
_PACKS = "袋罐盒瓶包桶箱件份听支坛壶饼提筒组套盘枝泡"
_NUMERALS = {
    "一": 1, "二": 2, "两": 2, "双": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "半": 0.5,
}  # fmt: skip
_POWERS = {"十": 10, "百": 100, "千": 1000}
_BESIDE = 10  # characters
_LINKS, _FILLERS = " :：约共达到≥>=超过不仅只有近足", "()（）/"
_MOST = 1_000_000_000  # grams or millilitres: more is no offer

_NUMERAL = r"[一二两三四五六七八九十半][一二两三四五六七八九十百千零]{0,6}"
_LIANG = r"两(?![个次天年日月只件种口人位样块三四五六七八九])"  # not 一两个月, 三两天
_NUMBER = rf"(?P<n>\d{{1,7}}(?:\.\d+)?(?!\d)|{_NUMERAL}(?=[斤公市千]|克(?!拉)|{_LIANG}))"
_UNIT = r"(?P<unit>kg|mg|g|ml|l|jin|千克|毫克|公斤|市斤|毫升|克|斤|两|升|吨)(?![a-wyz])"
_REST = (  # 一斤半, 2斤2两
    r"(?:(?<=[斤两])(?P<half>半)(?![价折年月天日个只条小熟干发糖野成斤公两])"
    rf"|(?<=斤)(?P<rest>[1-9]|[一二三四五六七八九]){_LIANG}(?!\s*[/一每]))?"
)
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
    r"(?<![\d.\-a-z几数])" + _NUMBER + r"(?:\s*[-~]\s*(?P<upper>\d+(?:\.\d+)?))?\s*" + _UNIT + _REST
    + r"(?:" + _TIMES + r")?", re.IGNORECASE,
)  # fmt: skip
_REVERSED = re.compile(
    r"(?P<count>\d{1,4})\s*[" + _PACKS + _PIECES + r"]\s*(?:装)?\s*[*xX]\s*" + _NUMBER + r"\s*" + _UNIT, re.IGNORECASE
)
_JOINED = re.compile(r"\s*装?\s*\+\s*")  # 5斤+5斤
_PACKED = re.compile(
    r"(?P<count>\d{1,4}|[一二两双三四五六七八九十])\s*(?:小|大)?(?P<pack>[" + _PACKS + r"])"
    r"(?!\s*(?:[起减打享优更送免]|以上|包邮|立减|\d(?:\.\d)?折))"  # of an order: 2袋起批, 2件8折
)
_COUNTED = re.compile(r"(?<![\d.])(?P<count>\d{1,4})\s*(?P<piece>[" + _PIECES + "])")
_PAIRS = re.compile(r"(?P<count>\d{1,3})\s*对")
_EITHER = re.compile(  # 5/10/20斤, 1到10斤, 1,5,10斤, 1 5 10斤
    r"(?:[\d一二三四五六七八九十半]\s*[/、或到至]\s*(?:\d+(?:\.\d+)?|[一二两三四五六七八九十半]+)"
    r"|(?<!\d)\d{1,2}\s*[,&|和]\s*\d{1,2}|(?<!\d)\d{1,2} \d{1,2} \d{1,2})\s*(?:kg|g|公斤|千克|市斤|斤|克|两)",
    re.IGNORECASE,
)
_OF_SEX = r"\s*[:约]?\s*(\d(?:\.\d)?)(?![\d.])(?:\s*[-~]\s*\d(?:\.\d)?)?\s*(两)?"
_SEXES = re.compile(r"([公母])(?:大?闸?蟹)?" + _OF_SEX + r"[^公母\d]{0,6}([公母])(?:大?闸?蟹)?" + _OF_SEX)
_WEIGHED_SEXES = re.compile(
    r"(\d(?:\.\d)?)(?:\s*[-~]\s*\d(?:\.\d)?)?\s*两\s*([公母])[^公母\d]{0,6}"
    r"(\d(?:\.\d)?)(?:\s*[-~]\s*\d(?:\.\d)?)?\s*两\s*([公母])"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What an offer holds; a field is None where the text does not tell. `each_grams` is one piece where it is sold by piece,
    `pack_grams` one pack of the weight named.

    `is_choice`: several weights are named, and which one the price is for is not; `grams` is the largest.
    """

    grams: int | None = None
    millilitres: int | None = None
    pieces: int | None = None
    each_grams: int | None = None
    pack_grams: int | None = None
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
        pack_grams=round(heaviest.pack) if heaviest else None,
        is_choice=is_choice,
    )


def number(text: str) -> float:
    """`2.5` 2.5, `二十五` 25, `半` 0.5; 0 for numerals that make no number: `三五`."""
    if text[0].isdecimal():
        return float(text)
    total = digit = 0.0
    for numeral in text:
        if numeral in _POWERS:
            total, digit = total + (digit or 1) * _POWERS[numeral], 0
        elif digit:
            return 0
        else:
            digit = _NUMERALS.get(numeral, 0)
    return total + digit


def amounts_beside(text: str, before: re.Pattern[str], after: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where weights and volumes stand right after what `before` matches, or right before what `after` does: 满10斤, 10斤起批."""
    half = plain(text)
    return [
        found.span()
        for found in _WEIGHT.finditer(half)
        if (
            not half.startswith("装", found.end())  # 限量10斤装
            and before.search(half[max(0, found.start() - _BESIDE) : found.start()].rstrip(_LINKS))
        )
        or after.match(half[found.end() : found.end() + _BESIDE].lstrip(_FILLERS))
    ]


def _net(text: str) -> str:
    """Without gross weights, where a net weight is named too."""
    return re.sub(r"毛重\D{0,3}[\d.]+\s*(?:kg|g|公斤|千克|克|斤)", "", text) if "净" in text else text


class _Amount(NamedTuple):
    """A stated amount: so much in all, in so many packs."""

    total: float
    times: int

    @property
    def pack(self) -> float:
        return self.total / self.times

    def with_more(self, other: _Amount) -> _Amount:
        """What both hold."""
        return _Amount(self.total + other.total, self.times + other.times)


def _amounts(text: str, units: dict[str, float]) -> list[_Amount]:
    found: list[_Amount] = []
    for match in _REVERSED.finditer(text):
        factor = units.get(match["unit"].lower())
        if factor is not None:
            count = int(match["count"])
            found.append(_Amount(number(match["n"]) * factor * count, count))
    before = 0
    for match in _WEIGHT.finditer(text):
        factor = units.get(match["unit"].lower())
        if factor is None:
            continue
        count = int(match["count"]) if match["count"] else _packs_after(text, match.end())
        count = max(count * (2 if match["counted"] == "对" else 1) * int(match["times"] or 1), 1)
        amount = _Amount(_stated(match, factor) * count, count)
        is_more = before and found[-1].pack == amount.pack and _JOINED.fullmatch(text, before, match.start())
        found.append(found.pop().with_more(amount) if is_more else amount)
        before = match.end()
    return [amount for amount in found if 0 < amount.total <= _MOST]


def _stated(match: re.Match[str], factor: float) -> float:
    """The weight of one pack, to its last half and 两: 一斤半, 2斤2两."""
    rest = number(match["rest"]) * _GRAMS["两"] if match["rest"] else 0
    return (number(match["n"]) + (0.5 if match["half"] else 0)) * factor + rest


def _is_choice(amounts: Sequence[_Amount], heaviest: _Amount) -> bool:
    """True where a weight is neither that of all, in other words, nor that of one pack of it: 20斤 10kg, but 5斤 10斤."""
    same = {round(heaviest.total), round(heaviest.pack)}
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
    return int(number(packed["count"]))


def _counts(text: str) -> list[int]:
    """How many pieces are named, pairs as two."""
    pairs = [int(m["count"]) * 2 for m in _PAIRS.finditer(text)]
    return pairs + [int(m["count"]) for m in _COUNTED.finditer(text)]
