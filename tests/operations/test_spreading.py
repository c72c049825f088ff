"""A re-screening spread over workers on a real PostgreSQL ends as one in a single process does, killed workers or not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from gimonitor.cli.rescreen import app
from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError, PartialError
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import Certainty, Fact, Register
from gimonitor.model.run import RunState, Slice, SliceState
from gimonitor.operations import partitions
from gimonitor.operations.erasure import Erasure, Seller, erase
from gimonitor.operations.partitions import export_partition, remove_partitions, screen_partition
from gimonitor.operations.spreading import spread_rescreening
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs, tables
from gimonitor.store.database import Store, open_store
from gimonitor.store.registers import remember_register
from gimonitor.workflow import rescreen_plan, rescreening
from gimonitor.workflow.intake import take_in
from gimonitor.workflow.rescreen_plan import plan_rescreen
from gimonitor.workflow.rescreening import Begun, Progress, begin, index_listings, rescreen

ROOT = Path(__file__).parents[2]
NIGHT = datetime(2026, 3, 1, 18, 0, 0, 123456, tzinfo=UTC)
RICE = "hlj-wuchang-dami"
TITLES = ("五常大米 10斤 安徽直发", "卷尺 5米", "连衣裙", "伍常大米 10斤", "wuchang大米 5kg")
COUNT, SLICE, BATCH = 150, 25, 10
NO_TIMES = {"id", "run_id", "created_at", "updated_at", "lead_id", "listing_id", "shop_id"}
WAIT = threading.Event()


@pytest.fixture(scope="module")
def registers() -> tuple[Register, Register]:
    """As it was, and with another name for the rice and one taken away: some leads come, some go, some change."""
    whole = load_register()
    rice = whole.gi(RICE)
    named = Fact(value="卷尺", certainty=Certainty.FOUND, source="x")
    old = replace(whole, gis=(rice,), users=(), digest="a" * 64, _by_id={})
    other = replace(rice, aliases=(named,), name="五常香米", core="", near=())
    return old, replace(old, gis=(other,), digest="b" * 64, _by_id={})


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescreen_plan, "SLICE", SLICE)


@pytest.fixture
def single(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store for the single process that the others are held against."""
    path = tmp_path / "single.sqlite"
    shutil.copyfile(sqlite_template, path)
    with open_store(f"sqlite:///{path}") as opened:
        yield opened


def fill(store: Store, register: Register) -> None:
    with store.write() as c:
        remember_register(c, register)
    offers = [
        Listing(
            platform="practice",
            item_id=str(i),
            title=f"{TITLES[i % len(TITLES)]} {i}",
            description="产地直发、颗粒饱满。" * (1 + i % 9),
            shop=Shop(name=f"店{i}", shop_id=str(i)),
            price_fen=None if i % 7 == 0 else 1990 + i,
            sales=None if i % 5 == 0 else i,
            observed_at=NIGHT,
        )
        for i in range(COUNT)
    ]
    take_in(store, Screener(register), [(one, None) for one in offers], None, NIGHT.date())
    index_listings(store, lambda done: None)


def rows_of(store: Store) -> dict[str, list[str]]:
    """All that a re-screening writes, without numbers and times that tell only who came first."""
    item = tables.listings.c.item_id.label("item")
    joined = {
        "listings": tables.listings,
        "screenings": tables.screenings.join(tables.listings),
        "findings": tables.findings.join(tables.listings, tables.listings.c.id == tables.findings.c.listing_id),
        "clearings": tables.clearings.join(tables.listings, tables.listings.c.id == tables.clearings.c.listing_id),
        "leads": tables.leads.join(tables.listings),
        "lead_changes": tables.lead_changes.join(tables.leads).join(tables.listings),
        "decisions": tables.decisions.join(tables.leads).join(tables.listings),
    }
    found = {}
    with store.read() as c:
        for name, source in joined.items():
            columns = [k for k in getattr(tables, name).c if k.name not in NO_TIMES | {"at"}]
            query = select(item, *(k.label(f"own_{k.name}") for k in columns)).select_from(source)
            found[name] = sorted(repr(tuple(row)) for row in c.execute(query))
    return found


def begun_at(store: Store, register: Register) -> Begun:
    with store.read() as c:
        plan = plan_rescreen(c, register)
    begun = begin(store, register, plan, shared=True)
    assert begun is not None
    return begun


