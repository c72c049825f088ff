"""What marks are put on: photos where a folder of them is given, else made packages, cloth, noise, shelves and tables of text."""

from __future__ import annotations

from pathlib import Path
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw

from gimonitor.imaging.made.ink import FONT_NAMES, Pixels, font
from gimonitor.imaging.made.seals import _han


class Backdrops:
    """Backgrounds of any size, RGB. `photos` are read once; every other background is drawn."""

    def __init__(self, photos: list[Path] | None = None, side: int = 1600) -> None:
        self.photos = [_loaded(path, side) for path in photos or []]

    def any(self, rng: Random, width: int, height: int) -> Pixels:
        """A background of `height` × `width`."""
        if self.photos and rng.random() < 0.6:
            return _cut(self.photos[rng.randrange(len(self.photos))], rng, width, height)
        made = rng.choice((_package, _package, _cloud, _page, _stripes))(rng, width, height)
        return np.ascontiguousarray(made)


def _loaded(path: Path, side: int) -> Pixels:
    with Image.open(path) as image:
        image.thumbnail((side, side))
        return np.asarray(image.convert("RGB"))


def _cut(photo: Pixels, rng: Random, width: int, height: int) -> Pixels:
    """A part of a photo, between all of it and a third of its side, perhaps mirrored."""
    h, w = photo.shape[:2]
    share = rng.uniform(0.3, 1.0)
    scale = min(w / width, h / height) * share
    wide, high = max(2, int(width * scale)), max(2, int(height * scale))
    x, y = rng.randint(0, w - wide), rng.randint(0, h - high)
    part = photo[y : y + high, x : x + wide]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    way = cv2.INTER_AREA if wide > width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(part), (width, height), interpolation=way), dtype=np.uint8)


def _any_colour(rng: Random) -> tuple[int, int, int]:
    return (rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255))


def _cloud(rng: Random, width: int, height: int) -> Pixels:
    """Soft noise of several grains between two colours."""
    values = np.random.default_rng(rng.randrange(1 << 30))
    total = np.zeros((height, width), np.float32)
    for grain in (3, 8, 24, 64):
        coarse = values.random((max(2, height // grain), max(2, width // grain)), dtype=np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * rng.uniform(0.1, 1.0)
    total = (total - total.min()) / (np.ptp(total) + 1e-6)
    one, two = (np.asarray(_any_colour(rng), np.float32) for _ in range(2))
    return np.asarray(one + (two - one) * total[..., None], dtype=np.uint8)


def _package(rng: Random, width: int, height: int) -> Pixels:
    """A printed package: a ground colour with shade, panels, lines, big and small words."""
    image = Image.new("RGB", (width, height), _any_colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(1, 6)):
        x, y = rng.randint(-width // 4, width), rng.randint(-height // 4, height)
        box = (x, y, x + rng.randint(8, width), y + rng.randint(8, height))
        shape = rng.choice((draw.rectangle, draw.ellipse, draw.rectangle))
        shape(
            box,
            fill=_any_colour(rng) if rng.random() < 0.7 else None,
            outline=_any_colour(rng),
            width=rng.randint(1, 5),
        )
    for _ in range(rng.randint(1, 9)):
        words = _han(rng, 1, 12)
        size = rng.randint(8, max(10, min(width, height) // 4))
        at = (rng.randint(-20, width), rng.randint(-20, height))
        draw.text(at, words, font=font(rng.choice(FONT_NAMES), size), fill=_any_colour(rng))
    shade = np.linspace(rng.uniform(0.6, 1.1), rng.uniform(0.6, 1.1), width, dtype=np.float32)[None, :, None]
    return np.asarray(np.clip(np.asarray(image, np.float32) * shade, 0, 255), dtype=np.uint8)


def _page(rng: Random, width: int, height: int) -> Pixels:
    """Rows of small print on a light ground, as a page of details has."""
    image = Image.new("RGB", (width, height), tuple(rng.randint(215, 255) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    size, y = rng.randint(8, 26), rng.randint(0, 20)
    ink = tuple(rng.randint(0, 90) for _ in range(3))
    while y < height:
        draw.text(
            (rng.randint(0, 30), y),
            _han(rng, 4, max(5, width // size)),
            font=font(rng.choice(FONT_NAMES), size),
            fill=ink,
        )
        y += int(size * rng.uniform(1.2, 2.2))
    return np.asarray(image)


def _stripes(rng: Random, width: int, height: int) -> Pixels:
    """Waves and stripes of two colours."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    a, b, c = rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3), rng.uniform(0.0, 4.0)
    wave = 0.5 + 0.5 * np.sin(a * x + b * y + c * np.sin(x / rng.uniform(10, 80)))
    one, two = (np.asarray(_any_colour(rng), np.float32) for _ in range(2))
    return np.asarray(one + (two - one) * wave[..., None], dtype=np.uint8)
