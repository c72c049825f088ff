"""A proposed mark laid over a reference: how many points agree, and where the reference's outline then lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.marks import Box
from gimonitor.imaging.references import Reference, features

ENOUGH = 10  # points that agree; measured: seals of others reach 7 at most
LEAST_SIDE = 40  # px: below it corners say nothing
_SEEN = 288  # px of the compared part
_ROOM = 0.12


@dataclass(frozen=True, slots=True)
class Agreement:
    """The best reference: points that agree, and its outline in pixels of the picture."""

    reference: Reference
    points: int
    outline: tuple[tuple[int, int], ...]


def agreement(pixels: Pixels, box: Box, references: Sequence[Reference]) -> Agreement | None:
    """The reference that agrees best with what the box shows; None where none agrees in `ENOUGH` points."""
    if box.side < LEAST_SIDE:
        return None
    part, offset, scale = _part(pixels, box)
    best: Agreement | None = None
    for seen in (part, 255 - part):  # light print on dark has its slopes the other way round
        points, descriptors = features(seen)
        for reference in references:
            found = _matched(points, descriptors, reference)
            if found is None or (best is not None and found[0] <= best.points):
                continue
            count, outline = found
            placed = outline / scale + offset
            if _is_sane(placed, box):
                best = Agreement(reference, count, tuple((round(float(x)), round(float(y))) for x, y in placed))
        if best is not None:
            return best
    return None


def _part(pixels: Pixels, box: Box) -> tuple[Pixels, NDArray[np.float32], float]:
    room = int(box.side * _ROOM)
    left, top = max(0, box.x - room), max(0, box.y - room)
    part = pixels[top : box.y + box.height + room, left : box.x + box.width + room]
    gray = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    scale = _SEEN / max(gray.shape)
    size = (max(8, round(gray.shape[1] * scale)), max(8, round(gray.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    seen = np.asarray(cv2.resize(gray, size, interpolation=way), dtype=np.uint8)
    return seen, np.asarray((left, top), np.float32), scale


def _matched(
    points: NDArray[np.float32], descriptors: NDArray[np.float32], reference: Reference
) -> tuple[int, NDArray[np.float32]] | None:
    if min(len(points), len(reference.points)) < ENOUGH:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(reference.descriptors, descriptors, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < 0.82 * p[1].distance]
    if len(good) < ENOUGH:
        return None
    ours = np.asarray([reference.points[m.queryIdx] for m in good], np.float32)
    theirs = np.asarray([points[m.trainIdx] for m in good], np.float32)
    matrix, agree = cv2.findHomography(ours, theirs, cv2.USAC_MAGSAC, 4.0, maxIters=2000, confidence=0.99)
    if matrix is None or int(agree.sum()) < ENOUGH:
        return None
    outline = cv2.perspectiveTransform(reference.outline[None], matrix)[0]
    return int(agree.sum()), np.asarray(outline, dtype=np.float32)


def _is_sane(outline: NDArray[np.float32], box: Box) -> bool:
    """True where the outline is a bulge about as large as the box, and in it."""
    if not np.isfinite(outline).all() or not cv2.isContourConvex(outline.reshape(-1, 1, 2).astype(np.int32)):
        return False
    left, top = outline.min(axis=0)
    right, bottom = outline.max(axis=0)
    laid = Box(x=int(left), y=int(top), width=max(1, int(right - left)), height=max(1, int(bottom - top)))
    return laid.overlap(box) > 0.5
