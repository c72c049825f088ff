"""Leads counted by who sells: the legal person behind a shop, or the shop itself where that person is not known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, case, func, select

from gimonitor.errors import NotFoundError
from gimonitor.model.lead import State
from gimonitor.store.queue import awake, within_gis
from gimonitor.store.tables import leads, shops, subjects


class GroupKind(StrEnum):
    """What holds a group together."""

    SUBJECT = "subject"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Leads that belong together. `score` is the highest among them."""

    kind: GroupKind
    id: int
    name: str
    leads: int
    gis: int
    shops: int
    score: float


def load_groups(
    c: Connection, states: Collection[State], limit: int, *, awake_at: datetime, within: frozenset[str] | None = None
) -> tuple[Group, ...]:
    """Groups of at least two leads in one of some states, neither put aside nor ignored, the highest score first."""
    by_subject = shops.c.subject_id.is_not(None)
    kind = case((by_subject, GroupKind.SUBJECT.value), else_=GroupKind.SHOP.value).label("kind")
    key = case((by_subject, shops.c.subject_id), else_=shops.c.id).label("id")
    joined = leads.join(shops, shops.c.id == leads.c.shop_id).outerjoin(subjects, subjects.c.id == shops.c.subject_id)
    query = (
        select(
            kind,
            key,
            func.max(func.coalesce(subjects.c.name, shops.c.name)).label("name"),
            func.count().label("leads"),
            func.count(leads.c.gi_id.distinct()).label("gis"),
            func.count(shops.c.id.distinct()).label("shops"),
            func.max(leads.c.score).label("score"),
        )
        .select_from(joined)
        .where(leads.c.state.in_(states), *awake(c, awake_at), *within_gis(c, within))
        .group_by(kind, key)
        .having(func.count() > 1)
        .order_by(func.max(leads.c.score).desc(), key)
        .limit(limit)
    )
    return tuple(Group(**{**row, "kind": GroupKind(row["kind"])}) for row in c.execute(query).mappings())


def group_name(c: Connection, kind: GroupKind, group_id: int) -> str:
    """The name of the legal person or shop. Raises NotFoundError."""
    table = subjects if kind is GroupKind.SUBJECT else shops
    name = c.execute(select(table.c.name).where(table.c.id == group_id)).scalar()
    if name is None:
        raise NotFoundError(f"没有这个线索组：{kind.value} {group_id}")
    return str(name)


def subject_of(c: Connection, shop_id: int) -> int | None:
    """The id of the legal person behind a shop, where one is known."""
    found: int | None = c.execute(select(shops.c.subject_id).where(shops.c.id == shop_id)).scalar()
    return found
