"""Leads of other bureaus, as they came in signed files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The table of shared leads."""
    op.create_table(
        "shared_leads",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("lead_id", BIG, nullable=False),
        sa.Column("made", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("bundle", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_shared_leads_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shared_leads"),
        sa.UniqueConstraint("key", name="uq_shared_leads_key"),
    )
    op.create_index("ix_shared_leads_lead_id", "shared_leads", ["lead_id"])


def downgrade() -> None:
    """Take it away; what other bureaus said is lost, our leads stay."""
    op.drop_table("shared_leads")
