"""The nightly job: durable, made up once after a power cut, not doubled."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
from apscheduler.schedulers.background import BackgroundScheduler

from gimonitor.configuration import Configuration
from gimonitor.errors import ConflictError
from gimonitor.model.run import RunState
from gimonitor.operations import schedule
from gimonitor.operations.nightly import was_finished
from gimonitor.store import runs
from gimonitor.store.database import migrate_store, open_store

BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    made = Configuration(data_dir=tmp_path, nightly_at="01:30")
    migrate_store(made.store_url)
    return made


@pytest.fixture
def started() -> Iterator[list[BackgroundScheduler]]:
    schedulers: list[BackgroundScheduler] = []
    yield schedulers
    for scheduler in schedulers:
        if scheduler.running:
            scheduler.shutdown(wait=True)


def in_beijing(due: datetime) -> tuple[int, int]:
    there = due.astimezone(BEIJING)
    return there.hour, there.minute


def test_the_job_is_due_at_the_set_time_in_beijing_and_follows_a_new_one(
    configuration: Configuration, started: list[BackgroundScheduler]
) -> None:
    assert in_beijing(schedule.next_run(configuration)) == (1, 30)
    started.append(schedule.start_scheduler(configuration))
    started[0].shutdown()
    assert in_beijing(schedule.standing_job(configuration).next_run_time) == (1, 30)
    later = configuration.model_copy(update={"nightly_at": "03:05"})
    assert in_beijing(schedule.next_run(later)) == (3, 5)
    started.append(schedule.start_scheduler(later))
    assert in_beijing(schedule.standing_job(later).next_run_time) == (3, 5)


def test_a_night_missed_while_the_machine_was_off_is_made_up_once(
    configuration: Configuration, started: list[BackgroundScheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = schedule.start_scheduler(configuration)
    started.append(first)
    first.shutdown()
    missed = datetime.now(BEIJING) - timedelta(days=2, hours=3)
    _set_due(configuration, missed)
    assert schedule.next_run(configuration) == missed

    commands: list[list[str]] = []
    ended = threading.Event()

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(schedule.subprocess, "run", run)
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    monkeypatch.setattr(BackgroundScheduler, "start", _listening(BackgroundScheduler.start, ended))
    after = schedule.start_scheduler(configuration)
    started.append(after)
    assert ended.wait(20)
    after.shutdown(wait=True)
    assert [command[-4:-1] for command in commands] == [["run", "nightly", "--slot"]]
    assert commands[0][-1] == schedule.slot_of(datetime.now(BEIJING))
    assert schedule.next_run(configuration) > datetime.now(BEIJING)


def _listening(start: Callable[..., None], ended: threading.Event) -> Callable[..., None]:
    def begin(scheduler: BackgroundScheduler, *arguments: object, **named: object) -> None:
        scheduler.add_listener(lambda _: ended.set(), EVENT_JOB_EXECUTED | EVENT_JOB_MISSED | EVENT_JOB_ERROR)
        start(scheduler, *arguments, **named)

    return begin


def _set_due(configuration: Configuration, due: datetime) -> None:
    """Turn the clock of the kept job back, as time does for a machine that is off."""
    store = schedule._job_store(configuration)
    store.start(BackgroundScheduler(timezone=BEIJING), "default")
    job = store.lookup_job(schedule.JOB_ID)
    job._modify(next_run_time=due)
    store.update_job(job)
    store.shutdown()


def test_a_night_is_named_by_its_date_in_beijing() -> None:
    assert schedule.slot_of(datetime.fromisoformat("2026-11-21T17:30:00+00:00")) == "nightly:2026-11-22"
    assert schedule.slot_of(datetime.fromisoformat("2026-11-22T15:59:00+00:00")) == "nightly:2026-11-22"


def test_a_slot_is_run_once_and_an_open_one_says_how_to_go_on(configuration: Configuration) -> None:
    slot = "nightly:2026-11-22"
    assert not was_finished(configuration, slot)
    with open_store(configuration.store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {}, slot=slot)
        with pytest.raises(ConflictError, match=f"resume {run_id}"):
            was_finished(configuration, slot)
        with pytest.raises(ConflictError), store.write() as c:
            runs.start_run(c, "nightly", {}, slot=slot)
        with store.write() as c:
            runs.finish_run(c, run_id, RunState.OK, "")
    assert was_finished(configuration, slot)
