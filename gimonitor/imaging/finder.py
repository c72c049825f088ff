"""Finds the marks in a picture: a scout looks over it at several sizes, a judge names what it proposes and says where it lies.

They are small networks trained on made pictures (tests/quality/train_finder.py); nothing is fetched. Where a large one
stays doubtful, the words in its ring are read; where those of a sure one are other words, it is similar at most. References,
where they agree, give the outline and make a doubtful mark sure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from gimonitor.errors import ConfigurationError
from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.judges import WEIGHTS, Floats, Place, first_look, named, second_look
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.references import Reference
from gimonitor.imaging.ring import ring_words, says_other, weighed
from gimonitor.imaging.scout import LARGE, Proposal, proposals
from gimonitor.imaging.verify import Agreement, agreement

CALIBRATION = WEIGHTS / "calibration.json"  # how often the judge was right: tests/quality/calibrate_finder.py
MARKS = (Mark.GI_2019, Mark.AQSIQ, Mark.SAIC, Mark.AGI)  # the order of the judge's classes after 0, none

SURE = 4.6  # evidence from which on a mark is told as one; chosen on made pictures, see weights/README.md
ALIKE = 3.5  # from which on as a similar mark
_MISTAKEN = {Mark.AGI: 2.0, Mark.AQSIQ: 0.9}  # doubt of what green discs and wheels are most often taken for,
_SMALLNESS = ((40, 2.2), (64, 1.7), (96, 0.5))  # and of what is smaller than so many px: it is taken off the evidence
LEAST_SIDE = 28  # px: something smaller is at most similar
_CLOSER = -2.0  # from which on a candidate is looked at where the judge says that it lies
_WORTH = 0.5  # from which on a candidate is looked at a second time, and laid over official files
_CHECKED = 3  # candidates laid over the references at most
_AGREEING = 14  # points that agree with a drawing of ours before it makes a doubtful mark sure
_SCOUTS_WORD = 1.3  # how much the scout's logit adds to what the judge says,
_SCOUTS_MOST = 2.0  # and how much of it counts: it may be all too sure
_AGAIN = 6  # looked at a second time at most
_DOUBTED, _ALMOST = 0.5, 2.5  # from which on the ring of a doubtful mark is read, and read twice
_READ = 2  # rings read at most, of doubtful ones and of sure ones each
_HEARD = 64  # px of a sure mark from which on its ring may say that it is none: clear print is read so small
_WAYS = (0.0, 2 * np.pi / 3, -2 * np.pi / 3)  # how a mark may lie when its ring is read, radians


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a mark. `evidence`: the judge's and the scout's log-odds less what speaks against; it orders, it is no share.

    `says_other`: the words in its ring are no mark's; no reference makes it sure.
    """

    mark: Mark
    box: Box
    evidence: float
    says_other: bool = False

    @property
    def is_sure(self) -> bool:
        """True for what is told as a mark without a reference that agrees."""
        return self.box.side >= LEAST_SIDE and self.evidence >= SURE


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A proposal with the judge's logits of none and of each mark, and where it is."""

    proposal: Proposal
    place: Place
    logits: Floats

    def named(self, pixels: Pixels) -> Candidate:
        """What it most likely is, its box within the picture."""
        which, odds = named(self.logits)
        x, y, wide, high = self.place
        left, top = max(0, round(x)), max(0, round(y))
        right, bottom = min(pixels.shape[1], round(x + wide)), min(pixels.shape[0], round(y + high))
        box = Box(x=left, y=top, width=max(1, right - left), height=max(1, bottom - top))
        mark = MARKS[which - 1]
        return Candidate(mark, box, odds + _SCOUTS_WORD * min(self.proposal.logit, _SCOUTS_MOST) - _doubt(mark, box))


def _doubt(mark: Mark, box: Box) -> float:
    return _MISTAKEN.get(mark, 0.0) + next((less for side, less in _SMALLNESS if box.side < side), 0.0)


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
    told = [_told(pixels, one, () if n >= _CHECKED or one.says_other else references) for n, one in enumerate(worth)]
    return tuple(sorted((m for m in told if m is not None), key=lambda m: (m.similar, -m.confidence)))


def candidates(pixels: Pixels) -> list[Candidate]:
    """What may be a mark, apart from each other, the likeliest first."""
    proposed = proposals(pixels)
    if not proposed:
        return []
    sights = first_look(pixels, [p.box for p in proposed])
    seen = [_Seen(p, sight.place, sight.logits) for p, sight in zip(proposed, sights, strict=True)]
    seen.sort(key=lambda one: -one.named(pixels).evidence)
    closer = _closer(pixels, [one for one in seen if one.named(pixels).evidence > _CLOSER][:_AGAIN])
    worth = [one for one in closer if one.named(pixels).evidence > _WORTH]
    again = [replace(one, logits=second_look(pixels, one.place, one.logits)) for one in worth]
    readable = [one for one in again if _is_readable(one.named(pixels))][:_READ]
    found = _distinct([(_read(pixels, one) if one in readable else one).named(pixels) for one in again])
    heard = [one for one in found if one.is_sure and one.box.side >= _HEARD][:_READ]
    return sorted((_heard(pixels, one) if one in heard else one for one in found), key=lambda c: -c.evidence)


def _closer(pixels: Pixels, seen: Sequence[_Seen]) -> list[_Seen]:
    """The same, looked at once more where the judge says that they lie."""
    sights = first_look(pixels, [one.place for one in seen])
    return [
        replace(one, place=sight.place, logits=(one.logits + sight.logits) / np.float32(2))
        for one, sight in zip(seen, sights, strict=True)
    ]


def _read(pixels: Pixels, seen: _Seen) -> _Seen:
    """With what its ring says, where it is settled; or, where it is almost a mark, where the scout saw it first."""
    said = _said(pixels, seen.place)
    if not said.any() and seen.named(pixels).evidence > _ALMOST:
        said = _said(pixels, seen.proposal.box)
    return replace(seen, logits=seen.logits + np.concatenate([np.zeros(1, np.float32), said]))


def _heard(pixels: Pixels, sure: Candidate) -> Candidate:
    """The same; no more than alike where its ring says other words, and those of no mark from another side."""
    place = (sure.box.x, sure.box.y, sure.box.width, sure.box.height)
    if not says_other(pixels, place) or _said(pixels, place).any():
        return sure
    return replace(sure, evidence=ALIKE, says_other=True)


def _said(pixels: Pixels, place: Place) -> Floats:
    """Log-odds for each mark by the words in its ring, upright first, then turned: a strip holds most of a ring."""
    ways = (weighed(ring_words(pixels, place, turn), MARKS) for turn in _WAYS)
    return next((said for said in ways if said.any()), np.zeros(len(MARKS), np.float32))


def _is_readable(candidate: Candidate) -> bool:
    """True for what the words in its ring may decide."""
    return candidate.box.side >= LARGE and candidate.evidence > _DOUBTED and not candidate.is_sure


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
    outline = _within_picture(laid.outline if laid else _ellipse(candidate.box), pixels)
    return FoundMark(
        mark=mark,
        box=candidate.box.around(outline),
        outline=outline,
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


def _within_picture(outline: Sequence[tuple[int, int]], pixels: Pixels) -> tuple[tuple[int, int], ...]:
    """An outline with what lies beyond the picture brought to its edge."""
    height, width = pixels.shape[:2]
    return tuple((min(max(x, 0), width), min(max(y, 0), height)) for x, y in outline)


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
