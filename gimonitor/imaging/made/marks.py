"""The marks drawn by our own hand from their published descriptions (rules/signs): recognisable, never the official artwork.

Source: 国家知识产权局公告第332号、第354号; 质检总局公告2006年第109号; 商标局《地理标志产品专用标志管理办法》(2007); the AGI mark is
drawn from an unverified description.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from random import Random

from PIL import Image

from gimonitor.imaging.made.ink import Canvas, Colour, Layers, Pixels, Point, Taste
from gimonitor.imaging.marks import Mark

_WHITE: Colour = (255, 255, 255, 255)
_NONE: Colour = (0, 0, 0, 0)

_CHINA: tuple[Point, ...] = (
    *((0.02, 0.36), (0.10, 0.30), (0.14, 0.20), (0.24, 0.14), (0.30, 0.22), (0.38, 0.32), (0.52, 0.36), (0.62, 0.33)),
    *((0.66, 0.24), (0.74, 0.22), (0.72, 0.12), (0.80, 0.02), (0.90, 0.12), (0.98, 0.12), (0.94, 0.26), (0.84, 0.32)),
    *((0.80, 0.40), (0.74, 0.42), (0.80, 0.48), (0.78, 0.54), (0.84, 0.66), (0.80, 0.78), (0.70, 0.86), (0.58, 0.90)),
    *((0.48, 0.86), (0.42, 0.90), (0.36, 0.80), (0.38, 0.68), (0.28, 0.70), (0.16, 0.64), (0.08, 0.54), (0.06, 0.44)),
)


def _graticule(c: Canvas, centre: Point, rx: float, ry: float, lines: Point, width: float, layer: int) -> None:
    """Meridians and parallels of a globe seen a little from above."""
    meridians, parallels = (round(n) for n in lines)
    steps = [math.radians(a) for a in range(-90, 91, 6)]
    for index in range(meridians):
        bow = math.sin(math.radians(-75 + 150 * index / max(1, meridians - 1)))
        c.line([(centre[0] + rx * bow * math.cos(a), centre[1] + ry * math.sin(a)) for a in steps], width, layer)
    for index in range(parallels):
        level = -0.72 + 1.44 * index / max(1, parallels - 1)
        half = rx * math.sqrt(max(0.0, 1 - level * level))
        c.line(
            [(centre[0] + half * math.sin(a), centre[1] + ry * level + 0.12 * ry * math.cos(a)) for a in steps],
            width,
            layer,
        )


def _letter_g(c: Canvas, centre: Point, radius: float, stroke: float, layer: int) -> None:
    """A round G of even stroke."""
    turns = [math.radians(a) for a in range(-42, -361, -6)]
    c.line([(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in turns], stroke, layer)
    x, y = centre
    c.line([(x + radius + stroke / 2, y), (x + 0.1 * radius, y)], stroke, layer)
    c.line([(x + radius, y), (x + 0.82 * radius, y + 0.45 * radius)], stroke, layer)


def _wall(c: Canvas, t: Taste, centre: Point, r: float) -> None:
    """The Great Wall before the globe: the land below is paper, a watchtower rises from it, the wall runs to both sides."""
    x, y = centre
    land = y + t.near(0.42, 0.1) * r
    wave = [(x - 1.15 * r + i * r * 0.23, land + 0.05 * r * math.sin(i * 1.3) - 0.10 * r * (i > 7)) for i in range(11)]
    c.polygon([*wave, (x + 1.2 * r, y + 1.2 * r), (x - 1.2 * r, y + 1.2 * r)], 0)
    left, right, top = x - t.near(0.16, 0.2) * r, x + t.near(0.28, 0.2) * r, y - t.near(0.02, 0.9) * r
    foot = y + 0.6 * r
    c.polygon([(left + 0.03 * r, top), (right - 0.03 * r, top), (right, foot), (left, foot)], 3)
    for index in range(5):
        at = left + (right - left) * (0.04 + index * 0.2)
        c.polygon([(at, top - 0.06 * r), (at + 0.05 * r, top - 0.06 * r), (at + 0.05 * r, top), (at, top)], 3)
        c.ellipse((at + 0.05 * r, top + 0.24 * r), 0.025 * r, 0.045 * r, 1)
    c.line([(left, top + 0.1 * r), (right, top + 0.1 * r)], 0.025 * r, 1)
    c.line([(x - 0.75 * r, y + 0.62 * r), (x - 0.4 * r, y + 0.50 * r), (left, y + 0.40 * r)], 0.07 * r, 1)
    c.line([(right, y + 0.28 * r), (x + 0.45 * r, y + 0.36 * r), (x + 0.40 * r, y + 0.46 * r)], 0.05 * r, 3)
    for way in ((0.10, 0.06), (0.16, 0.0)):
        c.line(
            [(right - way[0] * r, y + 0.45 * r), (x + way[1] * r, y + 0.55 * r), (x + 0.5 * r, y + 0.72 * r)],
            0.025 * r,
            1,
        )
    c.line([(x + 0.36 * r, y + 0.52 * r), (x + 0.72 * r, y + 0.54 * r)], 0.03 * r, 1)


def gi_2019(rng: Random | None = None) -> Layers:
    """The special mark of 2019. Layers: 1 red, 2 gold letters, 3 paper inside the globe, 4 gold ears."""
    t, c = Taste(rng), Canvas()
    centre, r = (0.5, t.near(0.485, 0.01)), t.near(0.382, 0.02)
    c.ellipse(centre, r, r, 1)
    _graticule(c, centre, r, r, (t.near(5, 0.2), t.near(4, 0.25)), t.near(0.0045, 0.4), 3)
    c.ellipse((centre[0], centre[1] - 0.4 * r), 0.46 * r, 0.40 * r, 1)
    _wall(c, t, centre, r)
    stroke = t.near(0.026, 0.3)
    _letter_g(c, (centre[0] - 0.12 * r, centre[1] - 0.40 * r), t.near(0.26, 0.08) * r, stroke, 2)
    bar = centre[0] + 0.33 * r
    c.line([(bar, centre[1] - 0.66 * r), (bar, centre[1] - 0.14 * r)], stroke, 2)
    height = t.near(0.078, 0.1)
    reach = t.near(1.15, 0.02) * r
    half = t.near(77, 0.05)
    c.arc_text(
        "中华人民共和国地理标志",
        t.pick("serif", "book", "sans"),
        height,
        centre,
        (reach, reach),
        (270 - half, 270 + half),
        1,
    )
    inner = t.near(0.93, 0.03) * r
    words = "GEOGRAPHICAL INDICATION OF P.R.CHINA"
    c.arc_text(words, t.pick("book", "light", "serif"), t.near(0.036, 0.12), centre, (inner, inner), (150, 30), 1)
    radii = (t.near(1.15, 0.015) * r, t.near(1.21, 0.015) * r)
    grain = (t.near(0.080, 0.15), t.near(0.042, 0.2))
    pairs = round(t.near(9, 0.15))
    c.ear(centre, radii, (98, 174), grain, pairs, 4)
    c.ear(centre, radii, (82, 6), grain, pairs, 4)
    return c.layers()


def aqsiq(rng: Random | None = None) -> Layers:
    """The ellipse of 2006. Layers: 1 yellow ring, 2 green, 3 lines, 4 map, 5 letters."""
    t, c = Taste(rng), Canvas(1.0, 0.67)
    centre, rx, ry = (0.5, 0.335), 0.495, 0.33
    c.ellipse(centre, rx, ry, 1)
    ix, iy = rx * t.near(0.845, 0.02), ry * t.near(0.77, 0.03)
    thin = t.near(0.008, 0.4)
    if t.happens(0.6, usually=True):
        c.ellipse(centre, ix + thin, iy + thin, 3)
    c.ellipse(centre, ix, iy, 2)
    _graticule(c, centre, ix, iy, (t.near(4, 0.2), t.near(5, 0.2)), thin, 3)
    wide, high = t.near(0.46, 0.08), t.near(0.40, 0.08)
    left, top = centre[0] - wide * t.near(0.5, 0.08), centre[1] - high * t.near(0.52, 0.08)
    c.polygon([(left + px * wide, top + py * high) for px, py in _CHINA], 4)
    c.ellipse((left + 0.52 * wide, top + 0.97 * high), 0.012, 0.01, 4)
    c.text((centre[0], centre[1] - 0.005), "PGI", t.pick("sans", "light"), t.near(0.105, 0.15), 5)
    reach = (rx * t.near(0.925, 0.01), ry * t.near(0.885, 0.015))
    c.arc_text(
        "中华人民共和国地理标志保护产品", t.pick("serif", "sans"), t.near(0.058, 0.1), centre, reach, (206, 334), 5
    )
    c.arc_text("PEOPLE'S REPUBLIC OF CHINA", t.pick("sans", "light"), t.near(0.044, 0.1), centre, reach, (146, 34), 5)
    return c.layers()


def saic(rng: Random | None = None) -> Layers:
    """The ellipse of 2007. Layers: 1 paper, 2 green, 3 temple, 4 light letters, 5 yellow, 6 dark letters."""
    t, c = Taste(rng), Canvas(1.0, 0.68)
    centre, rx, ry = (0.535, 0.335), 0.455, 0.325
    c.ellipse(centre, rx, ry, 2)
    thin = t.near(0.011, 0.3)
    c.ellipse(centre, rx - thin, ry - thin, 1)
    if t.happens(0.6, usually=True):
        c.ear(centre, (rx, ry), (118, 196), (0.085, 0.032), round(t.near(8, 0.15)), 2)
    ix, iy = rx * t.near(0.755, 0.03), ry * t.near(0.70, 0.03)
    c.ellipse(centre, ix, iy, 2)
    for level, half in ((-0.55, 0.20), (-0.16, 0.29), (0.20, 0.34)):
        y = centre[1] + level * iy
        c.polygon(
            [
                (centre[0] - half * ix, y + 0.22 * iy),
                (centre[0], y - 0.22 * iy),
                (centre[0] + half * ix, y + 0.22 * iy),
            ],
            3,
        )
        c.line([(centre[0], y), (centre[0], y + 0.5 * iy)], 0.22 * ix, 3)
    c.text((centre[0] - 0.12 * ix, centre[1] + 0.12 * iy), "G", "sans", t.near(0.20, 0.12), 4)
    c.text((centre[0] + 0.19 * ix, centre[1] + 0.12 * iy), "I", "sans", t.near(0.20, 0.12), 5)
    c.arc_text(
        "中国地理标志", t.pick("sans", "light"), t.near(0.068, 0.1), centre, (0.62 * ix, 0.66 * iy), (218, 322), 4
    )
    for span in ((104, 168), (76, 12)):
        c.ear(centre, (0.74 * ix, 0.74 * iy), span, (0.05, 0.02), 8, 5)
    reach = (rx * 0.875, ry * 0.845)
    top = t.pick("中华人民共和国国家工商行政管理总局商标局", "国家工商行政管理总局商标局")
    c.arc_text(top, t.pick("serif", "sans"), t.near(0.048, 0.1), centre, reach, (196, 346), 6)
    words = "Trademark Office under the State Administration for Industry and Commerce"
    c.arc_text(words, t.pick("light", "sans"), t.near(0.033, 0.1), centre, reach, (164, 14), 6)
    return c.layers()


def agi(rng: Random | None = None) -> Layers:
    """The agriculture ministry's mark. Layers: 1 paper ring, 2 green, 3 orange, 4 light."""
    t, c = Taste(rng), Canvas()
    centre, r = (0.5, 0.5), 0.49
    c.ellipse(centre, r, r, 2)
    rim = t.near(0.014, 0.5)
    c.ellipse(centre, r - rim, r - rim, 1)
    inner = r * t.near(0.68, 0.06)
    c.ellipse(centre, inner, inner, 2)
    sun = (centre[0] + t.near(0.10, 0.6), centre[1] - t.near(0.10, 0.4))
    c.ellipse(sun, t.near(0.13, 0.25), t.near(0.13, 0.25), 3)
    for index in range(round(t.near(3, 0.4))):
        level = -0.35 + 0.3 * index
        c.line(
            [
                (
                    centre[0] + inner * math.cos(math.radians(a)) * 0.98,
                    centre[1] + inner * (level + 0.34 * math.sin(math.radians(a))),
                )
                for a in range(10, 171, 10)
            ],
            t.near(0.016, 0.5),
            4,
        )
    stem = [(centre[0] - 0.18 + 0.05 * i, centre[1] + 0.24 - 0.085 * i + 0.008 * i * i) for i in range(6)]
    c.line(stem, 0.014, 3)
    for x, y in stem[1:]:
        for lean in (-1.9, -0.75):
            c._grain((x, y), lean + t.near(0.1, 0.8), (t.near(0.10, 0.2), t.near(0.042, 0.2)), 3)
    outer = (r + inner) / 2 - 0.5 * rim
    ring = "中华人民共和国农业部农产品地理标志" if t.happens(0.4) else "农产品地理标志"
    half = 105 if len(ring) > 10 else t.near(62, 0.15)
    height = t.near(0.068 if len(ring) > 10 else 0.10, 0.12)
    c.arc_text(ring, t.pick("sans", "serif"), height, centre, (outer, outer), (270 - half, 270 + half), 2)
    words = t.pick("AGRO-PRODUCT GEOGRAPHICAL INDICATIONS", "MINISTRY OF AGRICULTURE P.R.CHINA")
    c.arc_text(words, t.pick("sans", "light"), t.near(0.05, 0.12), centre, (outer, outer), (150, 30), 2)
    return c.layers()


