"""线索分布: the leads found in a period by type of suspicion, risk, platform, region, season and key period.

What each way means is fixed in `breakdowns.yml`. A part is a set of leads, so that its number opens on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path

import yaml

from gimonitor.errors import NotFoundError
from gimonitor.register.calendar import KeyPeriod, key_periods
from gimonitor.register.regions import find_regions
from gimonitor.register.schema import Form, Text
from gimonitor.store.figures import Trait
from gimonitor.workflow.figures import Event, Figures, Period
from gimonitor.workflow.words import PLATFORMS, RISKS, risk

FOUND = "found"
"""The measure whose leads are told apart."""


class Way(Form):
    """A way to tell leads apart."""

    id: Text
    name: Text
    definition: Text


class Type(Form):
    """A type of suspicion, and the families of models that raise it."""

    code: Text
    name: Text
    families: tuple[Text, ...]


class Season(Form):
    """A season by its months."""

    name: Text
    months: tuple[int, ...]


class Ways(Form):
    """All of breakdowns.yml."""

    ways: tuple[Way, ...]
    types: tuple[Type, ...]
    seasons: tuple[Season, ...]
    unknown: Text

    def way(self, way_id: str) -> Way:
        """The way of an id. Raises NotFoundError."""
        found = next((w for w in self.ways if w.id == way_id), None)
        if found is None:
            raise NotFoundError(f"没有名为 {way_id} 的数字")
        return found


@cache
def ways() -> Ways:
    """The ways and their vocabularies in force."""
    return Ways.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The leads of one key of a way, and how a report calls it; `definition` says which days a key period has."""

    key: str
    name: str
    leads: frozenset[int]
    definition: str = ""


Traits = Mapping[int, Trait]
_Keys = Callable[[Event, Trait], Iterable[str]]


def breakdown(way_id: str, counted: Figures, traits: Traits) -> tuple[Part, ...]:
    """The parts of a way: risks, seasons and key periods of the period all, in order; else those that hold leads, the
    fullest first, types by code. Raises NotFoundError."""
    ways().way(way_id)
    keys, names = _ways_of(counted.period)[way_id]
    found: dict[str, set[int]] = defaultdict(set)
    for event in counted.events:
        if event.measure == FOUND:
            for key in keys(event, traits[event.cell.lead_id]):
                found[key].add(event.cell.lead_id)
    if way_id == "type":
        ordered = [key for key in names if key in found] + sorted(found.keys() - names.keys())
    elif way_id in ("risk", "season", "period"):
        ordered = list(names)
    else:
        ordered = sorted(found, key=lambda key: (-len(found[key]), key))
    days = _days(counted.period) if way_id == "period" else {}
    return tuple(
        Part(key=key, name=names.get(key, key), leads=frozenset(found[key]), definition=days.get(key, ""))
        for key in ordered
    )


def _days(period: Period) -> dict[str, str]:
    return {name: ", ".join(f"{p.starts}—{p.ends}" for p in held) for name, held in _times(period).items()}


def _ways_of(period: Period) -> dict[str, tuple[_Keys, Mapping[str, str]]]:
    """By way: the keys of a lead, and the names of keys."""
    times = _times(period)
    return {
        "type": (lambda _, t: {_types().get(f, f) for f in t.families}, {t.code: t.name for t in ways().types}),
        "risk": (lambda _, t: [risk(t.score)], {level: level for level in RISKS}),
        "platform": (lambda e, _: [e.cell.platform], PLATFORMS),
        "region": (lambda _, t: [_province(t.region)], {}),
        "season": (lambda e, _: [_season(e.on.month)], {name: name for name in _seasons(period)}),
        "period": (
            lambda e, _: [name for name, held in times.items() if any(p.starts <= e.on <= p.ends for p in held)],
            {name: name for name in times},
        ),
    }  # fmt: skip


@cache
def _types() -> dict[str, str]:
    return {family: kind.code for kind in ways().types for family in kind.families}


@lru_cache(maxsize=10_000)
def _province(words: str) -> str:
    """The one province that words name."""
    named = {region.province for region in find_regions(words)}
    return named.pop() if len(named) == 1 else ways().unknown


def _season(month: int) -> str:
    return next(season.name for season in ways().seasons if month in season.months)


def _seasons(period: Period) -> list[str]:
    """Those that the period has days in, in the order of its months."""
    days = (period.first + timedelta(days=n) for n in range(period.days))
    return list(dict.fromkeys(_season(day.month) for day in days))


def _times(period: Period) -> dict[str, list[KeyPeriod]]:
    """The key periods that a period has days in, by name; days on which a report is due are none."""
    years = range(period.first.year - 1, period.last.year + 2)
    known = {(p.name, p.starts): p for year in years for p in key_periods(year) if not p.unverified}
    found: dict[str, list[KeyPeriod]] = defaultdict(list)
    for held in sorted(known.values(), key=lambda p: (p.starts, p.name)):
        if held.starts <= period.last and held.ends >= period.first:
            found[held.name].append(held)
    return dict(found)
