"""Listings as they are stored, read again: the newest version, all versions, prices, and what a run has stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Select, func, select

from gimonitor.errors import NotFoundError
from gimonitor.model.finding import Stage
from gimonitor.model.listing import Listing
from gimonitor.store.codec import text_of, unpack
from gimonitor.store.keys import listing_key
from gimonitor.store.tables import listing_versions, listings, prices
from gimonitor.store.upsert import among, among_asked, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredListing:
    """A listing in its newest version, with what the store knows about it. `sales` is as shown last."""

    id: int
    listing: Listing
    version: int
    digest: str
    stage: Stage
    sales: int | None
    screening: int
    screened_on: date
    register_digest: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    shop_id: int | None
    run_id: int | None

    @property
    def as_seen(self) -> Listing:
        """The listing as of when it was last seen: saved again it is no new observation."""
        return replace(self.listing, observed_at=self.last_seen, sales=self.sales)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a listing; numbers count arrivals, so a late one may bear a high number."""

    number: int
    listing: Listing
    digest: str
    observed_at: datetime
    run_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Price and sales as shown from this time on."""

    observed_at: datetime
    price_fen: int | None
    currency: str
    sales: int | None


def _stored() -> Select[Any]:
    v = listing_versions.c
    joined = listings.join(listing_versions, (v.listing_id == listings.c.id) & (v.number == listings.c.version))
    return select(listings, text_of(v.content)).select_from(joined)


def _as_stored(row: Any) -> StoredListing:
    """From anything that bears the columns of `listings` as attributes, and the packed listing as `content`."""
    return StoredListing(
        listing=unpack(Listing, row.content),
        **{name: getattr(row, name) for name in StoredListing.__slots__ if name != "listing"},
    )


def load_listing(c: Connection, platform: str, item_id: str) -> StoredListing:
    """The listing with this key. Raises NotFoundError."""
    row = c.execute(_stored().where(listings.c.key == listing_key(platform, item_id))).first()
    if row is None:
        raise NotFoundError(f"no listing {item_id} of {platform} is stored")
    return _as_stored(row)


def load_listing_at(c: Connection, url: str) -> StoredListing:
    """The newest listing of an address, whatever its platform; reads the whole table. Raises NotFoundError."""
    row = c.execute(_stored().where(listings.c.url == url).order_by(listings.c.id.desc()).limit(1)).first()
    if row is None:
        raise NotFoundError(f"no listing of {url} is stored")
    return _as_stored(row)


def load_listing_by_id(c: Connection, listing_id: int) -> StoredListing:
    """The listing with this id. Raises NotFoundError."""
    row = c.execute(_stored().where(listings.c.id == listing_id)).first()
    if row is None:
        raise NotFoundError(f"no listing {listing_id} is stored")
    return _as_stored(row)


def iterate_listings(c: Connection, after_id: int = 0, limit: int = 500) -> list[StoredListing]:
    """The next `limit` listings behind an id, by id; empty at the end."""
    rows = c.execute(_stored().where(listings.c.id > after_id).order_by(listings.c.id).limit(limit))
    return [_as_stored(row) for row in rows]


def count_listings(c: Connection) -> int:
    """How many listings are stored."""
    return int(c.execute(select(func.count()).select_from(listings)).scalar_one())


def load_listings(c: Connection, ids: Sequence[int]) -> list[StoredListing]:
    """The listings with these ids, by id; those that are not there are left out."""
    return [_as_stored(row) for row in c.execute(_stored().where(among(c, listings.c.id, ids)).order_by(listings.c.id))]


EXPORTED = (*(name for name in StoredListing.__slots__ if name != "listing"), "content")


def load_exported(c: Connection, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The listings with these ids, by id, each as the values of EXPORTED: its content stays packed."""
    rows = c.execute(_stored().where(among(c, listings.c.id, ids)).order_by(listings.c.id))
    return [tuple(getattr(row, name) for name in EXPORTED) for row in rows]


def read_exported(values: Sequence[Any]) -> StoredListing:
    """What `load_exported` gave, as a listing again."""
    named = dict(zip(EXPORTED, values, strict=True))
    return _as_stored(SimpleNamespace(**named | {"stage": Stage(named["stage"])}))


def screened_by(c: Connection, ids: Sequence[int]) -> dict[int, str]:
    """By which register, as its digest, each of some listings was screened last."""
    query = select(listings.c.id, listings.c.register_digest).where(among(c, listings.c.id, ids))
    return {row.id: row.register_digest for row in c.execute(query)}


def history(c: Connection, listing_id: int) -> tuple[Version, ...]:
    """All versions of a listing, oldest observation first."""
    v = listing_versions.c
    columns = (v.number, v.digest, v.observed_at, v.run_id, text_of(v.content))
    rows = c.execute(select(*columns).where(v.listing_id == listing_id).order_by(v.observed_at, v.number))
    return tuple(
        Version(
            number=row.number,
            listing=unpack(Listing, row.content),
            digest=row.digest,
            observed_at=row.observed_at,
            run_id=row.run_id,
        )
        for row in rows
    )


def price_history(c: Connection, listing_id: int) -> tuple[Price, ...]:
    """Prices and sales of a listing, oldest first."""
    rows = c.execute(select(prices).where(prices.c.listing_id == listing_id).order_by(prices.c.observed_at))
    return tuple(
        Price(observed_at=row.observed_at, price_fen=row.price_fen, currency=row.currency, sales=row.sales)
        for row in rows
    )


def stored_of(c: Connection, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some (platform, item id) pairs that are stored."""
    by_key = {listing_key(platform, item_id): (platform, item_id) for platform, item_id in keys}
    found = c.execute(_keys_stored(c.dialect.name), asked(c, list(by_key)))
    return {by_key[key] for key in found.scalars()}


@cache
def _keys_stored(dialect: str) -> Select[Any]:
    return select(listings.c.key).where(among_asked(dialect, listings.c.key))


def stored_in_run(c: Connection, run_id: int, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some (platform, item id) pairs that this run was the last to store: a slice run again skips them."""
    by_key = {listing_key(platform, item_id): (platform, item_id) for platform, item_id in keys}
    query = select(listings.c.key).where(among(c, listings.c.key, list(by_key)), listings.c.run_id == run_id)
    return {by_key[row.key] for row in c.execute(query)}
