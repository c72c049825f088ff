"""The dead-man mark: a file touched each time the morning digest went out. That it grows old is itself the alarm."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.evidence.files import disk_errors

SILENT_AFTER = timedelta(hours=26)


def deadman_path(configuration: Configuration) -> Path:
    """The file; a watcher on another machine may look at its time."""
    return configuration.data_dir / "digests" / "last-sent"


def mark_sent(configuration: Configuration, now: datetime) -> None:
    """Note that the digest went out. Raises DiskFullError."""
    path = deadman_path(configuration)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now.astimezone(UTC).isoformat() + "\n", encoding="ascii")
        os.utime(path, (now.timestamp(), now.timestamp()))


def last_sent(configuration: Configuration) -> datetime | None:
    """When the digest went out last; None when it never did."""
    try:
        return datetime.fromtimestamp(deadman_path(configuration).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
