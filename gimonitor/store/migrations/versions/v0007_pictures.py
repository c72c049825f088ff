"""Pictures of listings, what was seen in them, and the findings that follow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add three tables."""
    op.create_table(
        "pictures",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("look_version", sa.Integer(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_pictures"),
    )
    op.create_index("ix_pictures_queue", "pictures", ["state", "queued_at", "digest"])
    op.create_table(
        "picture_uses",
        sa.Column("listing_id", BIG, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_picture_uses_listing_id"),
        sa.ForeignKeyConstraint(["digest"], ["pictures.digest"], name="fk_picture_uses_digest"),
        sa.PrimaryKeyConstraint("listing_id", "digest", name="pk_picture_uses"),
    )
    op.create_index("ix_picture_uses_digest", "picture_uses", ["digest"])
    op.create_table(
        "picture_findings",
        sa.Column("listing_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reminder", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_picture_findings_listing_id"),
        sa.PrimaryKeyConstraint("listing_id", "position", name="pk_picture_findings"),
    )


def downgrade() -> None:
    """Take them away; what was seen in pictures is lost."""
    op.drop_table("picture_findings")
    op.drop_index("ix_picture_uses_digest", "picture_uses")
    op.drop_table("picture_uses")
    op.drop_index("ix_pictures_queue", "pictures")
    op.drop_table("pictures")
