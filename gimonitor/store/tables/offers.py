"""Who offers what: subjects, shops, listings, their versions and prices."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from gimonitor.model.finding import Stage
from gimonitor.store.columns import Day, JsonText, UTCDateTime, Word
from gimonitor.store.tables.base import Big, Digest, Key, metadata

subjects = Table(
    "subjects",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of the USCC, else of the name
    Column("uscc", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("area", Text, nullable=False),  # province, city, county of the address; the rest is not kept
    Column("first_seen", UTCDateTime, nullable=False),
)

shops = Table(
    "shops",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of the platform and its shop id, else the shop's name
    Column("platform", Text, nullable=False),
    Column("shop_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("subject_id", Big, ForeignKey("subjects.id"), index=True),
    Column("first_seen", UTCDateTime, nullable=False),
)


listings = Table(
    "listings",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of platform and item id
    Column("platform", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("shop_id", Big, ForeignKey("shops.id"), index=True),
    Column("price_fen", Big),
    Column("currency", Text, nullable=False),
    Column("sales", Big),
    Column("digest", Digest, nullable=False),  # of the newest version
    Column("version", Integer, nullable=False),  # number of the newest version by time of observation
    Column("versions", Integer, nullable=False),  # how many are kept
    Column("stage", Word(Stage), nullable=False),
    Column("screening", Integer, nullable=False),  # number of the newest kept screening, 0: none found anything
    Column("screening_digest", Digest, nullable=False),
    Column("screened_on", Day, nullable=False),
    Column("register_digest", Text, nullable=False),
    Column("first_seen", UTCDateTime, nullable=False),
    Column("last_seen", UTCDateTime, nullable=False),
    Column("gone_at", UTCDateTime),  # a recheck found the page gone
    Column("run_id", Big, ForeignKey("runs.id")),  # the run that saw it last
    Column("indexed", Integer, nullable=False, server_default="0"),  # version that `store.grams` holds
    Column("indexed_text", Big),  # a hash of what it holds of it
    Index("ix_listings_register", "register_digest", "id"),
)
_pending = listings.c.indexed != listings.c.version
Index("ix_listings_unindexed", listings.c.id, sqlite_where=_pending, postgresql_where=_pending)

listing_versions = Table(
    "listing_versions",
    metadata,
    Column("listing_id", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # in order of arrival
    Column("digest", Digest, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("observed_at", UTCDateTime, nullable=False),
    Column("run_id", Big, ForeignKey("runs.id")),
)

prices = Table(
    "prices",
    metadata,
    Column("listing_id", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("observed_at", UTCDateTime, primary_key=True),
    Column("price_fen", Big),
    Column("currency", Text, nullable=False),
    Column("sales", Big),
)
