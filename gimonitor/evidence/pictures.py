"""Screenshots, once they are files: places cut out of them, and whether they show anything at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from gimonitor.errors import EvidenceError
from gimonitor.evidence.page import Spot

_DOTS = 400
_LEAST_DENSE = 40  # dots a byte: Chromium packs 57 where all are the same
_SAME_TONE = 2  # of 256


def share_of_one_colour(path: Path) -> float:
    """The share of the picture, in [0, 1], that has its most frequent colour, judged on a reduced copy.

    Raises:
        EvidenceError: the file is no picture.
    """
    try:
        with Image.open(path) as picture:
            small = picture.convert("L")
            small.thumbnail((_DOTS, _DOTS * 4), Image.Resampling.BOX)
            return max(small.histogram()) / (small.width * small.height)
    except (OSError, Image.DecompressionBombError) as error:
        raise EvidenceError(f"{path.name}: {error}") from error


def is_one_colour(path: Path) -> bool:
    """True where every dot of a picture has one tone, as far as an eye can tell. A file with much in it for its dots is not looked through."""
    try:
        with Image.open(path) as picture:
            if path.stat().st_size * _LEAST_DENSE > picture.width * picture.height:
                return False
            tones = picture.convert("L").histogram()
    except (OSError, Image.DecompressionBombError) as error:
        raise EvidenceError(f"{path.name}: {error}") from error
    used = [tone for tone, dots in enumerate(tones) if dots]
    return used[-1] - used[0] <= _SAME_TONE


def cut_out(path: Path, spots: Iterable[Spot]) -> None:
    """Save each place of a screenshot beside it, dot for dot as it stands there.

    Raises:
        EvidenceError: the file is no picture.
    """
    wanted = list(spots)
    if not wanted:
        return
    try:
        with Image.open(path) as picture:
            for spot in wanted:
                left, top, width, height = spot.box
                inside = (
                    max(0, left),
                    max(0, top),
                    min(picture.width, left + width),
                    min(picture.height, top + height),
                )
                x, y, right, bottom = (round(value) for value in inside)
                picture.crop((x, y, max(right, x + 1), max(bottom, y + 1))).save(path.with_name(spot.file), "PNG")
    except (OSError, Image.DecompressionBombError) as error:
        raise EvidenceError(f"{path.name}: {error}") from error
