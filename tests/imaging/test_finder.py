"""The finder on made pictures: which mark, where, how sure; other seals are left alone; references give the outline."""

from __future__ import annotations

from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from PIL import Image

from gimonitor.imaging import finder
from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.finder import SURE, calibrated, find_marks
from gimonitor.imaging.made.ink import Canvas
from gimonitor.imaging.made.marks import DRAWERS, drawing, palette_of
from gimonitor.imaging.made.seals import SEALS
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.references import install, load_references


def shown(
    art: Pixels, side: int = 140, ground: tuple[int, int, int] = (236, 232, 222), turn: float = 0
) -> tuple[Pixels, Box]:
    """Art on a plain sheet of 500 × 500, and its box."""
    image = Image.fromarray(art)
    image.thumbnail((side, side))
    image = image.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC)
    sheet = Image.new("RGB", (500, 500), ground)
    sheet.paste(image, (190, 160), image)
    return np.asarray(sheet), Box(x=190, y=160, width=image.width, height=image.height)


def sure(pixels: Pixels) -> list[FoundMark]:
    return [mark for mark in find_marks(pixels, load_references()) if not mark.similar]


@pytest.mark.parametrize("mark", list(Mark))
@pytest.mark.parametrize("side", [48, 140, 250])
def test_each_mark_is_found_where_it_is(mark: Mark, side: int) -> None:
    pixels, box = shown(drawing(mark), side)
    (found,) = sure(pixels)
    assert found.mark is mark
    assert found.box.overlap(box) > 0.5
    assert found.box.around(found.outline) == found.box, "the box holds the outline"
    assert calibrated(SURE) <= found.confidence <= 1
    assert len(found.outline) >= 8


@pytest.mark.parametrize("turn", [-25, 90, 180])
def test_a_turned_mark_is_found(turn: float) -> None:
    pixels, _ = shown(drawing(Mark.GI_2019), 160, turn=turn)
    assert [found.mark for found in sure(pixels)] == [Mark.GI_2019]


@pytest.mark.parametrize("ink", [(20, 20, 20), (205, 165, 80)], ids=["black", "gold"])
def test_a_mark_in_one_ink_is_found(ink: tuple[int, int, int]) -> None:
    layers = DRAWERS[Mark.GI_2019](None)
    pixels, _ = shown(layers.coloured(palette_of(Mark.GI_2019, None, (*ink, 255))), 160)
    assert [found.mark for found in sure(pixels)] == [Mark.GI_2019]


@pytest.mark.parametrize("side", [130, 250])
@pytest.mark.parametrize(("words", "similar"), [("万里长城旅游纪念协会", True), ("中华人民共和国地理标志", False)])
def test_with_other_words_in_its_ring_it_is_similar_at_most(
    side: int, words: str, similar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Canvas.arc_text

    def other(c: Canvas, said: str, *how: object) -> None:
        written(c, said if said.isascii() else words, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(Canvas, "arc_text", other)
    pixels, _ = shown(DRAWERS[Mark.GI_2019](None).coloured(palette_of(Mark.GI_2019)), side)
    (found,) = find_marks(pixels, load_references())
    assert found.similar is similar
    assert (found.confidence < calibrated(SURE)) is similar


@pytest.mark.parametrize("seal", sorted(set(SEALS), key=lambda f: f.__name__), ids=lambda f: f.__name__)
def test_other_seals_are_left_alone(seal) -> None:  # type: ignore[no-untyped-def]
    for seed in range(3):
        pixels, _ = shown(seal(Random(seed)), 150)
        assert sure(pixels) == []


def test_nothing_in_nothing() -> None:
    for value in (0, 128, 255):
        assert find_marks(np.full((300, 400, 3), value, np.uint8)) == ()


@pytest.mark.parametrize("shape", [(16, 16), (17, 900), (900, 17), (41, 43)])
def test_pictures_of_any_shape_are_looked_at(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)
    assert all(mark.similar for mark in find_marks(noise))


def test_the_same_picture_gives_the_same_answer() -> None:
    pixels, _ = shown(drawing(Mark.SAIC), 100)
    assert find_marks(pixels, load_references()) == find_marks(pixels, load_references())


def test_a_reference_gives_the_outline_of_a_tilted_mark() -> None:
    pixels, box = shown(drawing(Mark.GI_2019), 256, ground=(255, 255, 255))
    corners = np.float32([(0, 0), (500, 0), (500, 500), (0, 500)])
    tilted = np.float32([(40, 30), (470, 0), (500, 500), (0, 440)])
    matrix = cv2.getPerspectiveTransform(corners, tilted)
    seen = np.asarray(cv2.warpPerspective(pixels, matrix, (500, 500), borderValue=(255, 255, 255)), dtype=np.uint8)
    (found,) = sure(seen)
    assert found.verified >= 10
    true = cv2.perspectiveTransform(np.float32([[(box.x + box.width / 2, box.y + box.height / 2)]]), matrix)[0][
        0
    ]  # the middle of the mark
    middle = np.mean(found.outline, axis=0)
    assert np.abs(middle - true).max() < 12


def test_an_official_file_makes_a_doubtful_mark_sure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    art = DRAWERS[Mark.GI_2019](Random(5)).coloured(palette_of(Mark.GI_2019))
    Image.fromarray(art).save(tmp_path / "official.png")
    official = tmp_path / "signs"
    install(official, Mark.GI_2019, tmp_path / "official.png", source="s", who="w", at="2026-11-22T01:00:00+00:00")
    pixels, _ = shown(art, 90)
    monkeypatch.setattr(finder, "SURE", 99.0)  # whatever the judge says, it leaves a doubt
    assert all(found.similar for found in find_marks(pixels))
    (found,) = [found for found in find_marks(pixels, load_references(official)) if not found.similar]
    assert found.mark is Mark.GI_2019
    assert found.verified >= 10


def test_confidence_rises_with_the_evidence() -> None:
    values = [finder.calibrated(evidence) for evidence in np.linspace(-5, 15, 60)]
    assert values == sorted(values)
    assert 0 <= values[0] < 0.1
    assert 0.95 < values[-1] <= 1
