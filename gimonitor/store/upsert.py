"""INSERT … ON CONFLICT, which SQLAlchemy spells differently for each engine, and small helpers for bulk work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = dict[str, Any]

LOOK_UP = 500
"""Keys in one IN list, well below what either engine takes."""

_MAX_INTEGER = 2**63 - 1


def insert_new(c: Connection, table: Table) -> Any:
    """An INSERT that leaves rows alone whose key is there already."""
    return _insert(c, table).on_conflict_do_nothing()


def upsert(c: Connection, table: Table, keys: Sequence[str]) -> Any:
    """An INSERT that replaces every other column where `keys` are there already."""
    statement = _insert(c, table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=others)


def _insert(c: Connection, table: Table) -> Any:
    return sqlite.insert(table) if c.dialect.name == "sqlite" else postgresql.insert(table)


def chunks(items: Sequence[T], size: int = LOOK_UP) -> Iterator[Sequence[T]]:
    """Pieces of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def whole(number: int | None) -> int | None:
    """`number`, or None where no database column holds it; the listing's own content keeps it as shown."""
    return number if number is None or abs(number) <= _MAX_INTEGER else None
