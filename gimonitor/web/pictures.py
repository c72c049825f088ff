"""Pictures from evidence, decoded and encoded anew, so that nothing but pixels reaches the officer's browser."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import Image

from gimonitor.errors import EvidenceError

_MOST_PIXELS = 120_000_000  # a full-page screenshot of a very long page
_FORMATS = ("PNG", "JPEG", "WEBP")


def reencode(path: Path, *, width: int, height: int | None = None) -> bytes:
    """JPEG of the picture, scaled to `width`; with `height`, cut to the top. Raises EvidenceError where it is no picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise EvidenceError(f"图片过大：{picture.width}×{picture.height}")
                return _jpeg(picture, width, height)
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise EvidenceError(f"不是可显示的图片：{path.name}") from error


def _jpeg(picture: Image.Image, width: int, height: int | None) -> bytes:
    scale = min(1.0, width / picture.width)
    if height is not None:
        picture = picture.crop((0, 0, picture.width, min(picture.height, round(height / scale))))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    out = io.BytesIO()
    picture.convert("RGB").resize(size).save(out, "JPEG", quality=85)
    return out.getvalue()
