"""Reference pictures of the marks: drawings that come with the project, and the official files a bureau has installed."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gimonitor.errors import InputError
from gimonitor.imaging.decode import Picture, Pixels, read_picture
from gimonitor.imaging.marks import Mark

log = logging.getLogger(__name__)

DRAWINGS = Path(__file__).parent / "drawings"
SIDE = 256  # px of a reference's longer side
_SMALL = 56  # px of the longer side in the second look of an official file
_MARGIN = 12  # px of paper kept around it
_POINTS = 700
_DIGEST_PART = 6  # characters of a SHA-256 that name a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The record of an official file: for which mark, from where, who installed it and when (ISO 8601, UTC)."""

    mark: Mark
    source: str
    who: str
    at: str
    sha256: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A reference made ready to compare: its points with descriptors, and an outline around what is printed."""

    mark: Mark
    points: NDArray[np.float32]
    descriptors: NDArray[np.float32]
    outline: NDArray[np.float32]
    official: bool


def mark_named(name: str) -> Mark:
    """The mark of this id. Raises InputError that lists the ids."""
    try:
        return Mark(name)
    except ValueError as error:
        raise InputError(f"{name}: no such mark; known are {', '.join(Mark)}") from error


def usable(file: Path) -> Picture:
    """A file that can be a reference. Raises InputError where it is no picture, is too small, or shows nothing."""
    picture = read_picture(file)
    if min(picture.width, picture.height) < 64:
        raise InputError(f"{file}: {picture.width} × {picture.height} px is too small for a reference; 64 px at least")
    try:
        _printed(picture.pixels)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    return picture


def install(folder: Path, mark: Mark, file: Path, *, source: str, who: str, at: str) -> Installed:
    """Keep an official file under `folder` with its record. Raises InputError where it is not usable, or has no source.

    The pixels are written anew as PNG; the record's digest is of the file as given. The same file again changes nothing.
    """
    if not source.strip():
        raise InputError("say where the official file is from, for example the announcement's number")
    if not who.strip():
        raise InputError("say who installs the official file")
    picture = usable(file)
    if known := known_as(folder, mark, picture.digest):
        return known
    record = Installed(mark=mark, source=source, who=who, at=at, sha256=picture.digest, name=file.name)
    place = folder / mark.value
    place.mkdir(parents=True, exist_ok=True)
    _write_whole(place / f"{picture.digest}.png", _as_png(picture))
    _write_whole(place / f"{picture.digest}.json", json.dumps(asdict(record), ensure_ascii=False, indent=2).encode())
    _ready.cache_clear()
    return record


def known_as(folder: Path, mark: Mark, digest: str) -> Installed | None:
    """The record of a file that is installed for this mark, by its whole SHA-256; None where it is not."""
    path = folder / mark.value / f"{digest}.json"
    return _record(path) if path.exists() else None


def installed(folder: Path) -> tuple[Installed, ...]:
    """Records of all installed files, by mark and digest."""
    return tuple(_record(path) for path in sorted(folder.glob("*/*.json")))


def chosen(folder: Path, mark: Mark, digest: str) -> tuple[Path, ...]:
    """The files of one installed picture, by the first characters of its SHA-256. Raises InputError where none or several are meant."""
    found = sorted(path for path in (folder / mark.value).glob("*.*") if path.name.startswith(digest.lower()))
    if len(digest) < _DIGEST_PART:
        raise InputError(
            f"{digest}: give {_DIGEST_PART} characters or more of the SHA-256, as `gimonitor signs list` shows it"
        )
    count = len({path.stem for path in found})
    if count == 0:
        raise InputError(f"{digest}: no installed file of {mark} begins so; `gimonitor signs list` shows them")
    if count > 1:
        raise InputError(f"{digest}: {count} installed files of {mark} begin so; give more characters")
    return tuple(found)


def remove(files: Sequence[Path]) -> None:
    """Remove the files of an installed picture; the record goes last."""
    for path in sorted(files, key=lambda path: path.suffix == ".json"):
        path.unlink(missing_ok=True)
    _ready.cache_clear()


def _record(path: Path) -> Installed:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Installed(**{**values, "mark": Mark(values["mark"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: the record of an installed mark is damaged: {error}") from error


def _as_png(picture: Picture) -> bytes:
    done, packed = cv2.imencode(".png", picture.pixels[..., ::-1])
    if not done:
        raise InputError("the picture cannot be written as PNG")
    return packed.tobytes()


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.rename(path)


def load_references(folder: Path | None = None) -> tuple[Reference, ...]:
    """The references ready to compare: installed official files first, then the project's drawings.

    An installed file that cannot be used is passed over with a warning: the others do.
    """
    official = [path for mark in Mark for path in sorted((folder / mark.value).glob("*.png"))] if folder else []
    files = [(path, Mark(path.parent.name), True) for path in official]
    files += [(path, Mark(path.stem), False) for path in sorted(DRAWINGS.glob("*.png"))]
    return _ready(tuple(files))


@lru_cache(maxsize=4)
def _ready(files: tuple[tuple[Path, Mark, bool], ...]) -> tuple[Reference, ...]:
    """An official file is kept twice, the second time as it looks when it is small."""
    found: list[Reference] = []
    for path, mark, official in files:
        try:
            found += [_prepared(path, mark, official, side) for side in (SIDE, _SMALL)[: 1 + official]]
        except (InputError, OSError, ValueError, SyntaxError) as error:
            if not official:
                raise
            log.warning("%s cannot be used as a reference: %s; `gimonitor signs remove` removes it", path, error)
    return tuple(found)


def _prepared(path: Path, mark: Mark, official: bool, side: int) -> Reference:
    gray = _gray(path)
    outline = _outline(gray)
    if side < SIDE:
        share = side / SIDE
        small = cv2.resize(gray, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        gray = np.asarray(cv2.resize(small, gray.shape[::-1], interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    points, descriptors = features(gray)
    return Reference(mark, points, descriptors, outline, official)


def _gray(path: Path) -> Pixels:
    """The file on white, cut to what is printed, `SIDE` px long."""
    with Image.open(path, formats=("PNG",)) as image:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        rgb = np.asarray(Image.alpha_composite(ground, layer).convert("RGB"))
    part = _printed(rgb)
    scale = SIDE / max(part.shape[:2])
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    gray = cv2.cvtColor(cv2.resize(part, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    padded = cv2.copyMakeBorder(gray, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(padded, dtype=np.uint8)


def _printed(rgb: Pixels) -> Pixels:
    """The part of a picture that is printed on its ground. Raises InputError where nothing is."""
    paper = rgb[[0, 0, -1, -1], [0, -1, 0, -1]].mean(axis=0)
    printed = np.abs(rgb.astype(np.float32) - paper).max(axis=-1) > 40
    rows, columns = np.flatnonzero(printed.any(axis=1)), np.flatnonzero(printed.any(axis=0))
    if len(rows) < 8 or len(columns) < 8:
        raise InputError("the picture shows nothing on its ground")
    return rgb[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _outline(gray: Pixels) -> NDArray[np.float32]:
    """An ellipse through the edges of the printed part, 24 points."""
    height, width = gray.shape
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    x = width / 2 + (width / 2 - _MARGIN) * np.cos(turns)
    y = height / 2 + (height / 2 - _MARGIN) * np.sin(turns)
    return np.stack([x, y], axis=1).astype(np.float32)


def features(gray: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Points of a gray picture that stand out, and their descriptors (SIFT)."""
    sift = cv2.SIFT.create(nfeatures=_POINTS, contrastThreshold=0.02)
    points, descriptors = sift.detectAndCompute(gray, None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    return np.asarray([p.pt for p in points], dtype=np.float32), np.asarray(descriptors, dtype=np.float32)
