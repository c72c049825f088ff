"""Responses sealed into WARC 1.1 (ISO 28500) as they arrive, before anybody parses them.

Every record is one gzip member handed to the system in one piece; what a killed process leaves in a `.part` file is
every record it had sealed, and `recover_seals` adopts it. Source: https://iipc.github.io/warc-specifications/
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import platform
import threading
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio has no stubs
from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]  # warcio has no stubs
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]  # warcio has no stubs
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]  # warcio has no stubs

from gimonitor import __version__
from gimonitor.errors import EvidenceError, TamperedError
from gimonitor.evidence.files import PART, check_room, disk_errors, part_of, publish, safe_name, sync_folder
from gimonitor.evidence.sealed import Sealed

__all__ = [
    "Recovered",
    "Sealed",
    "SealedResponse",
    "WarcSeal",
    "read_member",
    "read_sealed",
    "recover_seals",
    "whole_members",
]

Headers = Iterable[tuple[str, str]]

ROTATE_BYTES = 1 << 30
RESERVE_BYTES = 500 << 20
JUST_BEGUN = 60.0  # seconds for which a file without a record is left alone
_LEVEL = 3  # measured on a 213 kB page: 6 ms where level 9 takes 11 ms and saves 5 %
_CHUNK = 1 << 16
_URL_SAFE = "%/?:@!$&'()*+,;=~-._[]"
_DECODED = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class WarcSeal:
    """Writes response and request records of one run into `folder/RUN/`, one file after another.

    Use as a context manager, or call `close`. Safe to call from several threads. `reserve` is the free space in bytes
    that is never used up; `rotate` the size at which the next file begins.
    """

    def __init__(
        self, folder: Path, run: str, *, reserve: int = RESERVE_BYTES, rotate: int = ROTATE_BYTES, software: str = ""
    ) -> None:
        self._root = folder
        self._run = safe_name(run)
        self._folder = folder / self._run
        self._reserve = reserve
        self._rotate = rotate
        self._software = software or f"gimonitor/{__version__} warcio python/{platform.python_version()}"
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._final = self._folder
        self._size = 0
        self._serial = 0

    def write(
        self,
        url: str,
        status: int,
        headers: Headers,
        body: bytes,
        *,
        method: str = "GET",
        request_headers: Headers = (),
        request_body: bytes = b"",
        ip: str = "",
        at: datetime | None = None,
        decoded: bool = True,
    ) -> Sealed:
        """Seal one exchange and return where it lies. It survives the death of this process from then on.

        `decoded`: the body has lost its Content- or Transfer-Encoding on the way (Scrapy's and Chromium's have); those
        headers are kept under `X-Orig-` names, so that the record can be replayed.

        Raises:
            DiskFullError: the reserve would be used up, or the disk is full; the file holds only whole records.
        """
        at = at or datetime.now(UTC)
        head = list(_as_decoded(headers, len(body)) if decoded else headers)
        response = _record("response", url, f"HTTP/1.1 {status} ", head, body, at, ip)
        asked = _record(
            "request", url, f"{_one_line(method)} {_target(url)} HTTP/1.1", request_headers, request_body, at
        )
        asked[0]["WARC-Concurrent-To"] = response[0]["WARC-Record-ID"]
        members = [_member(*response), _member(*asked)]
        with self._lock:
            offset = self._append(members)
            return Sealed(
                file=f"{self._run}/{self._final.name}",
                offset=offset,
                length=len(members[0]),
                sha256=response[0]["WARC-Payload-Digest"].removeprefix("sha256:"),
                url=url,
                at=at,
            )

    def write_resource(self, url: str, content_type: str, body: bytes, *, at: datetime | None = None) -> Sealed:
        """Seal bytes that no server sent: a screenshot, a rendered document. Raises as `write` does."""
        at = at or datetime.now(UTC)
        fields = {**_fields("resource", url, at), "Content-Type": _one_line(content_type)}
        member = _member(fields, None, body)
        with self._lock:
            offset = self._append([member])
            return Sealed(
                file=f"{self._run}/{self._final.name}",
                offset=offset,
                length=len(member),
                sha256=fields["WARC-Payload-Digest"].removeprefix("sha256:"),
                url=url,
                at=at,
            )

    def sync(self) -> None:
        """Write everything sealed so far through to the disk, so that it survives a power cut too."""
        with self._lock:
            if self._file:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write through, and give the current file its final name. Sealing again begins a new file."""
        with self._lock:
            self._finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, members: list[bytes]) -> int:
        need = sum(map(len, members))
        if self._file is None or self._size + need > self._rotate:
            self._finish()
            self._begin()
        check_room(self._folder, need, self._reserve)
        offset = self._size
        self._put(b"".join(members))
        return offset

    def _put(self, data: bytes) -> None:
        assert self._file is not None
        try:
            with disk_errors(self._final):
                rest = memoryview(data)
                while rest:
                    rest = rest[self._file.write(rest) :]
        except BaseException:
            self._file.truncate(self._size)  # nothing half sealed stays behind
            self._file.seek(self._size)
            raise
        self._size += len(data)

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        check_room(self._folder, 0, self._reserve)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._final = self._folder / f"{self._run}-{stamp}-{os.getpid()}-{self._serial:05}.warc.gz"
        self._serial += 1
        with disk_errors(self._final):
            self._file = part_of(self._final).open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)  # tells recover_seals that somebody is at work
        self._size = 0
        info = {
            "software": self._software,
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "isPartOf": self._run,
            "hostname": platform.node(),
        }
        text = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in info.items()).encode()
        fields = {**_fields("warcinfo", "", datetime.now(UTC)), "Content-Type": "application/warc-fields"}
        self._put(_member({**fields, "WARC-Filename": self._final.name}, None, text))

    def _finish(self) -> None:
        if self._file is None:
            return
        with self._file as file:
            self._file = None
            with disk_errors(self._final):
                os.fsync(file.fileno())
            publish(part_of(self._final), self._final)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedResponse:
    """What a record holds. `status` is 0 for a resource record."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ip: str
    at: str


def read_sealed(folder: Path, sealed: Sealed) -> SealedResponse:
    """Read a sealed response back and check it against its record's digests and against `sealed`.

    Raises:
        TamperedError: the bytes are not those that were sealed.
        EvidenceError: the file is not there.
    """
    return _checked(_raw_member(folder, sealed), sealed)


def read_member(folder: Path, sealed: Sealed) -> bytes:
    """The record as it lies in the archive, a WARC file by itself, checked. Raises as `read_sealed` does."""
    raw = _raw_member(folder, sealed)
    _checked(raw, sealed)
    return raw


def _raw_member(folder: Path, sealed: Sealed) -> bytes:
    path = folder / sealed.file
    if not path.is_file():
        path = part_of(path)
    try:
        with path.open("rb") as file:
            file.seek(sealed.offset)
            raw = file.read(sealed.length)
    except OSError as error:
        raise EvidenceError(f"{sealed.file}: cannot be read: {error.strerror}") from error
    if len(raw) != sealed.length:
        raise TamperedError(f"{sealed.file} at {sealed.offset}: the file is cut short")
    return raw


def _checked(raw: bytes, sealed: Sealed) -> SealedResponse:
    place = f"{sealed.file} at {sealed.offset}"
    try:
        plain = gzip.decompress(raw)  # checks what warcio's own unpacking does not: the member's CRC and length
        record = next(iter(ArchiveIterator(BytesIO(plain), check_digests="raise")))
        body = record.raw_stream.read()
    except (ArchiveLoadFailed, zlib.error, OSError, StopIteration, ValueError, EOFError) as error:
        raise TamperedError(f"{place}: {error}") from error
    if hashlib.sha256(body).hexdigest() != sealed.sha256:
        raise TamperedError(f"{place}: SHA-256 differs from the one recorded when it was sealed")
    http = record.http_headers
    return SealedResponse(
        url=record.rec_headers.get_header("WARC-Target-URI", ""),
        status=int(http.get_statuscode()) if http else 0,
        headers=tuple(http.headers) if http else (),
        body=body,
        ip=record.rec_headers.get_header("WARC-IP-Address", ""),
        at=record.rec_headers.get_header("WARC-Date", ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """An archive that a dead process left behind and that is now whole. `cut` counts the bytes of a torn last record."""

    file: str
    records: int
    cut: int


def recover_seals(folder: Path) -> list[Recovered]:
    """Adopt every `.part` archive under `folder` that no living process is writing: keep all whole records, drop the
    torn one at the end, and give the file its final name. Offsets do not move. One without a record goes, once it is old
    enough that nobody has just begun it."""
    found = []
    for part in sorted(folder.rglob(f"*.warc.gz{PART}")):
        with suppress(FileNotFoundError):  # who wrote it has just finished it
            if recovered := _recover(part, folder):
                found.append(recovered)
    return found


def _recover(part: Path, folder: Path) -> Recovered | None:
    with part.open("r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        whole = records = 0
        for offset, length, _ in whole_members(part):
            whole, records = offset + length, records + 1
        if records == 0:
            if time.time() - part.stat().st_mtime > JUST_BEGUN:
                part.unlink()
                sync_folder(part.parent)
            return None
        cut = part.stat().st_size - whole
        file.truncate(whole)
        os.fsync(file.fileno())
        final = part.with_name(part.name.removesuffix(PART))
        publish(part, final)
        return Recovered(file=final.relative_to(folder).as_posix(), records=records, cut=cut)


def whole_members(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield (offset, length, unpacked record) of each whole gzip member, and stop silently at the first torn one."""
    with path.open("rb") as file:
        offset, pending = 0, b""
        while True:
            unpacker, parts, length = zlib.decompressobj(zlib.MAX_WBITS + 16), [], 0
            try:
                while not unpacker.eof:
                    chunk = pending or file.read(_CHUNK)
                    if not chunk:
                        return
                    parts.append(unpacker.decompress(chunk))
                    pending = unpacker.unused_data
                    length += len(chunk) - len(pending)
            except zlib.error:
                return
            yield offset, length, b"".join(parts)
            offset += length


