"""Made pictures: the same seed gives the same, marks have the size asked for, and small ones are not changed past knowing."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from gimonitor.imaging.made.backdrops import Backdrops
from gimonitor.imaging.made.marks import DRAWERS, palette_of
from gimonitor.imaging.made.scenes import FEW, DrawnArt, Effect, Studio, effects, warped
from gimonitor.imaging.marks import Mark


def test_small_marks_meet_few_effects_and_large_ones_any() -> None:
    rng = Random(1)
    small = [(manner, effects(rng, manner, 40)) for manner in ("plain", "foil") for _ in range(300)]
    assert all(len(happening) + (manner != "plain") <= FEW for manner, happening in small)
    assert {effect for _, happening in small for effect in happening} == set(Effect)
    assert max(len(effects(rng, "foil", 200)) for _ in range(300)) > FEW


@pytest.mark.parametrize("mark", [Mark.GI_2019, Mark.AQSIQ])
def test_a_mark_is_as_long_as_asked_however_it_is_turned(mark: Mark) -> None:
    art = DRAWERS[mark](None).coloured(palette_of(mark))
    for seed in range(12):
        piece = warped(art, Random(seed), 48, frozenset({Effect.TURNED, Effect.TILTED}))
        rows, columns = (np.flatnonzero((piece[..., 3] > 40).any(axis=axis)) for axis in (1, 0))
        assert 40 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 62


@pytest.mark.parametrize("mark", list(Mark))
def test_one_ink_does_not_swallow_its_words(mark: Mark) -> None:
    layers = DRAWERS[mark](None)
    for seed in range(6):
        cover = layers.coloured(palette_of(mark, Random(seed), (20, 20, 20, 255)))[..., 3] > 128
        edges = np.count_nonzero(cover[:, 1:] != cover[:, :-1])
        assert edges > 13 * cover.shape[0]  # words, lines and ears: many edges in each row of pixels


def test_the_same_seed_gives_the_same_picture() -> None:
    studio = Studio(DrawnArt(3, 1), Backdrops(), seals=4)
    one, other = (studio.scene(Random("same"), (200, 200), (40, 90)) for _ in range(2))
    assert np.array_equal(one.pixels, other.pixels)
    assert one.truths == other.truths
