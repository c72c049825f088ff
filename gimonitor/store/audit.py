"""Who did what: rows chained by hash, which the database refuses to change or delete.

An edit, a gap or an insertion breaks the chain at its row. Cutting or rewriting the tail does not: that is seen only
against a head that was anchored outside, which is what `audit_head` is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, func, insert, select, text, type_coerce

from gimonitor.store.columns import clean_text, dump_json
from gimonitor.store.database import utc_now
from gimonitor.store.tables import audit

FIRST = "0" * 64
"""What the first row points back to."""

ERASURE = "store.erase"
"""The action of an erasure on request."""

_LOCK = 7116103
_CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act: who did what to which object, with what else is worth knowing."""

    id: int
    at: datetime
    who: str
    action: str
    object: str
    detail: dict[str, Any]
    previous: str
    hash: str


def append_audit(
    c: Connection, who: str, action: str, obj: str, detail: dict[str, Any], *, at: datetime | None = None
) -> int:
    """Append an entry inside the caller's transaction, so that the act and its record stand or fall together."""
    take_turn(c)
    last = audit_head(c)
    row = {
        "id": last[0] + 1,
        "at": (at or utc_now()).astimezone(UTC),
        "who": clean_text(who),
        "action": clean_text(action),
        "object": clean_text(obj),
        "detail": dump_json(detail),
        "previous": last[1],
    }
    c.execute(insert(audit).values(row | {"hash": _hash(row), "detail": detail}))
    return last[0] + 1


def take_turn(c: Connection) -> None:
    """Wait until nobody else writes what the audit keeps, and hold that until the transaction ends."""
    if c.dialect.name == "postgresql":  # on SQLite every write already is alone
        c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _hash(row: dict[str, Any] | RowMapping) -> str:
    """Over every column; `detail` as the very text that is stored."""
    said = [row[name] for name in ("previous", "id", "who", "action", "object", "detail")]
    return hashlib.sha256(dump_json([row["at"].isoformat(timespec="microseconds"), *said]).encode()).hexdigest()


def audit_head(c: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry, (0, zeros) when there is none: what to anchor outside."""
    row = c.execute(select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).first()
    return (row.id, row.hash) if row else (0, FIRST)


def verify_audit(c: Connection, anchor: tuple[int, str] | None = None) -> int | None:
    """Number of the first entry that is not as it was written or is missing; None when all is well.

    With an `anchor` that `audit_head` once gave, a tail cut off or rewritten is found too.
    """
    previous, expected = FIRST, 1
    for row in _rows(c):
        if row["id"] != expected or row["previous"] != previous or row["hash"] != _hash(row):
            return expected
        if anchor and anchor[0] == expected and anchor[1] != row["hash"]:
            return expected
        previous, expected = row["hash"], expected + 1
    return expected if anchor and anchor[0] >= expected else None


def _rows(c: Connection) -> Iterator[RowMapping]:
    """All rows from the lowest number on, `detail` as text."""
    columns = [type_coerce(audit.c.detail, Text).label("detail"), *(col for col in audit.c if col.name != "detail")]
    lowest = c.execute(select(func.min(audit.c.id))).scalar()
    after = (1 if lowest is None else lowest) - 1
    while True:
        query = select(*columns).where(audit.c.id > after).order_by(audit.c.id).limit(_CHUNK)
        rows = c.execute(query).mappings().all()
        if not rows:
            return
        yield from rows
        after = rows[-1]["id"]


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(**{name: row[name] for name in AuditEntry.__slots__})


def last_audit(c: Connection, action: str) -> int:
    """Number of the newest entry with an action, 0 where there is none."""
    return int(c.execute(select(func.max(audit.c.id)).where(audit.c.action == action)).scalar() or 0)


def audited(c: Connection, action: str) -> tuple[AuditEntry, ...]:
    """All entries with an action, the oldest first."""
    query = select(audit).where(audit.c.action == action).order_by(audit.c.id)
    return tuple(_entry(row) for row in c.execute(query).mappings())


def latest_audit(
    c: Connection,
    limit: int = 200,
    before: int | None = None,
    obj: str | None = None,
    who: Collection[str] | None = None,
) -> tuple[AuditEntry, ...]:
    """Entries, the newest first; of one object, before a number, and by some people, where given."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if obj is not None:
        query = query.where(audit.c.object == obj)
    if who is not None:
        query = query.where(audit.c.who.in_(who))
    return tuple(_entry(row) for row in c.execute(query).mappings())
