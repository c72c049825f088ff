"""Runs whose processes have died: whoever looks first closes their records as interrupted. What they stored stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.model.run import RunState, SliceState
from gimonitor.model.zone import BEIJING
from gimonitor.store import runs
from gimonitor.store.database import Store
from gimonitor.store.runs import StoredRun
from gimonitor.workflow.owners import workers_of

KINDS = frozenset({runs.NIGHTLY, runs.PICTURES, runs.REPARSE})  # runs that can be gone on with


def close_abandoned(configuration: Configuration, store: Store, now: datetime) -> tuple[StoredRun, ...]:
    """Record as interrupted every run that nobody works on any more, and return them; not one that waits for workers.

    Nothing is written where there is none, so that a look does not wait for another writer. Raises StoreError.
    """
    with store.read() as c:
        going = [run for run in runs.latest_runs(c) if run.state is RunState.RUNNING and run.kind in KINDS]
    if not going:
        return ()
    queued = _queued(configuration)
    with store.read() as c:
        dead = [run for run in going if not workers_of(c, run, now)]
        dead = [run for run in dead if queued.isdisjoint(_left(c, run.id))]
    return tuple(run for run in dead if _close(store, run.id, now))


def how_to_resume(run: StoredRun) -> str:
    """The command that goes on with a run, as it is typed."""
    if run.kind != runs.REPARSE:
        return f"gimonitor run resume {run.id}"
    since = datetime.fromisoformat(run.config["since"]).astimezone(BEIJING)
    return f"gimonitor reparse --since {since:%Y-%m-%dT%H:%M} --resume {run.id}"


def _left(c: Connection, run_id: int) -> Iterator[int]:
    """The slices of a run that are not done: the job of one that is may stand in the queue until a worker comes."""
    return (piece.id for piece in runs.load_slices(c, run_id) if piece.state is not SliceState.DONE)


def _close(store: Store, run_id: int, now: datetime) -> bool:
    """Look once more in one unit of work: a resumed run has its worker again."""
    with store.write() as c:
        run = runs.load_run(c, run_id)
        if run.state is not RunState.RUNNING or workers_of(c, run, now):
            return False
        runs.finish_run(c, run_id, RunState.INTERRUPTED, "its process ended before the run did", now)
    return True


def _queued(configuration: Configuration) -> frozenset[int]:
    if not configuration.spread:
        return frozenset()
    from gimonitor.operations.jobs import queued_slices  # asyncio and procrastinate only where they are used

    return queued_slices(configuration)
