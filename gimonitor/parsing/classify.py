"""Is this page an answer at all? Login walls, challenges, refusals, fuzzy results and empty shells are told apart here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gimonitor.model.run import BlockKind
from gimonitor.parsing.platform import ANY, Marks, load_platforms

FEW_CHARACTERS = 1500  # of readable text: a page with more is a page of something
SHELL_CHARACTERS = 160

_STATUS = {401: BlockKind.LOGIN, 403: BlockKind.FORBIDDEN, 407: BlockKind.FORBIDDEN, 429: BlockKind.RATE_LIMIT}
_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,300}?)</title", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(
    r"<(script|style|noscript|template|svg)\b.*?</\1\s*>|<!--.*?-->|<[^>]{0,5000}>", re.IGNORECASE | re.DOTALL
)
_METADATA = ("application/ld+json", "itemscope", "og:title", 'property="product:')


def classify(text: str, url: str = "", status: int = 200, platform: str = "") -> BlockKind | None:
    """The way in which a page is no answer, or None when it may be read. Pure; never raises.

    Status 404 and 410 are answers: the page is gone.
    """
    if status in _STATUS:
        return _STATUS[status]
    if status >= 500:
        return BlockKind.UNAVAILABLE
    marks = [load_platforms()[code].blocks for code in dict.fromkeys((platform, ANY)) if code in load_platforms()]
    title = _title_of(text)
    for kinds in marks:
        for kind, mark in kinds.items():
            if _is_plain(mark, url, title, text):
                return kind
    if not _is_html(text):
        return None
    readable = readable_text(text)
    if len(readable) <= FEW_CHARACTERS:
        for kinds in marks:
            for kind, mark in kinds.items():
                if _has(readable, mark.text):
                    return kind
    if len(readable) <= SHELL_CHARACTERS and "<script" in text and not _has(text, _METADATA):
        return BlockKind.EMPTY_SHELL
    return None


def readable_text(html: str) -> str:
    """What a reader sees of mark-up, roughly: for counting and for finding words, not for evidence."""
    return " ".join(_UNSEEN.sub(" ", html[:400_000]).split())


def _is_plain(mark: Marks, url: str, title: str, text: str) -> bool:
    return _has(url, mark.url) or _has(title, mark.title) or _has(text, mark.code)


def _has(text: str, parts: Iterable[str]) -> bool:
    return any(part in text for part in parts)


def _title_of(text: str) -> str:
    found = _TITLE.search(text[:20_000])
    return found.group(1).strip() if found else ""


def _is_html(text: str) -> bool:
    return text.lstrip()[:1] == "<"
