"""时限: what is owed or expected by when, in working days; counter-notices; pages to look at again; open questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gimonitor.model.lead import Decision, State
from gimonitor.model.zone import BEIJING
from gimonitor.register.calendar import add_workdays, workdays_between
from gimonitor.store import clocks as store
from gimonitor.store.captures import Notice
from gimonitor.store.leads import decisions_of, load_lead_row
from gimonitor.workflow.areas import Within
from gimonitor.workflow.notices import COUNTER_UNTIL, counter_until
from gimonitor.workflow.states import Action
from gimonitor.workflow.terms import terms
from gimonitor.workflow.vocabulary import Channel

OUT = (State.SENT, State.ANSWERED, State.RECHECKED)
MOST = 500
"""Lines of a board; work is never cut by it."""
TOLD_DAYS = 3
"""How long the morning page tells of what came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Something with an end. `left` counts days to the end, negative when it is over: working days, or calendar days where
    the term is one of those (自然日). `is_soon`: it is over, or ends within the working days that are told beforehand."""

    lead_id: int
    gi_name: str
    what: str  # a channel, `counter`, `receipt` or `recheck`
    detail: str
    ends: date
    left: int
    by_calendar: bool = False
    is_soon: bool = True

    @property
    def is_over(self) -> bool:
        """True when the last day has passed."""
        return self.left < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question on a lead that nobody has answered. `to` is empty where it goes to the approvers."""

    lead_id: int
    gi_name: str
    who: str
    at: datetime
    text: str
    topic: str = ""
    to: str = ""


def answers_due(c: Connection, now: datetime, within: Within = None) -> tuple[Clock, ...]:
    """Notices without an answer whose term is over or ends within some working days, the most urgent first."""
    today = now.astimezone(BEIJING).date()
    horizon = _morning(add_workdays(today, terms().soon_workdays.value + 1))
    return tuple(
        _clock(notice.lead_id, gi_name, notice.channel, _addressee(notice), _day(notice.due_at), today)
        for notice, gi_name in store.unanswered_notices(c, horizon, MOST, within)
        if notice.due_at is not None
    )


def receipts_due(c: Connection, now: datetime, within: Within = None) -> tuple[Clock, ...]:
    """Transfers whose receipt should have come by now."""
    today = now.astimezone(BEIJING).date()
    days = terms().receipt_workdays.value
    sent_before = _morning(add_workdays(today, -days) + timedelta(days=1))
    return tuple(
        _clock(notice.lead_id, gi_name, "receipt", _addressee(notice), add_workdays(_day(notice.sent_at), days), today)
        for notice, gi_name in store.notices_without_receipt(c, Channel.TRANSFER, sent_before, MOST, within)
    )


def counters(c: Connection, now: datetime, within: Within = None) -> tuple[Clock, ...]:
    """Counter-notices whose days are running, wherever their lead stands, and those whose days passed with the lead open."""
    today = now.astimezone(BEIJING).date()
    found = [
        (notice, gi_name, until)
        for notice, gi_name, is_closed in store.notices_holding(c, COUNTER_UNTIL, within)
        if (until := counter_until(notice)) is not None and (until >= today or not is_closed)
    ]
    return tuple(
        _clock(notice.lead_id, gi_name, "counter", _addressee(notice), until, today, by_calendar=True)
        for notice, gi_name, until in found
    )


def rechecks_due(c: Connection, now: datetime, within: Within = None, limit: int = MOST) -> tuple[Clock, ...]:
    """Sent leads whose page should have been looked at again by today; see the ladder in terms.yml."""
    today = now.astimezone(BEIJING).date()
    return tuple(
        _clock(
            due.lead_id,
            due.gi_name,
            "recheck",
            f"T+{(due.look_on - _day(due.sent_at)).days}",
            due.look_on,
            today,
            by_calendar=True,
        )
        for due in store.looks_due(c, OUT, today, limit, within)
    )


def open_questions(c: Connection, limit: int = 50, within: Within = None) -> tuple[Question, ...]:
    """Questions later than the last answer on their lead, oldest first."""
    return _questions(store.unanswered_questions(c, Action.ASK.value, Action.REPLY.value, limit, within))


def open_consultations(c: Connection, login: str, within: Within = None) -> tuple[Question, ...]:
    """What colleagues want this person's opinion on, oldest first."""
    asked = store.unanswered_questions(c, Action.CONSULT.value, Action.OPINION.value, MOST, within)
    return tuple(question for question in _questions(asked) if question.to == login)


def replies_to(c: Connection, login: str, now: datetime, within: Within = None) -> tuple[Question, ...]:
    """What was answered in the last days to this person's questions, the newest first; `who` answered."""
    return _told(c, login, now, within, Action.ASK, Action.REPLY)


def opinions_for(c: Connection, login: str, now: datetime, within: Within = None) -> tuple[Question, ...]:
    """The opinions of the last days that this person had asked for, the newest first; `who` gave it."""
    return _told(c, login, now, within, Action.CONSULT, Action.OPINION)


def _told(
    c: Connection, login: str, now: datetime, within: Within, ask: Action, answer: Action
) -> tuple[Question, ...]:
    begin = now - timedelta(days=TOLD_DAYS)
    told = store.looks_between(c, begin, now + timedelta.resolution, answer.value, within)
    return _questions([(one, load_lead_row(c, one.lead_id).gi_name) for one in told if _asker(c, one, ask) == login])


def _asker(c: Connection, answer: Decision, ask: Action) -> str:
    """Who asked last before an answer, of those who named who answered where somebody did."""
    asked = [d for d in decisions_of(c, answer.lead_id) if d.action == ask and d.at <= answer.at]
    named = [d.who for d in asked if d.detail.get("to") == answer.who] or [d.who for d in asked]
    return named[-1] if named else ""


def _questions(asked: list[tuple[Decision, str]]) -> tuple[Question, ...]:
    return tuple(
        Question(
            lead_id=one.lead_id,
            gi_name=gi_name,
            who=one.who,
            at=one.at,
            text=one.why,
            topic=str(one.detail.get("topic", "")),
            to=str(one.detail.get("to", "")),
        )
        for one, gi_name in asked
    )


def days_left(last: date | None, now: datetime) -> int | None:
    """Working days from today to a last day, negative when it is over; None without one."""
    return None if last is None else workdays_between(now.astimezone(BEIJING).date(), last)


def _addressee(notice: Notice) -> str:
    return str(notice.detail.get("addressee", ""))


def _clock(
    lead_id: int, gi_name: str, what: str, detail: str, ends: date, today: date, *, by_calendar: bool = False
) -> Clock:
    workdays = workdays_between(today, ends)
    return Clock(
        lead_id=lead_id,
        gi_name=gi_name,
        what=what,
        detail=detail,
        ends=ends,
        left=(ends - today).days if by_calendar else workdays,
        by_calendar=by_calendar,
        is_soon=workdays <= terms().soon_workdays.value,
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), BEIJING)


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
