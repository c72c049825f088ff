"""What listings are judged by, as it was at each time: registers, versions of models, back-tests, and what a change did."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from gimonitor.model.finding import Stage
from gimonitor.store.columns import JsonText, UTCDateTime, Word
from gimonitor.store.tables.base import Big, Digest, metadata

registers = Table(
    "registers",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("shape", Text, nullable=False),  # of the program that wrote it; another one cannot read the content
    Column("content", LargeBinary, nullable=False),
    Column("used_at", UTCDateTime, nullable=False),
    Column("carried_to", Text, nullable=False),  # listings that bear this digest stand as this one would leave them
    Column("carried_by", Big, ForeignKey("runs.id")),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("id", Big, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("version", Integer, nullable=False),  # 0: a draft
    Column("state", String(24), nullable=False),  # draft, released, rolled_back, withdrawn
    Column("digest", Digest, nullable=False),  # of what it does; status, version and names do not count
    Column("text", Text, nullable=False),  # the rule file
    Column("author", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("reader", Text, nullable=False),
    Column("released_at", UTCDateTime),
    Column("backtest_id", Big, ForeignKey("backtests.id")),
    Index("ix_model_versions_model", "model_id", "id"),
)

backtests = Table(
    "backtests",
    metadata,
    Column("id", Big, primary_key=True),
    Column("candidate", Text, nullable=False),  # a model's id, or the name of a folder
    Column("digest", Digest, nullable=False, index=True),  # of the model, or of the whole candidate
    Column("current_digest", Text, nullable=False),  # of the register it was held against
    Column("who", Text, nullable=False),
    Column("started_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime),
    Column("last_listing", Big, nullable=False),  # how far it came
    Column("total", Big, nullable=False),
    Column("report", JsonText, nullable=False),
)

lead_changes = Table(
    "lead_changes",
    metadata,
    Column("id", Big, primary_key=True),
    Column("run_id", Big, ForeignKey("runs.id"), nullable=False),
    Column("lead_id", Big, ForeignKey("leads.id"), nullable=False, index=True),
    Column("gi_id", Text, nullable=False),
    Column("gi_name", Text, nullable=False),
    Column("kind", String(24), nullable=False),  # raised, reworded, higher, lower, withdrawn
    Column("before", Double),
    Column("after", Double),
    Column("reopened", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_lead_changes_run", "run_id", "gi_id"),
)

dropped_samples = Table(
    "dropped_samples",
    metadata,
    Column("id", Big, primary_key=True),
    Column("seed", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("population", JsonText, nullable=False),  # listings by stage, when it was drawn
    Column("who", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)

dropped_items = Table(
    "dropped_items",
    metadata,
    Column("sample_id", Big, ForeignKey("dropped_samples.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("listing_id", Big, ForeignKey("listings.id"), nullable=False),
    Column("version", Integer, nullable=False),  # of the listing, as it is shown to the reviewer
    Column("stage", Word(Stage), nullable=False),
    Column("verdict", String(24), nullable=False),  # "", right, wrong, unsure
    Column("gi_id", Text, nullable=False),  # over which it should have been suspected
    Column("why", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", UTCDateTime),
    Column("lead_id", Big, ForeignKey("leads.id")),
)
