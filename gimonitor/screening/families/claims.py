"""Claims of protection in words: 国家地理标志保护产品 and the abolished names. P07, P08, C1 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding, Origin
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.mentions import Claim
from gimonitor.screening.names import Kind


def mark_claim(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A claim of the special mark or of protection by somebody the register does not know as an authorised user."""
    claim = _first(case, Kind.CLAIM)
    if claim is None:
        return
    place = case.sheet.place(claim.start, claim.end)
    if case.is_sign:
        known = "没有写明可以在档案中核对的地理标志名称"
        confidence = rule.number("no_record", 0.3)
    else:
        known = f"所涉地理标志为“{case.profile.gi.name}”，档案中没有该商家使用专用标志的记录"
        confidence = rule.number("confidence", 0.45)
        if case.origin.value is Origin.OUTSIDE:
            confidence = rule.number("outside", 0.8)
        elif case.is_inside:
            confidence = rule.number("inside", 0.25)
    if claim.end - claim.start < 6:
        confidence *= 0.7
    yield finding(rule, case, law, place, f"{said(place)}自称受地理标志保护；{known}。", confidence)


def abolished_claim(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A claim by a name that is no longer used: the transition ended on 2020-12-31."""
    claim = _first(case, Kind.ABOLISHED)
    if claim is None:
        return
    place = case.sheet.place(claim.start, claim.end)
    reason = f"{said(place)}使用已经停用的标志或者名义，过渡期于2020年12月31日届满；此前生产的商品可以继续流通。"
    yield finding(rule, case, law, place, reason, rule.number("confidence", 0.4))


def _first(case: Case, kind: Kind) -> Claim | None:
    return next((c for c in case.claims if c.kind is kind), None)
