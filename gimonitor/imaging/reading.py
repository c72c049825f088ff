"""Text and codes read from a picture: lines with their place and how sure, QR and bar codes. One engine, made when first asked.

The recogniser and its models come inside their package (rapidocr); nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import opencc
import zxingcpp
from numpy.typing import NDArray
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput

from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.marks import Box

_TILE, _LAP = 1280, 160  # px: larger pictures are read in parts that overlap
_MOST_TILES = 40
_LEAST_SHARE = 0.5  # lines less sure than this are noise
_SMALL = 640  # px: a smaller picture is read at double size, as its print is small too


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text: `text` in simplified characters, `raw` as read, its box, and how sure the recogniser is."""

    text: str
    raw: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedCode:
    """A QR or bar code: its kind (`QRCode`, `EAN13`), what it holds, and where it stands."""

    kind: str
    text: str
    box: Box


@lru_cache(maxsize=1)
def _engine() -> RapidOCR:
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": 2 * _TILE,
            "Global.text_score": _LEAST_SHARE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def read_lines(pixels: Pixels) -> tuple[Line, ...]:
    """Every line of text in a picture, from top to bottom."""
    found: list[Line] = []
    for x, y, part in _tiles(pixels):
        scale = 2 if max(part.shape[:2]) <= _SMALL else 1
        for raw, box, share in _read(part, scale):
            placed = Box(x=box.x + x, y=box.y + y, width=box.width, height=box.height)
            line = Line(text=_converter().convert(raw), raw=raw, box=placed, confidence=round(share, 4))
            _keep(found, line)
    return tuple(sorted(found, key=lambda line: (line.box.y, line.box.x)))


def _keep(found: list[Line], line: Line) -> None:
    """Of a line read in two tiles the longer reading stays."""
    for index, other in enumerate(found):
        if line.box.overlap(other.box) > 0.4:
            if len(line.text) > len(other.text):
                found[index] = line
            return
    found.append(line)


def _tiles(pixels: Pixels) -> Iterator[tuple[int, int, Pixels]]:
    height, width = pixels.shape[:2]
    corners = [(x, y) for y in _starts(height) for x in _starts(width)]
    for x, y in corners[:_MOST_TILES]:
        yield x, y, np.ascontiguousarray(pixels[y : y + _TILE, x : x + _TILE])


def _starts(length: int) -> list[int]:
    if length <= _TILE:
        return [0]
    return [*range(0, length - _TILE, _TILE - _LAP), length - _TILE]


def _read(part: Pixels, scale: int) -> Iterator[tuple[str, Box, float]]:
    shown = part if scale == 1 else cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    given = cv2.cvtColor(np.asarray(shown, dtype=np.uint8), cv2.COLOR_RGB2BGR)
    result = _engine()(
        given, use_det=True, use_cls=True, use_rec=True
    )  # said each time: the engine keeps what it was told
    if not isinstance(result, RapidOCROutput) or result.boxes is None or not result.txts or not result.scores:
        return
    for corners, text, share in zip(result.boxes, result.txts, result.scores, strict=True):
        if text.strip():
            yield text, _box(np.asarray(corners) / scale), float(share)


def reread(pixels: Pixels, line: Line) -> Line | None:
    """A line read once more by itself, three times as large: a second opinion. None where nothing was read."""
    room = max(3, line.box.height // 3)
    left, top = max(0, line.box.x - room), max(0, line.box.y - room)
    part = pixels[top : line.box.y + line.box.height + room, left : line.box.x + line.box.width + room]
    if min(part.shape[:2]) < 4:
        return None
    read = sorted(_read(np.ascontiguousarray(part), 3), key=lambda one: one[1].x)
    if not read:
        return None
    raw = "".join(text for text, _, _ in read)
    share = min(share for _, _, share in read)
    return Line(text=_converter().convert(raw), raw=raw, box=line.box, confidence=round(share, 4))


def read_strip(strip: Pixels) -> str:
    """The one line of text that fills a strip, in simplified characters; "" for none."""
    given = cv2.cvtColor(strip, cv2.COLOR_RGB2BGR)
    result = _engine()(given, use_det=False, use_cls=False, use_rec=True)
    return str(_converter().convert("".join(getattr(result, "txts", None) or ())))


def _box(corners: NDArray[np.float64]) -> Box:
    left, top = np.floor(corners.min(axis=0))
    right, bottom = np.ceil(corners.max(axis=0))
    return Box(x=max(0, int(left)), y=max(0, int(top)), width=int(right - left), height=int(bottom - top))


def scan_codes(pixels: Pixels) -> tuple[ScannedCode, ...]:
    """QR and bar codes in a picture, in reading order."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    found = []
    for code in zxingcpp.read_barcodes(np.ascontiguousarray(gray)):
        p = code.position
        corners = np.asarray([(c.x, c.y) for c in (p.top_left, p.top_right, p.bottom_right, p.bottom_left)], np.float64)
        found.append(
            ScannedCode(kind=str(code.format).removeprefix("BarcodeFormat."), text=code.text, box=_box(corners))
        )
    return tuple(sorted(found, key=lambda code: (code.box.y, code.box.x)))


def looks_lettered(pixels: Pixels) -> bool:
    """A cheap guess whether a picture shows lines of print: long flat runs of upright edges."""
    scale = min(1.0, 720 / max(pixels.shape[:2]))
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if scale < 1:
        gray = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    edges = cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, 1, 0))
    strong = ((edges > 60) * 255).astype(np.uint8)
    joined = cv2.morphologyEx(strong, cv2.MORPH_CLOSE, np.ones((3, 13), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((5, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    wide, high, area = stats[1:count, 2], stats[1:count, 3], stats[1:count, 4]
    runs = (wide > 2.5 * high) & (high >= 6) & (high < 90) & (area > 0.55 * wide * high)
    return bool(runs.sum() >= 2)
