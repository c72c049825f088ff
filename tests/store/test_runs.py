"""Runs, leases and coverage: one owner a slice, nothing done that is not stored, plans that bear repeating."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.model.run import BlockKind, Coverage, RunState, SliceState
from gimonitor.store.database import Store
from gimonitor.store.runs import (
    extend_lease,
    find_run,
    finish_run,
    finish_slice,
    latest_runs,
    lease_slice,
    load_coverage,
    load_run,
    load_slice,
    load_slices,
    plan_slices,
    release_slices,
    retry_slice,
    save_coverage,
    start_run,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def run_id(store: Store, night: datetime) -> int:
    with store.write() as c:
        made = start_run(c, "nightly", {"register": "r1"}, slot="2026-03-01", now=night)
        plan_slices(c, made, [("practice", ("五常大米", "盘锦大米")), ("practice", ("金华火腿",)), ("shop", ("a",))])
    return made


def test_a_run_is_recorded_from_begin_to_end(store: Store, run_id: int, night: datetime) -> None:
    with store.write() as c:
        finish_run(c, run_id, RunState.PARTIAL, "cut off", night + MINUTE)
    with store.read() as c:
        run = load_run(c, run_id)
        assert find_run(c, "2026-03-01") == run == latest_runs(c, 1)[0]
        assert find_run(c, "2026-03-02") is None
    assert (run.state, run.summary, run.config) == (RunState.PARTIAL, "cut off", {"register": "r1"})
    assert run.ended_at == night + MINUTE
    with pytest.raises(NotFoundError), store.read() as c:
        load_run(c, 99)


def test_a_night_has_one_run(store: Store, run_id: int) -> None:
    with pytest.raises(ConflictError, match="2026-03-01"), store.write() as c:
        start_run(c, "nightly", {}, slot="2026-03-01")
    with store.write() as c:
        assert start_run(c, "hand", {}) != start_run(c, "hand", {})


def test_planning_again_adds_nothing(store: Store, run_id: int) -> None:
    with store.write() as c:
        assert plan_slices(c, run_id, [("practice", ("金华火腿",)), ("practice", ("新",))]) == 1
    with store.read() as c:
        assert len(load_slices(c, run_id)) == 4


def test_a_slice_has_one_owner_until_its_lease_is_over(store: Store, run_id: int, night: datetime) -> None:
    with store.write() as c:
        first = lease_slice(c, run_id, "practice", "w1", 60, night)
        second = lease_slice(c, run_id, "practice", "w2", 60, night)
        assert first and second and first.id != second.id
        assert first.queries == ("五常大米", "盘锦大米") and first.attempts == 1
        assert lease_slice(c, run_id, "practice", "w3", 60, night) is None
        extend_lease(c, second.id, "w2", 600, night)
        again = lease_slice(c, run_id, "practice", "w3", 60, night + 2 * MINUTE)
    assert again and again.id == first.id and again.attempts == 2
    with pytest.raises(ConflictError), store.write() as c:
        finish_slice(c, first.id, "w1", SliceState.DONE)
    with store.write() as c:
        finish_slice(c, first.id, "w3", SliceState.DONE)
    with pytest.raises(ConflictError), store.write() as c:
        finish_slice(c, first.id, "w3", SliceState.DONE)
    with store.read() as c:
        assert load_slice(c, first.id).state is SliceState.DONE


def test_a_slice_that_kills_its_workers_is_given_up(store: Store, run_id: int, night: datetime) -> None:
    with store.write() as c:
        for attempt in range(3):
            leased = lease_slice(c, run_id, "shop", f"w{attempt}", 1, night + attempt * MINUTE)
            assert leased
        assert lease_slice(c, run_id, "shop", "w4", 1, night + 5 * MINUTE) is None
        assert load_slice(c, leased.id).state is SliceState.FAILED


def test_failed_and_interrupted_slices_can_be_taken_up_again(store: Store, run_id: int, night: datetime) -> None:
    with store.write() as c:
        one = lease_slice(c, run_id, None, "w1", 60, night)
        two = lease_slice(c, run_id, None, "w1", 60, night)
        assert one and two
        finish_slice(c, one.id, "w1", SliceState.FAILED, "died")
        retry_slice(c, one.id)
        assert load_slice(c, one.id).state is SliceState.PENDING
        finish_run(c, run_id, RunState.INTERRUPTED, "", night)
        release_slices(c, run_id)
        assert {s.state for s in load_slices(c, run_id)} == {SliceState.PENDING}
        assert load_run(c, run_id).state is RunState.RUNNING
        with pytest.raises(NotFoundError):
            release_slices(c, 99)


def test_workers_never_share_a_slice(store: Store, run_id: int, night: datetime) -> None:
    with store.write() as c:
        plan_slices(c, run_id, [("practice", (f"q{i}",)) for i in range(60)])
    taken: list[int] = []

    def worker(name: str) -> None:
        while True:
            with store.write() as c:
                leased = lease_slice(c, run_id, None, name, 600, night)
            if leased is None:
                return
            taken.append(leased.id)
            with store.write() as c:
                finish_slice(c, leased.id, name, SliceState.DONE)

    threads = [threading.Thread(target=worker, args=(f"w{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 63


def test_coverage_is_kept_once_a_query_the_newest_record_standing(store: Store, run_id: int, night: datetime) -> None:
    first = Coverage(
        run_id=run_id,
        source="practice",
        query="五常\x00大米",
        pages_asked=3,
        announced=10**30,
        blocked=BlockKind.LOGIN,
        at=night,
    )
    newer = replace(
        first, blocked=None, seen=5, stored=4, unchanged=1, announced=5, cut_off=True, read=5, fields={"price": 4}
    )
    with store.write() as c:
        save_coverage(c, first)
        save_coverage(c, newer)
        save_coverage(c, replace(newer, query="a"))
    with store.read() as c:
        kept = load_coverage(c, run_id)
    assert [record.query for record in kept] == ["a", "五常\ufffd大米"]
    assert kept[1] == replace(newer, query="五常\ufffd大米")
