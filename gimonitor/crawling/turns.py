"""Turns at a site: when it may be asked next, and how often today, kept in one small record a site that all processes share,
over machines too where the store is PostgreSQL. Two crawls of one site together are no faster than one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import TypeVar

from scrapy.exceptions import IgnoreRequest

from gimonitor.crawling.hosts import Pace
from gimonitor.crawling.records import Records
from gimonitor.model.zone import BEIJING

MAX_DELAY = 300.0
FORGIVEN = 0.95  # of a gap that a refusal made, this much is left after each turn: half of it after 14
MAX_WAIT = 600.0  # a record that says more was left by a clock that has been set back

T = TypeVar("T")


class NotAskedError(IgnoreRequest):
    """Raised instead of asking: the pages of the day are used up, the hour is wrong, or the crawl is ending."""


@dataclass(slots=True)
class _Turn:
    next_at: float = 0.0
    delay: float = 0.0  # longer than the pace, where the site's robots.txt asks for it; for the rest of the day
    refused: float = 0.0  # the gap that refusals made; it shrinks while the site answers
    day: str = ""
    pages: int = 0


@dataclass(frozen=True, slots=True)
class TurnBook:
    """The turns of all sites. Times are aware; a day is a day in Beijing."""

    records: Records

    def take(self, site: str, pace: Pace, jitter: float, now: datetime) -> float:
        """Take the next turn and return the seconds to wait for it. `jitter` (0 to 1) lengthens the gap behind it.

        Raises NotAskedError when the site may not be asked any more today, or not at this hour.
        """
        if not in_hours(pace.hours, now):
            raise NotAskedError(f"{site} is asked between {pace.hours} only")

        def taken(turn: _Turn) -> float:
            if not pace.left(turn.pages):
                raise NotAskedError(f"{site}: its {pace.daily_pages} pages of this day are used up")
            moment = now.timestamp()
            start = max(moment, min(turn.next_at, moment + MAX_WAIT))
            turn.next_at = start + max(pace.delay, turn.delay, turn.refused) * (1 + jitter)
            turn.refused *= FORGIVEN
            turn.pages += 1
            return start - moment

        return self._change(site, now, taken)

    def slow(self, site: str, delay: float, now: datetime) -> float:
        """Leave at least `delay` seconds between requests for the rest of the day. Returns the gap in force."""

        def slowed(turn: _Turn) -> float:
            turn.delay = max(turn.delay, min(delay, MAX_DELAY))
            return _hold(turn, now)

        return self._change(site, now, slowed)

    def double(self, site: str, least: float, now: datetime) -> float:
        """Double the gap after a refusal, to at least `least` seconds; each later turn takes a little of it back.

        Returns the gap in force.
        """

        def doubled(turn: _Turn) -> float:
            turn.refused = min(max(max(turn.delay, turn.refused) * 2, least), MAX_DELAY)
            return _hold(turn, now)

        return self._change(site, now, doubled)

    def pause(self, site: str, seconds: float, now: datetime) -> None:
        """Ask nobody of the site for so long."""

        def paused(turn: _Turn) -> None:
            turn.next_at = max(turn.next_at, now.timestamp() + seconds)

        self._change(site, now, paused)

    def pages(self, site: str, now: datetime) -> int:
        """Pages asked of the site on this day."""
        return _read(self.records.read(site), _day(now)).pages

    def _change(self, site: str, now: datetime, work: Callable[[_Turn], T]) -> T:
        def rewrite(text: str) -> tuple[str, T]:
            turn = _read(text, _day(now))
            result = work(turn)
            return json.dumps(asdict(turn)), result

        return self.records.change(site, rewrite)


def _day(now: datetime) -> str:
    return now.astimezone(BEIJING).date().isoformat()


def _hold(turn: _Turn, now: datetime) -> float:
    gap = max(turn.delay, turn.refused)
    turn.next_at = max(turn.next_at, now.timestamp() + gap)
    return gap


def _read(text: str, day: str) -> _Turn:
    """The turn as written; a new day begins with no pages and the pace's own gap. Nonsense counts as nothing."""
    try:
        turn = _Turn(**json.loads(text or "{}"))
        next_at = float(turn.next_at)
    except (ValueError, TypeError):
        return _Turn(day=day)
    return turn if turn.day == day else _Turn(next_at=next_at, day=day)


def in_hours(hours: str, now: datetime) -> bool:
    """True when `now` lies in a span like `22:00-07:00`, Beijing time; an empty span is always."""
    if not hours:
        return True
    first, _, last = hours.partition("-")
    clock = now.astimezone(BEIJING).time()
    begins, ends = time.fromisoformat(first), time.fromisoformat(last)
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
