"""Leads of other bureaus that came in signed files: what each said, beside the lead of ours over the same listing."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from gimonitor.store.columns import JsonText, UTCDateTime
from gimonitor.store.tables.base import Big, Digest, Key, metadata

shared_leads = Table(
    "shared_leads",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of the sender's key, platform, item id and GI
    Column("sender", Digest, nullable=False),  # the sender's public key
    Column("origin", Text, nullable=False),  # the name that key is trusted under
    Column("number", Big, nullable=False),  # of the lead at the sender's
    Column("lead_id", Big, ForeignKey("leads.id"), nullable=False, index=True),
    Column("made", UTCDateTime, nullable=False),  # of the file it came in; a later one takes its place
    Column("received_at", UTCDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("bundle", Digest, nullable=False),  # SHA-256 of the file
    Column("content", JsonText, nullable=False),  # as it came
)
