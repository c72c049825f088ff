"""The scout: what it proposes, and that a second look at a place settles where the mark is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Mark
from gimonitor.imaging.scout import LARGE, proposals, settled


def sheet(side: int) -> tuple[Pixels, tuple[int, int, int, int]]:
    """The mark of 2019 on paper, and its box."""
    art = Image.fromarray(drawing(Mark.GI_2019))
    art.thumbnail((side, side))
    paper = Image.new("RGB", (500, 460), (240, 236, 226))
    paper.paste(art, (150, 120), art)
    return np.asarray(paper), (150, 120, art.width, art.height)


def fit(place: tuple[float, ...], box: tuple[int, ...]) -> float:
    """Intersection over union."""
    wide = min(place[0] + place[2], box[0] + box[2]) - max(place[0], box[0])
    high = min(place[1] + place[3], box[1] + box[3]) - max(place[1], box[1])
    both = max(0.0, wide) * max(0.0, high)
    return both / (place[2] * place[3] + box[2] * box[3] - both)


@pytest.mark.parametrize("side", [60, 200])
def test_a_place_that_is_off_is_settled(side: int) -> None:
    pixels, box = sheet(side)
    off = (box[0] + 0.15 * side, box[1] - 0.1 * side, box[2] * 0.85, box[3] * 0.8)
    assert fit(off, box) < 0.65
    assert fit(settled(pixels, off), box) > 0.75


def test_a_place_at_the_edge_of_a_small_picture_is_looked_at() -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (40, 70, 3), dtype=np.uint8)
    assert all(np.isfinite(settled(pixels, (-10.0, 20.0, 40.0, 40.0))))


def test_proposals_are_few_and_the_strong_ones_stand_first() -> None:
    pixels, box = sheet(200)
    found = proposals(pixels)
    assert 1 <= len(found) <= 20
    assert fit(found[0].box, box) > 0.5
    faint = [p for p in found if p.logit <= 0]
    assert all(max(p.box[2:]) >= LARGE for p in faint)
    assert found[len(found) - len(faint) :] == faint
