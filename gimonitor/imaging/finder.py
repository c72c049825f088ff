"""Finds the marks in a picture: a scout looks over it at several sizes, judges name what the scout proposes.

All are small networks trained on made pictures (tests/quality/train_finder.py); nothing is fetched. References, where
they agree, give the outline and make a doubtful mark sure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types

from gimonitor.errors import ConfigurationError
from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.judges import WEIGHTS, Floats, Place, first_look, second_look, session
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.references import Reference
from gimonitor.imaging.verify import Agreement, agreement

CALIBRATION = WEIGHTS / "calibration.json"  # how often the judges were right: tests/quality/calibrate_finder.py
MARKS = (Mark.GI_2019, Mark.AQSIQ, Mark.SAIC, Mark.AGI)  # the order of the judges' classes after 0, none

SURE = 3.5  # evidence from which on a mark is told as one; chosen on made pictures, see weights/README.md
ALIKE = 2.0  # from which on as a similar mark
_MISTAKEN = {Mark.AQSIQ: 1.1}  # more is asked of what other ovals are most often taken for,
_SMALL, _SMALLNESS = 40, 0.8  # and of what is smaller than this many px
LEAST_SIDE = 28  # px: something smaller is at most similar
_WORTH = 0.0  # from which on a candidate is looked at a second time, and laid over official files
_CHECKED = 3  # candidates laid over the references at most
_AGREEING = 14  # points that agree with a drawing of ours before it makes a doubtful mark sure
_MOST_PIXELS = 6_000_000  # looked at; larger pictures are scaled down
_LEAST_LEVEL = 40  # px of the shorter side of the smallest level
_STRIDE = 8
_PROPOSE = 0.0  # the scout's logit; true marks lie above it, terraces and sacks of beans below
_SCOUTS_WORD = 0.6  # how much the scout's logit adds to what the judges say
_PROPOSALS, _AGAIN = 16, 6  # looked at by the judges, and looked at a second time


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a mark. `evidence` is the judges' and the scout's log-odds together: it orders, it is no share."""

    mark: Mark
    box: Box
    evidence: float

    @property
    def is_sure(self) -> bool:
        """True for what is told as a mark without a reference that agrees."""
        asked = SURE + _MISTAKEN.get(self.mark, 0.0) + (_SMALLNESS if self.box.side < _SMALL else 0.0)
        return self.box.side >= LEAST_SIDE and self.evidence >= asked


@dataclass(frozen=True, slots=True)
class _Proposal:
    box: Place
    logit: float


@lru_cache(maxsize=1)
def _scout() -> onnxruntime.InferenceSession:
    return session("scout.onnx")


@lru_cache(maxsize=1)
def _table() -> tuple[Floats, Floats]:
    try:
        points = np.asarray(json.loads(CALIBRATION.read_text(encoding="utf-8"))["table"], dtype=np.float32)
        return points[:, 0], points[:, 1]
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ConfigurationError(f"the finder's table {CALIBRATION} cannot be read: {error}") from error


def calibrated(evidence: float) -> float:
    """How often a candidate of this evidence was right, in made pictures half of which showed a mark."""
    return round(float(np.interp(evidence, *_table())), 3)


def find_marks(pixels: Pixels, references: Sequence[Reference] = ()) -> tuple[FoundMark, ...]:
    """Marks in a picture (height × width × RGB), the surest first; similar marks after them."""
    least = _WORTH if any(reference.official for reference in references) else ALIKE
    worth = [candidate for candidate in candidates(pixels) if candidate.evidence >= least]
    told = [_told(pixels, one, references if n < _CHECKED else ()) for n, one in enumerate(worth)]
    return tuple(sorted((m for m in told if m is not None), key=lambda m: (m.similar, -m.confidence)))


def candidates(pixels: Pixels) -> list[Candidate]:
    """What may be a mark, apart from each other, the likeliest first."""
    proposals = _apart(list(_proposals(pixels)))[:_PROPOSALS]
    if not proposals:
        return []
    logits = first_look(pixels, [p.box for p in proposals])
    found = [_named(p, row, pixels.shape) for p, row in zip(proposals, logits, strict=True)]
    again = [n for n in sorted(range(len(found)), key=lambda n: -found[n].evidence) if found[n].evidence > _WORTH][
        :_AGAIN
    ]
    if not again:
        return []
    places = [proposals[n].box for n in again]
    looked = second_look(pixels, places, logits[again])
    return _distinct([_named(proposals[n], row, pixels.shape) for n, row in zip(again, looked, strict=True)])


def _proposals(pixels: Pixels) -> Iterator[_Proposal]:
    height, width = pixels.shape[:2]
    scale = min(1.0, (_MOST_PIXELS / (height * width)) ** 0.5)
    scout = _scout()
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


def _named(proposal: _Proposal, logits: Floats, shape: tuple[int, ...]) -> Candidate:
    which = 1 + int(logits[1:].argmax())
    others = np.delete(logits, which).astype(np.float64)
    odds = float(logits[which]) - float(np.logaddexp.reduce(others))
    x, y, wide, high = proposal.box
    left, top = max(0, round(x)), max(0, round(y))
    right, bottom = min(shape[1], round(x + wide)), min(shape[0], round(y + high))
    box = Box(x=left, y=top, width=max(1, right - left), height=max(1, bottom - top))
    return Candidate(MARKS[which - 1], box, odds + _SCOUTS_WORD * proposal.logit)


def _told(pixels: Pixels, candidate: Candidate, references: Sequence[Reference]) -> FoundMark | None:
    """The mark as it is told; None for what is not even alike.

    An official file that agrees makes a doubtful mark sure, and says which it is; a drawing of ours must agree in more points.
    """
    sure = candidate.is_sure
    agreed = agreement(pixels, candidate.box, [r for r in references if not sure or r.mark is candidate.mark])
    trusted = agreed is not None and _is_trusted(agreed)
    if not trusted and candidate.evidence < ALIKE:
        return None
    mark = agreed.reference.mark if agreed and trusted else candidate.mark
    laid = agreed if agreed and agreed.reference.mark is mark else None
    return FoundMark(
        mark=mark,
        box=candidate.box,
        outline=laid.outline if laid else _ellipse(candidate.box),
        confidence=calibrated(max(candidate.evidence, SURE) if trusted else candidate.evidence),
        similar=not (sure or trusted),
        verified=laid.points if laid else 0,
    )


def _is_trusted(agreed: Agreement) -> bool:
    return agreed.reference.official or agreed.points >= _AGREEING


def _ellipse(box: Box) -> tuple[tuple[int, int], ...]:
    turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    x = box.x + box.width / 2 * (1 + np.cos(turns))
    y = box.y + box.height / 2 * (1 + np.sin(turns))
    return tuple((round(float(a)), round(float(b))) for a, b in zip(x, y, strict=True))


def _distinct(found: list[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda c: -c.evidence):
        if all(one.box.overlap(other.box) < 0.3 and not _within(one.box, other.box) for other in kept):
            kept.append(one)
    return kept


def _within(inner: Box, outer: Box) -> bool:
    """True where most of the smaller of two boxes lies in the other."""
    wide = min(inner.x + inner.width, outer.x + outer.width) - max(inner.x, outer.x)
    high = min(inner.y + inner.height, outer.y + outer.height) - max(inner.y, outer.y)
    smaller = min(inner.width * inner.height, outer.width * outer.height)
    return wide > 0 and high > 0 and wide * high > 0.7 * smaller
