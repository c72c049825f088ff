"""Pictures after the crawl: queued where screening asks, looked at once, gone on with after a stop, and brought to the leads."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gimonitor.imaging.look import VERSION, Looker
from gimonitor.model.picture import PictureState
from gimonitor.model.run import RunState
from gimonitor.store import pictures, runs, tables
from gimonitor.store.database import Store
from gimonitor.workflow.pictures import KIND, PictureWork, look_through
from tests.workflow.picturework import BARE, NAMED, NIGHT, REGISTER, WHOLE, NameScreener, models, offered


def test_only_what_screening_asks_for_is_looked_at(work: PictureWork) -> None:
    offered(work, "1", BARE, title="山西小米")
    assert look_through(work).run_id is None


def test_one_picture_in_two_listings_is_looked_at_once(work: PictureWork) -> None:
    one, two = offered(work, "1", BARE), offered(work, "2", BARE, shop="店二")
    assert look_through(work).seen == 1
    assert models(work, one) == models(work, two)
    assert look_through(work).run_id is None


def test_what_is_no_picture_is_refused_with_the_reason_and_the_rest_goes_on(work: PictureWork) -> None:
    listing = offered(work, "1", b"PK\x03\x04 not a picture", BARE)
    done = look_through(work)
    assert (done.seen, done.refused) == (1, 1)
    with work.store.read() as c:
        states = {p.state: p.problem for p in pictures.pictures_of(c, listing)}
    assert "ZIP" in states[PictureState.REFUSED]
    assert str(work.evidence_dir) not in states[PictureState.REFUSED]


def test_a_file_changed_since_it_was_captured_is_refused(work: PictureWork) -> None:
    offered(work, "1", BARE)
    (work.evidence_dir / "1-0.jpg").write_bytes(WHOLE)
    assert look_through(work).refused == 1


def test_work_stopped_in_the_middle_goes_on(work: PictureWork) -> None:
    offered(work, "1", BARE)
    offered(work, "2", WHOLE)
    assert look_through(work, limit=1).seen == 1
    with work.store.read() as c:
        assert pictures.count_pictures(c) == {PictureState.SEEN: 1, PictureState.WAITING: 1}
    assert look_through(work).seen == 1
    assert look_through(work).run_id is None


def test_a_picture_that_kills_its_worker_is_given_up(work: PictureWork) -> None:
    offered(work, "1", BARE)
    with work.store.write() as c:
        pictures.queue_pictures(c, NIGHT, 1)
        for turn in range(pictures.ATTEMPTS):
            assert pictures.lease_pictures(c, "host:1", NIGHT + timedelta(hours=turn), 60, 5)
            assert not pictures.lease_pictures(c, "host:2", NIGHT + timedelta(hours=turn), 60, 5), "it is leased"
        assert not pictures.lease_pictures(c, "host:1", NIGHT + timedelta(hours=9), 60, 5)
        assert pictures.count_pictures(c) == {PictureState.REFUSED: 1}


@pytest.mark.parametrize("statement", [0, 8])
def test_a_worker_killed_before_it_came_to_the_listings_leaves_them_to_the_next_run(
    store: Store, store_url: str, tmp_path: Path, statement: int
) -> None:
    work = PictureWork(store, tmp_path, Looker(REGISTER), NameScreener())
    listing = offered(work, "1", BARE)
    script = Path(__file__).parent / "killed_looker.py"
    arguments = [sys.executable, script, store_url, work.evidence_dir, str(statement)]
    dead = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]
    with work.store.read() as c:
        assert pictures.count_pictures(c) == {PictureState.SEEN: 1}
    assert "picture-uscc-absent" not in models(work, listing)
    again = look_through(work)
    assert (again.seen, again.left, again.listings) == (0, 1, 1)
    assert "picture-uscc-absent" in models(work, listing)
    assert look_through(work).run_id is None
    with work.store.read() as c:
        last, first = runs.latest_runs(c, kind=KIND)
    assert (first.state, last.state) == (RunState.INTERRUPTED, RunState.OK)
    assert "1 pictures that an interrupted run had seen" in last.summary


def test_what_another_worker_has_seen_is_left_to_it_until_its_lease_runs_out(work: PictureWork) -> None:
    offered(work, "1", BARE)
    now = datetime.now(UTC)
    with work.store.write() as c:
        pictures.queue_pictures(c, now, VERSION)
        (one,) = pictures.lease_pictures(c, "elsewhere:7", now, 60, 5)
        assert pictures.save_look(c, one.digest, "elsewhere:7", {}, {}, VERSION, now)
    assert look_through(work).run_id is None
    with work.store.write() as c:
        c.execute(update(tables.pictures).values(leased_until=now - timedelta(seconds=1)))
    assert look_through(work).left == 1


def test_somebody_elses_picture_is_not_finished(work: PictureWork) -> None:
    offered(work, "1", BARE)
    with work.store.write() as c:
        pictures.queue_pictures(c, NIGHT, 1)
        (one,) = pictures.lease_pictures(c, "host:1", NIGHT, 60, 5)
        assert not pictures.save_look(c, one.digest, "host:2", {}, {}, 1, NIGHT)
        assert pictures.count_pictures(c) == {PictureState.WAITING: 1}


def test_a_run_that_is_stopped_gives_back_what_it_took(work: PictureWork) -> None:
    offered(work, "1", BARE)
    offered(work, "2", WHOLE, NAMED)

    def stop(seen: int, refused: int) -> None:
        raise KeyboardInterrupt

    done = look_through(work, progress=stop)
    assert (done.seen, done.waiting, done.is_whole) == (1, 2, False)
    with work.store.read() as c:
        assert pictures.count_taken(c, datetime.now(UTC)) == 0
        assert runs.latest_runs(c, kind=KIND)[0].state is RunState.INTERRUPTED
        tries = c.execute(select(tables.pictures.c.attempts).where(tables.pictures.c.state == PictureState.WAITING))
        assert set(tries.scalars()) == {0}, "being stopped is no try"
    again = look_through(work)
    assert (again.seen, again.left, again.waiting, again.is_whole) == (2, 1, 0, True)


def test_it_is_told_what_a_run_would_look_at(work: PictureWork) -> None:
    def told(version: int = VERSION) -> dict[PictureState, int]:
        with work.store.read() as c:
            return {state: count for state, count in pictures.count_queued(c, version).items() if count}

    assert told() == {}
    offered(work, "1", BARE, WHOLE)
    offered(work, "2", BARE, shop="店二")
    offered(work, "3", NAMED, title="山西小米")
    assert told() == {PictureState.WAITING: 2}, (
        "captured, not queued yet, each once, none that screening does not ask for"
    )
    look_through(work, limit=1)
    assert told() == {PictureState.WAITING: 1, PictureState.SEEN: 1}
    assert told(VERSION + 1) == {PictureState.WAITING: 2}, "those of an older look are looked at again"


def test_the_queue_stops_goes_on_and_reaches_the_lead_on_each_engine(store: Store, tmp_path: Path) -> None:
    work = PictureWork(store, tmp_path, Looker(REGISTER), NameScreener())
    listing = offered(work, "1", b"PK\x03\x04 not a picture", BARE)
    first, second = look_through(work, limit=1), look_through(work)
    assert (first.seen + second.seen, first.refused + second.refused) == (1, 1)
    assert look_through(work).run_id is None
    assert "picture-uscc-absent" in models(work, listing)
    with store.read() as c:
        seen = {p.state: p for p in pictures.pictures_of(c, listing)}
    assert "ZIP" in seen[PictureState.REFUSED].problem
    assert len(seen[PictureState.SEEN].look["marks"][0]["outline"]) >= 8


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_workers_at_the_same_moment_take_different_pictures(store: Store, tmp_path: Path) -> None:
    work = PictureWork(store, tmp_path, Looker(REGISTER), NameScreener())
    offered(work, "1", b"one", b"two")
    with store.write() as c:
        pictures.queue_pictures(c, NIGHT, 1)
    with store.write() as one, store.write() as other:
        (first,) = pictures.lease_pictures(one, "host:1", NIGHT, 60, 1)
        (second,) = pictures.lease_pictures(other, "host:2", NIGHT, 60, 1)
    assert first.digest != second.digest
