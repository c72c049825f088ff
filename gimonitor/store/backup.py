"""A copy of the whole store while it is in use, and a store made of such a copy. Verified both ways.

SQLite is copied by `VACUUM INTO`, PostgreSQL by its own pg_dump and pg_restore, which must be on PATH. A copy appears
under its name only when it is whole. Evidence files are not part of it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from gimonitor.errors import ConflictError, InputError, StoreError
from gimonitor.store.check import check_store
from gimonitor.store.database import open_store, parse_url, utc_now


def backup_store(url: str, folder: Path, now: datetime | None = None) -> Path:
    """Copy the store into `folder` and return the file. Other work goes on meanwhile; the copy is of one moment.

    Raises StoreError when the store cannot be read or the copy is not whole, ConflictError when the file exists.
    """
    open_store(url).close()  # says what is wrong with it
    parsed = parse_url(url)
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "sqlite" if parsed.get_backend_name() == "sqlite" else "pgdump"
    target = folder / f"gimonitor-{now or utc_now():%Y%m%dT%H%M%SZ}.{suffix}"
    if target.exists():
        raise ConflictError(f"{target} exists already")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        if suffix == "sqlite":
            _copy_sqlite(Path(str(parsed.database)), part)
        else:
            _run(parsed, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")
            _run(None, "pg_restore", "--list", str(part))
        _put(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _copy_sqlite(source: Path, part: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
    except sqlite3.Error as error:
        raise StoreError(f"{source}: not copied: {error}") from error
    _require_whole(f"sqlite:///{part}", str(part))
    for left in ("-wal", "-shm"):
        part.with_name(part.name + left).unlink(missing_ok=True)


def restore_store(copy: Path, url: str) -> None:
    """Make a store of a copy, where there is none yet, and check it.

    Raises ConflictError where a store exists: move it away first. InputError when `copy` does not fit the URL.
    """
    parsed = parse_url(url)
    if not copy.is_file():
        raise InputError(f"{copy}: no such file")
    if parsed.get_backend_name() == "sqlite":
        _restore_sqlite(copy, Path(str(parsed.database)))
    else:
        _restore_postgresql(copy, parsed)
    _require_whole(url, str(copy))


def _restore_sqlite(copy: Path, target: Path) -> None:
    if target.exists():
        raise ConflictError(f"{target}: there is a store already; move it away first")
    with copy.open("rb") as head:
        if head.read(15) != b"SQLite format 3":
            raise InputError(f"{copy}: no copy of a SQLite store")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(copy, part)
    _put(part, target)


def _restore_postgresql(copy: Path, url: URL) -> None:
    try:
        open_store(url.render_as_string(hide_password=False)).close()
    except StoreError:
        pass
    else:
        raise ConflictError(f"{url.database}: there is a store already; restore into an empty database")
    name = str(url.database)
    _run(url, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={name}", str(copy))


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
        host = url.host or str(url.query.get("host", ""))
        given = {"PGHOST": host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
        environment |= {name: str(value) for name, value in given.items() if value} | {"PGDATABASE": str(url.database)}
    try:
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise StoreError(f"{program} is not installed: it comes with PostgreSQL's client programs") from error
    if done.returncode:
        raise StoreError(f"{program}: {done.stderr.strip()}")
