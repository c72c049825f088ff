"""What screening found and cleared in a version of a listing. A newer screening takes the place of an older one, which stays.

A screening that found nothing and cleared nothing is kept as the stage on the listing only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gimonitor.model.finding import Clearing, Finding, Screening
from gimonitor.store.codec import encode, text_of, unpack
from gimonitor.store.columns import Json, clean_text, dump_json
from gimonitor.store.tables import clearings, findings, screenings
from gimonitor.store.upsert import Row, insert_rows


@dataclass(frozen=True, slots=True)
class Said:
    """A screening made ready for the store, once: its JSON, and digests that tell whether something new was said.

    `digest` is the same for screenings that say the same of a listing, on whatever day, by whatever register, with
    whatever score; `suspected` holds a digest for each GI of what is suspected and why. Another version of a model that
    says the same, another confidence or another article change the first and not the second.
    """

    screening: Screening
    digest: str
    suspected: dict[str, str]
    findings: tuple[tuple[Finding, bool, Json], ...]  # the flag: a reminder
    clearings: tuple[tuple[Clearing, Json], ...]

    @property
    def is_worth_a_row(self) -> bool:
        """True where the screening found or cleared something."""
        return bool(self.findings or self.clearings)


def made_ready(screening: Screening) -> Said:
    """Encode a screening and digest it."""
    if not (screening.suspicions or screening.clearings or screening.reminders):
        return Said(screening, screening.stage.value, {}, (), ())
    found, suspected = [], {}
    for one in screening.suspicions:
        ready = [(finding, False, dump_json(encode(finding))) for finding in one.findings]
        suspected[one.gi_id] = _digest(map(_essence, one.findings))
        found += ready
    found += [(finding, True, dump_json(encode(finding))) for finding in screening.reminders]
    cleared = tuple((clearing, dump_json(encode(clearing))) for clearing in screening.clearings)
    gi_ids = dump_json([[one.gi_id, one.gi_name] for one in screening.suspicions])
    said = (screening.stage.value, gi_ids, *(json for *_, json in found), "", *(json for _, json in cleared))
    return Said(screening, _digest(said), suspected, tuple(found), cleared)


def _essence(finding: Finding) -> str:
    place = finding.place
    return dump_json([finding.model_id, place.field.value, place.key, place.text, finding.origin.value, finding.reason])


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Screened:
    """A screening on its way into the store: of which version, as which number."""

    listing_id: int
    number: int
    version: int
    said: Said


def save_screenings(c: Connection, screened: list[Screened], run_id: int | None) -> None:
    """Insert screenings with their findings and clearings."""
    insert_rows(c, screenings, [_screening_row(s, run_id) for s in screened])
    insert_rows(c, findings, [row for s in screened for row in _finding_rows(s)])
    insert_rows(c, clearings, [row for s in screened for row in _clearing_rows(s)])


def _screening_row(s: Screened, run_id: int | None) -> Row:
    screening = s.said.screening
    return {
        "listing_id": s.listing_id,
        "number": s.number,
        "version": s.version,
        "stage": screening.stage,
        "digest": s.said.digest,
        "register_digest": screening.register_digest,
        "day": screening.on,
        "run_id": run_id,
    }


def _finding_rows(s: Screened) -> Iterator[Row]:
    for position, (finding, reminder, json) in enumerate(s.said.findings):
        yield {
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
            "content": json,
        }


def _clearing_rows(s: Screened) -> Iterator[Row]:
    for position, (clearing, json) in enumerate(s.said.clearings):
        yield {
            "listing_id": s.listing_id,
            "screening": s.number,
            "position": position,
            "gi_id": clean_text(clearing.gi_id),
            "code": clean_text(clearing.code),
            "decisive": clearing.decisive,
            "content": json,
        }


def load_findings(
    c: Connection, listing_id: int, number: int, *, gi_id: str | None = None, reminders: bool = False
) -> tuple[Finding, ...]:
    """Findings of one screening in their order, over one GI or over all."""
    query = select(text_of(findings.c.content)).where(
        findings.c.listing_id == listing_id, findings.c.screening == number, findings.c.reminder == reminders
    )
    if gi_id is not None:
        query = query.where(findings.c.gi_id == gi_id)
    return tuple(unpack(Finding, row.content) for row in c.execute(query.order_by(findings.c.position)))


def load_clearings(c: Connection, listing_id: int, number: int, *, gi_id: str | None = None) -> tuple[Clearing, ...]:
    """Clearings of one screening in their order; over one GI, those that name none belong too."""
    query = select(text_of(clearings.c.content)).where(
        clearings.c.listing_id == listing_id, clearings.c.screening == number
    )
    if gi_id is not None:
        query = query.where(clearings.c.gi_id.in_((gi_id, "")))
    return tuple(unpack(Clearing, row.content) for row in c.execute(query.order_by(clearings.c.position)))
