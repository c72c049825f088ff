"""Evidence and what left the house: captures, packs, notices."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from gimonitor.store.columns import JsonText, UTCDateTime
from gimonitor.store.tables.base import Big, Digest, Key, metadata

captures = Table(
    "captures",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),
    Column("listing_id", Big, ForeignKey("listings.id"), nullable=False, index=True),
    Column("lead_id", Big, ForeignKey("leads.id"), index=True),
    Column("listing_version", Integer, nullable=False),
    Column("kind", Text, nullable=False),  # response, screenshot, html, mhtml, warc, environment, image
    Column("url", Text, nullable=False),
    Column("file", Text, nullable=False),  # relative to the evidence or archive folder
    Column("offset", Big),  # of the record in a WARC file
    Column("length", Big),
    Column("sha256", Digest, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("run_id", Big, ForeignKey("runs.id")),
    Column("detail", JsonText, nullable=False),
)

saved_files = Table(  # pages, pictures and recordings that people saved and handed in
    "saved_files",
    metadata,
    Column("id", Big, primary_key=True),
    Column("sha256", Digest, nullable=False, unique=True),
    Column("name", Text, nullable=False),  # as it was handed in
    Column("file", Text, nullable=False),  # relative to the evidence folder
    Column("size", Big, nullable=False),
    Column("container", Text, nullable=False),  # html, mhtml, har, warc, wacz, picture, recording …
    Column("at", UTCDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("run_id", Big, ForeignKey("runs.id"), nullable=False),
    Column("readings", JsonText, nullable=False),  # what each page in it gave: parser, listings, missing fields
)

packs = Table(
    "packs",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Digest, nullable=False, unique=True),
    Column("size", Big, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("detail", JsonText, nullable=False),
)

pack_leads = Table(
    "pack_leads",
    metadata,
    Column("pack_id", Big, ForeignKey("packs.id"), primary_key=True, autoincrement=False),
    Column("lead_id", Big, ForeignKey("leads.id"), primary_key=True, autoincrement=False, index=True),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Big, primary_key=True),
    Column("lead_id", Big, ForeignKey("leads.id"), nullable=False, index=True),
    Column("pack_id", Big, ForeignKey("packs.id")),
    Column("channel", Text, nullable=False),
    Column("sent_at", UTCDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("due_at", UTCDateTime, index=True),
    Column("withdrawn_at", UTCDateTime),
    Column("answered_at", UTCDateTime),
    Column("answer", Text, nullable=False),
    Column("detail", JsonText, nullable=False),
)
