"""What is found elsewhere (in pictures) put to a screening, scored like all else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gimonitor.model.finding import Clearing, Finding, History, Score, Screening, Stage, Suspicion
from gimonitor.model.listing import Listing
from gimonitor.screening.explain import LOWERED
from gimonitor.screening.score import score_of
from gimonitor.screening.verdicts import OWN_SHOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What the pictures of a listing say: findings, guidance for an authorised user, notes, and what speaks for the seller.

    A note is a finding too weak for a lead of its own: it goes to a suspicion of its GI, and waits until there is one.
    """

    found: tuple[Finding, ...] = ()
    reminders: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    considered: tuple[Clearing, ...] = ()


def with_added(screening: Screening, listing: Listing, added: Added) -> Screening:
    """`screening` with more findings, each at the suspicion of its GI, and more reminders. No suspicion is taken away.

    A finding over a GI whose authorised user has come out as the owner of the shop is a reminder. What speaks for the seller
    lowers what the page itself is suspected of, as a legitimate reading of the page would.
    """
    owned = {clearing.gi_id for clearing in screening.clearings if clearing.code == OWN_SHOP and clearing.decisive}
    reminders = (*added.reminders, *(finding for finding in added.found if finding.gi_id in owned))
    found = [finding for finding in added.found if finding.gi_id not in owned]
    suspicions = {one.gi_id: one for one in screening.suspicions}
    suspected = {*suspicions, *(finding.gi_id for finding in found)}
    found += [finding for finding in added.notes if finding.gi_id in suspected]
    considered = [clearing for clearing in added.considered if clearing.gi_id in suspected]
    told_of = [*(finding.gi_id for finding in found), *(clearing.gi_id for clearing in considered)]
    for gi_id in dict.fromkeys(told_of):
        more = [finding for finding in found if finding.gi_id == gi_id]
        told = tuple(clearing for clearing in considered if clearing.gi_id == gi_id)
        suspicions[gi_id] = _joined(suspicions.get(gi_id), listing, more, told)
    ordered = sorted(suspicions.values(), key=lambda one: -one.score.total)
    return replace(
        screening,
        stage=Stage.FLAGGED if ordered else screening.stage,
        suspicions=tuple(ordered),
        clearings=(*screening.clearings, *considered),
        reminders=(*screening.reminders, *reminders),
    )


def _joined(
    before: Suspicion | None, listing: Listing, more: Sequence[Finding], told: tuple[Clearing, ...]
) -> Suspicion:
    findings = (*(_lowered(finding, told) for finding in (before.findings if before else ())), *more)
    score = score_of(findings, listing, History())
    if before is not None:  # what is known of the seller stays
        history = [term for term in before.score.terms if term.name == "history"]
        terms = (*(term for term in score.terms if term.name != "history"), *history)
        score = Score(total=round(100 * math.prod(term.value for term in terms), 1), terms=terms)
    return Suspicion(gi_id=findings[0].gi_id, gi_name=findings[0].gi_name, findings=findings, score=score)


def _lowered(finding: Finding, told: tuple[Clearing, ...]) -> Finding:
    confidence = round(finding.confidence * LOWERED ** len(told), 3)
    return replace(finding, considered=(*finding.considered, *told), confidence=confidence) if told else finding
