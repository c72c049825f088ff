"""Is this page an answer at all? Login walls, challenges, refusals, fuzzy results and empty shells are told apart here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gimonitor.model.run import BlockKind
from gimonitor.parsing.platform import ANY, load_platforms

FEW_CHARACTERS = 1500  # of readable text: a page with more is a page of something
SHELL_CHARACTERS = 160

_STATUS = {401: BlockKind.LOGIN, 403: BlockKind.FORBIDDEN, 407: BlockKind.FORBIDDEN, 429: BlockKind.RATE_LIMIT}
_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,300}?)</title", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(
    r"<(script|style|noscript|template|svg)\b.*?</\1\s*>|<!--.*?-->|<[^>]{0,5000}>", re.IGNORECASE | re.DOTALL
)
_PASSWORD = re.compile(r"<input\b[^>]{0,500}?\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
_METADATA = ("application/ld+json", "itemscope", "og:title", 'property="product:')
_PROGRAM = re.compile(r"<script\b(?![^>]{0,300}\bapplication/(?:ld\+)?json)", re.IGNORECASE)
"""A script that may fill the page; data in a script element fill nothing."""
_GOODS = re.compile(
    r"<script\b[^>]{0,300}\bapplication/ld\+json[^>]{0,300}>[^<]{0,200000}\"Product|"
    r"<[a-z]+\b[^>]{0,500}\bitemtype\s*=\s*[\"']?https?://schema\.org/\w*Product|"
    r"<meta\b[^>]{0,300}\bproperty\s*=\s*[\"']product:",
    re.IGNORECASE,
)
"""Mark-up that states goods. What a shell says of its shop (`og:title`, an Organization), or its script of mark-up, is none."""


def classify(text: str, url: str = "", status: int = 200, platform: str = "") -> BlockKind | None:
    """The way in which a page is no answer, or None when it may be read. Pure; never raises.

    Status 404 and 410 are answers: the page is gone.
    """
    if status in _STATUS:
        return _STATUS[status]
    if status >= 500:
        return BlockKind.UNAVAILABLE
    known = load_platforms()
    kinds = [item for code in dict.fromkeys((platform, ANY)) if code in known for item in known[code].blocks.items()]
    told = next((kind for kind, mark in kinds if status in mark.status), None)
    if told is not None:
        return told
    title, is_html = _title_of(text), _is_html(text)
    readable = readable_text(text) if is_html else ""
    is_short = len(readable) <= FEW_CHARACTERS
    for kind, mark in kinds:
        if _has(url, mark.url) or _has(title, mark.title):
            return kind
        if (is_short or kind is BlockKind.FUZZY) and _has(text, mark.code):
            return kind
    if not is_html or not is_short:
        return None
    for kind, mark in kinds:
        if _has(readable, mark.text) or (_has(title, mark.form_title) and _is_form(text)):
            return kind
    if platform in known and _has(title, (known[platform].name, *known[platform].names)) and _is_form(text):
        return BlockKind.LOGIN  # shown in place of the page that was asked, under the platform's own name
    if len(readable) <= SHELL_CHARACTERS and _PROGRAM.search(text) and not _GOODS.search(text):
        return BlockKind.EMPTY_SHELL
    return None


def readable_text(html: str) -> str:
    """What a reader sees of mark-up, roughly: for counting and for finding words, not for evidence."""
    return " ".join(_UNSEEN.sub(" ", html[:400_000]).split())


def _is_form(text: str) -> bool:
    return bool(_PASSWORD.search(text)) and not _has(text, _METADATA)


def _has(text: str, parts: Iterable[str]) -> bool:
    return any(part in text for part in parts)


def _title_of(text: str) -> str:
    found = _TITLE.search(text[:20_000])
    return found.group(1).strip() if found else ""


def _is_html(text: str) -> bool:
    return text.lstrip()[:1] == "<"
