"""The alarms that were raised, kept in `digests/alarms.txt` of the data folder: whatever way failed, they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gimonitor.evidence.files import disk_errors
from gimonitor.model.zone import BEIJING

NAME = "digests/alarms.txt"
"""The file, in the data folder."""
FORM = "%Y-%m-%d %H:%M"
_HEAD = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) (.+)")


def _path(data_dir: Path) -> Path:
    return data_dir / NAME


def note_alarm(data_dir: Path, text: str) -> None:
    """Append an alarm, which begins with its moment in Beijing. Raises DiskFullError."""
    path = _path(data_dir)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def read_alarms(data_dir: Path, since: datetime) -> Iterator[str]:
    """The first line of each alarm since a moment, as it was raised."""
    path = _path(data_dir)
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
        if head := _HEAD.fullmatch(line):
            try:
                at = datetime.strptime(head[1], FORM).replace(tzinfo=BEIJING)
            except ValueError:
                continue  # a line of what a process said that only looks like one
            if at >= since:
                yield line
