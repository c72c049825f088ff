"""One run over many sources: plan, slices in processes of their own, and a verdict that comes from the records."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.crawling.openapi import bias_of
from gimonitor.crawling.searchplan import plan_record
from gimonitor.errors import ConflictError, DiskFullError, InputError
from gimonitor.evidence.seal import recover_seals
from gimonitor.model.register import Register
from gimonitor.model.run import BlockKind, Coverage, RunState, Slice, SliceState
from gimonitor.operations.abandoned import KINDS, close_abandoned, how_to_resume
from gimonitor.operations.accounts import Account, account_for
from gimonitor.operations.health import Symptom, load_health
from gimonitor.operations.plan import NightPlan, PlannedSlice, plan_night, wanted_sources
from gimonitor.operations.slices import Say, crawl_slice, shorten, stop_source
from gimonitor.register import load_register
from gimonitor.store import runs
from gimonitor.store.database import Store, open_store
from gimonitor.store.runs import StoredRun
from gimonitor.store.wanted import SOURCE
from gimonitor.workflow.owners import own_mark, own_name, workers_of

LOOK_SECONDS = 2.0  # between two looks at slices that workers crawl


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a run ended, by its records. `gaps` are sentences for the operator, one for each thing that is missing."""

    run_id: int
    state: RunState
    seen: int
    stored: int
    unchanged: int
    rejected: int
    gaps: tuple[str, ...]
    accounts: tuple[Account, ...] = ()


def run_now(
    configuration: Configuration,
    *,
    sources: Sequence[str] = (),
    slot: str = "",
    extra: Sequence[PlannedSlice] = (),
    depth: int | None = None,
    say: Say,
) -> Verdict:
    """Collect from each source once. `slot` names the night; `extra` slices are crawled last; a given `depth` is for every name.

    Checks rules, store and disk before anything is asked. Raises RulesError, ConfigurationError, StoreError or
    DiskFullError then; later trouble is in the verdict.
    """
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    wanted_sources(configuration, sources)
    with open_store(configuration.store_url) as store:
        _check(configuration)
        for run in close_abandoned(configuration, store, datetime.now(UTC)):
            say(f"run {run.id} was interrupted; `{how_to_resume(run)}` goes on with it")
        with store.read() as c:
            plan = plan_night(c, configuration, register, sources, depth=depth, now=datetime.now(UTC))
        run_id = _begin(store, plan, extra, slot, register)
        return _work(configuration, store, run_id, say)


def look_ahead(configuration: Configuration, *, sources: Sequence[str] = (), depth: int | None = None) -> NightPlan:
    """The plan that a night beginning now would have. Nothing is asked or written. Raises as run_now does."""
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    wanted_sources(configuration, sources)
    with open_store(configuration.store_url) as store, store.read() as c:
        return plan_night(c, configuration, register, sources, depth=depth, now=datetime.now(UTC))


def resume(configuration: Configuration, run_id: int, *, say: Say) -> Verdict:
    """Go on with a run that was stopped: slices that are done stay done, the others are crawled.

    Raises ConflictError while somebody works on it: a process of this machine that lives, or of another machine whose
    lease is not over. NotFoundError when there is no such run, InputError when it is none that is made of slices.
    """
    store = open_store(configuration.store_url)
    try:
        _check(configuration)
        with store.write() as connection:
            run = runs.load_run(connection, run_id)
            _check_slices(connection, run)
            alive = workers_of(connection, run, datetime.now(UTC))
            if alive and not configuration.spread:
                raise ConflictError(f"run {run_id} is being worked on by {', '.join(alive)}")
            runs.release_slices(connection, run_id, leased=not alive)
            runs.amend_run(connection, run_id, **{runs.RUNNER: own_mark()})
        return _work(configuration, store, run_id, say)
    finally:
        store.close()


def _check_slices(connection: Connection, run: StoredRun) -> None:
    if run.kind == runs.REPARSE:
        raise InputError(f"run {run.id} reads stored responses again and asks nobody: `{how_to_resume(run)}`")
    if run.kind not in KINDS and not runs.load_slices(connection, run.id):
        raise InputError(f"run {run.id} ({run.kind}) crawls nothing that could be gone on with: give its command again")


def _check(configuration: Configuration) -> None:
    """What must be there before a run is begun: room on the disk, whole archives, and the job tables where workers crawl."""
    _check_disk(configuration)
    recover_seals(configuration.warc_dir)
    if configuration.spread:
        from gimonitor.operations.jobs import make_tables

        make_tables(configuration)


def _check_disk(configuration: Configuration) -> None:
    configuration.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(configuration.data_dir).free // 1_000_000
    if free < configuration.disk_reserve_mb:
        raise DiskFullError(
            f"{configuration.data_dir}: {free} MB free, {configuration.disk_reserve_mb} MB are kept in reserve"
        )


def _begin(store: Store, plan: NightPlan, extra: Sequence[PlannedSlice], slot: str, register: Register) -> int:
    pieces = [*plan.slices(), *extra]
    deepest = max((query.depth for part in plan.sources for query in part.queries), default=1)
    record = plan_record(register, deepest, [query for piece in pieces for query in piece.queries])
    bias = bias_of(piece.source for piece in pieces)
    config = {
        "register": register.digest,
        "plan": record,
        "night": plan.record(),
        "bias": bias,
        runs.RUNNER: own_mark(),
    }
    with store.write() as connection:
        run_id = runs.start_run(connection, "nightly", config, slot=slot)
        runs.plan_slices(connection, run_id, [(p.source, p.queries) for p in pieces])
    return run_id


