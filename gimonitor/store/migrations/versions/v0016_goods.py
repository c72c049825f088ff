"""Which goods a link gave, and with which other link of its run it shares its page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """What is told of a link is made of it."""
    op.add_column("coverage", sa.Column("goods", sa.Text(), nullable=True))
    op.add_column("coverage", sa.Column("same_as", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("coverage", "same_as")
    op.drop_column("coverage", "goods")
