"""Several GIs in one title: a set, of whose parts one stated origin need not be that of all (N02 of the catalogue), or what an
empty box may hold (N11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from gimonitor.model.finding import Clearing, Origin
from gimonitor.model.listing import Field
from gimonitor.model.register import GI
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.verdicts import NAMED, Verdict, lies_within
from gimonitor.screening.vocabulary import Vocabulary

_OUTSIDE, _PACKED = "name-outside", 0.5  # what is left of the confidence where several goods are packed together
_BOXES, _PRINT = "packaging", "印"
_OFFERED = frozenset({_OUTSIDE, "name-unknown"})
_SIGNS, _GIVEN, _BETWEEN = frozenset("+＋、"), frozenset(("送", "赠")), 16  # beside a part; characters between two
_EACH = re.compile(r"各\s?(?:\d|一|二|两|三|半)")
_COUNTED = re.compile(
    r"(?<![*x×X\d.])(?P<number>\d|两|二|三|四|五|六|七|八|九)\s?(?:大名|[小大铁瓷]?[罐盒袋瓶坛饼听筒]|[款种味](?![规重包装价可]))"
)


def with_doubts(verdicts: Sequence[Verdict], sheet: Sheet, words: Vocabulary) -> list[Verdict]:
    """Verdicts of several GIs, lowered where naming them together may mean something else than each alone."""
    return _with_doubt_of_boxes(_with_doubt_of_sets(verdicts, sheet.listing.title, words), sheet.title_text, words)


def _with_doubt_of_sets(verdicts: Sequence[Verdict], title: str, words: Vocabulary) -> list[Verdict]:
    """杭白菊+宁夏枸杞 from a third place: of several goods in one pack the stated origin may be where they were packed, or that of
    another part of the set: 五常大米5斤+阳澄湖大闸蟹8只; or one is what the other is made of, as tea in 小青柑. Lowers only.

    Several names for goods of one kind are a stuffed title, unless it tells that they are parts: 六安瓜片 太平猴魁 礼盒.
    """
    named = [v for v in verdicts if v.origin is Origin.INSIDE or any(f.family in _OFFERED for f in v.findings)]
    if len(named) < 2 or not any(map(_says_outside, named)):
        return [*verdicts]
    mixed = any(_goods(a.gi).isdisjoint(_goods(b.gi)) for a, b in combinations(named, 2))
    parts = [] if mixed else _parts(named, title, words)
    return [_doubted(v) if _says_outside(v) and (mixed or v in parts) else v for v in verdicts]


def _says_outside(verdict: Verdict) -> bool:
    return any(f.family == _OUTSIDE for f in verdict.findings)


def _goods(gi: GI) -> frozenset[str]:
    return frozenset((*gi.product_words, *gi.like_words))


def _doubted(verdict: Verdict) -> Verdict:
    reason = "同时写有几种地理标志的商品，标示的产地可能只是其中一种的，或者只是分装、加工的地方"
    return _lowered(verdict, _OUTSIDE, Clearing(code="N02", reason=reason, decisive=False, gi_id=verdict.gi.id))


def _lowered(verdict: Verdict, family: str, clearing: Clearing) -> Verdict:
    """A verdict with what else its findings of a family may mean."""
    findings = [
        replace(f, confidence=round(f.confidence * _PACKED, 3), considered=(*f.considered, clearing))
        if f.family == family
        else f
        for f in verdict.findings
    ]
    return verdict._replace(findings=tuple(findings), clearings=(*verdict.clearings, clearing))


def _with_doubt_of_boxes(verdicts: list[Verdict], title: str, words: Vocabulary) -> list[Verdict]:
    """通用空盒 西湖龙井 碧螺春: empty boxes for anything, with the names of several GIs and no word of print. Lowers only."""
    boxes = [v for v in verdicts if any(f.family == _BOXES for f in v.findings)]
    universal = words.pattern("packaging-universal").search(title) if len(boxes) > 1 else None
    if universal is None or _PRINT in title or words.pattern("packaging-printed").search(title):
        return verdicts
    reason = f"写明“{universal.group()}”，并列几种地理标志的名称，没有写明印有字样，名称可能只说明可以装什么"
    return [
        _lowered(v, _BOXES, Clearing(code="N11", reason=reason, decisive=False, gi_id=v.gi.id)) if v in boxes else v
        for v in verdicts
    ]


def _parts(named: Sequence[Verdict], title: str, words: Vocabulary) -> list[Verdict]:
    """Those of some GIs of one kind of goods that a title sells beside each other: all of a box, or what stands at a plus sign."""
    spans = [(*span, v) for v in named if (span := _named_at(v, title))]
    apart = [one for one in spans if any(_are_apart(one, other) for other in spans)]
    if len(apart) < 2:
        return []
    if words.pattern("set-words").search(title) or _EACH.search(title) or _counts_parts(title, len(apart)):
        return [v for _, _, v in apart]
    ordered = sorted(apart, key=lambda one: one[:2])
    joined = [pair for pair in pairwise(ordered) if _joins(title[pair[0][1] : pair[1][0]])]
    return [v for pair in joined for _, _, v in pair]


def _joins(between: str) -> bool:
    """True for a sign between two parts, perhaps with a measure or another part, and no gift."""
    return len(between) <= _BETWEEN and not _SIGNS.isdisjoint(between) and _GIVEN.isdisjoint(between)


def _named_at(verdict: Verdict, title: str) -> tuple[int, int] | None:
    """Where a title names the GI of a verdict: as found, or for goods from its area by its name."""
    found = next((f.place for f in verdict.findings if f.family in NAMED and f.place.field is Field.TITLE), None)
    if found:
        return found.start, found.end
    names = (verdict.gi.name, *(alias.value for alias in verdict.gi.aliases))
    return next(((at, at + len(name)) for name in names if (at := title.find(name)) >= 0), None)


def _are_apart(one: tuple[int, int, Verdict], other: tuple[int, int, Verdict]) -> bool:
    """True for names that do not overlap, of GIs of which none lies in the other: 西湖龙井 and 龙井茶 may be said of one tea."""
    a, b = one[2].gi, other[2].gi
    return (one[1] <= other[0] or other[1] <= one[0]) and not lies_within(a, b) and not lies_within(b, a)


def _counts_parts(title: str, parts: int) -> bool:
    """True for a number of kinds, or of vessels that can hold a part each, with no times sign before it: 三罐装, but not 250g*2罐."""
    return any(unicodedata.numeric(found["number"]) >= parts for found in _COUNTED.finditer(title))