def _work(configuration: Configuration, store: Store, run_id: int, say: Say) -> Verdict:
    owner = own_name()
    try:
        if configuration.spread:
            from gimonitor.operations.jobs import spread  # asyncio and procrastinate only where they are used

            spread(configuration, store, run_id, say, lambda: time.sleep(LOOK_SECONDS))
            return _end(store, run_id, None)
        while piece := _lease(configuration, store, run_id, owner):
            say(f"run {run_id} · {piece.source}: {shorten(piece.queries)}")
            if crawl_slice(configuration, store, piece, owner) is SliceState.BLOCKED:
                stop_source(store, piece, say)
    except KeyboardInterrupt:
        say("stopped; what was collected is kept, `gimonitor run resume` goes on")
        store.attempt(lambda c: runs.give_back(c, run_id, owner))
        return _end(store, run_id, RunState.INTERRUPTED)
    return _end(store, run_id, None)


def _lease(configuration: Configuration, store: Store, run_id: int, owner: str) -> Slice | None:
    with store.write() as connection:
        return runs.lease_slice(connection, run_id, None, owner, configuration.lease_seconds, datetime.now(UTC))


def _end(store: Store, run_id: int, state: RunState | None) -> Verdict:
    with store.read() as connection:
        unlike = load_health(connection, runs.load_run(connection, run_id)).symptoms
    with store.write() as connection:
        coverage, slices = runs.load_coverage(connection, run_id), runs.load_slices(connection, run_id)
        verdict = judge(run_id, coverage, slices, state, unlike)
        runs.amend_run(connection, run_id, **{runs.UNLIKE: [symptom.text for symptom in unlike]})
        runs.finish_run(connection, run_id, verdict.state, "\n".join(verdict.gaps))
        return replace(verdict, accounts=account_for(runs.load_run(connection, run_id), coverage, slices))


def judge(
    run_id: int,
    coverage: Sequence[Coverage],
    slices: Sequence[Slice],
    state: RunState | None = None,
    unlike: Sequence[Symptom] = (),
) -> Verdict:
    """The verdict over a run's records. Pure. `state` overrules it for a run that was stopped; `unlike` is in what it differs
    from the nights before, of which vanished fields are gaps."""
    gaps = [gap for record in coverage for gap in gaps_of(record)]
    gaps += [gap for piece in slices for gap in gaps_of_slice(piece)]
    gaps += [symptom.gap for symptom in unlike if symptom.gap]
    seen = sum(c.seen for c in coverage)
    if not seen and not any(c.blocked for c in coverage):
        gaps.append("nothing was seen at all: a silent night is an alarm, not a clean market")
    refused = bool(coverage) and all(c.blocked not in (None, BlockKind.FUZZY) for c in coverage)
    blocked = not seen and (refused or (bool(slices) and all(s.state is SliceState.BLOCKED for s in slices)))
    useless = seen == sum(c.rejected + c.failed for c in coverage)
    judged = RunState.BLOCKED if blocked else RunState.FAILED if useless else RunState.PARTIAL if gaps else RunState.OK
    return Verdict(
        run_id=run_id,
        state=state or judged,
        seen=seen,
        stored=sum(c.stored for c in coverage),
        unchanged=sum(c.unchanged for c in coverage),
        rejected=sum(c.rejected for c in coverage),
        gaps=tuple(gaps),
    )


def gaps_of_slice(piece: Slice) -> list[str]:
    """What a slice that is not done leaves unasked, as a sentence; none for a slice that is done."""
    if piece.state is SliceState.DONE:
        return []
    names, why = shorten(piece.queries), f" ({piece.detail})" if piece.detail else ""
    what = f"{piece.source}: slice {piece.id} is {piece.state.value}{why}"
    return [f"{what}, not all of it was asked or could be read: {names}"]


def gaps_of(record: Coverage) -> list[str]:
    """What is missing from one query's answer, as sentences."""
    where = f"{record.source} “{record.query}”"
    gaps = []
    if record.blocked and record.blocked is not BlockKind.FUZZY:
        gaps.append(f"{where}: {record.detail or record.blocked.value}")
    if record.cut_off:
        of = f" of {record.announced}" if record.announced is not None else ""
        gaps.append(f"{where}: cut off after {record.seen}{of}")
    if record.failed:
        gaps.append(f"{where}: {record.failed} could not be read or stored")
    if record.over_budget:
        gaps.append(f"{where}: {record.over_budget} pages not asked: the budget of the day was used up")
    if record.rejected:
        what = "pictures and shop pages" if record.source == SOURCE else "listings"
        gaps.append(f"{where}: {record.rejected} of {record.seen} {what} were rejected")
    if record.unread:
        gaps.append(f"{where}: {record.unread} answers no parser could read")
    if record.pages_answered < record.pages_asked and record.blocked in (None, BlockKind.FUZZY):
        gaps.append(f"{where}: {record.pages_asked - record.pages_answered} pages without an answer")
    lost = record.seen - record.stored - record.unchanged - record.rejected - record.failed
    if lost:
        gaps.append(f"{where}: {lost} listings are not accounted for")
    return gaps


def was_finished(configuration: Configuration, slot: str) -> bool:
    """True when the run of this slot has come to an end; raises ConflictError while it is open."""
    store = open_store(configuration.store_url)
    try:
        with store.read() as connection:
            run = runs.find_run(connection, slot)
    finally:
        store.close()
    if run is not None and run.state is RunState.RUNNING:
        raise ConflictError(f"run {run.id} of {slot} is not finished; `gimonitor run resume {run.id}` goes on with it")
    return run is not None
