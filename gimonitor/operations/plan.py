"""What a night asks of which source, made from the register. Pure but for the look at which keys there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gimonitor.configuration import Configuration
from gimonitor.crawling.keys import load_key
from gimonitor.crawling.openapi import load_apis
from gimonitor.crawling.searchplan import plan_queries
from gimonitor.errors import ConfigurationError
from gimonitor.model.register import Register

SLICE_QUERIES = 25  # what a crash may repeat: some minutes of a polite crawl
PRACTICE_QUERIES = 100  # the practice marketplace answers at once: there the start of a process is what takes time
API_SOURCES = ("ebay", *load_apis())
ABROAD = frozenset({"ebay", "aliexpress_affiliate"})  # asked in Latin letters


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlice:
    """One slice to be: a source and what to ask it."""

    source: str
    queries: tuple[str, ...]


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


def plan_night(
    configuration: Configuration, register: Register, sources: Sequence[str] = (), depth: int = 1
) -> list[PlannedSlice]:
    """Cut the night into slices; `depth` is the search plan's. Raises ConfigurationError when nothing is set up, or a named source is not."""
    ready = sources_set_up(configuration)
    wanted = tuple(sources) or configuration.nightly_sources or ready
    missing = [name for name in wanted if name not in ready]
    if missing or not wanted:
        what = f"not set up: {', '.join(missing)}" if missing else "no source is set up"
        raise ConfigurationError(
            f"{what}; set GIMONITOR_PRACTICE_URL or GIMONITOR_SHOP_URLS, or write an API key by `gimonitor secrets edit` "
            f"({', '.join(API_SOURCES)})"
        )
    return [planned for source in wanted for planned in _cut(source, _queries(source, configuration, register, depth))]


def _queries(source: str, configuration: Configuration, register: Register, depth: int) -> tuple[str, ...]:
    if source == "shop":
        return configuration.shop_urls
    return tuple(query.text for query in plan_queries(register, depth=depth, latin=source in ABROAD))


def _cut(source: str, queries: tuple[str, ...]) -> list[PlannedSlice]:
    size = PRACTICE_QUERIES if source == "practice" else SLICE_QUERIES
    return [PlannedSlice(source=source, queries=queries[i : i + size]) for i in range(0, len(queries), size)]
