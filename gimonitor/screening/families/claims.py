"""Claims of protection in words: 国家地理标志保护产品, the abolished marks and names, the agriculture ministry's mark. P07, P08, C1 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding, Origin
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, origin_words, said
from gimonitor.screening.mentions import Claim
from gimonitor.screening.names import Kind
from gimonitor.screening.transition import agi_clearing

_TOLD, _TELLING = 24, 6  # characters before a claim: in which the name stands, and the word that tells of it
_MARK = "专用标志"


def mark_claim(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A claim of the special mark or of protection by somebody the register does not know as an authorised user."""
    claim = next((c for c in case.claims if c.kind is Kind.CLAIM and not _is_true_of_the_name(case, c)), None)
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
    """A claim by one of the two marks whose transition has ended, or by a name that is no longer used."""
    claim = _first(case, Kind.ABOLISHED) or _first(case, Kind.FORMER)
    if claim is None:
        return
    place = case.sheet.place(claim.start, claim.end)
    if claim.kind is Kind.ABOLISHED:
        reason = f"{said(place)}使用已经停用的标志，过渡期于2020年12月31日届满；此前生产的商品可以继续流通。"
    else:
        reason = f"{said(place)}使用已经停用的名义；停用以前生产的商品可以继续流通。"
    yield finding(rule, case, law, place, reason, rule.number("confidence", 0.4))


def agi_claim(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A claim of the agriculture ministry's mark. No end of its use is known, so only what needs to be checked is said.

    Nothing about goods that may bear it: from the area, or under a name that the register knows by this protection.
    """
    claim = _first(case, Kind.AGI)
    if claim is None or agi_clearing(case) is not None:
        return
    place = case.sheet.place(claim.start, claim.end)
    if case.origin.value is Origin.OUTSIDE and not case.is_sign:
        reason = f"{said(place)}自称农产品地理标志；{origin_words(case)}，须核对登记证书和持有人授权。"
        yield finding(rule, case, law, place, reason, rule.number("outside", 0.6))
    else:
        reason = f"{said(place)}自称农产品地理标志；登记已停止，可否继续使用须核对登记证书和持有人授权。"
        yield finding(rule, case, law, place, reason, rule.number("confidence", 0.3))


def _is_true_of_the_name(case: Case, claim: Claim) -> bool:
    """富平柿饼2008年获批国家地理标志保护产品: told of the name, by a seller of goods from the area; not the mark itself."""
    if case.is_sign or not case.is_inside or case.profile.gi.has_lapsed(case.on):
        return False
    text, start = case.sheet.text, case.sheet.segment_at(claim.start).start
    before = text[max(start, claim.start - _TOLD) : claim.start]
    named = any(name in before for name in case.profile.names)
    said = case.words.pattern("claim-tellings").search(before[-_TELLING:])
    return named and said is not None and _MARK not in text[claim.start : claim.end]


def _first(case: Case, kind: Kind) -> Claim | None:
    return next((c for c in case.claims if c.kind is kind), None)
