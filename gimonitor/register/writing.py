"""Changes files under the rules folder so that either all are changed or none, whatever happens in between.

New contents are first written and synced under `.pending/`, then committed by one rename; only then are they moved into
place. Who loads the rules first finishes a committed change (`finish_pending`), an uncommitted one is dropped.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

from gimonitor.errors import InputError

PENDING = ".pending"
COMMITTED = ".pending.committed"


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Put `files` (names relative to the rules folder) in place, all or none.

    Raises InputError when another change is going on or the folder cannot be written.
    """
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise InputError(f"{name}: not a name inside the rules folder")
    try:
        finish_pending(folder)
        pending = folder / PENDING
        try:
            pending.mkdir()
        except FileExistsError:
            raise InputError(f"{pending}: another change is going on; remove it if that one was broken off") from None
        try:
            for name, content in files.items():
                _write(pending / name, content)
            pending.rename(folder / COMMITTED)
        except BaseException:
            shutil.rmtree(pending, ignore_errors=True)
            raise
        _sync(folder)
        finish_pending(folder)
    except OSError as error:
        raise InputError(f"{folder}: cannot be changed: {error.strerror}") from error


def finish_pending(folder: Path) -> None:
    """Move the files of a committed change into place; doing so twice does no harm."""
    committed = folder / COMMITTED
    if not committed.is_dir():
        return
    for path in sorted(p for p in committed.rglob("*") if p.is_file()):
        target = folder / path.relative_to(committed)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        _sync(target.parent)
    shutil.rmtree(committed)
    _sync(folder)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
