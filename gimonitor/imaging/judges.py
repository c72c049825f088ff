"""The judges: small networks that name what the scout proposes. Each sees crops of 64 × 64; their logits are averaged.

One network alone errs in its own way: averaged over networks, and over turns and shifts of the crop, the errors of a
judge that saw few pictures in training cancel out.
"""

from __future__ import annotations

from collections.abc import Sequence
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

WEIGHTS = Path(__file__).parent / "weights"
_CROP = 64
_FIRST = (
    (1.235, 0.0, 0.0, 0.0),
    (1.404, 0.0, 0.0, 0.0),
)  # of a look: room round the box, turn, shift to the right, down
_HOPELESS = -4.0  # log-odds of the likeliest mark against none, below which one judge is enough
_SECOND = (
    (1.15, 0.18, 0.0, 0.0),
    (1.3, -0.18, 0.0, 0.0),
    (1.42, 0.0, 0.03, 0.0),
    (1.3, 0.35, 0.0, 0.03),
    (1.2, -0.35, -0.03, 0.0),
    (1.36, 0.0, 0.0, -0.03),
)


def session(name: str) -> onnxruntime.InferenceSession:
    """A network of the package on one thread. Raises ConfigurationError where it cannot be loaded."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(WEIGHTS / name, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no common base class of its own
        raise ConfigurationError(f"the finder's network {WEIGHTS / name} cannot be loaded: {error}") from error


@lru_cache(maxsize=1)
def _judges() -> tuple[onnxruntime.InferenceSession, ...]:
    names = sorted(path.name for path in WEIGHTS.glob("judge-*.onnx"))
    if not names:
        raise ConfigurationError(f"there is no network of a judge in {WEIGHTS}")
    return tuple(session(name) for name in names)


def first_look(pixels: Pixels, places: Sequence[Place]) -> Floats:
    """Logits of none and of each mark for each place: a judge looks at all, the others at what it does not reject at once.

    Each looks once, with another room round the box.
    """
    logits = _looked(pixels, places, 0)
    hopeful = np.flatnonzero(logits[:, 1:].max(axis=1) - logits[:, 0] > _HOPELESS)
    if len(hopeful):
        kept = [places[n] for n in hopeful.tolist()]
        more = [_looked(pixels, kept, number) for number in range(1, len(_judges()))]
        logits[hopeful] = np.mean([logits[hopeful], *more], axis=0)
    return logits


def _looked(pixels: Pixels, places: Sequence[Place], number: int) -> Floats:
    crops = [_seen(pixels, place, _FIRST[number % len(_FIRST)]) for place in places]
    return np.array(_judges()[number].run(None, {"crops": _blob(crops)})[0], dtype=np.float32)


def second_look(pixels: Pixels, places: Sequence[Place], first: Floats) -> Floats:
    """The same for places that are worth it: every judge looks six times more, turned and shifted."""
    blob = _blob([_seen(pixels, place, look) for place in places for look in _SECOND])
    looks = [
        judge.run(None, {"crops": blob})[0].reshape(len(places), len(_SECOND), -1).mean(axis=1) for judge in _judges()
    ]
    more = len(_SECOND)
    return np.asarray((2 * first + more * np.mean(looks, axis=0)) / (2 + more), dtype=np.float32)


def _blob(crops: Sequence[Pixels]) -> Floats:
    return np.asarray(cv2.dnn.blobFromImages(crops, 1 / 64, mean=(128, 128, 128)), dtype=np.float32)


def _seen(pixels: Pixels, place: Place, look: tuple[float, float, float, float]) -> Pixels:
    """The square round a place as a judge sees it; beyond the picture its edge goes on."""
    x, y, wide, high = place
    room, turn, right, down = look
    side = max(wide, high) * room
    x, y = x + wide / 2 + right * side, y + high / 2 + down * side
    reach = side * (0.5 if turn == 0 else 0.7) + 1
    rows = np.clip(np.arange(round(y - reach), round(y + reach)), 0, pixels.shape[0] - 1)
    columns = np.clip(np.arange(round(x - reach), round(x + reach)), 0, pixels.shape[1] - 1)
    part = pixels[rows[:, None], columns[None, :]]
    scale = _CROP / side
    wanted = max(8, round(len(rows) * scale)), max(8, round(len(columns) * scale))
    small = cv2.resize(part, wanted[::-1], interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    matrix = cv2.getRotationMatrix2D((wanted[1] / 2 - 0.5, wanted[0] / 2 - 0.5), -np.degrees(turn), 1.0)
    matrix[:, 2] += np.asarray((_CROP / 2 - wanted[1] / 2, _CROP / 2 - wanted[0] / 2))
    return np.asarray(
        cv2.warpAffine(small, matrix, (_CROP, _CROP), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        dtype=np.uint8,
    )
