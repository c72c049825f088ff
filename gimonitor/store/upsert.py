"""Writing rows: INSERT … ON CONFLICT, which each engine spells its own way, and bulk work straight through the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Table, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from gimonitor.store.columns import JsonText, dump_json

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


@dataclass(frozen=True, slots=True)
class Same:
    """One value for every row of a column."""

    value: object


Columns = Mapping[str, Sequence[Any] | Same]
"""Rows of one shape, by column: lists of one length, at least one of them."""


def insert_columns(
    c: Connection, table: Table, columns: Columns, *, keys: Sequence[str] = (), ignore: bool = False
) -> int:
    """Insert rows straight through the driver: executemany, COPY where PostgreSQL has nothing to compare. Returns how many.

    With `keys`, a row whose keys are there already replaces it; with `ignore`, it is left out.
    """
    rows = _coded(c, table, columns)
    if not rows:
        return 0
    names = tuple(columns)
    if c.dialect.name == "postgresql" and not (keys or ignore):
        _copy(c, f"COPY {table.name} ({_columns(names)}) FROM STDIN", rows)
        return len(rows)
    marks = ", ".join(_mark(c.dialect, table, name) for name in names)
    statement = f"INSERT INTO {table.name} ({_columns(names)}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    if ignore:
        statement += " ON CONFLICT DO NOTHING"
    elif keys:
        others = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
        statement += f" ON CONFLICT ({_columns(keys)}) DO UPDATE SET {others}"
    return c.exec_driver_sql(statement, rows).rowcount


def _copy(c: Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """COPY by psycopg; what the server refuses is raised as it would be from a statement of SQLAlchemy's."""
    driver: Any = c.connection.driver_connection
    cursor = driver.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise DBAPIError.instance(statement, None, error, driver.Error, dialect=c.dialect) from error
    finally:
        cursor.close()


def insert_rows(
    c: Connection, table: Table, rows: Sequence[Row], *, keys: Sequence[str] = (), ignore: bool = False
) -> int:
    """Insert rows of one shape, as `insert_columns` does."""
    return insert_columns(c, table, _by_column(rows), keys=keys, ignore=ignore)


def free_numbers(c: Connection, table: Table, count: int) -> Sequence[int]:
    """Ids for `count` new rows, taken before they are inserted."""
    if c.dialect.name == "sqlite":  # alone until the commit: the numbers behind the last one are free
        last = c.exec_driver_sql(f"SELECT MAX(id) FROM {table.name}").scalar() or 0  # noqa: S608 - our own table
        return range(last + 1, last + count + 1)
    series = select(func.nextval(func.pg_get_serial_sequence(table.name, "id"))).select_from(
        func.generate_series(1, count)
    )
    return c.execute(series).scalars().all()


def update_columns(c: Connection, table: Table, columns: Columns) -> None:
    """Update rows of one shape by their `id`, by the driver's executemany."""
    ordered = {name: values for name, values in columns.items() if name != "id"} | {"id": columns["id"]}
    rows = _coded(c, table, ordered)
    if not rows:
        return
    *changes, which = (f'"{name}" = {_mark(c.dialect, table, name)}' for name in ordered)
    statement = f"UPDATE {table.name} SET {', '.join(changes)} WHERE {which}"  # noqa: S608 - names of our own tables
    c.exec_driver_sql(statement, rows)


def update_rows(c: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Update rows of one shape by their `id`."""
    if rows:
        update_columns(c, table, _by_column(rows))


def _by_column(rows: Sequence[Row]) -> Columns:
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _mark(dialect: Dialect, table: Table, name: str) -> str:
    if dialect.name != "sqlite":
        return "%s"
    return "CAST(? AS TEXT)" if isinstance(table.columns[name].type, JsonText) else "?"


def _columns(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _coded(c: Connection, table: Table, columns: Columns) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them."""
    count = max((len(values) for values in columns.values() if not isinstance(values, Same)), default=0)
    coders = dict(_coders(c.dialect, table, tuple(columns)))
    coded: list[Iterable[Any]] = []
    for place, values in enumerate(columns.values()):
        coder = coders.get(place)
        if isinstance(values, Same):
            coded.append(repeat(coder(values.value) if coder else values.value, count))
        else:
            coded.append(map(coder, values) if coder else values)
    return list(zip(*coded, strict=True))


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


VALUES = "values"


def among_asked(dialect: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """`among` for a statement that is built once and kept: its values come with each call, by `asked`."""
    if dialect == "sqlite":
        return column.in_(select(func.json_each(bindparam(VALUES)).table_valued("value").c.value))
    return column == any_(bindparam(VALUES, type_=postgresql.ARRAY(column.type)))


def asked(c: Connection, values: Sequence[str] | Sequence[int]) -> Row:
    """The parameters of a statement made with `among_asked`. Building one anew costs more than running it."""
    return {VALUES: dump_json(list(values)) if c.dialect.name == "sqlite" else list(values)}


def chunks(items: Sequence[T], size: int = LOOK_UP) -> Iterator[Sequence[T]]:
    """Pieces of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def whole(numbers: Iterable[int | None]) -> list[int | None]:
    """Each number, or None where no database column holds it; the listing's own content keeps it as shown."""
    return [n if n is None or -_MAX_INTEGER <= n <= _MAX_INTEGER else None for n in numbers]
