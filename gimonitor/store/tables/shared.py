"""Small records that processes of several machines change in turn."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from gimonitor.store.tables.base import metadata

shared_records = Table(
    "shared_records",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("text", Text, nullable=False),
)
