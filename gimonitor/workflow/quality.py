"""投诉质量: how complaints on platforms ended, by platform, account and reason, against the bars of `quality.yml`, and
what a batch at hand would make of it.

Success is the share of links acted on among those acted on or refused; upheld counter-notices are counted against the
links acted on. A complaint that was taken back, or has no final answer, counts in neither.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field
from sqlalchemy import Connection

from gimonitor.model.lead import State
from gimonitor.register.schema import Form, Text
from gimonitor.store import clocks as store
from gimonitor.store.captures import Notice
from gimonitor.store.queue import QueueFilter, QueueRow, queue_page
from gimonitor.workflow.areas import Within
from gimonitor.workflow.notices import answers_on, is_withdrawn
from gimonitor.workflow.terms import Known
from gimonitor.workflow.vocabulary import Answer, Channel

Ratio = Annotated[float, Field(gt=0, lt=1)]
BATCH = 500
_DAYS = 31


class Bar(Known):
    """The shares asked for over some months; None where nothing is asked."""

    months: Annotated[int, Field(ge=1, le=24)]
    success: Ratio
    counter: Ratio | None = None


class PlatformBar(Bar, Form):
    """A bar of a named mechanism for some platforms."""

    id: Text
    name: Text
    platforms: tuple[Text, ...]


class Bars(Form):
    """All of quality.yml."""

    bars: tuple[PlatformBar, ...]
    default: Bar


@cache
def _bars() -> Bars:
    return Bars.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


def bar_of(platform: str) -> Bar:
    """The bar that complaints on a platform are measured by."""
    return next((bar for bar in _bars().bars if platform in bar.platforms), _bars().default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How complaints of one kind ended. `account` and `reason` may be empty: not noted when they were sent."""

    platform: str
    account: str
    reason: str
    bar: Bar
    sent: int
    removed: int
    rejected: int
    upheld: int
    withdrawn: int

    @property
    def success(self) -> float | None:
        """removed ÷ (removed + rejected); None before the first final answer."""
        return _ratio(self.removed, self.removed + self.rejected)

    @property
    def counter(self) -> float | None:
        """Counter-notices upheld ÷ links acted on."""
        return _ratio(self.upheld, self.removed)

    @property
    def is_low(self) -> bool:
        """True below the bar of success or above that of counter-notices."""
        over = self.counter is not None and self.bar.counter is not None and self.counter > self.bar.counter
        return over or (self.success is not None and self.success < self.bar.success)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What `batch` more complaints on a platform would make of its share of success.

    `expected` at the usual rate, `worst` when all are refused; `bearable` refusals keep the bar; `hold` are leads, the
    least suspected first, without which the expected share would stay above it.
    """

    platform: str
    bar: Bar
    batch: int
    before: float | None
    expected: float | None
    worst: float
    bearable: int
    hold: tuple[int, ...]


def board(c: Connection, now: datetime, within: Within = None) -> tuple[Standing, ...]:
    """Standings by platform, account and reason, each over the months of its bar."""
    longest = max(bar.months for bar in (*_bars().bars, _bars().default))
    found: dict[tuple[str, str, str], list[Notice]] = defaultdict(list)
    for notice, platform in store.all_notices(c, now - timedelta(days=_DAYS * longest), Channel.PLATFORM, within):
        if notice.sent_at >= now - timedelta(days=_DAYS * bar_of(platform).months):
            key = (platform, str(notice.detail.get("account", "")), str(notice.detail.get("reason", "")))
            found[key].append(notice)
    return tuple(_standing(*key, found[key]) for key in sorted(found))


def _standing(platform: str, account: str, reason: str, sent: Iterable[Notice]) -> Standing:
    ends = [_end(notice) for notice in sent]
    counts = Counter(end for some in ends for end in some)
    return Standing(
        platform=platform,
        account=account,
        reason=reason,
        bar=bar_of(platform),
        sent=len(ends),
        removed=counts[Answer.REMOVED],
        rejected=counts[Answer.REJECTED],
        upheld=counts[Answer.RESTORED],
        withdrawn=sum(not some for some in ends),
    )


def _end(notice: Notice) -> frozenset[str]:
    """How a complaint ended; empty: taken back. A link that came back was acted on before."""
    if is_withdrawn(notice):
        return frozenset()
    kinds = answers_on(notice)
    if Answer.RESTORED in kinds:
        return frozenset({Answer.REMOVED, Answer.RESTORED})
    final = [kind for kind in kinds if kind in (Answer.REMOVED, Answer.REJECTED)]
    return frozenset({final[-1] if final else "open"})


def forecasts(c: Connection, standings: Iterable[Standing], within: Within = None) -> tuple[Forecast, ...]:
    """For each platform with approved leads that wait to be sent: what sending them all would do."""
    done: dict[str, Counter[str]] = defaultdict(Counter)
    for one in standings:
        done[one.platform] += Counter(removed=one.removed, rejected=one.rejected)
    waiting: dict[str, list[QueueRow]] = defaultdict(list)
    for row in queue_page(c, QueueFilter(states=(State.APPROVED,), within=within), None, BATCH).rows:
        waiting[row.platform].append(row)
    return tuple(
        forecast(platform, done[platform]["removed"], done[platform]["rejected"], [r.id for r in waiting[platform]])
        for platform in sorted(waiting)
    )


def forecast(platform: str, removed: int, rejected: int, lead_ids: list[int]) -> Forecast:
    """Work it out. `lead_ids` come with the most suspected first."""
    bar, batch, decided = bar_of(platform), len(lead_ids), removed + rejected
    rate = _ratio(removed, decided)
    hold = 0
    if rate is not None:
        while hold < batch and _after(removed, decided, batch - hold, rate) < bar.success:
            hold += 1
    bearable = removed + batch - ceil(round(bar.success * (decided + batch), 9))
    return Forecast(
        platform=platform,
        bar=bar,
        batch=batch,
        before=rate,
        expected=None if rate is None else _after(removed, decided, batch, rate),
        worst=removed / (decided + batch),
        bearable=max(0, min(batch, bearable)),
        hold=tuple(reversed(lead_ids[batch - hold :])) if hold < batch else (),
    )


def _after(removed: int, decided: int, batch: int, rate: float) -> float:
    return (removed + rate * batch) / (decided + batch)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
