"""固证: one page as Chromium shows it, with everything it loaded, in a folder that is whole or absent.

A capture holds `page.html` (the rendered document), `page.mhtml`, `viewport.png`, `full.png`, crops of the places asked
for, `archive/*.warc.gz` (every response), `responses.json` (their index), `environment.json` and `capture.json` (all
other files with their digests). It shows what this machine was shown at that time; it does not judge the page.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from gimonitor.errors import InputError
from gimonitor.evidence import environment
from gimonitor.evidence.browser import Browser
from gimonitor.evidence.digest import Digests, digest_file
from gimonitor.evidence.files import PART, check_room, discard, disk_errors, publish, put_json, sync_file, sync_folder
from gimonitor.evidence.page import CaptureRequest, Shown, shoot
from gimonitor.evidence.responses import Limits
from gimonitor.evidence.seal import RESERVE_BYTES

__all__ = ["Capture", "CaptureRequest", "CapturedFile", "Limits", "capture_page"]

MANIFEST = "capture.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedFile:
    """A file of a capture. `role` is what it is evidence of, `name` its path inside the folder."""

    name: str
    role: str
    media_type: str
    digests: Digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A finished capture. `folder` is whole; `sha256` is that of its `capture.json`, which lists all other files.

    `blank` means that the page showed nothing; `gaps` names in plain words everything that could not be kept.
    """

    folder: Path
    url: str
    final_url: str
    status: int
    title: str
    at: datetime
    ip: str
    sha256: str
    blank: bool
    missing_glyphs: str
    files: tuple[CapturedFile, ...]
    gaps: tuple[str, ...]


def capture_page(
    request: CaptureRequest | str,
    folder: Path,
    *,
    chromium: str = "",
    browser: Browser | None = None,
    reserve: int = RESERVE_BYTES,
    now: datetime | None = None,
) -> Capture:
    """Capture a page into a new folder under `folder`. Pass a `browser` to take many captures with one Chromium.

    Raises:
        InputError: the address is not http(s).
        EvidenceError: the page could not be loaded or shown; nothing is left behind.
        DiskFullError: there is too little room; nothing is left behind.
    """
    request = CaptureRequest(url=request) if isinstance(request, str) else request
    if urlsplit(request.url).scheme not in ("http", "https") or not urlsplit(request.url).hostname:
        raise InputError(f"{request.url}: only http and https addresses can be captured")
    if browser is None:
        with Browser(chromium) as own:
            return capture_page(request, folder, browser=own, reserve=reserve, now=now)
    at = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    check_room(folder, request.limits.total_bytes, reserve)
    part = folder / f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}{PART}"
    part.mkdir()
    try:
        with disk_errors(part):
            shown = browser.run(shoot(browser, request, part, at, reserve))
            return _finish(part, request, at, shown)
    except BaseException:
        discard(part)
        raise


_ROLES = {
    "page.html": ("rendered document", "text/html"),
    "page.mhtml": ("page in one file", "multipart/related"),
    "viewport.png": ("screenshot of the window", "image/png"),
    "full.png": ("screenshot of the whole page", "image/png"),
    "responses.json": ("index of the responses", "application/json"),
    "environment.json": ("environment record", "application/json"),
}


def _role(name: str) -> tuple[str, str]:
    if name.endswith(".warc.gz"):
        return "all responses", "application/warc"
    return _ROLES.get(name, ("crop around a finding", "image/png"))


def _finish(part: Path, request: CaptureRequest, at: datetime, shown: Shown) -> Capture:
    put_json(part / "environment.json", shown.record)
    files = []
    for path in sorted(p for p in part.rglob("*") if p.is_file()):
        sync_file(path)
        name = path.relative_to(part).as_posix()
        role, media_type = _role(name)
        files.append(CapturedFile(name=name, role=role, media_type=media_type, digests=digest_file(path)))
    content = {
        "url": request.url,
        "final_url": shown.final_url,
        "status": shown.status,
        "title": shown.title,
        "at": environment.times(at),
        "ip": shown.ip,
        "blank": shown.blank,
        "missing_glyphs": shown.missing_glyphs,
        "gaps": shown.gaps,
        "files": [asdict(file) for file in files],
    }
    put_json(part / MANIFEST, content)
    sync_file(part / MANIFEST)
    sync_folder(part)
    final = part.with_name(part.name.removesuffix(PART))
    publish(part, final)
    return Capture(
        folder=final,
        url=request.url,
        final_url=shown.final_url,
        status=shown.status,
        title=shown.title,
        at=at,
        ip=shown.ip,
        sha256=hashlib.sha256((final / MANIFEST).read_bytes()).hexdigest(),
        blank=shown.blank,
        missing_glyphs=shown.missing_glyphs,
        files=tuple(files),
        gaps=tuple(shown.gaps),
    )
