"""`gimonitor signs`: JSON for each picture, bad files named and the rest done, official files installed and listed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from gimonitor.cli.signs import app
from gimonitor.errors import InputError, PartialError
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Mark


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path / "data"))


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "包装.png"
    sheet = Image.new("RGB", (420, 420), (240, 236, 228))
    mark = Image.fromarray(drawing(Mark.GI_2019)).resize((180, 180))
    sheet.paste(mark, (110, 90), mark)
    sheet.save(path)
    return path


def test_a_line_of_json_for_each_picture_and_the_bad_one_named(tmp_path: Path, picture: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"PK\x03\x04")
    folder, pipe = tmp_path / "folder.jpg", tmp_path / "pipe.jpg"
    folder.mkdir()
    os.mkfifo(pipe)
    done = invoke("find", "--on", "2026-11-22", str(folder), str(pipe), str(picture), str(bad))
    assert isinstance(done.exception, PartialError)
    no_file, no_end, good, refused = (json.loads(line) for line in done.stdout.splitlines())
    assert no_file["error"] == f"{folder}: a folder, not a picture"
    assert no_end["error"] == f"{pipe}: a pipe or a device, not a picture"
    assert good["file"] == str(picture)
    assert [mark["mark"] for mark in good["marks"]] == ["gi-special-mark"]
    assert set(good["marks"][0]) >= {"mark", "box", "outline", "confidence", "similar"}
    assert set(good) >= {"texts", "said", "codes", "verdict", "faults", "sha256"}
    assert refused == {"file": str(bad), "error": f"{bad}: not a picture but a ZIP file"}


def test_an_official_file_is_installed_and_listed(picture: Path) -> None:
    assert "gi-special-mark  our own drawing only" in invoke("list").output
    done = invoke("add", "gi-special-mark", str(picture), "--source", "公告第332号", "--who", "王明")
    assert done.exit_code == 0, done.output
    listed = invoke("list").output
    assert "包装.png  from 公告第332号  by 王明" in listed
    assert "old-pgi-mark  our own drawing only" in listed


def test_a_mark_nobody_knows(picture: Path) -> None:
    done = invoke("add", "star", str(picture), "--source", "s", "--who", "w")
    assert isinstance(done.exception, InputError)
    assert "gi-special-mark" in str(done.exception)


def test_the_same_file_again_is_already_installed(picture: Path) -> None:
    invoke("add", "gi-special-mark", str(picture), "--source", "公告第332号", "--who", "王明")
    again = invoke("add", "gi-special-mark", str(picture), "--source", "other", "--who", "other")
    assert again.exit_code == 0
    assert "already installed as 包装.png, from 公告第332号 by 王明" in again.output
    assert "other" not in invoke("list").output


@pytest.mark.parametrize(
    ("shows", "said"),
    [(Mark.GI_2019, "sees gi-special-mark in it, not old-pgi-mark"), (None, "sees no mark in it, not old-pgi-mark")],
)
def test_a_file_of_another_mark_or_of_none_is_not_installed_unless_said_so(
    tmp_path: Path, picture: Path, shows: Mark | None, said: str
) -> None:
    if shows is None:
        sheet = Image.new("RGB", (200, 200), "white")
        sheet.paste((200, 30, 40), (60, 60, 140, 140))
        sheet.save(picture)
    given = ("add", "old-pgi-mark", str(picture), "--source", "s", "--who", "w")
    refused = invoke(*given)
    assert isinstance(refused.exception, InputError)
    assert said in str(refused.exception)
    assert "--yes" in str(refused.exception)
    assert "old-pgi-mark  our own drawing only" in invoke("list").output
    assert " installed, SHA-256 " in invoke(*given, "--yes").output


def test_a_photo_of_a_package_is_no_official_file(picture: Path) -> None:
    mark = Image.open(picture).convert("RGB")
    mark.thumbnail((200, 200))
    sheet = Image.new("RGB", (800, 800), (235, 225, 200))
    sheet.paste(mark, (300, 300))
    sheet.save(picture)
    refused = invoke("add", "gi-special-mark", str(picture), "--source", "s", "--who", "w")
    assert "cut it out" in str(refused.exception)


def test_an_official_file_is_removed_only_when_said_so(tmp_path: Path, picture: Path) -> None:
    record = invoke("add", "gi-special-mark", str(picture), "--source", "s", "--who", "w").output
    digest = record.split()[-1]
    assert "nothing was removed" in invoke("remove", "gi-special-mark", digest[:8]).output
    assert digest in invoke("list").output
    assert "give 6 characters or more" in str(invoke("remove", "gi-special-mark", digest[:4]).exception)
    assert "no installed file of gi-special-mark" in str(invoke("remove", "gi-special-mark", "no such").exception)
    assert isinstance(invoke("remove", "agi-mark", digest).exception, InputError)
    assert invoke("remove", "gi-special-mark", digest[:8], "--yes").output.count("removed  ") == 2
    assert digest not in invoke("list").output


def test_a_dry_run_says_what_would_be_looked_at(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "gimonitor.sqlite")
    result = invoke("run", "--dry-run")
    assert result.output == "0 of 0 waiting pictures would be looked at; 0 seen, 0 refused so far\n"
