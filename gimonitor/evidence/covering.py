"""买家的个人信息 out of a page before it is photographed: what buyers wrote is emptied, and what is left is read for telephone
numbers, identity numbers, and names and addresses with a label, which are covered where they stand. What was covered is
written down by kind and place, never by its words; what could not be looked at is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from gimonitor.evidence.browser import bounded
from gimonitor.text.personal import find_in_script, find_personal

HEADINGS = (
    r"(?:(?:商品|买家|用户|宝贝|累计|全部|精选|最新|顾客|客户)?(?:评价|评论|点评|晒单|晒图|问答)|买家秀|买家说|问大家|大家问|"
    r"商品提问|customer reviews|reviews)[（(]?[\d+万.]*[)）]?"
)
"""Headings under which buyers write, as a whole text."""

_SCRIPT = re.compile(r"(?P<head><script\b[^>]*>)(?P<body>.*?)(?P<tail></script)", re.DOTALL | re.IGNORECASE)
WHY_EMPTIED = "买家所写的部分"
_FOLDER = Path(__file__).parent / "scripts"
_WALK = (_FOLDER / "walk.js").read_text("utf-8")
_EMPTY, _COVER = (
    f"(asked) => {{\n{_WALK}\nreturn ({(_FOLDER / f'{name}.js').read_text('utf-8').strip()})(asked);\n}}"
    for name in ("empty", "cover")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A region of a page that shows nothing any more. `what` is `part`, `text` or `script`, `why` its kind, `by` the selector, heading
    or pattern that found it, `pictures` how many went with it, `box` left, top, width, height in dots of the full screenshot, None where it was not shown."""

    what: str
    why: str
    by: str
    characters: int
    pictures: int = 0
    box: tuple[float, float, float, float] | None


async def cover_buyers(
    page: Page, selectors: Sequence[str], kept: Sequence[str], seconds: float
) -> tuple[list[Covered], list[str], list[str]]:
    """Cover a page; gives what was covered, in words what was not, and the addresses of the pictures that were covered
    (`data:` and some of its characters for one inside the page). Raises EvidenceError when the page hangs."""
    asked = [list(selectors), HEADINGS, list(kept)]
    seen: dict[str, Any] = await bounded(page.evaluate(_EMPTY, asked), seconds, "emptying what buyers wrote")
    covered = [
        Covered(
            what="part",
            why=WHY_EMPTIED,
            by=part["by"],
            characters=part["characters"],
            pictures=part["pictures"],
            box=_box(part["box"]),
        )
        for part in seen["emptied"]
    ]
    gaps = [
        f"buyers' data: a part of {part['characters']} characters ({part['by']}) also holds what is suspected; not emptied"
        for part in seen["left"]
    ]
    text = str(seen["text"])
    hits = sorted(find_personal(text), key=lambda hit: hit[1])
    if hits:
        spans = [[_units(text, a), _units(text, b), text[a:b]] for _, a, b in hits]
        boxes = await bounded(page.evaluate(_COVER, [spans]), seconds, "covering personal data")
        for (kind, start, end), made in zip(hits, boxes, strict=True):
            if made is None:
                gaps.append(f"buyers' data: {kind} of {end - start} characters moved while it was covered")
            else:
                found = Covered(what="text", why=kind, by="text", characters=end - start, box=_box(made[0]))
                covered.append(found)
    blind = [f"{count} {name}" for name, count in seen["blind"].items() if count]
    if blind:
        gaps.append(f"buyers' data: text inside {' and '.join(blind)} cannot be read and was not covered")
    return covered, gaps, list(map(str, seen["pictures"]))


def cover_scripts(document: str) -> tuple[str, list[Covered]]:
    """The saved document with personal data inside its scripts replaced by as many `*`, and what was covered, by kind.

    MHTML as Chromium writes it holds no scripts; the answer as it came stays whole in the archive."""
    counted: Counter[str] = Counter()

    def covered(script: re.Match[str]) -> str:
        text = script["body"]
        for kind, start, end in sorted(find_in_script(text), key=lambda hit: -hit[1]):
            counted[kind] += end - start
            text = f"{text[:start]}{'*' * (end - start)}{text[end:]}"
        return f"{script['head']}{text}{script['tail']}"

    document = _SCRIPT.sub(covered, document)
    return document, [
        Covered(what="script", why=kind, by="script", characters=count, box=None) for kind, count in counted.items()
    ]


def _units(text: str, at: int) -> int:
    """An offset in UTF-16 units, as scripts count."""
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


def _box(box: Sequence[float] | None) -> tuple[float, float, float, float] | None:
    return (box[0], box[1], box[2], box[3]) if box else None
