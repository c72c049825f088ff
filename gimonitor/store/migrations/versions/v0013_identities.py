"""People who log in by the word of another house."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The table of identities."""
    op.create_table(
        "identities",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_identities_person_id"),
        sa.PrimaryKeyConstraint("key", name="pk_identities"),
        sa.UniqueConstraint("person_id", name="uq_identities_person_id"),
    )


def downgrade() -> None:
    """Take it away; the people stay, and can be given a password."""
    op.drop_table("identities")