def slices_of(store: Store, run_id: int) -> tuple[Slice, ...]:
    with store.read() as c:
        return runs.load_slices(c, run_id)


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_partition_done_in_part_is_worked_again_and_changes_nothing_twice(
    store: Store, single: Store, tmp_path: Path, registers: tuple[Register, Register], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each slice is stopped after its first batch, worked to its end, and worked once more by one that comes late."""
    monkeypatch.setattr(partitions, "BATCH", BATCH)
    configuration = Configuration(data_dir=tmp_path, disk_reserve_mb=0)
    old, new = registers
    fill(store, old)

    def work(piece: Slice, over: Callable[[], bool]) -> SliceState:
        with store.write() as c:
            runs.lease_slice(c, piece.run_id, None, "x:1", 60, datetime.now(UTC), piece.id)
        return screen_partition(configuration, store, piece, "x:1", over)

    def spread(begun: Begun, progress: Progress) -> None:
        pieces, kept = slices_of(store, begun.run_id), {}
        for piece in pieces:
            count = export_partition(configuration, store, begun.scope, piece)
            assert count == int(piece.queries[2]) and export_partition(configuration, store, begun.scope, piece) == 0
            kept |= {path: path.read_bytes() for path in (tmp_path / "rescreen").rglob(f"{piece.id}.*")}
            answers = iter((False, True))
            if count > BATCH:
                assert work(piece, lambda it=answers: next(it)) is SliceState.FAILED  # type: ignore[misc]  # bound at once
            assert work(piece, lambda: False) is SliceState.DONE
        assert kept and not any(path.exists() for path in kept)
        before = rows_of(store)
        for path, content in kept.items():
            path.write_bytes(content)
        with store.write() as c:
            c.execute(tables.slices.update().values(state=SliceState.PENDING, attempts=0))
        assert {work(piece, lambda: False) for piece in pieces} == {SliceState.DONE}
        assert rows_of(store) == before
        remove_partitions(configuration)

    outcome = rescreen(store, new, spread=spread)
    assert outcome.looked_at == 4 * COUNT // 5 and not (tmp_path / "rescreen").exists()
    fill(single, old)
    assert rescreen(single, new).tallies == outcome.tallies
    found = rows_of(store)
    assert all(found[name] for name in found if name != "clearings") and rows_of(single) == found


def test_a_partition_that_was_changed_fails_its_slice_with_a_word_and_a_changed_listing_is_left(
    sqlite_store: Store, tmp_path: Path, registers: tuple[Register, Register]
) -> None:
    configuration = Configuration(data_dir=tmp_path, disk_reserve_mb=0)
    fill(sqlite_store, registers[0])
    begun = begun_at(sqlite_store, registers[1])
    second, third = slices_of(sqlite_store, begun.run_id)[:2]

    def work(piece: Slice) -> tuple[SliceState, str]:
        with sqlite_store.write() as c:
            runs.lease_slice(c, piece.run_id, None, "x:1", 60, datetime.now(UTC), piece.id)
        state = screen_partition(configuration, sqlite_store, piece, "x:1", lambda: False)
        with sqlite_store.read() as c:
            return state, str(c.execute(select(tables.slices.c.detail).where(tables.slices.c.id == piece.id)).scalar())

    export_partition(configuration, sqlite_store, begun.scope, second)
    file = tmp_path / "rescreen" / str(begun.run_id) / f"{second.id}.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    assert "not the bytes" in work(second)[1]
    export_partition(configuration, sqlite_store, begun.scope, third)
    with sqlite_store.write() as c:
        changed = tables.listings.c.id == int(third.queries[1])
        c.execute(tables.listings.update().where(changed).values(digest="c" * 64))
    assert work(third)[0] is SliceState.DONE
    with pytest.raises(PartialError, match="left; run it again"):
        rescreening.finish(sqlite_store, begun)


def test_an_erasure_takes_partitions_away_and_their_slices_are_screened_all_the_same(
    sqlite_store: Store, tmp_path: Path, registers: tuple[Register, Register], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first seller is erased after the partition was written, the second while it is."""
    configuration = Configuration(data_dir=tmp_path, disk_reserve_mb=0)
    fill(sqlite_store, registers[0])
    with sqlite_store.write() as c:
        c.execute(tables.leads.update().values(state=State.CLOSED, resolution=Resolution.AUTHORISED))
    begun = begun_at(sqlite_store, registers[1])
    first, second = slices_of(sqlite_store, begun.run_id)[:2]
    erased: set[str] = set()

    def go(piece: Slice, number: int) -> Erasure:
        """Erase who sells one of the listings of a slice."""
        with sqlite_store.read() as c:
            one = begun.scope.ids(c, int(piece.queries[0]), int(piece.queries[1]))[number]
            item = c.execute(select(tables.listings.c.item_id).where(tables.listings.c.id == one)).scalar_one()
        erased.add(item)
        return erase(sqlite_store, configuration, Seller(platform="practice", shop_id=item), datetime.now(UTC), "w")

    export_partition(configuration, sqlite_store, begun.scope, first)
    gone = go(first, 0)
    assert gone.partitions == 1 and not (tmp_path / "rescreen").exists()
    written, numbers = partitions._written, iter((0, 5))

    def erased_meanwhile(rows: Sequence[tuple[object, ...]]) -> bytes:
        for number in numbers:
            go(second, number)
        return written(rows)

    monkeypatch.setattr(partitions, "_written", erased_meanwhile)
    export_partition(configuration, sqlite_store, begun.scope, second)
    content = (tmp_path / "rescreen" / str(begun.run_id) / f"{second.id}.parquet").read_bytes()
    kept = {one.listing.item_id for batch in partitions._batches(content) for one in batch}
    assert len(erased) == 3 and kept and kept.isdisjoint(erased)
    for piece in (first, second):
        with sqlite_store.write() as c:
            runs.lease_slice(c, piece.run_id, None, "x:1", 60, datetime.now(UTC), piece.id)
        assert screen_partition(configuration, sqlite_store, piece, "x:1", lambda: False) is SliceState.DONE
    with sqlite_store.read() as c:
        assert begun.scope.ids(c, 0, int(second.queries[1])) == []


def test_workers_are_asked_only_with_postgresql(tmp_path: Path, sqlite_store: Store) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    result = CliRunner().invoke(
        app, ["--spread"], env={"GIMONITOR_DATABASE_URL": url, "GIMONITOR_DATA_DIR": str(tmp_path)}
    )
    assert isinstance(result.exception, ConfigurationError) and "PostgreSQL" in str(result.exception)
    result = CliRunner().invoke(
        app, ["--status"], env={"GIMONITOR_DATABASE_URL": url, "GIMONITOR_DATA_DIR": str(tmp_path)}
    )
    assert result.output == "nothing was screened again yet\n"


def start_worker(folder: Path, name: str, url: str) -> subprocess.Popen[bytes]:
    """As on a machine of its own: its own data folder, and the shared place."""
    settings = {
        "DATA_DIR": folder / name,
        "DATABASE_URL": url,
        "EVIDENCE_URL": f"file://{folder / 'shared'}",
        "WORKER_SILENT_SECONDS": 4,
        "LEASE_SECONDS": 60,
        "DISK_RESERVE_MB": 1,
    }
    (folder / name).mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIMONITOR_")}
    environment |= {f"GIMONITOR_{key}": str(value) for key, value in settings.items()}
    with (folder / f"{name}.log").open("ab") as log:
        command = [sys.executable, "-P", "-m", "gimonitor", "worker"]
        return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)


