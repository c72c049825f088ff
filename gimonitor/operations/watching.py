"""How deep and how often each protected name is asked on a day: by tier, season and key period. Pure; the rules are data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from gimonitor.model.register import GI, Season
from gimonitor.register.calendar import periods_on
from gimonitor.text.months import months_named

MAX_DEPTH = 3


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pattern(_Strict):
    """Depth of the search plan, and in how many nights a name is asked once."""

    depth: int = Field(ge=1, le=MAX_DEPTH)
    nights: int = Field(ge=1, le=60)


class SeasonRule(_Strict):
    """What the season changes, and the days around a dated opening that count as season."""

    deeper: int = Field(ge=0, le=2)
    before_days: int = Field(ge=0)
    after_days: int = Field(ge=0)


class PeriodRule(_Strict):
    """What a key period changes; `goods` limits it to GIs one of whose goods words holds one of these."""

    deeper: int = Field(default=0, ge=0, le=2)
    goods: tuple[str, ...] = ()


class Rules(_Strict):
    """The data file `nightplan.yml`."""

    tiers: dict[int, Pattern]
    unset: Pattern
    season: SeasonRule
    periods: dict[str, PeriodRule]
    sources: dict[str, Pattern]
    pages_a_query: float = Field(gt=0)
    pages_a_shop: float = Field(gt=0)
    seconds_a_page: float = Field(gt=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How one name is asked on a day, and why, in the terminal's English."""

    gi: GI
    depth: int
    nights: int
    why: str


@cache
def load_rules() -> Rules:
    """Read `nightplan.yml`."""
    text = Path(__file__).with_name("nightplan.yml").read_text(encoding="utf-8")
    return Rules.model_validate(yaml.safe_load(text))


def watch(gi: GI, source: str, day: date, rules: Rules) -> Watch:
    """How a source is asked for a GI on a day. A source with its own pattern has it for every name."""
    if source in rules.sources:
        fixed = rules.sources[source]
        return Watch(gi=gi, depth=fixed.depth, nights=fixed.nights, why="every name")
    base = rules.tiers.get(gi.tier.value, rules.unset) if gi.tier else rules.unset
    why = f"tier {gi.tier.value}" if gi.tier else "no tier set"
    nights, deeper = base.nights, 0
    if gi.season and in_season(gi.season, day, rules.season):
        nights, deeper, why = 1, rules.season.deeper, "in season"
    for period in periods_on(day):
        rule = rules.periods.get(period.name)
        if rule and _concerns(rule, gi):
            nights, deeper = 1, max(deeper, rule.deeper)
            why = f"{why}, {period.name}"
    return Watch(gi=gi, depth=min(base.depth + deeper, MAX_DEPTH), nights=nights, why=why)


def _concerns(rule: PeriodRule, gi: GI) -> bool:
    words = (*gi.product_words, gi.goods.value if gi.goods else "")
    return not rule.goods or any(good in word for good in rule.goods for word in words)


def in_season(season: Season, day: date, rule: SeasonRule) -> bool:
    """True when a day lies in the months of sale or harvest, or near a dated opening; nothing known is no season."""
    before, after = timedelta(days=rule.before_days), timedelta(days=rule.after_days)
    if any(fact.value - before <= day <= fact.value + after for _, fact in season.opening_dates):
        return True
    if season.opens and season.closes:
        return _between(season.opens.value, day.strftime("%m-%d"), season.closes.value)
    return bool(season.harvest) and day.month in months_named(season.harvest.value if season.harvest else "")


def _between(first: str, today: str, last: str) -> bool:
    return first <= today <= last if first <= last else today >= first or today <= last
