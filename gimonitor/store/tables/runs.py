"""Runs, their slices and the coverage of each query."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from gimonitor.model.run import BlockKind, RunState, SliceState
from gimonitor.store.columns import JsonText, UTCDateTime, Word
from gimonitor.store.tables.base import Big, Key, metadata

runs = Table(
    "runs",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("slot", String(64), unique=True),  # the night it is for: one run each, however many schedulers try
    Column("state", Word(RunState), nullable=False),
    Column("config", JsonText, nullable=False),
    Column("summary", Text, nullable=False),
    Column("started_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime),
)

slices = Table(
    "slices",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of run, source and queries
    Column("run_id", Big, ForeignKey("runs.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("queries", JsonText, nullable=False),
    Column("state", Word(SliceState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("leased_until", UTCDateTime),
    Column("detail", Text, nullable=False),
    Index("ix_slices_queue", "run_id", "state", "id"),
)

coverage = Table(
    "coverage",
    metadata,
    Column("key", Key, primary_key=True),  # of run, source and query
    Column("run_id", Big, ForeignKey("runs.id"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("pages_asked", Integer, nullable=False),
    Column("pages_answered", Integer, nullable=False),
    Column("announced", Big),
    Column("seen", Integer, nullable=False),
    Column("stored", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("cut_off", Boolean, nullable=False),
    Column("blocked", Word(BlockKind)),
    Column("detail", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("over_budget", Integer, nullable=False, server_default="0"),
    Column("unread", Integer, nullable=False, server_default="0"),
    Column("example", JsonText),  # the first response that was no answer, by its place in the archives
    Column("read", Integer, nullable=False, server_default="0"),
    Column("fields", JsonText),  # listings read in which each field stood
    Column("goods", JsonText),  # of a link: platform and item id of what its page gave
    Column("same_as", Text, nullable=False, server_default=""),  # the query whose page a link's is
)
