"""When a notice was taken back, beside its term: what fell due before stays due."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa
from alembic import op

from gimonitor.model.zone import BEIJING
from gimonitor.register.calendar import MAX_WORKDAYS, add_workdays
from gimonitor.store.columns import JsonText, UTCDateTime

revision = "0017"
down_revision = "0016"

_NOTICES = sa.table(
    "notices",
    sa.column("id", sa.BigInteger),
    sa.column("sent_at", UTCDateTime),
    sa.column("due_at", UTCDateTime),
    sa.column("withdrawn_at", UTCDateTime),
    sa.column("detail", JsonText),
)


def upgrade() -> None:
    """A notice that was taken back gets its term again, and the day on which it was taken back."""
    op.add_column("notices", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    c = op.get_bind()
    n = _NOTICES.c
    held = sa.type_coerce(n.detail, sa.Text).contains('"withdrawn":')
    for notice_id, sent_at, detail in c.execute(sa.select(n.id, n.sent_at, n.detail).where(held)).all():
        day = datetime.combine(date.fromisoformat(detail["withdrawn"]), time(12), BEIJING)
        values = {"withdrawn_at": day, "due_at": _term(sent_at, int(detail.get("workdays", 0)))}
        c.execute(sa.update(_NOTICES).where(n.id == notice_id).values(values))


def _term(sent_at: datetime, workdays: int) -> datetime | None:
    """The end of the last working day, as when the notice was sent; None where nothing tells."""
    if not 1 <= workdays <= MAX_WORKDAYS:
        return None
    return datetime.combine(add_workdays(sent_at.astimezone(BEIJING).date(), workdays), time(23, 59, 59), BEIJING)


def downgrade() -> None:
    """Take it away; a notice that was taken back has no term again."""
    op.get_bind().execute(sa.update(_NOTICES).where(_NOTICES.c.withdrawn_at.is_not(None)).values(due_at=None))
    op.drop_column("notices", "withdrawn_at")
