"""Views of the queue that people saved for themselves."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text, UniqueConstraint

from gimonitor.store.columns import UTCDateTime
from gimonitor.store.tables.base import Big, metadata

views = Table(
    "views",
    metadata,
    Column("id", Big, primary_key=True),
    Column("person_id", Big, ForeignKey("people.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),  # as in the queue's address
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("person_id", "name"),
)
