"""What the record of a notice tells: the answers that came on it, and the days that a counter-notice leaves.

Source: 电子商务法第四十三条: measures end unless, within fifteen days after the statement reached the right holder, the
platform is told of a complaint or a suit. A word in between ends no days, and neither does closing the lead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gimonitor.model.zone import BEIJING
from gimonitor.store.captures import Notice
from gimonitor.workflow.terms import terms
from gimonitor.workflow.vocabulary import ENDS_COUNTER, FINAL, Answer

COUNTER_UNTIL = "counter_until"
"""Under which name a notice keeps the last day of its counter-notice."""


def answers_on(notice: Notice) -> tuple[str, ...]:
    """The kinds of answers that came on a notice, in the order in which they were recorded."""
    entries = log_of(notice) or [notice.detail]
    kinds = (str(one.get("kind", "")) for one in entries if isinstance(one, dict))
    return tuple(kind for kind in kinds if kind)


def log_of(notice: Notice) -> list[object]:
    """Every answer as it was recorded."""
    log = notice.detail.get("log", [])
    return log if isinstance(log, list) else []


def is_withdrawn(notice: Notice) -> bool:
    """True where the complaint was taken back."""
    return notice.withdrawn_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer on a notice and when it came: at noon in Beijing where only the day is known."""

    kind: str
    at: datetime


def replies_before(notice: Notice, end: datetime) -> tuple[Reply, ...]:
    """The answers that came before a moment, in the order in which they were recorded."""
    log = [one for one in log_of(notice) if isinstance(one, dict)]
    found = [Reply(kind=str(one["kind"]), at=_came(one)) for one in log]
    if not log and notice.answered_at is not None and "kind" in notice.detail:
        found = [Reply(kind=str(notice.detail["kind"]), at=notice.answered_at)]
    return tuple(reply for reply in found if reply.at < end)


def _came(entry: dict[str, object]) -> datetime:
    at = entry.get("at")
    day = date.fromisoformat(str(entry["on"]))
    return datetime.combine(day, time(12), BEIJING) if at is None else datetime.fromisoformat(str(at))


def settled_at(notice: Notice, end: datetime, kinds: frozenset[Answer] = FINAL) -> datetime | None:
    """When the first final answer (最终反馈), or one of some kinds, came before a moment; None where none did."""
    return min((reply.at for reply in replies_before(notice, end) if reply.kind in kinds), default=None)


def fell_due(notice: Notice, begin: datetime, end: datetime) -> bool:
    """True where the term ended in [begin, end) with the complaint standing (应反馈): taking it back later changes nothing."""
    due = notice.due_at
    return due is not None and begin <= due < end and (notice.withdrawn_at is None or notice.withdrawn_at > due)


def in_time(notice: Notice) -> bool:
    """True where the first final answer came within the term (按期)."""
    due = notice.due_at
    return due is not None and settled_at(notice, due + timedelta(seconds=1)) is not None


def counter_until(notice: Notice) -> date | None:
    """The last day to tell the platform of a complaint or a suit; None where no counter-notice is pending."""
    until = notice.detail.get(COUNTER_UNTIL)
    return None if until is None else date.fromisoformat(str(until))


def running_counter(notices: Iterable[Notice], today: date) -> date | None:
    """The last day of the counter-notice that runs out first among those whose days are not over."""
    ends = [until for until in map(counter_until, notices) if until is not None and until >= today]
    return min(ends, default=None)


def without_days(notice: Notice) -> dict[str, object]:
    """The detail of a notice without the days of its counter-notice."""
    return {name: value for name, value in notice.detail.items() if name != COUNTER_UNTIL}


def days_after(notice: Notice, kind: Answer, on: date) -> dict[str, object]:
    """What stands of a counter-notice's days, as detail of the notice, once an answer came on a day.

    A removal dated on or before the day of the statement is what the statement is against, and ends nothing.
    """
    length = timedelta(days=terms().counter_days.value)
    if kind is Answer.COUNTER:
        return {"countered": True, COUNTER_UNTIL: (on + length).isoformat()}
    until = counter_until(notice)
    if until is None or (kind in ENDS_COUNTER and (kind is not Answer.REMOVED or on > until - length)):
        return {}
    return {COUNTER_UNTIL: until.isoformat()}
