"""The scout: a small network that looks over a picture at several sizes and proposes boxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types

from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.judges import Floats, Place, session

LARGE = 90  # px: from which on a proposal is large; the characters of a ring are six px high there
_MOST_PIXELS = 6_000_000  # looked at; larger pictures are scaled down
_LEAST_LEVEL = 40  # px of the shorter side of the smallest level that is half of another one
_SMALL, _EDGE = 250, 24  # px: a level with a side below this, where marks fill a picture, is given so much room,
_BETWEEN = 0.71  # and one more level between it and the next
_STRIDE = 8
_PROPOSE = 0.0  # the scout's logit; true marks lie above it, terraces and sacks of beans below
_FAINT, _COARSE = (
    -0.8,
    1.5,
)  # asked of large ones, which are few, from a level of so many px of the picture to one of its own
_STRONG, _MANY_LARGE = 16, 4  # proposals given at most: of the strong, and of the large whether strong or faint


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a mark may be, and the scout's log-odds that there is one."""

    box: Place
    logit: float


@lru_cache(maxsize=1)
def _scout() -> onnxruntime.InferenceSession:
    return session("scout.onnx")


def proposals(pixels: Pixels) -> list[Proposal]:
    """Where marks may be, apart from each other: the strong first, then large and faint ones."""
    found = _apart(list(_everywhere(pixels)))
    strong = [p for p in found if p.logit > _PROPOSE][:_STRONG]
    large = [p for p in found if max(p.box[2:]) >= LARGE][:_MANY_LARGE]
    return strong + [p for p in large if p not in strong]


def _everywhere(pixels: Pixels) -> Iterator[Proposal]:
    height, width = pixels.shape[:2]
    scale = min(1.0, (_MOST_PIXELS / (height * width)) ** 0.5)
    level = pixels if scale == 1 else _scaled(pixels, scale)
    yield from _scouted(level, width / level.shape[1])
    while min(level.shape[:2]) / 2 >= _LEAST_LEVEL:
        level = _scaled(level, 0.5)
        yield from _scouted(level, width / level.shape[1])
        if min(level.shape[:2]) < _SMALL:
            between = _scaled(level, _BETWEEN)
            yield from _scouted(between, width / between.shape[1])


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _scouted(level: Pixels, zoom: float) -> Iterator[Proposal]:
    height, width = level.shape[:2]
    edge = _EDGE if min(height, width) < _SMALL else 0
    down, right = edge + -height % _STRIDE, edge + -width % _STRIDE
    whole = cv2.copyMakeBorder(level, edge, down, edge, right, cv2.BORDER_REPLICATE) if down or right else level
    cells = _cells(np.asarray(whole, dtype=np.uint8))
    for row, column in np.argwhere(cells[0] > (_PROPOSE if zoom < _COARSE else _FAINT)):
        (x, y, wide, high), logit = _box(cells[:, row, column], row, column)
        yield Proposal(((x - edge) * zoom, (y - edge) * zoom, wide * zoom, high * zoom), logit)


def _cells(level: Pixels) -> Floats:
    """For each cell of 8 × 8 px: logit, and the box as it is seen from there."""
    given = cv2.dnn.blobFromImage(level, 1 / 64, mean=(128, 128, 128))
    return np.asarray(_scout().run(None, {"picture": given})[0][0], dtype=np.float32)


def _box(cell: Floats, row: int, column: int) -> tuple[Place, float]:
    """The box that a cell proposes, in px of what the scout was shown, and its logit."""
    logit, dx, dy, wide, high = (float(v) for v in cell)
    w, h = (40 * float(np.exp(np.clip(v, -2, 2))) for v in (wide, high))
    x, y = (column + 0.5) * _STRIDE + 32 * dx, (row + 0.5) * _STRIDE + 32 * dy
    return (x - w / 2, y - h / 2, w, h), logit


def _apart(proposals: list[Proposal]) -> list[Proposal]:
    """The strongest of those that propose the same."""
    if not proposals:
        return []
    boxes = [p.box for p in proposals]
    kept = cv2.dnn.NMSBoxes(boxes, [p.logit + 10 for p in proposals], 0.0, 0.45)
    return [proposals[int(i)] for i in np.asarray(kept).ravel()]
