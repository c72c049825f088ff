"""Files that are whole or absent: room on the disk, `.part`, fsync, rename, and names that no seller can bend."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from gimonitor.errors import DiskFullError
from gimonitor.processes import began

PART = ".part"
_MARK = "~"  # parts the name of what is being made from whose it is; no safe name holds it
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNSAFE = re.compile(r"[^\w.\-（）()]+")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))})


def check_room(folder: Path, need: int, reserve: int) -> None:
    """Raise DiskFullError when writing `need` bytes under `folder` would leave less than `reserve` bytes free."""
    free = shutil.disk_usage(folder).free
    if free - need < reserve:
        raise DiskFullError(
            f"{folder}: {_mebibytes(free)} free, {_mebibytes(need)} needed, {_mebibytes(reserve)} are kept in reserve"
        )


def _mebibytes(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 10 << 20 or not size else f"{size / (1 << 20):.2f} MiB"


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn the system's word for a full disk, quota or file size limit into DiskFullError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(f"{path}: {error.strerror}") from error
        raise


def sync_folder(folder: Path) -> None:
    """Make a rename or deletion in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Write the content of a file through to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(part: Path, final: Path) -> None:
    """Give a finished file or folder its final name, durably. A file's content is written through first."""
    if part.is_file():
        sync_file(part)
    part.rename(final)
    sync_folder(final.parent)


def part_of(final: Path) -> Path:
    """The name a file or folder carries until it is whole."""
    return final.with_name(final.name + PART)


def owned_part(folder: Path, name: str) -> Path:
    """A new name in a folder for something that this process makes and that will bear `name`. It tells machine and process, so
    that what a dead one left can be told from what a living one still makes."""
    return folder / _MARK.join((name, _owner(os.getpid()), secrets.token_hex(6) + PART))


def final_of(part: Path) -> Path:
    """The name that what was made under an owned name will bear."""
    return part.with_name(part.name.partition(_MARK)[0])


def _owner(pid: int) -> str:
    """This machine and a process of it, with the moment at which it began: numbers of processes come again."""
    return _MARK.join((safe_name(socket.gethostname(), 40), str(pid), _moment(pid)))


def _moment(pid: int) -> str:
    """When a process began, short enough for a file name; "" where nothing tells."""
    moment = began(pid)
    return hashlib.sha256(moment.encode()).hexdigest()[:12] if moment else ""


def _is_being_made(part: Path) -> bool | None:
    """Whether the process lives that makes this; None where its name does not say, or names another machine."""
    told = part.name.split(_MARK)
    if len(told) != 5 or told[1] != safe_name(socket.gethostname(), 40) or not told[2].isdigit():
        return None
    if not told[3]:  # no /proc there
        return True
    return _moment(int(told[2])) == told[3]


def put_json(path: Path, content: object) -> None:
    """Write a value as JSON that people can read too; a lone surrogate becomes `?`."""
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
    path.write_text(text + "\n", encoding="utf-8", errors="replace")


def discard(path: Path) -> None:
    """Remove a file or folder that is not whole; an absent one is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep_parts(folder: Path, before: datetime | None = None) -> list[str]:
    """Remove what dead processes of this machine left unfinished in a folder, at once; what does not tell whose it is, where
    it was last touched before a moment; nothing that a living process makes. Returns names."""
    swept = []
    for path in folder.glob(f"*{PART}"):
        living = _is_being_made(path)
        if living is None:
            living = before is None or path.lstat().st_mtime >= before.timestamp()
        if not living:
            discard(path)
            swept.append(path.name)
    return sorted(swept)


def safe_name(text: str, limit: int = 60) -> str:
    """A file name out of any text: letters of any script, digits, `.`, `-`, `_`; never empty, hidden, `..` or a device.

    `limit` counts UTF-8 bytes, so that Chinese names stay below what file systems allow.
    """
    flat = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in unicodedata.normalize("NFKC", text))
    name = _UNSAFE.sub("_", flat).strip("._- ")
    name = name.encode("utf-8", "ignore")[:limit].decode("utf-8", "ignore").rstrip("._- ")
    return f"_{name}" if not name or name.split(".")[0].lower() in _RESERVED else name
