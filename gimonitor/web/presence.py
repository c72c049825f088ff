"""Who is looking at which lead just now, so that two officers who walk through the same queue are not given the same one.

It is held in memory and forgotten after a while: nothing depends on it but which lead comes next.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

LOOKING = timedelta(minutes=2)
"""After this long without a sign, somebody counts as gone."""


class Presence:
    """Safe to share between threads. A person looks at one lead at a time: the one opened last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looking: dict[str, tuple[int, datetime]] = {}

    def note(self, login: str, lead_id: int, now: datetime) -> None:
        """Say that somebody has opened a lead."""
        with self._lock:
            self._looking[login] = (lead_id, now)

    def take(self, login: str, candidates: Sequence[int], now: datetime) -> int | None:
        """The first of some leads that nobody else looks at, noted as this person's at once; the first where all are taken."""
        with self._lock:
            taken = self._others(login, now)
            chosen = next((one for one in candidates if one not in taken), candidates[0] if candidates else None)
            if chosen is not None:
                self._looking[login] = (chosen, now)
            return chosen

    def others(self, login: str, now: datetime) -> dict[int, str]:
        """The leads that others look at, each with the login of one of them."""
        with self._lock:
            return self._others(login, now)

    def _others(self, login: str, now: datetime) -> dict[int, str]:
        return {
            lead_id: other
            for other, (lead_id, at) in self._looking.items()
            if other != login and timedelta() <= now - at < LOOKING
        }
