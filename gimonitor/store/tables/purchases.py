"""Test purchases, and every hand the goods went through."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from gimonitor.store.columns import UTCDateTime
from gimonitor.store.tables.base import Big, Digest, metadata

purchases = Table(
    "purchases",
    metadata,
    Column("id", Big, primary_key=True),
    Column("lead_id", Big, ForeignKey("leads.id"), nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("account", Text, nullable=False),  # of the buyer at the platform, the house's own
    Column("order_number", Text, nullable=False),
    Column("goods", Text, nullable=False),
    Column("paid_fen", Integer),
    Column("created_at", UTCDateTime, nullable=False),
)

purchase_steps = Table(
    "purchase_steps",
    metadata,
    Column("id", Big, primary_key=True),
    Column("purchase_id", Big, ForeignKey("purchases.id"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1, without a gap
    Column("at", UTCDateTime, nullable=False),
    Column("act", String(24), nullable=False),
    Column("giver", Text, nullable=False),
    Column("holder", Text, nullable=False),  # who has the goods from then on
    Column("place", Text, nullable=False),
    Column("seal", Text, nullable=False),  # number of the seal on the goods
    Column("note", Text, nullable=False),
    Column("sha256", Digest, nullable=False),  # of a document of the document store, or empty
    Column("who", Text, nullable=False),
    UniqueConstraint("purchase_id", "number"),
)
