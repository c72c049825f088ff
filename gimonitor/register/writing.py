"""Changes files under the rules folder so that either all are changed or none, whatever happens in between.

New contents are first written and synced under `.pending/`, then committed by one rename; only then are they moved into
place. Who loads the rules first finishes a committed change (`finish_pending`); one that was not committed is dropped by
the next change. A lock that dies with its process keeps two changes apart.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from gimonitor.errors import InputError

PENDING = ".pending"
COMMITTED = ".pending.committed"
LOCK = ".lock"


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Put `files` (names relative to the rules folder) in place, all or none.

    Raises InputError when another change is going on or the folder cannot be written.
    """
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise InputError(f"{name}: not a name inside the rules folder")
    if not files:
        return
    try:
        with _locked(folder, wait=False):
            _move_committed(folder)
            pending = folder / PENDING
            shutil.rmtree(pending, ignore_errors=True)  # of a change that was broken off
            try:
                for name, content in files.items():
                    _write(pending / name, content)
                pending.rename(folder / COMMITTED)
            except BaseException:
                shutil.rmtree(pending, ignore_errors=True)
                raise
            _sync(folder)
            _move_committed(folder)
    except BlockingIOError as error:
        raise InputError(f"{folder}: another change is going on; try again when it has ended") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be changed: {error.strerror}") from error


def finish_pending(folder: Path) -> None:
    """Move the files of a committed change into place, waiting for who is at it. Raises InputError when that fails."""
    if not (folder / COMMITTED).is_dir():
        return
    try:
        with _locked(folder, wait=True):
            _move_committed(folder)
    except OSError as error:
        raise InputError(f"{folder}: a committed change cannot be finished: {error.strerror}") from error


@contextmanager
def _locked(folder: Path, *, wait: bool) -> Iterator[None]:
    with (folder / LOCK).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _move_committed(folder: Path) -> None:
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
