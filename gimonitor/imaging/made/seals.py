"""Other round things: company seals with a star, food and quality logos, city emblems, badges, codes, fruit and plates. No mark of ours."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import cv2
import numpy as np

from gimonitor.imaging.made.ink import FONT_NAMES, Canvas, Colour, Pixels, Taste
from gimonitor.imaging.made.marks import _graticule

_HAN = "安福康宁盛源丰泰德顺城州山水江湖海川林苑茶果米酒园农粮油盐糖味鲜香食品有限公司合作社专用章正宗优质绿色健康天然有机认证产品质量中国北南东西省市县金银玉龙凤华兴业集团商会协"
_WORDS = (
    "正品保证",
    "顺丰包邮",
    "新鲜直达",
    "厂家直销",
    "官方旗舰",
    "七天退换",
    "特惠",
    "热卖",
    "坏果包赔",
    "现摘现发",
    "非遗",
    "老字号",
)
_LATIN = (
    "QUALITY PRODUCT",
    "PREMIUM FOOD",
    "SINCE 1998",
    "ORGANIC",
    "GREEN FOOD",
    "BEST CHOICE",
    "CITY OF FRUIT",
    "HEALTHY LIFE",
    "NATURAL",
)
_LETTERS = (
    "QS",
    "SC",
    "A",
    "AAA",
    "CHN",
    "HACCP",
    "ISO",
    "5A",
    "100%",
    "CI",
    "GL",
    "OK",
    "VIP",
    "TOP",
    "GMP",
    "NO.1",
    "C",
    "O",
    "61",
    "CQC",
)
_RED = (200, 30, 36)


def _han(rng: Random, least: int, most: int) -> str:
    return "".join(rng.choice(_HAN) for _ in range(rng.randint(least, most)))


def _colour(rng: Random) -> Colour:
    red, green, blue = (rng.randint(0, 255) for _ in range(3))
    first = rng.choice(((red, green, blue), (rng.randint(170, 235), rng.randint(10, 70), rng.randint(10, 70)),
                        (rng.randint(0, 60), rng.randint(110, 190), rng.randint(30, 110)), (rng.randint(220, 255), rng.randint(150, 225), rng.randint(10, 110)),
                        (rng.randint(0, 60), rng.randint(50, 120), rng.randint(140, 230)), (30, 30, 30)))  # fmt: skip
    return (*first, 255)


def _star(
    c: Canvas, radius: float, points: int, layer: int, at: tuple[float, float] = (0.5, 0.5), depth: float = 0.39
) -> None:
    corners = []
    for index in range(points * 2):
        reach = radius if index % 2 == 0 else radius * depth
        angle = math.radians(-90 + 180 * index / points)
        corners.append((at[0] + reach * math.cos(angle), at[1] + reach * math.sin(angle)))
    c.polygon(corners, layer)


def company_seal(rng: Random) -> Pixels:
    """A red company seal: rim, star, name along the rim, number below."""
    c, wide = Canvas(), rng.uniform(0.012, 0.03)
    tall = rng.choice((0.49, 0.49, 0.34))
    c.ring((0.5, 0.5), 0.49, tall, wide, 1)
    if rng.random() < 0.8:
        _star(c, rng.uniform(0.09, 0.15), 5, 1)
    radii = (0.395, tall - 0.095)
    c.arc_text(_han(rng, 8, 18), rng.choice(FONT_NAMES), rng.uniform(0.07, 0.11), (0.5, 0.5), radii, (150, 390), 1)
    if rng.random() < 0.6:
        c.text(
            (0.5, 0.5 + tall * 0.5),
            rng.choice(("合同专用章", "质检专用章", "财务专用章", "检验合格")),
            "sans",
            0.065,
            1,
        )
    return c.layers().coloured([(*_RED, rng.randint(140, 255))])


def ring_logo(rng: Random) -> Pixels:
    """A logo with a rim of words around a picture: organic, quality, city, association; also globes and laurels."""
    t, tall = Taste(rng), rng.choice((0.49, 0.49, 0.49, 0.34))
    c = Canvas(1.0, tall * 2 + 0.02)
    centre, paper = (0.5, tall + 0.01), rng.random() < 0.7
    c.ellipse(centre, 0.49, tall, 2)
    if paper:
        c.ellipse(centre, 0.475, tall - 0.015, 1)
    inner = rng.uniform(0.58, 0.74)
    c.ellipse(centre, 0.49 * inner, tall * inner, rng.choice((2, 3)))
    reach = (0.49 * (1 + inner) / 2, tall * (1 + inner) / 2)
    letter = 2 if paper else 1
    c.arc_text(
        _han(rng, 4, 14),
        rng.choice(FONT_NAMES),
        t.near(0.08, 0.2),
        centre,
        reach,
        (270 - t.near(75, 0.4), 270 + t.near(75, 0.4)),
        letter,
    )
    if rng.random() < 0.7:
        c.arc_text(rng.choice(_LATIN), rng.choice(FONT_NAMES), t.near(0.055, 0.2), centre, reach, (145, 35), letter)
    _core(c, rng, centre, 0.49 * inner, tall * inner)
    return c.layers().coloured([(255, 255, 255, 255), _colour(rng), _colour(rng), _colour(rng)])


def _core(c: Canvas, rng: Random, centre: tuple[float, float], rx: float, ry: float) -> None:
    """What stands in the middle of a logo."""
    kind = rng.randrange(7)
    if kind == 0:
        _graticule(c, centre, rx, ry, (rng.randint(3, 6), rng.randint(2, 5)), rng.uniform(0.005, 0.012), 1)
    elif kind == 1:
        c.text(
            centre,
            rng.choice(_LETTERS),
            rng.choice(FONT_NAMES),
            min(rx, ry) * rng.uniform(0.6, 1.0),
            rng.choice((1, 4)),
        )
    elif kind == 2:
        _star(c, min(rx, ry) * 0.7, rng.choice((4, 5, 6, 8)), rng.choice((1, 4)), centre)
    elif kind == 3:
        _sprout(c, rng, centre, min(rx, ry))
    elif kind == 4:
        for step in range(3):
            c.ellipse(
                (centre[0], centre[1] + ry * 0.2 * step),
                rx * (0.8 - 0.2 * step),
                ry * (0.7 - 0.2 * step),
                (4, 1, 2)[step],
            )
    elif kind == 5:
        c.polygon([(centre[0] - 0.8 * rx, centre[1] + 0.5 * ry), (centre[0] - 0.2 * rx, centre[1] - 0.5 * ry), (centre[0] + 0.1 * rx, centre[1]), (centre[0] + 0.35 * rx, centre[1] - 0.3 * ry), (centre[0] + 0.8 * rx, centre[1] + 0.5 * ry)], 1)  # fmt: skip
    else:
        c.text(centre, _han(rng, 1, 3), rng.choice(FONT_NAMES), min(rx, ry) * rng.uniform(0.5, 0.9), rng.choice((1, 4)))
    if rng.random() < 0.3:
        grain = (rng.uniform(0.04, 0.08), rng.uniform(0.02, 0.035))
        for span in ((104, 172), (76, 8)):
            c.ear(centre, (rx * 0.85, ry * 0.85), span, grain, rng.randint(5, 9), rng.choice((1, 4)))


def _sprout(c: Canvas, rng: Random, centre: tuple[float, float], r: float) -> None:
    x, y = centre
    c.ellipse((x, y - 0.35 * r), 0.3 * r, 0.3 * r, 1)
    for side in (-1, 1):
        c.polygon(
            [(x, y + 0.7 * r), (x + side * 0.7 * r, y - 0.1 * r), (x + side * 0.55 * r, y + 0.45 * r)],
            rng.choice((1, 4)),
        )


def green_food(rng: Random) -> Pixels:
    """A sun over leaves and a bud in a circle, as the green-food logo has; with words below or none."""
    c = Canvas()
    y = 0.42 if rng.random() < 0.6 else 0.5
    c.ellipse((0.5, y), 0.41, 0.41, 1)
    c.ring((0.5, y), 0.36, 0.36, 0.05, 2)
    c.ellipse((0.5, y), 0.31, 0.31, 1)
    c.polygon([(0.5, y + 0.30), (0.24, y), (0.36, y + 0.24)], 2)
    c.polygon([(0.5, y + 0.30), (0.76, y), (0.64, y + 0.24)], 2)
    c.polygon([(0.5, y - 0.12), (0.43, y + 0.05), (0.5, y + 0.22), (0.57, y + 0.05)], 2)
    if y < 0.5:
        c.text((0.5, 0.92), rng.choice(("绿色食品", "Greenfood", "有机产品")), "sans", 0.14, 1)
    green = (rng.randint(0, 40), rng.randint(130, 180), rng.randint(40, 90), 255)
    return c.layers().coloured([green, (255, 255, 255, 255)])


def wreath(rng: Random) -> Pixels:
    """An award: two ears or laurels around letters or Chinese words, with or without a disc. Red and gold are usual."""
    c, t = Canvas(), Taste(rng)
    grain = (t.near(0.09, 0.25), t.near(0.04, 0.25))
    pairs = rng.randint(6, 12)
    c.ear((0.5, 0.5), (0.40, 0.40), (98, 215), grain, pairs, 1)
    c.ear((0.5, 0.5), (0.40, 0.40), (82, -35), grain, pairs, 1)
    if rng.random() < 0.6:
        c.ellipse((0.5, 0.5), 0.29, 0.29, 2)
    words = rng.choice((rng.choice(_LETTERS), _han(rng, 1, 4)))
    c.text((0.5, 0.5), words, rng.choice(FONT_NAMES), 0.42 / max(1.5, len(words)), 3)
    if rng.random() < 0.5:
        c.arc_text(_han(rng, 4, 11), rng.choice(FONT_NAMES), 0.07, (0.5, 0.5), (0.44, 0.44), (210, 330), 2)
    gold = (rng.randint(190, 240), rng.randint(140, 200), rng.randint(40, 110), 255)
    return c.layers().coloured(
        [rng.choice((gold, _colour(rng))), rng.choice(((*_RED, 255), _colour(rng))), _colour(rng)]
    )


def badge(rng: Random) -> Pixels:
    """A shop's own badge: burst or disc with selling words."""
    c = Canvas()
    _star(c, 0.49, rng.randint(10, 26), 1, depth=rng.uniform(0.8, 1.0))
    c.ring((0.5, 0.5), 0.40, 0.40, rng.uniform(0.005, 0.02), 2)
    words = rng.choice(_WORDS)
    half = (len(words) + 1) // 2
    for row, part in enumerate((words[:half], words[half:])):
        c.text((0.5, 0.38 + 0.25 * row), part, rng.choice(FONT_NAMES), 0.21, 2)
    return c.layers().coloured([_colour(rng), (255, 250, 235, 255)])


