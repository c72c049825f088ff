"""A night over two workers and its coordinator on a real PostgreSQL; workers are killed at random moments."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError
from gimonitor.model.run import RunState, SliceState
from gimonitor.operations import jobs
from gimonitor.operations.abandoned import close_abandoned
from gimonitor.operations.jobs import (
    SliceWaitsError,
    defer_slices,
    make_tables,
    queued_slices,
    rescue,
    spread,
    work,
    work_slice,
)
from gimonitor.operations.nightly import resume, run_now
from gimonitor.practice import server as practice
from gimonitor.practice.desk import KEY, SECRET
from gimonitor.practice.server import running_practice
from gimonitor.store import runs
from gimonitor.store.database import Store, open_store
from gimonitor.vault import KEY_VARIABLE, write_vault

ROOT = Path(__file__).parents[2]
GAP = 0.04
QUERIES = {
    "practice": [("五常大米",), ("西湖龙井",)],
    "jd_union": [("五常大米", "西湖龙井")],
}
SEED = 20261122


class Machines:
    """Processes as two machines have them: each its own data folder, all one store."""

    def __init__(self, folder: Path, url: str, market: str) -> None:
        self.folder, self.url, self.market = folder, url, market
        self.cache = folder / "cache"
        self.cache.mkdir()
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        data = self.folder / name
        data.mkdir(exist_ok=True)
        if not (data / "cache").exists():
            (data / "cache").symlink_to(self.cache)  # the compiled register, made once
        write_vault(
            data, f'[jd_union]\nkey = "{KEY}"\nsecret = "{SECRET}"\nendpoint = "{self.market}/apis/jd"\n', os.environ
        )  # fmt: skip
        settings = {
            "DATA_DIR": data,
            "DATABASE_URL": self.url,
            "PRACTICE_URL": self.market,
            "SPREAD": "true",
            "LEASE_SECONDS": 60,
            "WORKER_SILENT_SECONDS": 4,
            "DISK_RESERVE_MB": 1,
            "EVIDENCE_URL": f"file://{self.folder / 'shared'}",
        }
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIMONITOR_")}
        environment |= {f"GIMONITOR_{key}": str(value) for key, value in settings.items()}
        environment[KEY_VARIABLE] = os.environ[KEY_VARIABLE]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "gimonitor", *arguments], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        self.started.append(process)
        return process

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))


@pytest.fixture
def machines(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Machines, practice.PracticeServer]]:
    monkeypatch.setattr(practice, "ROBOTS", practice.ROBOTS + f"Crawl-delay: {GAP}\n")
    with running_practice() as market:
        park = Machines(tmp_path, store_url, market.url)
        yield park, market
        for process in park.started:
            process.kill()
            process.wait(10)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def stored(store: Store) -> int:
    with store.read() as c:
        return int(c.execute(text("select count(*) from listings")).scalar_one())


def test_workers_need_postgresql_and_a_night_says_so_before_it_is_begun(sqlite_store: Store, tmp_path: Path) -> None:
    configuration = Configuration(
        data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'store.sqlite'}", spread=True, practice_url="http://x.test", disk_reserve_mb=0
    )  # fmt: skip
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        run_now(configuration, say=print)
    with sqlite_store.read() as c:
        assert runs.latest_runs(c) == ()


def test_the_end_of_a_job_that_could_not_be_noted_is_one_line_and_what_is_ours_stays_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(error: Exception) -> None:
        asyncio.get_running_loop().set_exception_handler(jobs._say_lost)

        async def end() -> None:
            raise error

        asyncio.create_task(end())  # noqa: RUF006 - nobody is to look after it
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.collect()

    asyncio.run(fail(ConnectorException("Job was not found or has an invalid status to retry")))
    assert [(one.levelname, bool(one.exc_info)) for one in caplog.records] == [("WARNING", False)]
    asyncio.run(fail(RuntimeError("ours")))
    assert caplog.records[-1].levelname == "ERROR" and caplog.records[-1].exc_info


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_slice_waits_once_in_the_queue_and_is_left_alone_when_its_run_has_ended(
    store_url: str, tmp_path: Path
) -> None:
    configuration = Configuration(data_dir=tmp_path, database_url=store_url, spread=True)
    make_tables(configuration)
    make_tables(configuration)
    with open_store(store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            runs.plan_slices(c, run_id, [("s", ("a",)), ("s", ("b",))])
            pieces = runs.load_slices(c, run_id)
        assert [asyncio.run(defer_slices(configuration, pieces)) for _ in range(2)] == [2, 0]
        assert asyncio.run(rescue(configuration)) == (0, 0)
        with store.write() as c:
            runs.lease_slice(c, run_id, None, "elsewhere:1", 60, datetime.now(UTC), pieces[0].id)
        with pytest.raises(SliceWaitsError, match="held by another"):
            work_slice(configuration, store, pieces[0].id, lambda: False)
        with store.write() as c:
            runs.finish_run(c, run_id, RunState.INTERRUPTED, "")
        work_slice(configuration, store, pieces[1].id, lambda: False)
        with store.read() as c:
            assert runs.load_slice(c, pieces[1].id).state is SliceState.PENDING


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_the_lease_of_a_dead_process_of_this_machine_is_not_waited_for_and_a_living_ones_is(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "crawl_slice", lambda *_: SliceState.DONE)
    configuration = Configuration(data_dir=tmp_path, database_url=store_url, spread=True)
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    host = socket.gethostname()
    with open_store(store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            runs.plan_slices(c, run_id, [("s", (name,)) for name in "abc"])
            pieces = runs.load_slices(c, run_id)
            owners = (f"{host}:{dead.pid}:1", f"{host}:{os.getppid()}:2", f"{host}:{os.getpid()}:{pieces[2].id}")
            for piece, owner in zip(pieces, owners, strict=True):
                runs.lease_slice(c, run_id, None, owner, 60, datetime.now(UTC), piece.id)
        work_slice(configuration, store, pieces[0].id, lambda: False)
        for piece in pieces[1:]:  # another process that lives, and another thread of this one
            with pytest.raises(SliceWaitsError, match="held by another"):
                work_slice(configuration, store, piece.id, lambda: False)
        with store.read() as c:
            assert runs.load_slice(c, pieces[0].id).attempts == 2


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_job_left_at_work_by_a_killed_worker_holds_no_run_open_and_goes_when_the_next_worker_starts(
    store_url: str, tmp_path: Path
) -> None:
    """The worker died between the slice's end and the job's; nothing else runs."""
    configuration = Configuration(data_dir=tmp_path, database_url=store_url, spread=True, worker_silent_seconds=3600)
    make_tables(configuration)
    with open_store(store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            runs.plan_slices(c, run_id, [("s", ("a",))])
            (piece,) = runs.load_slices(c, run_id)
        asyncio.run(defer_slices(configuration, [piece]))
        with store.write() as c:
            c.execute(text(f"SET LOCAL search_path TO {jobs.SCHEMA}, public"))
            c.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
            c.execute(text("SET LOCAL search_path TO public"))
            runs.lease_slice(c, run_id, None, "gone:1", 60, datetime.now(UTC), piece.id)
        assert close_abandoned(configuration, store, datetime.now(UTC)) == (), "it is taken up again"
        with store.write() as c:
            runs.finish_slice(c, piece.id, "gone:1", SliceState.DONE)
        assert [run.id for run in close_abandoned(configuration, store, datetime.now(UTC))] == [run_id]
    assert queued_slices(configuration) == {piece.id}

    async def work_until_the_queue_is_empty() -> None:
        stop = asyncio.Event()
        worker = asyncio.create_task(work(configuration, stop, stop.is_set, 1))
        async with asyncio.timeout(60):
            while await asyncio.to_thread(queued_slices, configuration):
                await asyncio.sleep(0.05)
        stop.set()
        await worker

    asyncio.run(work_until_the_queue_is_empty())


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_jobs_of_one_slice_keep_neither_the_other_jobs_nor_their_source(
    store_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker died at slice 1 while another job of it waits, and another at slice 2; a living one must try its own again."""
    configuration = Configuration(data_dir=tmp_path, database_url=store_url, spread=True)
    make_tables(configuration)
    with open_store(store_url) as store, store.write() as c:
        run_id = runs.start_run(c, "nightly", {})
        runs.plan_slices(c, run_id, [(source, ("a",)) for source in ("s", "t", "u")])
        pieces = runs.load_slices(c, run_id)

    async def play() -> list[int]:
        app = jobs.make_app(configuration)
        fetch = app.job_manager.fetch_job
        async with app.open_async():
            await defer_slices(configuration, pieces)
            dead, living = [await app.job_manager.register_worker() for _ in range(2)]
            for worker in (dead, dead, living):
                assert await fetch([jobs.TASK], worker)
            assert await defer_slices(configuration, pieces) == 0, "they are at workers"
            for piece in (pieces[0], pieces[2]):  # as they come where two put them at one moment
                job = app.configure_task(jobs.TASK, queue=jobs.TASK, lock=f"source:{piece.source}", queueing_lock=f"slice:{piece.id}")  # fmt: skip
                await job.defer_async(slice_id=piece.id)
            silence = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 day' WHERE id = %(dead)s"
            await app.connector.execute_query_async(silence, dead=dead)
            assert (await rescue(configuration))[0] == 2
            (at_work,) = [job for job in await app.job_manager.list_jobs_async() if job.status == "doing"]
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"  # fmt: skip
            with open_store(store_url) as store, store.write() as c:
                c.execute(text(ended))  # what a restart of the server does to every connection
            await app.job_manager.retry_job(at_work)
            return [job.task_kwargs["slice_id"] for _ in pieces if (job := await fetch([jobs.TASK], living))]

    assert sorted(asyncio.run(play())) == [piece.id for piece in pieces]
    assert "do not answer" not in caplog.text and caplog.text.count("worker has died") == 2


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_run_whose_slices_wait_for_workers_is_not_closed_by_another_night_and_one_that_was_is_not_waited_for(
    store_url: str, tmp_path: Path
) -> None:
    configuration = Configuration(data_dir=tmp_path, database_url=store_url, spread=True)
    make_tables(configuration)
    said: list[str] = []
    with open_store(store_url) as store:
        with store.write() as c:
            lost, waiting = (runs.start_run(c, "nightly", {}) for _ in range(2))
            for run_id in (lost, waiting):
                runs.plan_slices(c, run_id, [("s", ("a",))])
            pieces = runs.load_slices(c, waiting)
        asyncio.run(defer_slices(configuration, pieces))
        closed = close_abandoned(configuration, store, datetime.now(UTC))
        with store.read() as c:
            states = [runs.load_run(c, run_id).state for run_id in (lost, waiting)]
        assert states == [RunState.INTERRUPTED, RunState.RUNNING] and [run.id for run in closed] == [lost]

        def close() -> None:
            with store.write() as c:
                runs.finish_run(c, waiting, RunState.INTERRUPTED, "")

        spread(configuration, store, waiting, said.append, close)


