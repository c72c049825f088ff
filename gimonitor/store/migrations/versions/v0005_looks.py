"""The day on which a sent lead's page is looked at again stands with the lead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """One column and its index; leads sent before get their day at their next look by hand."""
    op.add_column("leads", sa.Column("look_on", sa.Date(), nullable=True))
    op.create_index("ix_leads_look_on", "leads", ["look_on"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_leads_look_on", "leads")
    op.drop_column("leads", "look_on")
