"""专项行动: the same figures before, during and after a stretch of time, over as many days each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING
from gimonitor.register.calendar import KeyPeriod, key_periods
from gimonitor.workflow.areas import Within
from gimonitor.workflow.cleanliness import Cleanliness, cleanliness
from gimonitor.workflow.figures import Figures, Period, figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One of the three. `is_over` is False where its last day has not passed: its figures are not whole yet."""

    name: str
    figures: Figures
    samples: tuple[Cleanliness, ...]
    is_over: bool


def phases(c: Connection, during: Period, today: date, within: Within = None) -> tuple[Phase, ...]:
    """Before, during and after. Raises InputError where the campaign has not begun."""
    if during.first > today:
        raise InputError("专项行动尚未开始")
    step = timedelta(days=during.days)
    spans = {
        "行动前": Period(first=during.first - step, last=during.first - timedelta(days=1)),
        "行动中": during,
        "行动后": Period(first=during.last + timedelta(days=1), last=during.last + step),
    }
    return tuple(
        Phase(
            name=name,
            figures=figures(c, span, within, now=datetime.combine(today, time(), BEIJING)),
            samples=cleanliness(c, span, within),
            is_over=span.last < today,
        )
        for name, span in spans.items()
    )


def suggested(today: date) -> tuple[KeyPeriod, ...]:
    """The key periods that have begun within the last year, the latest first; days on which a report is due are none."""
    found = [p for year in (today.year - 1, today.year, today.year + 1) for p in key_periods(year)]
    return tuple(
        sorted(
            (p for p in found if today - timedelta(days=366) <= p.starts <= today and not p.unverified),
            key=lambda p: p.starts,
        )
    )[::-1]
