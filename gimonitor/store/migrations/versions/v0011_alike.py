"""Which pictures are near-duplicates of each other stands with the pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """One column and its index; it is filled when pictures are looked through the next time."""
    op.add_column("pictures", sa.Column("alike", sa.String(64), nullable=True))
    op.create_index("ix_pictures_alike", "pictures", ["alike"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_pictures_alike", "pictures")
    op.drop_column("pictures", "alike")
