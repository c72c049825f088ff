"""Re-screening: stored listings screened again after the register or a model changed, by the same way leads always go.

It is a run of its own kind, cut into slices that are leased like those of a crawl, so it can be killed at any moment and
gone on with, and shared among processes. Every batch is one transaction; a listing screened again bears the new digest.
"""

from __future__ import annotations

import re
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from multiprocessing import get_context
from multiprocessing.connection import wait

from sqlalchemy import Connection

from gimonitor.errors import ConflictError, PartialError
from gimonitor.model.finding import History, Screening
from gimonitor.model.register import Register
from gimonitor.model.run import RunState, Slice, SliceState
from gimonitor.screening import Screener
from gimonitor.screening.lookup import grams_of
from gimonitor.store import runs
from gimonitor.store.database import Store, open_store
from gimonitor.store.grams import load_unindexed, save_grams
from gimonitor.store.histories import load_histories
from gimonitor.store.loading import StoredListing, load_listings
from gimonitor.store.registers import carry, hold_register, recall_register, remember_register
from gimonitor.store.rescreened import GITally, save_rescreened, tally
from gimonitor.store.runs import StoredRun
from gimonitor.store.upsert import chunks
from gimonitor.workflow.intake import PILE, officers_day
from gimonitor.workflow.owners import is_dead, own_name
from gimonitor.workflow.rescreen_plan import Plan, Scope, cut, last_id, plan_of, plan_rescreen

KIND = runs.RESCREEN
BATCH = 250
LEASE_SECONDS = 300
_GIVEN_UP = "given up"
_FAR = re.compile(r"(\d+) left after listing (\d+)")  # how far a slice is, as its detail says

Progress = Callable[[int], None]
"""Told how many listings were done since it was told last."""
Spread = Callable[["Begun", Progress], None]
"""Has the slices of a run done by somebody else, and returns when none is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescreened:
    """What a re-screening did; `run_id` is None where nothing could be touched. `left` listings are to be done yet where
    Ctrl-C or SIGTERM ended it: `is_whole` is False."""

    run_id: int | None
    looked_at: int
    changes: tuple[str, ...]
    tallies: tuple[GITally, ...]
    left: int = 0
    is_whole: bool = True


def index_listings(store: Store, progress: Progress) -> int:
    """Bring the index up to date with what was stored. Returns how many listings it was behind with."""
    done, after = 0, 0
    while True:
        with store.read() as c:
            behind = load_unindexed(c, after, BATCH)
        if not behind:
            return done
        after = behind[-1].id
        ready = [(one, grams_of(one.listing)) for one in behind]
        store.attempt(lambda c, ready=ready: save_grams(c, ready))  # type: ignore[misc]  # bound at once
        done += len(behind)
        progress(len(behind))


def _unfinished_run(c: Connection) -> StoredRun | None:
    """The newest re-screening, where it did not come to its end."""
    newest = next(iter(runs.latest_runs(c, 1, KIND)), None)
    if newest is None or newest.state is RunState.OK or newest.summary.startswith(_GIVEN_UP):
        return None
    return newest


def _workers(c: Connection, run: StoredRun) -> list[str]:
    return [owner for owner in runs.holders(c, run.id, datetime.now(UTC)) if not is_dead(owner)]


def _refuse_held(c: Connection, run: StoredRun) -> None:
    if alive := _workers(c, run):
        raise ConflictError(f"run {run.id} is being worked on by {', '.join(alive)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a re-screening is: listings done of those planned, and whether anybody works on it."""

    run: StoredRun
    done: int
    planned: int
    is_held: bool


def newest_standing(c: Connection) -> Standing | None:
    """The newest re-screening, ended or not."""
    newest = next(iter(runs.latest_runs(c, 1, KIND)), None)
    if newest is None:
        return None
    done, planned = count_listings(c, newest.id)
    return Standing(run=newest, done=done, planned=planned, is_held=bool(_workers(c, newest)))


