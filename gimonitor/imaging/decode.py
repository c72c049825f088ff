"""Bytes of a picture to pixels, within bounds of size, memory and time. What is no picture is refused with the reason.

Reads JPEG, PNG, WebP, GIF (first frame) and AVIF; CMYK and 16-bit become RGB, transparency becomes white, EXIF turns are done.
"""

from __future__ import annotations

import hashlib
import io
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from gimonitor.errors import InputError

Pixels = NDArray[np.uint8]

MAX_BYTES = 30_000_000
MAX_PIXELS = 40_000_000  # a strip of details of 800 × 50,000
MAX_SIDE = 50_000
MIN_SIDE = 16
MAX_SCANS = 100  # of a progressive JPEG: each costs the time of the whole picture
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_OTHER_FILES = (
    (b"PK\x03\x04", "a ZIP file"),
    (b"PK\x05\x06", "a ZIP file"),
    (b"%PDF", "a PDF file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture. `pixels` is height × width × RGB; `notes` say what was left out or changed."""

    pixels: Pixels
    format: str
    digest: str
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Pixels from left to right, as shown."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom, as shown."""
        return int(self.pixels.shape[0])


def read_picture(path: Path) -> Picture:
    """Decode a file. Raises InputError with the file's name where it cannot be read or is no picture we take."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe would be waited for, a device never ends
            raise InputError(f"{path}: {'a folder' if stat.S_ISDIR(mode) else 'a pipe or a device'}, not a picture")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return decode(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def decode(data: bytes) -> Picture:
    """Decode bytes. Raises InputError for what is empty, too large, cut off, or no picture we take."""
    _check_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of EXIF data and palettes that are odd: the picture itself can be read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(image.width, image.height)
                notes = _notes(image)
                pixels = np.array(_as_rgb(image))
                kind = image.format or ""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"the picture is too large: at most {MAX_PIXELS:,} pixels are decoded") from error
    except UnidentifiedImageError as error:
        raise InputError("not a picture: JPEG, PNG, WebP, GIF and AVIF are read") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise InputError(f"the picture is damaged or cut off: {error}") from error
    return Picture(pixels, kind, hashlib.sha256(data).hexdigest(), notes)


def _check_bytes(data: bytes) -> None:
    if not data:
        raise InputError("the file is empty (0 bytes)")
    if len(data) > MAX_BYTES:
        raise InputError(f"the file is larger than {MAX_BYTES:,} bytes")
    for magic, name in _OTHER_FILES:
        if data.startswith(magic):
            raise InputError(f"not a picture but {name}")
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<"):
        raise InputError(
            "not a picture but SVG or other markup; it is never rendered"
            if b"<svg" in start
            else "not a picture but markup"
        )
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MAX_SCANS:
        raise InputError(f"the JPEG has more than {MAX_SCANS} scans")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise InputError(
            f"the picture is too large: {width:,} × {height:,} px, at most {MAX_PIXELS:,} pixels are decoded"
        )
    if min(width, height) < MIN_SIDE:
        raise InputError(f"the picture is too small: {width} × {height} px")


def _notes(image: Image.Image) -> tuple[str, ...]:
    notes = []
    if getattr(image, "is_animated", False):
        notes.append(f"only the first of {getattr(image, 'n_frames', 2)} frames was read")
    if image.mode == "CMYK":
        notes.append("converted from CMYK")
    if image.getexif().get(0x0112) in range(2, 9):
        notes.append("turned as its EXIF data say")
    return tuple(notes)


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.format == "JPEG" and image.mode != "CMYK":
        image.draft("RGB", None)
    image.seek(0)
    shown = ImageOps.exif_transpose(image)
    if shown.mode.startswith("I"):
        wide = np.asarray(shown).astype(np.uint32)
        return Image.fromarray((wide >> 8 if wide.max() > 255 else wide).astype(np.uint8)).convert("RGB")
    if shown.has_transparency_data:
        layer = shown.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layer).convert("RGB")
    return shown.convert("RGB")
