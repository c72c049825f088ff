"""时限: what is owed or expected by when, in working days; counter-notices; pages to look at again; open questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gimonitor.model.lead import State
from gimonitor.register.calendar import add_workdays, workdays_between
from gimonitor.store import clocks as store
from gimonitor.store.captures import Notice
from gimonitor.workflow.following import BEIJING, COUNTER_DAYS
from gimonitor.workflow.states import Action

LADDER = (1, 3, 7, 30, 90)
"""Days after sending on which the page is looked at again."""
OUT = (State.SENT, State.ANSWERED, State.RECHECKED)
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
    return tuple(
        _clock(notice.lead_id, gi_name, notice.channel, _addressee(notice), _day(notice.due_at), today)
        for notice, gi_name in store.unanswered_notices(c, horizon, MOST)
        if notice.due_at is not None
    )


def counters(c: Connection, now: datetime) -> tuple[Clock, ...]:
    """Counter-notices whose fifteen days are running."""
    today = now.astimezone(BEIJING).date()
    answered = store.answered_notices(c, now - timedelta(days=COUNTER_DAYS + 1), MOST)
    running = [(notice, gi_name, notice.detail.get("counter_until")) for notice, gi_name in answered]
    return tuple(
        _clock(notice.lead_id, gi_name, "counter", _addressee(notice), date.fromisoformat(str(until)), today)
        for notice, gi_name, until in running
        if until is not None
    )


def rechecks_due(c: Connection, now: datetime) -> tuple[Clock, ...]:
    """Sent leads whose page should have been looked at again by today, after T+1, 3, 7, 30 and 90 days."""
    today = now.astimezone(BEIJING).date()
    found = []
    for lead in store.looked_at(c, OUT, Action.RECHECK.value, MOST):
        if lead.looks >= len(LADDER):
            continue
        days = LADDER[lead.looks]
        ends = _day(lead.sent_at) + timedelta(days=days)
        if ends <= today:
            found.append(_clock(lead.lead_id, lead.gi_name, "recheck", f"T+{days}", ends, today))
    return tuple(sorted(found, key=lambda clock: (clock.ends, clock.lead_id)))


def open_questions(c: Connection, limit: int = 50) -> tuple[Question, ...]:
    """Questions later than the last answer on their lead, oldest first."""
    return tuple(
        Question(lead_id=asked.lead_id, gi_name=gi_name, who=asked.who, at=asked.at, text=asked.why)
        for asked, gi_name in store.unanswered_questions(c, Action.ASK.value, Action.REPLY.value, limit)
    )


def _addressee(notice: Notice) -> str:
    return str(notice.detail.get("addressee", ""))


def _clock(lead_id: int, gi_name: str, what: str, detail: str, ends: date, today: date) -> Clock:
    return Clock(
        lead_id=lead_id, gi_name=gi_name, what=what, detail=detail, ends=ends, left=workdays_between(today, ends)
    )


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
