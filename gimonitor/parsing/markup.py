"""A cheap look at mark-up before a parser is let loose on it: some pages are built to stop one for minutes."""

from __future__ import annotations

import re

from gimonitor.errors import InputError

MAX_BYTES = 16 << 20
MAX_TAG_BYTES = 64 << 10
MAX_DEPTH = 500

_TAG = re.compile(rb"<(/?)([a-zA-Z][\w:-]{0,40})([^>]{0,65536})(>?)")
_RAW = frozenset({b"script", b"style", b"textarea", b"title", b"noscript", b"template", b"xmp"})
_LEAF = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd td th tr option thead tbody tfoot "
    b"colgroup rp rt path circle rect use polygon line".split()
)


def check_markup(body: bytes) -> None:
    """Raise InputError for a page that is too large, holds a tag longer than 64 kB, or nests deeper than 500.

    libxml2 is quadratic in the attributes of one tag (50,000 of them: 20 s, and no signal but SIGKILL ends it), and it
    drops what lies below its own depth without a word.
    """
    if len(body) > MAX_BYTES:
        raise InputError(f"page of {len(body)} bytes: more than {MAX_BYTES} are not parsed")
    if len(body) < MAX_TAG_BYTES and body.count(b"<") < MAX_DEPTH:
        return
    depth, position = 0, 0
    while found := _TAG.search(body, position):
        closing, name, inside, end = found.groups()
        name = name.lower()
        position = found.end()
        if not end and len(inside) >= MAX_TAG_BYTES:
            raise InputError(f"tag <{name.decode()}> at byte {found.start()} is longer than {MAX_TAG_BYTES} bytes")
        if name in _RAW and not closing:
            position = _end_of_raw(body, position, name)
        elif name not in _LEAF and not inside.endswith(b"/"):
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > MAX_DEPTH:
                raise InputError(f"mark-up nested deeper than {MAX_DEPTH} at byte {found.start()}")


def _end_of_raw(body: bytes, position: int, name: bytes) -> int:
    for spelling in (b"</" + name, b"</" + name.upper()):
        end = body.find(spelling, position)
        if end >= 0:
            return end + len(spelling)
    return len(body)
