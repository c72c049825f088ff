"""时限: what is owed or expected by when, in working days; counter-notices; pages to look at again; open questions.

Holds its own read-only queries over the store's tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from gimonitor.model.lead import State
from gimonitor.register.calendar import add_workdays, workdays_between
from gimonitor.store.tables import decisions, leads, notices
from gimonitor.workflow.following import BEIJING, COUNTER_DAYS
from gimonitor.workflow.states import Action

LADDER = (1, 3, 7, 30, 90)
"""Days after sending on which the page is looked at again."""
SOON = 3
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Something with an end. `left` counts working days to the end, negative when it is over."""

    lead_id: int
    gi_name: str
    what: str  # a channel, `counter` or `recheck`
    detail: str
    ends: date
    left: int

    @property
    def is_over(self) -> bool:
        """True when the last day has passed."""
        return self.left < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question on a lead that nobody has answered."""

    lead_id: int
    gi_name: str
    who: str
    at: datetime
    text: str


def answers_due(c: Connection, now: datetime) -> tuple[Clock, ...]:
    """Notices without an answer whose term is over or ends within three working days, the most urgent first."""
    today = now.astimezone(BEIJING).date()
    horizon = datetime.combine(add_workdays(today, SOON + 1), datetime.min.time(), BEIJING)
    n = notices.c
    query = (
        select(n.lead_id, n.channel, n.due_at, n.receipt, n.detail, leads.c.gi_name)
        .join(leads, leads.c.id == n.lead_id)
        .where(n.answered_at.is_(None), n.due_at < horizon, leads.c.state != State.CLOSED)
        .order_by(n.due_at, n.id)
        .limit(MOST)
    )
    return tuple(
        _clock(row.lead_id, row.gi_name, row.channel, str(row.detail.get("addressee", "")), _day(row.due_at), today)
        for row in c.execute(query)
    )


def counters(c: Connection, now: datetime) -> tuple[Clock, ...]:
    """Counter-notices whose fifteen days are running."""
    today = now.astimezone(BEIJING).date()
    n = notices.c
    query = (
        select(n.lead_id, n.detail, leads.c.gi_name)
        .join(leads, leads.c.id == n.lead_id)
        .where(n.answered_at >= now - timedelta(days=COUNTER_DAYS + 1), leads.c.state != State.CLOSED)
        .order_by(n.answered_at)
        .limit(MOST)
    )
    running = [(row, row.detail["counter_until"]) for row in c.execute(query) if "counter_until" in row.detail]
    return tuple(
        _clock(
            row.lead_id, row.gi_name, "counter", str(row.detail.get("addressee", "")), date.fromisoformat(until), today
        )
        for row, until in running
    )


def rechecks_due(c: Connection, now: datetime) -> tuple[Clock, ...]:
    """Sent leads whose page should have been looked at again by today, after T+1, 3, 7, 30 and 90 days."""
    today = now.astimezone(BEIJING).date()
    looks = (
        select(func.count())
        .where(decisions.c.lead_id == leads.c.id, decisions.c.action == Action.RECHECK.value)
        .scalar_subquery()
    )
    sent = select(func.min(notices.c.sent_at)).where(notices.c.lead_id == leads.c.id).scalar_subquery()
    query = (
        select(leads.c.id, leads.c.gi_name, looks.label("looks"), sent.label("sent"))
        .where(leads.c.state.in_((State.SENT, State.ANSWERED, State.RECHECKED)))
        .order_by(leads.c.score.desc(), leads.c.id.desc())
        .limit(MOST)
    )
    found = []
    for row in c.execute(query):
        if row.sent is None or row.looks >= len(LADDER):
            continue
        ends = _day(row.sent) + timedelta(days=LADDER[row.looks])
        if ends <= today:
            found.append(_clock(row.id, row.gi_name, "recheck", f"T+{LADDER[row.looks]}", ends, today))
    return tuple(sorted(found, key=lambda clock: (clock.ends, clock.lead_id)))


def open_questions(c: Connection, limit: int = 50) -> tuple[Question, ...]:
    """Questions later than the last answer on their lead, oldest first."""
    d = decisions.c
    last = (
        select(d.lead_id, func.max(d.id).label("last"))
        .where(d.action.in_((Action.ASK.value, Action.REPLY.value)))
        .group_by(d.lead_id)
        .subquery()
    )
    query = (
        select(d.lead_id, d.who, d.at, d.why, leads.c.gi_name)
        .join(last, last.c.last == d.id)
        .join(leads, leads.c.id == d.lead_id)
        .where(d.action == Action.ASK.value)
        .order_by(d.id)
        .limit(limit)
    )
    return tuple(
        Question(lead_id=row.lead_id, gi_name=row.gi_name, who=row.who, at=row.at, text=row.why)
        for row in c.execute(query)
    )


def _clock(lead_id: int, gi_name: str, what: str, detail: str, ends: date, today: date) -> Clock:
    return Clock(
        lead_id=lead_id, gi_name=gi_name, what=what, detail=detail, ends=ends, left=workdays_between(today, ends)
    )


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
