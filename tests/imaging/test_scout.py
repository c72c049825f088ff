"""The scout: what it proposes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Mark
from gimonitor.imaging.scout import LARGE, proposals


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


def test_a_mark_that_fills_a_picture_is_proposed_where_it_is() -> None:
    pixels, (x, y, wide, high) = sheet(320)
    close = np.ascontiguousarray(pixels[y - 8 : y + high + 8, x - 8 : x + wide + 8])
    assert max(fit(one.box, (8, 8, wide, high)) for one in proposals(close)) > 0.6


def test_proposals_are_few_and_the_strong_ones_stand_first() -> None:
    pixels, box = sheet(200)
    found = proposals(pixels)
    assert 1 <= len(found) <= 20
    assert fit(found[0].box, box) > 0.5
    faint = [p for p in found if p.logit <= 0]
    assert all(max(p.box[2:]) >= LARGE for p in faint)
    assert found[len(found) - len(faint) :] == faint