class _Head(StatusAndHeaders):  # type: ignore[misc]  # warcio has no stubs
    """An HTTP head kept byte for byte, where warcio would percent-encode what is not ASCII."""

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        lines = [self.statusline, *(f"{name}: {value}" for name, value in self.headers)]
        self.headers_buff = "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace") + b"\r\n"


def _fields(kind: str, url: str, at: datetime) -> dict[str, str]:
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return {**fields, "WARC-Target-URI": _one_line(url)} if url else fields


def _record(
    kind: str, url: str, first: str, headers: Headers, body: bytes, at: datetime, ip: str = ""
) -> tuple[dict[str, str], _Head, bytes]:
    fields = _fields(kind, url, at)
    if ip:
        fields["WARC-IP-Address"] = _one_line(ip)
    fields["Content-Type"] = f"application/http; msgtype={kind}"
    return fields, _Head(first, [(_one_line(n), _one_line(v)) for n, v in headers]), body


def _member(fields: dict[str, str], head: _Head | None, body: bytes) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    block = body
    if head is not None:
        head.compute_headers_buffer()
        block = head.headers_buff + body
    if fields["WARC-Type"] != "warcinfo":
        fields["WARC-Payload-Digest"] = f"sha256:{hashlib.sha256(body).hexdigest()}"
    fields["WARC-Block-Digest"] = f"sha256:{hashlib.sha256(block).hexdigest()}"
    record = writer.create_warc_record(
        "",
        fields["WARC-Type"],
        payload=BytesIO(body),
        length=len(body),
        warc_headers=StatusAndHeaders("", list(fields.items()), protocol="WARC/1.1"),
        http_headers=head,
    )
    writer.write_record(record)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(out.getvalue()) + packer.flush()


def _as_decoded(headers: Headers, length: int) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        yield (f"X-Orig-{name}", value) if name.lower() in _DECODED else (name, value)
    yield "Content-Length", str(length)


def _target(url: str) -> str:
    rest = url.split("://", 1)[-1]
    path = "/" + rest.split("/", 1)[1] if "/" in rest else "/"
    return quote(path.split("#", 1)[0], safe=_URL_SAFE, errors="replace")


def _one_line(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().replace("\x00", "").splitlines())
