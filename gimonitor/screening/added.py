"""Findings from elsewhere (pictures) put to a screening, scored like all others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from gimonitor.model.finding import Finding, History, Score, Screening, Stage, Suspicion
from gimonitor.model.listing import Listing
from gimonitor.screening.score import score_of
from gimonitor.screening.verdicts import OWN_SHOP


def with_findings(
    screening: Screening, listing: Listing, found: Sequence[Finding], reminders: Sequence[Finding] = ()
) -> Screening:
    """`screening` with more findings, each at the suspicion of its GI, and more reminders. Nothing is taken away.

    A finding over a GI whose authorised user has come out as the owner of the shop is a reminder.
    """
    if not found and not reminders:
        return screening
    owned = {clearing.gi_id for clearing in screening.clearings if clearing.code == OWN_SHOP and clearing.decisive}
    reminders = (*reminders, *(finding for finding in found if finding.gi_id in owned))
    found = [finding for finding in found if finding.gi_id not in owned]
    suspicions = {one.gi_id: one for one in screening.suspicions}
    for gi_id in dict.fromkeys(finding.gi_id for finding in found):
        more = tuple(finding for finding in found if finding.gi_id == gi_id)
        suspicions[gi_id] = _joined(suspicions.get(gi_id), listing, more)
    ordered = sorted(suspicions.values(), key=lambda one: -one.score.total)
    return replace(
        screening,
        stage=Stage.FLAGGED if ordered else screening.stage,
        suspicions=tuple(ordered),
        reminders=(*screening.reminders, *reminders),
    )


def _joined(before: Suspicion | None, listing: Listing, more: tuple[Finding, ...]) -> Suspicion:
    findings = (*(before.findings if before else ()), *more)
    score = score_of(findings, listing, History())
    if before is not None:  # what is known of the seller stays
        history = [term for term in before.score.terms if term.name == "history"]
        terms = (*(term for term in score.terms if term.name != "history"), *history)
        score = Score(total=round(100 * math.prod(term.value for term in terms), 1), terms=terms)
    return Suspicion(gi_id=more[0].gi_id, gi_name=more[0].gi_name, findings=findings, score=score)
