"""采集健康: a run's records against each source's own last nights, query by query. Pure but for `load_health`.

Queries are compared with themselves, so that a night that asks less by plan is no alarm. Nothing here says that a
source is fine: it says what is unlike the nights before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from sqlalchemy import Connection

from gimonitor.crawling.openapi import load_apis
from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.operations.plan import API_SOURCES
from gimonitor.operations.vanished import find_vanished
from gimonitor.store import runs
from gimonitor.store.runs import StoredRun
from gimonitor.workflow.words import BLOCKS

NIGHTS = 14
ENOUGH = 3  # nights before anything is compared
LOW = 0.5  # of the median
MORE_BLOCKED = 0.2  # added to the median share of refused queries
SLOWER = 2.0  # times the median minutes a query
SLOWER_MINUTES = 5.0  # and at least this much over the whole source
QUERY_HAD = 3  # listings a query used to give before its silence is told
SAID = 80  # characters of what a platform said
_SAID = re.compile(r"https?://\S+ \((.+?)\)(?:;|$)")
LOOK_BACK = 60  # runs that are searched for nights


class Sign(StrEnum):
    """In what a source differs from its own nights."""

    NOT_ASKED = "not_asked"
    ZERO = "zero"
    LOW = "low"
    PAGES = "pages"
    BLOCKED = "blocked"
    SLOW = "slow"
    QUERIES = "queries"
    FIELDS = "fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A run as the comparison needs it: when it began, and what each query got."""

    started_at: datetime
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One difference, with a sentence for people. `got` and `usual` have the sign's own unit (listings, pages, share, minutes);
    `gap` says it in the terminal's English where it is a gap of the night itself."""

    source: str
    sign: Sign
    got: float
    usual: float
    text: str
    queries: tuple[str, ...] = ()
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is unlike before. `nights` is how many earlier nights each source was compared with."""

    symptoms: tuple[Symptom, ...]
    nights: Mapping[str, int]


def judge_health(tonight: Night, before: Sequence[Night]) -> Health:
    """Compare a night with the last fourteen, given in any order, in which each source was asked."""
    mine, earlier = _by_source(tonight), [_by_source(night) for night in _newest_first(before)]
    sources = sorted({source for night in (mine, *earlier) for source in night})
    symptoms: list[Symptom] = []
    nights = {}
    for source in sources:
        history = [night[source] for night in earlier if source in night][:NIGHTS]
        nights[source] = len(history)
        if source in mine:
            symptoms += _compare(source, mine[source], history)
        elif len(history) >= ENOUGH and source in earlier[0]:
            text = f"{source}：昨夜应采未采（此前连续采集，最近一次即上一晚）"
            symptoms.append(Symptom(source=source, sign=Sign.NOT_ASKED, got=0, usual=len(history), text=text))
    return Health(symptoms=tuple(symptoms), nights=nights)


def load_health(c: Connection, run: StoredRun) -> Health:
    """Compare a stored run with the finished nights before it."""
    others = [
        other
        for other in runs.latest_runs(c, LOOK_BACK)
        if other.id < run.id and other.kind == run.kind and other.state not in (RunState.RUNNING, RunState.INTERRUPTED)
    ]
    return judge_health(_night(c, run), [_night(c, other) for other in others[: 2 * NIGHTS]])


def _night(c: Connection, run: StoredRun) -> Night:
    return Night(started_at=run.started_at, coverage=runs.load_coverage(c, run.id))


def _newest_first(nights: Sequence[Night]) -> list[Night]:
    return sorted(nights, key=lambda night: night.started_at, reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What one source gave in one night. `minutes` is None where the records do not tell."""

    queries: dict[str, Coverage]
    minutes: float | None

    @property
    def blocked(self) -> float:
        return sum(is_refused(record) for record in self.queries.values()) / len(self.queries)


def is_refused(record: Coverage) -> bool:
    """True where a source gave no answer; a page of other goods (fuzzy) is an answer of zero."""
    return record.blocked not in (None, BlockKind.FUZZY)


def _by_source(night: Night) -> dict[str, _Asked]:
    found: dict[str, dict[str, Coverage]] = defaultdict(dict)
    for record in night.coverage:
        found[record.source][record.query] = record
    minutes = _minutes(night)
    return {source: _Asked(queries=queries, minutes=minutes.get(source)) for source, queries in found.items()}


def _minutes(night: Night) -> dict[str, float]:
    """Minutes spent on each source: records are saved when a slice ends, so the time since the end before was its own.

    Where several workers share a night this is the time between their ends, which is less.
    """
    ends = sorted({(record.at, record.source) for record in night.coverage if record.at})
    spent: dict[str, timedelta] = defaultdict(timedelta)
    last = night.started_at
    for at, source in ends:
        spent[source] += max(at - last, timedelta())
        last = max(last, at)
    return {source: time.total_seconds() / 60 for source, time in spent.items()}


def _compare(source: str, mine: _Asked, history: list[_Asked]) -> list[Symptom]:
    seen = sum(record.seen for record in mine.queries.values())
    usual = {query: value for query in mine.queries if (value := _usual(query, "seen", history)) is not None}
    found = [_blocked(source, mine, history), _slow(source, mine, history), _fields(source, mine, history)]
    if not seen:
        found.insert(0, _zero(source, mine, sum(usual.values())))
    else:
        found += [_low(source, mine, usual), _pages(source, mine, history), _silent_queries(source, mine, usual)]
    return [symptom for symptom in found if symptom]


def _usual(query: str, what: str, history: list[_Asked]) -> float | None:
    """The median of a figure of one query over the nights that answered it; None before there are enough."""
    records = [night.queries[query] for night in history if query in night.queries]
    values = [getattr(record, what) for record in records if not is_refused(record)]
    return median(values) if len(values) >= ENOUGH else None


