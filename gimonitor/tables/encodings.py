"""The encoding of a text, told by its bytes: UTF-16 by its mark, else the one in which the fewest lines are broken."""

from __future__ import annotations

import re

_GB2312 = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe])+")
_FOREIGN = re.compile(r"(?<![A-Za-z])[\u0080-\u07ff]+(?![A-Za-z])")


def guess_encoding(start: bytes, *, whole: bool) -> str:
    """`utf-8-sig`, `gb18030` or `utf-16`, or nothing for what is no text. `whole` says that `start` is all there is.

    A broken line is a problem of its own row, not of the file. Where both read whole, a text of Greek, Cyrillic, Hebrew or
    Arabic letters that would all be common Han characters in GB2312 is read as these: 山药 in GBK is such a text, Café is none.
    """
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    lines = start.splitlines()[: None if whole else -1] or [start]
    broken = {
        name: sum("\ufffd" in line.decode(name, "replace") for line in lines) for name in ("utf-8-sig", "gb18030")
    }
    if min(broken.values()) > len(lines) // 2:
        return ""
    if not any(broken.values()) and _is_short_gbk(start):
        return "gb18030"
    return min(broken, key=lambda name: broken[name])


def _is_short_gbk(text: bytes) -> bool:
    """True where the text reads whole in both, each run above ASCII is common in GB2312, and none belongs to a Latin word."""
    if text.startswith(b"\xef\xbb\xbf"):
        return False
    runs = re.findall(rb"[\x80-\xff]+", text)
    words = _FOREIGN.findall(text.decode("utf-8", "replace"))
    return (
        all(_GB2312.fullmatch(run) for run in runs)
        and words == [run.decode("utf-8", "replace") for run in runs]
        and any(len(word) > 1 for word in words)
    )
