"""Where a thing stands from a mark, and whether print that stands beside the mark could have been read at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from gimonitor.imaging.marks import Box
from gimonitor.imaging.reading import Line, letter_size

LEGIBLE_SIDE = 96  # px of a mark: the code under it is printed at about a twelfth of it, and read from 8 px on
_NEAR = 0.75  # of the mark's longer side: what stands within it stands beside the mark
_SMALL_PRINT = 0.18  # of the mark's side: larger characters read say nothing about a code of a twelfth of it
_LEAST_SMALL = 28  # px of a character that is small print beside any mark
_BELOW = 0.15  # of the mark's side: the room under it in which the code is printed
_ASIDE, _GAP = 0.1, 0.02  # of the mark's width and height: room beside and above its code
_SURE = 0.8  # how sure a line is read that shows that print was legible
_IN_ROW, _NEXT_ROW = 4, 1.5  # heights of a line to what stands before or after it, and to the next line
_OWN_LETTERS = ("中华人民共和国地理标志保护产品", "中国地理标志", "农产品地理标志", "geographicalindicationofprchina", "peoplesrepublicofchina", "chinapgi", "gl", "gli")  # fmt: skip
_SIGNS = re.compile(r"[\W_]+")


class Spot(StrEnum):
    """Where something said stands: beside the mark, elsewhere in its picture, in another picture of the same goods."""

    BESIDE = "beside"
    APART = "apart"
    OTHER_PICTURE = "other_picture"


def stands_beside(box: Box, mark: Box) -> bool:
    """True for what stands within three quarters of a mark's side from it."""
    return box.gap(mark) <= _NEAR * mark.side


def is_next_to(box: Box, other: Box) -> bool:
    """True for a line right before, after, above or below that at a box; in print that stands upright, too."""
    letters = min(box.width, box.height)
    along, across = _IN_ROW * letters, _NEXT_ROW * letters
    aside, below = (along, across) if box.width >= box.height else (across, along)
    right = _apart(box.x, box.width, other.x, other.width)
    down = _apart(box.y, box.height, other.y, other.height)
    return box != other and ((not down and right <= aside) or (not right and down <= below))


def is_in_row(box: Box, other: Box) -> bool:
    """True for two lines at one height: the cells of a row."""
    return abs(2 * box.y + box.height - 2 * other.y - other.height) < min(box.height, other.height)


def _apart(start: int, length: int, other: int, others_length: int) -> int:
    """Pixels between two stretches, 0 where they touch."""
    return max(other - start - length, start - other - others_length, 0)


def code_places(mark: Box) -> tuple[Box, Box, Box]:
    """Where the code of a mark is printed: right under it, or to its left or right where the picture is turned."""
    deep, aside = round(2 * _BELOW * mark.side), round(_ASIDE * mark.side)
    gap = round(_GAP * mark.side)
    right, bottom = mark.x + mark.width + gap, mark.y + mark.height + gap
    wide, high = mark.width + 2 * aside, mark.height + 2 * aside
    return (
        Box(x=mark.x - aside, y=bottom, width=wide, height=deep),
        Box(x=mark.x - gap - deep, y=mark.y - aside, width=deep, height=high),
        Box(x=right, y=mark.y - aside, width=deep, height=high),
    )


def why_unreadable(mark: Box, lines: Sequence[Line], size: tuple[int, int], unread: Sequence[Box] = ()) -> str:
    """Why nobody can say what is missing beside a mark, in Chinese; "" where the small print beside it was read.

    `lines` are those of the picture, `size` is its width and height in pixels, `unread` are places where
    print was not read or gloss may hide it. The mark's own letters are no print beside it.
    """
    if mark.side < LEGIBLE_SIDE:
        return "图中的标志过小，旁边的文字难以辨认"
    near = [line for line in lines if stands_beside(line.box, mark) and not _is_own(line, mark)]
    if _is_cut(mark, near, size):
        return "标志旁边的内容没有拍全"
    if not lines:
        return "图中没有读到文字"
    bound = max(_SMALL_PRINT * mark.side, _LEAST_SMALL)
    small = [line for line in near if letter_size(line.text, line.box) <= bound]
    under, *aside = code_places(mark)
    has_unread = any(place in unread for place in (aside if _is_upright(near) else (under,)))
    if has_unread or any(line.confidence < _SURE for line in near):
        return "标志旁边有反光或者没有读清的小字"
    if not small:
        return "标志旁边没有读到可以辨认的小字"
    return ""


def _is_own(line: Line, mark: Box) -> bool:
    """True for letters of the mark itself."""
    text = _SIGNS.sub("", line.text).lower()
    return mark.holds_middle_of(line.box) or any(text in own for own in _OWN_LETTERS)


def _is_upright(lines: Sequence[Line]) -> bool:
    """True for print that runs down the picture, which is turned then."""
    return 2 * sum(line.box.height > line.box.width for line in lines) > len(lines)


def _is_cut(mark: Box, near: Sequence[Line], size: tuple[int, int]) -> bool:
    """True where the picture ends in the mark, where its code would stand, or in the print beside it."""
    width, height = size
    boxes = [mark, *(line.box for line in near)]
    ends = any(b.x <= 1 or b.y <= 1 or b.x + b.width >= width - 1 or b.y + b.height >= height - 1 for b in boxes)
    room = _BELOW * mark.side
    if _is_upright(near):
        return ends or mark.x < room or mark.x + mark.width + room > width
    return ends or mark.y + mark.height + room > height
