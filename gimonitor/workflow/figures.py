"""报表数字: what happened to leads in a period, by the fixed definitions of `figures.yml`.

Every figure is a set of leads (线索): whatever shows a number can name the leads it counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import Connection

from gimonitor.errors import InputError, NotFoundError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.run import Coverage
from gimonitor.model.zone import BEIJING
from gimonitor.register.schema import Form, Text
from gimonitor.store import figures as store
from gimonitor.store.captures import Notice
from gimonitor.store.figures import Cell, Night
from gimonitor.workflow.areas import Within
from gimonitor.workflow.notices import fell_due, in_time
from gimonitor.workflow.states import Action, effective, is_out
from gimonitor.workflow.vocabulary import Answer, Channel, Seen

MOST_DAYS = 800
EARLIEST, LATEST = 2000, 2100
"""Years that a report may begin and end in, with room on both sides for what it is compared with."""


class Deed(Form):
    """Which decisions count: an action and what it must carry. `closes` counts any of people's that closes a lead."""

    action: Action | None = None
    resolutions: tuple[Resolution, ...] = ()
    answers: tuple[Answer, ...] = ()
    seen: tuple[Seen, ...] = ()
    channels: tuple[Channel, ...] = ()
    closes: bool = False


class Measure(Deed):
    """A figure that counts leads; without an action it is worked out here (`found`, `due`).

    `last`: by the lead's last such act in the period, not by any. `then`: only leads where one of these deeds followed and
    the measure's own was not done again after it by the end. `out`: only those whose last notice was not taken back by the end; `ended`: only those that are closed at the end.
    `due`: only notices that fell due in the period; `in_time`: of those, the ones answered for good within their term.
    """

    id: Text
    name: Text
    definition: Text
    then: tuple[Deed, ...] = ()
    last: bool = False
    out: bool = False
    ended: bool = False
    due: bool = False
    in_time: bool = False


class Ratio(Form):
    """A share of two measures."""

    id: Text
    name: Text
    definition: Text
    numerator: Text
    denominator: Text


class Definitions(Form):
    """All of figures.yml."""

    measures: tuple[Measure, ...]
    ratios: tuple[Ratio, ...]
    columns: tuple[Text, ...]
    trend: tuple[Text, ...]

    def measure(self, measure_id: str) -> Measure:
        """The measure of an id. Raises NotFoundError."""
        found = next((m for m in self.measures if m.id == measure_id), None)
        if found is None:
            raise NotFoundError(f"没有名为 {measure_id} 的数字")
        return found


@cache
def definitions() -> Definitions:
    """The definitions in force."""
    return Definitions.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days in Beijing, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        in_time = self.first.year >= EARLIEST and self.last.year <= LATEST
        if not in_time or not 0 <= (self.last - self.first).days <= MOST_DAYS:
            raise InputError(f"起止日期有误，或超过 {MOST_DAYS} 天")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first moment, and the first after the end."""
        begin = datetime.combine(self.first, time(), BEIJING)
        return begin, datetime.combine(self.last + timedelta(days=1), time(), BEIJING)

    @property
    def before(self) -> Period:
        """The period it is compared with: the month before a month, the year before a year, else as many days before."""
        last = self.first - timedelta(days=1)
        if self.first.day == 1 and (self.last + timedelta(days=1)).day == 1:
            if self.first.month == 1 and (self.last.month, self.last.year) == (12, self.first.year):
                return Period(first=date(last.year, 1, 1), last=last)
            if (self.first.year, self.first.month) == (self.last.year, self.last.month):
                return Period(first=last.replace(day=1), last=last)
        return Period(first=self.first - timedelta(days=self.days), last=last)

    def pieces(self) -> tuple[Period, ...]:
        """Days of up to two weeks, weeks of up to a quarter, else months."""
        starts = [self.first]
        while (following := _next(starts[-1], self.days)) <= self.last:
            starts.append(following)
        ends = [start - timedelta(days=1) for start in starts[1:]] + [self.last]
        return tuple(Period(first=first, last=last) for first, last in zip(starts, ends, strict=True))


def _next(day: date, days: int) -> date:
    if days <= 14:
        return day + timedelta(days=1)
    if days <= 93:
        return day + timedelta(days=7 - day.weekday())
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A lead that counts in a measure, on the day of the deed."""

    measure: str
    cell: Cell
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Figures of one GI on one platform by the id of their measure; of all where GI and platform are empty."""

    gi_id: str
    gi_name: str
    platform: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that counts in a period, and what was collected meanwhile: the nights, and their queries with gaps."""

    period: Period
    events: tuple[Event, ...]
    nights: tuple[Night, ...]
    gaps: tuple[Coverage, ...]

    @property
    def total(self) -> Mapping[str, int]:
        """Leads by measure."""
        return _counts(self.events)

    @property
    def rows(self) -> tuple[Row, ...]:
        """By GI and platform, where most was found first."""
        cells: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
        for event in self.events:
            cells[event.cell.gi_id, event.cell.gi_name, event.cell.platform].append(event)
        rows = [Row(gi_id=k[0], gi_name=k[1], platform=k[2], counts=_counts(found)) for k, found in cells.items()]
        columns = definitions().columns
        kept = [row for row in rows if any(row.counts[column] for column in columns)]
        return tuple(sorted(kept, key=lambda row: (-row.counts["found"], row.gi_id, row.platform)))

    def share(self, ratio: Ratio) -> float | None:
        """The ratio; None where there is nothing to divide by."""
        below = self.total[ratio.denominator]
        return self.total[ratio.numerator] / below if below else None

    def leads(self, measure: str, gi_id: str = "", platform: str = "") -> tuple[int, ...]:
        """The leads that a number counts, all or of one GI and platform."""
        found = {
            e.cell.lead_id
            for e in self.events
            if e.measure == measure and gi_id in ("", e.cell.gi_id) and platform in ("", e.cell.platform)
        }
        return tuple(sorted(found))

    def series(self, measure: str) -> list[int]:
        """Leads by each piece of the period."""
        of = [e for e in self.events if e.measure == measure]
        return [len({e.cell.lead_id for e in of if p.first <= e.on <= p.last}) for p in self.period.pieces()]

    @property
    def asked(self) -> int:
        """Queries asked of all sources in all runs."""
        return sum(night.asked for night in self.nights)

    @property
    def complete(self) -> int:
        """Those that were answered in full."""
        return sum(night.complete for night in self.nights)

    def coverage(self) -> tuple[list[int], list[int]]:
        """Queries answered in full, and those with a gap, by each piece of the period."""
        complete, lacking = [], []
        for piece in self.period.pieces():
            begin, end = piece.bounds
            mine = [night for night in self.nights if begin <= night.started_at < end]
            complete.append(sum(night.complete for night in mine))
            lacking.append(sum(night.asked - night.complete for night in mine))
        return complete, lacking


