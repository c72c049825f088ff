"""工作总结统计: the figures of the yearly summary, by the items of `summary.yml`; what no record tells is a blank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from sqlalchemy import Connection

from gimonitor.register.schema import Form, Text
from gimonitor.store import figures as store
from gimonitor.store.figures import Watched
from gimonitor.workflow.areas import Within
from gimonitor.workflow.figures import Figures, Period, definitions, figures


class Item(Form):
    """An item and what fills it: exactly one of the five."""

    name: Text
    definition: Text | None = None
    measure: Text | None = None
    ratio: Text | None = None
    watched: Text | None = None
    number: Literal["asked", "complete", "gis"] | None = None
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
    """An item with its value; `value` is empty and `blank` says what to fill in where nothing tells. `measure` is the
    figure whose leads the number counts, empty where it counts none."""

    name: str
    value: str
    definition: str
    measure: str = ""
    blank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The lines by section, and the figures behind them."""

    figures: Figures
    sections: tuple[tuple[str, tuple[Line, ...]], ...]


def summary(c: Connection, period: Period, within: Within = None, *, now: datetime) -> Summary:
    """The summary of a period, over the GIs of somebody's area."""
    counted = figures(c, period, within, now=now)
    watched = store.watched(c, *period.bounds, within)
    lines = tuple((s.title, tuple(_line(i, counted, watched) for i in s.items)) for s in _sections().sections)
    return Summary(figures=counted, sections=lines)


@cache
def _sections() -> Sections:
    return Sections.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


def _line(item: Item, counted: Figures, watched: Watched) -> Line:
    if item.measure is not None:
        measure = definitions().measure(item.measure)
        value = str(counted.total[measure.id])
        return Line(name=item.name, value=value, definition=measure.definition, measure=measure.id)
    if item.ratio is not None:
        ratio = next(r for r in definitions().ratios if r.id == item.ratio)
        share = counted.share(ratio)
        value = "无" if share is None else f"{100 * share:.2f}%"
        return Line(name=item.name, value=value, definition=ratio.definition, measure=ratio.numerator)
    if item.blank is not None:
        return Line(name=item.name, value="", definition="", blank=item.blank)
    number = getattr(watched, item.watched) if item.watched else _number(item, counted)
    return Line(name=item.name, value=str(number), definition=item.definition or "")


def _number(item: Item, counted: Figures) -> int:
    if item.number == "gis":
        return len({event.cell.gi_id for event in counted.events if event.measure == "found"})
    return counted.asked if item.number == "asked" else counted.complete
