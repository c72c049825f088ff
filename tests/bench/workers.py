"""Two workers against one: the slices of a night as jobs on one PostgreSQL, two sources, crawled from the practice marketplace.

Run: python tests/bench/workers.py [--url URL] [--slices N] [--rounds N]. URL is of an empty PostgreSQL database; without it the
tests' own server is started. A first night, not measured, stores every listing, so that each night after it does the same
work. The marketplace is asked without a pause: what is compared is processor time on two cores, the pace of real sites hides
nothing. A night's time runs from its first job to its last; each number of workers counts with its fastest night. The
marketplace and PostgreSQL take their share of the same cores, and so does anything else that runs: the load is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.fernet import Fernet

from gimonitor.configuration import Configuration
from gimonitor.model.run import RunState, SliceState
from gimonitor.operations.jobs import defer_slices, make_tables, queued_slices, rescue
from gimonitor.practice.desk import KEY, SECRET
from gimonitor.practice.server import running_practice
from gimonitor.store import runs
from gimonitor.store.database import Store, migrate_store, open_store
from gimonitor.vault import KEY_VARIABLE, write_vault

sys.path.append(str(Path(__file__).parents[1]))  # where the tests start their PostgreSQL
from conftest import _server_programs, _start_server, _wait_for_server

SOURCES = {"jd_union": "jd", "pdd_ddk": "pdd"}  # of each one slice at a time, so two workers have both at work
QUERIES = ("五常大米", "西湖龙井", "新会陈皮", "库尔勒香梨")
SLICES, ROUNDS, BAR = 4, 2, 1.6
PATIENCE = 900.0


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """URL of an empty database on a server that ends with the block."""
    programs = _server_programs()
    if programs is None:
        raise SystemExit("no PostgreSQL server here: install postgresql, or name a database by --url")
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    account: dict[str, object] = {}
    if os.getuid() == 0:  # the server refuses to be root
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
    url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
    server = _start_server(programs, folder, account)
    try:
        _wait_for_server(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def start_worker(folder: Path, number: int, settings: dict[str, str], market: str) -> subprocess.Popen[bytes]:
    """A worker as on a machine of its own: its own data folder, and the keys in it."""
    data = folder / f"machine-{number}"
    data.mkdir(exist_ok=True)
    key = f'key = "{KEY}"\nsecret = "{SECRET}"\nextra = {{pid = "2"}}\n'
    pages = [f'[{source}]\n{key}endpoint = "{market}/apis/{api}"\n' for source, api in SOURCES.items()]
    write_vault(data, "".join(pages), settings)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIMONITOR_")}
    environment |= settings | {"GIMONITOR_DATA_DIR": str(data)}
    with (folder / f"worker-{number}.log").open("ab") as log:
        command = [sys.executable, "-P", "-m", "gimonitor", "worker"]
        return subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)


def wait(reached: Callable[[], bool], folder: Path) -> None:
    """Look ten times a second; ends the bench with the workers' last words when it takes too long."""
    ends = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > ends:
            raise SystemExit("\n".join(log.read_text()[-2000:] for log in sorted(folder.glob("*.log"))))
        time.sleep(0.1)


def night(folder: Path, store: Store, settings: dict[str, str], market: str, workers: int, pieces: int) -> float:
    """Seconds from the first job of a night to its last, by so many workers that wait already when it begins."""
    configuration = Configuration(data_dir=folder, database_url=settings["GIMONITOR_DATABASE_URL"], spread=True)
    with store.write() as c:
        run_id = runs.start_run(c, "nightly", {})
        planned = [(name, (*QUERIES, f"没有这种东西{n}")) for n in range(pieces) for name in SOURCES]
        runs.plan_slices(c, run_id, planned)
        slices = runs.load_slices(c, run_id)
    started = [start_worker(folder, number, settings, market) for number in range(workers)]
    try:
        wait(lambda: asyncio.run(rescue(configuration))[1] == workers, folder)
        began = time.perf_counter()
        asyncio.run(defer_slices(configuration, slices))
        wait(lambda: not queued_slices(configuration), folder)
        taken = time.perf_counter() - began
    finally:
        for worker in started:
            worker.send_signal(signal.SIGTERM)
        for worker in started:
            worker.wait(60)
    with store.write() as c:
        states = {piece.state for piece in runs.load_slices(c, run_id)}
        seen = [record.seen for record in runs.load_coverage(c, run_id) if record.query in QUERIES]
        runs.finish_run(c, run_id, RunState.OK, "")
    if states != {SliceState.DONE} or not seen or not all(seen):
        raise SystemExit(f"the night was not whole: {states}, seen {seen}")
    return taken


def measure(url: str, folder: Path, pieces: int, rounds: int) -> dict[int, list[float]]:
    """Seconds of each night by the number of workers, in turn."""
    settings = {
        "GIMONITOR_DATABASE_URL": url,
        "GIMONITOR_SPREAD": "true",
        "GIMONITOR_DISK_RESERVE_MB": "0",
        KEY_VARIABLE: Fernet.generate_key().decode(),
    }
    migrate_store(url)
    make_tables(Configuration(data_dir=folder, database_url=url, spread=True))
    times: dict[int, list[float]] = {1: [], 2: []}
    with running_practice() as market, open_store(url) as store:
        night(folder, store, settings, market.url, 2, 1)
        for _ in range(rounds):
            for workers, found in times.items():
                found.append(night(folder, store, settings, market.url, workers, pieces))
    return times


def main(arguments: list[str]) -> int:
    """Exit code 1 when the bar was missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--slices", type=int, default=SLICES, help="of each of the two sources")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        url = given.url or stack.enter_context(postgres())
        times = measure(url, Path(name), given.slices, given.rounds)
    one, two = min(times[1]), min(times[2])
    sys.stdout.write(
        f"workers: a night of {given.slices * len(SOURCES)} slices, {one:.1f} s by one worker, {two:.1f} s by two, of one: "
        f"{one / two:.2f} (bar >= {BAR}) {'ok' if one / two >= BAR else 'MISSED'}, load {os.getloadavg()[0]:.1f} "
        f"on {os.cpu_count()} cores\n"
    )
    return 0 if one / two >= BAR else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
