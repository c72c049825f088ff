"""线索组: open leads of one legal person, or of one shop where the person behind it is not known.

Holds its own read-only queries over the store's tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, case, func, select

from gimonitor.errors import NotFoundError
from gimonitor.model.lead import State
from gimonitor.store.leads import QueueFilter
from gimonitor.store.tables import leads, shops, subjects

OPEN = (State.NEW, State.CLAIMED)
MOST = 500
"""Leads of a group that are shown and decided at a time."""


class GroupKind(StrEnum):
    """What holds a group together."""

    SUBJECT = "subject"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Open leads that belong together. `score` is the highest among them."""

    kind: GroupKind
    id: int
    name: str
    leads: int
    gis: int
    shops: int
    score: float


def list_groups(c: Connection, limit: int = 100) -> tuple[Group, ...]:
    """Groups of at least two open leads, the highest score first."""
    by_subject = shops.c.subject_id.is_not(None)
    kind = case((by_subject, GroupKind.SUBJECT.value), else_=GroupKind.SHOP.value).label("kind")
    key = case((by_subject, shops.c.subject_id), else_=shops.c.id).label("key")
    name = func.max(func.coalesce(subjects.c.name, shops.c.name)).label("name")
    joined = leads.join(shops, shops.c.id == leads.c.shop_id).outerjoin(subjects, subjects.c.id == shops.c.subject_id)
    query = (
        select(
            kind,
            key,
            name,
            func.count().label("open_leads"),
            func.count(leads.c.gi_id.distinct()).label("gis"),
            func.count(shops.c.id.distinct()).label("shops"),
            func.max(leads.c.score).label("score"),
        )
        .select_from(joined)
        .where(leads.c.state.in_(OPEN))
        .group_by(kind, key)
        .having(func.count() > 1)
        .order_by(func.max(leads.c.score).desc(), key)
        .limit(limit)
    )
    return tuple(
        Group(
            kind=GroupKind(row.kind),
            id=row.key,
            name=row.name,
            leads=row.open_leads,
            gis=row.gis,
            shops=row.shops,
            score=row.score,
        )
        for row in c.execute(query)
    )


def group_filter(kind: GroupKind, group_id: int, *, only_open: bool = True) -> QueueFilter:
    """The queue's filter for the leads of a group."""
    states = OPEN if only_open else ()
    if kind is GroupKind.SUBJECT:
        return QueueFilter(states=states, subject_id=group_id)
    return QueueFilter(states=states, shop_id=group_id)


def group_name(c: Connection, kind: GroupKind, group_id: int) -> str:
    """The name of the legal person or shop. Raises NotFoundError."""
    table = subjects if kind is GroupKind.SUBJECT else shops
    name = c.execute(select(table.c.name).where(table.c.id == group_id)).scalar()
    if name is None:
        raise NotFoundError(f"没有这个线索组：{kind.value} {group_id}")
    return str(name)
