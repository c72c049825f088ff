"""A night over two workers and its coordinator on a real PostgreSQL; workers are killed at random moments."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError
from gimonitor.model.run import RunState, SliceState
from gimonitor.operations.jobs import SliceWaitsError, defer_slices, make_tables, rescue, work_slice
from gimonitor.operations.nightly import run_now
from gimonitor.practice import server as practice
from gimonitor.practice.desk import KEY, SECRET
from gimonitor.practice.server import running_practice
from gimonitor.store import runs
from gimonitor.store.database import Store, open_store
from gimonitor.vault import KEY_VARIABLE, write_vault

ROOT = Path(__file__).parents[2]
GAP = 0.04
QUERIES = {
    "practice": [("五常大米",), ("西湖龙井",), ("新会陈皮",)],
    "jd_union": [("五常大米", "西湖龙井")],
}
SEED = 20261122


class Machines:
    """Processes as two machines have them: each its own data folder, all one store."""

    def __init__(self, folder: Path, url: str, market: str) -> None:
        self.folder, self.url, self.market = folder, url, market
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        data = self.folder / name
        data.mkdir(exist_ok=True)
        write_vault(
            data, f'[jd_union]\nkey = "{KEY}"\nsecret = "{SECRET}"\nendpoint = "{self.market}/apis/jd"\n', os.environ
        )  # fmt: skip
        settings = {
            "DATA_DIR": data,
            "DATABASE_URL": self.url,
            "PRACTICE_URL": self.market,
            "SPREAD": "true",
            "LEASE_SECONDS": 60,
            "WORKER_SILENT_SECONDS": 5,
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
@pytest.mark.timeout(400)
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_killed_workers_lose_nothing_and_do_nothing_twice(
    machines: tuple[Machines, practice.PracticeServer], store_url: str
) -> None:
    park, market = machines
    chance, wait = random.Random(SEED), threading.Event()
    with open_store(store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            runs.plan_slices(c, run_id, [(name, queries) for name, many in QUERIES.items() for queries in many])
        night = park.start("scheduler", "run", "resume", str(run_id))
        workers = [park.start(name, "worker") for name in ("one", "two")]
        for threshold in sorted(chance.sample(range(5, 50), 2)):
            while stored(store) < threshold and night.poll() is None:
                wait.wait(0.1)
            assert night.poll() is None, park.logs()
            victim = chance.randrange(2)
            workers[victim].send_signal(signal.SIGKILL)
            workers[victim].wait(10)
            workers[victim] = park.start(("one", "two")[victim], "worker")
        code = night.wait(250)
        with store.read() as c:
            slices, coverage = runs.load_slices(c, run_id), runs.load_coverage(c, run_id)
            twice = c.execute(text("select count(*) from (select platform, item_id from listings group by 1, 2 having count(*) > 1) x")).scalar()  # fmt: skip
            versions = c.execute(text("select max(version) from listings where platform = 'practice'")).scalar()
            have = set(c.execute(text("select item_id from listings where platform = 'practice'")).scalars())
    assert code in (0, 5), park.logs()
    assert {piece.state for piece in slices} == {SliceState.DONE}, park.logs()
    wanted = {good.id for (query,) in QUERIES["practice"] for good in market.market.catalogue.search(query, 1)[:24]}
    assert have == wanted and not twice and versions == 1
    assert all(r.seen == r.stored + r.unchanged + r.rejected + r.failed and not r.failed for r in coverage)
    assert {(r.source, r.query) for r in coverage} == {(n, q) for n, many in QUERIES.items() for qs in many for q in qs}
    assert "taken up again" in park.logs() or max(piece.attempts for piece in slices) > 1
    times = [at for at, _, _ in market.market.log]
    fast = [
        later - earlier for earlier, later in zip(times, times[20:], strict=False) if later - earlier < 20 * GAP * 0.9
    ]
    assert len(times) > 60 and not fast, fast
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(20) for worker in workers] == [0, 0], park.logs()
    sealed = {path.relative_to(park.folder / name).as_posix() for name in ("one", "two") for path in (park.folder / name / "warc").rglob("*.warc.gz")}  # fmt: skip
    assert sealed <= {p.relative_to(park.folder / "shared").as_posix() for p in (park.folder / "shared" / "warc").rglob("*.warc.gz")}  # fmt: skip
