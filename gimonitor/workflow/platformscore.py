"""平台履责: how platforms deal with what they are told, by clause of GB/T 39550, from our own records (`platformscore.yml`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from statistics import median
from typing import Literal

import yaml
from sqlalchemy import Connection

from gimonitor.errors import NotFoundError
from gimonitor.register.schema import Form, Text
from gimonitor.store import figures as store
from gimonitor.store.captures import Notice
from gimonitor.workflow.areas import Within
from gimonitor.workflow.figures import Period
from gimonitor.workflow.notices import fell_due, in_time, settled_at
from gimonitor.workflow.states import Action
from gimonitor.workflow.vocabulary import ACTED, Channel, Seen

PUSH = "push"
"""The kind of pack by which a bureau asks a platform to look into links."""


class Indicator(Form):
    """One figure of a platform: a share of leads, or days."""

    id: Text
    name: Text
    definition: Text
    unit: Literal["share", "days"]


class Clause(Form):
    """A clause of the standard, and our figures that speak to it; none where we know nothing."""

    number: Text
    title: Text
    indicators: tuple[Text, ...]


class Standard(Form):
    """All of platformscore.yml."""

    standard: Text
    title: Text
    source: Text
    clauses: tuple[Clause, ...]
    indicators: tuple[Indicator, ...]

    def indicator(self, indicator_id: str) -> Indicator:
        """The indicator of an id. Raises NotFoundError."""
        found = next((i for i in self.indicators if i.id == indicator_id), None)
        if found is None:
            raise NotFoundError(f"没有名为 {indicator_id} 的数字")
        return found


@cache
def standard() -> Standard:
    """The clauses and figures in force."""
    return Standard.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


@dataclass(slots=True)
class Mark:
    """A figure of one platform: the leads it is counted among, those that count, and days where it is a time."""

    among: set[int] = field(default_factory=set)
    counted: set[int] = field(default_factory=set)
    days: list[float] = field(default_factory=list)

    @property
    def value(self) -> float | None:
        """The share, or the middle number of days; None where there is nothing to count."""
        if self.days:
            return median(self.days)
        return len(self.counted) / len(self.among) if self.among else None


Marks = dict[str, dict[str, Mark]]
"""By platform and indicator."""


def platform_marks(c: Connection, period: Period, within: Within = None, *, now: datetime) -> Marks:
    """The figures of every platform that anything was found on or sent to in a period, as far as it has passed."""
    begin, end = period.bounds
    marks: Marks = defaultdict(lambda: defaultdict(Mark))
    for cell, is_known in store.licensed(c, begin, end, within):
        _count(marks[cell.platform]["licensed"], cell.lead_id, is_known)
    reports = [r for r in store.reports_between(c, begin, end, within) if r[0].channel == Channel.PLATFORM]
    up_again = _still_up(c, {notice.lead_id for notice, _, _ in reports}, end)
    for notice, cell, kind in reports:
        for name, counts, days in _told(notice, kind, begin, end, now, up_again):
            mark = marks[cell.platform][name]
            _count(mark, notice.lead_id, counts)
            if days is not None:
                mark.days.append(days)
    return {platform: dict(found) for platform, found in sorted(marks.items())}


def together(marks: Marks, indicator_id: str) -> Mark:
    """A figure over all platforms."""
    found = [of[indicator_id] for of in marks.values() if indicator_id in of]
    return Mark(
        among={lead_id for mark in found for lead_id in mark.among},
        counted={lead_id for mark in found for lead_id in mark.counted},
        days=[days for mark in found for days in mark.days],
    )


def _count(mark: Mark, lead_id: int, counts: bool) -> None:
    mark.among.add(lead_id)
    if counts:
        mark.counted.add(lead_id)


def _told(
    notice: Notice, kind: str, begin: datetime, end: datetime, now: datetime, up_again: dict[int, datetime]
) -> Iterator[tuple[str, bool, float | None]]:
    """What one report says by the end: the indicator, whether it counts, and its days."""
    answered = settled_at(notice, end)
    days = (answered - notice.sent_at).total_seconds() / 86400 if answered else None
    stands = notice.withdrawn_at is None or notice.withdrawn_at >= end
    is_in, is_push = begin <= notice.sent_at < end and stands, kind == PUSH
    if is_push:
        if is_in:
            yield "push_answered", answered is not None, None
        if is_in and days is not None:
            yield "push_days", True, days
        return
    if fell_due(notice, begin, min(end, now)):
        yield "on_time", in_time(notice), None
    if not is_in or answered is None:
        return
    acted = settled_at(notice, end, ACTED)
    yield "acted", acted is not None, None
    yield "median_days", True, days
    if acted:
        yield "promise", notice.lead_id in up_again and up_again[notice.lead_id] > acted, None


def _still_up(c: Connection, lead_ids: set[int], end: datetime) -> dict[int, datetime]:
    """When leads were last seen still up."""
    return {
        cell.lead_id: max(seen)
        for cell, history in store.decided_on(c, lead_ids, end)
        if (seen := [d.at for d in history if d.action == Action.RECHECK and d.detail.get("seen") == Seen.STILL_UP])
    }
