"""Leads found and decisions made in a stretch of time, by GI and platform. What counts is said by the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, func, select

from gimonitor.model.lead import Decision
from gimonitor.store.leads import decision_of
from gimonitor.store.queue import within_gis
from gimonitor.store.tables import decisions, leads

Cell = tuple[str, str, str]
"""Id and name of a GI, and a platform."""

_CELL = (leads.c.gi_id, leads.c.gi_name, leads.c.platform)


def found_between(
    c: Connection, begin: datetime, end: datetime, within: frozenset[str] | None = None
) -> Iterator[tuple[Cell, int]]:
    """How many leads were found first in [begin, end), cell by cell."""
    found = leads.c.created_at >= begin, leads.c.created_at < end, *within_gis(c, within)
    for gi_id, gi_name, platform, count in c.execute(select(*_CELL, func.count()).where(*found).group_by(*_CELL)):
        yield (gi_id, gi_name, platform), count


def decided_between(
    c: Connection, begin: datetime, end: datetime, actions: Collection[str], within: frozenset[str] | None = None
) -> Iterator[tuple[Cell, list[Decision]]]:
    """For each lead with one of some actions in [begin, end): its cell and all its decisions, oldest first."""
    d = decisions.c
    touched = select(d.lead_id).where(d.action.in_(actions), d.at >= begin, d.at < end).distinct()
    query = (
        select(decisions, *_CELL)
        .join(leads, leads.c.id == d.lead_id)
        .where(d.lead_id.in_(touched), *within_gis(c, within))
        .order_by(d.lead_id, d.version)
    )
    for _, rows in groupby(c.execute(query).mappings(), key=lambda row: row["lead_id"]):
        made = list(rows)
        cell = made[0]["gi_id"], made[0]["gi_name"], made[0]["platform"]
        yield cell, [decision_of(row) for row in made]