@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_workers_of_which_one_is_killed_end_as_a_single_process_does(
    store: Store, store_url: str, single: Store, tmp_path: Path, registers: tuple[Register, Register]
) -> None:
    old, new = registers
    fill(store, old)
    shared = tmp_path / "shared"
    configuration = Configuration(
        data_dir=tmp_path,
        database_url=store_url,
        disk_reserve_mb=0,
        worker_silent_seconds=4,
        evidence_url=f"file://{shared}",
    )
    workers = {name: start_worker(tmp_path, name, store_url) for name in ("one", "two")}
    killed: list[str] = []
    said: list[str] = []

    def pause() -> None:
        """Kill the first worker that is seen to hold a slice, on the way."""
        WAIT.wait(0.05)
        with store.read() as c:
            (run,) = runs.latest_runs(c, 1, runs.RESCREEN)
            held = runs.holders(c, run.id, datetime.now(UTC))
        for name, worker in workers.items():
            if not killed and any(f":{worker.pid}:" in owner for owner in held):
                worker.send_signal(signal.SIGKILL)
                worker.wait(10)
                killed.append(name)

    try:
        by = lambda begun, progress: spread_rescreening(configuration, store, begun, progress, said.append, pause)  # noqa: E731
        outcome = rescreen(store, new, spread=by)
        (left,) = (worker for name, worker in workers.items() if name not in killed)
        left.send_signal(signal.SIGTERM)
        assert left.wait(20) == 0
    finally:
        logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
        for worker in workers.values():
            worker.kill()
            worker.wait(10)
    assert killed and "taken up again" in logs + "".join(said), logs
    assert not (shared / "rescreen").exists()
    pieces = slices_of(store, outcome.run_id or 0)
    assert {piece.state for piece in pieces} == {SliceState.DONE} and max(piece.attempts for piece in pieces) == 2
    fill(single, old)
    assert rescreen(single, new).tallies == outcome.tallies
    assert rows_of(single) == rows_of(store)
    with store.read() as c:
        assert runs.load_run(c, outcome.run_id or 0).state is RunState.OK
