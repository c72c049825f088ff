"""What screening found and cleared in a version of a listing. A newer screening takes the place of an older one, which stays.

A screening that found nothing and cleared nothing is kept as the stage on the listing only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from gimonitor.model.finding import Clearing, Finding, Screening
from gimonitor.store.codec import pack_bytes, text_of, unpack
from gimonitor.store.columns import clean_texts, dump_bytes
from gimonitor.store.tables import clearings, findings, screenings
from gimonitor.store.upsert import Columns, Same, insert_columns


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
    findings: tuple[tuple[Finding, bool, bytes], ...]  # the flag: a reminder
    clearings: tuple[tuple[Clearing, bytes], ...]

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
        suspected[one.gi_id] = _digest(map(_essence, one.findings))
        found += [(finding, False, pack_bytes(finding)) for finding in one.findings]
    found += [(finding, True, pack_bytes(finding)) for finding in screening.reminders]
    cleared = tuple((clearing, pack_bytes(clearing)) for clearing in screening.clearings)
    gi_ids = dump_bytes([[one.gi_id, one.gi_name] for one in screening.suspicions])
    stage = screening.stage.value.encode()
    said = (stage, gi_ids, *(json for *_, json in found), b"", *(json for _, json in cleared))
    return Said(screening, _digest(said), suspected, tuple(found), cleared)


def _essence(finding: Finding) -> bytes:
    place = finding.place
    return dump_bytes(
        [finding.model_id, place.field.value, place.key, place.text, finding.origin.value, finding.reason]
    )


def _digest(parts: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Screened:
    """A screening on its way into the store: of which version, as which number."""

    listing_id: int
    number: int
    version: int
    said: Said


def save_screenings(c: Connection, screened: list[Screened], run_id: int | None) -> None:
    """Insert screenings with their findings and clearings."""
    columns: Columns = {
        "listing_id": [s.listing_id for s in screened],
        "number": [s.number for s in screened],
        "version": [s.version for s in screened],
        "stage": [s.said.screening.stage for s in screened],
        "digest": [s.said.digest for s in screened],
        "register_digest": [s.said.screening.register_digest for s in screened],
        "day": [s.said.screening.on for s in screened],
        "run_id": Same(run_id),
    }
    insert_columns(c, screenings, columns)
    _save_findings(c, [(s, *found) for s in screened for found in enumerate(s.said.findings)])
    _save_clearings(c, [(s, *found) for s in screened for found in enumerate(s.said.clearings)])


def _save_findings(c: Connection, every: list[tuple[Screened, int, tuple[Finding, bool, bytes]]]) -> None:
    found = [finding for _, _, (finding, _, _) in every]
    columns = _numbered([(s, position) for s, position, _ in every]) | {
        "gi_id": clean_texts([finding.gi_id for finding in found]),
        "model_id": clean_texts([finding.model_id for finding in found]),
        "model_version": [finding.model_version for finding in found],
        "family": clean_texts([finding.family for finding in found]),
        "field": [finding.place.field for finding in found],
        "origin": [finding.origin for finding in found],
        "severity": [finding.severity for finding in found],
        "confidence": [finding.confidence for finding in found],
        "reminder": [reminder for _, _, (_, reminder, _) in every],
        "content": [json for _, _, (_, _, json) in every],
    }
    insert_columns(c, findings, columns)


def _save_clearings(c: Connection, every: list[tuple[Screened, int, tuple[Clearing, bytes]]]) -> None:
    found = [clearing for _, _, (clearing, _) in every]
    columns = _numbered([(s, position) for s, position, _ in every]) | {
        "gi_id": clean_texts([clearing.gi_id for clearing in found]),
        "code": clean_texts([clearing.code for clearing in found]),
        "decisive": [clearing.decisive for clearing in found],
        "content": [json for _, _, (_, json) in every],
    }
    insert_columns(c, clearings, columns)


def _numbered(every: list[tuple[Screened, int]]) -> dict[str, Any]:
    return {
        "listing_id": [s.listing_id for s, _ in every],
        "screening": [s.number for s, _ in every],
        "position": [position for _, position in every],
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
