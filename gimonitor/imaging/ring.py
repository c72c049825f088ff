"""The words in the ring of a mark: unrolled, read by the recogniser, and weighed for each mark.

A mark in gold, black or relief looks little like the printed one to a network, but it says the same. From about 90 px
on the recogniser reads some of it; seals of others say other things, and what says them clearly is no mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from gimonitor.errors import ConfigurationError
from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.marks import Mark
from gimonitor.imaging.reading import read_strip

WORDS = Path(__file__).with_name("ring.yml")
_INNER, _OUTER = 0.66, 1.12  # of the half axes: ring and some room, as boxes are not exact
_SPAN, _FINE = 260, 2.6  # degrees about the top that are unrolled, and px of each
_HIGH = 48  # px of the strip: what the recogniser takes
_READ, _UNREAD = 1.5, 0.4  # log-odds for each character in its place, and against where it is not read
_FREE = 2  # characters that any ring may have
_SURELY = 0.75  # how surely words must be read that speak against any mark: a mark's own are misread at 0.65 at most;
_OTHERS, _HARDLY = 6, 4  # how many Chinese characters they must have, and at most one in so many of a mark's wording
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Wording:
    says: tuple[str, ...]
    needs: tuple[tuple[str, int], ...]
    strange: frozenset[str]


@lru_cache(maxsize=1)
def _wordings() -> dict[Mark, _Wording]:
    try:
        given = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
        return {
            Mark(name): _Wording(tuple(one["says"]), tuple(one["needs"].items()), frozenset(one["not"]))
            for name, one in given.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"the words of the marks' rings {WORDS} cannot be read: {error}") from error


def ring_words(pixels: Pixels, place: tuple[float, float, float, float], turn: float = 0.0) -> str:
    """What is read in the upper ring of the ellipse in a place (x, y, width, height in px of the picture); "" for nothing.

    `turn` is how far, in radians and as the clock goes, the mark must be turned to stand upright.
    """
    return read_strip(unrolled(pixels, place, turn))


def says_other(pixels: Pixels, place: tuple[float, float, float, float]) -> bool:
    """True where the upper ring clearly says words that are no mark's. What is printed round the place is not looked at."""
    return are_other(read_strip(unrolled(pixels, place, outer=1.0), _SURELY))


def are_other(words: str) -> bool:
    """True for words long enough that hardly have a character, in its order, of what any mark says."""
    known = max(in_order(words, says) for wording in _wordings().values() for says in wording.says)
    return len(_HAN.findall(words)) >= max(_OTHERS, _HARDLY * known)


def unrolled(
    pixels: Pixels, place: tuple[float, float, float, float], turn: float = 0.0, outer: float = _OUTER
) -> Pixels:
    """The ring, up to `outer` half axes, as a strip: left to right as the clock goes, what is outside on top."""
    x, y, wide, high = place
    top = -90 - np.degrees(turn)
    turns = np.radians(np.linspace(top - _SPAN / 2, top + _SPAN / 2, round(_SPAN * _FINE), dtype=np.float32))
    out = np.linspace(outer, _INNER, _HIGH, dtype=np.float32)[:, None]
    at_x = (x + wide / 2 + np.cos(turns) * out * wide / 2).astype(np.float32)
    at_y = (y + high / 2 + np.sin(turns) * out * high / 2).astype(np.float32)
    way = cv2.INTER_CUBIC if wide < 6 * _HIGH else cv2.INTER_LINEAR
    return np.asarray(cv2.remap(pixels, at_x, at_y, way, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def weighed(words: str, marks: tuple[Mark, ...]) -> NDArray[np.float32]:
    """Log-odds that the words speak for each of the marks; 0 for what they do not say."""
    return np.asarray([_weight(words, _wordings()[mark]) for mark in marks], dtype=np.float32)


def _weight(words: str, wording: _Wording) -> float:
    if wording.strange & set(words) or any(in_order(words, part) < least for part, least in wording.needs):
        return 0.0
    return max(0.0, *(_told(in_order(words, says), len(says)) for says in wording.says))


def _told(read: int, said: int) -> float:
    return _READ * (read - _FREE) - _UNREAD * (said - read)


def in_order(words: str, says: str) -> int:
    """How many characters of `says` stand in `words` in their order."""
    best = [0] * (len(says) + 1)
    for one in words:
        before = 0
        for index, other in enumerate(says, start=1):
            here = before + 1 if one == other else max(best[index], best[index - 1])
            before, best[index] = best[index], here
    return best[-1]
