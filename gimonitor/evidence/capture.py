"""固证: one page as Chromium shows it, with everything it loaded, in a folder that is whole or absent.

A capture holds `page.html` (the rendered document), `page.mhtml`, `viewport.png`, `full.png`, crops of the places asked
for, `certificates.pem` of the server, `archive/*.warc.gz` (every response), `responses.json` (their index), `environment.json` and `capture.json` (all
other files with their digests). Of a page that does not answer, as one whose script runs for ever, only the responses and
the records are there, `blank`, with the reason among the gaps. It shows what this machine was shown at that time; it does not judge the page.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from gimonitor.errors import DiskFullError, GimonitorError, InputError
from gimonitor.evidence import environment
from gimonitor.evidence.browser import Browser
from gimonitor.evidence.digest import Digests, digest_file
from gimonitor.evidence.door import Door, Guard
from gimonitor.evidence.files import (
    check_room,
    discard,
    disk_errors,
    final_of,
    owned_part,
    publish,
    put_json,
    sync_file,
    sync_folder,
)
from gimonitor.evidence.page import CaptureRequest, Shown, shoot
from gimonitor.evidence.pictures import cut_out, is_one_colour, share_of_one_colour
from gimonitor.evidence.responses import Limits
from gimonitor.evidence.seal import RESERVE_BYTES
from gimonitor.evidence.window import Windows

__all__ = ["Capture", "CaptureRequest", "CapturedFile", "Limits", "capture_page", "capture_pages"]

BLANK_SHARE = (
    0.998  # of all dots in one colour, together with no text: the page showed nothing; so it did with all in one
)

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

    `shows` is which page of the offer it is (`item`, `shop`, `search`), `rank` the offer's place among those the page links to.
    `text` is what a reader saw on it, `blank` means that the page showed nothing; `gaps` names in plain words everything that could not be kept.
    """

    folder: Path
    url: str
    shows: str
    final_url: str
    status: int
    title: str
    text: str
    at: datetime
    ip: str
    sha256: str
    rank: int | None
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
    guard: Guard | None = None,
) -> Capture:
    """Capture a page into a new folder under `folder`. Pass a `browser` to take many captures with one Chromium.

    Raises:
        InputError: the address is not http(s).
        EvidenceError: the page could not be loaded or shown; nothing is left behind.
        DiskFullError: there is too little room; nothing is left behind.
    """
    request = CaptureRequest(url=request) if isinstance(request, str) else request
    if browser is None:
        _require_web(request)
        with Browser(chromium) as own:
            return capture_page(request, folder, browser=own, reserve=reserve, now=now, guard=guard)
    at = now or datetime.now(UTC)
    [taken] = capture_pages([request], folder, browser=browser, reserve=reserve, clock=lambda: at, guard=guard)
    if not isinstance(taken, Capture):
        raise taken
    return taken


def capture_pages(
    requests: Iterable[CaptureRequest],
    folder: Path,
    *,
    browser: Browser,
    reserve: int = RESERVE_BYTES,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    guard: Guard | None = None,
) -> Iterator[Capture | GimonitorError]:
    """Capture pages one after another; yields for each, in order, the capture or why there is none (see `capture_page`).

    `guard` raises for an address that must not be opened, be it the page's, a redirect's or that of a part of the page, and
    gives the IP address at which it is asked for: the browser goes to that one (`gimonitor.evidence.door`).

    While a page is shown, the window of the next one is opened and the files of the one before are cut, digested and
    written through. A full disk ends it: the error is the last that is yielded.
    """
    queue = iter(requests)
    door = Door(guard)
    browser.run(door.open())
    windows = Windows(browser, proxy=door.url)
    with ThreadPoolExecutor(1, "evidence") as writer:
        try:
            before: Future[Capture] | GimonitorError | None = None
            current = next(queue, None)
            while current is not None:
                following = next(queue, None)
                begun = _begin(browser, windows, current, following, folder, reserve, clock(), writer, door)
                if before is not None:
                    yield _outcome(before)
                before, current = begun, None if isinstance(begun, DiskFullError) else following
            if before is not None:
                yield _outcome(before)
        finally:
            browser.run(windows.close())
            browser.run(door.close())


