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
    """Decode a page. A byte order mark goes first, then the declared encodings, then UTF-8 and GB18030.

    A declared encoding in which more than 0.1 % of the characters cannot be read is a lie: the best of the others is taken.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(encoding, "replace"), encoding, encoding, 0.0)
    declared = _declared(body, content_type)
    best: Decoded | None = None
    for encoding in dict.fromkeys([*declared, "utf-8", "gb18030"]):
        text, share = _attempt(body, encoding)
        if best is None or share < best.damaged:
            best = Decoded(text, encoding, declared[0] if declared else "", share)
        if share <= _HONEST:
            break
    assert best is not None
    return best


def _declared(body: bytes, content_type: str) -> list[str]:
    names = [m.group(1) for m in [_PARAMETER.search(content_type)] if m]
    head = body[:4096]
    names += [m.group(1).decode("ascii") for m in (_META.search(head), _XML.search(head)) if m]
    return [known for name in names if (known := _known(name))]


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
