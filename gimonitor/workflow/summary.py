"""工作总结统计: the figures of the yearly summary, by the items of `summary.yml`; what no record tells is a blank.

Each number stands beside that of the span before, as the reports compare them (`Period.before`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import Connection

from gimonitor.model.zone import BEIJING
from gimonitor.register.schema import Form, Text
from gimonitor.store import figures as store
from gimonitor.store.figures import Collected, Watched
from gimonitor.workflow.areas import Within
from gimonitor.workflow.breakdowns import FOUND, Traits, breakdown, ways
from gimonitor.workflow.figures import Figures, Period, definitions, figures
from gimonitor.workflow.platformscore import Mark, Marks, platform_marks, standard, together
from gimonitor.workflow.words import PARTS, PLATFORMS

NONE = "无"
"""What stands where there is nothing to divide by."""


class Item(Form):
    """An item and what fills it: exactly one of the seven. One that is told apart names itself by its way."""

    name: Text | None = None
    definition: Text | None = None
    measure: Text | None = None
    ratio: Text | None = None
    by: Text | None = None
    indicator: Text | None = None
    watched: Text | None = None
    number: Text | None = None
    blank: Text | None = None


class Section(Form):
    """Items under a heading."""

    title: Text
    items: tuple[Item, ...]


class Sections(Form):
    """All of summary.yml."""

    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item with its value, and that of the span before; `value` is empty and `blank` says what to fill in where nothing
    tells. `measure` is the figure whose leads the number counts (on `platform`, where given), empty where it counts none.
    `is_part`: one of the parts of the line above."""

    name: str
    value: str
    definition: str = ""
    before: str = ""
    measure: str = ""
    platform: str = ""
    blank: str = ""
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The lines by section, and the figures behind them."""

    figures: Figures
    sections: tuple[tuple[str, tuple[Line, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """All that is known of a span."""

    counted: Figures
    traits: Traits
    marks: Marks
    watched: Watched
    collected: Collected
    missed: int | None


def summary(c: Connection, period: Period, within: Within = None, *, now: datetime) -> Summary:
    """The summary of a period, over the GIs of somebody's area."""
    facts, before = _facts(c, period, within, now), _facts(c, period.before, within, now)
    sections = tuple((s.title, tuple(_compared(s, facts, before))) for s in _sections().sections)
    return Summary(figures=facts.counted, sections=sections)


@cache
def _sections() -> Sections:
    return Sections.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


def _facts(c: Connection, period: Period, within: Within, now: datetime) -> _Facts:
    begin, end = period.bounds
    return _Facts(
        counted=figures(c, period, within, now=now),
        traits=store.traits(c, begin, end, within),
        marks=platform_marks(c, period, within, now=now),
        watched=store.watched(c, begin, end, within),
        collected=store.collected(c, begin, end),
        missed=_nights_missed(c, period, now),
    )


def _nights_missed(c: Connection, period: Period, now: datetime) -> int | None:
    """Days of a period until yesterday on which no nightly run began; None where none was to be expected."""
    nights = {at.astimezone(BEIJING).date() for at in store.nightly_starts(c, period.bounds[1])}
    if not nights:
        return None
    first, last = max(period.first, min(nights)), min(period.last, now.astimezone(BEIJING).date() - timedelta(days=1))
    return sum(first + timedelta(days=n) not in nights for n in range((last - first).days + 1))


def _compared(section: Section, facts: _Facts, before: _Facts) -> Iterator[Line]:
    """The lines of a section with the numbers of the span before."""
    for item in section.items:
        known = {line.name: line.value for line in _lines(item, before)}
        for line in _lines(item, facts):
            missing = "" if line.blank else NONE if "%" in line.value or item.indicator else "0"
            yield replace(line, before=known.get(line.name, missing))


def _lines(item: Item, facts: _Facts) -> Iterator[Line]:
    """The lines of an item: one, or one over all and one for each part."""
    if item.by is not None:
        yield from _parts(item.by, facts)
    elif item.indicator is not None:
        yield from _marked(item.name or "", item.indicator, facts.marks)
    elif item.number == "fields":
        yield from _fields(item, facts.collected)
    else:
        yield _line(item, facts)


