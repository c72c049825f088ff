"""Drawing in layers: each part of a mark is a layer, coloured afterwards; so one drawing gives red-gold, gold, white and black."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from gimonitor.errors import ConfigurationError

Pixels = NDArray[np.uint8]
Point = tuple[float, float]
Colour = tuple[int, int, int, int]  # red, green, blue, cover

SIZE = 256  # px of a finished drawing's longer side
_FINE = 4  # drawn this many times larger
_FONTS = {
    "serif": "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "sans": "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "light": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "book": "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
}
_SIMPLIFIED = 2  # the index of the mainland's forms in the collections
FONT_NAMES = tuple(_FONTS)


@lru_cache(maxsize=256)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font by its short name. Raises ConfigurationError where the system has no Noto CJK fonts."""
    try:
        return ImageFont.truetype(_FONTS[name], max(4, size), index=_SIMPLIFIED)
    except OSError as error:
        raise ConfigurationError("pictures are made with the fonts of Debian's package fonts-noto-cjk") from error


class Taste:
    """Canonical values, or with a random source values scattered around them: no two printers draw alike."""

    def __init__(self, rng: Random | None = None) -> None:
        self.rng = rng

    def near(self, value: float, spread: float) -> float:
        """`value`, scattered by a share `spread` of itself."""
        return value if self.rng is None else value * (1 + self.rng.uniform(-spread, spread))

    def pick(self, first: str, *others: str) -> str:
        """`first`, or any."""
        return first if self.rng is None else self.rng.choice((first, *others))

    def happens(self, share: float, usually: bool = False) -> bool:
        """True in a share of all drawings; canonical: `usually`."""
        return usually if self.rng is None else self.rng.random() < share


class Canvas:
    """A sheet of layers, in units of its longer side: (0, 0) is the upper left. Layer 0 is empty, 1 … 7 are drawn."""

    def __init__(self, width: float = 1.0, height: float = 1.0) -> None:
        self.scale = SIZE * _FINE
        self.size = (round(width * self.scale), round(height * self.scale))
        self.image = Image.new("L", self.size, 0)
        self.draw = ImageDraw.Draw(self.image)

    def _points(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.scale, y * self.scale) for x, y in points]

    def ellipse(self, centre: Point, rx: float, ry: float, layer: int) -> None:
        """A filled ellipse."""
        (x, y), s = centre, self.scale
        self.draw.ellipse(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), fill=layer)

    def ring(self, centre: Point, rx: float, ry: float, width: float, layer: int) -> None:
        """The outline of an ellipse, `width` inwards."""
        (x, y), s = centre, self.scale
        box = ((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s)
        self.draw.ellipse(box, outline=layer, width=max(1, round(width * s)))

    def polygon(self, points: Sequence[Point], layer: int) -> None:
        """A filled polygon."""
        self.draw.polygon(self._points(points), fill=layer)

    def line(self, points: Sequence[Point], width: float, layer: int) -> None:
        """A line through points."""
        self.draw.line(self._points(points), fill=layer, width=max(1, round(width * self.scale)), joint="curve")

    def text(self, at: Point, words: str, face: str, height: float, layer: int) -> None:
        """Words around a point."""
        x, y = at
        drawn = font(face, round(height * self.scale))
        self.draw.text((x * self.scale, y * self.scale), words, font=drawn, fill=layer, anchor="mm")

    def arc_text(
        self, words: str, face: str, height: float, centre: Point, radii: Point, span: Point, layer: int
    ) -> None:
        """Words along an ellipse from angle to angle, in degrees, 0 to the right, 90 down.

        Growing angles read with their feet to the centre, falling ones with their heads.
        """
        start, end = span
        drawn = font(face, round(height * self.scale))
        widths = [drawn.getlength(c) for c in words]
        total = sum(widths) or 1.0
        inward = end < start
        done = 0.0
        for character, width in zip(words, widths, strict=True):
            angle = math.radians(start + (end - start) * (done + width / 2) / total)
            done += width
            x = centre[0] + radii[0] * math.cos(angle)
            y = centre[1] + radii[1] * math.sin(angle)
            outward = math.degrees(math.atan2(radii[0] * math.sin(angle), radii[1] * math.cos(angle)))
            self._glyph(character, drawn, (x, y), (90 - outward) if inward else (-90 - outward), layer)

    def _glyph(self, character: str, drawn: ImageFont.FreeTypeFont, at: Point, turn: float, layer: int) -> None:
        side = int(drawn.size * 2)
        tile = Image.new("L", (side, side), 0)
        ImageDraw.Draw(tile).text((side / 2, side / 2), character, font=drawn, fill=255, anchor="mm")
        tile = tile.rotate(turn, resample=Image.Resampling.BILINEAR)
        corner = (round(at[0] * self.scale - side / 2), round(at[1] * self.scale - side / 2))
        self.image.paste(layer, corner, tile.point(lambda v: 255 if v > 110 else 0))

    def ear(self, centre: Point, radii: Point, span: Point, grain: Point, pairs: int, layer: int) -> None:
        """An ear of grain along an ellipse from angle to angle; `grain` is length and width of one."""
        start, end = span
        way = 1 if end > start else -1
        for index in range(pairs):
            angle = math.radians(start + (end - start) * index / max(1, pairs - 1))
            x, y = centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle)
            along = angle + way * math.pi / 2
            for lean in (-0.5, 0.5):
                self._grain((x, y), along + lean, grain, layer)

    def _grain(self, root: Point, angle: float, grain: Point, layer: int) -> None:
        length, width = grain
        ux, uy = math.cos(angle), math.sin(angle)
        shape = ((0.05, 0.0), (0.35, 0.5), (0.7, 0.42), (1.0, 0.0), (0.7, -0.42), (0.35, -0.5))
        self.polygon(
            [
                (root[0] + far * length * ux - wide * width * uy, root[1] + far * length * uy + wide * width * ux)
                for far, wide in shape
            ],
            layer,
        )

    def layers(self) -> Layers:
        """The finished drawing, smooth."""
        fine = np.asarray(self.image)
        size = (self.size[0] // _FINE, self.size[1] // _FINE)
        covers = []
        for layer in range(1, int(fine.max()) + 1):
            part = Image.fromarray(((fine == layer) * 255).astype(np.uint8))
            covers.append(np.asarray(part.resize(size, Image.Resampling.BOX)))
        return Layers(np.stack(covers, axis=-1))


@dataclass(frozen=True, slots=True)
class Layers:
    """How far each layer covers each pixel: height × width × layers, 0 … 255."""

    covers: Pixels

    def coloured(self, palette: Sequence[Colour]) -> Pixels:
        """RGBA with the colour of each layer; what `palette` leaves out is not printed."""
        shown = min(len(palette), self.covers.shape[-1])
        cover = self.covers[..., :shown].astype(np.float32) / 255
        colours = np.asarray(palette[:shown], dtype=np.float32)
        weight = cover * (colours[:, 3] / 255)
        alpha = weight.sum(axis=-1)
        rgb = (weight @ colours[:, :3]) / np.maximum(alpha, 1e-6)[..., None]
        return np.dstack([rgb, np.minimum(alpha, 1.0) * 255]).round().astype(np.uint8)
