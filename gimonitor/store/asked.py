"""What earlier runs asked of each source: when each query was answered last, and how many pages it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from gimonitor.store.tables import coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One query of one source: its last answer, None where it was refused each time; pages asked a run, in the mean."""

    at: datetime | None
    pages: float


def asked_before(c: Connection, since: datetime) -> Mapping[tuple[str, str], Asked]:
    """By source and query, over the runs since a moment."""
    answered = case((coverage.c.pages_answered > 0, coverage.c.at))
    query = (
        select(
            coverage.c.source,
            coverage.c.query,
            func.max(answered, type_=coverage.c.at.type),
            func.avg(coverage.c.pages_asked),
        )
        .where(coverage.c.at >= since)
        .group_by(coverage.c.source, coverage.c.query)
    )
    rows = c.execute(query)
    return {(source, text): Asked(at=at, pages=float(pages)) for source, text, at, pages in rows}