def _zero(source: str, mine: _Asked, usual: float) -> Symptom:
    had = f"，同样的检索平常约 {usual:.0f} 件" if usual else ""
    example = next(iter(mine.queries))
    look = "原因见 gimonitor coverage --gaps" if source in API_SOURCES else f"请打开“{example}”的结果页查看"
    text = f"{source}：{len(mine.queries)} 个检索一件商品也没有采到{had}。这不等于市场上没有；{look}"
    return Symptom(source=source, sign=Sign.ZERO, got=0, usual=usual, text=text, queries=tuple(mine.queries))


def _low(source: str, mine: _Asked, usual: dict[str, float]) -> Symptom | None:
    expected, got = sum(usual.values()), sum(mine.queries[query].seen for query in usual)
    if not expected or got >= LOW * expected:
        return None
    text = f"{source}：采到 {got} 件，同样的检索平常约 {expected:.0f} 件，明显偏低"
    return Symptom(source=source, sign=Sign.LOW, got=got, usual=expected, text=text)


def _pages(source: str, mine: _Asked, history: list[_Asked]) -> Symptom | None:
    usual = {query: value for query in mine.queries if (value := _usual(query, "pages_answered", history)) is not None}
    expected, got = sum(usual.values()), sum(mine.queries[query].pages_answered for query in usual)
    if not expected or got >= LOW * expected:
        return None
    text = f"{source}：翻到 {got} 页，同样的检索平常约 {expected:.0f} 页，请看是否翻页失灵"
    return Symptom(source=source, sign=Sign.PAGES, got=got, usual=expected, text=text)


def _blocked(source: str, mine: _Asked, history: list[_Asked]) -> Symptom | None:
    usual = median(night.blocked for night in history) if len(history) >= ENOUGH else 0.0
    if mine.blocked <= usual + MORE_BLOCKED:
        return None
    refused = tuple(query for query, record in mine.queries.items() if is_refused(record))
    example = mine.queries[refused[0]]
    kind = BLOCKS[example.blocked] if example.blocked else ""
    text = (
        f"{source}：{len(refused)} 个检索被拒（{mine.blocked:.0%}，平常 {usual:.0%}），"
        f"如“{refused[0]}”（{kind}{_own_words(source, example)}）。{_advice(source, example)}"
    )
    return Symptom(source=source, sign=Sign.BLOCKED, got=mine.blocked, usual=usual, text=text, queries=refused)


def _own_words(source: str, record: Coverage) -> str:
    """What an API said about a refusal: it tells a wrong clock from a wrong key."""
    said = _SAID.search(record.detail) if source in API_SOURCES else None
    return f"，平台原话：{said[1][:SAID]}" if said else ""


def _advice(source: str, record: Coverage) -> str:
    """What a person can do about a refusal: an API has no page that could be saved by hand."""
    if source not in API_SOURCES:
        return "不要绕过；可改为人工取证或停采该来源"
    kind, api = record.blocked, load_apis().get(source)
    if kind is BlockKind.LOGIN or kind is BlockKind.FORBIDDEN:
        return "请先看本机时钟是否准确，再在平台上核对或更换密钥、令牌，用 gimonitor secrets edit 写入；平台原话见 gimonitor coverage --gaps"
    if kind is BlockKind.RATE_LIMIT and api is not None and api.pause_of(record.detail) is not None:
        return (
            "平台只是嫌调用过快，已放慢重试仍被拒；当日额度未用完，下次照常调用；若常如此，请减少同一密钥在别处的调用"
        )
    if kind is BlockKind.RATE_LIMIT:
        return "平台的额度已用完，当日不再调用，次日照常；若常如此，请把密钥的 daily_calls 写成平台所给的数"
    return "平台没有正常应答，下一夜再试；平台原话见 gimonitor coverage --gaps"


def _slow(source: str, mine: _Asked, history: list[_Asked]) -> Symptom | None:
    each = [night.minutes / len(night.queries) for night in history if night.minutes is not None]
    if mine.minutes is None or len(each) < ENOUGH:
        return None
    usual = median(each) * len(mine.queries)
    if mine.minutes < SLOWER * usual or mine.minutes - usual < SLOWER_MINUTES:
        return None
    text = f"{source}：用时 {mine.minutes:.0f} 分钟，同样多的检索平常约 {usual:.0f} 分钟"
    return Symptom(source=source, sign=Sign.SLOW, got=mine.minutes, usual=usual, text=text)


def _fields(source: str, mine: _Asked, history: list[_Asked]) -> Symptom | None:
    nights = [tuple(night.queries.values()) for night in history]
    lost = find_vanished(source, tuple(mine.queries.values()), nights, ENOUGH)
    if lost is None:
        return None
    worst = min(lost.fields, key=lambda one: one.got)
    return Symptom(
        source=source,
        sign=Sign.FIELDS,
        got=worst.got,
        usual=1.0 if worst.usual is None else worst.usual,
        text=lost.text,
        queries=lost.queries,
        gap=lost.gap,
    )


def _silent_queries(source: str, mine: _Asked, usual: dict[str, float]) -> Symptom | None:
    silent = [
        query
        for query, value in usual.items()
        if value >= QUERY_HAD and not mine.queries[query].seen and not is_refused(mine.queries[query])
    ]
    if not silent:
        return None
    had = sum(usual[query] for query in silent)
    names = "、".join(silent[:5]) + ("等" if len(silent) > 5 else "")
    text = f"{source}：{len(silent)} 个检索平常有结果（约 {had:.0f} 件），这次没有：{names}"
    return Symptom(source=source, sign=Sign.QUERIES, got=0, usual=had, text=text, queries=tuple(silent))
