"""What goes wrong under a night is said in the digest, and nothing that was accepted is lost."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from gimonitor.cli.main import run as run_command
from gimonitor.configuration import Configuration
from gimonitor.crawling.hosts import Pace
from gimonitor.crawling.keys import Budget
from gimonitor.crawling.records import StoreRecords
from gimonitor.crawling.turns import NotAskedError, TurnBook
from gimonitor.errors import DiskFullError, StoreUnreachableError
from gimonitor.logs import keep_troubles
from gimonitor.model.run import Coverage, RunState
from gimonitor.operations import nightly, schedule
from gimonitor.operations.digest import make_digest
from gimonitor.operations.schedule import NIGHTLY, _trigger, slot_of
from gimonitor.store import database, runs
from gimonitor.store.database import Store, open_store

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path) -> Configuration:
    """An installation with a night behind it."""
    with sqlite_store.write() as c:
        run_id = runs.start_run(c, "nightly", {}, slot="nightly:2026-11-23", now=NOW - timedelta(hours=5))
        runs.save_coverage(
            c, Coverage(run_id=run_id, source="s", query="q", pages_asked=1, pages_answered=1, seen=1, stored=1, at=NOW - timedelta(hours=4))
        )  # fmt: skip
        runs.finish_run(c, run_id, RunState.OK, "", NOW - timedelta(hours=4))
    return Configuration(
        data_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'store.sqlite'}",
        chromium="/bin/true",
        disk_reserve_mb=1,
    )


def test_a_clock_that_was_set_back_is_said(house: Configuration) -> None:
    assert "时钟曾被拨动" not in make_digest(house, NOW).text
    digest = make_digest(house, NOW - timedelta(days=2))
    assert "时钟曾被拨动" in digest.text and digest.wrong


def test_a_clock_that_was_set_forward_is_said_as_nights_that_lack(house: Configuration) -> None:
    digest = make_digest(house, NOW + timedelta(days=3))
    assert "昨夜没有采集" in digest.text and digest.wrong


def test_a_clock_set_back_over_a_night_does_not_run_it_twice(house: Configuration) -> None:
    assert slot_of(NOW) == "nightly:2026-11-23" == slot_of(NOW - timedelta(hours=6))
    assert nightly.was_finished(house, slot_of(NOW - timedelta(hours=6)))


@pytest.fixture
def paris() -> Iterator[None]:
    """The machine's own zone is another one, with summer time."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Paris"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)])
def test_summer_time_of_a_foreign_zone_moves_no_night(paris: None, day: datetime, tmp_path: Path) -> None:
    trigger = _trigger(Configuration(data_dir=tmp_path, nightly_at="02:30"), NIGHTLY)
    due = [trigger.get_next_fire_time(None, day)]
    for _ in range(3):
        due.append(trigger.get_next_fire_time(due[-1], due[-1]))
    assert {later - earlier for earlier, later in pairwise(due)} == {timedelta(days=1)}
    assert len({slot_of(moment) for moment in due}) == 4


def test_a_full_disk_stops_a_night_before_it_asks_and_is_said(house: Configuration) -> None:
    full = house.model_copy(update={"disk_reserve_mb": 10**9, "practice_url": "http://127.0.0.1:1"})
    with pytest.raises(DiskFullError, match="reserve"):
        nightly.run_now(full, say=print)
    digest = make_digest(full, NOW)
    assert "采集会停止" in digest.text and digest.wrong


def test_a_browser_that_is_gone_is_said(house: Configuration) -> None:
    digest = make_digest(house.model_copy(update={"chromium": "/nowhere/chromium"}), NOW)
    assert "安装 Chromium" in digest.text and digest.wrong


def test_a_night_whose_process_died_is_said_and_can_be_gone_on_with(house: Configuration) -> None:
    with open_store(house.store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {}, now=NOW - timedelta(hours=1))
            runs.plan_slices(c, run_id, [("practice", ("五常大米",))])
            runs.lease_slice(c, run_id, None, "elsewhere:1", 7200, NOW)
        assert "没有进程在采" not in make_digest(house, NOW).text, "another machine holds it"
        digest = make_digest(house, NOW + timedelta(hours=3))
    assert f"gimonitor run resume {run_id}" in digest.text and digest.wrong


def test_a_store_locked_for_longer_than_it_is_waited_for_ends_a_night_and_loses_nothing(
    house: Configuration, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(house.store_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreUnreachableError, match="locked"):
            nightly.run_now(house.model_copy(update={"practice_url": "http://127.0.0.1:1"}), say=print)
        assert [r.message for r in caplog.records].count("the store is locked by another writer, waiting") == 1
        assert "采到 1 件" in make_digest(house, NOW).text, "readers are not kept waiting"
    finally:
        holder.close()
    with open_store(house.store_url) as store, store.read() as c:
        assert [run.state for run in runs.latest_runs(c)] == [RunState.OK]


@pytest.fixture
def kept(house: Configuration, monkeypatch: pytest.MonkeyPatch) -> Iterator[Configuration]:
    """Trouble is kept, as in every process of ours."""
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(house.data_dir))
    before = {name: list(logging.getLogger(name).handlers) for name in ("gimonitor", "pipelines")}
    keep_troubles()
    yield house
    for name, handlers in before.items():
        logging.getLogger(name).handlers = handlers


