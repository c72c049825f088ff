"""Words of drop-shipping and private labels beside a protected name. P19 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said


def drop_ship(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """贴牌, 代工, 一件代发 in the title of goods under the name."""
    spotted = case.shelf.has("drop-ship")
    if spotted is None or case.sheet.title is None or not case.is_like or case.is_inside:
        return
    start = case.sheet.title.start
    place = case.sheet.place(start + spotted.start, start + spotted.end)
    reason = f"{said(place)}说明贴牌、代工或者一件代发，而商品使用“{case.profile.gi.name}”的名称。"
    yield finding(rule, case, law, place, reason, rule.number("confidence", 0.35))
