"""What screening found and cleared in a version of a listing. A newer screening takes the place of an older one, which stays.

A screening that found nothing and cleared nothing is kept as the stage on the listing only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from gimonitor.model.finding import Clearing, Finding, Screening
from gimonitor.store.codec import decode, encode
from gimonitor.store.columns import clean_text, dump_json
from gimonitor.store.tables import clearings, findings, screenings
from gimonitor.store.upsert import Row


def screening_digest(screening: Screening) -> str:
    """The same for screenings that say the same of a listing, on whatever day, by whatever register, with whatever score."""
    if not (screening.suspicions or screening.clearings or screening.reminders):
        return screening.stage.value
    said = [
        screening.stage.value,
        [[one.gi_id, one.gi_name, encode(one.findings)] for one in screening.suspicions],
        [encode(clearing) for clearing in screening.clearings],
        [encode(reminder) for reminder in screening.reminders],
    ]
    return hashlib.sha256(dump_json(said).encode()).hexdigest()


def findings_digest(found: Iterable[Finding]) -> str:
    """The same where the same is suspected for the same reasons; the score does not count."""
    return hashlib.sha256(dump_json([encode(finding) for finding in found]).encode()).hexdigest()


def is_worth_a_row(screening: Screening) -> bool:
    """True where a screening found or cleared something."""
    return bool(screening.suspicions or screening.clearings or screening.reminders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """A screening on its way into the store: of which version, as which number."""

    listing_id: int
    number: int
    version: int
    digest: str
    screening: Screening


def save_screenings(c: Connection, screened: list[Screened], run_id: int | None) -> None:
    """Insert screenings with their findings and clearings."""
    if not screened:
        return
    c.execute(insert(screenings), [_screening_row(s, run_id) for s in screened])
    if rows := [row for s in screened for row in _finding_rows(s)]:
        c.execute(insert(findings), rows)
    if rows := [row for s in screened for row in _clearing_rows(s)]:
        c.execute(insert(clearings), rows)


def _screening_row(s: Screened, run_id: int | None) -> Row:
    return {
        "listing_id": s.listing_id,
        "number": s.number,
        "version": s.version,
        "stage": s.screening.stage,
        "digest": s.digest,
        "register_digest": s.screening.register_digest,
        "day": s.screening.on,
        "run_id": run_id,
    }


def _finding_rows(s: Screened) -> list[Row]:
    raised = [(finding, False) for suspicion in s.screening.suspicions for finding in suspicion.findings]
    reminded = [(finding, True) for finding in s.screening.reminders]
    return [
        {
            "listing_id": s.listing_id,
            "screening": s.number,
            "position": position,
            "gi_id": clean_text(finding.gi_id),
            "model_id": clean_text(finding.model_id),
            "model_version": finding.model_version,
            "family": clean_text(finding.family),
            "field": finding.place.field,
            "origin": finding.origin,
            "severity": finding.severity,
            "confidence": finding.confidence,
            "reminder": reminder,
            "content": encode(finding),
        }
        for position, (finding, reminder) in enumerate(raised + reminded)
    ]


def _clearing_rows(s: Screened) -> list[Row]:
    return [
        {
            "listing_id": s.listing_id,
            "screening": s.number,
            "position": position,
            "gi_id": clean_text(clearing.gi_id),
            "code": clean_text(clearing.code),
            "decisive": clearing.decisive,
            "content": encode(clearing),
        }
        for position, clearing in enumerate(s.screening.clearings)
    ]


def load_findings(
    c: Connection, listing_id: int, number: int, *, gi_id: str | None = None, reminders: bool = False
) -> tuple[Finding, ...]:
    """Findings of one screening in their order, over one GI or over all."""
    query = select(findings.c.content).where(
        findings.c.listing_id == listing_id, findings.c.screening == number, findings.c.reminder == reminders
    )
    if gi_id is not None:
        query = query.where(findings.c.gi_id == gi_id)
    return tuple(decode(Finding, row.content) for row in c.execute(query.order_by(findings.c.position)))


def load_clearings(c: Connection, listing_id: int, number: int, *, gi_id: str | None = None) -> tuple[Clearing, ...]:
    """Clearings of one screening in their order; over one GI, those that name none belong too."""
    query = select(clearings.c.content).where(clearings.c.listing_id == listing_id, clearings.c.screening == number)
    if gi_id is not None:
        query = query.where(clearings.c.gi_id.in_((gi_id, "")))
    return tuple(decode(Clearing, row.content) for row in c.execute(query.order_by(clearings.c.position)))
