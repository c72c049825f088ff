"""保管记录: who did what to which evidence, as JSON lines that each carry the digest of the one before.

A changed, removed or inserted entry breaks the chain; a cut tail does not, so the head is printed in every pack
(`CustodyLog.head`) and compared there. Deletions of evidence are entries, never gaps.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gimonitor.errors import TamperedError
from gimonitor.evidence.files import disk_errors

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEntry:
    """One act. `at` is UTC in ISO 8601, `sha256` the digest of the object acted on, `digest` that of this entry."""

    number: int
    at: str
    who: str
    action: str  # sealed, captured, stamped, packed, verified, sent, receipted, deleted, mended
    object: str
    sha256: str = ""
    detail: str = ""
    previous: str = BEGINNING
    digest: str = ""

    def text(self) -> bytes:
        """Everything but `digest`, in the fixed form over which that is taken; one line."""
        content = {name: value for name, value in asdict(self).items() if name != "digest"}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode("utf-8", "replace")

    def computed(self) -> str:
        """SHA-256 of `text`."""
        return hashlib.sha256(self.text()).hexdigest()

    def line(self) -> bytes:
        """The entry as it stands in the file."""
        return (json.dumps(asdict(self), ensure_ascii=False) + "\n").encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """The entries of a log that concern some things, with number and digest of its last entry; the others are left out."""

    number: int = 0
    digest: str = BEGINNING
    entries: tuple[CustodyEntry, ...] = ()

    @property
    def head(self) -> str:
        """Number and digest of the log's last entry, as a pack tells them."""
        return f"{self.number} {self.digest}"

    @property
    def numbers(self) -> str:
        """Numbers of the entries that are in it."""
        return "、".join(str(entry.number) for entry in self.entries)


NOTHING = Extract()


class CustodyLog:
    """An append-only file. Several processes may append; each append is whole, durable, and linked to the last."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, who: str, action: str, obj: str, *, sha256: str = "", detail: str = "") -> CustodyEntry:
        """Add an entry with the time of its writing and write it through. A torn last line, left by a power cut, is cut and the cut is an entry.

        Raises:
            TamperedError: the last entry does not agree with its own digest.
            DiskFullError: there is no room; the log is as before.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            moment = datetime.now(UTC).isoformat()
            last, torn = _last_entry(file.fileno())
            if last and last.computed() != last.digest:
                raise TamperedError(f"{self._path.name}: entry {last.number} does not agree with its digest")
            size = os.fstat(file.fileno()).st_size - torn
            os.ftruncate(file.fileno(), size)
            entry = CustodyEntry(number=0, at=moment, who=who, action=action, object=obj, sha256=sha256, detail=detail)
            lines = []
            if torn:
                mended = replace(entry, action="mended", object=self._path.name, detail=f"{torn} torn bytes", sha256="")
                last = _linked(mended, last)
                lines.append(last.line())
            entry = _linked(entry, last)
            lines.append(entry.line())
            try:
                with disk_errors(self._path):
                    _write_all(file.fileno(), b"".join(lines))
                    os.fsync(file.fileno())
            except BaseException:
                os.ftruncate(file.fileno(), size)
                raise
        return entry

    def entries(self) -> Iterator[CustodyEntry]:
        """Yield the entries in order. Raises TamperedError for a line that is none."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield CustodyEntry(**json.loads(line))
                except (ValueError, TypeError) as error:
                    raise TamperedError(f"{self._path.name}: line {number} is no entry") from error

    def head(self) -> tuple[int, str]:
        """Number and digest of the last entry; (0, 64 zeros) of an empty log."""
        number, digest = 0, BEGINNING
        for entry in self.entries():
            number, digest = entry.number, entry.digest
        return number, digest

    def extract(self, objects: Collection[str]) -> Extract:
        """The entries about these objects. Raises TamperedError when the chain is broken anywhere."""
        if broken := self.first_broken():
            raise TamperedError(f"{self._path.name}: entry {broken} does not follow from the one before")
        number, digest = self.head()
        kept = tuple(entry for entry in self.entries() if entry.object in objects and entry.number <= number)
        return Extract(number=number, digest=digest, entries=kept)

    def first_broken(self) -> int | None:
        """Number of the first entry that does not follow from the one before, or None when the chain is whole."""
        previous = BEGINNING
        expected = 0
        try:
            for entry in self.entries():
                expected += 1
                if (entry.number, entry.previous, entry.digest) != (expected, previous, entry.computed()):
                    return expected
                previous = entry.digest
        except TamperedError:
            return expected + 1
        return None


def _linked(entry: CustodyEntry, last: CustodyEntry | None) -> CustodyEntry:
    entry = replace(entry, number=last.number + 1 if last else 1, previous=last.digest if last else BEGINNING)
    return replace(entry, digest=entry.computed())


def _last_entry(handle: int) -> tuple[CustodyEntry | None, int]:
    """The last whole entry and the number of torn bytes behind it."""
    size = os.fstat(handle).st_size
    span = 1 << 16
    while True:
        tail = os.pread(handle, span, max(0, size - span))
        cut = tail.rfind(b"\n") + 1
        torn = len(tail) - cut
        lines = tail[:cut].splitlines()
        if len(lines) > 1 or span >= size:
            break
        span *= 2
    if not lines:
        return None, torn
    try:
        return CustodyEntry(**json.loads(lines[-1])), torn
    except (ValueError, TypeError) as error:
        raise TamperedError("the last line of the custody log is no entry") from error


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
