"""Whether a screenshot shows anything: a page that loaded and drew nothing is no evidence of its content."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from gimonitor.errors import EvidenceError

_DOTS = 400


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
