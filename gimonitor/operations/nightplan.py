"""What a night asks of a source and what it leaves for later, with the reason of each. Pure: register, history and
allowance in, plan out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from math import ceil

from gimonitor.crawling.searchplan import plan_queries
from gimonitor.model.register import GI, Register
from gimonitor.operations.budgets import Allowance
from gimonitor.operations.watching import MAX_DEPTH, Rules, Watch, watch
from gimonitor.store.asked import Asked

_NEVER = datetime.min.replace(tzinfo=UTC)

History = Mapping[tuple[str, str], Asked]


class Left(StrEnum):
    """Why a query is not asked tonight."""

    TURN = "turn"  # its turn comes in one of the next nights
    DAY = "day"  # the pages or calls of the day would be used up
    TIME = "time"  # the night would be over


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query of a plan: its depth in the search plan, why it is asked tonight, and the pages it is expected to take."""

    text: str
    depth: int
    why: str
    pages: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """A source's part of a night. `left` counts queries not asked tonight by the reason; `assumed`: the number of pages rests on
    no record of this installation."""

    source: str
    queries: tuple[Query, ...]
    left: Mapping[Left, int]
    allowance: Allowance
    assumed: bool

    @property
    def pages(self) -> float:
        """Pages expected."""
        return sum(query.pages for query in self.queries)

    @property
    def minutes(self) -> float:
        """Minutes expected at the source's pace."""
        return self.pages * self.allowance.seconds_a_page / 60


def plan_source(
    source: str,
    register: Register,
    day: date,
    *,
    allowance: Allowance,
    history: History,
    rules: Rules,
    latin: bool = False,
    depth: int | None = None,
) -> SourcePlan:
    """Plan a source that is asked by words. A given `depth` asks every name so deep, whatever its tier and turn."""
    watched = [watch(gi, source, day, rules) for gi in register.gis if gi.is_gi]
    if depth is not None:
        watched = [Watch(gi=one.gi, depth=depth, nights=1, why="depth given") for one in watched]
    texts = _texts(register, latin)
    last = _last_asked(source, texts, history)
    turn = _whose_turn([one for one in watched if texts[one.gi.id]], last)
    pages = _pages_a_query(source, history)
    candidates: dict[str, Query] = {}
    for level in range(1, MAX_DEPTH + 1):
        for one in turn:
            for text in texts[one.gi.id].get(level, ()) if level <= one.depth else ():
                asked = history.get((source, text))
                expected = asked.pages if asked else pages or rules.pages_a_query
                candidates.setdefault(text, Query(text=text, depth=level, why=one.why, pages=expected))
    tonight, over = _within(list(candidates.values()), allowance)
    waiting = {t for one in watched for t in texts[one.gi.id].get(1, ())} - candidates.keys()
    left = {Left.TURN: len(waiting), _first_end(allowance): over}
    return SourcePlan(
        source=source,
        queries=tonight,
        left={why: count for why, count in left.items() if count},
        allowance=allowance,
        assumed=pages is None,
    )


def plan_addresses(
    source: str, urls: Sequence[str], allowance: Allowance, history: History, rules: Rules
) -> SourcePlan:
    """Plan a source that is asked by addresses: all of them every night, as far as the allowance goes."""
    known = [history.get((source, url)) for url in urls]
    queries = [
        Query(text=url, depth=1, why="address set up", pages=asked.pages if asked else rules.pages_a_shop)
        for url, asked in zip(urls, known, strict=True)
    ]
    return SourcePlan(source=source, queries=tuple(queries), left={}, allowance=allowance, assumed=not all(known))


def _texts(register: Register, latin: bool) -> dict[str, dict[int, list[str]]]:
    """The search plan's queries of each GI by depth."""
    found: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for query in plan_queries(register, depth=MAX_DEPTH, latin=latin):
        found[query.gi_id].setdefault(query.depth, []).append(query.text)
    return found


def _last_asked(
    source: str, texts: Mapping[str, Mapping[int, list[str]]], history: History
) -> Callable[[GI], datetime]:
    def last(gi: GI) -> datetime:
        found = [history.get((source, text)) for text in texts[gi.id].get(1, ())]
        return max((asked.at for asked in found if asked and asked.at), default=_NEVER)

    return last


def _whose_turn(watched: Sequence[Watch], last: Callable[[GI], datetime]) -> list[Watch]:
    """The names of tonight, the most watched first. Of those asked once in N nights a share of 1/N, the longest unasked first."""
    groups: dict[int, list[Watch]] = defaultdict(list)
    for one in watched:
        groups[one.nights].append(one)
    turn = []
    for nights, group in groups.items():
        oldest = sorted(
            group,
            key=lambda one: (
                (one.gi.watch_tier, last(one.gi), one.gi.id)
                if nights == 1
                else (last(one.gi), one.gi.watch_tier, one.gi.id)
            ),
        )
        turn += oldest[: ceil(len(group) / nights)]
    return sorted(turn, key=lambda one: (one.gi.watch_tier, one.nights, last(one.gi), one.gi.id))


def _pages_a_query(source: str, history: History) -> float | None:
    """Pages that a query of this source took in the mean; None before there are records."""
    pages = [asked.pages for (name, _), asked in history.items() if name == source and asked.at]
    return sum(pages) / len(pages) if pages else None


def _first_end(allowance: Allowance) -> Left:
    return Left.DAY if allowance.ends_by_day else Left.TIME


def _within(queries: Sequence[Query], allowance: Allowance) -> tuple[tuple[Query, ...], int]:
    """The queries that fit, in their order, and how many do not."""
    room, fitting = float(allowance.most), []
    for query in queries:
        if query.pages > room:
            break
        room -= query.pages
        fitting.append(query)
    return tuple(fitting), len(queries) - len(fitting)


def reasons(plan: SourcePlan) -> list[tuple[str, int]]:
    """Why the queries of a source are asked, the commonest reason first."""
    return Counter(query.why for query in plan.queries).most_common()
