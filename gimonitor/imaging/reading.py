"""Text and codes read from a picture: lines with their place and how sure, QR and bar codes. One engine, made when first asked.

The recogniser and its models come inside their package (rapidocr); nothing is fetched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
_MOST_JOINED = 60  # lines that tiles cut, of one picture, at most: each costs about as much as a small picture
_LETTERS = 64  # px: higher ones come in pieces from the detector, and are read smaller
_LEAST_READ = 736  # px: what is smaller is enlarged by the detector, letters and all, so ground is put around it
_LATIN = 0.56  # width of a digit or capital, as a share of a Chinese character's
_SAME = 0.4  # overlap from which lines of two tiles are one
_COVERED = 0.7  # share of a piece that lies within a line read whole
_LEAST_SHARE = 0.5  # lines less sure than this are noise
_GLANCE = 720  # px of a piece's longer side at which print is looked for
_PLAIN = 0.8  # how sure a line is read that accounts for the strokes in its place
_LEAST_STRIP = 6  # px of a place in which strokes are looked for
_LEAST_RULE, _RULE_SHARE = 28, 0.8  # px of a ruled line, and of the place's shorter side: longer than strokes of print
_EDGE = 3  # px by which letters may stand out of the box of their line
_STROKE, _STROKE_CONTRAST, _STROKE_SHARE = (
    8,
    12,
    0.02,
)  # px of ground around a stroke, its contrast, the share of a place
_WHITE, _GLOSS_SHARE, _WHITE_PACK = (
    253,
    0.1,
    0.4,
)  # level, share of a place, share around it from which the pack is white
_SMALL = 640  # px: a smaller picture is read at double size, as its print is small too


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text: `text` in simplified characters, `raw` as read, its box, and how sure the recogniser is."""

    text: str
    raw: str
    box: Box
    confidence: float


def letter_size(text: str, box: Box) -> float:
    """Pixels of the side of a Chinese character of a line, from its length: the height of its box grows with its tilt."""
    length = sum(_LATIN if character.isascii() else 1.0 for character in text)
    return min(box.width, box.height, box.side / max(1.0, length))


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
    cut: list[Line] = []
    for tile in _tiles(pixels):
        fresh: list[Line] = []
        for line in _lines_in(pixels, tile):
            (cut if _is_cut(line.box, tile, pixels) else fresh).append(line)
        found = _merged(found, fresh)
    pieces = [piece for piece in cut if not any(_share_within(piece.box, line.box) > _COVERED for line in found)]
    for line in _joined(pixels, pieces):
        found = _merged(found, [line])
    return tuple(sorted(found, key=lambda line: (line.box.y, line.box.x)))


