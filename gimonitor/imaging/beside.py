"""Where a thing stands from a mark, and whether print that stands beside the mark could have been read at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from gimonitor.imaging.marks import Box
from gimonitor.imaging.reading import Line

LEGIBLE_SIDE = 96  # px of a mark: the code under it is printed at about a twelfth of it, and read from 8 px on
_NEAR = 0.75  # of the mark's longer side: what stands within it stands beside the mark
_SMALL_PRINT = 0.2  # of the mark's side: larger print read says nothing about a code of a twelfth of it
_BELOW = 0.15  # of the mark's side: the room under it in which the code is printed
_SURE = 0.8  # how sure a line is read that shows that print was legible
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


def why_unreadable(mark: Box, lines: Sequence[Line], size: tuple[int, int]) -> str:
    """Why nobody can say what is missing beside a mark, in Chinese; "" where small print beside it was read.

    `lines` are those of the picture, `size` is its width and height in pixels. The mark's own letters are no print beside it.
    """
    if mark.side < LEGIBLE_SIDE:
        return "图中的标志过小，旁边的文字难以辨认"
    near = [line for line in lines if stands_beside(line.box, mark) and not _is_own(line, mark)]
    if _is_cut(mark, near, size):
        return "标志旁边的内容没有拍全"
    if not lines:
        return "图中没有读到文字"
    if not any(line.box.height <= _SMALL_PRINT * mark.side and line.confidence >= _SURE for line in near):
        return "标志旁边没有读到可以辨认的小字"
    return ""


def _is_own(line: Line, mark: Box) -> bool:
    """True for letters of the mark itself."""
    text = _SIGNS.sub("", line.text).lower()
    return mark.holds_middle_of(line.box) or any(text in own for own in _OWN_LETTERS)


def _is_cut(mark: Box, near: Sequence[Line], size: tuple[int, int]) -> bool:
    """True where the picture ends under the mark or in the print beside it."""
    width, height = size
    boxes = [line.box for line in near]
    ends = any(b.x <= 1 or b.y <= 1 or b.x + b.width >= width - 1 or b.y + b.height >= height - 1 for b in boxes)
    return ends or mark.y + mark.height + _BELOW * mark.side > height
