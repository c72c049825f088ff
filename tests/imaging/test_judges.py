"""What the judge sees, and what is said where its file is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gimonitor.errors import ConfigurationError
from gimonitor.imaging import judges


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
