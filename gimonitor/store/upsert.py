"""Writing rows: INSERT … ON CONFLICT, which each engine spells its own way, and bulk work straight through the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Table, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from gimonitor.store.columns import dump_json

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


def insert_rows(
    c: Connection, table: Table, rows: Sequence[Row], *, keys: Sequence[str] = (), ignore: bool = False
) -> None:
    """Insert rows of one shape by the driver's executemany, which costs a third of what SQLAlchemy's statement does.

    With `keys`, a row whose keys are there already replaces it; with `ignore`, it is left out.
    """
    if not rows:
        return
    names = tuple(rows[0])
    marks = ", ".join([_mark(c.dialect)] * len(names))
    statement = f"INSERT INTO {table.name} ({_columns(names)}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    if ignore:
        statement += " ON CONFLICT DO NOTHING"
    elif keys:
        others = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
        statement += f" ON CONFLICT ({_columns(keys)}) DO UPDATE SET {others}"
    c.exec_driver_sql(statement, _parameters(c, table, names, rows))


def update_rows(c: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Update rows of one shape by their `id`, by the driver's executemany."""
    if not rows:
        return
    names = (*(name for name in rows[0] if name != "id"), "id")
    changes = ", ".join(f'"{name}" = {_mark(c.dialect)}' for name in names[:-1])
    statement = f"UPDATE {table.name} SET {changes} WHERE id = {_mark(c.dialect)}"  # noqa: S608 - names of our own tables
    c.exec_driver_sql(statement, _parameters(c, table, names, rows))


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.name == "sqlite" else "%s"


def _columns(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _parameters(c: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    coders = _coders(c.dialect, table, names)
    pick = itemgetter(*names)
    if not coders:
        return [pick(row) for row in rows]
    found = []
    for row in rows:
        values = list(pick(row))
        for place, coder in coders:
            values[place] = coder(values[place])
        found.append(tuple(values))
    return found


@cache
def _coders(dialect: Dialect, table: Table, names: tuple[str, ...]) -> list[tuple[int, Callable[[Any], Any]]]:
    """(place, coder) of the columns whose values the driver does not take as they are."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, name in enumerate(names):
        coder = table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
        if coder is not None:
            found.append((place, coder))
    return found


def among(c: Connection, column: ColumnElement[Any], values: Sequence[str] | Sequence[int]) -> ColumnElement[bool]:
    """`column IN values`, with all values as one parameter however many they are."""
    if c.dialect.name == "sqlite":
        return column.in_(select(func.json_each(dump_json(list(values))).table_valued("value").c.value))
    return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(column.type)))


def chunks(items: Sequence[T], size: int = LOOK_UP) -> Iterator[Sequence[T]]:
    """Pieces of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def whole(number: int | None) -> int | None:
    """`number`, or None where no database column holds it; the listing's own content keeps it as shown."""
    return number if number is None or abs(number) <= _MAX_INTEGER else None
