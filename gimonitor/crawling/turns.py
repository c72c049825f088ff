"""Turns at a site: when it may be asked next, and how often today, kept in one small file a site that all processes of this
machine share. Two crawls of one site together are no faster than one."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from pathlib import Path
from urllib.parse import quote

from scrapy.exceptions import IgnoreRequest

from gimonitor.crawling.hosts import Pace
from gimonitor.model.zone import BEIJING

MAX_DELAY = 300.0
FORGIVEN = 0.95  # of a gap that a refusal made, this much is left after each turn: half of it after 14
_WIDTH = 200  # bytes of a record, padded: written in place, it needs no cutting
MAX_WAIT = 600.0  # a file that says more was left by a clock that has been set back


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

    folder: Path
    files: dict[str, int] = field(default_factory=dict)

    def take(self, site: str, pace: Pace, jitter: float, now: datetime) -> float:
        """Take the next turn and return the seconds to wait for it. `jitter` (0 to 1) lengthens the gap behind it.

        Raises NotAskedError when the site may not be asked any more today, or not at this hour.
        """
        if not in_hours(pace.hours, now):
            raise NotAskedError(f"{site} is asked between {pace.hours} only")
        with self._turn(site, now) as turn:
            if turn.pages >= pace.daily_pages:
                raise NotAskedError(f"{site}: its {pace.daily_pages} pages of this day are used up")
            moment = now.timestamp()
            start = max(moment, min(turn.next_at, moment + MAX_WAIT))
            turn.next_at = start + max(pace.delay, turn.delay, turn.refused) * (1 + jitter)
            turn.refused *= FORGIVEN
            turn.pages += 1
        return start - moment

    def slow(self, site: str, delay: float, now: datetime) -> float:
        """Leave at least `delay` seconds between requests for the rest of the day. Returns the gap in force."""
        with self._turn(site, now) as turn:
            turn.delay = max(turn.delay, min(delay, MAX_DELAY))
            return _hold(turn, now)

    def double(self, site: str, least: float, now: datetime) -> float:
        """Double the gap after a refusal, to at least `least` seconds; each later turn takes a little of it back.

        Returns the gap in force.
        """
        with self._turn(site, now) as turn:
            turn.refused = min(max(max(turn.delay, turn.refused) * 2, least), MAX_DELAY)
            return _hold(turn, now)

    def pause(self, site: str, seconds: float, now: datetime) -> None:
        """Ask nobody of the site for so long."""
        with self._turn(site, now) as turn:
            turn.next_at = max(turn.next_at, now.timestamp() + seconds)

    @contextmanager
    def _turn(self, site: str, now: datetime) -> Iterator[_Turn]:
        file = self.files.get(site)
        if file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{quote(site, safe='')[:200]}.json"
            file = self.files[site] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            turn = _read(os.pread(file, _WIDTH, 0), now.astimezone(BEIJING).date().isoformat())
            yield turn
            os.pwrite(file, json.dumps(asdict(turn)).encode().ljust(_WIDTH), 0)
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _hold(turn: _Turn, now: datetime) -> float:
    gap = max(turn.delay, turn.refused)
    turn.next_at = max(turn.next_at, now.timestamp() + gap)
    return gap


def _read(text: bytes, day: str) -> _Turn:
    """The turn as written; a new day begins with no pages and the pace's own gap. Nonsense counts as nothing."""
    try:
        turn = _Turn(**json.loads(text or b"{}"))
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
