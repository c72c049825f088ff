"""The database: opened, migrated, and entered by units of work. SQLite in WAL mode, or PostgreSQL through psycopg 3.

Every write on SQLite begins IMMEDIATE: a read followed by a write in one transaction then never loses an update.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from gimonitor.errors import (
    ConfigurationError,
    DiskFullError,
    GimonitorError,
    NotFoundError,
    StoreError,
    StoreOutdatedError,
    StoreUnreachableError,
)
from gimonitor.logs import Trouble, trouble

REVISION = "0017"
"""The newest migration; a test compares it with the scripts. Opening a store need not load Alembic."""

BUSY_SECONDS = 30
LOCK_TRIES = 4  # each waits BUSY_SECONDS for another writer
WORK_TRIES = 6
NO_ROOM = 1_000_000  # bytes free: less is a full disk

T = TypeVar("T")
log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock of the store, for callers that pass no time."""
    return datetime.now(UTC)


class Store:
    """An open database. Safe to share between threads; use it in a `with` block or call `close`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the data; writing in it is refused by the database."""
        with translated(self._engine.url), self._engine.connect() as connection:
            yield connection.execution_options(gimonitor_work="read", postgresql_readonly=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One unit of work: all of it is stored when the block ends, none of it when the block raises."""
        with translated(self._engine.url), self._engine.connect() as connection:
            _begin_write(connection)
            with connection.get_transaction() or connection.begin():
                yield connection

    def attempt(
        self, work: Callable[[Connection], T], *, writes: bool = True, sleep: Callable[[float], None] | None = None
    ) -> T:
        """Run `work` as one unit, again when the connection was lost or a deadlock broken; it must bear being repeated."""
        for tries in range(1, WORK_TRIES + 1):
            try:
                with self.write() if writes else self.read() as connection:
                    return work(connection)
            except StoreUnreachableError as error:
                if tries == WORK_TRIES:
                    raise
                log.warning(
                    "store lost, trying again (%d of %d): %s", tries, WORK_TRIES, error, extra=trouble(Trouble.LOST)
                )
                (sleep or time.sleep)(min(0.25 * 2**tries, 8.0))
        raise AssertionError("unreachable")

    def compact(self) -> None:
        """Leave no byte of deleted rows in the file and its log (SQLite). PostgreSQL's own vacuum sees to it there.

        Takes the time and the room of a copy of the file. Raises StoreError; nothing is lost then.
        """
        if self.dialect != "sqlite":
            return
        with closing(self._engine.raw_connection()) as pooled:
            driver: Any = pooled.driver_connection
            try:
                for statement in ("PRAGMA query_only = 0", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    driver.execute(statement).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"{_shown(self._engine.url)}: not written anew: {error}") from error

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(url: str) -> Store:
    """Open a store that `migrate_store` has made.

    Raises StoreUnreachableError where there is none or it does not answer, StoreOutdatedError where its schema is
    another than this version's, ConfigurationError for a URL that names no engine we know.
    """
    parsed = parse_url(url)
    if parsed.drivername == "sqlite" and not Path(str(parsed.database)).is_file():
        raise StoreUnreachableError(f"{_shown(parsed)}: there is no store yet. Make it with: gimonitor store upgrade")
    engine = make_engine(parsed)
    try:
        with translated(parsed), engine.connect() as connection:
            _require_revision(parsed, read_revision(connection))
    except GimonitorError:
        engine.dispose()
        raise
    return Store(engine)


def _require_revision(url: URL, revision: str | None) -> None:
    if revision == REVISION:
        return
    if revision is not None and revision > REVISION:
        raise StoreOutdatedError(
            f"{_shown(url)}: made by a newer gimonitor (schema {revision}, this one knows {REVISION}). Install that version."
        )
    state = f"its schema is {revision}, not {REVISION}" if revision else "it holds no store yet"
    raise StoreOutdatedError(f"{_shown(url)}: {state}. Upgrade it with: gimonitor store upgrade")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What `migrate_store` did: the schema before (None: there was none) and after, and the place, without password."""

    place: str
    before: str | None
    after: str


def migrate_store(url: str) -> Migrated:
    """Create the store or bring its schema to this version, in one transaction: killed half-way, nothing has changed.

    Raises StoreUnreachableError, and StoreOutdatedError for a store of a newer version.
    """
    from gimonitor.store.migrations import upgrade

    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        _make_folder(parsed)
    engine = make_engine(parsed)
    try:
        with translated(parsed), engine.connect() as connection:
            _begin_write(connection)
            with connection.get_transaction() or connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(7116102)"))
                before = read_revision(connection)
                if before is not None and before > REVISION:
                    _require_revision(parsed, before)
                upgrade(connection)
                return Migrated(place=_shown(parsed), before=before, after=read_revision(connection) or "")
    finally:
        engine.dispose()


def _make_folder(url: URL) -> None:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnreachableError(f"{_shown(url)}: the folder cannot be made: {error}") from error


def read_revision(connection: Connection) -> str | None:
    """The schema's revision, None in an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def make_engine(url: URL) -> Engine:
    """An engine with the connection settings the store relies on."""
    if url.drivername == "sqlite":
        engine = create_engine(url, pool_size=20, max_overflow=40, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "options": "-c timezone=UTC -c client_encoding=UTF8"},
    )


def _prepare_sqlite(dbapi: sqlite3.Connection, _record: object) -> None:
    dbapi.isolation_level = None  # the driver begins nothing by itself
    for pragma in (
        *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"),
        "cache_size=-32000",  # 32 MB a connection
    ):
        dbapi.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("gimonitor_work") == "write"
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writes else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_write(connection: Connection) -> None:
    connection.execution_options(gimonitor_work="write")
    began = time.monotonic()
    for tries in range(1, LOCK_TRIES + 1):
        try:
            connection.begin()
        except DBAPIError as error:
            if "locked" not in str(error.orig):
                raise
            if tries == LOCK_TRIES:
                said = "the store was locked by another writer, waited %.0f s in vain"
                log.warning(said, time.monotonic() - began, extra=trouble(Trouble.LOCKED))
                raise
            if tries == 1:
                log.warning("the store is locked by another writer, waiting")
        else:
            if tries > 1:
                said = "the store was locked by another writer, waited out after %.0f s"
                log.warning(said, time.monotonic() - began, extra=trouble(Trouble.LOCKED))
            return


# --- addresses and errors -------------------------------------------------------------------------------------------


def parse_url(url: str) -> URL:
    """The URL with the driver we use. Raises ConfigurationError where it names no engine we know."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            "database_url is not a database URL such as sqlite:///folder/file or postgresql://…"
        ) from error
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite")
    raise ConfigurationError(f"database_url: {_shown(parsed)}: give sqlite:///file or postgresql+psycopg://…")


