"""What waits: notices without an answer or lately answered, leads by their looks at the page, questions nobody answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from gimonitor.model.lead import Decision, State
from gimonitor.store.captures import Notice
from gimonitor.store.leads import decision_of
from gimonitor.store.tables import decisions, leads, notices

Named = tuple[Notice, str]
"""A notice with the name of its lead's GI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A lead that was sent: how often its page was looked at since, and when its first notice went out."""

    lead_id: int
    gi_name: str
    looks: int
    sent_at: datetime


def unanswered_notices(c: Connection, due_before: datetime, limit: int) -> list[Named]:
    """Notices of leads not closed that have no answer and are due before a moment, the first due first."""
    n = notices.c
    return _notices(c, n.answered_at.is_(None), n.due_at < due_before, order=n.due_at, limit=limit)


def answered_notices(c: Connection, since: datetime, limit: int) -> list[Named]:
    """Notices of leads not closed that were answered since a moment, the first answered first."""
    n = notices.c
    return _notices(c, n.answered_at >= since, order=n.answered_at, limit=limit)


def _notices(c: Connection, *wanted: ColumnElement[bool], order: ColumnElement[datetime], limit: int) -> list[Named]:
    query = (
        select(notices, leads.c.gi_name)
        .join(leads, leads.c.id == notices.c.lead_id)
        .where(*wanted, leads.c.state != State.CLOSED)
        .order_by(order, notices.c.id)
        .limit(limit)
    )
    rows = c.execute(query).mappings()
    return [(Notice(**{name: row[name] for name in Notice.__slots__}), row["gi_name"]) for row in rows]


def looked_at(c: Connection, states: Collection[State], look: str, limit: int) -> list[Looked]:
    """Leads in some states that a notice went out for, the highest score first; `look` is the action to count."""
    looks = select(func.count()).where(decisions.c.lead_id == leads.c.id, decisions.c.action == look).scalar_subquery()
    sent = select(func.min(notices.c.sent_at)).where(notices.c.lead_id == leads.c.id).scalar_subquery()
    query = (
        select(leads.c.id, leads.c.gi_name, looks.label("looks"), sent.label("sent_at"))
        .where(leads.c.state.in_(states))
        .order_by(leads.c.score.desc(), leads.c.id.desc())
        .limit(limit)
    )
    return [
        Looked(lead_id=row.id, gi_name=row.gi_name, looks=row.looks, sent_at=row.sent_at)
        for row in c.execute(query)
        if row.sent_at is not None
    ]


def unanswered_questions(c: Connection, ask: str, reply: str, limit: int) -> list[tuple[Decision, str]]:
    """Decisions `ask` with no later `ask` or `reply` on their lead, oldest first, each with the GI's name."""
    d = decisions.c
    last = (
        select(d.lead_id, func.max(d.id).label("last")).where(d.action.in_((ask, reply))).group_by(d.lead_id).subquery()
    )
    query = (
        select(decisions, leads.c.gi_name)
        .join(last, last.c.last == d.id)
        .join(leads, leads.c.id == d.lead_id)
        .where(d.action == ask)
        .order_by(d.id)
        .limit(limit)
    )
    return [(decision_of(row), row["gi_name"]) for row in c.execute(query).mappings()]
