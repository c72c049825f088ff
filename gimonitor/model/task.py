"""A task for a person: what a machine may not do, such as reading a page behind a verification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TaskKind(StrEnum):
    """What is to be done."""

    CAPTURE = "capture"  # open the pages in an ordinary browser, save them, import them


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task. `queries` are the words to look for, `url` where the source refused, `reason` a BlockKind's value.

    `closed_by` and `note` say who closed it and how (an import, by hand); empty while it is open. Times are aware UTC.
    """

    id: int
    kind: TaskKind
    source: str
    platform: str
    queries: tuple[str, ...]
    url: str
    reason: str
    run_id: int | None
    created_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    note: str = ""

    @property
    def is_open(self) -> bool:
        """True until somebody has closed it."""
        return self.closed_at is None
