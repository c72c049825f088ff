"""Stored listings as a list shows them: searched by title, brand, shop and item id, the newest first, with their leads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from gimonitor.model.finding import Stage
from gimonitor.model.lead import State
from gimonitor.store.queue import within_gis
from gimonitor.store.search import matching
from gimonitor.store.tables import leads, listings, shops
from gimonitor.store.upsert import among


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFilter:
    """Which listings; what is empty asks for all. `within` keeps those with a lead over one of these GIs."""

    text: str = ""
    platform: str = ""
    stage: Stage | None = None
    within: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLead:
    """A lead over a listing."""

    id: int
    gi_name: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """A listing as a list shows it."""

    id: int
    platform: str
    item_id: str
    title: str
    url: str
    price_fen: int | None
    currency: str
    shop_id: int | None
    shop_name: str
    stage: Stage
    versions: int
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    leads: tuple[OfferLead, ...]


_OF_LISTING = tuple(n for n in OfferRow.__slots__ if n not in ("shop_name", "leads"))


def find_offers(c: Connection, wanted: OfferFilter, before: int | None = None, limit: int = 50) -> list[OfferRow]:
    """The next `limit` listings by falling id below `before`."""
    ids = select(listings.c.id).where(*_conditions(c, wanted, before)).order_by(listings.c.id.desc()).limit(limit)
    found = list(c.execute(ids).scalars())
    joined = listings.outerjoin(shops, shops.c.id == listings.c.shop_id)
    columns = [*(listings.c[n] for n in _OF_LISTING), func.coalesce(shops.c.name, "").label("shop_name")]
    rows: Select[Any] = select(*columns).select_from(joined).where(among(c, listings.c.id, found))
    over = _leads_over(c, found, wanted.within)
    return [
        OfferRow(**row, leads=tuple(over[row["id"]]))
        for row in c.execute(rows.order_by(listings.c.id.desc())).mappings()
    ]


def _conditions(c: Connection, wanted: OfferFilter, before: int | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if before is not None:
        found.append(listings.c.id < before)
    if wanted.platform:
        found.append(listings.c.platform == wanted.platform)
    if wanted.stage is not None:
        found.append(listings.c.stage == wanted.stage)
    if wanted.within is not None:
        found.append(listings.c.id.in_(select(leads.c.listing_id).where(*within_gis(c, wanted.within))))
    if wanted.text.strip():
        found.append(matching(c, listings.c.id, wanted.text))
    return found


def _leads_over(c: Connection, ids: list[int], within: frozenset[str] | None) -> dict[int, list[OfferLead]]:
    query = select(leads.c.listing_id, leads.c.id, leads.c.gi_name, leads.c.state)
    rows = c.execute(query.where(among(c, leads.c.listing_id, ids), *within_gis(c, within)).order_by(leads.c.id))
    found: dict[int, list[OfferLead]] = defaultdict(list)
    for row in rows:
        found[row.listing_id].append(OfferLead(id=row.id, gi_name=row.gi_name, state=row.state))
    return found