def test_a_lock_that_was_waited_out_is_said_in_the_morning(
    kept: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    now = datetime.now(UTC)
    assert "长时间占用" not in make_digest(kept, now).text
    holder = sqlite3.connect(kept.store_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    freed = threading.Timer(0.1, holder.rollback)
    freed.start()
    with open_store(kept.store_url) as store, store.write() as c:
        runs.start_run(c, "practice", {})
    freed.join()
    holder.close()
    digest = make_digest(kept, now)
    assert "数据库被另一写入者长时间占用 1 次" in digest.text and "waited out" in digest.text and digest.wrong
    assert "长时间占用" not in make_digest(kept, now + timedelta(days=2)).text, "told once, not for ever"


def test_a_store_that_was_gone_and_came_back_is_said_in_the_morning(kept: Configuration) -> None:
    answers = iter((True, False))

    def work(_: object) -> None:
        if next(answers):
            raise StoreUnreachableError("terminating connection due to administrator command")

    with open_store(kept.store_url) as store:
        store.attempt(work, sleep=lambda seconds: None)
    digest = make_digest(kept, datetime.now(UTC))
    assert "数据库没有应答 1 次" in digest.text and "administrator command" in digest.text and digest.wrong


def test_a_disk_that_was_full_in_the_night_is_said_in_the_morning(
    kept: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command ends with 8; by the morning there is room again."""
    for name, value in {
        "DISK_RESERVE_MB": "999999999",
        "DATABASE_URL": kept.store_url,
        "PRACTICE_URL": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(f"GIMONITOR_{name}", value)
    monkeypatch.setattr(sys, "argv", ["gimonitor", "run", "nightly"])
    with pytest.raises(SystemExit) as ended:
        run_command()
    assert ended.value.code == DiskFullError.exit_code
    digest = make_digest(kept, datetime.now(UTC))
    assert "磁盘空间不足 1 次" in digest.text and "reserve" in digest.text and digest.wrong


def test_a_clock_that_was_moved_and_put_right_again_is_said_in_the_morning(kept: Configuration) -> None:
    schedule._watch_clock((1000.0, 50.0), (1300.0, 350.0))
    assert "系统时钟被拨动" not in make_digest(kept, datetime.now(UTC)).text
    schedule._watch_clock((1000.0, 50.0), (1300.0 - 7200, 350.0))
    digest = make_digest(kept, datetime.now(UTC))
    assert "系统时钟被拨动 1 次" in digest.text and "-120 minutes" in digest.text and digest.wrong


def test_a_step_of_the_night_that_failed_is_said_in_the_morning(kept: Configuration) -> None:
    """Chromium gone in the night and back by the morning: the capture's alarm stands in the digest."""
    ended = schedule.Ended(code=7, said="gimonitor: no Chromium found")
    schedule._tell(kept, "nightly:2026-11-23 evidence capture --new ", ended)
    now = datetime.now(UTC)
    digest = make_digest(kept, now)
    assert "evidence capture --new 以 7 结束" in digest.text and digest.wrong
    assert "以 7 结束" not in make_digest(kept, now + timedelta(days=2)).text


def test_a_server_that_does_not_answer_is_said(house: Configuration) -> None:
    gone = house.model_copy(update={"database_url": "postgresql+psycopg://x@127.0.0.1:1/x"})
    digest = make_digest(gone, NOW)
    assert "数据库不能读取" in digest.text and digest.wrong


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_machines_share_turns_and_budgets_and_a_restart_of_the_server_forgets_none(store_url: str) -> None:
    """Two machines ask one site in turn; between, the server ends every connection, as it does when it is restarted."""
    with open_store(store_url) as first, open_store(store_url) as second:
        one, two = (TurnBook(StoreRecords(store, "turns")) for store in (first, second))
        pace = Pace(delay=5, daily_pages=4)
        assert [one.take("a.test", pace, 0, NOW), two.take("a.test", pace, 0, NOW)] == [0, 5]
        with first.read() as c:
            c.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"))  # fmt: skip
        assert [two.take("a.test", pace, 0, NOW), one.take("a.test", pace, 0, NOW)] == [10, 15]
        with pytest.raises(NotAskedError, match="used up"):
            two.take("a.test", pace, 0, NOW)
        assert two.pages("a.test", NOW) == 4
        day = NOW.date()
        budgets = [Budget(StoreRecords(store, "budgets"), "x", 3) for store in (first, second)]
        assert [budgets[n % 2].spend(day) for n in range(4)] == [True, True, True, False]
