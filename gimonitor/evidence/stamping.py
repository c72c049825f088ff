"""Time-stamps that can wait: a queue of files to be stamped, worked off when an authority can be reached.

The tokens of a file lie beside it as `NAME.01.tsr` with their certificates in `NAME.01.pem`. A pack's tokens are over
its `NAME.zip.sha256`, a line that `sha256sum -c` checks, so that one small file stands for the whole pack.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from gimonitor.errors import EvidenceError, TamperedError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.files import disk_errors, part_of, publish
from gimonitor.evidence.pack import Stamp, Stamper
from gimonitor.evidence.timestamps import Token, read_token, request_token, say_failure

log = logging.getLogger(__name__)

MAX_STAMPED = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file that still lacks tokens. `urls` are the authorities yet to answer, `error` what the last try said."""

    file: str
    urls: tuple[str, ...]
    since: str
    tries: int = 0
    error: str = ""


class StampQueue:
    """The files waiting for tokens, one small JSON file each: what is queued survives a crash, once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._silent: dict[str, str] = {}  # authorities that failed, with what they said; `stamp_now` asks each once

    def add(self, file: Path, urls: Sequence[str], now: datetime, error: str = "") -> Waiting:
        """Queue a file for the authorities `urls`; queueing it again adds to them."""
        path = self._path(file)
        known = self._load(path) if path.exists() else None
        waiting = Waiting(
            file=str(file.resolve()),
            urls=tuple(dict.fromkeys([*(known.urls if known else ()), *urls])),
            since=known.since if known else now.isoformat(),
            tries=known.tries if known else 0,
            error=error,
        )
        self._save(waiting)
        return waiting

    def stamp_now(
        self,
        file: Path,
        urls: Sequence[str],
        roots: Sequence[x509.Certificate] = (),
        *,
        now: datetime,
        timeout: float = 15.0,
    ) -> tuple[list[Token], str]:
        """Stamp a file at every authority at once, and queue it for those that fail. Returns the tokens and, in words,
        why one is missing. An authority that failed is not asked again by this queue: the file waits for it."""
        tokens = []
        for url in urls:
            if url in self._silent:
                continue
            try:
                tokens.append(stamp_file(file, url, roots, timeout=timeout))
            except EvidenceError as error:
                self._silent[url] = str(error)
        left = [url for url in urls if url in self._silent]
        why = "; ".join(self._silent[url] for url in left)
        if left:
            self.add(file, left, now, why)
        return tokens, why

    def waiting(self) -> tuple[Waiting, ...]:
        """Everything queued, oldest first."""
        found = [self._load(path) for path in sorted(self._folder.glob("*.json"))]
        return tuple(sorted(found, key=lambda w: (w.since, w.file)))

    def work(self, roots: Sequence[x509.Certificate] = (), *, timeout: float = 15.0) -> tuple[list[Token], list[str]]:
        """Try everything once. Returns the tokens obtained and, in words, what still waits and why.

        A file that has gone is dropped from the queue and said, never passed over.
        """
        tokens: list[Token] = []
        problems = []
        for waiting in self.waiting():
            file = Path(waiting.file)
            if not file.is_file():
                problems.append(f"{file.name}: the file is gone and was not stamped")
                self._path(file).unlink()
                continue
            left, errors = [], []
            for url in waiting.urls:
                try:
                    tokens.append(stamp_file(file, url, roots, timeout=timeout))
                except EvidenceError as error:
                    left.append(url)
                    errors.append(str(error))
            if left:
                self._save(replace(waiting, urls=tuple(left), tries=waiting.tries + 1, error="; ".join(errors)))
                problems.append(f"{file.name}: {'; '.join(errors)}")
            else:
                self._path(file).unlink()
        return tokens, problems

    def _path(self, file: Path) -> Path:
        return self._folder / f"{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:32]}.json"

    def _load(self, path: Path) -> Waiting:
        content = json.loads(path.read_text("utf-8"))
        return Waiting(**{**content, "urls": tuple(content["urls"])})

    def _save(self, waiting: Waiting) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(Path(waiting.file))
        _write(path, json.dumps(asdict(waiting), ensure_ascii=False).encode())


def stamp_file(file: Path, url: str, roots: Sequence[x509.Certificate] = (), *, timeout: float = 15.0) -> Token:
    """Obtain a token over a file's bytes and put it beside the file. Raises EvidenceError as `request_token` does."""
    token = request_token(url, _content(file), roots=roots, timeout=timeout)
    number = 1
    while (beside := file.with_name(f"{file.name}.{number:02}.tsr")).exists():
        number += 1
    if token.chain:
        _write(beside.with_suffix(".pem"), token.chain)
    _write(beside, token.raw)
    return token


def tokens_of(file: Path) -> list[Path]:
    """The tokens that lie beside a file, in order."""
    return sorted(p for p in file.parent.glob("*.tsr") if p.name.rsplit(".", 2)[0] == file.name)


def verify_tokens(file: Path, roots: Sequence[x509.Certificate] = ()) -> tuple[list[Token], list[str]]:
    """Check the tokens beside a file. Returns those that hold and, in words, what is wrong with the others."""
    good, problems = [], []
    for path in tokens_of(file):
        try:
            good.append(read_token(path.read_bytes(), _content(file), roots=roots))
        except (EvidenceError, OSError) as error:
            problems.append(f"{path.name}: {error}")
    return good, problems


def write_digest(pack: Path) -> Path:
    """Write `NAME.zip.sha256` beside a pack and return it."""
    path = pack.with_name(f"{pack.name}.sha256")
    _write(path, f"{digest_file(pack).sha256}  {pack.name}\n".encode())
    return path


def check_digest(pack: Path) -> None:
    """Raise TamperedError when a `NAME.zip.sha256` lies beside a pack and does not agree with it."""
    path = pack.with_name(f"{pack.name}.sha256")
    if path.is_file() and path.read_bytes() != f"{digest_file(pack).sha256}  {pack.name}\n".encode():
        raise TamperedError(f"{path.name}: differs from the pack")


def make_stamper(urls: Sequence[str], roots: Sequence[x509.Certificate] = (), *, timeout: float = 15.0) -> Stamper:
    """A function that stamps a pack's manifest at every authority in turn and says which of them failed and why."""

    def stamper(manifest: bytes) -> tuple[tuple[Stamp, ...], str]:
        stamps, failed = [], []
        for url in urls:
            try:
                token = request_token(url, manifest, roots=roots, timeout=timeout)
            except EvidenceError as error:
                log.warning("no time-stamp: %s", error)
                failed.append(f"{url}：{say_failure(str(error))}")
            else:
                stamps.append(Stamp(authority=url, at=token.at, token=token.raw, chain=token.chain))
        return tuple(stamps), "；".join(failed) if urls else "未配置时间戳机构"

    return stamper


def _content(file: Path) -> bytes:
    if file.stat().st_size > MAX_STAMPED:
        raise EvidenceError(f"{file.name}: too large to be stamped itself; stamp its digest")
    return file.read_bytes()


def _write(path: Path, data: bytes) -> None:
    part = part_of(path)
    with disk_errors(path):
        part.write_bytes(data)
        publish(part, path)
