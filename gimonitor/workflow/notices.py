"""What the record of a notice tells: the answers that came on it, and the days that a counter-notice leaves.

Source: 电子商务法第四十三条: measures end unless, within fifteen days after the statement reached the right holder, the
platform is told of a complaint or a suit. A word in between ends no days, and neither does closing the lead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from gimonitor.store.captures import Notice
from gimonitor.workflow.terms import terms
from gimonitor.workflow.vocabulary import ENDS_COUNTER, Answer

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
    return "withdrawn" in notice.detail


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
