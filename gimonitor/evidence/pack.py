"""证据包: a BagIt bag (RFC 8493) in one ZIP that is whole or absent, the same bytes for the same contents.

Files are stored, not compressed, in the order given and with one fixed time, so that every byte of the ZIP follows
from its contents and the verifier inside can check all of them. Source: https://www.rfc-editor.org/rfc/rfc8493
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from gimonitor import __version__
from gimonitor.errors import EvidenceError, TamperedError
from gimonitor.evidence import standalone
from gimonitor.evidence.custody import NOTHING, Extract
from gimonitor.evidence.digest import Digests, digest_bytes, digest_chunks, digest_file, has_sm3
from gimonitor.evidence.files import check_room, discard, disk_errors, owned_part, publish, safe_name
from gimonitor.evidence.pages import TEMPLATES, render
from gimonitor.evidence.seal import RESERVE_BYTES

MAX_BYTES = 4_000_000_000  # a plain ZIP ends at 4 GiB; a larger case is cut into several packs
MAX_FILES = 60_000
_CHUNK = 1 << 20
_WHEN = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """How a piece of evidence came to be: the columns of the 证据清单 that a digest does not say. Files of one `piece`, such
    as a page and its screenshots, that lie in one folder are listed below it.
    """

    at: datetime
    method: str
    kind: str = "电子数据"
    by: str = ""
    carrier: str = ""
    piece: str = ""
    proves: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """A file of the pack. `path` is its place below `data/`; each part of it is made safe.

    `sha256`, where given, is what the content must have: a file changed since it was captured stops the pack.
    `obtained` makes it a row of the evidence list.
    """

    path: str
    content: bytes | Path
    title: str = ""
    media_type: str = "application/octet-stream"
    sha256: str = ""
    obtained: Obtained | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time-stamp token over `manifest-sha256.txt`: `token` is the raw reply, `chain` its PEM certificates, if it has any."""

    authority: str
    at: datetime
    token: bytes
    chain: bytes = b""


