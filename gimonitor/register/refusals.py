"""What of other bureaus' registers a person has looked at and left as it is with us: a mark for each, in one file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from gimonitor.errors import InputError

FILE = "register-refused.txt"


def refused_marks(folder: Path) -> frozenset[str]:
    """The marks of all that was refused. Raises InputError naming an unreadable line."""
    path = folder / FILE
    if not path.exists():
        return frozenset()
    marks = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = line.partition(" ")[0]
        if not re.fullmatch(r"[0-9a-f]{64}", mark):
            raise InputError(
                f"{path}:{number}: no mark of 64 hexadecimal digits; delete the line, it is then asked again"
            )
        marks.add(mark)
    return frozenset(marks)


def remember_refused(folder: Path, refused: Iterable[tuple[str, str]], *, on: date) -> None:
    """Add (mark, name) pairs, with the day they were looked at."""
    known = refused_marks(folder)
    lines = [f"{mark} {on} {' '.join(name.split())}\n" for mark, name in refused if mark not in known]
    if not lines:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / FILE, folder / f".{FILE}.part"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    part.write_text(before + "".join(lines), encoding="utf-8")
    part.replace(path)
