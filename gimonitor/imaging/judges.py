"""The judge: a small network that names what the scout proposes, and says how its box lies. It sees crops of 64 × 64.

It looks at what is worth it several times, with more room and turned all the ways round: what it errs in at one look
it seldom errs in at the next. At the last look a second judge, trained on other batches, is asked too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray

from gimonitor.errors import ConfigurationError
from gimonitor.imaging.decode import Pixels

Floats = NDArray[np.float32]
Place = tuple[float, float, float, float]  # x, y, width, height in pixels of the picture
Look = tuple[float, float, float, float]  # room round the box (a factor), turn in radians, shift to the right, down

WEIGHTS = Path(__file__).parent / "weights"
CROP = 64  # px that the judge sees
_CLOSEST, _REACH = 1.1, 1.05  # least room of a look round the box; how far it reaches at most, in sides of the box
_FIRST = (
    (1.235, 0.0, 0.0, 0.0),
    (1.404, 0.0, 0.0, 0.0),
)
_HOPELESS = -4.0  # log-odds of the likeliest mark against none, below which one look is enough
_SECOND = tuple((1.3, turn, 0.0, 0.0) for turn in np.arange(0, 2 * np.pi, np.pi / 3).tolist())
_KINDS = 5  # none and four marks: the judge's first numbers; the four after them are the box
_FAR = 1.0  # how far from a place a box may be told, in sides of it, and in log sizes
_FIRSTS_WORD = 0.5  # how much the first look still counts after the second


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is seen at a place: logits of none and of each mark, and where the box of a mark there lies."""

    logits: Floats
    place: Place


def session(name: str) -> onnxruntime.InferenceSession:
    """A network of the package on one thread. Raises ConfigurationError where it cannot be loaded."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(WEIGHTS / name, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # whatever onnxruntime raises: its errors share no base class but this one
        raise ConfigurationError(f"the finder's network {WEIGHTS / name} cannot be loaded: {error}") from error


@lru_cache(maxsize=1)
def _judge() -> onnxruntime.InferenceSession:
    return session("judge.onnx")


@lru_cache(maxsize=1)
def _second_judge() -> onnxruntime.InferenceSession:
    return session("second.onnx")


def first_look(pixels: Pixels, places: Sequence[Place]) -> list[Sight]:
    """What is seen at each place: looked at once; what is not hopeless at once, with more room again."""
    if not places:
        return []
    near = [_near(pixels, place) for place in places]
    close, wide = _FIRST
    seen = _looked(near, close)
    logits = seen[:, :_KINDS]
    hopeful = np.flatnonzero(logits[:, 1:].max(axis=1) - logits[:, 0] > _HOPELESS)
    if len(hopeful):
        seen[hopeful] = (seen[hopeful] + _looked([near[n] for n in hopeful.tolist()], wide)) / 2
    return [Sight(row[:_KINDS], _settled(place, row[_KINDS:])) for place, row in zip(places, seen, strict=True)]


def second_look(pixels: Pixels, place: Place, first: Floats) -> Floats:
    """Logits of a place that is worth it: it is looked at all the ways round.

    A mark lies on a package as it falls; the way round that speaks most for one counts.
    """
    near = _near(pixels, place)
    crops = [near.seen(look) for look in _SECOND]
    looks = (_judged(crops)[:, :_KINDS] + _judged(crops, _second_judge())) / 2
    best = max(looks, key=lambda look: named(look)[1])
    return np.asarray(_FIRSTS_WORD * first + (1 - _FIRSTS_WORD) * best, dtype=np.float32)


def _looked(near: Sequence[_Near], look: Look) -> Floats:
    """For each place, looked at in one way: the logits, and the box in sides of the place, whatever room it was given."""
    seen = _judged([one.seen(look) for one in near])
    seen[:, _KINDS : _KINDS + 2] *= look[0]
    seen[:, _KINDS + 2 :] += np.log(look[0])
    return seen


def _settled(place: Place, told: Floats) -> Place:
    """Where the box of a mark lies that is seen from a place: its middle from there, log width and height, in sides of it."""
    x, y, wide, high = place
    side = max(wide, high)
    right, down, w, h = (float(v) for v in np.clip(told, -_FAR, _FAR))
    w, h = side * np.exp(w), side * np.exp(h)
    return x + wide / 2 + right * side - w / 2, y + high / 2 + down * side - h / 2, w, h


def _judged(crops: Sequence[Pixels], judge: onnxruntime.InferenceSession | None = None) -> Floats:
    return np.array((judge or _judge()).run(None, {"crops": _blob(crops)})[0], dtype=np.float32)


def named(logits: Floats) -> tuple[int, float]:
    """The likeliest class that is a mark (1 …), and its log-odds against all others."""
    which = 1 + int(logits[1:].argmax())
    others = np.delete(logits, which).astype(np.float64)
    return which, float(logits[which]) - float(np.logaddexp.reduce(others))


def _blob(crops: Sequence[Pixels]) -> Floats:
    return np.asarray(cv2.dnn.blobFromImages(crops, 1 / 64, mean=(128, 128, 128)), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """What lies round a place, shrunk once for all looks at it: `share` px of it to one of the picture, from `corner` on."""

    place: Place
    pixels: Pixels
    corner: tuple[int, int]
    share: tuple[float, float]

    def seen(self, look: Look) -> Pixels:
        """The square round the place as the judge sees it; beyond the picture its edge goes on."""
        x, y, wide, high = self.place
        room, turn, right, down = look
        side = max(wide, high) * room
        cos, sin = np.cos(turn) * side / CROP, np.sin(turn) * side / CROP
        spin = np.asarray([[cos, sin], [-sin, cos]])
        centre = np.asarray([x + wide / 2 + right * side, y + high / 2 + down * side])
        at = centre - spin @ np.full(2, CROP / 2 - 0.5) - self.corner
        matrix = np.column_stack([spin, at]) * np.asarray(self.share)[:, None]
        matrix[:, 2] -= 0.5
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(self.pixels, matrix, (CROP, CROP), flags=way, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, dtype=np.uint8)


def _near(pixels: Pixels, place: Place) -> _Near:
    x, y, wide, high = place
    side, (height, width) = max(wide, high), pixels.shape[:2]
    reach = side * _REACH + 1
    left, right = (int(np.clip(v, 0, width)) for v in (x + wide / 2 - reach, x + wide / 2 + reach + 1))
    top, bottom = (int(np.clip(v, 0, height)) for v in (y + high / 2 - reach, y + high / 2 + reach + 1))
    left, top = min(left, width - 1), min(top, height - 1)
    part = pixels[top : max(bottom, top + 1), left : max(right, left + 1)]
    scale = CROP / (side * _CLOSEST)
    if scale < 1:
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    else:
        small = np.ascontiguousarray(part)
    return _Near(place, small, (left, top), (small.shape[1] / part.shape[1], small.shape[0] / part.shape[0]))
