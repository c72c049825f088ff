"""Who is looking at which lead just now, so that two officers who walk through the same queue are not given the same one.

It is held in memory and forgotten after a while: nothing depends on it but which lead comes next.
"""

from __future__ import annotations

import threading
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

    def leave(self, login: str) -> None:
        """Say that somebody is done with what they looked at."""
        with self._lock:
            self._looking.pop(login, None)

    def others(self, login: str, now: datetime) -> dict[int, str]:
        """The leads that others look at, each with the login of one of them."""
        with self._lock:
            return {
                lead_id: other
                for other, (lead_id, at) in self._looking.items()
                if other != login and timedelta() <= now - at < LOOKING
            }
