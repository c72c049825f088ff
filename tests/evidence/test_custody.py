"""The custody log is a chain: edits, deletions and insertions show, torn ends are mended in the open."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gimonitor.errors import TamperedError
from gimonitor.evidence.custody import BEGINNING, CustodyLog

AT = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "custody.jsonl"
    log = CustodyLog(path)
    for number in range(5):
        log.append("officer", "captured", f"证据/{number}", sha256="ab" * 32)
    return path


def test_chain_is_whole_and_its_head_is_known(path: Path) -> None:
    log = CustodyLog(path)
    entries = list(log.entries())
    assert [e.number for e in entries] == [1, 2, 3, 4, 5]
    assert entries[0].previous == BEGINNING
    assert log.head() == (5, entries[-1].digest)
    assert log.first_broken() is None
    times = [entry.at for entry in entries]
    assert times == sorted(times), "each bears the time of its writing"


def test_every_kind_of_edit_is_named_by_its_entry(path: Path) -> None:
    good = path.read_text().splitlines()
    log = CustodyLog(path)
    for number in range(5):
        for name in json.loads(good[number]):
            entry = json.loads(good[number])
            entry[name] = 99 if name == "number" else entry[name] + "x"
            path.write_text("\n".join([*good[:number], json.dumps(entry), *good[number + 1 :], ""]))
            assert log.first_broken() == number + 1, name
    path.write_text("\n".join([*good[:2], *good[3:], ""]))
    assert log.first_broken() == 3
    path.write_text("\n".join([*good[:2], good[1], *good[2:], ""]))
    assert log.first_broken() == 3
    path.write_text("\n".join([*good[:2], "not json", *good[2:], ""]))
    assert log.first_broken() == 3


def test_rewritten_chain_differs_from_the_head_that_was_told(path: Path) -> None:
    before = CustodyLog(path).head()
    path.unlink()
    log = CustodyLog(path)
    for number in range(5):
        log.append("officer", "captured", f"证据/{number + 1}", sha256="ab" * 32)
    assert log.first_broken() is None
    assert log.head() != before


def test_torn_last_line_is_cut_and_the_cut_is_an_entry(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"number": 6, "at"')
    log = CustodyLog(path)
    assert log.append("officer", "packed", "p.zip").number == 7
    assert [e.action for e in log.entries()][-2:] == ["mended", "packed"]
    assert log.first_broken() is None


def test_nothing_is_added_to_a_changed_end(path: Path) -> None:
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:-1], lines[-1].replace("officer", "nobody"), ""]))
    with pytest.raises(TamperedError, match="entry 5"):
        CustodyLog(path).append("officer", "packed", "p.zip")


def _append_many(path: str, who: str) -> None:
    for number in range(40):
        CustodyLog(Path(path)).append(who, "captured", f"{who}/{number}" + "长" * 900)


def test_processes_append_without_losing_or_tearing(tmp_path) -> None:
    path = tmp_path / "custody.jsonl"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append_many, args=(str(path), f"w{n}")) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert CustodyLog(path).head()[0] == 120
    assert CustodyLog(path).first_broken() is None


def test_odd_text_is_taken(tmp_path) -> None:
    log = CustodyLog(tmp_path / "c.jsonl")
    log.append("a\ud800\nb", "captured", "x\u2028y")
    log.append("c", "captured", "z")
    assert log.first_broken() is None
