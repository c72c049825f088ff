"""WACZ: web archives with index and pages in one ZIP, which ReplayWeb.page opens without a server.

Source: https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio has no stubs

from gimonitor import __version__
from gimonitor.errors import EvidenceError
from gimonitor.evidence.digest import Digests, digest_bytes, digest_chunks
from gimonitor.evidence.files import disk_errors, safe_name
from gimonitor.evidence.seal import whole_members

_WHEN = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
_INDEXED = frozenset({"response", "resource", "revisit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """A page to begin the replay at."""

    url: str
    at: datetime
    title: str = ""


def build_wacz(path: Path, warcs: Sequence[Path], pages: Iterable[ArchivedPage], *, title: str = "") -> None:
    """Write a WACZ of whole WARC files to `path`, which must not exist; the same input gives the same bytes. A page whose
    address no archive holds is not listed: it could not be opened.

    Raises:
        EvidenceError: an archive is missing or holds no whole record.
        DiskFullError: there is no room. The caller removes what was begun.
    """
    names = _names(warcs)
    with disk_errors(path), zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:
        resources = [_copy(archive, f"archive/{name}", warc) for name, warc in names.items()]
        lines = sorted(line for name, warc in names.items() for line in _index(name, warc))
        resources.append(_put(archive, "indexes/index.cdxj", "".join(lines).encode()))
        held = {line.partition(" ")[0] for line in lines}
        there = (page for page in pages if sort_key(page.url.partition("#")[0]) in held)
        listed = sorted(there, key=lambda page: (page.at, page.url))
        resources.append(_put(archive, "pages/pages.jsonl", _pages(listed)))
        package = {
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "title": title,
            "software": f"gimonitor {__version__}",
            "created": _stamp(max((page.at for page in listed), default=datetime.fromtimestamp(0, UTC))),
            "mainPageUrl": listed[0].url if listed else "",
            "mainPageDate": _stamp(listed[0].at) if listed else "",
            "resources": resources,
        }
        data = json.dumps(package, ensure_ascii=False, indent=1).encode("utf-8", "replace")
        _put(archive, "datapackage.json", data)
        digest = {"path": "datapackage.json", "hash": f"sha256:{digest_bytes(data).sha256}"}
        _put(archive, "datapackage-digest.json", json.dumps(digest, indent=1).encode())


def _names(warcs: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for number, warc in enumerate(warcs, 1):
        if not warc.is_file():
            raise EvidenceError(f"{warc.name}: the archive is missing")
        found[f"{number:03}-{safe_name(warc.name, 100)}"] = warc
    return found


def _index(name: str, warc: Path) -> list[str]:
    lines = []
    for offset, length, plain in whole_members(warc):
        record = next(iter(ArchiveIterator(BytesIO(plain))))
        if record.rec_type not in _INDEXED:
            continue
        heads, http = record.rec_headers, record.http_headers
        url = heads.get_header("WARC-Target-URI")
        kind = (http.get_header("Content-Type") if http else heads.get_header("Content-Type")) or ""
        entry = {
            "url": url,
            "mime": kind.partition(";")[0].strip(),
            "status": http.get_statuscode() if http else "200",
            "digest": heads.get_header("WARC-Payload-Digest"),
            "length": str(length),
            "offset": str(offset),
            "filename": name,
        }
        when = "".join(c for c in heads.get_header("WARC-Date") if c.isdigit())[:14]
        lines.append(f"{sort_key(url)} {when} {json.dumps(entry)}\n")
    if not lines:
        raise EvidenceError(f"{warc.name}: the archive holds no response")
    return lines


def sort_key(url: str) -> str:
    """The URL with its host turned round, as indexes of web archives sort it (SURT)."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return url.replace(" ", "%20").lower()
    host = parts.hostname or ""
    turned = host if host.replace(".", "").isdigit() or ":" in host else ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{turned}{port}){parts.path or '/'}{query}".lower().replace(" ", "%20")


def _pages(pages: Iterable[ArchivedPage]) -> bytes:
    lines = [{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}]
    for page in pages:
        identity = hashlib.sha256(f"{page.url} {page.at.isoformat()}".encode("utf-8", "replace")).hexdigest()[:22]
        lines.append({"id": identity, "url": page.url, "ts": _stamp(page.at), "title": page.title})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _WHEN)
    info.external_attr = 0o644 << 16
    info.create_system = 3
    return info


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> dict[str, object]:
    archive.writestr(_info(name), data)
    return _resource(name, digest_bytes(data))


def _copy(archive: zipfile.ZipFile, name: str, source: Path) -> dict[str, object]:
    with source.open("rb") as file, archive.open(_info(name), "w") as target:

        def copied() -> Iterable[bytes]:
            while chunk := file.read(_CHUNK):
                target.write(chunk)
                yield chunk

        return _resource(name, digest_chunks(copied()))


def _resource(path: str, made: Digests) -> dict[str, object]:
    """An entry of the data package, whose names may only be small letters, digits and `-._/`."""
    name = re.sub(r"[^-a-z0-9._]", "-", path.rpartition("/")[2].lower())
    return {"name": name, "path": path, "hash": f"sha256:{made.sha256}", "bytes": made.size}
