"""What a night asks of which source, made from the register. Pure: register and configuration in, slices out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError
from gimonitor.model.register import Register

SLICE_QUERIES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlice:
    """One slice to be: a source and what to ask it."""

    source: str
    queries: tuple[str, ...]


def sources_set_up(configuration: Configuration) -> tuple[str, ...]:
    """The sources this installation can ask."""
    ready = {"practice": bool(configuration.practice_url), "shop": bool(configuration.shop_urls)}
    return tuple(name for name, is_ready in ready.items() if is_ready)


def plan_night(configuration: Configuration, register: Register, sources: Sequence[str] = ()) -> list[PlannedSlice]:
    """Cut the night into slices. Raises ConfigurationError when nothing is set up, or a named source is not."""
    ready = sources_set_up(configuration)
    wanted = tuple(sources) or configuration.nightly_sources or ready
    missing = [name for name in wanted if name not in ready]
    if missing or not wanted:
        what = f"not set up: {', '.join(missing)}" if missing else "no source is set up"
        raise ConfigurationError(f"{what}; set GIMONITOR_PRACTICE_URL or GIMONITOR_SHOP_URLS")
    return [planned for source in wanted for planned in _cut(source, queries_of(source, configuration, register))]


def _cut(source: str, queries: tuple[str, ...]) -> list[PlannedSlice]:
    starts = range(0, len(queries), SLICE_QUERIES)
    return [PlannedSlice(source=source, queries=queries[i : i + SLICE_QUERIES]) for i in starts]


def queries_of(source: str, configuration: Configuration, register: Register) -> tuple[str, ...]:
    """What to ask a source: the shop addresses, or each protected name, most watched tier first."""
    if source == "shop":
        return configuration.shop_urls
    gis = sorted((gi for gi in register.gis if gi.is_gi), key=lambda gi: (gi.tier, gi.id))
    return tuple(dict.fromkeys(gi.name for gi in gis))
