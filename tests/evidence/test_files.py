"""Names that no seller can bend, and files that are whole or absent."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.errors import DiskFullError
from gimonitor.evidence.files import check_room, final_of, owned_part, part_of, publish, safe_name, sweep_parts


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("五常大米 10斤", "五常大米_10斤"),
        ("../../etc/passwd", "etc_passwd"),
        ("..", "_"),
        ("", "_"),
        ("con.txt", "_con.txt"),
        ("=cmd|' /C calc'!A0", "cmd_C_calc_A0"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        (".hidden", "hidden"),
        ("a\x00b\nc", "a_b_c"),
        ("C:\\Windows\\x", "C_Windows_x"),
    ],
)
def test_hostile_names_become_plain(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text())
def test_any_text_gives_one_short_visible_path_part(text: str) -> None:
    name = safe_name(text)
    assert name
    assert len(name.encode()) <= 61
    assert not set(name) & set('/\\:*?"<>|\x00')
    assert not name.startswith(".")
    assert name.isprintable()


def test_publish_renames_a_finished_file(tmp_path) -> None:
    final = tmp_path / "a.zip"
    part_of(final).write_bytes(b"whole")
    publish(part_of(final), final)
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_room_is_checked_before_the_reserve_is_used(tmp_path) -> None:
    check_room(tmp_path, 1, 0)
    with pytest.raises(DiskFullError, match="kept in reserve"):
        check_room(tmp_path, 1, 1 << 62)


def test_what_a_dead_process_left_is_swept_at_once_and_never_what_a_living_one_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        monkeypatch.setattr("gimonitor.evidence.files.os.getpid", lambda: other.pid)
        its = owned_part(tmp_path, "GI-1.zip")
        its.mkdir()
        (its / "half").write_bytes(b"x")
        monkeypatch.undo()
        own = owned_part(tmp_path, ".")
        own.mkdir()
        unknown = tmp_path / "old.part"
        unknown.write_bytes(b"x")
        strange = tmp_path / its.name.replace(str(other.pid), f"{other.pid}0")
        strange.mkdir()
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert sweep_parts(tmp_path) == [strange.name]  # a process that is not there
        assert sweep_parts(tmp_path, tomorrow) == [unknown.name]
        assert its.exists() and own.exists()
        other.kill()
    assert sweep_parts(tmp_path) == [its.name]
    assert own.exists()
    assert final_of(its) == tmp_path / "GI-1.zip"
