"""Leads: one with everything about it, and decisions appended to it. Pages of leads come from `gimonitor.store.queue`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.model.finding import Clearing, Finding, Score, ScoreTerm
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Listing
from gimonitor.model.zone import BEIJING
from gimonitor.store.captures import Notice, StoredCapture, StoredPack, captures_of, notices_of, packs_of
from gimonitor.store.codec import decode, text_of, unpack
from gimonitor.store.columns import clean_text
from gimonitor.store.loading import StoredListing, load_listing_by_id
from gimonitor.store.queue import Cursor, QueueFilter, QueuePage, QueueRow, count_leads, queue_page, rows_of
from gimonitor.store.screenings import load_clearings, load_findings
from gimonitor.store.tables import decisions, leads, listing_versions, listings
from gimonitor.store.upsert import among

__all__ = [
    "Cursor",
    "LeadRecord",
    "QueueFilter",
    "QueuePage",
    "QueueRow",
    "StoredLead",
    "append_decision",
    "count_leads",
    "decision_of",
    "decisions_of",
    "histories_of",
    "load_lead",
    "load_lead_row",
    "queue_page",
    "rows_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLead:
    """A lead's row. `version` counts decisions and changes of what is suspected; pass it back when deciding.

    `raised` is False when the newest screening no longer says so; `listing_version` and `screening` are the newest
    that did.
    """

    id: int
    listing_id: int
    gi_id: str
    gi_name: str
    platform: str
    shop_id: int | None
    state: State
    resolution: Resolution | None
    version: int
    claimed_by: str
    score: Score
    reason: str
    raised: bool
    listing_version: int
    screening: int
    run_id: int | None
    created_at: datetime
    updated_at: datetime
    held_until: datetime | None
    look_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRecord:
    """A lead with all that a screen or a pack needs. `suspected` is the listing in the version that raised it."""

    lead: StoredLead
    listing: StoredListing
    suspected: Listing
    findings: tuple[Finding, ...]
    clearings: tuple[Clearing, ...]
    decisions: tuple[Decision, ...]
    captures: tuple[StoredCapture, ...]
    packs: tuple[StoredPack, ...]
    notices: tuple[Notice, ...]


def load_lead_row(c: Connection, lead_id: int) -> StoredLead:
    """The lead alone. Raises NotFoundError."""
    row = c.execute(select(leads).where(leads.c.id == lead_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no lead {lead_id} is stored")
    return _lead(row)


def _lead(row: Any) -> StoredLead:
    terms = tuple(decode(ScoreTerm, term) for term in row["score_terms"])
    values = {name: row[name] for name in StoredLead.__slots__ if name != "score"}
    return StoredLead(score=Score(total=row["score"], terms=terms), **values)


def load_lead(c: Connection, lead_id: int) -> LeadRecord:
    """The lead with its listing, findings, clearings, decisions, captures, packs and notices. Raises NotFoundError."""
    lead = load_lead_row(c, lead_id)
    stored = load_listing_by_id(c, lead.listing_id)
    return LeadRecord(
        lead=lead,
        listing=stored,
        suspected=_version(c, lead) if lead.listing_version != stored.version else stored.listing,
        findings=load_findings(c, lead.listing_id, lead.screening, gi_id=lead.gi_id),
        clearings=load_clearings(c, lead.listing_id, lead.screening, gi_id=lead.gi_id),
        decisions=decisions_of(c, lead_id),
        captures=captures_of(c, lead.listing_id, lead_id),
        packs=packs_of(c, lead_id),
        notices=notices_of(c, lead_id),
    )


def _version(c: Connection, lead: StoredLead) -> Listing:
    v = listing_versions.c
    query = select(text_of(v.content)).where(v.listing_id == lead.listing_id, v.number == lead.listing_version)
    return unpack(Listing, c.execute(query).scalar_one())


def decisions_of(c: Connection, lead_id: int) -> tuple[Decision, ...]:
    """Everything decided about a lead, oldest first."""
    rows = c.execute(select(decisions).where(decisions.c.lead_id == lead_id).order_by(decisions.c.version))
    return tuple(decision_of(row) for row in rows.mappings())


def histories_of(c: Connection, lead_ids: Sequence[int]) -> dict[int, list[Decision]]:
    """Everything decided about each of some leads, oldest first; leads without a decision are left out."""
    query = select(decisions).where(among(c, decisions.c.lead_id, lead_ids)).order_by(decisions.c.lead_id)
    found: dict[int, list[Decision]] = {}
    for row in c.execute(query.order_by(decisions.c.version)).mappings():
        found.setdefault(row["lead_id"], []).append(decision_of(row))
    return found


def decision_of(row: Mapping[Any, Any]) -> Decision:
    """The decision in a row that holds the columns of `decisions`."""
    return Decision(**{name: row[name] for name in Decision.__slots__})


def append_decision(c: Connection, lead_id: int, expected_version: int, decision: Decision) -> int:
    """Append a decision and move the lead to its state. Returns the lead's new version.

    A `claim` makes the lead the person's; state NEW makes it nobody's. `until` in the detail puts the lead aside,
    `look_on` says when its page is due. Whether a move is allowed is the business of `gimonitor.workflow`. Raises ConflictError, naming who changed what, when the lead is no longer at the version the
    person saw; NotFoundError when there is none.
    """
    values: dict[str, Any] = {
        "state": decision.state,
        "resolution": decision.resolution,
        "version": expected_version + 1,
        "updated_at": decision.at,
    }
    values |= _days(decision)
    if decision.state is State.NEW:
        values["claimed_by"] = ""
    elif decision.action == "claim":
        values["claimed_by"] = clean_text(decision.who)
    moved = c.execute(update(leads).where(leads.c.id == lead_id, leads.c.version == expected_version).values(values))
    if moved.rowcount != 1:
        raise ConflictError(_who_was_first(c, lead_id))
    seen = select(listings.c.version).join(leads, leads.c.listing_id == listings.c.id).where(leads.c.id == lead_id)
    c.execute(
        insert(decisions).values(
            lead_id=lead_id,
            version=expected_version + 1,
            listing_version=c.execute(seen).scalar_one(),
            at=decision.at,
            who=clean_text(decision.who),
            action=clean_text(decision.action),
            state=decision.state,
            resolution=decision.resolution,
            why=clean_text(decision.why),
            detail=decision.detail,
        )
    )
    return expected_version + 1


_STILL_HELD = frozenset({"ask", "consult", "opinion"})
_OUT = frozenset({State.SENT, State.ANSWERED, State.RECHECKED})


def _days(decision: Decision) -> dict[str, Any]:
    """The lead's days after a decision: to when it is put aside, and when its page is looked at again."""
    found: dict[str, Any] = {}
    if "until" in decision.detail:
        found["held_until"] = datetime.fromisoformat(str(decision.detail["until"]))
    elif decision.action not in _STILL_HELD:
        found["held_until"] = None
    if "look_on" in decision.detail:
        day = decision.detail["look_on"]
        found["look_on"] = date.fromisoformat(str(day)) if day else None
    elif decision.state not in _OUT:
        found["look_on"] = None
    return found


def _who_was_first(c: Connection, lead_id: int) -> str:
    lead = load_lead_row(c, lead_id)
    made = decisions_of(c, lead_id)
    if not made or made[-1].at < lead.updated_at:
        return f"线索 {lead_id} 的疑点在此期间发生变化，请重新查看（当前版本 {lead.version}）"
    last = made[-1]
    return f"线索 {lead_id} 已由 {last.who} 于 {last.at.astimezone(BEIJING):%Y-%m-%d %H:%M} 处理，请重新查看"
