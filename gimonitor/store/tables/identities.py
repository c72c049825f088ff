"""Who of the people logs in by another house's word (OpenID Connect), and as whom that house knows them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from gimonitor.store.columns import UTCDateTime
from gimonitor.store.tables.base import Big, Key, metadata

identities = Table(
    "identities",
    metadata,
    Column("key", Key, primary_key=True),  # of issuer and subject
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("person_id", Big, ForeignKey("people.id"), nullable=False, unique=True),
    Column("created_at", UTCDateTime, nullable=False),
)
