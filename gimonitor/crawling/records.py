"""Where small shared records are kept: files that all processes of this machine share, or the store, where that is PostgreSQL
and machines share it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

from gimonitor.configuration import Configuration
from gimonitor.store.database import Store, open_store
from gimonitor.store.shared import change_record, read_record

T = TypeVar("T")
_WIDTH = 400  # bytes of a record, padded: written in place, it needs no cutting


class Records(Protocol):
    """Named texts. `change` gives one to a function and keeps what that returns; nobody else comes between."""

    def change(self, name: str, work: Callable[[str], tuple[str, T]]) -> T:
        """Change a record. What `work` raises is raised, and nothing is changed then."""

    def read(self, name: str) -> str:
        """The text as it is now, "" where there is none."""


@dataclass(frozen=True, slots=True)
class FileRecords:
    """One small file a name, locked while it is changed."""

    folder: Path
    files: dict[str, int] = field(default_factory=dict)

    def change(self, name: str, work: Callable[[str], tuple[str, T]]) -> T:
        """As Records says."""
        file = self._file(name)
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            text, result = work(_text(file))
            os.pwrite(file, text.encode().ljust(_WIDTH), 0)
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
        return result

    def read(self, name: str) -> str:
        """As Records says."""
        return _text(self._file(name)) if self._path(name).is_file() else ""

    def _path(self, name: str) -> Path:
        return self.folder / f"{quote(name, safe='')[:200]}.json"

    def _file(self, name: str) -> int:
        if name not in self.files:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.files[name] = os.open(self._path(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self.files[name]


def _text(file: int) -> str:
    return os.pread(file, _WIDTH, 0).decode("utf-8", "replace").strip()


@dataclass(frozen=True, slots=True)
class StoreRecords:
    """Rows of the store. A lost connection is waited for."""

    store: Store
    prefix: str

    def change(self, name: str, work: Callable[[str], tuple[str, T]]) -> T:
        """As Records says."""
        return self.store.attempt(lambda c: change_record(c, self._key(name), work))

    def read(self, name: str) -> str:
        """As Records says."""
        return self.store.attempt(lambda c: read_record(c, self._key(name)), writes=False)

    def _key(self, name: str) -> str:
        return f"{self.prefix}:{name}"[:255]


def open_records(configuration: Configuration, folder: str) -> Records:
    """The records of a kind: in files under the data folder, or in a PostgreSQL store, for all its machines."""
    if configuration.database_url.startswith("postgres"):
        return StoreRecords(_shared_store(configuration.database_url), folder)
    return FileRecords(configuration.data_dir / folder)


@cache
def _shared_store(url: str) -> Store:
    """One for the process: it lives as long as that does."""
    return open_store(url)
