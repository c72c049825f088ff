"""What waits: notices without an answer or receipt, or with a clock of their own; pages to look at; questions nobody answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, func, or_, select, type_coerce, update

from gimonitor.errors import NotFoundError
from gimonitor.model.lead import Decision, State
from gimonitor.store.captures import Notice
from gimonitor.store.columns import clean_text
from gimonitor.store.leads import decision_of
from gimonitor.store.queue import within_gis
from gimonitor.store.tables import decisions, leads, listings, notices

Named = tuple[Notice, str]
"""A notice with the name of its lead's GI."""
Within = frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A lead that was sent and whose page is to be looked at on a day."""

    lead_id: int
    gi_name: str
    look_on: date
    sent_at: datetime


def change_notice(
    c: Connection,
    notice_id: int,
    *,
    receipt: str | None = None,
    answered_at: datetime | None = None,
    answer: str | None = None,
    detail: dict[str, object] | None = None,
    withdrawn_at: datetime | None = None,
) -> None:
    """Change what is given of a notice; its term stays what it was. Raises NotFoundError."""
    given: dict[str, Any] = {"receipt": receipt, "answered_at": answered_at, "answer": answer, "detail": detail}
    given |= {"withdrawn_at": withdrawn_at}
    values = {name: value for name, value in given.items() if value is not None}
    for name in ("receipt", "answer"):
        if name in values:
            values[name] = clean_text(values[name])
    if c.execute(update(notices).where(notices.c.id == notice_id).values(values)).rowcount != 1:
        raise NotFoundError(f"no notice {notice_id} is stored")


def unanswered_notices(c: Connection, due_before: datetime, limit: int, within: Within = None) -> list[Named]:
    """Notices of leads not closed, not taken back, that have no answer and are due before a moment, the first due first."""
    n = notices.c
    return _notices(c, within, n.answered_at.is_(None), n.due_at < due_before, order=n.due_at, limit=limit)


def notices_holding(c: Connection, name: str, within: Within = None) -> list[tuple[Notice, str, bool]]:
    """Answered notices whose detail holds something by a name, the first answered first, each with its lead's GI and
    whether that lead is closed."""
    n = notices.c
    query = (
        select(notices, leads.c.gi_name, leads.c.state)
        .join(leads, leads.c.id == n.lead_id)
        .where(n.answered_at.is_not(None), type_coerce(n.detail, Text).contains(f'"{name}":'), *within_gis(c, within))
        .order_by(n.answered_at, n.id)
    )
    return [(notice_of(row), row["gi_name"], row["state"] is State.CLOSED) for row in c.execute(query).mappings()]


def notices_without_receipt(
    c: Connection, channel: str, sent_before: datetime, limit: int, within: Within = None
) -> list[Named]:
    """Notices of a channel sent before a moment, unanswered, with no receipt noted, the first sent first."""
    n = notices.c
    wanted = (n.channel == channel, n.receipt == "", n.answered_at.is_(None), n.sent_at < sent_before)
    return _notices(c, within, *wanted, order=n.sent_at, limit=limit)


def all_notices(c: Connection, since: datetime, channel: str, within: Within = None) -> list[tuple[Notice, str]]:
    """Notices of a channel sent since a moment, each with its lead's platform."""
    n = notices.c
    query = (
        select(notices, leads.c.platform)
        .join(leads, leads.c.id == n.lead_id)
        .where(n.sent_at >= since, n.channel == channel, *within_gis(c, within))
    )
    return [(notice_of(row), row["platform"]) for row in c.execute(query.order_by(n.id)).mappings()]


def _notices(
    c: Connection, within: Within, *wanted: ColumnElement[bool], order: ColumnElement[datetime], limit: int
) -> list[Named]:
    query = (
        select(notices, leads.c.gi_name)
        .join(leads, leads.c.id == notices.c.lead_id)
        .where(*wanted, notices.c.withdrawn_at.is_(None), leads.c.state != State.CLOSED, *within_gis(c, within))
        .order_by(order, notices.c.id)
        .limit(limit)
    )
    return [(notice_of(row), row["gi_name"]) for row in c.execute(query).mappings()]


