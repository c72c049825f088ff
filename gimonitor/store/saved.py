"""Files that people saved and handed in: which, by whom, when, and what each page in them gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from gimonitor.store.codec import decode, encode
from gimonitor.store.columns import clean_text
from gimonitor.store.tables import saved_files
from gimonitor.store.upsert import insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReading:
    """What one page in a file gave. `parser` is `name@version`, "" when none took it; `missing` names the fields it did
    not find; `trouble` says why a page gave nothing (a kind of refusal, or what could not be read), or, beside a parser, why not
    all that it shows was taken."""

    url: str
    parser: str = ""
    listings: int = 0
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """A file as handed in. `file` is relative to the evidence folder, `sha256` of all its bytes, `at` when it came."""

    sha256: str
    name: str
    file: str
    size: int
    container: str
    at: datetime
    who: str
    run_id: int
    readings: tuple[SavedReading, ...] = ()
    id: int = 0


def save_file(c: Connection, saved: SavedFile) -> int:
    """Store a file and return its id. The same bytes again keep who brought them first; what they gave is brought up to date."""
    row = {name: getattr(saved, name) for name in SavedFile.__slots__ if name not in ("id", "readings")}
    row |= {"name": clean_text(saved.name), "who": clean_text(saved.who), "readings": encode(saved.readings)}
    c.execute(insert_new(c, saved_files), row)
    same = saved_files.c.sha256 == saved.sha256
    c.execute(update(saved_files).where(same).values(readings=row["readings"]))
    found: int = c.execute(select(saved_files.c.id).where(same)).scalar_one()
    return found


def latest_files(c: Connection, limit: int = 50) -> tuple[SavedFile, ...]:
    """Files handed in, the newest first."""
    rows = c.execute(select(saved_files).order_by(saved_files.c.id.desc()).limit(limit)).mappings()
    return tuple(_file(row) for row in rows)


def files_of_run(c: Connection, run_id: int) -> tuple[SavedFile, ...]:
    """Files that an import was the first to bring, in order."""
    rows = c.execute(select(saved_files).where(saved_files.c.run_id == run_id).order_by(saved_files.c.id)).mappings()
    return tuple(_file(row) for row in rows)


def _file(row: Any) -> SavedFile:
    values = {name: row[name] for name in SavedFile.__slots__ if name != "readings"}
    return SavedFile(**values, readings=tuple(decode(SavedReading, one) for one in row["readings"]))
