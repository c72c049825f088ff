"""Small records that processes of several machines change in turn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The table of shared records."""
    op.create_table(
        "shared_records",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_shared_records"),
    )


def downgrade() -> None:
    """Take it away; the day's counts begin anew."""
    op.drop_table("shared_records")
