"""The real marks where `../shared/data/gi_marks` lies: test input, read there, never copied into the project.

Training sees those of `TRAINED` in memory; `HELD_OUT` is measured only. There is one file each of the abolished marks, so
for these the measure shows other scenes, inks and warps of an artwork that training knew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from random import Random

import cv2
import numpy as np

from gimonitor.imaging.decode import Pixels, read_picture
from gimonitor.imaging.marks import Mark

SHARED = Path(os.environ.get("GIMONITOR_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
TRAINED = {
    "gi2019_official_690x767.jpeg": Mark.GI_2019,
    "old_aqsiq_pgi_mark_120x88.png": Mark.AQSIQ,
    "old_saic_gi_mark_200x200.jpg": Mark.SAIC,
}
HELD_OUT = {"gi2019_announcement332_307x254.png": Mark.GI_2019}
REAL = TRAINED | HELD_OUT


def files(names: Mapping[str, Mark]) -> list[tuple[Path, Mark]]:
    """Those of `names` that are here."""
    return [
        (SHARED / "gi_marks" / name, mark) for name, mark in names.items() if (SHARED / "gi_marks" / name).is_file()
    ]


_DARKNESS = {Mark.AQSIQ: (1.0, 0.0, 0.0)}  # red, green, blue: its words stay apart from green and orange in red only


class RealArt:
    """The real marks, cut from their white ground, in slightly scattered colours or in one ink."""

    def __init__(self, names: Mapping[str, Mark]) -> None:
        self._kept: dict[Mark, list[Pixels]] = {}
        for path, mark in files(names):
            self._kept.setdefault(mark, []).append(_cut_out(read_picture(path).pixels, mark))

    @property
    def marks(self) -> frozenset[Mark]:
        """The marks that are here."""
        return frozenset(self._kept)

    def __call__(self, mark: Mark, rng: Random) -> Pixels:
        """RGBA."""
        art = rng.choice(self._kept[mark]).copy()
        shift = np.asarray([rng.gauss(0, 8) for _ in range(3)])
        art[..., :3] = np.clip(art[..., :3] + shift, 0, 255).astype(np.uint8)
        return art

    def inked(self, mark: Mark, rng: Random, ink: tuple[int, int, int]) -> Pixels:
        """RGBA in one ink that covers what is dark; the lighter parts, as a yellow rim under black words, in part or not."""
        art = rng.choice(self._kept[mark]).astype(np.float32)
        dark = 255 - art[..., :3] @ _DARKNESS.get(mark, (0.3, 0.59, 0.11))
        least = rng.uniform(40, 90)
        cover = np.clip((dark - least) * 4, 0, 255) * art[..., 3] / 255
        return np.dstack([np.broadcast_to(np.asarray(ink), (*cover.shape, 3)), cover]).astype(np.uint8)


def _cut_out(pixels: Pixels, mark: Mark) -> Pixels:
    if mark is Mark.AQSIQ:  # its scan has a yellow ground: the ellipse itself is the edge
        height, width = pixels.shape[:2]
        cover = np.zeros((height, width), np.uint8)
        cv2.ellipse(cover, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 255, -1)
        return np.dstack([pixels, cover])
    near_white = (pixels.min(axis=-1) > 225).astype(np.uint8)
    count, labels = cv2.connectedComponents(near_white)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    outside = np.isin(labels, edge[edge > 0]) if count else np.zeros(labels.shape, bool)
    rows, columns = np.flatnonzero((~outside).any(axis=1)), np.flatnonzero((~outside).any(axis=0))
    part = np.dstack([pixels, np.where(outside, 0, 255).astype(np.uint8)])
    return np.ascontiguousarray(part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
