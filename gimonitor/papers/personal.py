"""Personal data inside sealed files: found there, and files or records that hold any kept back, pictures that buyers showed too, since a sealed byte
cannot be covered without ending its worth. What was kept back stays in the house and is named with its digest."""

from __future__ import annotations

import email
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urljoin

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio has no stubs

from gimonitor.evidence.seal import whole_members
from gimonitor.parsing.charset import decode_page
from gimonitor.text.personal import find_personal, find_reviews

TEXTS = frozenset({"html", "mhtml", "response"})
"""Kinds of stored captures whose bytes are text with personal data in it, perhaps; `warc` is looked at record by record."""
_READABLE = ("text/", "application/json", "application/javascript", "application/xhtml", "application/ld+json")
_ANSWERS = tuple(f"WARC/1.1\r\nWARC-Type: {kind}".encode() for kind in ("response", "resource"))
MAX_READ = 8 << 20
_OWN = b"@mhtml.blink"
_INSIDE = "data:"
PICTURE = "买家的图片"


def personal_in(body: bytes, content_type: str = "") -> Counter[str]:
    """Kinds of personal data in a text, counted."""
    text = decode_page(body[:MAX_READ], content_type).text
    return Counter(kind for find in (find_personal, find_reviews) for kind, _, _ in find(text))


def personal_in_archive(body: bytes) -> Counter[str]:
    """The same of a page saved as MHTML, whose parts are encoded; its own names of parts are no addresses of anybody."""
    found: Counter[str] = Counter()
    for part in email.message_from_bytes(body).walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            found += personal_in(content.replace(_OWN, b""), str(part["Content-Type"]))
    return found


class Pictures:
    """The pictures that only what buyers wrote showed, by their addresses; those that an address leads on to join them."""

    def __init__(self, addresses: Iterable[str]) -> None:
        known = list(addresses)
        self._addresses = {_plain(each) for each in known if not each.startswith(_INSIDE)}
        self._inside = [each.removeprefix(_INSIDE).encode() for each in known if each.startswith(_INSIDE)]

    def are_at(self, url: str, leads_to: str) -> bool:
        """True for the address of one; then `leads_to`, where there is a redirect, is one too."""
        if _plain(url) not in self._addresses:
            return False
        if leads_to:
            self._addresses.add(_plain(urljoin(url, leads_to)))
        return True

    def are_in(self, body: bytes) -> bool:
        """True for a text that holds one as a `data:` address."""
        return any(part in body for part in self._inside)


NO_PICTURES = Pictures(())


def _plain(url: str) -> str:
    return unquote(url.partition("#")[0])


def personal_in_member(plain: bytes, pictures: Pictures = NO_PICTURES) -> tuple[str, Counter[str]]:
    """Address and personal data of one unpacked WARC record; of pictures those that buyers showed."""
    record = next(iter(ArchiveIterator(BytesIO(plain))))
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    heads = record.http_headers or record.rec_headers
    if record.rec_type != "request" and pictures.are_at(url, heads.get_header("Location") or ""):
        return url, Counter({PICTURE: 1})
    kind = (heads.get_header("Content-Type") or "").lower()
    if record.rec_type not in ("response", "resource") or not kind.startswith(_READABLE):
        return url, Counter()
    body = record.content_stream().read(MAX_READ)
    return url, personal_in(body, kind) + Counter({PICTURE: 1} if pictures.are_in(body) else {})


def without_personal(warc: Path, target: Path, addresses: Iterable[str] = ()) -> dict[str, Counter[str]]:
    """Copy to `target` the records of an archive that hold no personal data, each as it was sealed, and say what the
    others hold, by address; `addresses` are those of buyers' pictures. Nothing is written where every record may stay, or no answer may."""
    held: dict[str, Counter[str]] = {}
    pictures = Pictures(addresses)
    kept: list[tuple[int, int]] = []
    answers = 0
    for offset, length, plain in whole_members(warc):
        url, found = personal_in_member(plain, pictures)
        if found:
            held[url] = held.get(url, Counter()) + found
        else:
            kept.append((offset, length))
            answers += plain.startswith(_ANSWERS)
    if held and answers:
        with warc.open("rb") as source, target.open("wb") as out:
            for offset, length in kept:
                source.seek(offset)
                out.write(source.read(length))
    return held
