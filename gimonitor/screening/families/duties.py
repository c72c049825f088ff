"""What must stand beside the special mark: credit code, name, standard or announcement number. P16, M3; announcement 354, art. 6.

Guidance for an authorised user, never a lead by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.names import Kind
from gimonitor.screening.users import codes_shown
from gimonitor.text.codes import find_marks, find_standards, standard_key


def missing_duty(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """An authorised user claims the mark in words and leaves out something that must stand beside it."""
    claim = next((c for c in case.claims if c.kind is Kind.CLAIM), None)
    if claim is None or case.user is None or not (case.user.own and case.user.active):
        return
    missing = []
    if case.user.user.uscc not in codes_shown(case.sheet):
        missing.append("统一社会信用代码")
    if not _shows_number(case):
        missing.append("执行标准代号、批准公告号或者商标注册号")
    if missing:
        place = case.sheet.place(claim.start, claim.end)
        reason = f"{said(place)}旁未见{'、'.join(missing)}；使用专用标志应当同时标明。"
        yield finding(rule, case, law, place, reason, rule.number("confidence", 0.5))


def _shows_number(case: Case) -> bool:
    gi, raw = case.profile.gi, case.sheet.folded.raw
    standards = {standard_key(s.code.value) for s in gi.standards}
    if any(standard_key(c.value) in standards for c in find_standards(raw)):
        return True
    numbers = {n.value for p in gi.protections for n in p.numbers}
    return any(c.value in numbers for c in find_marks(raw)) or any(n in raw for n in numbers if len(n) > 4)
