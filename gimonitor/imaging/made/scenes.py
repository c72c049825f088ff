"""Labelled pictures: marks and other seals put on backdrops with warps, light, gloss, foil, relief, cover, blur and JPEG. Seeded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from gimonitor.imaging.made.backdrops import Backdrops
from gimonitor.imaging.made.ink import Layers, Pixels
from gimonitor.imaging.made.marks import DRAWERS, palette_of
from gimonitor.imaging.made.seals import any_seal
from gimonitor.imaging.marks import Box, Mark

Floats = NDArray[np.float32]

_LEAST_CONTRAST = 35.0
_SHOWS = 40  # of 255: from which cover on a part counts as shown
MANNERS = ("plain",) * 11 + ("ink", "ink", "ink", "foil", "foil", "relief", "ghost")


FEW, FEW_BELOW = 2, 64  # effects that meet on a mark smaller than so many px: of three nobody can tell what it was


class Effect(StrEnum):
    """What happens to a mark besides the manner of its printing."""

    BENT = "bent"
    TURNED = "turned"
    TILTED = "tilted"
    GLOSSED = "glossed"
    COVERED = "covered"


_HOW_OFTEN = {Effect.BENT: 0.25, Effect.TURNED: 0.3, Effect.TILTED: 0.35, Effect.GLOSSED: 0.18, Effect.COVERED: 0.22}


def effects(rng: Random, manner: str, side: float) -> frozenset[Effect]:
    """Each by its own chance, at its full range; a small mark keeps `FEW` at most, another manner than plain being one."""
    happening = [effect for effect, share in _HOW_OFTEN.items() if rng.random() < share]
    room = FEW - (manner != "plain") if side < FEW_BELOW else len(happening)
    return frozenset(rng.sample(happening, min(room, len(happening))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A mark that was put into a picture: which, where, in what manner."""

    mark: Mark
    box: Box
    manner: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture (RGB), the marks in it, and the boxes of other seals."""

    pixels: Pixels
    truths: tuple[Truth, ...]
    others: tuple[Box, ...]


class Art(Protocol):
    """Artwork of some marks, RGBA: in colours, and in one ink."""

    @property
    def marks(self) -> frozenset[Mark]:
        """The marks it has."""

    def __call__(self, mark: Mark, rng: Random) -> Pixels: ...

    def inked(self, mark: Mark, rng: Random, ink: tuple[int, int, int]) -> Pixels: ...


class DrawnArt:
    """Marks of our own drawing, each kept a while: drawing one takes longer than a whole scene."""

    def __init__(self, seed: int, kept: int = 60) -> None:
        rng = Random(seed)
        self._kept: dict[Mark, list[Layers]] = {m: [DRAWERS[m](rng if i else None) for i in range(kept)] for m in Mark}

    @property
    def marks(self) -> frozenset[Mark]:
        """All."""
        return frozenset(self._kept)

    def __call__(self, mark: Mark, rng: Random) -> Pixels:
        """RGBA in scattered official colours."""
        return rng.choice(self._kept[mark]).coloured(palette_of(mark, rng if rng.random() < 0.9 else None))

    def inked(self, mark: Mark, rng: Random, ink: tuple[int, int, int]) -> Pixels:
        """RGBA in one ink."""
        return rng.choice(self._kept[mark]).coloured(palette_of(mark, rng, (*ink, 255)))


class Studio:
    """Makes scenes. The same seed gives the same picture. A `share` of the marks is of `real` art, where it has them."""

    def __init__(
        self, art: Art, backdrops: Backdrops, seals: int = 300, real: Art | None = None, share: float = 1.0
    ) -> None:
        self.art, self.backdrops, self.real, self.share = art, backdrops, real, share
        self.manners: tuple[str, ...] = MANNERS
        self.marks: tuple[Mark, ...] = (Mark.GI_2019, Mark.GI_2019, Mark.AQSIQ, Mark.SAIC, Mark.AGI)
        rng = Random(f"seals {seals}")
        self.seals = [any_seal(rng) for _ in range(seals)]

    def scene(
        self, rng: Random, size: tuple[int, int], sides: tuple[float, float], marks: int = 1, seals: int = 1
    ) -> Scene:
        """A picture of (width, height) with some marks whose longer side lies in `sides`, and some other seals."""
        width, height = size
        pixels = self.backdrops.any(rng, width, height).astype(np.float32)
        taken: list[Box] = []
        for _ in range(seals):
            seal = self.seals[rng.randrange(len(self.seals))]
            side = _side(rng, sides, min(size))
            put_art(pixels, seal, rng, side, taken, effects(rng, "plain", side))
        truths, others = [], tuple(taken)
        for _ in range(marks):
            mark = rng.choice(self.marks)
            manner = rng.choice(self.manners)
            art, lay = self._printed(mark, manner, rng)
            side = _side(rng, sides, min(size))
            box = lay(pixels, art, rng, side, taken, effects(rng, manner, side))
            if box is not None:
                truths.append(Truth(mark=mark, box=box, manner=manner))
        return Scene(finished(pixels, rng), tuple(truths), others)

    def _printed(self, mark: Mark, manner: str, rng: Random) -> tuple[Pixels, Callable[..., Box | None]]:
        art = self.art
        if self.real is not None and mark in self.real.marks and rng.random() < self.share:
            art = self.real
        if manner == "ink":
            dark = rng.choice(((20, 20, 20), (250, 250, 250), (190, 30, 36), (200, 160, 70), (20, 110, 60)))
            return art.inked(mark, rng, dark), put_art
        if manner == "foil":
            return foiled(art.inked(mark, rng, (205, 170, 90)), rng), put_art
        if manner == "relief":
            return art.inked(mark, rng, (128, 128, 128)), put_relief
        printed = art(mark, rng)
        if manner == "ghost":
            printed = printed.copy()
            printed[..., 3] = (printed[..., 3] * rng.uniform(0.35, 0.7)).astype(np.uint8)
        return printed, put_art


def _side(rng: Random, sides: tuple[float, float], limit: int) -> float:
    """Log-uniform between two lengths, as the small are the many."""
    low, high = sides[0], min(sides[1], limit * 0.92)
    return math.exp(rng.uniform(math.log(low), math.log(max(low + 1, high))))


def foiled(art: Pixels, rng: Random) -> Pixels:
    """The art in gold or silver foil: bands of light across it."""
    h, w = art.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    way = rng.uniform(0, math.pi)
    bands = np.sin((x * math.cos(way) + y * math.sin(way)) / rng.uniform(12, 50) + rng.uniform(0, 6))
    base = np.asarray(rng.choice(((205, 165, 80), (190, 190, 195), (220, 180, 120))), np.float32)
    shade = np.clip(base * (1 + 0.3 * bands[..., None]) + 50 * np.maximum(bands[..., None] - 0.7, 0), 0, 255)
    return np.dstack([shade, art[..., 3:].astype(np.float32)]).astype(np.uint8)


def warped(art: Pixels, rng: Random, side: float, happening: frozenset[Effect]) -> Floats:
    """Art turned, tilted, bent round a cylinder and scaled so that what shows is about `side` px long; premultiplied."""
    rows, columns = (np.flatnonzero((art[..., 3] > _SHOWS).any(axis=axis)) for axis in (1, 0))
    rgba = art[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    rgba[..., :3] *= rgba[..., 3:] / 255
    if Effect.BENT in happening:
        rgba = _bent(rgba, rng)
    h, w = rgba.shape[:2]
    scale = min(1.0, 1.6 * side / max(h, w))
    if scale < 1:
        size = (max(4, round(w * scale)), max(4, round(h * scale)))
        rgba = np.asarray(cv2.resize(rgba, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        h, w = rgba.shape[:2]
    corners = _corners(rng, w / max(h, w), h / max(h, w), happening) * side
    corners -= corners.min(axis=0)
    wide, high = (math.ceil(float(v)) + 2 for v in corners.max(axis=0))
    source = np.asarray([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners.astype(np.float32) + 1)
    return np.asarray(cv2.warpPerspective(rgba, matrix, (wide, high), flags=cv2.INTER_LINEAR), dtype=np.float32)


def _corners(rng: Random, w: float, h: float, happening: frozenset[Effect]) -> NDArray[np.float64]:
    """Where the corners come to lie; the ellipse between them is as long as the longer of `w` and `h`."""
    turn = rng.uniform(-math.pi, math.pi) if Effect.TURNED in happening else rng.gauss(0, 0.12)
    points = np.asarray([(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)])
    tilt = math.cos(rng.uniform(0, 0.9)) if Effect.TILTED in happening else 1.0
    about = rng.uniform(0, math.pi)
    c, s = math.cos(about), math.sin(about)
    squeeze = np.asarray([[c * c + tilt * s * s, (1 - tilt) * c * s], [(1 - tilt) * c * s, s * s + tilt * c * c]])
    spin = np.asarray([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    points = points @ spin.T @ squeeze
    if rng.random() < 0.4:
        points = points + np.asarray([(rng.uniform(-0.08, 0.08), rng.uniform(-0.08, 0.08)) for _ in range(4)])
    right, down = (
        (points[1] + points[2] - points[0] - points[3]) / 2,
        (points[2] + points[3] - points[0] - points[1]) / 2,
    )
    return np.asarray(points / np.hypot(right, down).max() * max(w, h))


def _bent(rgba: Floats, rng: Random) -> Floats:
    """As printed round a bottle, its axis upright or level."""
    h, w = rgba.shape[:2]
    reach = rng.uniform(0.7, 1.3)
    u = np.linspace(-1, 1, w, dtype=np.float32) * math.sin(reach)
    x = (np.arcsin(u) / reach + 1) / 2 * (w - 1)
    bow = rng.uniform(-0.1, 0.1) * h * (1 - np.sqrt(np.maximum(1 - u * u, 0)))
    map_x = np.broadcast_to(x.astype(np.float32), (h, w)).copy()
    map_y = (np.arange(h, dtype=np.float32)[:, None] + bow[None, :]).astype(np.float32)
    shade = np.sqrt(np.maximum(1 - (u * 0.85) ** 2, 0.2)).astype(np.float32)
    bent = np.asarray(cv2.remap(rgba, map_x, map_y, cv2.INTER_LINEAR), dtype=np.float32)
    bent[..., :3] *= shade[None, :, None]
    return (
        bent
        if rng.random() < 0.7
        else np.ascontiguousarray(bent.transpose(1, 0, 2)[:, ::-1].transpose(1, 0, 2)[:, ::-1])
    )


def _place(rng: Random, room: tuple[int, int], wide: int, high: int, taken: list[Box]) -> tuple[int, int] | None:
    height, width = room
    if wide > width or high > height:
        return None
    for _ in range(12):
        x, y = rng.randint(0, width - wide), rng.randint(0, height - high)
        box = Box(x=x, y=y, width=wide, height=high)
        if all(box.overlap(other) < 0.01 for other in taken):
            return x, y
    return None


def put_art(
    pixels: Floats, art: Pixels, rng: Random, side: float, taken: list[Box], happening: frozenset[Effect]
) -> Box | None:
    """Print art somewhere on a picture, in place; gives the box of what shows, None where there was no room."""
    piece = warped(art, rng, side, happening)
    high, wide = piece.shape[:2]
    at = _place(rng, (pixels.shape[0], pixels.shape[1]), wide, high, taken)
    if at is None:
        return None
    x, y = at
    ground = pixels[y : y + high, x : x + wide]
    _grounded(pixels, rng, x, y, wide, high)
    cover = piece[..., 3:] / np.float32(255)
    lit = piece[..., :3] * _light(rng, high, wide)
    if float(np.abs(lit - ground * cover).sum() / max(1.0, float(cover.sum()))) < 3 * _LEAST_CONTRAST:
        ground[:] = _contrasting(lit, cover)
    ground[:] = ground * (1 - cover) + lit
    if Effect.GLOSSED in happening:
        _glossed(ground, rng)
    if Effect.COVERED in happening:
        _covered(ground, rng)
    return _kept(piece[..., 3] > _SHOWS, x, y, taken)


def _contrasting(lit: Floats, cover: Floats) -> Floats:
    """A flat ground that the art stands out from: nobody prints white on white."""
    mean = float(lit.sum() / max(1.0, 3 * float(cover.sum())))
    return np.full((1, 1, 3), 35.0 if mean > 128 else 235.0, np.float32)


def put_relief(
    pixels: Floats, art: Pixels, rng: Random, side: float, taken: list[Box], happening: frozenset[Effect]
) -> Box | None:
    """Emboss art: only light and shade at its edges, on a smooth ground."""
    piece = warped(art, rng, side, happening)
    high, wide = piece.shape[:2]
    at = _place(rng, (pixels.shape[0], pixels.shape[1]), wide, high, taken)
    if at is None:
        return None
    x, y = at
    ground = pixels[y : y + high, x : x + wide]
    ground[:] = np.asarray([rng.randint(60, 240) for _ in range(3)], np.float32)
    cover = piece[..., 3] / 255
    slope = cv2.Sobel(cover, cv2.CV_32F, 1, 0) + cv2.Sobel(cover, cv2.CV_32F, 0, 1)
    ground += (slope * rng.uniform(18, 45))[..., None] + (cover * rng.uniform(-25, 25))[..., None]
    return _kept(piece[..., 3] > _SHOWS, x, y, taken)


def _kept(shown: NDArray[np.bool_], x: int, y: int, taken: list[Box]) -> Box | None:
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    if not len(rows):
        return None
    left, top = int(columns[0]), int(rows[0])
    box = Box(x=x + left, y=y + top, width=int(columns[-1]) - left + 1, height=int(rows[-1]) - top + 1)
    taken.append(box)
    return box


def _grounded(pixels: Floats, rng: Random, x: int, y: int, wide: int, high: int) -> None:
    """Put a sticker, a panel of a package, or nothing under the mark."""
    chance = rng.random()
    if chance < 0.25:
        return
    room = rng.uniform(0.02, 0.35) * max(wide, high)
    left, top = max(0, int(x - room)), max(0, int(y - room))
    right, bottom = int(x + wide + room), int(y + high + room)
    panel = pixels[top:bottom, left:right]
    light = chance < 0.65
    colour = np.asarray([rng.randint(225, 255) if light else rng.randint(0, 255) for _ in range(3)], np.float32)
    mask = np.ones(panel.shape[:2], np.float32)
    if rng.random() < 0.4:
        mask[:] = 0
        centre = (x + wide // 2 - left, y + high // 2 - top)
        axes = (int(wide / 2 + room * 0.8), int(high / 2 + room * 0.8))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1)
    mask *= rng.uniform(0.6, 1.0) if rng.random() < 0.3 else 1.0
    panel[:] = panel * (1 - mask[..., None]) + colour * mask[..., None]


def _light(rng: Random, high: int, wide: int) -> Floats:
    if rng.random() < 0.4:
        return np.ones((1, 1, 1), np.float32)
    across = np.linspace(rng.uniform(0.55, 1.1), rng.uniform(0.55, 1.1), wide, dtype=np.float32)
    return np.ascontiguousarray(np.broadcast_to(across[None, :, None], (high, wide, 1)))


def _glossed(ground: Floats, rng: Random) -> None:
    high, wide = ground.shape[:2]
    glare = np.zeros((high, wide), np.float32)
    axes = (max(1, int(wide * rng.uniform(0.05, 0.2))), max(1, int(high * rng.uniform(0.2, 0.6))))
    cv2.ellipse(glare, (rng.randrange(wide), rng.randrange(high)), axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
    soft = np.asarray(cv2.GaussianBlur(glare, (0, 0), max(1.0, wide * 0.06)), dtype=np.float32)
    ground += (soft * rng.uniform(60, 190))[..., None]


def _covered(ground: Floats, rng: Random) -> None:
    """A finger, another sticker or a watermark over a part of the mark, at most about a quarter of it."""
    high, wide = ground.shape[:2]
    colour = [rng.randint(0, 255) for _ in range(3)]
    if rng.random() < 0.55:
        side = rng.choice((0, 1))
        deep = rng.uniform(0.1, 0.26)
        edge = rng.random() < 0.5
        if side:
            ground[:, slice(int(wide * (1 - deep)), None) if edge else slice(0, int(wide * deep))] = colour
        else:
            ground[slice(int(high * (1 - deep)), None) if edge else slice(0, int(high * deep))] = colour
    else:
        words = np.zeros((high, wide), np.uint8)
        size = max(0.3, wide / 140)
        at = (0, int(high * rng.uniform(0.3, 0.8)))
        said = rng.choice(("WWW.SHOP.COM", "SAMPLE", "PHOTO", "NO COPY"))
        cv2.putText(words, said, at, cv2.FONT_HERSHEY_SIMPLEX, size, 255, max(1, int(size * 2)))
        cover = words[..., None].astype(np.float32) / 510
        ground[:] = ground * (1 - cover) + np.asarray(colour, np.float32) * cover


def finished(pixels: Floats, rng: Random) -> Pixels:
    """Exposure, colour cast, blur, noise and JPEG over the whole picture."""
    gain = rng.uniform(0.75, 1.15) * np.asarray([rng.uniform(0.93, 1.07) for _ in range(3)], np.float32)
    shown: Floats = (pixels * gain + rng.uniform(-12, 12)).astype(np.float32)
    if rng.random() < 0.4:
        shown = np.asarray(cv2.GaussianBlur(shown, (0, 0), rng.uniform(0.3, 1.0)), dtype=np.float32)
    if rng.random() < 0.4:
        values = np.random.default_rng(rng.randrange(1 << 30))
        shown = shown + values.standard_normal(shown.shape, dtype=np.float32) * rng.uniform(1, 8)
    out = np.clip(shown, 0, 255).astype(np.uint8)
    if rng.random() < 0.85:
        quality = rng.randint(35, 95)
        _, packed = cv2.imencode(".jpg", out[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        out = np.ascontiguousarray(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)[..., ::-1])
    return out
