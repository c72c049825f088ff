"""What a query's record tells more of, and files that people saved and handed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Three columns of coverage, and the table of saved files."""
    op.add_column("coverage", sa.Column("over_budget", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("coverage", sa.Column("unread", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("coverage", sa.Column("example", sa.Text(), nullable=True))
    op.create_table(
        "saved_files",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("readings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_saved_files_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_files"),
        sa.UniqueConstraint("sha256", name="uq_saved_files_sha256"),
    )


def downgrade() -> None:
    """Take them away; which files were handed in is lost, the files stay."""
    op.drop_table("saved_files")
    for name in ("example", "unread", "over_budget"):
        op.drop_column("coverage", name)
