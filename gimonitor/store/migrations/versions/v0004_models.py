"""Registers as they were, versions of models, back-tests, re-screening and its index, samples of what was dropped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

GRAMS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE listing_grams USING fts5(body, content='', detail=none, columnsize=0, tokenize='ascii')",
    ),
    "postgresql": (
        "CREATE TABLE listing_grams (listing_id BIGINT PRIMARY KEY REFERENCES listings(id), grams INTEGER[] NOT NULL)",
        "CREATE INDEX ix_listing_grams_grams ON listing_grams USING gin (grams)",
    ),
}


def upgrade() -> None:
    """Two columns, two indexes, the index of characters of the engine, and six tables."""
    op.add_column("listings", sa.Column("indexed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("listings", sa.Column("indexed_text", BIG, nullable=True))
    pending = sa.text("indexed <> version")
    op.create_index("ix_listings_unindexed", "listings", ["id"], sqlite_where=pending, postgresql_where=pending)
    op.create_index("ix_listings_register", "listings", ["register_digest", "id"])
    for statement in GRAMS[op.get_bind().dialect.name]:
        op.execute(statement)
    _registers()
    _models()
    _changes()
    _dropped()


def _registers() -> None:
    op.create_table(
        "registers",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.Column("carried_to", sa.Text(), nullable=False),
        sa.Column("carried_by", BIG, nullable=True),
        sa.ForeignKeyConstraint(["carried_by"], ["runs.id"], name="fk_registers_carried_by"),
        sa.PrimaryKeyConstraint("digest", name="pk_registers"),
    )


def _models() -> None:
    op.create_table(
        "backtests",
        sa.Column("id", BIG, nullable=False),
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("current_digest", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("last_listing", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_backtests"),
    )
    op.create_index("ix_backtests_digest", "backtests", ["digest"])
    op.create_table(
        "model_versions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("released_at", TIME, nullable=True),
        sa.Column("backtest_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["backtest_id"], ["backtests.id"], name="fk_model_versions_backtest_id"),
        sa.PrimaryKeyConstraint("id", name="pk_model_versions"),
    )
    op.create_index("ix_model_versions_model", "model_versions", ["model_id", "id"])


def _changes() -> None:
    op.create_table(
        "lead_changes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("lead_id", BIG, nullable=False),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("gi_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("before", sa.Double(), nullable=True),
        sa.Column("after", sa.Double(), nullable=True),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_lead_changes_run_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_lead_changes_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lead_changes"),
    )
    op.create_index("ix_lead_changes_run", "lead_changes", ["run_id", "gi_id"])
    op.create_index("ix_lead_changes_lead_id", "lead_changes", ["lead_id"])


def _dropped() -> None:
    op.create_table(
        "dropped_samples",
        sa.Column("id", BIG, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dropped_samples"),
    )
    op.create_table(
        "dropped_items",
        sa.Column("sample_id", BIG, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=True),
        sa.Column("lead_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["sample_id"], ["dropped_samples.id"], name="fk_dropped_items_sample_id"),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_dropped_items_listing_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_dropped_items_lead_id"),
        sa.PrimaryKeyConstraint("sample_id", "position", name="pk_dropped_items"),
    )


def downgrade() -> None:
    """Take it all back: what was remembered is lost, listings and leads stay."""
    for table in (
        *("dropped_items", "dropped_samples", "lead_changes", "model_versions", "backtests", "registers"),
        "listing_grams",
    ):
        op.drop_table(table)
    op.drop_index("ix_listings_register", "listings")
    op.drop_index("ix_listings_unindexed", "listings")
    op.drop_column("listings", "indexed_text")
    op.drop_column("listings", "indexed")