def notice_of(row: Any) -> Notice:
    """The notice in a row that holds the columns of `notices`."""
    return Notice(**{name: row[name] for name in Notice.__slots__})


def looks_due(c: Connection, states: Collection[State], today: date, limit: int, within: Within = None) -> list[Looked]:
    """Leads in some states whose page is to be looked at by a day, the longest due first."""
    sent = select(func.max(notices.c.sent_at)).where(notices.c.lead_id == leads.c.id).scalar_subquery()
    query = (
        select(leads.c.id, leads.c.gi_name, leads.c.look_on, sent.label("sent_at"))
        .where(leads.c.look_on <= today, leads.c.state.in_(states), *within_gis(c, within))
        .order_by(leads.c.look_on, leads.c.id)
        .limit(limit)
    )
    return [
        Looked(lead_id=row.id, gi_name=row.gi_name, look_on=row.look_on, sent_at=row.sent_at)
        for row in c.execute(query)
        if row.sent_at is not None
    ]


def looks_between(c: Connection, begin: datetime, end: datetime, look: str, within: Within = None) -> list[Decision]:
    """Decisions `look` made in [begin, end), the newest first."""
    d = decisions.c
    query = (
        select(decisions)
        .join(leads, leads.c.id == d.lead_id)
        .where(d.action == look, d.at >= begin, d.at < end, *within_gis(c, within))
        .order_by(d.id.desc())
    )
    return [decision_of(row) for row in c.execute(query).mappings()]


def unanswered_questions(
    c: Connection, ask: str, reply: str, limit: int, within: Within = None
) -> list[tuple[Decision, str]]:
    """Decisions `ask` with no later `ask` or `reply` on their lead, oldest first, each with the GI's name."""
    d = decisions.c
    last = (
        select(d.lead_id, func.max(d.id).label("last")).where(d.action.in_((ask, reply))).group_by(d.lead_id).subquery()
    )
    query = (
        select(decisions, leads.c.gi_name)
        .join(last, last.c.last == d.id)
        .join(leads, leads.c.id == d.lead_id)
        .where(d.action == ask, *within_gis(c, within))
        .order_by(d.id)
        .limit(limit)
    )
    return [(decision_of(row), row["gi_name"]) for row in c.execute(query).mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNotice:
    """A notice that an answer may come on, with what the answer may name it by. `answered_at` is None while it waits for a
    final one; `detail` holds the answers so far."""

    notice_id: int
    lead_id: int
    gi_name: str
    platform: str
    title: str
    url: str
    item_id: str
    receipt: str
    sent_at: datetime
    answered_at: datetime | None
    detail: dict[str, object]


def open_notices(c: Connection, within: Within = None, *, answered_since: datetime | None = None) -> list[OpenNotice]:
    """Notices that were not taken back and wait for a final answer, wherever their lead stands, in the order of sending;
    with a moment also those that were answered since it."""
    n = notices.c
    waits = n.answered_at.is_(None)
    wanted = waits if answered_since is None else or_(waits, n.answered_at >= answered_since)
    query = (
        select(
            n.id.label("notice_id"),
            leads.c.id.label("lead_id"),
            leads.c.gi_name,
            leads.c.platform,
            listings.c.title,
            listings.c.url,
            listings.c.item_id,
            n.receipt,
            n.sent_at,
            n.answered_at,
            n.detail,
        )
        .join(leads, leads.c.id == n.lead_id)
        .join(listings, listings.c.id == leads.c.listing_id)
        .where(wanted, n.withdrawn_at.is_(None), *within_gis(c, within))
        .order_by(n.id)
    )
    return [OpenNotice(**row) for row in c.execute(query).mappings()]
