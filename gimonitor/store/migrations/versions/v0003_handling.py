"""Handling: leads put aside, structured decisions, ignores, complaints that came in, samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two columns and five tables."""
    op.add_column("leads", sa.Column("held_until", TIME, nullable=True))
    op.add_column("decisions", sa.Column("detail", sa.Text(), nullable=False, server_default="{}"))
    _ignores()
    _complaints()
    _samples()


def _ignores() -> None:
    op.create_table(
        "ignores",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("gi_name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name="fk_ignores_subject_id"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_ignores_shop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ignores"),
    )
    op.create_index("ix_ignores_subject_id", "ignores", ["subject_id"])
    op.create_index("ix_ignores_shop_id", "ignores", ["shop_id"])


def _complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("gi_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_complaints"),
    )
    op.create_index("ix_complaints_due_on", "complaints", ["due_on"])
    op.create_table(
        "complaint_leads",
        sa.Column("complaint_id", BIG, autoincrement=False, nullable=False),
        sa.Column("lead_id", BIG, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name="fk_complaint_leads_complaint_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_complaint_leads_lead_id"),
        sa.PrimaryKeyConstraint("complaint_id", "lead_id", name="pk_complaint_leads"),
    )
    op.create_index("ix_complaint_leads_lead_id", "complaint_leads", ["lead_id"])


def _samples() -> None:
    op.create_table(
        "samples",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("gi_id", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("strata", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous_id", BIG, nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["previous_id"], ["samples.id"], name="fk_samples_previous_id"),
        sa.PrimaryKeyConstraint("id", name="pk_samples"),
    )
    op.create_table(
        "sample_items",
        sa.Column("sample_id", BIG, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing_id", BIG, nullable=True),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("result", sa.String(24), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name="fk_sample_items_sample_id"),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_sample_items_listing_id"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_sample_items_shop_id"),
        sa.PrimaryKeyConstraint("sample_id", "position", name="pk_sample_items"),
    )


def downgrade() -> None:
    """Take tables and columns away; what they hold is lost."""
    for table in ("sample_items", "samples", "complaint_leads", "complaints", "ignores"):
        op.drop_table(table)
    op.drop_column("decisions", "detail")
    op.drop_column("leads", "held_until")