def square_code(rng: Random) -> Pixels:
    """Something like a QR code with its three corners."""
    n = rng.choice((21, 25, 29))
    grid = np.asarray([[rng.random() < 0.5 for _ in range(n)] for _ in range(n)])
    for y, x in ((0, 0), (0, n - 7), (n - 7, 0)):
        grid[y : y + 7, x : x + 7] = True
        grid[y + 1 : y + 6, x + 1 : x + 6] = False
        grid[y + 2 : y + 5, x + 2 : x + 5] = True
    shown = np.pad(np.where(grid, 0, 255).astype(np.uint8), 2, constant_values=255)
    plane = cv2.resize(shown, (256, 256), interpolation=cv2.INTER_NEAREST)
    return np.dstack([plane, plane, plane, np.full_like(plane, 255)])


def round_thing(rng: Random) -> Pixels:
    """A fruit, plate, lid, button or coin: a shaded disc with rims, spots or a grid."""
    side = 256
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    squash = rng.choice((1.0, 1.0, rng.uniform(1.1, 1.6)))
    away = np.sqrt(x * x + (y * squash) ** 2) / 0.48
    base, rim = np.asarray(_colour(rng)[:3], np.float32), np.asarray(_colour(rng)[:3], np.float32)
    light = 1.15 - 0.7 * np.sqrt((x + rng.uniform(-0.2, 0.2)) ** 2 + (y + rng.uniform(-0.2, 0.2)) ** 2)
    shade = np.broadcast_to(base, (side, side, 3)).copy()
    for _ in range(rng.randrange(4)):
        at, wide = rng.uniform(0.3, 1.0), rng.uniform(0.01, 0.12)
        shade[np.abs(away - at) < wide] = rim
    for _ in range(rng.randrange(14)):
        cv2.circle(
            shade,
            (rng.randrange(side), rng.randrange(side)),
            rng.randint(2, 22),
            [int(v) for v in _colour(rng)[:3]],
            -1,
        )
    shade = np.clip(shade * light[..., None], 0, 255)
    cover = np.clip((1.0 - away) * 40, 0, 1) * 255
    return np.dstack([shade, cover]).astype(np.uint8)


SEALS: tuple[Callable[[Random], Pixels], ...] = (
    *(
        company_seal,
        company_seal,
        ring_logo,
        ring_logo,
        ring_logo,
        green_food,
        wreath,
        wreath,
        badge,
        square_code,
        round_thing,
    ),
)


def any_seal(rng: Random) -> Pixels:
    """One of them, RGBA."""
    return rng.choice(SEALS)(rng)
