"""Pictures of listings: each looked at once by its digest, whoever shows it, and what follows for the listings."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from gimonitor.model.picture import PictureState
from gimonitor.store.columns import JsonText, UTCDateTime, Word
from gimonitor.store.tables.base import Big, Digest, metadata

pictures = Table(
    "pictures",
    metadata,
    Column("digest", Digest, primary_key=True),  # SHA-256 of the bytes
    Column("file", Text, nullable=False),  # relative to the evidence folder
    Column("state", Word(PictureState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("leased_until", UTCDateTime),
    Column("look_version", Integer, nullable=False),
    Column("look", JsonText, nullable=False),  # a Look of gimonitor.imaging in its JSON form
    Column("fingerprint", JsonText, nullable=False),
    Column("alike", Digest, index=True),  # the group of near-duplicates it belongs to: the digest of one of them
    Column("problem", Text, nullable=False),
    Column("queued_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime),
    Index("ix_pictures_queue", "state", "queued_at", "digest"),
)

picture_uses = Table(
    "picture_uses",
    metadata,
    Column("listing_id", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("digest", Digest, ForeignKey("pictures.digest"), primary_key=True, index=True),
    Column("url", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),  # the page that shows it was first seen
)

picture_findings = Table(
    "picture_findings",
    metadata,
    Column("listing_id", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("reminder", Boolean, nullable=False),  # guidance for an authorised user, never a lead
    Column("content", JsonText, nullable=False),
)
