"""What a night asks of which source: register, records, keys and clocks are read here, and the plan is cut into slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.crawling.keys import load_key
from gimonitor.crawling.openapi import load_apis
from gimonitor.errors import ConfigurationError
from gimonitor.model.register import Register
from gimonitor.model.zone import BEIJING
from gimonitor.operations.budgets import allowance
from gimonitor.operations.nightplan import SourcePlan, plan_addresses, plan_source
from gimonitor.operations.watching import load_rules
from gimonitor.store.asked import asked_before

SLICE_QUERIES = 25  # what a crash may repeat: some minutes of a polite crawl
PRACTICE_QUERIES = 100  # the practice marketplace answers at once: there the start of a process is what takes time
API_SOURCES = ("ebay", *load_apis())
ABROAD = frozenset({"ebay", "aliexpress_affiliate"})  # asked by translations first, by the Chinese name at depth 2
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlice:
    """One slice to be: a source and what to ask it."""

    source: str
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NightPlan:
    """A night: when, what of each source, and how many of the register's names have a tier."""

    starts: datetime
    ends: datetime
    sources: tuple[SourcePlan, ...]
    names: int
    with_tier: int

    def slices(self) -> list[PlannedSlice]:
        """The plan cut up. Sources take turns, so that a night that is stopped has asked each for what is watched most."""
        rows = zip_longest(*(list(_cut(plan)) for plan in self.sources))
        return [piece for row in rows for piece in row if piece]

    def record(self) -> dict[str, dict[str, object]]:
        """What a run keeps of it, by source."""
        return {
            plan.source: {
                "queries": len(plan.queries),
                "pages": round(plan.pages),
                "left": {why.value: count for why, count in plan.left.items()},
            }
            for plan in self.sources
        }


def sources_set_up(configuration: Configuration) -> tuple[str, ...]:
    """The sources this installation can ask: those with an address, and the open APIs it has a key for."""
    ready = {"practice": bool(configuration.practice_url), "shop": bool(configuration.shop_urls)}
    ready |= {name: _has_key(configuration, name) for name in API_SOURCES}
    return tuple(name for name, is_ready in ready.items() if is_ready)


def _has_key(configuration: Configuration, name: str) -> bool:
    try:
        load_key(configuration.data_dir, name)
    except ConfigurationError:
        return False
    return True


def wanted_sources(configuration: Configuration, sources: Sequence[str] = ()) -> tuple[str, ...]:
    """The sources of a night. Raises ConfigurationError when nothing is set up, or a named source is not."""
    ready = sources_set_up(configuration)
    wanted = tuple(sources) or configuration.nightly_sources or ready
    missing = [name for name in wanted if name not in ready]
    if missing or not wanted:
        what = f"not set up: {', '.join(missing)}" if missing else "no source is set up"
        raise ConfigurationError(
            f"{what}; set GIMONITOR_PRACTICE_URL or GIMONITOR_SHOP_URLS, or write an API key by `gimonitor secrets edit` "
            f"({', '.join(API_SOURCES)})"
        )
    return wanted


def plan_night(
    c: Connection,
    configuration: Configuration,
    register: Register,
    sources: Sequence[str] = (),
    *,
    depth: int | None = None,
    now: datetime,
) -> NightPlan:
    """Plan the night that begins at `now`; a given `depth` is for every name. Nothing is written. Raises as wanted_sources does."""
    wanted = wanted_sources(configuration, sources)
    rules, history = load_rules(), asked_before(c, now - REMEMBERED)
    ends = now + timedelta(hours=configuration.night_hours)
    share = 1.0 if configuration.spread else 1 / len(wanted)

    def plan(source: str) -> SourcePlan:
        allowed = allowance(configuration, source, now, ends, share, rules.seconds_a_page)
        if source == "shop":
            return plan_addresses(source, configuration.shop_urls, allowed, history, rules)
        day, latin = now.astimezone(BEIJING).date(), source in ABROAD
        return plan_source(
            source, register, day, allowance=allowed, history=history, rules=rules, latin=latin, depth=depth
        )

    names = [gi for gi in register.gis if gi.is_gi]
    return NightPlan(
        starts=now,
        ends=ends,
        sources=tuple(plan(source) for source in wanted),
        names=len(names),
        with_tier=sum(gi.tier is not None for gi in names),
    )


def _cut(plan: SourcePlan) -> Iterator[PlannedSlice]:
    size = PRACTICE_QUERIES if plan.source == "practice" else SLICE_QUERIES
    texts = [query.text for query in plan.queries]
    for start in range(0, len(texts), size):
        yield PlannedSlice(source=plan.source, queries=tuple(texts[start : start + size]))