Stamper = Callable[[bytes], tuple[tuple[Stamp, ...], str]]
"""Takes the manifest; gives the tokens obtained, and in words why one is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackContents:
    """Everything that goes into a pack. `limits` are sentences about what this pack in particular does not show, `custody`
    what the house's custody log says of its files."""

    number: str
    title: str
    made_at: datetime
    made_by: str
    organisation: str
    files: tuple[PackFile, ...]
    limits: tuple[str, ...] = ()
    custody: Extract = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack that is whole. `sha256` is of the ZIP, `manifest_sha256` of its `manifest-sha256.txt`.

    `stamps` are the authorities whose tokens are in it, `unstamped` says why one is missing.
    """

    path: Path
    sha256: str
    manifest_sha256: str
    size: int
    files: int
    stamps: tuple[str, ...] = ()
    unstamped: str = ""


def build_pack(
    folder: Path, contents: PackContents, *, stamper: Stamper | None = None, reserve: int = RESERVE_BYTES
) -> Pack:
    """Build the pack `folder/NUMBER.zip`, streamed: memory does not grow with its size.

    Raises:
        EvidenceError: there is such a pack already, a file is missing, or it would be too large for one pack.
        TamperedError: a file is not what was captured; names it.
        DiskFullError: too little room. In all cases nothing is left that looks like a pack.
    """
    if not has_sm3():
        raise EvidenceError("this Python's OpenSSL has no SM3: packs cannot be built here")
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / f"{safe_name(contents.number)}.zip"
    if final.exists():
        raise EvidenceError(f"{final.name}: there is a pack of this number already")
    check_room(folder, _size_of(contents.files), reserve)
    part = owned_part(folder, final.name)
    try:
        with disk_errors(final):
            with zipfile.ZipFile(part, "x", zipfile.ZIP_STORED, allowZip64=False) as archive:
                bag = _Bag(archive, safe_name(contents.number))
                bag.fill(contents, stamper)
            publish(part, final)
    except BaseException:
        discard(part)
        raise
    made = digest_file(final)
    return Pack(
        path=final,
        sha256=made.sha256,
        manifest_sha256=bag.manifest_sha256,
        size=made.size,
        files=bag.count,
        stamps=bag.stamps,
        unstamped=bag.unstamped,
    )


def _size_of(files: Iterable[PackFile]) -> int:
    total = count = 0
    for file in files:
        count += 1
        if isinstance(file.content, bytes):
            total += len(file.content)
        elif not file.content.is_file():
            raise EvidenceError(f"{file.title or file.path}: {file.content.name} is missing from the archive")
        else:
            total += file.content.stat().st_size
    if total > MAX_BYTES or count > MAX_FILES:
        raise EvidenceError(f"{count} files of {total >> 20} MiB are too much for one pack; divide the links")
    return total


class _Bag:
    """Writes the bag into an open archive, file after file, and keeps the digests."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        self._archive = archive
        self._root = root
        self._data: dict[str, Digests] = {}
        self._tags: dict[str, bytes] = {}
        self._taken: set[str] = set()
        self.manifest_sha256 = ""
        self.stamps: tuple[str, ...] = ()
        self.unstamped = ""

    @property
    def count(self) -> int:
        """Files written so far."""
        return len(self._archive.namelist())

    def fill(self, contents: PackContents, stamper: Stamper | None) -> None:
        """Write everything, manifests last."""
        rows: list[dict[str, object]] = []
        for file in contents.files:
            path, digests = self._add(file)
            if file.obtained:
                rows.append(_row(len(rows) + 1, file, file.obtained, path, digests))
        listed = json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode("utf-8", "replace")
        self._add(PackFile(path="evidence-list.json", content=listed))
        page = render(TEMPLATES, "evidence-list.html.j2", pack=contents, pieces=pieces_of(rows))
        self._add(PackFile(path="evidence-list.html", content=page))
        for entry in contents.custody.entries:  # a file's digest is its entry's, which the next entry carries
            self._add(PackFile(path=f"custody/{entry.number:09}.json", content=entry.text(), sha256=entry.digest))
        self._add(PackFile(path="custody/head.txt", content=contents.custody.head.encode()))
        manifest = _lines((name, d.sha256) for name, d in self._data.items())
        self.manifest_sha256 = digest_bytes(manifest).sha256
        self._tag("manifest-sha256.txt", manifest)
        self._tag("sm3.txt", _lines((name, d.sm3) for name, d in self._data.items()))
        self._describe(contents, self._stamp(manifest, stamper))
        for name in ("sha256", "sha512"):
            lines = _lines((tag, hashlib.new(name, data).hexdigest()) for tag, data in self._tags.items())
            self._write(f"tagmanifest-{name}.txt", BytesIO(lines))

    def _stamp(self, manifest: bytes, stamper: Stamper | None) -> list[dict[str, object]]:
        stamps, self.unstamped = stamper(manifest) if stamper else ((), "未配置时间戳机构")
        shown: list[dict[str, object]] = []
        for number, stamp in enumerate(stamps, 1):
            file, chain = f"timestamps/{number:02}.tsr", f"timestamps/{number:02}.pem" if stamp.chain else ""
            self._tag(file, stamp.token)
            if chain:
                self._tag(chain, stamp.chain)
            shown.append({"file": file, "chain": chain, "authority": stamp.authority, "at": stamp.at})
        self.stamps = tuple(stamp.authority for stamp in stamps)
        return shown

    def _describe(self, contents: PackContents, stamps: list[dict[str, object]]) -> None:
        self._tag("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        octets = sum(d.size for d in self._data.values())
        info = {
            "Source-Organization": contents.organisation,
            "External-Identifier": contents.number,
            "External-Description": contents.title,
            "Bagging-Date": contents.made_at.astimezone(UTC).date().isoformat(),
            "Bagging-Time": contents.made_at.astimezone(UTC).isoformat(),
            "Bag-Software-Agent": f"gimonitor {__version__}",
            "Payload-Oxum": f"{octets}.{len(self._data)}",
            "Custody-Log-Head": contents.custody.head,
            "Time-Stamps": f"{len(stamps) or 'none'}" + (f" ({self.unstamped})" if self.unstamped else ""),
        }
        text = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in info.items())
        self._tag("bag-info.txt", text.encode("utf-8", "replace"))
        for name in ("how-to-check.html", "how-to-check.txt"):
            page = render(TEMPLATES, f"{name}.j2", pack=contents, stamps=stamps, unstamped=self.unstamped)
            self._tag(name, page)
        self._tag("verify.py", Path(standalone.__file__).read_bytes())

    def _add(self, file: PackFile) -> tuple[str, Digests]:
        path = self._place(file.path)
        with BytesIO(file.content) if isinstance(file.content, bytes) else file.content.open("rb") as source:
            digests = self._write(path, source)
        if file.sha256 and digests.sha256 != file.sha256:
            raise TamperedError(f"{file.title or path}: SHA-256 is {digests.sha256}, recorded was {file.sha256}")
        self._data[path] = digests
        return path, digests

    def _tag(self, name: str, data: bytes) -> None:
        self._write(name, BytesIO(data))
        self._tags[name] = data

    def _place(self, path: str) -> str:
        """A safe path below `data/` that no other file has, on file systems that fold case either."""
        parts = [safe_name(part, 120) for part in path.split("/")]
        stem, dot, suffix = parts[-1].partition(".")
        for number in range(1, MAX_FILES):
            last = parts[-1] if number == 1 else f"{stem}-{number}{dot}{suffix}"
            place = "/".join(["data", *parts[:-1], last])
            if place.casefold() not in self._taken:
                self._taken.add(place.casefold())
                return place
        raise EvidenceError(f"{path}: too many files of one name")

    def _write(self, name: str, source: BinaryIO) -> Digests:
        info = zipfile.ZipInfo(f"{self._root}/{name}", _WHEN)
        info.external_attr = 0o644 << 16
        info.create_system = 3

        def copied(target: zipfile.ZipFile) -> Iterator[bytes]:
            with target.open(info, "w") as file:
                while chunk := source.read(_CHUNK):
                    file.write(chunk)
                    yield chunk

        try:
            return digest_chunks(copied(self._archive))
        except (zipfile.LargeZipFile, RuntimeError) as error:
            raise EvidenceError(f"{name}: too large for a pack") from error


