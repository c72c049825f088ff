"""What was found: screenings, findings, clearings, leads and decisions."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from gimonitor.model.finding import Origin, Stage
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field
from gimonitor.store.columns import Day, JsonText, UTCDateTime, Word
from gimonitor.store.tables.base import Big, Digest, metadata

screenings = Table(
    "screenings",
    metadata,
    Column("listing_id", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),  # of the listing that was screened
    Column("stage", Word(Stage), nullable=False),
    Column("digest", Digest, nullable=False),
    Column("register_digest", Text, nullable=False),
    Column("day", Day, nullable=False),
    Column("run_id", Big, ForeignKey("runs.id")),
)

findings = Table(
    "findings",
    metadata,
    Column("listing_id", Big, primary_key=True, autoincrement=False),
    Column("screening", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("gi_id", Text, nullable=False),
    Column("model_id", Text, nullable=False, index=True),
    Column("model_version", Integer, nullable=False),
    Column("family", Text, nullable=False),
    Column("field", Word(Field), nullable=False),
    Column("origin", Word(Origin), nullable=False),
    Column("severity", Double, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("reminder", Boolean, nullable=False),  # guidance for an authorised user, never a lead
    Column("content", JsonText, nullable=False),
    ForeignKeyConstraint(["listing_id", "screening"], ["screenings.listing_id", "screenings.number"]),
)

clearings = Table(
    "clearings",
    metadata,
    Column("listing_id", Big, primary_key=True, autoincrement=False),
    Column("screening", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("gi_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("decisive", Boolean, nullable=False),
    Column("content", JsonText, nullable=False),
    ForeignKeyConstraint(["listing_id", "screening"], ["screenings.listing_id", "screenings.number"]),
)

leads = Table(
    "leads",
    metadata,
    Column("id", Big, primary_key=True),
    Column("listing_id", Big, ForeignKey("listings.id"), nullable=False),
    Column("gi_id", Text, nullable=False),
    Column("gi_name", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("shop_id", Big, ForeignKey("shops.id"), index=True),
    Column("state", Word(State), nullable=False),
    Column("resolution", Word(Resolution)),
    Column("version", Integer, nullable=False),  # counts decisions and changes of what is suspected
    Column("claimed_by", Text, nullable=False),
    Column("score", Double, nullable=False),
    Column("score_terms", JsonText, nullable=False),
    Column("reason", Text, nullable=False),  # the first finding's, for lists
    Column("digest", Digest, nullable=False),  # of the findings
    Column("raised", Boolean, nullable=False),  # False: the newest screening no longer says so
    Column("listing_version", Integer, nullable=False),
    Column("screening", Integer, nullable=False),  # the newest that raised it
    Column("run_id", Big, ForeignKey("runs.id"), index=True),  # that raised it first
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    Column("held_until", UTCDateTime),  # put aside; a change of what is suspected ends it
    Column("look_on", Day, index=True),  # the page of a sent lead is to be looked at again on this day
    UniqueConstraint("listing_id", "gi_id"),
    # each is read backwards for a page of the queue
    Index("ix_leads_all", "score", "id"),
    Index("ix_leads_state", "state", "score", "id"),
    Index("ix_leads_gi", "gi_id", "state", "score", "id"),
    Index("ix_leads_platform", "platform", "state", "score", "id"),
    Index("ix_leads_claimed", "claimed_by", "state", "score", "id"),
    Index("ix_leads_resolution", "resolution", "state", "score", "id"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Big, primary_key=True),
    Column("lead_id", Big, ForeignKey("leads.id"), nullable=False),
    Column("version", Integer, nullable=False),  # the lead's, after it
    Column("listing_version", Integer, nullable=False),  # what the person saw
    Column("at", UTCDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Word(State), nullable=False),
    Column("resolution", Word(Resolution)),
    Column("why", Text, nullable=False),
    Column("detail", JsonText, nullable=False, server_default="{}"),  # what the action needs beyond words
    UniqueConstraint("lead_id", "version"),
    Index("ix_decisions_action", "action", "at"),  # figures of a period, open questions
)
