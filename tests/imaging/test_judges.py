"""What the judge sees, and what is said where its file is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gimonitor.errors import ConfigurationError
from gimonitor.imaging import judges
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Box, Mark


def disc(side: int, at: tuple[float, float], radius: float) -> np.ndarray:
    """A white disc on black."""
    y, x = np.mgrid[0:side, 0:side]
    shown = (x - at[0]) ** 2 + (y - at[1]) ** 2 <= radius**2
    return np.where(shown[..., None], 255, 0).astype(np.uint8).repeat(3, axis=-1)


@pytest.mark.parametrize("look", (*judges._SECOND, (1.3, 2.6, 0.0, 0.0)), ids=str)
@pytest.mark.parametrize("side", [30, 200])
def test_a_look_shows_the_place_in_the_middle_whatever_its_turn(look: tuple[float, ...], side: int) -> None:
    pixels = disc(400, (150, 250), side / 2)
    seen = judges._near(pixels, (150 - side / 2, 250 - side / 2, side, side)).seen(look)
    assert seen.shape == (64, 64, 3)
    rows, columns = np.nonzero(seen[..., 0] > 128)
    room, _, right, down = look
    assert abs(columns.mean() - 31.5 + 64 * right) < 2.5
    assert abs(rows.mean() - 31.5 + 64 * down) < 2.5
    assert abs(np.ptp(rows) + 1 - 64 / room) < 4


def test_a_look_over_the_edge_of_the_picture() -> None:
    assert judges._near(disc(40, (0, 0), 30), (-20, -20, 40, 40)).seen(judges._SECOND[0]).shape == (64, 64, 3)


@pytest.mark.parametrize("side", [60, 200])
def test_a_place_that_is_off_is_told_better_and_better(side: int) -> None:
    art = Image.fromarray(drawing(Mark.GI_2019))
    art.thumbnail((side, side))
    paper = Image.new("RGB", (500, 460), (240, 236, 226))
    paper.paste(art, (150, 120), art)
    box = Box(x=150, y=120, width=art.width, height=art.height)

    def fit(place: judges.Place) -> float:
        x, y, wide, high = (round(v) for v in place)
        return Box(x=x, y=y, width=wide, height=high).overlap(box)

    off = (box.x + 0.15 * side, box.y - 0.1 * side, box.width * 0.85, box.height * 0.8)
    (once,) = judges.first_look(np.asarray(paper), [off])
    (twice,) = judges.first_look(np.asarray(paper), [once.place])
    assert fit(off) < 0.65 < fit(once.place)
    assert fit(twice.place) > 0.75
    assert judges.named(twice.logits)[0] == 1


def test_a_place_at_the_edge_of_a_small_picture_is_looked_at() -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (40, 70, 3), dtype=np.uint8)
    (seen,) = judges.first_look(pixels, [(-10.0, 20.0, 40.0, 40.0)])
    assert np.isfinite(seen.place).all()
    assert judges.first_look(pixels, []) == []


def test_a_missing_network_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges, "WEIGHTS", tmp_path)
    judges._judge.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match=r"judge\.onnx cannot be loaded"):
            judges._judge()
        (tmp_path / "judge.onnx").write_bytes(b"none")
        with pytest.raises(ConfigurationError, match=r"judge\.onnx cannot be loaded"):
            judges._judge()
    finally:
        judges._judge.cache_clear()