def conninfo(url: URL, **more: str) -> str:
    """How PostgreSQL's own programs and psycopg reach the database of a URL: host, port and all options, wherever they stand in it.

    `more` takes the place of what the URL says; an empty value leaves it out.
    """
    _, values = url.get_dialect()().create_connect_args(url)
    given = {name: str(value) for name, value in {**values, **more}.items() if value not in ("", None)}
    return make_conninfo("", **given)


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn the driver's errors into ours, without statement, values and password."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(url, error) from error
    except OverflowError as error:
        if "SQLite INTEGER" not in str(error):
            raise
        raise NotFoundError("no row has so large a number") from error  # PostgreSQL finds none by itself


_FULL = ("database or disk is full", "No space left", "could not extend file")
_LOST = ("08", "57P", "40001", "40P01", "53300", "28", "3D000")
"""SQLSTATE beginnings: connection, shutdown, serialisation, deadlock, too many, not let in, no such database."""


def _has_room(url: URL) -> bool:
    """False where SQLite can no longer make the small files that it works with; the store itself is whole then."""
    try:
        return shutil.disk_usage(Path(str(url.database)).parent).free >= NO_ROOM
    except OSError:
        return True


def _translate(url: URL, error: DBAPIError) -> GimonitorError:
    """One of our errors, without the statement and its values and without the password."""
    said = str(error.orig).strip()
    if url.password:
        said = said.replace(str(url.password), "***")
    state: Any = getattr(error.orig, "sqlstate", None) or ""
    message = f"{_shown(url)}: {said}"
    if state == "53100" or any(words in said for words in _FULL) or ("disk I/O error" in said and not _has_room(url)):
        return DiskFullError(message)
    if "malformed" in said or "not a database" in said:
        return StoreUnreachableError(f"{message}. The file is damaged: restore it from a backup.")
    operational = isinstance(error.orig, sqlite3.OperationalError) or error.connection_invalidated
    if (
        operational
        or state.startswith(_LOST)
        or (not state and type(error).__name__ in ("OperationalError", "InterfaceError"))
    ):
        return StoreUnreachableError(message)
    return StoreError(message)
