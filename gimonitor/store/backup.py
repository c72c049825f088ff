"""A copy of the whole store while it is in use, and a store made of such a copy. Verified both ways.

SQLite is copied by `VACUUM INTO`, PostgreSQL by its own pg_dump and pg_restore, which must be on PATH. A copy appears
under its name only when it is whole, with its manifest beside it; a restored store only when it is what was copied.
Evidence files are not part of it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psycopg.pq import Conninfo
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from gimonitor.errors import ConflictError, InputError, StoreError
from gimonitor.store.check import check_store
from gimonitor.store.database import (
    REVISION,
    conninfo,
    make_engine,
    open_store,
    parse_url,
    read_revision,
    translated,
    utc_now,
)
from gimonitor.store.manifest import (
    Manifest,
    check_file,
    check_rows,
    count_rows,
    describe_copy,
    manifest_path,
    read_manifest,
    write_manifest,
)

_NAME = "gimonitor-"  # then the moment in UTC: copies sort by age
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
_EMPTY = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT DISTINCT schemaname AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public') LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE public.%I CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
    EXECUTE format('DROP FUNCTION %s CASCADE', one.name);
  END LOOP;
END $$"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A store made of a copy: rows in all its tables (None for a copy without a manifest, which could not be compared), and the
    schema it stands at, which may be older than this version's."""

    rows: int | None
    schema: str

    @property
    def is_outdated(self) -> bool:
        """True when `gimonitor store upgrade` must follow."""
        return self.schema != REVISION


def backup_store(url: str, folder: Path, now: datetime | None = None) -> Path:
    """Copy the store into `folder` and return the file. Other work goes on meanwhile; the copy is of one moment.

    Raises StoreError when the store cannot be read or the copy is not whole, ConflictError when the file exists.
    """
    open_store(url).close()  # says what is wrong with it
    parsed = parse_url(url)
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "sqlite" if parsed.get_backend_name() == "sqlite" else "pgdump"
    target = folder / f"{_NAME}{now or utc_now():%Y%m%dT%H%M%SZ}.{suffix}"
    if target.exists():
        raise ConflictError(f"{target} exists already")
    part, beside = target.with_name(target.name + ".part"), manifest_path(target)
    described = beside.with_name(beside.name + ".part")
    part.unlink(missing_ok=True)
    try:
        copy = _copy_sqlite if suffix == "sqlite" else _copy_postgresql
        write_manifest(copy(parsed, part, target.name), described)
        _put(described, beside)
        _put(part, target)
    finally:
        part.unlink(missing_ok=True)
        described.unlink(missing_ok=True)
    return target


def drop_older(copy: Path, keep: int) -> list[Path]:
    """Remove the copies beside this one that are older than the newest `keep`, with their manifests; returns them."""
    beside = sorted(path for path in copy.parent.glob(f"{_NAME}*{copy.suffix}") if path.name <= copy.name)
    for path in beside[:-keep]:
        path.unlink()
        manifest_path(path).unlink(missing_ok=True)
    return beside[:-keep]


def _copy_sqlite(url: URL, part: Path, name: str) -> Manifest:
    try:
        with closing(sqlite3.connect(str(url.database), timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
    except sqlite3.Error as error:
        raise StoreError(f"{url.database}: not copied: {error}") from error
    copied = f"sqlite:///{part}"
    _require_whole(copied, str(part))
    with _looked_at(parse_url(copied)) as c:
        tables = count_rows(c)
    for left in ("-wal", "-shm"):
        part.with_name(part.name + left).unlink(missing_ok=True)
    return describe_copy(part, name, REVISION, tables)


def _copy_postgresql(url: URL, part: Path, name: str) -> Manifest:
    """Dump and count in one snapshot."""
    with _looked_at(url) as c:
        c.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        snapshot = c.execute(text("SELECT pg_export_snapshot()")).scalar()
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={part}")
        _run(url, "pg_dump", *options)
        _run(None, "pg_restore", "--list", str(part))
        return describe_copy(part, name, REVISION, count_rows(c))


def restore_store(copy: Path, url: str) -> Restored:
    """Make a store of a copy, where there is none yet. It takes its place only when it is what was copied, and whole.

    Raises ConflictError where a store exists: move it away first. InputError when `copy` does not fit the URL, StoreError when
    it was changed or is not whole; nothing is left then.
    """
    parsed = parse_url(url)
    if not copy.is_file():
        raise InputError(f"{copy}: no such file")
    manifest = read_manifest(copy)
    restore = _restore_sqlite if parsed.get_backend_name() == "sqlite" else _restore_postgresql
    return restore(copy, parsed, manifest)


def _restore_sqlite(copy: Path, url: URL, manifest: Manifest | None) -> Restored:
    target = Path(str(url.database))
    if target.exists():
        raise ConflictError(f"{target}: there is a store already; move it away first")
    with copy.open("rb") as head:
        if head.read(15) != b"SQLite format 3":
            raise InputError(f"{copy}: no copy of a SQLite store")
    if manifest:
        check_file(manifest, copy)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(copy, part)
        restored = _check_restored(url.set(database=str(part)), copy, manifest)
        _put(part, target)
    finally:
        for left in ("", "-wal", "-shm"):
            part.with_name(part.name + left).unlink(missing_ok=True)
    return restored


def _restore_postgresql(copy: Path, url: URL, manifest: Manifest | None) -> Restored:
    with _looked_at(url) as c:
        if c.execute(text(_TABLES)).scalar():
            raise ConflictError(f"{url.database}: there are tables already; restore into an empty database")
    if manifest:
        check_file(manifest, copy)
    name = str(url.database)
    _run(url, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={name}", str(copy))
    try:
        return _check_restored(url, copy, manifest)
    except StoreError:
        with _looked_at(url) as c:
            c.execute(text(_EMPTY))  # it was empty before
            c.commit()
        raise


def _check_restored(url: URL, copy: Path, manifest: Manifest | None) -> Restored:
    """Compare with the manifest; look whether the store is whole, where its schema is one that this version can read."""
    with _looked_at(url) as c:
        schema = read_revision(c)
        if schema is None or schema > REVISION:
            raise StoreError(f"{copy}: its schema is {schema or 'none of ours'}; this version knows {REVISION}")
        if manifest:
            check_rows(manifest, c, str(copy))
    if schema == REVISION:
        _require_whole(url.render_as_string(hide_password=False), str(copy))
    return Restored(rows=sum(manifest.tables.values()) if manifest else None, schema=schema)


@contextmanager
def _looked_at(url: URL) -> Iterator[Connection]:
    """A connection to a store of whatever schema."""
    engine = make_engine(url)
    try:
        with translated(url), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _require_whole(url: str, shown: str) -> None:
    with open_store(url) as store:
        problems = check_store(store)
    if problems:
        raise StoreError(f"{shown} is not whole:\n" + "\n".join(problems))


def _put(part: Path, target: Path) -> None:
    """Give a finished file its name so that it survives a power cut."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _run(url: URL | None, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; where and who stand in its environment, so that no password is on a command line."""
    environment = dict(os.environ)
    if url is not None:
        given = Conninfo.parse(conninfo(url).encode())
        environment |= {one.envvar.decode(): one.val.decode() for one in given if one.envvar and one.val}
    try:
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise StoreError(f"{program} is not installed: it comes with PostgreSQL's client programs") from error
    if done.returncode:
        raise StoreError(f"{program}: {done.stderr.strip()}")
