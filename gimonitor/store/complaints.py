"""投诉举报: what came in from outside, the leads it led to, and what was answered.

Who complained is not kept here: the number at the source leads back to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.store.audit import latest_audit
from gimonitor.store.columns import NOTHING, clean_text
from gimonitor.store.leads import StoredLead, load_lead_row
from gimonitor.store.tables import complaint_leads, complaints
from gimonitor.store.upsert import among, insert_new

ADDED = "complaint.add"
"""The act of the audit's entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One complaint, report or tip. `gi_id` is empty until somebody knows it; `due_on` is the last day to answer."""

    kind: str
    source: str
    number: str
    gi_id: str
    gi_name: str
    text: str
    url: str
    received_at: datetime
    due_on: date | None
    who: str
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""
    id: int = 0


_SAYS = ("kind", "source", "number", "gi_id", "text", "url")
_COLUMNS = [complaints.c[name] for name in Complaint.__slots__]


def add_complaint(c: Connection, complaint: Complaint) -> int:
    """Store what came in; returns its id."""
    row = {name: getattr(complaint, name) for name in Complaint.__slots__ if name != "id"} | {"detail": NOTHING}
    row |= {name: clean_text(row[name]) for name in ("number", "text", "url")}
    made: int = c.execute(insert(complaints).values(row).returning(complaints.c.id)).scalar_one()
    return made


def same_complaint(c: Connection, complaint: Complaint, within: timedelta, now: datetime) -> int | None:
    """The one that says the same of the same moment or day and was stored so shortly before, by its entry in the audit."""
    k = complaints.c
    same = [k[name] == clean_text(getattr(complaint, name)) for name in _SAYS]
    received = k.received_at.between(complaint.received_at - within, complaint.received_at)
    for complaint_id in c.execute(select(k.id).where(*same, received).order_by(k.id)).scalars().all():
        entries = latest_audit(c, obj=f"complaint:{complaint_id}")
        if any(entry.action == ADDED and entry.at >= now - within for entry in entries):
            return int(complaint_id)
    return None


def load_complaint(c: Connection, complaint_id: int) -> Complaint:
    """One complaint. Raises NotFoundError."""
    row = c.execute(select(*_COLUMNS).where(complaints.c.id == complaint_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"没有编号为 {complaint_id} 的投诉举报")
    return _complaint(row)


def list_complaints(
    c: Connection, *, is_open: bool | None = None, within: frozenset[str] | None = None, limit: int = 200
) -> list[Complaint]:
    """Complaints, open ones by their day, the first due first; else the newest first."""
    k = complaints.c
    query = select(*_COLUMNS).limit(limit)
    if is_open is not None:
        query = query.where(k.answered_at.is_(None) if is_open else k.answered_at.is_not(None))
    if within is not None:
        query = query.where(among(c, k.gi_id, sorted(within)))
    query = query.order_by(k.due_on, k.id) if is_open else query.order_by(k.id.desc())
    return [_complaint(row) for row in c.execute(query).mappings()]


def answer_complaint(c: Connection, complaint_id: int, who: str, answer: str, now: datetime) -> None:
    """Note what was answered, once. Raises ConflictError where it was answered before."""
    values = {"answered_at": now, "answered_by": who, "answer": clean_text(answer)}
    waiting = (complaints.c.id == complaint_id) & complaints.c.answered_at.is_(None)
    if c.execute(update(complaints).where(waiting).values(values)).rowcount != 1:
        raise ConflictError(f"投诉举报 {complaint_id} 已由 {load_complaint(c, complaint_id).answered_by} 答复")


def link_lead(c: Connection, complaint_id: int, lead_id: int) -> None:
    """Say that a lead belongs to a complaint; twice changes nothing."""
    c.execute(insert_new(c, complaint_leads), [{"complaint_id": complaint_id, "lead_id": lead_id}])


def leads_of_complaint(c: Connection, complaint_id: int) -> list[StoredLead]:
    """The leads that belong to a complaint."""
    k = complaint_leads.c
    ids = c.execute(select(k.lead_id).where(k.complaint_id == complaint_id).order_by(k.lead_id)).scalars()
    return [load_lead_row(c, lead_id) for lead_id in list(ids)]


def complaints_of_lead(c: Connection, lead_id: int) -> list[Complaint]:
    """The complaints that a lead belongs to."""
    mine = select(complaint_leads.c.complaint_id).where(complaint_leads.c.lead_id == lead_id)
    query = select(*_COLUMNS).where(complaints.c.id.in_(mine)).order_by(complaints.c.id)
    return [_complaint(row) for row in c.execute(query).mappings()]


def _complaint(row: Any) -> Complaint:
    return Complaint(**{name: row[name] for name in Complaint.__slots__})