def _counts(events: Iterable[Event]) -> Mapping[str, int]:
    return Counter(measure for measure, _ in {(event.measure, event.cell.lead_id) for event in events})


def figures(c: Connection, period: Period, within: Within = None, *, now: datetime) -> Figures:
    """Count a period, over the GIs of somebody's area; a term that is not over `now` is not due yet."""
    begin, end = period.bounds
    reports = store.reports_between(c, begin, end, within)
    channels = {(notice.lead_id, notice.sent_at): notice.channel for notice, _, _ in reports}
    events = [Event(measure="found", cell=cell, on=_day(at)) for cell, at in store.found_between(c, begin, end, within)]
    actions = sorted({m.action or Action.CLOSE for m in definitions().measures})
    for cell, history in store.decided_between(c, begin, end, actions, within):
        events += _events(cell, effective(history), (begin, end), channels)
    events += _due([(notice, cell) for notice, cell, _ in reports], (begin, min(end, now)))
    return Figures(
        period=period, events=tuple(events), nights=store.nights(c, begin, end), gaps=store.gaps(c, begin, end)
    )


_Bounds = tuple[datetime, datetime]
_Channels = Mapping[tuple[int, datetime], str]


def _events(cell: Cell, held: list[Decision], bounds: _Bounds, channels: _Channels) -> Iterator[Event]:
    """What a lead's decisions count in, each measure by its first deed."""
    mine = [d for d in held if bounds[0] <= d.at < bounds[1]]
    for measure in definitions().measures:
        if measure.due or not (measure.action or measure.closes):
            continue
        deeds = [d for d in mine if d.action == measure.action][-1:] if measure.last else mine
        deed = next((d for d in deeds if _is(measure, d, channels)), None)
        if deed is not None and _stands(measure, deed, held, channels):
            yield Event(measure=measure.id, cell=cell, on=_day(deed.at))


def _is(deed: Deed, decision: Decision, channels: _Channels) -> bool:
    by_machine = decision.who == "system" and decision.action != Action.RECHECK
    if by_machine or (deed.action is not None and decision.action != deed.action):
        return False
    return (
        (not deed.closes or (decision.state is State.CLOSED and decision.action in (Action.JUDGE, Action.CLOSE)))
        and (not deed.resolutions or decision.resolution in deed.resolutions)
        and (not deed.answers or decision.detail.get("kind") in deed.answers)
        and (not deed.seen or decision.detail.get("seen") in deed.seen)
        and (not deed.channels or channels.get((decision.lead_id, decision.at)) in deed.channels)
    )


def _stands(measure: Measure, done: Decision, held: list[Decision], channels: _Channels) -> bool:
    """True where what the measure asks for beside the deed was so at the end of the period."""
    followed = (d for d in held[held.index(done) :] if any(_is(deed, d, channels) for deed in (measure, *measure.then)))
    return (
        (not measure.then or not _is(measure, [*followed][-1], channels))
        and (not measure.ended or held[-1].state is State.CLOSED)
        and (not measure.out or is_out(held))
    )


def _due(reports: list[tuple[Notice, Cell]], bounds: _Bounds) -> Iterator[Event]:
    """Notices that fell due in the period, and whether they were answered by then."""
    measures = [measure for measure in definitions().measures if measure.due]
    for notice, cell in reports:
        if notice.due_at is None or not fell_due(notice, *bounds):
            continue
        for measure in measures:
            if not measure.in_time or in_time(notice):
                yield Event(measure=measure.id, cell=cell, on=_day(notice.due_at))


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
