"""Every table of the store. Long text is never indexed: a `key` is a short hash of what identifies a row.

The full-text table `listing_search` differs by engine and belongs to `gimonitor.store.search`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from gimonitor.model.finding import Origin, Stage
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field
from gimonitor.model.run import BlockKind, RunState, SliceState
from gimonitor.store.columns import Day, JsonText, UTCDateTime, Word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Big = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where the type is INTEGER
Key = String(32)
Digest = String(64)

# --- who offers -----------------------------------------------------------------------------------------------------

subjects = Table(
    "subjects",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of the USCC, else of the name
    Column("uscc", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("area", Text, nullable=False),  # province, city, county of the address; the rest is not kept
    Column("first_seen", UTCDateTime, nullable=False),
)

shops = Table(
    "shops",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of the platform and its shop id, else the shop's name
    Column("platform", Text, nullable=False),
    Column("shop_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("subject_id", Big, ForeignKey("subjects.id"), index=True),
    Column("first_seen", UTCDateTime, nullable=False),
)

# --- what is offered ------------------------------------------------------------------------------------------------

listings = Table(
    "listings",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", Key, nullable=False, unique=True),  # of platform and item id
    Column("platform", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("shop_id", Big, ForeignKey("shops.id"), index=True),
    Column("price_fen", Big),
    Column("currency", Text, nullable=False),
    Column("sales", Big),
    Column("digest", Digest, nullable=False),  # of the newest version
    Column("version", Integer, nullable=False),  # number of the newest version by time of observation
    Column("versions", Integer, nullable=False),  # how many are kept
    Column("stage", Word(Stage), nullable=False),
    Column("screening", Integer, nullable=False),  # number of the newest kept screening, 0: none found anything
    Column("screening_digest", Digest, nullable=False),
    Column("screened_on", Day, nullable=False),
    Column("register_digest", Text, nullable=False),
    Column("first_seen", UTCDateTime, nullable=False),
    Column("last_seen", UTCDateTime, nullable=False),
    Column("gone_at", UTCDateTime),  # a recheck found the page gone
    Column("run_id", Big, ForeignKey("runs.id")),  # the run that saw it last
)

listing_versions = Table(
    "listing_versions",
    metadata,
    Column("listing_id", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # in order of arrival
    Column("digest", Digest, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("observed_at", UTCDateTime, nullable=False),
    Column("run_id", Big, ForeignKey("runs.id")),
)

prices = Table(
    "prices",
    metadata,
    Column("listing_id", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("observed_at", UTCDateTime, primary_key=True),
    Column("price_fen", Big),
    Column("currency", Text, nullable=False),
    Column("sales", Big),
)

# --- what was found -------------------------------------------------------------------------------------------------

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
    UniqueConstraint("lead_id", "version"),
    Index("ix_decisions_action", "action", "at"),  # figures of a period, open questions
)

# --- evidence and what left the house -------------------------------------------------------------------------------

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
    Column("answered_at", UTCDateTime),
    Column("answer", Text, nullable=False),
    Column("detail", JsonText, nullable=False),
)

# --- runs -----------------------------------------------------------------------------------------------------------

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
)

# --- people and what they did ---------------------------------------------------------------------------------------

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

APPEND_ONLY = ("decisions", "audit")
