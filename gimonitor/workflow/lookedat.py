"""体检记录: what the last look at the installation found, kept in `digests/health.json` of the data folder for the morning page.

The looking is the doctor's and takes seconds; whoever shows it reads what was found, and when.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gimonitor.evidence.files import disk_errors, part_of, publish, put_json

NAME = "digests/health.json"
"""The file, in the data folder."""
LATE = timedelta(hours=26)
"""A night begins, and a look is taken, within this time of the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that is not as it should be, with what to do. `urgent`: before the next night."""

    name: str
    urgent: bool
    said: str
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that was found amiss at a moment; nothing where all is well."""

    at: datetime
    matters: tuple[Matter, ...]


def note_look(data_dir: Path, look: Look) -> None:
    """Keep a look in place of the one before. Raises DiskFullError."""
    path = data_dir / NAME
    part = part_of(path)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        put_json(part, {"at": look.at.astimezone(UTC).isoformat(), "matters": [asdict(one) for one in look.matters]})
        publish(part, path)


def last_look(data_dir: Path) -> Look | None:
    """The last look; None where there was none, or its record cannot be read."""
    try:
        told = json.loads((data_dir / NAME).read_text(encoding="utf-8"))
        matters = tuple(Matter(**one) for one in told["matters"])
        return Look(at=datetime.fromisoformat(told["at"]), matters=matters)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def nights_missed(started_at: datetime, now: datetime) -> int:
    """How many nights went by without one, when the last began at `started_at`."""
    return (now - started_at).days if is_late(started_at, now) else 0


def is_late(at: datetime, now: datetime) -> bool:
    """True when what comes every day is overdue."""
    return now - at > LATE
