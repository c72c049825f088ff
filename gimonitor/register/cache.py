"""The compiled register on disk: plain JSON, keyed by the content of all rule files and by this very version of the program.

It is a copy that can always be made again: whatever is not exactly as expected (another version, another owner, one
changed byte) is passed over, and the register is loaded from the rule files. Nothing in it is ever executed.

A file whose size, times and inode are those the cache noted is taken as unchanged without reading it, unless it changed
so shortly before the cache was written that the clock could not tell.
"""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import gimonitor
from gimonitor.model import register as values
from gimonitor.model.register import GI, Article, AuthorisedUser, Model, Register, Sign, Word
from gimonitor.register.codec import LAYOUT, decoder_for, encode
from gimonitor.register.files import FORMAT, list_files

Parts: TypeAlias = tuple[
    tuple[GI, ...],
    tuple[AuthorisedUser, ...],
    tuple[Sign, ...],
    tuple[Article, ...],
    tuple[Word, ...],
    tuple[Model, ...],
]
Stamp: TypeAlias = tuple[int, int, int, int]  # size, mtime, ctime in ns, inode
SETTLED_NS = 2_000_000_000
NAME = "register.json"


def load_cached(folder: Path, cache_dir: Path) -> Register | None:
    """The register of the rule files as they are now, from the cache; None when it does not hold exactly that."""
    try:
        head, body = _read(cache_dir / NAME)
        if head["version"] != program_version() or head["folder"] != str(folder.resolve()):
            return None
        if head["body"] != hashlib.sha256(body).hexdigest() or not _unchanged(folder, head):
            return None
        with _no_collection():
            parts: Parts = decoder_for(Parts)(json.loads(body))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    gis, users, signs, articles, words, models = parts
    return Register(
        gis=gis, users=users, signs=signs, articles=articles, words=words, models=models, digest=str(head["digest"])
    )


def save_cached(register: Register, folder: Path, files: Mapping[str, bytes], cache_dir: Path) -> None:
    """Keep a register that was loaded without an error from `files`. A cache that cannot be written is no error."""
    parts = (register.gis, register.users, register.signs, register.articles, register.words, register.models)
    body = json.dumps(encode(parts), ensure_ascii=False, separators=(",", ":")).encode()
    try:
        stamps = {name: _stamp(f"{folder}/{name}") for name in files}
        head = {
            "version": program_version(),
            "folder": str(folder.resolve()),
            "digest": register.digest,
            "body": hashlib.sha256(body).hexdigest(),
            "files": {name: [*stamps[name], hashlib.sha256(raw).hexdigest()] for name, raw in files.items()},
        }
        _write(cache_dir / NAME, json.dumps(head, ensure_ascii=False).encode() + b"\n" + body)
    except OSError:
        return


def _unchanged(folder: Path, head: Mapping[str, object]) -> bool:
    noted = head["files"]
    assert isinstance(noted, dict)
    if list_files(folder) != sorted(noted):
        return False
    written = int(str(head["written"]))
    for name, (*stamp, digest) in noted.items():
        path = f"{folder}/{name}"
        settled = max(stamp[1], stamp[2]) + SETTLED_NS < written
        if settled and list(_stamp(path)) == stamp:
            continue
        if hashlib.sha256(Path(path).read_bytes()).hexdigest() != digest:
            return False
    return True


def _stamp(path: str) -> Stamp:
    status = os.stat(path)  # noqa: PTH116 -- ten thousand Path objects would take longer than the calls
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _read(path: Path) -> tuple[dict[str, object], bytes]:
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if status.st_uid != os.getuid() or status.st_mode & 0o022:
            raise PermissionError("the cache belongs to somebody else, or others may write it")
        head = json.loads(stream.readline())
        if not isinstance(head, dict):
            raise TypeError("no cache")
        return {**head, "written": status.st_mtime_ns}, stream.read()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".register-", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


@lru_cache(maxsize=1)
def program_version() -> str:
    """Changes with the program's version, the format of rule files and the shape of every value."""
    shapes = [
        (name, [(f.name, str(f.type)) for f in dataclasses.fields(value)])
        for name, value in sorted(vars(values).items())
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    ]
    enums = [
        (name, list(value.__members__))
        for name, value in sorted(vars(values).items())
        if isinstance(value, type) and issubclass(value, StrEnum)
    ]
    text = repr((gimonitor.__version__, FORMAT, LAYOUT, shapes, enums))
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of values that all live on: the garbage collector would look at them again and again for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
