"""Bytes of a page to text: what the page and its server say about the encoding is heard, and checked."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w-]{2,30})")
_PARAMETER = re.compile(r"charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb-2312": "gb18030", "big5": "big5hkscs", "iso-8859-1": "cp1252"}
_HONEST = 0.001  # share of U+FFFD up to which a declared encoding is believed


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding it was read in. `declared` is what the page or server said; `damaged` the share of
    characters that could not be read (0 when the text is whole)."""

    text: str
    encoding: str
    declared: str
    damaged: float

    @property
    def is_lying(self) -> bool:
        """True when the page was declared in an encoding it is not written in."""
        return bool(self.declared) and _known(self.declared) != self.encoding


def decode_page(body: bytes, content_type: str = "") -> Decoded:
    """Decode a page. What the bytes show goes before what is said of them.

    In this order: a byte order mark; UTF-8, where the whole body is valid and not plain ASCII; the page's own meta, where
    the whole body can be read so; the server's header; then UTF-8 and GB18030. A declared encoding in which more than 0.1 %
    of the characters cannot be read is a lie: the best of the others is taken.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(encoding, "replace"), encoding, encoding, 0.0)
    served, own = _served(content_type), _own(body)
    declared = next(iter([*served, *own]), "")
    for encoding in (*([] if body.isascii() else ["utf-8"]), *own):
        text, share = _attempt(body, encoding)
        if not share:
            return Decoded(text, encoding, declared, 0.0)
    return _least_damaged(body, [*served, *own], declared)


def _least_damaged(body: bytes, encodings: list[str], declared: str) -> Decoded:
    best: Decoded | None = None
    for encoding in dict.fromkeys([*encodings, "utf-8", "gb18030"]):
        text, share = _attempt(body, encoding)
        if best is None or share < best.damaged:
            best = Decoded(text, encoding, declared, share)
        if share <= _HONEST:
            break
    assert best is not None
    return best


def _served(content_type: str) -> list[str]:
    found = _PARAMETER.search(content_type)
    known = _known(found.group(1)) if found else ""
    return [known] if known else []


def _own(body: bytes) -> list[str]:
    head = body[:4096]
    found = [m.group(1).decode("ascii") for m in (_META.search(head), _XML.search(head)) if m]
    return [known for name in found if (known := _known(name))]


def _known(name: str) -> str:
    name = name.lower().replace("_", "-")
    try:
        name = codecs.lookup(_WIDER.get(name, name)).name
    except LookupError:
        return ""
    return _WIDER.get(name, name)


def _attempt(body: bytes, encoding: str) -> tuple[str, float]:
    try:
        return body.decode(encoding), 0.0
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
        return text, text.count("\ufffd") / max(1, len(text))