def pieces_of(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows of the evidence list by pieces, as a person reads them: each has what its first file has, and its `files`. Numbers
    are text: of a piece 3, of a file of several 3-1.
    """
    groups: list[list[Mapping[str, object]]] = []
    for row in rows:
        if groups and row["piece"] and _belongs(row, groups[-1][0]):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [_piece(number, files) for number, files in enumerate(groups, 1)]


def _belongs(row: Mapping[str, object], first: Mapping[str, object]) -> bool:
    folder = str(first["path"]).rpartition("/")[0]
    return row["piece"] == first["piece"] and str(row["path"]).startswith(f"{folder}/")


def _piece(number: int, files: Sequence[Mapping[str, object]]) -> dict[str, object]:
    first = files[0]
    return {
        **first,
        "number": str(number),
        "title": first["piece"] or first["title"],
        "count": len(files),
        "files": [
            {**row, "number": f"{number}-{i}" if len(files) > 1 else str(number)} for i, row in enumerate(files, 1)
        ],
    }


def _row(number: int, file: PackFile, obtained: Obtained, path: str, digests: Digests) -> dict[str, object]:
    return {
        "number": number,
        "piece": obtained.piece,
        "title": file.title or path,
        "kind": obtained.kind,
        "at": obtained.at,
        "utc": obtained.at.astimezone(UTC).isoformat(timespec="seconds"),
        "method": obtained.method,
        "by": obtained.by,
        "carrier": obtained.carrier,
        "path": path,
        "size": digests.size,
        "media_type": file.media_type,
        "sha256": digests.sha256,
        "sm3": digests.sm3,
        "proves": obtained.proves,
        "note": obtained.note,
    }


def _lines(entries: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(entries)).encode()
