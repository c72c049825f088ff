"""XLSX and XLS workbooks, unpacked by a child process that dies at its memory and time limits instead of us."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gimonitor.errors import InputError
from gimonitor.tables.kinds import AGAIN, other_kind

if TYPE_CHECKING:
    from gimonitor.tables.reader import Limits

MEMBERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet with its rows, to be read once: (row number from 1, cells as text) of each row that is not empty.

    `hidden` and `others` name the sheets that are not read, `hidden_rows` the rows that are read and nobody sees.
    """

    sheet: str
    rows: Iterator[tuple[int, list[str]]]
    hidden: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()


def read_workbook(path: Path, sheet: str, limits: Limits) -> Sheet:
    """Open the named sheet, or the first visible one with a filled cell.

    Raises InputError for what is no workbook, is over a limit, or has no such sheet; while reading, too.
    """
    _check_size(path, limits)
    lines = _child_lines(path, sheet, limits)
    name, hidden, others, hidden_rows = next(lines)
    rows = ((number, cells) for number, cells in lines)
    return Sheet(sheet=name, rows=rows, hidden=tuple(hidden), others=tuple(others), hidden_rows=tuple(hidden_rows))


def _child_lines(path: Path, sheet: str, limits: Limits) -> Iterator[list[Any]]:
    child = subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-m",
            "gimonitor.tables.sheet",
            str(path),
            sheet,
            str(limits.memory_bytes),
            str(limits.cpu_seconds),
            str(limits.workbook_rows),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert child.stdout is not None
    assert child.stderr is not None
    try:
        for count, line in enumerate(child.stdout):
            told = json.loads(line)
            if count and len(told[1]) > limits.columns:
                raise InputError(f"{path}:{told[0]}: {len(told[1])} columns; at most {limits.columns} are read")
            yield told
        message = child.stderr.read().strip()
        if child.wait() != 0:
            other = other_kind(path)
            raise InputError(f"{path}: {f'this is {other}' if other else _reason(message)}")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        child.stderr.close()


def _reason(message: str) -> str:
    """The last word of the child; where it broke off (out of memory, a sheet of a million columns) what to do."""
    lines = [line for line in message.splitlines() if line.strip()]
    if not lines or any("panicked" in line or "memory allocation" in line for line in lines):
        return "no workbook that can be read: it needs too much memory or time, or is damaged; save it as CSV"
    if "sheet" in lines[-1] or AGAIN in lines[-1]:
        return lines[-1]
    return f"no workbook that can be read ({lines[-1]}), damaged or of a kind that is not known here; {AGAIN}"


def _check_size(path: Path, limits: Limits) -> None:
    size = path.stat().st_size
    if size > limits.workbook_bytes:
        raise InputError(f"{path}: {size} bytes; a workbook may have {limits.workbook_bytes}; save it as CSV")
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{path}: a damaged workbook: {error}") from error
    unpacked = sum(m.file_size for m in members)
    if (
        len(members) > MEMBERS
        or unpacked > limits.workbook_unpacked
        or unpacked > max(size, 10_000) * limits.workbook_ratio
    ):
        raise InputError(
            f"{path}: unpacks to {unpacked} bytes in {len(members)} parts, far more than a table has; refused"
        )
