"""What officers keep beside leads: time-boxed ignores by seller and GI, and complaints and reports that came in."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from gimonitor.store.columns import Day, JsonText, UTCDateTime
from gimonitor.store.tables.base import Big, metadata

ignores = Table(
    "ignores",
    metadata,
    Column("id", Big, primary_key=True),
    Column("subject_id", Big, ForeignKey("subjects.id"), index=True),  # one of these two is set
    Column("shop_id", Big, ForeignKey("shops.id"), index=True),
    Column("gi_id", Text, nullable=False),
    Column("gi_name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("until", Day, nullable=False),  # the last day, in Beijing
    Column("ended_at", UTCDateTime),
    Column("ended_by", Text, nullable=False),
)

complaints = Table(
    "complaints",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", String(24), nullable=False),  # complaint 投诉, report 举报, tip 线索提示
    Column("source", String(24), nullable=False),
    Column("number", Text, nullable=False),  # at the source; who complained is kept there, not here
    Column("gi_id", Text, nullable=False),  # empty: not known yet
    Column("gi_name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    Column("due_on", Day, index=True),
    Column("who", Text, nullable=False),
    Column("answered_at", UTCDateTime),
    Column("answered_by", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("detail", JsonText, nullable=False),
)

complaint_leads = Table(
    "complaint_leads",
    metadata,
    Column("complaint_id", Big, ForeignKey("complaints.id"), primary_key=True, autoincrement=False),
    Column("lead_id", Big, ForeignKey("leads.id"), primary_key=True, autoincrement=False),
    Index("ix_complaint_leads_lead_id", "lead_id"),
)
