"""Leads counted by what holds them together: the legal person behind a shop, the shop where that person is not known, or
the same picture, exactly or nearly."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Text, case, cast, func, select

from gimonitor.errors import NotFoundError
from gimonitor.model.lead import State
from gimonitor.store.queue import awake, showing, within_gis
from gimonitor.store.tables import leads, listings, picture_uses, pictures, shops, subjects


class GroupKind(StrEnum):
    """What holds a group together."""

    SUBJECT = "subject"
    SHOP = "shop"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Leads that belong together. `id` is that of the person or shop, or the SHA-256 of one of
    the pictures; `score` the highest."""

    kind: GroupKind
    id: str
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
    return tuple(
        Group(**{**row, "kind": GroupKind(row["kind"]), "id": str(row["id"])}) for row in c.execute(query).mappings()
    )


def load_picture_groups(
    c: Connection, states: Collection[State], limit: int, *, awake_at: datetime, within: frozenset[str] | None = None
) -> tuple[Group, ...]:
    """Leads of several listings that show the same picture or near-duplicates of it, the highest score first.

    Pictures that the same leads share make one group; its name is the first title.
    """
    joined = (
        leads.join(picture_uses, picture_uses.c.listing_id == leads.c.listing_id)
        .join(pictures, pictures.c.digest == picture_uses.c.digest)
        .join(listings, listings.c.id == leads.c.listing_id)
    )
    key = func.coalesce(pictures.c.alike, pictures.c.digest)
    query = (
        select(
            key.label("id"),
            func.min(listings.c.title).label("name"),
            func.count(leads.c.id.distinct()).label("leads"),
            func.count(leads.c.gi_id.distinct()).label("gis"),
            func.count(leads.c.shop_id.distinct()).label("shops"),
            func.max(leads.c.score).label("score"),
            func.aggregate_strings(cast(leads.c.id, Text), ",").label("members"),
        )
        .select_from(joined)
        .where(leads.c.state.in_(states), *awake(c, awake_at), *within_gis(c, within))
        .group_by(key)
        .having(func.count(leads.c.listing_id.distinct()) > 1)
        .order_by(func.max(leads.c.score).desc(), key)
        .limit(limit * 5)
    )
    found: dict[frozenset[str], Group] = {}
    for row in c.execute(query).mappings():
        values = {name: row[name] for name in Group.__slots__ if name != "kind"}
        found.setdefault(frozenset(row["members"].split(",")), Group(kind=GroupKind.PICTURE, **values))
    return tuple(found.values())[:limit]


def group_name(c: Connection, kind: GroupKind, group_id: str) -> str:
    """The name of the legal person or shop, or the first title under a picture. Raises NotFoundError."""
    if kind is GroupKind.PICTURE:
        shown = select(picture_uses.c.listing_id).where(showing(group_id))
        title = c.execute(select(func.min(listings.c.title)).where(listings.c.id.in_(shown))).scalar()
        if title is None:
            raise NotFoundError(f"没有这个线索组：{kind.value} {group_id[:64]}")
        return str(title)
    table = subjects if kind is GroupKind.SUBJECT else shops
    number = number_of(group_id)
    name = c.execute(select(table.c.name).where(table.c.id == number)).scalar()
    if name is None:
        raise NotFoundError(f"没有这个线索组：{kind.value} {group_id[:64]}")
    return str(name)


def number_of(group_id: str) -> int:
    """The id of a legal person or shop as given in an address; 0, which is nobody's, for what is none."""
    return int(group_id) if group_id.isascii() and group_id.isdigit() and len(group_id) < 19 else 0


def subject_of(c: Connection, shop_id: int) -> int | None:
    """The id of the legal person behind a shop, where one is known."""
    found: int | None = c.execute(select(shops.c.subject_id).where(shops.c.id == shop_id)).scalar()
    return found
