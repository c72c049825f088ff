"""Official files are installed with their source; drawings of our own stand in for them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gimonitor.errors import InputError
from gimonitor.imaging.made.marks import DRAWERS, drawing
from gimonitor.imaging.marks import Mark
from gimonitor.imaging.references import DRAWINGS, chosen, install, installed, load_references, mark_named, remove

SOURCE = "国家知识产权局公告第332号附件"


@pytest.fixture
def official(tmp_path: Path) -> Path:
    path = tmp_path / "mark.png"
    Image.fromarray(DRAWERS[Mark.GI_2019](None).coloured([(200, 30, 40, 255), (230, 190, 90, 255)])).save(path)
    return path


def add(folder: Path, file: Path, mark: Mark = Mark.GI_2019, source: str = SOURCE):  # type: ignore[no-untyped-def]
    return install(folder, mark, file, source=source, who="王明", at="2026-11-22T01:00:00+00:00")


def test_every_mark_has_a_drawing_of_ours_and_it_is_what_the_code_draws() -> None:
    assert {path.stem for path in DRAWINGS.glob("*.png")} == set(Mark)
    for mark in Mark:
        kept = np.asarray(Image.open(DRAWINGS / f"{mark}.png").convert("RGBA"), np.float32)
        assert np.abs(kept - drawing(mark).astype(np.float32)).mean() < 6


def test_without_official_files_the_drawings_are_the_references(tmp_path: Path) -> None:
    references = load_references(tmp_path)
    assert {r.mark for r in references} == set(Mark)
    assert not any(r.official for r in references)
    assert all(len(r.points) > 50 for r in references)


def test_an_official_file_is_kept_with_source_person_time_and_digest(tmp_path: Path, official: Path) -> None:
    record = add(tmp_path / "signs", official)
    assert record.sha256 == hashlib.sha256(official.read_bytes()).hexdigest()
    assert installed(tmp_path / "signs") == (record,)
    assert (record.source, record.who, record.name) == (SOURCE, "王明", "mark.png")
    first = load_references(tmp_path / "signs")[0]
    assert (first.mark, first.official) == (Mark.GI_2019, True)


def test_the_same_file_again_changes_nothing(tmp_path: Path, official: Path) -> None:
    first = add(tmp_path / "signs", official)
    again = install(
        tmp_path / "signs", Mark.GI_2019, official, source="other", who="other", at="2027-01-01T00:00:00+00:00"
    )
    assert again == first
    assert len(list((tmp_path / "signs").glob("*/*"))) == 2


def test_an_installed_file_is_chosen_by_the_first_characters_of_its_digest(tmp_path: Path, official: Path) -> None:
    digest = add(tmp_path / "signs", official).sha256
    with pytest.raises(InputError, match=r"^abc: give 6 characters or more"):
        chosen(tmp_path / "signs", Mark.GI_2019, "abc")
    with pytest.raises(InputError, match="no installed file of agi-mark begins so"):
        chosen(tmp_path / "signs", Mark.AGI, digest)
    (tmp_path / "signs" / Mark.GI_2019 / f"{digest[:8]}.png").write_bytes(b"")
    with pytest.raises(InputError, match="2 installed files of gi-special-mark begin so; give more"):
        chosen(tmp_path / "signs", Mark.GI_2019, digest[:8])
    remove(chosen(tmp_path / "signs", Mark.GI_2019, digest.upper()))
    assert installed(tmp_path / "signs") == ()


@pytest.mark.parametrize("source", ["", "  "])
def test_no_source_no_reference(tmp_path: Path, official: Path, source: str) -> None:
    with pytest.raises(InputError, match="where the official file is from"):
        add(tmp_path / "signs", official, source=source)
    assert not (tmp_path / "signs").exists()


def test_what_is_no_picture_or_too_small_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"PK\x03\x04")
    Image.new("RGB", (30, 30)).save(tmp_path / "b.png")
    with pytest.raises(InputError, match="ZIP"):
        add(tmp_path / "signs", tmp_path / "a.png")
    with pytest.raises(InputError, match="too small"):
        add(tmp_path / "signs", tmp_path / "b.png")


def test_a_picture_that_shows_nothing_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), "white").save(tmp_path / "blank.png")
    with pytest.raises(InputError, match=r"blank\.png: the picture shows nothing"):
        add(tmp_path / "signs", tmp_path / "blank.png")
    assert not (tmp_path / "signs").exists()


def test_nobody_installs_nothing(tmp_path: Path, official: Path) -> None:
    with pytest.raises(InputError, match="who installs"):
        install(tmp_path / "signs", Mark.GI_2019, official, source=SOURCE, who=" ", at="2026-11-22T01:00:00+00:00")


@pytest.mark.parametrize("damage", ["blank", "cut off"])
def test_an_installed_file_that_cannot_be_used_is_passed_over_with_a_warning(
    tmp_path: Path, official: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    add(tmp_path / "signs", official)
    place = tmp_path / "signs" / Mark.GI_2019
    if damage == "blank":
        Image.new("RGB", (300, 300), "white").save(place / "b.png")
    else:
        (place / "b.png").write_bytes(official.read_bytes()[:200])
    references = load_references(tmp_path / "signs")
    assert [r.mark for r in references if r.official] == [Mark.GI_2019] * 2
    assert "b.png cannot be used" in caplog.text


def test_an_unknown_mark_is_told_the_known_ones() -> None:
    with pytest.raises(InputError, match="gi-special-mark, old-pgi-mark"):
        mark_named("gi")
    assert mark_named("agi-mark") is Mark.AGI


def test_a_damaged_record_is_named(tmp_path: Path, official: Path) -> None:
    add(tmp_path / "signs", official)
    (path,) = (tmp_path / "signs").glob("*/*.json")
    path.write_text("{")
    with pytest.raises(InputError, match="damaged"):
        installed(tmp_path / "signs")
