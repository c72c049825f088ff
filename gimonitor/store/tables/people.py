"""People, their sessions, the tokens of their programs, and what they did."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from gimonitor.store.columns import JsonText, UTCDateTime
from gimonitor.store.tables.base import Big, Digest, metadata

people = Table(
    "people",
    metadata,
    Column("id", Big, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("areas", JsonText, nullable=False),  # adcode prefixes this person sees; empty: all
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", UTCDateTime),
    Column("created_at", UTCDateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Digest, primary_key=True),
    Column("person_id", Big, ForeignKey("people.id"), nullable=False, index=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Big, primary_key=True),
    Column("token_hash", Digest, nullable=False, unique=True),
    Column("person_id", Big, ForeignKey("people.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),  # what it is for
    Column("roles", JsonText, nullable=False),  # of the person's; empty: all
    Column("areas", JsonText, nullable=False),  # within the person's; empty: all
    Column("created_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False),
    Column("used_at", UTCDateTime),
    Column("revoked_at", UTCDateTime),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # without a gap
    Column("at", UTCDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", JsonText, nullable=False),
    Column("previous", Digest, nullable=False),
    Column("hash", Digest, nullable=False),
)
