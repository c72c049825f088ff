"""Samples as they were drawn, and the populations they are drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from gimonitor.errors import NotFoundError
from gimonitor.store.columns import clean_text
from gimonitor.store.queue import within_gis
from gimonitor.store.search import matching
from gimonitor.store.tables import leads, listings, sample_items, samples, shops
from gimonitor.store.upsert import among, insert_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSample:
    """A sample. `plan` says what was drawn from and how; `strata` how many the population had in each."""

    kind: str
    name: str
    plan: dict[str, object]
    gi_id: str
    seed: str
    population: int
    strata: dict[str, int]
    digest: str
    previous_id: int | None
    who: str
    at: datetime
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One of a population: `key` is what the lot is drawn by."""

    id: int
    key: str
    stratum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleItem:
    """One that was drawn, with what was found. `title` and `url` are the listing's or the shop's, `key` is what the lot was
    drawn by."""

    sample_id: int
    position: int
    listing_id: int | None
    shop_id: int | None
    stratum: str
    officer: str
    result: str | None
    note: str
    who: str
    at: datetime | None
    title: str = ""
    url: str = ""
    platform: str = ""
    key: str = ""
    lead_id: int | None = None


def listing_units(
    c: Connection, *, text: str, platforms: Sequence[str], since: datetime, until: datetime
) -> Iterator[Unit]:
    """Listings first seen in [since, until) whose title, brand, shop or id holds the words, by platform and item id."""
    wanted: list[ColumnElement[bool]] = [listings.c.first_seen >= since, listings.c.first_seen < until]
    if platforms:
        wanted.append(listings.c.platform.in_(platforms))
    if text.strip():
        wanted.append(matching(c, listings.c.id, text))
    query = select(listings.c.id, listings.c.platform, listings.c.item_id).where(*wanted)
    for row in c.execute(query):
        yield Unit(id=row.id, key=f"{row.platform}\n{row.item_id}", stratum=row.platform)


def seller_units(
    c: Connection, *, platforms: Sequence[str], since: datetime, until: datetime, within: frozenset[str] | None
) -> Iterator[Unit]:
    """Shops with a lead raised in [since, until) over one of some GIs."""
    wanted = [leads.c.created_at >= since, leads.c.created_at < until, *within_gis(c, within)]
    if platforms:
        wanted.append(leads.c.platform.in_(platforms))
    found = select(leads.c.shop_id).where(*wanted).distinct()
    query = select(shops.c.id, shops.c.key, shops.c.platform).where(shops.c.id.in_(found))
    for row in c.execute(query):
        yield Unit(id=row.id, key=row.key, stratum=row.platform)


def add_sample(c: Connection, sample: StoredSample, items: Sequence[tuple[Unit, str]]) -> int:
    """Store a draw with its units in order, each with the officer it falls to (may be empty)."""
    row = {name: getattr(sample, name) for name in StoredSample.__slots__ if name != "id"}
    row["name"] = clean_text(sample.name)
    made: int = c.execute(insert(samples).values(row).returning(samples.c.id)).scalar_one()
    column = "listing_id" if sample.kind == "listings" else "shop_id"
    nothing = {"listing_id": None, "shop_id": None, "result": None, "note": "", "who": "", "at": None}
    rows = [
        nothing | {"sample_id": made, "position": place, column: unit.id, "stratum": unit.stratum, "officer": officer}
        for place, (unit, officer) in enumerate(items, start=1)
    ]
    insert_rows(c, sample_items, rows)
    return made


def load_sample(c: Connection, sample_id: int) -> StoredSample:
    """One sample. Raises NotFoundError."""
    row = c.execute(select(samples).where(samples.c.id == sample_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"没有编号为 {sample_id} 的抽查")
    return _sample(row)


def list_samples(c: Connection, within: frozenset[str] | None = None) -> list[tuple[StoredSample, int, int]]:
    """Samples, the newest first, each with how many it drew and how many of them have a result."""
    i = sample_items.c
    done = (
        select(i.sample_id, func.count().label("drawn"), func.count(i.result).label("done"))
        .group_by(i.sample_id)
        .subquery()
    )
    query = select(samples, done.c.drawn, done.c.done).join(done, done.c.sample_id == samples.c.id)
    if within is not None:
        query = query.where(among(c, samples.c.gi_id, sorted(within)))
    rows = c.execute(query.order_by(samples.c.id.desc()).limit(200)).mappings()
    return [(_sample(row), row["drawn"], row["done"]) for row in rows]


def items_of(c: Connection, sample_id: int) -> tuple[SampleItem, ...]:
    """What was drawn, in order, each with a lead on it where there is one."""
    lead = select(func.min(leads.c.id)).where(leads.c.listing_id == sample_items.c.listing_id).scalar_subquery()
    joined = sample_items.outerjoin(listings, listings.c.id == sample_items.c.listing_id).outerjoin(
        shops, shops.c.id == sample_items.c.shop_id
    )
    query = (
        select(
            sample_items,
            func.coalesce(listings.c.title, shops.c.name).label("title"),
            func.coalesce(listings.c.url, shops.c.url).label("url"),
            func.coalesce(listings.c.platform, shops.c.platform).label("platform"),
            func.coalesce(listings.c.platform + "\n" + listings.c.item_id, shops.c.key).label("key"),
            lead.label("lead_id"),
        )
        .select_from(joined)
        .where(sample_items.c.sample_id == sample_id)
        .order_by(sample_items.c.position)
    )
    return tuple(
        SampleItem(**{name: row[name] for name in SampleItem.__slots__}) for row in c.execute(query).mappings()
    )


def save_result(
    c: Connection, sample_id: int, position: int, *, result: str, note: str, who: str, at: datetime
) -> None:
    """Note what an item showed; a later result takes the place of an earlier one. Raises NotFoundError."""
    i = sample_items.c
    this = update(sample_items).where(i.sample_id == sample_id, i.position == position)
    if c.execute(this.values(result=result, note=clean_text(note), who=who, at=at)).rowcount != 1:
        raise NotFoundError(f"抽查 {sample_id} 没有第 {position} 项")


def _sample(row: Any) -> StoredSample:
    return StoredSample(**{name: row[name] for name in StoredSample.__slots__})
