"""What stands beside a copy of the store: the digest of its file, and how many rows each table had at its moment.

A copy that was changed or cut off afterwards is told from it before anything is restored, a restored store that lacks rows after.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, table, text

from gimonitor.errors import StoreError

SUFFIX = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`schema` is the migration the copy stands at; `tables` are rows by table."""

    file: str
    bytes: int
    sha256: str
    schema: str
    tables: dict[str, int]


def count_rows(c: Connection) -> dict[str, int]:
    """Rows of each table that is there, whatever the schema's version; SQLite's virtual tables are made of others."""
    names = set(inspect(c).get_table_names())
    if c.dialect.name == "sqlite":
        virtual = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
        names -= set(c.execute(text(virtual)).scalars())
    return {name: int(c.execute(select(func.count()).select_from(table(name))).scalar() or 0) for name in sorted(names)}


def describe_copy(copy: Path, name: str, schema: str, tables: dict[str, int]) -> Manifest:
    """The manifest of a finished copy that will stand under `name`."""
    return Manifest(file=name, bytes=copy.stat().st_size, sha256=digest_of(copy), schema=schema, tables=tables)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_path(copy: Path) -> Path:
    """Where the manifest of a copy stands."""
    return copy.with_name(copy.name + SUFFIX)


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write it as JSON."""
    path.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_manifest(copy: Path) -> Manifest | None:
    """The manifest beside a copy; None without one. Raises StoreError when it cannot be read."""
    path = manifest_path(copy)
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{path}: no manifest of a copy: {error}") from error


def check_file(manifest: Manifest, copy: Path) -> None:
    """Raises StoreError when the file is not the one that was written."""
    size = copy.stat().st_size
    if size != manifest.bytes:
        raise StoreError(f"{copy}: {size} bytes, {manifest.bytes} were written: it was cut off or changed")
    if digest_of(copy) != manifest.sha256:
        raise StoreError(f"{copy}: its SHA-256 is not the one in {manifest_path(copy).name}: it was changed")


def check_rows(manifest: Manifest, c: Connection, shown: str) -> None:
    """Raises StoreError when a restored store has other rows than the copy was made of."""
    found = count_rows(c)
    wrong = [
        f"{name}: {found.get(name, 0)} rows, {manifest.tables.get(name, 0)} were copied"
        for name in sorted(found.keys() | manifest.tables.keys())
        if found.get(name) != manifest.tables.get(name)
    ]
    if wrong:
        raise StoreError(f"{shown} is not what was copied:\n" + "\n".join(wrong))
