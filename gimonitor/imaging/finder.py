"""Finds the marks in a picture: a scout looks over it at several sizes, a judge names what the scout proposes.

Both are small networks trained on made pictures (tests/quality/train_finder.py); nothing is fetched. References, where
they agree, give the outline and make a doubtful mark sure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray

from gimonitor.errors import ConfigurationError
from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.references import Reference
from gimonitor.imaging.verify import agreement

Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "weights"
MARKS = (Mark.GI_2019, Mark.AQSIQ, Mark.SAIC, Mark.AGI)  # the order of the judge's classes after 0, none

SURE = 0.93  # from here on a mark is told as one: chosen for no false mark in 160 made pictures
ALIKE = 0.55  # from here on as a similar mark
LEAST_SIDE = 28  # px: something smaller is at most similar
_MOST_PIXELS = 6_000_000  # looked at; larger pictures are scaled down
_LEAST_LEVEL = 40  # px of the shorter side of the smallest level
_STRIDE, _CROP, _ROOM = 8, 64, 1.3
_PROPOSE = 0.0  # the scout's logit; true marks lie above it, terraces and sacks of beans below
_WORTH = 0.25  # from here on a proposal is laid over the references
_AGREEING = 14  # points that agree with a drawing of ours before it makes a doubtful mark sure
_PROPOSALS = 16
_TEMPERATURE = 1.0


@dataclass(frozen=True, slots=True)
class _Proposal:
    box: tuple[float, float, float, float]  # x, y, width, height in pixels of the picture
    logit: float


@lru_cache(maxsize=1)
def _networks() -> tuple[onnxruntime.InferenceSession, onnxruntime.InferenceSession]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        scout, judge = (
            onnxruntime.InferenceSession(WEIGHTS / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
            for name in ("scout", "judge")
        )
    except Exception as error:  # onnxruntime has no common base class of its own
        raise ConfigurationError(f"the finder's networks in {WEIGHTS} cannot be loaded: {error}") from error
    return scout, judge


def find_marks(pixels: Pixels, references: Sequence[Reference] = ()) -> tuple[FoundMark, ...]:
    """Marks in a picture (height × width × RGB), the surest first; similar marks after them."""
    proposals = _apart(list(_proposals(pixels)))[:_PROPOSALS]
    if not proposals:
        return ()
    shares = _judged(pixels, proposals)
    found = [_named(p, row, pixels.shape) for p, row in zip(proposals, shares, strict=True)]
    marks = [_checked(pixels, mark, references) for mark in _distinct([m for m in found if m.confidence >= _WORTH])]
    return tuple(sorted((m for m in marks if m.confidence >= ALIKE), key=lambda m: (m.similar, -m.confidence)))


def _proposals(pixels: Pixels) -> Iterator[_Proposal]:
    height, width = pixels.shape[:2]
    scale = min(1.0, (_MOST_PIXELS / (height * width)) ** 0.5)
    scout = _networks()[0]
    level = pixels if scale == 1 else _scaled(pixels, scale)
    while True:
        yield from _scouted(scout, level, width / level.shape[1])
        if min(level.shape[:2]) / 2 < _LEAST_LEVEL:
            return
        level = _scaled(level, 0.5)


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _scouted(scout: onnxruntime.InferenceSession, level: Pixels, zoom: float) -> Iterator[_Proposal]:
    height, width = level.shape[:2]
    down, right = -height % _STRIDE, -width % _STRIDE
    whole = cv2.copyMakeBorder(level, 0, down, 0, right, cv2.BORDER_REPLICATE) if down or right else level
    cells = scout.run(None, {"picture": cv2.dnn.blobFromImage(whole, 1 / 64, mean=(128, 128, 128))})[0][0]
    for row, column in np.argwhere(cells[0] > _PROPOSE):
        logit, dx, dy, wide, high = (float(v) for v in cells[:, row, column])
        w, h = (40 * float(np.exp(np.clip(v, -2, 2))) for v in (wide, high))
        x, y = (column + 0.5) * _STRIDE + 32 * dx, (row + 0.5) * _STRIDE + 32 * dy
        yield _Proposal(((x - w / 2) * zoom, (y - h / 2) * zoom, w * zoom, h * zoom), logit)


def _apart(proposals: list[_Proposal]) -> list[_Proposal]:
    """The strongest of those that propose the same."""
    if not proposals:
        return []
    boxes = [p.box for p in proposals]
    kept = cv2.dnn.NMSBoxes(boxes, [p.logit + 10 for p in proposals], 0.0, 0.45)
    return [proposals[int(i)] for i in np.asarray(kept).ravel()]


def _crop(pixels: Pixels, box: tuple[float, float, float, float], room: float) -> Pixels:
    """The square round a box that the judge sees; beyond the picture its edge goes on."""
    x, y, wide, high = box
    side = max(wide, high) * room
    whole = max(4, round(side))
    left, top = round(x + wide / 2 - side / 2), round(y + high / 2 - side / 2)
    rows = np.clip(np.arange(top, top + whole), 0, pixels.shape[0] - 1)
    columns = np.clip(np.arange(left, left + whole), 0, pixels.shape[1] - 1)
    part = pixels[rows[:, None], columns[None, :]]
    way = cv2.INTER_AREA if whole > _CROP else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, (_CROP, _CROP), interpolation=way), dtype=np.uint8)


def _judged(pixels: Pixels, proposals: list[_Proposal]) -> Floats:
    """Shares of the classes for each proposal, 0 none; two looks at each, the second a little wider."""
    rooms = (_ROOM * 0.95, _ROOM * 1.08)
    crops = [_crop(pixels, p.box, room) for p in proposals for room in rooms]
    blob = cv2.dnn.blobFromImages(crops, 1 / 64, mean=(128, 128, 128))
    logits = _networks()[1].run(None, {"crops": blob})[0]
    mean = logits.reshape(len(proposals), len(rooms), -1).mean(axis=1) / _TEMPERATURE
    powers = np.exp(mean - mean.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def _named(proposal: _Proposal, shares: Floats, shape: tuple[int, ...]) -> FoundMark:
    which = int(shares[1:].argmax())
    confidence = float(shares[1 + which])
    x, y, wide, high = proposal.box
    left, top = max(0, round(x)), max(0, round(y))
    right, bottom = min(shape[1], round(x + wide)), min(shape[0], round(y + high))
    box = Box(x=left, y=top, width=max(1, right - left), height=max(1, bottom - top))
    return FoundMark(
        mark=MARKS[which],
        box=box,
        outline=_ellipse(box),
        confidence=round(confidence, 4),
        similar=confidence < SURE or max(wide, high) < LEAST_SIDE,
    )


def _ellipse(box: Box) -> tuple[tuple[int, int], ...]:
    turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    x = box.x + box.width / 2 * (1 + np.cos(turns))
    y = box.y + box.height / 2 * (1 + np.sin(turns))
    return tuple((round(float(a)), round(float(b))) for a, b in zip(x, y, strict=True))


def _distinct(marks: list[FoundMark]) -> list[FoundMark]:
    kept: list[FoundMark] = []
    for mark in sorted(marks, key=lambda m: -m.confidence):
        if all(mark.box.overlap(other.box) < 0.3 and not _within(mark.box, other.box) for other in kept):
            kept.append(mark)
    return kept


def _within(inner: Box, outer: Box) -> bool:
    """True where most of the smaller of two boxes lies in the other."""
    wide = min(inner.x + inner.width, outer.x + outer.width) - max(inner.x, outer.x)
    high = min(inner.y + inner.height, outer.y + outer.height) - max(inner.y, outer.y)
    smaller = min(inner.width * inner.height, outer.width * outer.height)
    return wide > 0 and high > 0 and wide * high > 0.7 * smaller


def _checked(pixels: Pixels, mark: FoundMark, references: Sequence[Reference]) -> FoundMark:
    """With the outline of the reference that agrees, which makes a doubtful mark sure; a drawing of ours must agree in more points."""
    agreed = agreement(pixels, mark.box, [r for r in references if r.mark is mark.mark])
    if agreed is None:
        return mark
    trusted = agreed.reference.official or agreed.points >= _AGREEING
    confidence = max(mark.confidence, SURE) if trusted else mark.confidence
    return replace(
        mark,
        outline=agreed.outline,
        verified=agreed.points,
        confidence=confidence,
        similar=confidence < SURE,
    )
