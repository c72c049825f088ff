"""Saved pages in whatever file they come: HTML, SingleFile, MHTML, HAR, WARC, WACZ, JSON. The file is opened, never unpacked
to disk, and only as far as limits allow."""

from __future__ import annotations

import base64
import codecs
import email
import email.policy
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import CloseBoundaryNotFoundDefect
from email.message import EmailMessage

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio has no stubs
from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]  # warcio has no stubs
from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]  # warcio has no stubs

from gimonitor.errors import BlockedError, InputError
from gimonitor.parsing.markup import MAX_BYTES
from gimonitor.parsing.page import ParsedPage, parse_page
from gimonitor.parsing.state import dig, rows

MAX_FILE = 200 << 20
MAX_MEMBERS = 2_000
MAX_PAGES = 5_000

_SAVED_FROM = re.compile(rb"saved from url=\(\d+\)(https?://[^\s\"<>]{1,2000})")
_SINGLE_FILE = re.compile(rb"Page saved with SingleFile\s*url:\s*(https?://[^\s\"<>]{1,2000})")
_SAVED_DATE = re.compile(rb"saved date:\s*\w{3} (\w{3} \d{1,2} \d{4} [\d:]{8} GMT[+-]\d{4})")
_MARKS = (b"<", b"{", b"[")
_CANONICAL = re.compile(
    rb"<link[^>]{0,200}rel=[\"']canonical[\"'][^>]{0,20}href=[\"'](https?://[^\"'<>]{1,2000})", re.IGNORECASE
)
_NO_ARCHIVE = (
    zipfile.BadZipFile,
    NotImplementedError,  # zipfile raises it for a way of packing that it lacks
    RuntimeError,  # and this for a member with a password
    zlib.error,
    EOFError,
)
_DOCUMENT = re.compile(rb"<html[\s>]", re.IGNORECASE)
_END = re.compile(rb"</html\s*>", re.IGNORECASE)
_TEXT = ("text/html", "application/xhtml", "application/json", "text/json", "application/ld+json", "text/javascript", "text/plain", "application/javascript")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """One response or document found in a file. `container` says what kind of file held it, `at` when it was saved, as the
    file tells; `trouble` why there is no body."""

    url: str
    body: bytes
    content_type: str = ""
    status: int = 200
    container: str = "html"
    at: str = ""
    trouble: str = ""

    @property
    def has_end(self) -> bool:
        """False where a document in mark-up does not come to its </html>: it may be cut short, or its end tags left out."""
        return not _DOCUMENT.search(self.body[:10_000]) or _END.search(self.body[-20_000:]) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one saved page gave: a ParsedPage, or why not."""

    page: SavedPage
    parsed: ParsedPage | None = None
    blocked: str = ""
    error: str = ""


def read_capture(body: bytes, url: str = "", content_type: str = "", platform: str = "") -> list[Reading]:
    """Parse every page in a file. One unreadable page does not spoil the others: its Reading says what was wrong.

    Raises InputError when the file cannot be opened or holds no page; when it breaks off later, the last Reading says so.
    """
    readings: list[Reading] = []
    pages = open_capture(body, url, content_type)
    while True:
        try:
            page = next(pages)
        except StopIteration:
            if not readings:
                raise InputError("the file holds no page") from None
            return readings
        except InputError as error:
            if not readings:
                raise
            last = SavedPage(url=url, body=b"", container=readings[-1].page.container)
            return [*readings, Reading(page=last, error=str(error))]
        if page.trouble:
            readings.append(Reading(page=page, error=page.trouble))
            continue
        try:
            parsed = parse_page(page.body, page.url, page.content_type, platform, page.status)
        except BlockedError as error:
            readings.append(Reading(page=page, blocked=error.kind))
        except InputError as error:
            readings.append(Reading(page=page, error=str(error)))
        else:
            readings.append(Reading(page=page, parsed=parsed))


def open_capture(body: bytes, url: str = "", content_type: str = "") -> Iterator[SavedPage]:
    """Yield the pages in a file, told apart by its first bytes, not by its name. Raises InputError."""
    if len(body) > MAX_FILE:
        raise InputError(f"file of {len(body)} bytes: more than {MAX_FILE} are not read")
    if body.startswith(b"PK\x03\x04"):
        yield from _wacz(body)
    elif body.startswith((b"\x1f\x8b", b"WARC/")):
        yield from _warc(body, "warc")
    elif _is_mhtml(body):
        yield from _mhtml(body)
    elif _is_har(body):
        yield from _har(body)
    elif not any(mark in body for mark in _MARKS):
        raise InputError("no saved page: the file is empty" if not body else "no saved page: neither mark-up nor data")
    else:
        is_data = body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")
        is_single = b"Page saved with SingleFile" in body[:4000]
        yield SavedPage(
            url=url or _own_address(body),
            body=body,
            content_type=content_type,
            container="json" if is_data else "singlefile" if is_single else "html",
            at=_saved_date(body[:4000]) if is_single else "",
        )


_MEDIA = (
    ("picture", 0, (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")),
    ("picture", 8, (b"WEBP",)),
    ("recording", 4, (b"ftyp",)),
    ("recording", 8, (b"AVI ",)),
    ("recording", 0, (b"\x1aE\xdf\xa3", b"OggS", b"FLV\x01")),
)
"""(what, offset, marks) of files that are shown, not read."""


def media_of(head: bytes) -> str:
    """`picture` or `recording` for a file whose first bytes say so, "" for every other."""
    return next((what for what, at, marks in _MEDIA if head[at:].startswith(marks)), "")


_SESSION_HEADERS = rb"(cookie|set-cookie|authorization|proxy-authorization)"
_IN_HAR = re.compile(rb'"name"\s*:\s*"' + _SESSION_HEADERS + rb'"', re.IGNORECASE)
_IN_WARC = re.compile(rb"\r?\n" + _SESSION_HEADERS + rb":", re.IGNORECASE)


def credentials_in(body: bytes) -> tuple[str, ...]:
    """The headers by which a HAR, WARC or WACZ carries the session of whoever saved it, such as `cookie`; () for none."""
    found: set[str] = set()
    try:
        if body.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                _check_members(archive.infolist())
                for member in (m for m in archive.infolist() if ".warc" in m.filename):
                    found |= {*credentials_in(archive.read(member))}
        elif body.startswith((b"\x1f\x8b", b"WARC/")):
            for piece in _members(body):
                found |= {hit.decode().lower() for hit in _IN_WARC.findall(piece)}
        elif _is_har(body):
            found = {hit.decode().lower() for hit in _IN_HAR.findall(body)}
    except (InputError, *_NO_ARCHIVE):
        pass  # what was found before it broke off is told; why it breaks off, its reading says
    return tuple(sorted(found))


def _saved_date(head: bytes) -> str:
    """The moment that SingleFile writes as JavaScript does (`Tue May 28 2024 10:11:12 GMT+0800`), as ISO 8601, "" for none."""
    found = _SAVED_DATE.search(head)
    try:
        return datetime.strptime(found[1].decode("ascii"), "%b %d %Y %H:%M:%S GMT%z").isoformat() if found else ""
    except ValueError:
        return ""


def _own_address(body: bytes) -> str:
    """The address a saved page tells about itself."""
    for pattern, head in ((_SINGLE_FILE, body[:4000]), (_SAVED_FROM, body[:4000]), (_CANONICAL, body[:500_000])):
        if found := pattern.search(head):
            return found.group(1).decode("utf-8", "replace")
    return ""


def _is_har(body: bytes) -> bool:
    return body.lstrip()[:1] == b"{" and b'"log"' in body[:2000] and b'"entries"' in body


def _is_mhtml(body: bytes) -> bool:
    head = body[:3000].lower()
    return b"mime-version:" in head and b"multipart/related" in head


def _mhtml(body: bytes) -> Iterator[SavedPage]:
    message = email.message_from_bytes(body, policy=email.policy.default)
    if not message.is_multipart():
        raise InputError("MHTML without parts: the file is cut short")
    address = str(message.get("Snapshot-Content-Location") or "")
    for number, part in enumerate(message.walk()):
        if number > MAX_MEMBERS:
            raise InputError(f"MHTML with more than {MAX_MEMBERS} parts")
        if isinstance(part, EmailMessage) and part.get_content_type() == "text/html":
            yield SavedPage(
                url=str(part.get("Content-Location") or address),
                body=_payload(part),
                content_type=f"text/html; charset={part.get_content_charset() or 'utf-8'}",
                container="mhtml",
                at=str(message.get("Date") or ""),
            )
            break  # the first HTML part is the page; the others are its frames
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in message.defects):
        raise InputError("MHTML without its last boundary: the file is cut short")


def _payload(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _har(body: bytes) -> Iterator[SavedPage]:
    try:
        log = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise InputError(f"HAR is no JSON: {error}") from error
    for entry in rows(log, "log", "entries")[:MAX_PAGES]:
        kind = str(dig(entry, "response", "content", "mimeType") or "")
        text = dig(entry, "response", "content", "text")
        if not isinstance(text, str) or not text or not kind.startswith(_TEXT):
            continue
        status = dig(entry, "response", "status")
        read = _har_body(text, str(dig(entry, "response", "content", "encoding") or ""))
        yield SavedPage(
            url=str(dig(entry, "request", "url") or ""),
            body=read or b"",
            trouble="" if read is not None else "the body of the entry is no base64",
            content_type=kind if "charset" in kind else f"{kind}; charset=utf-8",
            status=status if isinstance(status, int) else 200,
            container="har",
            at=str(entry.get("startedDateTime") or ""),
        )


def _har_body(text: str, encoding: str) -> bytes | None:
    if encoding != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text)
    except ValueError:
        return None


def _warc(body: bytes, container: str) -> Iterator[SavedPage]:
    found = 0
    try:
        for piece in _members(body):
            if not piece.startswith(b"WARC/"):
                raise InputError("gzip that holds no WARC")
            for record in ArchiveIterator(io.BytesIO(piece)):
                page = _record(record, container)
                if page is not None:
                    found += 1
                    yield page
                if found >= MAX_PAGES:
                    return
    except (ArchiveLoadFailed, OSError, zlib.error, EOFError, ValueError) as error:
        raise InputError(f"WARC cannot be read behind {found} pages: {error}") from error


def _members(body: bytes) -> Iterator[bytes]:
    """The gzip members of an archive, one after another; warcio would pass over a torn one. Raises EOFError, zlib.error."""
    if not body.startswith(b"\x1f\x8b"):
        yield body
        return
    rest = memoryview(body)
    while rest:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16)
        piece = unpacker.decompress(rest, MAX_FILE)
        if not unpacker.eof:
            raise EOFError("the file is cut short, or unpacks to too much")
        yield piece
        rest = rest[len(rest) - len(unpacker.unused_data) :]


def _record(record: ArcWarcRecord, container: str) -> SavedPage | None:
    headers = record.rec_headers
    kind = str(headers.get_header("WARC-Type") or "")
    http = record.http_headers
    content_type = str((http.get_header("Content-Type") if http else headers.get_header("Content-Type")) or "")
    if kind not in ("response", "resource") or not content_type.lower().startswith(_TEXT):
        return None
    stream = record.content_stream()
    body = stream.read(MAX_BYTES + 1)
    status = http.get_statuscode() if http else "200"
    return SavedPage(
        url=str(headers.get_header("WARC-Target-URI") or ""),
        body=body,
        content_type=content_type,
        status=int(status) if str(status).isdigit() else 200,
        container=container,
        at=str(headers.get_header("WARC-Date") or ""),
    )


def _wacz(body: bytes) -> Iterator[SavedPage]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            _check_members(members)
            archives = [m for m in members if m.filename.startswith("archive/") and ".warc" in m.filename]
            if not archives:
                raise InputError("ZIP without archive/*.warc.gz: no WACZ")
            for member in archives:
                yield from _warc(archive.read(member), "wacz")
    except _NO_ARCHIVE as error:
        raise InputError(f"WACZ cannot be read: {error}") from error


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    total = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or total > MAX_FILE:
        raise InputError(f"ZIP of {len(members)} members and {total} bytes unpacked: too much")
    for member in members:
        if member.file_size > 100 * max(1, member.compress_size) and member.file_size > 1 << 20:
            raise InputError(f"ZIP member {member.filename[:100]!r} unpacks to more than 100 times its size")
