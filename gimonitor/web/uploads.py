"""Files that officers bring: photographs, recordings and papers, kept under their digest as evidence, and tables to read."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi import UploadFile
from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.evidence.files import check_room, disk_errors, part_of, publish
from gimonitor.papers.places import custody_log
from gimonitor.store import audit, captures
from gimonitor.store.captures import StoredCapture
from gimonitor.web.files import UPLOADS

MOST_BYTES = 200 << 20
MOST_TABLE = 20 << 20
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
RECORDINGS = (".mp3", ".m4a", ".wav", ".amr", ".aac", ".mp4", ".mov", ".webm")
PAPERS = (".pdf",)
TABLES = (".csv", ".xlsx", ".xls")
BUNDLES = (".gibundle",)
_MARKS = {  # how a file of this kind begins
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".webp": b"RIFF",
    ".pdf": b"%PDF-",
    ".gibundle": b"PK\x03\x04",
}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file as it was kept: its path below the evidence folder, its digest, and what it is evidence of."""

    file: str
    sha256: str
    size: int
    kind: str
    name: str

    def path(self, configuration: Configuration) -> Path:
        """Where it lies."""
        return configuration.evidence_dir / self.file


def keep_upload(configuration: Configuration, upload: UploadFile) -> Kept:
    """Keep a picture, recording or PDF below the evidence folder. Raises InputError for anything else, DiskFullError."""
    return _keep(configuration, upload, (*PICTURES, *RECORDINGS, *PAPERS), MOST_BYTES)


def keep_table(configuration: Configuration, upload: UploadFile) -> Kept:
    """Keep a table, which is the proof of what a platform answered."""
    return _keep(configuration, upload, TABLES, MOST_TABLE)


def keep_bundle(configuration: Configuration, upload: UploadFile) -> Kept:
    """Keep a signed file of another bureau, which is the proof of what it said."""
    return _keep(configuration, upload, BUNDLES, MOST_BYTES)


def kept_table(configuration: Configuration, sha256: str, suffixes: tuple[str, ...] = TABLES) -> Path | None:
    """The table, or other file of some kinds, kept under a digest, if there is one."""
    folder = configuration.evidence_dir / UPLOADS
    if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
        return None
    return next((path for suffix in suffixes if (path := folder / f"{sha256}{suffix}").is_file()), None)


def keep_for_lead(
    c: Connection, configuration: Configuration, kept: Kept, listing_id: int, lead_id: int, who: str, now: datetime
) -> int:
    """Note a kept file as a capture of a lead, in the custody log and in the audit."""
    custody_log(configuration).append(who, "captured", kept.file, sha256=kept.sha256, detail=kept.name)
    capture = StoredCapture(
        listing_id=listing_id,
        lead_id=lead_id,
        kind=kept.kind,
        file=kept.file,
        sha256=kept.sha256,
        at=now,
        who=who,
        detail={"size": kept.size, "name": kept.name},
    )
    made = captures.save_capture(c, capture)
    detail: dict[str, object] = {"capture": made, "sha256": kept.sha256, "kind": kept.kind}
    audit.append_audit(c, who, "lead.upload", f"lead:{lead_id}", detail, at=now)
    return made


def _keep(configuration: Configuration, upload: UploadFile, suffixes: tuple[str, ...], most: int) -> Kept:
    suffix = Path(upload.filename or "").suffix.lower()
    if suffix not in suffixes:
        raise InputError(f"不支持的文件类型 {suffix or '（无扩展名）'}；可以上传：{'、'.join(suffixes)}")
    folder = configuration.evidence_dir / UPLOADS
    folder.mkdir(parents=True, exist_ok=True)
    check_room(folder, most, configuration.disk_reserve_mb << 20)
    part = part_of(folder / f"upload-{secrets.token_hex(8)}")
    try:
        with disk_errors(part):
            sha256, size = _copy(upload, part, _MARKS.get(suffix, b""), most)
            final = folder / f"{sha256}{suffix}"
            if not final.exists():
                publish(part, final)
    finally:
        part.unlink(missing_ok=True)
    kind = "image" if suffix in PICTURES else "recording" if suffix in RECORDINGS else "paper"
    name = Path(upload.filename or "").name[:120]
    return Kept(file=f"{UPLOADS}{sha256}{suffix}", sha256=sha256, size=size, kind=kind, name=name)


def _copy(upload: UploadFile, part: Path, mark: bytes, most: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as file:
        while chunk := upload.file.read(_CHUNK):
            if not size and not chunk.startswith(mark):
                raise InputError("文件内容与扩展名不符")
            size += len(chunk)
            if size > most:
                raise InputError(f"文件超过 {most >> 20} MB")
            digest.update(chunk)
            file.write(chunk)
    if not size:
        raise InputError("文件是空的")
    return digest.hexdigest(), size