DRAWERS: dict[Mark, Callable[[Random | None], Layers]] = {
    Mark.GI_2019: gi_2019,
    Mark.AQSIQ: aqsiq,
    Mark.SAIC: saic,
    Mark.AGI: agi,
}
OFFICIAL: dict[Mark, tuple[Colour, ...]] = {
    Mark.GI_2019: ((218, 48, 44, 255), (236, 192, 104, 255), _WHITE, (236, 192, 104, 255)),
    Mark.AQSIQ: ((250, 240, 40, 255), (52, 176, 72, 255), _WHITE, (246, 130, 80, 255), (20, 20, 20, 255)),
    Mark.SAIC: (
        *(_WHITE, (0, 146, 70, 255), (10, 60, 36, 255), _WHITE, (250, 230, 30, 255)),
        (20, 20, 20, 255),
    ),
    Mark.AGI: (_WHITE, (0, 140, 70, 255), (240, 140, 30, 255), _WHITE),
}
_MONO: dict[Mark, tuple[str, ...]] = {  # which layers one ink prints; words are never of the ink they stand on
    Mark.GI_2019: ("i..i",),
    Mark.AQSIQ: (".i..i", "i..i."),
    Mark.SAIC: (".ii..i",),
    Mark.AGI: (".i..",),
}


def palette_of(mark: Mark, rng: Random | None = None, ink: Colour | None = None) -> tuple[Colour, ...]:
    """The colours of a mark: official, scattered, or of one ink."""
    if ink is not None:
        manner = _MONO[mark][0] if rng is None else rng.choice(_MONO[mark])
        return tuple(ink if part == "i" else _NONE for part in manner)
    if rng is None:
        return OFFICIAL[mark]
    return tuple(_scattered(colour, rng) for colour in OFFICIAL[mark])


def _scattered(colour: Colour, rng: Random) -> Colour:
    r, g, b = (max(0, min(255, round(v + rng.gauss(0, 14)))) for v in colour[:3])
    return (r, g, b, colour[3])


def drawing(mark: Mark) -> Pixels:
    """The mark as the project ships it, RGBA."""
    return DRAWERS[mark](None).coloured(palette_of(mark))


def write_drawings(folder: Path) -> None:
    """Draw every mark into a folder as PNG, named by its sign."""
    for mark in Mark:
        Image.fromarray(drawing(mark)).save(folder / f"{mark}.png", optimize=True)
