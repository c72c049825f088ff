"""The first schema: everything of issue 2, with room for what the officers' application needs later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

SEARCH = {
    "sqlite": ("CREATE VIRTUAL TABLE listing_search USING fts5(body, tokenize='ascii')",),
    "postgresql": (
        "CREATE TABLE listing_search (listing_id BIGINT PRIMARY KEY REFERENCES listings(id), body TSVECTOR NOT NULL)",
        "CREATE INDEX ix_listing_search_body ON listing_search USING gin (body)",
    ),
}
APPEND_ONLY = ("decisions", "audit")


def upgrade() -> None:
    """Create every table, the full-text index of the engine, and the refusal to change what is append-only."""
    _create_tables()
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    refuse = _refuse_on_sqlite if op.get_bind().dialect.name == "sqlite" else _refuse_on_postgresql
    refuse()


def _refuse_on_sqlite() -> None:
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """There is nothing before the first schema; take the database away instead."""
    raise NotImplementedError("the first schema cannot be taken back")


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_table(
        "packs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_packs"),
        sa.UniqueConstraint("sha256", name="uq_packs_sha256"),
    )
    op.create_table(
        "people",
        sa.Column("id", BIG, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("login", name="uq_people_login"),
    )
    op.create_table(
        "runs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("slot", name="uq_runs_slot"),
    )
    op.create_table(
        "subjects",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subjects"),
        sa.UniqueConstraint("key", name="uq_subjects_key"),
    )
    op.create_table(
        "coverage",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("pages_asked", sa.Integer(), nullable=False),
        sa.Column("pages_answered", sa.Integer(), nullable=False),
        sa.Column("announced", BIG, nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.String(24), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_coverage_run_id"),
        sa.PrimaryKeyConstraint("key", name="pk_coverage"),
    )
    op.create_index("ix_coverage_run_id", "coverage", ["run_id"])
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_table(
        "shops",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("first_seen", TIME, nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name="fk_shops_subject_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shops"),
        sa.UniqueConstraint("key", name="uq_shops_key"),
    )
    op.create_index("ix_shops_subject_id", "shops", ["subject_id"])
    op.create_table(
        "slices",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("queries", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_slices_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_slices"),
        sa.UniqueConstraint("key", name="uq_slices_key"),
    )
    op.create_index("ix_slices_queue", "slices", ["run_id", "state", "id"])
    op.create_table(
        "listings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("price_fen", BIG, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sales", BIG, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("screening", sa.Integer(), nullable=False),
        sa.Column("screening_digest", sa.String(length=64), nullable=False),
        sa.Column("screened_on", sa.Date(), nullable=False),
        sa.Column("register_digest", sa.Text(), nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("gone_at", TIME, nullable=True),
        sa.Column("run_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_listings_run_id"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_listings_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_listings"),
        sa.UniqueConstraint("key", name="uq_listings_key"),
    )
    op.create_index("ix_listings_shop_id", "listings", ["shop_id"])
    op.create_table(
        "leads",
        sa.Column("id", BIG, nullable=False),
        sa.Column("listing_id", BIG, nullable=False),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("gi_name", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("resolution", sa.String(24), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("score_terms", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("listing_version", sa.Integer(), nullable=False),
        sa.Column("screening", sa.Integer(), nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_leads_listing_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_leads_run_id"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_leads_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sa.UniqueConstraint("listing_id", "gi_id", name="uq_leads_listing_id_gi_id"),
    )
    op.create_index("ix_leads_all", "leads", ["score", "id"])
    op.create_index("ix_leads_claimed", "leads", ["claimed_by", "state", "score", "id"])
    op.create_index("ix_leads_gi", "leads", ["gi_id", "state", "score", "id"])
    op.create_index("ix_leads_platform", "leads", ["platform", "state", "score", "id"])
    op.create_index("ix_leads_resolution", "leads", ["resolution", "state", "score", "id"])
    op.create_index("ix_leads_run_id", "leads", ["run_id"])
    op.create_index("ix_leads_shop_id", "leads", ["shop_id"])
    op.create_index("ix_leads_state", "leads", ["state", "score", "id"])
    op.create_table(
        "listing_versions",
        sa.Column("listing_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("observed_at", TIME, nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_listing_versions_listing_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_listing_versions_run_id"),
        sa.PrimaryKeyConstraint("listing_id", "number", name="pk_listing_versions"),
    )
    op.create_table(
        "prices",
        sa.Column("listing_id", BIG, autoincrement=False, nullable=False),
        sa.Column("observed_at", TIME, nullable=False),
        sa.Column("price_fen", BIG, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sales", BIG, nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_prices_listing_id"),
        sa.PrimaryKeyConstraint("listing_id", "observed_at", name="pk_prices"),
    )
    op.create_table(
        "screenings",
        sa.Column("listing_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("register_digest", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_screenings_listing_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_screenings_run_id"),
        sa.PrimaryKeyConstraint("listing_id", "number", name="pk_screenings"),
    )
    op.create_table(
        "captures",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("listing_id", BIG, nullable=False),
        sa.Column("lead_id", BIG, nullable=True),
        sa.Column("listing_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", BIG, nullable=True),
        sa.Column("length", BIG, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_captures_lead_id"),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_captures_listing_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_captures_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.UniqueConstraint("key", name="uq_captures_key"),
    )
    op.create_index("ix_captures_lead_id", "captures", ["lead_id"])
    op.create_index("ix_captures_listing_id", "captures", ["listing_id"])
    op.create_table(
        "clearings",
        sa.Column("listing_id", BIG, autoincrement=False, nullable=False),
        sa.Column("screening", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("decisive", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id", "screening"],
            ["screenings.listing_id", "screenings.number"],
            name="fk_clearings_listing_id_screening",
        ),
        sa.PrimaryKeyConstraint("listing_id", "screening", "position", name="pk_clearings"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("lead_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("listing_version", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("resolution", sa.String(24), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_decisions_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("lead_id", "version", name="uq_decisions_lead_id_version"),
    )
    op.create_index("ix_decisions_action", "decisions", ["action", "at"])
    op.create_table(
        "findings",
        sa.Column("listing_id", BIG, autoincrement=False, nullable=False),
        sa.Column("screening", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("field", sa.String(24), nullable=False),
        sa.Column("origin", sa.String(24), nullable=False),
        sa.Column("severity", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("reminder", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id", "screening"],
            ["screenings.listing_id", "screenings.number"],
            name="fk_findings_listing_id_screening",
        ),
        sa.PrimaryKeyConstraint("listing_id", "screening", "position", name="pk_findings"),
    )
    op.create_index("ix_findings_model_id", "findings", ["model_id"])
    op.create_table(
        "notices",
        sa.Column("id", BIG, nullable=False),
        sa.Column("lead_id", BIG, nullable=False),
        sa.Column("pack_id", BIG, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sent_at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_notices_lead_id"),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name="fk_notices_pack_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_due_at", "notices", ["due_at"])
    op.create_index("ix_notices_lead_id", "notices", ["lead_id"])
    op.create_table(
        "pack_leads",
        sa.Column("pack_id", BIG, autoincrement=False, nullable=False),
        sa.Column("lead_id", BIG, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_pack_leads_lead_id"),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name="fk_pack_leads_pack_id"),
        sa.PrimaryKeyConstraint("pack_id", "lead_id", name="pk_pack_leads"),
    )
    op.create_index("ix_pack_leads_lead_id", "pack_leads", ["lead_id"])