@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_killed_coordinator_and_killed_workers_lose_nothing_and_do_nothing_twice(
    machines: tuple[Machines, practice.PracticeServer], store_url: str
) -> None:
    park, market = machines
    chance, wait = random.Random(SEED), threading.Event()
    configuration = Configuration(data_dir=park.folder, database_url=store_url, spread=True, disk_reserve_mb=0)
    with open_store(store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            runs.plan_slices(c, run_id, [(name, queries) for name, many in QUERIES.items() for queries in many])
            count = len(runs.load_slices(c, run_id))
        make_tables(configuration)

        def until(reached: Callable[[], bool]) -> None:
            for _ in range(600):
                if reached():
                    return
                wait.wait(0.2)
            raise AssertionError(park.logs())

        night = park.start("scheduler", "run", "resume", str(run_id))
        workers = {name: park.start(name, "worker") for name in ("one", "two")}
        until(lambda: len(queued_slices(configuration)) == count)
        kill(night)  # from here on only workers look after workers
        for again, threshold in zip((True, False), sorted(chance.sample(range(3, 30), 2)), strict=True):
            until(lambda least=threshold: stored(store) >= least)  # type: ignore[misc]
            victim = chance.choice(sorted(workers))
            kill(workers.pop(victim))
            if again:
                workers[victim] = park.start(victim, "worker")
        until(lambda: not queued_slices(configuration))
        verdict = resume(configuration, run_id, say=print)
        with store.read() as c:
            slices, coverage = runs.load_slices(c, run_id), runs.load_coverage(c, run_id)
            twice = c.execute(text("select count(*) from (select platform, item_id from listings group by 1, 2 having count(*) > 1) x")).scalar()  # fmt: skip
            versions = c.execute(text("select max(version) from listings where platform = 'practice'")).scalar()
            have = set(c.execute(text("select item_id from listings where platform = 'practice'")).scalars())
            named = {f"warc/{file}" for file in c.execute(text("select distinct file from captures where kind = 'response'")).scalars()}  # fmt: skip
    assert {piece.state for piece in slices} == {SliceState.DONE}, park.logs()
    assert verdict.state in (RunState.OK, RunState.PARTIAL) and not any("slice" in gap for gap in verdict.gaps)
    wanted = {good.id for (query,) in QUERIES["practice"] for good in market.market.catalogue.search(query, 1)[:24]}
    assert have == wanted and not twice and versions == 1
    assert all(r.seen == r.stored + r.unchanged + r.rejected + r.failed and not r.failed for r in coverage)
    assert {(r.source, r.query) for r in coverage} == {(n, q) for n, many in QUERIES.items() for qs in many for q in qs}
    assert "taken up again" in park.logs() and max(piece.attempts for piece in slices) > 1
    times = [at for at, _, _ in market.market.log]
    fast = [
        later - earlier for earlier, later in zip(times, times[20:], strict=False) if later - earlier < 20 * GAP * 0.9
    ]
    assert len(times) > 40 and not fast, fast
    ready = park.logs().count("waiting for slices")
    workers[victim] = park.start(victim, "worker")  # what the dead one sealed is shared once a worker is there again
    until(lambda: park.logs().count("waiting for slices") > ready)
    for worker in workers.values():
        worker.send_signal(signal.SIGTERM)
    assert {worker.wait(20) for worker in workers.values()} == {0}, park.logs()
    sealed = {path.relative_to(park.folder / name).as_posix() for name in ("one", "two") for path in (park.folder / name / "warc").rglob("*.warc.gz")}  # fmt: skip
    there = {p.relative_to(park.folder / "shared").as_posix() for p in (park.folder / "shared" / "warc").rglob("*.warc.gz")}  # fmt: skip
    assert sealed <= there and named and named <= there
    assert not [*park.folder.rglob("*.warc.gz.part")]
