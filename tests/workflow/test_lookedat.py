"""The record of the doctor's last look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gimonitor.workflow.lookedat import NAME, Look, Matter, is_late, last_look, nights_missed, note_look

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def test_a_look_is_kept_and_the_next_takes_its_place(tmp_path: Path) -> None:
    assert last_look(tmp_path) is None
    look = Look(at=NOW, matters=(Matter(name="磁盘", urgent=True, said="剩余 0.1 GB", todo="扩容"),))
    note_look(tmp_path, look)
    assert last_look(tmp_path) == look
    note_look(tmp_path, Look(at=NOW + timedelta(days=1), matters=()))
    assert last_look(tmp_path) == Look(at=NOW + timedelta(days=1), matters=())
    (tmp_path / NAME).write_text('{"at": "2026', encoding="utf-8")
    assert last_look(tmp_path) is None


def test_nights_that_were_missed() -> None:
    assert nights_missed(NOW - timedelta(hours=26), NOW) == 0 and not is_late(NOW - timedelta(hours=26), NOW)
    assert nights_missed(NOW - timedelta(hours=27), NOW) == 1
    assert nights_missed(NOW - timedelta(days=5, hours=1), NOW) == 5