def _lines_in(pixels: Pixels, tile: Box) -> Iterator[Line]:
    """The lines in a tile, placed in the whole picture."""
    part = pixels[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
    scale = 2.0 if max(part.shape[:2]) <= _SMALL else 1.0
    return _placed(np.ascontiguousarray(part), scale, tile.x, tile.y)


def _placed(part: Pixels, scale: float, x: int, y: int) -> Iterator[Line]:
    for raw, box, share in _read(part, scale):
        placed = Box(x=box.x + x, y=box.y + y, width=box.width, height=box.height)
        yield Line(text=_converter().convert(raw), raw=raw, box=placed, confidence=round(share, 4))


def _merged(found: Sequence[Line], fresh: Sequence[Line]) -> list[Line]:
    """Lines with those of one more tile. Of a line read in two tiles the longer reading stays.

    Those of one tile are different lines: the boxes of tilted ones lie over each other.
    """
    merged = list(found)
    for line in fresh:
        again = next((index for index, other in enumerate(found) if line.box.overlap(other.box) > _SAME), None)
        if again is None:
            merged.append(line)
        elif len(line.text) > len(merged[again].text):
            merged[again] = line
    return merged


def _is_cut(box: Box, tile: Box, pixels: Pixels) -> bool:
    """True for a box at an edge of a tile that is no edge of the picture."""
    near = max(4, min(box.width, box.height) // 4)
    height, width = pixels.shape[:2]
    right, bottom = tile.x + tile.width, tile.y + tile.height
    return (
        0 < tile.x >= box.x - near
        or 0 < tile.y >= box.y - near
        or width > right <= box.x + box.width + near
        or height > bottom <= box.y + box.height + near
    )


def _share_within(box: Box, other: Box) -> float:
    """The share of a box that lies within another."""
    wide = min(box.x + box.width, other.x + other.width) - max(box.x, other.x)
    high = min(box.y + box.height, other.y + other.height) - max(box.y, other.y)
    return max(0, wide) * max(0, high) / max(1, box.width * box.height)


def _joined(pixels: Pixels, pieces: Sequence[Line]) -> Iterator[Line]:
    """Lines that the edges of tiles cut: each is read again in the whole picture, around all of its pieces."""
    rows: list[list[Line]] = []
    for piece in pieces:
        touched = [row for row in rows if any(_go_on(piece.box, other.box) for other in row)]
        rows = [row for row in rows if row not in touched] + [[piece, *(other for row in touched for other in row)]]
    for number, row in enumerate(rows):
        again = _read_around(pixels, row) if len(row) > 1 and number < _MOST_JOINED else []
        yield from again or row


def _go_on(one: Box, other: Box) -> bool:
    """True for boxes that may be of one line: they touch, and lie side by side or one below the other."""
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    beside = high > 0.5 * min(one.height, other.height) and wide >= 0
    return beside or (wide > 0.5 * min(one.width, other.width) and high >= 0)


def _read_around(pixels: Pixels, row: Sequence[Line]) -> list[Line]:
    """The lines that stand where pieces stand; none where less is read than the longest piece says."""
    left, top = min(p.box.x for p in row), min(p.box.y for p in row)
    right, bottom = max(p.box.x + p.box.width for p in row), max(p.box.y + p.box.height for p in row)
    hull = Box(x=left, y=top, width=right - left, height=bottom - top)
    letters = max(min(p.box.width, p.box.height) for p in row)
    room, scale = max(8, letters // 3), min(1.0, _LETTERS / letters)
    x, y = max(0, left - room), max(0, top - room)
    part = _on_ground(pixels[y : bottom + room, x : right + room], scale)
    lines = _placed(part, scale, x, y)
    found = [line for line in lines if hull.holds_middle_of(line.box)]
    return found if sum(len(line.raw) for line in found) >= max(len(piece.raw) for piece in row) else []


def _on_ground(part: Pixels, scale: float) -> Pixels:
    """A part with so much ground to the right and below that the detector does not enlarge it beyond a scale."""
    missing = [max(0, math.ceil(_LEAST_READ / scale) - side) for side in part.shape[:2]]
    step = max(1, min(part.shape[:2]) // 12)
    ground = np.median(part[::step, ::step], axis=(0, 1)).tolist()
    return np.asarray(
        cv2.copyMakeBorder(part, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT, value=ground), np.uint8
    )


def _tiles(pixels: Pixels) -> list[Box]:
    height, width = pixels.shape[:2]
    wide, high = min(width, _TILE), min(height, _TILE)
    return [Box(x=x, y=y, width=wide, height=high) for y in _starts(height) for x in _starts(width)][:_MOST_TILES]


def _starts(length: int) -> list[int]:
    if length <= _TILE:
        return [0]
    return [*range(0, length - _TILE, _TILE - _LAP), length - _TILE]


def _read(part: Pixels, scale: float) -> Iterator[tuple[str, Box, float]]:
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    shown = part if scale == 1 else cv2.resize(part, None, fx=scale, fy=scale, interpolation=way)
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
    read = sorted(_read(_on_ground(part, 3), 3), key=lambda one: one[1].x)
    if not read:
        return None
    raw = "".join(text for text, _, _ in read)
    share = min(share for _, _, share in read)
    return Line(text=_converter().convert(raw), raw=raw, box=line.box, confidence=round(share, 4))


def read_strip(strip: Pixels, least: float = 0.0) -> str:
    """The one line of text that fills a strip, in simplified characters; "" for none that is read as surely as `least`."""
    given = cv2.cvtColor(strip, cv2.COLOR_RGB2BGR)
    result = _engine()(given, use_det=False, use_cls=False, use_rec=True)
    if min(getattr(result, "scores", None) or (0.0,)) < least:
        return ""
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


def shows_unread_print(pixels: Pixels, place: Box, lines: Sequence[Line]) -> bool:
    """True where a place shows strokes as of print that no line read accounts for. Blank paper, smooth shades and ruled lines show none."""
    left, top = max(0, place.x), max(0, place.y)
    part = pixels[top : place.y + place.height, left : place.x + place.width]
    if min(part.shape[:2]) < _LEAST_STRIP:
        return False
    gray = cv2.GaussianBlur(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), (0, 0), 1).astype(np.float32)
    open_ = np.ones(
        gray.shape, np.float32
    )  # what no line read accounts for; its ground is told without the others' strokes
    for line in lines:
        if line.confidence >= _PLAIN:
            x, y = line.box.x - left - _EDGE, line.box.y - top - _EDGE
            right, bottom = x + line.box.width + 2 * _EDGE, y + line.box.height + 2 * _EDGE
            open_[max(0, y) : max(0, bottom), max(0, x) : max(0, right)] = 0
    share = cv2.GaussianBlur(open_, (0, 0), _STROKE)
    ground = cv2.GaussianBlur(gray * open_, (0, 0), _STROKE) / np.maximum(share, 1e-3)
    strokes = ((np.abs(gray - ground) > _STROKE_CONTRAST) & (open_ > 0)).astype(np.uint8)
    return bool((strokes & ~_ruled(strokes)).mean() > _STROKE_SHARE)


def _ruled(strokes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The straight lines among strokes, longer than those of print: the rules of a table."""
    length = max(_LEAST_RULE, round(_RULE_SHARE * min(strokes.shape)))
    lines = (
        cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in ((1, length), (length, 1))
    )
    both = np.bitwise_or(*lines)
    return np.asarray(cv2.dilate(both, np.ones((3, 3), np.uint8)), np.uint8)


def is_burnt_out(pixels: Pixels, place: Box, lines: Sequence[Line]) -> bool:
    """True where gloss may hide print in a place: it shows pure white and no line read, and what lies around is not white."""
    if any(line.box.overlap(place) > 0 for line in lines):
        return False
    side = place.side
    part, around = (
        pixels[
            max(0, place.y - room) : place.y + place.height + room,
            max(0, place.x - room) : place.x + place.width + room,
        ]
        for room in (0, side)
    )
    if not part.size:
        return False
    white, white_around = (float((shown.min(axis=2) >= _WHITE).mean()) for shown in (part, around))
    return white > _GLOSS_SHARE and white_around < _WHITE_PACK


def looks_lettered(pixels: Pixels) -> bool:
    """A cheap guess whether a picture shows lines of print, a long one piece by piece."""
    height, width = pixels.shape[:2]
    step = max(_GLANCE, 2 * min(height, width))
    pieces = (pixels[y : y + step, x : x + step] for y in range(0, height, step) for x in range(0, width, step))
    return any(map(_is_lettered, pieces))


def _is_lettered(piece: Pixels) -> bool:
    """True for long flat runs of upright edges."""
    scale = min(1.0, _GLANCE / max(piece.shape[:2]))
    gray = cv2.cvtColor(piece, cv2.COLOR_RGB2GRAY)
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
