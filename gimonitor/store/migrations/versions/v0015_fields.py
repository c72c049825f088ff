"""In how many listings of a query each field stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """What a night's verdict over fields is made of."""
    op.add_column("coverage", sa.Column("read", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("coverage", sa.Column("fields", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("coverage", "fields")
    op.drop_column("coverage", "read")