def _begin(
    browser: Browser,
    windows: Windows,
    request: CaptureRequest,
    following: CaptureRequest | None,
    folder: Path,
    reserve: int,
    at: datetime,
    writer: ThreadPoolExecutor,
    door: Door,
) -> Future[Capture] | GimonitorError:
    """Show a page, and leave to the writer what needs no browser."""
    part = owned_part(folder, f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}")
    try:
        _require_web(request)
        door.ask(request.url)
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, request.limits.total_bytes, reserve)
        part.mkdir()
        with disk_errors(part):
            shown = browser.run(
                shoot(browser, windows, request, part, at, reserve, following.look if following else None, door)
            )
    except GimonitorError as error:
        discard(part)
        return error
    except BaseException:
        discard(part)
        raise
    return writer.submit(_finish, part, request, at, shown, browser.missing_glyphs)


def _outcome(made: Future[Capture] | GimonitorError) -> Capture | GimonitorError:
    if isinstance(made, GimonitorError):
        return made
    try:
        return made.result()
    except GimonitorError as error:
        return error


def _require_web(request: CaptureRequest) -> None:
    if urlsplit(request.url).scheme not in ("http", "https") or not urlsplit(request.url).hostname:
        raise InputError(f"{request.url}: only http and https addresses can be captured")


_ROLES = {
    "page.html": ("rendered document", "text/html"),
    "page.mhtml": ("page in one file", "multipart/related"),
    "viewport.png": ("screenshot of the window", "image/png"),
    "full.png": ("screenshot of the whole page", "image/png"),
    "responses.json": ("index of the responses", "application/json"),
    "environment.json": ("environment record", "application/json"),
    "certificates.pem": ("certificates of the server", "application/pem-certificate-chain"),
}


def _role(name: str) -> tuple[str, str]:
    if name.endswith(".warc.gz"):
        return "all responses", "application/warc"
    return _ROLES.get(name, ("crop around a finding", "image/png"))


def _finish(part: Path, request: CaptureRequest, at: datetime, shown: Shown, missing_glyphs: str) -> Capture:
    """Cut the places out, list and digest every file, write all through, and give the folder its final name."""
    try:
        with disk_errors(part):
            return _listed(part, request, at, shown, missing_glyphs)
    except BaseException:
        discard(part)
        raise


def _listed(part: Path, request: CaptureRequest, at: datetime, shown: Shown, missing_glyphs: str) -> Capture:
    full = part / "full.png"
    blank = not full.is_file()  # the page never answered: only what its server sent is kept
    if not blank:
        cut_out(full, shown.spots)
        blank = is_one_colour(full) or (not shown.text and share_of_one_colour(full) >= BLANK_SHARE)
    put_json(part / "environment.json", {**shown.record, "blank": blank})
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
        "shows": request.shows,
        "rank": {"item": request.item_id, "place": shown.rank, "of": shown.ranked} if request.item_id else None,
        "spots": [asdict(spot) for spot in shown.spots],
        "blank": blank,
        "missing_glyphs": missing_glyphs,
        "gaps": shown.gaps,
        "files": [asdict(file) for file in files],
    }
    put_json(part / MANIFEST, content)
    sync_file(part / MANIFEST)
    sync_folder(part)
    final = final_of(part)
    publish(part, final)
    return Capture(
        folder=final,
        url=request.url,
        shows=request.shows,
        final_url=shown.final_url,
        status=shown.status,
        title=shown.title,
        text=shown.text,
        at=at,
        ip=shown.ip,
        sha256=hashlib.sha256((final / MANIFEST).read_bytes()).hexdigest(),
        rank=shown.rank,
        blank=blank,
        missing_glyphs=missing_glyphs,
        files=tuple(files),
        gaps=tuple(shown.gaps),
    )
