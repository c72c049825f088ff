"""The marks that the project knows by sight, and one of them found in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot


class Mark(StrEnum):
    """A mark, by the id of its sign in rules/signs."""

    GI_2019 = "gi-special-mark"
    AQSIQ = "old-pgi-mark"
    SAIC = "old-gi-trademark-mark"
    AGI = "agi-mark"

    @property
    def is_abolished(self) -> bool:
        """True for the two marks whose transition ended on 2020-12-31."""
        return self in (Mark.AQSIQ, Mark.SAIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright box in pixels of the picture as shown (after its EXIF rotation)."""

    x: int
    y: int
    width: int
    height: int

    @property
    def side(self) -> int:
        """Its longer side."""
        return max(self.width, self.height)

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 … 1."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if wide <= 0 or high <= 0:
            return 0.0
        both = wide * high
        return both / (self.width * self.height + other.width * other.height - both)

    def gap(self, other: Box) -> float:
        """Pixels between the nearest edges, 0 where the boxes touch."""
        right = max(other.x - self.x - self.width, self.x - other.x - other.width, 0)
        down = max(other.y - self.y - self.height, self.y - other.y - other.height, 0)
        return hypot(right, down)

    def around(self, points: Sequence[tuple[int, int]]) -> Box:
        """The least box that holds this one and some points."""
        left, top = min(self.x, *(x for x, _ in points)), min(self.y, *(y for _, y in points))
        right = max(self.x + self.width, *(x for x, _ in points))
        bottom = max(self.y + self.height, *(y for _, y in points))
        return Box(x=left, y=top, width=right - left, height=bottom - top)

    def holds_middle_of(self, other: Box) -> bool:
        """True where the middle of another box lies within this one."""
        x, y = other.x + other.width / 2, other.y + other.height / 2
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMark:
    """A mark in a picture. `outline` are points around it, in pixels; `similar`: only alike, never to be taken for it.

    `confidence` is the calibrated share of right answers among such; `verified` counts points that agree with a
    reference picture, 0 where none could be compared.
    """

    mark: Mark
    box: Box
    outline: tuple[tuple[int, int], ...]
    confidence: float
    similar: bool = False
    verified: int = 0
