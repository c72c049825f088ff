"""抽查: what was drawn from what, and what each item showed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from gimonitor.store.columns import JsonText, UTCDateTime
from gimonitor.store.tables.base import Big, Digest, metadata

samples = Table(
    "samples",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", String(24), nullable=False),  # listings, sellers
    Column("name", Text, nullable=False),
    Column("plan", JsonText, nullable=False),  # population, strata, ratio, frequency, checklist
    Column("gi_id", Text, nullable=False),  # whose area the sample belongs to; empty: no one GI
    Column("seed", Text, nullable=False),
    Column("population", Integer, nullable=False),
    Column("strata", JsonText, nullable=False),  # population of each
    Column("digest", Digest, nullable=False),  # of what was drawn, in order
    Column("previous_id", Big, ForeignKey("samples.id")),
    Column("who", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)

sample_items = Table(
    "sample_items",
    metadata,
    Column("sample_id", Big, ForeignKey("samples.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("listing_id", Big, ForeignKey("listings.id")),
    Column("shop_id", Big, ForeignKey("shops.id")),
    Column("stratum", Text, nullable=False),
    Column("officer", Text, nullable=False),  # drawn by lot for sellers, else empty
    Column("result", String(24)),
    Column("note", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", UTCDateTime),
)
