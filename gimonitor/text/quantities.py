"""How much of the goods an offer holds: specification text to grams, millilitres or pieces.

Source: 1 斤 = 500 g, 1 两 = 50 g, 1 公斤 = 1 kg (国务院关于在我国统一实行法定计量单位的命令, 1984).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gimonitor.text.plain import plain

_GRAMS = {
    "g": 1.0, "克": 1.0, "kg": 1000.0, "千克": 1000.0, "公斤": 1000.0, "斤": 500.0, "市斤": 500.0, "两": 50.0,
    "mg": 0.001, "毫克": 0.001, "吨": 1_000_000.0, "t": 1_000_000.0,
}  # fmt: skip
_MILLILITRES = {"ml": 1.0, "毫升": 1.0, "l": 1000.0, "升": 1000.0}
_PIECES = "只个枚颗粒条片朵根头块"
_PACKS = "袋罐盒瓶包桶箱件份听支坛壶饼提筒组套盘枝"
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
    + "对])?"
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


@dataclass(frozen=True, slots=True)
class Quantity:
    """What an offer holds; a field is None where the text does not tell. `each_grams` is one piece where it is sold by piece."""

    grams: int | None = None
    millilitres: int | None = None
    pieces: int | None = None
    each_grams: int | None = None


def grams(text: str) -> int | None:
    """Net weight in grams, or None: `2.5kg*2袋` 5000, `5斤装` 2500, `250g/罐×2` 500."""
    return quantity(text).grams


def quantity(text: str) -> Quantity:
    """Read a specification or title. Of several weights the largest is the offer; `净重` wins over `毛重`."""
    half = _net(plain(text).lower())
    weight, count = _largest(half, _GRAMS)
    volume, _ = _largest(half, _MILLILITRES)
    pieces = _pieces(half)
    each = None
    if weight is not None and count == 1 and pieces and weight * pieces <= 50_000 and weight < 1000:
        each, weight = round(weight), weight * pieces
    return Quantity(
        grams=round(weight) if weight else None,
        millilitres=round(volume) if volume else None,
        pieces=pieces,
        each_grams=each,
    )


def _net(text: str) -> str:
    """Without gross weights, where a net weight is named too."""
    return re.sub(r"毛重\D{0,3}[\d.]+\s*(?:kg|g|公斤|千克|克|斤)", "", text) if "净" in text else text


def _largest(text: str, units: dict[str, float]) -> tuple[float | None, int]:
    best: float | None = None
    times = 1
    for match in _REVERSED.finditer(text):
        factor = units.get(match["unit"].lower())
        if factor is not None:
            best, times = _number(match["n"]) * factor * int(match["count"]), int(match["count"])
    for match in _WEIGHT.finditer(text):
        factor = units.get(match["unit"].lower())
        if factor is None:
            continue
        count = int(match["count"]) if match["count"] else _packs_after(text, match.end())
        count *= 2 if match["counted"] == "对" else 1
        amount = _number(match["n"]) * factor * max(count, 1)
        if best is None or amount > best:
            best, times = amount, max(count, 1)
    return best, times


def _packs_after(text: str, end: int) -> int:
    """`250g 2罐` and `250g共2罐`: packs named right after a weight."""
    match = re.compile(r"(?:/[" + _PACKS + r"])?\s*(?:共|,|,)?\s*").match(text, end)
    packed = _PACKED.match(text, match.end() if match else end)
    if packed is None:
        return 1
    return int(_number(packed["count"]))


def _pieces(text: str) -> int | None:
    pairs = [int(m["count"]) * 2 for m in _PAIRS.finditer(text)]
    counted = [int(m["count"]) for m in _COUNTED.finditer(text)]
    return max(pairs + counted, default=None)


def _number(text: str) -> float:
    return float(_NUMERALS[text]) if text in _NUMERALS else float(text)
