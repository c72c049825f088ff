"""Test purchases with their chain of custody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "purchases",
        sa.Column("id", BIG, nullable=False),
        sa.Column("lead_id", BIG, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("goods", sa.Text(), nullable=False),
        sa.Column("paid_fen", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_purchases_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_purchases"),
    )
    op.create_index("ix_purchases_lead_id", "purchases", ["lead_id"])
    op.create_table(
        "purchase_steps",
        sa.Column("id", BIG, nullable=False),
        sa.Column("purchase_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchases.id"], name="fk_purchase_steps_purchase_id"),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_steps"),
        sa.UniqueConstraint("purchase_id", "number", name="uq_purchase_steps_purchase_id_number"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("purchase_steps")
    op.drop_table("purchases")
