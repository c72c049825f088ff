"""遮盖副本: what travels of a page that somebody saved and handed in. The file itself stays in the house as it is; the copy
has the page's text and structure alone, without what buyers wrote, without personal data that can be recognised, and without
anything of the request, which names who saved the page.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]  # lxml has no stubs
from parsel import Selector

from gimonitor.errors import InputError
from gimonitor.evidence.covering import HEADINGS, WHY_EMPTIED
from gimonitor.parsing.capture import SavedPage, open_capture
from gimonitor.parsing.charset import decode_page
from gimonitor.parsing.markup import check_markup
from gimonitor.text.personal import find_personal

NOT_COPIED = "脚本、样式、图片、音频、视频、内嵌页面、表单填写内容、链接地址、请求和响应的头部（含 Cookie）"
"""What no copy has."""

MAX_COPIED = 64 << 20
"""Bytes of a file of which a copy is made: a pack is built within 500 MB."""

_ONE_PAGE = frozenset({"html", "singlefile", "mhtml"})
_DROPPED = (
    "script, style, noscript, template, iframe, frame, object, embed, canvas, img, svg, picture, video, audio, source, map, "
    "input, textarea, link, meta, base, nav, [role=navigation]"
)
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|br|button|dd|div|dl|dt|figure|footer|form|h[1-6]|header|li|main|ol|option|p|pre|section|"
    "table|td|th|title|tr|ul"
)
_HEADING = "h2, h3, h4, h5, h6, dt, legend, summary, caption, th"
_HEADINGS = re.compile(rf"\s*(?:{HEADINGS})\s*")
_KEPT = frozenset({"colspan", "rowspan"})
_GREETED = re.compile(
    r"^[^\S\n]*(?:您好|你好|欢迎(?:您|回来)?|hi|hello)[\s，,！!:：]{0,3}(?P<name>[^\s，,！!]{2,20})", re.I | re.M
)
_SIGNED_IN = "登录人的名称"
_TITLE = "遮盖副本"
_EMPTIED = f"〈{WHY_EMPTIED}已清空〉"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedCopy:
    """A copy as UTF-8 HTML, and what was emptied or covered in it: rows of `what`, `why`, `by` and `characters`."""

    body: bytes
    url: str
    covered: tuple[dict[str, object], ...]
    not_covered: tuple[str, ...]


def copy_saved(path: Path, addresses: Sequence[str], item_id: str, selectors: Sequence[str]) -> MaskedCopy:
    """A masked copy of the page that a saved file holds: of HTML, SingleFile and MHTML its page, of HAR, WARC and WACZ the
    first page at one of `addresses` or with `item_id` in its address. `selectors` are of parts that buyers wrote.

    Raises InputError, in words for the record, where the file has no such page or it cannot be read.
    """
    if path.stat().st_size > MAX_COPIED:
        raise InputError(f"文件超过 {MAX_COPIED >> 20} MB，没有制作遮盖副本")
    wanted = {address for address in addresses if address}
    try:
        for page in open_capture(path.read_bytes(), next(iter(wanted), "")):
            is_it = page.container in _ONE_PAGE or page.url in wanted or (len(item_id) > 5 and item_id in page.url)
            if is_it and _is_html(page):
                return mask_page(page, selectors)
    except InputError as error:
        raise InputError("文件不能读出网页，没有制作遮盖副本") from error
    raise InputError("文件中没有该商品的 HTML 网页，没有制作遮盖副本")


def mask_page(page: SavedPage, selectors: Sequence[str]) -> MaskedCopy:
    """The copy of one page. Raises InputError for a page that no parser may be let loose on."""
    check_markup(page.body)
    root = Selector(text=decode_page(page.body, page.content_type).text or "<html/>").root
    for comment in list(root.iter(etree.Comment, etree.ProcessingInstruction)):
        _drop(comment)
    for part in root.cssselect(_DROPPED):
        _drop(part)
    covered, left = _empty(root, selectors)
    covered += _cover(root)
    for element in root.iter(etree.Element):
        for name in set(element.attrib) - _KEPT:
            del element.attrib[name]
    body = etree.tostring(root, method="html", encoding="unicode")
    return MaskedCopy(
        body=_framed(body).encode("utf-8", "replace"), url=page.url, covered=tuple(covered), not_covered=left
    )


def _is_html(page: SavedPage) -> bool:
    return not page.trouble and page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _framed(body: str) -> str:
    told = f"{_TITLE}：由人员保存后交来的网页的文字和结构。没有放入{NOT_COPIED}；买家所写的部分已清空，能够识别的个人信息已遮盖。"
    return f'<!DOCTYPE html>\n<meta charset="utf-8">\n<p><strong>{html.escape(told)}</strong></p>\n{body}\n'


def _drop(part: etree._Element) -> None:
    """Take an element out and leave the text behind it."""
    parent = part.getparent()
    if parent is None:
        return
    before = part.getprevious()
    if part.tail and before is not None:
        before.tail = (before.tail or "") + part.tail
    elif part.tail:
        parent.text = (parent.text or "") + part.tail
    parent.remove(part)


# --- what buyers wrote ----------------------------------------------------------------------------------------------


def _empty(root: etree._Element, selectors: Sequence[str]) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    """Empty the parts that selectors name or that stand under a heading of buyers' words; a part with the page's title stays."""
    covered: list[dict[str, object]] = []
    left: list[str] = []
    for part, by in _written(root, selectors):
        words = "".join(part.itertext()).strip()
        characters = len(words)
        if words in ("", _EMPTIED):
            continue
        if part.tag in ("html", "body") or part.find(".//h1") is not None:
            left.append(
                f"buyers' data: a part of {characters} characters ({by}) also holds what is suspected; not emptied"
            )
            continue
        tail = part.tail
        part.clear()
        part.text, part.tail = _EMPTIED, tail
        covered.append({"what": "part", "why": WHY_EMPTIED, "by": by, "characters": characters})
    return covered, tuple(left)


def _written(root: etree._Element, selectors: Sequence[str]) -> Iterator[tuple[etree._Element, str]]:
    for selector in selectors:
        for part in root.cssselect(selector):
            if not _is_emptied(part, root):
                yield part, selector
    for heading in root.cssselect(_HEADING):
        words = "".join(heading.itertext())
        if _HEADINGS.fullmatch(words):
            for part in list(heading.itersiblings(etree.Element)):
                if part.tag == heading.tag:
                    break
                yield part, f"under “{words.strip()}”"


def _is_emptied(part: etree._Element, root: etree._Element) -> bool:
    """True for what went with a part around it."""
    return part is not root and next(reversed(list(part.iterancestors())), None) is not root


# --- what is left ---------------------------------------------------------------------------------------------------


def _cover(root: etree._Element) -> list[dict[str, object]]:
    """Cover personal data in the text, whatever elements it is spread over; counted by kind."""
    nodes, text = _walk(root)
    spans = [(start, end, kind) for kind, start, end in find_personal(text)]
    spans += [(*hit.span("name"), _SIGNED_IN) for hit in _GREETED.finditer(text)]
    counted = Counter(kind for *_, kind in spans)
    for at, element, field in reversed(nodes):
        old = getattr(element, field)
        setattr(element, field, _covered(old, at, spans))
    return [{"what": "text", "why": kind, "by": "text", "count": count} for kind, count in counted.items()]


def _covered(text: str, at: int, spans: Sequence[tuple[int, int, str]]) -> str:
    """A node's text, which begins at `at`, with what of the spans lies in it covered; where a span begins its kind is said."""
    for start, end, kind in sorted(spans, reverse=True):
        a, b = max(start - at, 0), min(end - at, len(text))
        if a < b:
            text = f"{text[:a]}{f'〈{kind}已脱敏〉' if start >= at else ''}{text[b:]}"
    return text


def _walk(root: etree._Element) -> tuple[list[tuple[int, etree._Element, str]], str]:
    """The text as one string, with where each node of it begins; what stands in different blocks is parted by a line."""
    nodes: list[tuple[int, etree._Element, str]] = []
    parts: list[str] = []
    length, is_apart = 0, False
    for event, element in etree.iterwalk(root, events=("start", "end")):
        is_apart |= _BLOCKS.fullmatch(element.tag) is not None
        field = "text" if event == "start" else "tail"
        words = getattr(element, field)
        if not words or not words.strip():
            continue
        if is_apart and parts:
            parts.append("\n")
            length += 1
        is_apart = False
        nodes.append((length, element, field))
        parts.append(words)
        length += len(words)
    return nodes, "".join(parts)
