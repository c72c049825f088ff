"""Sealed files in a place that several machines share: a mounted folder or S3-compatible storage, through fsspec.

A file is sealed on the machine that made it, and appears in the shared place whole, with its SHA-256 beside it. What is
brought back is checked against that. Only files that never change again are shared; only an erasure takes any away.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec  # type: ignore[import-untyped]  # ships no types

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError, EvidenceError, TamperedError
from gimonitor.evidence.files import PART, check_room, part_of, publish

FOLDERS = ("warc", "evidence", "packs", "documents")
DIGEST = ".sha256"
_GROWING = (PART, ".jsonl", ".open")  # logs are each machine's own
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Files that went one way, and their bytes."""

    files: int
    size: int


def push(configuration: Configuration) -> Shared:
    """Put every finished file that is not there yet into the shared place; nothing where none is set.

    Raises EvidenceError when the place does not take it, TamperedError when another file of that name lies there.
    """
    if not configuration.evidence_url:
        return Shared(files=0, size=0)
    place = Place.open(configuration.evidence_url)
    there, count, size = place.digests(), 0, 0
    for name, path in _finished(configuration.data_dir):
        digest = _digest(path) if name not in there or path.stat().st_size != there[name] else ""
        if not digest:
            continue
        if name in there:
            raise TamperedError(f"{name}: the shared place holds another file of this name")
        place.put(path, name, digest)
        count, size = count + 1, size + path.stat().st_size
    return Shared(files=count, size=size)


def pull(configuration: Configuration) -> Shared:
    """Bring what other machines have sealed. Raises EvidenceError, DiskFullError; TamperedError names a file that is not what was
    put there, and leaves it out."""
    if not configuration.evidence_url:
        return Shared(files=0, size=0)
    place, reserve = Place.open(configuration.evidence_url), configuration.disk_reserve_mb * 1_000_000
    configuration.data_dir.mkdir(parents=True, exist_ok=True)
    mine, count, total = dict(_finished(configuration.data_dir)), 0, 0
    for name, size in place.digests().items():
        if name in mine or not _is_ours(name):
            continue
        check_room(configuration.data_dir, size, reserve)
        place.get(name, configuration.data_dir / name)
        count, total = count + 1, total + size
    return Shared(files=count, size=total)


def withdraw(configuration: Configuration, names: Sequence[str]) -> None:
    """Take files, or all that lies in folders, out of the shared place; what is not there is fine. Raises EvidenceError."""
    if not configuration.evidence_url or not names:
        return
    place = Place.open(configuration.evidence_url)
    for there in place.digests():
        if any(there == name or there.startswith(f"{name}/") for name in names):
            place.remove(there)


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] in FOLDERS and ".." not in parts


def _finished(root: Path) -> Iterator[tuple[str, Path]]:
    """Files that are whole, by their name under the data folder."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root)
            if path.is_file() and not any(part.endswith(_GROWING) for part in name.parts):
                yield name.as_posix(), path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """The shared place: a file system of fsspec and the folder in it."""

    system: Any
    root: str

    @classmethod
    def open(cls, url: str) -> Place:
        try:
            system, root = fsspec.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(f"evidence_url: {error}") from error
        return cls(system, root.rstrip("/"))

    def digests(self) -> dict[str, int]:
        """Every whole file and its size: one whose digest lies beside it."""
        try:
            self.system.invalidate_cache()
            found = self.system.find(self.root, detail=True)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise EvidenceError(f"the shared place cannot be read: {error}") from error
        sizes = {str(path)[len(self.root) :].lstrip("/"): int(about["size"]) for path, about in found.items()}
        return {name: size for name, size in sizes.items() if f"{name}{DIGEST}" in sizes}

    def put(self, path: Path, name: str, digest: str) -> None:
        """The file first, its digest last: what has no digest is not whole."""
        target = f"{self.root}/{name}"
        try:
            self.system.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH120 - no path of this machine
            self.system.put_file(str(path), target)
            self.system.pipe_file(target + DIGEST, digest.encode())
        except OSError as error:
            raise EvidenceError(f"{name}: not put into the shared place: {error}") from error

    def holds(self, name: str) -> bool:
        """True where the file is there and whole."""
        try:
            self.system.invalidate_cache()
            return bool(self.system.exists(f"{self.root}/{name}{DIGEST}"))
        except OSError as error:
            raise EvidenceError(f"the shared place cannot be read: {error}") from error

    def count(self, folder: str) -> int:
        """How many files lie in a folder, whole or not."""
        try:
            self.system.invalidate_cache()
            found = self.system.find(f"{self.root}/{folder}")
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise EvidenceError(f"the shared place cannot be read: {error}") from error
        return len({str(path).removesuffix(DIGEST) for path in found})

    def clear(self, folder: str) -> None:
        """Take out a folder and all that is in it, whole or not."""
        try:
            self.system.invalidate_cache()
            if self.system.exists(f"{self.root}/{folder}"):
                self.system.rm(f"{self.root}/{folder}", recursive=True)
        except OSError as error:
            raise EvidenceError(f"{folder}: not taken out of the shared place: {error}") from error

    def write(self, name: str, content: bytes) -> None:
        """Put what is no file yet; its digest last."""
        target = f"{self.root}/{name}"
        try:
            self.system.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH120 - no path of this machine
            self.system.pipe_file(target, content)
            self.system.pipe_file(target + DIGEST, hashlib.sha256(content).hexdigest().encode())
        except OSError as error:
            raise EvidenceError(f"{name}: not put into the shared place: {error}") from error

    def read(self, name: str) -> bytes:
        """The content of a file, checked."""
        try:
            self.system.invalidate_cache()
            expected = self.system.cat_file(f"{self.root}/{name}{DIGEST}").decode().strip()
            content: bytes = self.system.cat_file(f"{self.root}/{name}")
        except OSError as error:
            raise EvidenceError(f"{name}: not brought from the shared place: {error}") from error
        if hashlib.sha256(content).hexdigest() != expected:
            raise TamperedError(f"{name}: not the bytes that were put into the shared place")
        return content

    def remove(self, name: str) -> None:
        """The digest last: taken up again, what is left is found by it."""
        try:
            for path in (f"{self.root}/{name}", f"{self.root}/{name}{DIGEST}"):
                if self.system.exists(path):
                    self.system.rm_file(path)
        except OSError as error:
            raise EvidenceError(f"{name}: not taken out of the shared place: {error}") from error

    def get(self, name: str, target: Path) -> None:
        """Bring a file and check it before it gets its name."""
        part = part_of(target)
        part.parent.mkdir(parents=True, exist_ok=True)
        try:
            expected = self.system.cat_file(f"{self.root}/{name}{DIGEST}").decode().strip()
            self.system.get_file(f"{self.root}/{name}", str(part))
        except OSError as error:
            with suppress(FileNotFoundError):
                part.unlink()
            raise EvidenceError(f"{name}: not brought from the shared place: {error}") from error
        if _digest(part) != expected:
            part.unlink()
            raise TamperedError(f"{name}: not the bytes that were put into the shared place")
        publish(part, target)