def _parts(way_id: str, facts: _Facts) -> Iterator[Line]:
    way = ways().way(way_id)
    total = str(facts.counted.total[FOUND])
    yield Line(name=way.name, value=total, definition=way.definition, measure=FOUND)
    for part in breakdown(way_id, facts.counted, facts.traits):
        measure = f"{FOUND}.{way_id}.{part.key}"
        yield Line(
            name=part.name, value=str(len(part.leads)), definition=part.definition, measure=measure, is_part=True
        )


def _marked(name: str, indicator_id: str, marks: Marks) -> Iterator[Line]:
    indicator, measure = standard().indicator(indicator_id), f"score.{indicator_id}"
    over_all = _value(together(marks, indicator_id), indicator.unit)
    yield Line(name=name, value=over_all, definition=indicator.definition, measure=measure)
    for platform, of in marks.items():
        if indicator_id in of:
            value, known = _value(of[indicator_id], indicator.unit), PLATFORMS.get(platform, platform)
            yield Line(name=known, value=value, measure=measure, platform=platform, is_part=True)


def _value(mark: Mark, unit: str) -> str:
    if mark.value is None:
        return NONE
    if unit == "days":
        return f"{mark.value:.1f} 天（{len(mark.days)} 次）"
    return f"{_percent(mark.value)}（{len(mark.counted)}/{len(mark.among)}）"


def _fields(item: Item, collected: Collected) -> Iterator[Line]:
    """In what share of the listings read each field stood, the rarest first."""
    yield Line(name=item.name or "", value=f"读出 {collected.read}", definition=item.definition or "")
    for field, count in sorted(collected.fields.items(), key=lambda one: (one[1], one[0])):
        value = _percent(count / collected.read) if collected.read else NONE
        yield Line(name=PARTS.get(field, field), value=value, is_part=True)


def _line(item: Item, facts: _Facts) -> Line:
    name, counted = item.name or "", facts.counted
    if item.measure is not None:
        measure = definitions().measure(item.measure)
        return Line(name=name, value=str(counted.total[measure.id]), definition=measure.definition, measure=measure.id)
    if item.ratio is not None:
        ratio = next(r for r in definitions().ratios if r.id == item.ratio)
        share = counted.share(ratio)
        value = NONE if share is None else _percent(share)
        return Line(name=name, value=value, definition=ratio.definition, measure=ratio.numerator)
    if item.blank is not None:
        return Line(name=name, value="", blank=item.blank)
    number = str(getattr(facts.watched, item.watched)) if item.watched else _NUMBERS[item.number or ""](facts)
    return Line(name=name, value=number, definition=item.definition or "")


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _complete_rate(facts: _Facts) -> str:
    asked = facts.counted.asked
    return _percent(facts.counted.complete / asked) if asked else NONE


_NUMBERS: Mapping[str, Callable[[_Facts], str]] = {
    "asked": lambda f: str(f.counted.asked),
    "complete": lambda f: str(f.counted.complete),
    "gis": lambda f: str(len({e.cell.gi_id for e in f.counted.events if e.measure == FOUND})),
    "runs": lambda f: str(len(f.counted.nights)),
    "nights_missed": lambda f: NONE if f.missed is None else str(f.missed),
    "lacking": lambda f: str(f.counted.asked - f.counted.complete),
    "blocked": lambda f: str(sum(night.blocked for night in f.counted.nights)),
    "cut_off": lambda f: str(sum(night.cut_off for night in f.counted.nights)),
    "complete_rate": _complete_rate,
    "seen": lambda f: str(f.collected.seen),
    "rejected": lambda f: str(f.collected.rejected),
    "failed": lambda f: str(f.collected.failed),
    "unread": lambda f: str(f.collected.unread),
    "over_budget": lambda f: str(f.collected.over_budget),
}
"""What fills an item by its `number`."""
