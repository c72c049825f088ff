"""The nightly job: durable, made up once after a power cut, not doubled."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
from apscheduler.schedulers.background import BackgroundScheduler
from click.testing import CliRunner

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import BlockedError, ConflictError, PartialError
from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.model.zone import BEIJING
from gimonitor.operations import schedule
from gimonitor.operations.nightly import was_finished
from gimonitor.store import runs
from gimonitor.store.database import migrate_store, open_store


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


def test_each_job_is_due_at_its_own_time(configuration: Configuration, started: list[BackgroundScheduler]) -> None:
    started.append(schedule.start_scheduler(configuration))
    assert in_beijing(schedule.next_run(configuration, schedule.NIGHTLY)) == (1, 30)
    assert in_beijing(schedule.next_run(configuration, schedule.MORNING)) == (7, 0)


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

    ended = threading.Event()
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    monkeypatch.setattr(BackgroundScheduler, "start", _listening(BackgroundScheduler.start, ended))
    after = schedule.start_scheduler(configuration)
    started.append(after)
    assert ended.wait(60)
    after.shutdown(wait=True)
    # nothing is set up, so the run ends with 2: told at once, and once
    alarms = (configuration.data_dir / "digests/alarms.txt").read_text(encoding="utf-8")
    assert alarms.count(f"{schedule.slot_of(datetime.now(BEIJING))} 夜间采集以 2 结束") == 1
    assert schedule.next_run(configuration) > datetime.now(BEIJING)


def test_the_morning_digest_is_made_once_however_many_schedulers_there_are(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    schedule.morning()
    day = datetime.now(BEIJING).date()
    digest = configuration.data_dir / "digests" / f"{day}.txt"
    assert "没有采集不等于市场上没有问题" in digest.read_text(encoding="utf-8")
    digest.unlink()
    schedule.morning()
    assert not digest.exists()
    with open_store(configuration.store_url) as store, store.read() as c:
        run = runs.find_run(c, f"digest:{day}")
    assert run is not None
    assert run.state is RunState.OK


def test_the_morning_digest_is_made_where_the_store_is_gone(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    asked: list[list[str]] = []

    def pretend(_configuration: Configuration, arguments: list[str], _seconds: float) -> schedule.Ended:
        asked.append(arguments)
        return schedule.Ended(code=0, said="")

    monkeypatch.setattr(schedule, "_in_process", pretend)
    (configuration.data_dir / "gimonitor.sqlite").unlink()
    schedule.morning()
    assert asked == [["digest"]]


def test_what_follows_a_night_goes_on_past_a_step_that_fails_and_says_so(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    asked: list[str] = []

    def pretend(_configuration: Configuration, arguments: list[str], _seconds: float) -> schedule.Ended:
        asked.append(" ".join(arguments[:2]))
        return schedule.Ended(code={"signs run": 8, "run nightly": 5}.get(asked[-1], 0), said="")

    monkeypatch.setattr(schedule, "_in_process", pretend)
    schedule.nightly()
    steps = ["rescreen", "run pictures", "signs run", "evidence capture", "leads recheck"]
    assert asked == ["run nightly", "share pull", *steps, "share push"]
    alarms = (configuration.data_dir / "digests/alarms.txt").read_text(encoding="utf-8")
    assert "signs run 以 8 结束" in alarms
    assert alarms.count("结束") == 1


@pytest.mark.parametrize("step", schedule.AFTER, ids=" ".join)
def test_every_step_after_a_night_is_a_command_with_these_arguments(step: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*step, "--help"])
    assert done.exit_code == 0, done.output


def test_a_run_is_stopped_when_its_hours_are_over(configuration: Configuration) -> None:
    ended = schedule._in_process(configuration, ["practice", "serve", "--port", "0"], 1)
    assert "stopped after" in ended.said


def _listening(start: Callable[..., None], ended: threading.Event) -> Callable[..., None]:
    def begin(scheduler: BackgroundScheduler, *arguments: object, **named: object) -> None:
        scheduler.add_listener(lambda _: ended.set(), EVENT_JOB_EXECUTED | EVENT_JOB_MISSED | EVENT_JOB_ERROR)
        start(scheduler, *arguments, **named)

    return begin


def _set_due(configuration: Configuration, due: datetime) -> None:
    """Turn the clock of the kept job back, as time does for a machine that is off."""
    store = schedule._job_store(configuration)
    store.start(BackgroundScheduler(timezone=BEIJING), "default")
    job = store.lookup_job(schedule.NIGHTLY.id)
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


def test_a_night_that_another_scheduler_runs_is_no_alarm(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    slot, asked = schedule.slot_of(datetime.now(BEIJING)), []

    def lose(_configuration: Configuration, arguments: list[str], _seconds: float) -> schedule.Ended:
        asked.append(arguments)  # the other was first within the moment
        with open_store(configuration.store_url) as store, store.write() as c:
            runs.start_run(c, "nightly", {runs.RUNNER: f"elsewhere:{os.getpid()}:x"}, slot=slot)
        return schedule.Ended(code=ConflictError.exit_code, said="has its run already", pid=-1)

    monkeypatch.setattr(schedule, "_in_process", lose)
    schedule.nightly()
    schedule.nightly()  # and one that comes later does not even try
    assert asked == [["run", "nightly", "--slot", slot]]
    assert not (configuration.data_dir / "digests/alarms.txt").exists()


def test_a_store_that_fails_under_our_own_night_is_an_alarm(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    slot = schedule.slot_of(datetime.now(BEIJING))

    def fail(_configuration: Configuration, _arguments: list[str], _seconds: float) -> schedule.Ended:
        with open_store(configuration.store_url) as store, store.write() as c:
            runs.start_run(c, "nightly", {runs.RUNNER: "here:77:x"}, slot=slot)
        return schedule.Ended(code=6, said="the store is gone", pid=77)

    monkeypatch.setattr(schedule, "_in_process", fail)
    schedule.nightly()
    assert "the store is gone" in (configuration.data_dir / "digests/alarms.txt").read_text(encoding="utf-8")


def test_a_night_that_was_killed_is_taken_up_once_within_its_hours(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    asked: list[str] = []

    def die(_configuration: Configuration, arguments: list[str], _seconds: float) -> schedule.Ended:
        asked.append(" ".join(arguments[:2]))
        if asked[-1] == "run nightly":
            with open_store(configuration.store_url) as store, store.write() as c:
                runs.start_run(c, "nightly", {}, slot=arguments[-1])
        return schedule.Ended(code=-9 if arguments[0] == "run" else 0, said="")

    monkeypatch.setattr(schedule, "_in_process", die)
    schedule.nightly()
    schedule.take_up()
    assert asked == ["run nightly", "run resume"]
    alarms = (configuration.data_dir / "digests/alarms.txt").read_text(encoding="utf-8")
    assert "续采一次" in alarms and alarms.count("以 -9 结束") == 1


def test_a_night_that_collected_nothing_is_told_at_once_and_is_no_clean_market(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))

    def find_nothing(_configuration: Configuration, arguments: list[str], _seconds: float) -> schedule.Ended:
        if arguments[:2] != ["run", "nightly"]:
            return schedule.Ended(code=0, said="")
        with open_store(configuration.store_url) as store, store.write() as c:
            run_id = runs.start_run(c, "nightly", {}, slot=arguments[-1])
            runs.finish_run(c, run_id, RunState.FAILED, "gap\nnothing was seen at all")
        return schedule.Ended(code=PartialError.exit_code, said="run 1: failed")

    monkeypatch.setattr(schedule, "_in_process", find_nothing)
    schedule.nightly()
    alarms = (configuration.data_dir / "digests/alarms.txt").read_text(encoding="utf-8")
    assert alarms.count("夜间采集失败，没有可用的商品") == 1 and "采到 0 件" in alarms


def test_the_alarm_of_a_refused_night_gives_the_sum_first_and_each_kind_of_gap_once(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    queries = tuple(f"名{number}" for number in range(40))

    def refuse(_configuration: Configuration, arguments: list[str], _seconds: float) -> schedule.Ended:
        with open_store(configuration.store_url) as store, store.write() as c:
            night = {"practice": {"queries": 40, "pages": 40, "left": {}}}
            run_id = runs.start_run(c, "nightly", {"night": night}, slot=arguments[-1])
            runs.plan_slices(c, run_id, [("practice", queries)])
            for query in queries:
                detail = f"forbidden: http://127.0.0.1/s?q={quote(query)}"
                refused = Coverage(run_id=run_id, source="practice", query=query, pages_asked=1, blocked=BlockKind.FORBIDDEN, detail=detail)  # fmt: skip
                runs.save_coverage(c, refused)
            runs.finish_run(c, run_id, RunState.BLOCKED, "")
        return schedule.Ended(code=BlockedError.exit_code, said="gap: x\n" * 400)

    monkeypatch.setattr(schedule, "_in_process", refuse)
    schedule.nightly()
    head, ran, plan, *rest = (configuration.data_dir / "digests/alarms.txt").read_text(encoding="utf-8").splitlines()
    assert head.endswith("夜间采集被拒绝，没有可用的商品：") and "检索 40 个，采到 0 件" in ran
    assert plan == "计划 practice：检索 40 个，已答 0 个；被拒 40 个"
    assert next(line for line in rest if "缺口" in line).startswith(
        "缺口 practice：拒绝访问，40 个检索（名0、名1、名10等）"
    )
    assert len(rest) < 6 and "%E5" not in "".join(rest)


def test_the_last_words_of_a_process_are_whole_lines() -> None:
    said = "\n".join([*(f"gap: {number}" for number in range(99)), "", "gimonitor: " + "长" * 500, "plan: 0 of 9"])
    lines = schedule._last_words(said).splitlines()
    assert (len(lines), lines[-1], lines[0]) == (schedule.SAID, "plan: 0 of 9", f"gap: {99 - schedule.SAID + 2}")
    assert lines[-2].endswith("长…")


@pytest.mark.parametrize(("spread", "taken"), [(True, ["run resume"]), (False, [])])
def test_a_night_whose_own_process_died_is_taken_up_beside_its_workers(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, spread: bool, taken: list[str]
) -> None:
    asked: list[str] = []

    def note(_configuration: Configuration, arguments: list[str], _seconds: float) -> schedule.Ended:
        asked.append(" ".join(arguments[:2]))
        return schedule.Ended(code=2, said="")

    monkeypatch.setattr(schedule, "load_configuration", lambda: configuration.model_copy(update={"spread": spread}))
    monkeypatch.setattr(schedule, "close_abandoned", lambda *_: ())  # workers are at its slices
    monkeypatch.setattr(schedule, "_in_process", note)
    with open_store(configuration.store_url) as store, store.write() as c:
        runs.start_run(c, "nightly", {runs.RUNNER: f"{socket.gethostname()}:1:gone"}, slot="nightly:x")
    schedule.take_up()
    schedule.take_up()
    assert asked == taken


def test_how_a_command_ended_is_no_error_by_itself(
    configuration: Configuration, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        ended = schedule._in_process(configuration, ["run", "no-such"], 60)
    assert ended.code == 2
    assert {record.levelname for record in caplog.records if record.name == schedule.__name__} == {"INFO"}


def test_a_night_whose_hours_are_over_is_not_taken_up(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    monkeypatch.setattr(schedule, "_in_process", lambda *_: pytest.fail("nothing is to be started"))
    begun = datetime.now(BEIJING) - timedelta(hours=configuration.night_hours, minutes=1)
    with open_store(configuration.store_url) as store, store.write() as c:
        run_id = runs.start_run(c, "nightly", {}, slot="nightly:x", now=begun)
    schedule.take_up()
    with open_store(configuration.store_url) as store, store.read() as c:
        assert runs.load_run(c, run_id).state is RunState.INTERRUPTED


def test_a_stopped_scheduler_stops_its_night_in_order(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command's own process: SIGTERM to it alone, as from systemd, while a source keeps its night waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = os.environ | {
            "GIMONITOR_DATA_DIR": str(configuration.data_dir),
            "GIMONITOR_PRACTICE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "GIMONITOR_NIGHTLY_AT": "01:30",
            "GIMONITOR_DISK_RESERVE_MB": "0",
        }
        slot = schedule.slot_of(datetime.now(BEIJING))
        with open_store(configuration.store_url) as store:
            with store.write() as c:
                run_id = runs.start_run(c, "nightly", {}, slot=slot)
                runs.plan_slices(c, run_id, [("practice", ("五常大米",))])
            command = [sys.executable, "-P", "-m", "gimonitor", "schedule"]
            with subprocess.Popen(command, env=environment, cwd=configuration.data_dir) as process:
                try:
                    silent.settimeout(60)
                    silent.accept()[0].close()  # the run was taken up, and its crawl asks
                    silent.close()
                    process.send_signal(signal.SIGTERM)
                    assert process.wait(60) == 0
                finally:
                    process.kill()
            with store.read() as c:
                assert runs.load_run(c, run_id).state is RunState.INTERRUPTED
                assert not runs.holders(c, run_id, datetime.now(BEIJING))
    assert not (configuration.data_dir / "digests/alarms.txt").exists()