def open_standing(c: Connection, plan: Plan) -> Standing | None:
    """The re-screening that a plan would go on with."""
    old = _unfinished_run(c)
    return newest_standing(c) if old is not None and _goes_on(plan_of(old.config), plan) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run to be worked on: its plan, the scope made ready by it, and how many listings are to be looked at."""

    run_id: int
    plan: Plan
    scope: Scope
    total: int


def begin(store: Store, register: Register, plan: Plan, *, shared: bool = False) -> Begun | None:
    """Record the run with its slices, or take up one that was stopped in the same work; None where there is nothing to do.

    A `shared` run is taken up beside the workers that hold slices of it. Else, and where the work is another, raises
    ConflictError while somebody works on the run.
    """
    with store.write() as c:
        remember_register(c, register)
        old = _unfinished_run(c)
        goes_on = old is not None and _goes_on(plan_of(old.config), plan)
        if old is not None and not (shared and goes_on):
            _refuse_held(c, old)
        if old is not None and goes_on:
            earlier = plan_of(old.config)
            runs.release_slices(c, old.id, leased=not shared)
            done, planned = count_listings(c, old.id)
            total = planned - done
            return Begun(run_id=old.id, plan=earlier, scope=Scope(c, earlier, register), total=total)
        if old is not None:
            runs.finish_run(c, old.id, RunState.INTERRUPTED, _GIVEN_UP + ": another change came first")
        if not plan.parts:
            return None
        scope = Scope(c, plan, register)
        ids = scope.ids(c, 0, last_id(c))
        run_id = runs.start_run(c, KIND, plan.config())
        slices = [(KIND, (str(low), str(high), str(size))) for low, high, size in cut(ids, last_id(c))]
        runs.plan_slices(c, run_id, slices)
        return Begun(run_id=run_id, plan=plan, scope=scope, total=len(ids))


def _goes_on(old: Plan, new: Plan) -> bool:
    """True where the old work holds the new: what it did already is no part of a plan any more."""
    return old.target == new.target and set(new.parts) <= set(old.parts)


def work(store: Store, screener: Screener, begun: Begun, progress: Progress) -> None:
    """Do the slices of a run until none is left."""
    owner = own_name()
    while piece := _lease(store, begun.run_id, owner):
        for done in _work_slice(store, screener, begun, piece, owner):
            progress(done)
        store.attempt(lambda c, piece=piece: runs.finish_slice(c, piece.id, owner, SliceState.DONE))  # type: ignore[misc]  # bound at once


def _lease(store: Store, run_id: int, owner: str) -> Slice | None:
    return store.attempt(lambda c: runs.lease_slice(c, run_id, KIND, owner, LEASE_SECONDS, datetime.now(UTC)))


def _work_slice(store: Store, screener: Screener, begun: Begun, piece: Slice, owner: str) -> Iterator[int]:
    """Do a slice from where it was left, telling how many listings each batch had."""
    far = _FAR.fullmatch(piece.detail) if begun.plan.is_forced else None  # else the listings themselves tell
    after, upto = int(far[2] if far else piece.queries[0]), int(piece.queries[1])
    with store.read() as c:
        ids = begun.scope.ids(c, after, upto)
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        with store.read() as c:
            stored = load_listings(c, some)
        left = len(ids) - start - len(some)
        detail = f"{left} left after listing {some[-1]}"
        screen_again(store, screener, stored, piece, owner, begun.scope.models, detail=detail)
        yield len(some)


def screen_again(
    store: Store,
    screener: Screener,
    stored: Sequence[StoredListing],
    piece: Slice,
    owner: str,
    models: frozenset[str],
    *,
    detail: str | None = None,
) -> None:
    """Screen a batch of a slice and save, in one transaction, what that says of leads. At most BATCH listings. `detail` says
    how far the slice is then.

    A listing that has changed since it was read is left as it is. `models` are the ids of the models that changed. Raises
    ConflictError when `owner` has lost the slice.
    """
    with store.read() as c:
        histories = load_histories(c, [one.listing for one in stored])
    done = list(_screened(screener, stored, histories))

    def save(c: Connection) -> None:
        now = datetime.now(UTC)
        runs.extend_lease(c, piece.id, owner, LEASE_SECONDS, now, detail)
        save_rescreened(c, done, piece.run_id, now, models)

    store.attempt(save)


def _screened(
    screener: Screener, stored: Sequence[StoredListing], histories: Sequence[History]
) -> Iterator[tuple[StoredListing, Screening]]:
    """Each listing as it was shown last, screened some dozens at once: those of one day together."""
    by_day: dict[date, list[tuple[StoredListing, History]]] = defaultdict(list)
    for one, history in zip(stored, histories, strict=True):
        by_day[day_of(one)].append((one, history))
    for day, pairs in by_day.items():
        for some in chunks(pairs, PILE):
            shown = [replace(one.listing, sales=one.sales) for one, _ in some]
            found = screener.screen_all(shown, day, [history for _, history in some])
            yield from zip((one for one, _ in some), found, strict=True)


def day_of(stored: StoredListing) -> date:
    """The day, in Beijing, on which a listing was offered for all we know: law is chosen by it."""
    return officers_day(stored.last_seen)


def finish(store: Store, begun: Begun) -> None:
    """Close a run whose slices are done, and note that the untouched listings stand as under the new register.

    Raises PartialError where something is left: a slice that failed, or listings stored meanwhile by the old register.
    """
    run_id, plan = begun.run_id, begun.plan
    with store.write() as c:
        bad = [s for s in runs.load_slices(c, run_id) if s.state is not SliceState.DONE]
        for part in plan.parts:
            hold_register(c, part.digest)
        left = [] if plan.is_forced else begun.scope.ids(c, 0, last_id(c))
        if not bad and not left and not plan.is_forced:
            for part in plan.parts:
                if part.digest != plan.target and recall_register(c, part.digest) is not None:
                    carry(c, part.digest, plan.target, run_id)
        state = RunState.PARTIAL if bad or left else RunState.OK
        summary = _summary(tally(c, run_id), plan)
        runs.finish_run(c, run_id, state, summary)
    if bad or left:
        raise PartialError(f"run {run_id}: {len(bad)} slices and {len(left)} listings are left; run it again")


def _summary(tallies: tuple[GITally, ...], plan: Plan) -> str:
    shown = ", ".join(plan.changes[:20]) + (f" and {len(plan.changes) - 20} more" if len(plan.changes) > 20 else "")
    return f"{shown}: {leads_changed(tallies)}; {len(tallies)} GIs"


def leads_changed(tallies: Sequence[GITally]) -> str:
    """How many leads changed by what the models say; and, apart, how many weigh otherwise though no model changed for them."""
    count = sum(sum(t.counts.values()) for t in tallies)
    apart = sum(t.same_models for t in tallies)
    also = f"; {apart} more weigh otherwise by facts, or by what is known of offer and seller since"
    return f"{count - apart} leads changed{also if apart else ''}"


def rescreen(
    store: Store,
    register: Register,
    *,
    gi_ids: tuple[str, ...] = (),
    everything: bool = False,
    processes: int = 1,
    url: str = "",
    start: Callable[[int, Plan], Progress] = lambda total, plan: lambda done: None,
    spread: Spread | None = None,
) -> Rescreened:
    """Screen again what the change can touch, to the end. `start` is told how many listings that is.

    With more than one process, `url` is the store's. With `spread` the slices are done by that. Ended by Ctrl-C or SIGTERM it
    keeps what it has done. Raises ConflictError while another re-screening is at work, PartialError where something is left to do.
    """
    index_listings(store, lambda done: None)
    with store.read() as c:
        plan = plan_rescreen(c, register, gi_ids, everything=everything)
    begun = begin(store, register, plan, shared=spread is not None)
    if begun is None:
        return Rescreened(run_id=None, looked_at=0, changes=(), tallies=())
    progress = start(begun.total, plan)
    try:
        if spread is not None:
            spread(begun, progress)
        elif processes == 1 or begun.total <= BATCH:
            work(store, Screener(register), begun, progress)
        else:
            _work_together(store, Screener(register), begun, processes, url, progress)
    except KeyboardInterrupt:
        is_whole = False  # told by a value: while it lives, its frames hold cursors, and with them SQLite's lock
    else:
        is_whole = True
        finish(store, begun)
    if not is_whole and spread is None:
        _stop(store, begun)
    with store.read() as c:
        done, planned = count_listings(c, begun.run_id)
        return Rescreened(
            run_id=begun.run_id,
            looked_at=begun.total,
            changes=plan.changes,
            tallies=tally(c, begun.run_id),
            left=0 if is_whole else planned - done,
            is_whole=is_whole,
        )


def _stop(store: Store, begun: Begun) -> None:
    """Give back what this process and its workers held, and record that the run was stopped: the next one goes on with it."""
    store.close()  # whatever the interrupt left open
    with store.write() as c:
        runs.release_slices(c, begun.run_id)
        done, planned = count_listings(c, begun.run_id)
        runs.finish_run(c, begun.run_id, RunState.INTERRUPTED, f"stopped: {planned - done} listings are left")


def _work_together(
    store: Store, screener: Screener, begun: Begun, processes: int, url: str, progress: Progress
) -> None:
    """Share the slices among forked processes, which need not compile again. One that dies leaves its slice to the next run."""
    tell = teller(store, begun.run_id, progress)
    store.close()  # a connection must not live on in two processes; the next use opens another
    fork = get_context("fork")
    workers = [fork.Process(target=_work_alone, args=(url, screener, begun), daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            wait([worker.sentinel for worker in workers if worker.is_alive()], timeout=1.0)
            tell()
    except KeyboardInterrupt:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
        raise
    if any(worker.exitcode for worker in workers):
        raise PartialError(f"run {begun.run_id}: a worker died; run it again to go on")


def _work_alone(url: str, screener: Screener, begun: Begun) -> None:
    """Ended by its parent it leaves its slice to that, and says nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends it
    with suppress(KeyboardInterrupt), open_store(url) as store:
        work(store, screener, begun, lambda done: None)


def teller(store: Store, run_id: int, progress: Progress) -> Callable[[], None]:
    """What to call again and again to tell how many listings others have done from now on."""
    told = _done_listings(store, run_id)

    def tell() -> None:
        nonlocal told
        now = _done_listings(store, run_id)
        progress(now - told)
        told = now

    return tell


def _done_listings(store: Store, run_id: int) -> int:
    with store.read() as c:
        return count_listings(c, run_id)[0]


def count_listings(c: Connection, run_id: int) -> tuple[int, int]:
    """How many listings a re-screening has done, and how many all its slices have."""
    slices = runs.load_slices(c, run_id)
    return sum(map(_done_of, slices)), sum(int(s.queries[2]) for s in slices)


def _done_of(piece: Slice) -> int:
    if piece.state is SliceState.DONE:
        return int(piece.queries[2])
    far = _FAR.fullmatch(piece.detail)
    return max(0, int(piece.queries[2]) - int(far[1])) if far else 0
