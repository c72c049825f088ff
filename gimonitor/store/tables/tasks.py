"""What a person has to do because a machine may not."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from gimonitor.model.task import TaskKind
from gimonitor.store.columns import JsonText, UTCDateTime, Word
from gimonitor.store.tables.base import Big, metadata

tasks = Table(
    "tasks",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", Word(TaskKind), nullable=False),
    Column("source", String(64), nullable=False),
    Column("platform", Text, nullable=False),
    Column("queries", JsonText, nullable=False),
    Column("url", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("run_id", Big, ForeignKey("runs.id")),
    Column("created_at", UTCDateTime, nullable=False),
    Column("changed_at", UTCDateTime, nullable=False),
    Column("closed_at", UTCDateTime),
    Column("closed_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_tasks_source", "source", "closed_at"),
)
