"""Runs, their slices with leases, and what each query got. The store is the only truth about work.

A slice is leased by one owner until a time, and finished by that owner only. When the time is over it may be taken up
again; every change compares the row with what was read, so that two machines never hold one slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.model.run import Coverage, Example, RunState, Slice, SliceState
from gimonitor.store.codec import decode, encode
from gimonitor.store.columns import clean_text
from gimonitor.store.database import utc_now
from gimonitor.store.keys import key_of
from gimonitor.store.tables import coverage, runs, slices
from gimonitor.store.upsert import Row, insert_new, upsert, whole

ATTEMPTS = 3
"""A slice whose lease ran out this often is failed: something in it kills its worker."""

RESCREEN = "rescreen"
"""The kind of a run that screens stored listings again and collects nothing."""
NIGHTLY, DIGEST = "nightly", "digest"
"""The kinds of the scheduled runs; a digest collects nothing either."""
PICTURES = "second_pass"
"""The kind of a run that fetches the pictures of listings."""
REPARSE = "reparse"
"""The kind of a run that reads stored responses again."""
UNLIKE = "unlike"
"""Where a run's config says, in sentences for the screen, in what the run differs from the nights before."""
RUNNER = "runner"
"""Where a run's config names the process that works on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as recorded. `slot` names the night it is for; empty for a run by hand."""

    id: int
    kind: str
    slot: str
    state: RunState
    config: dict[str, Any]
    summary: str
    started_at: datetime
    ended_at: datetime | None


def start_run(c: Connection, kind: str, config: dict[str, Any], *, slot: str = "", now: datetime | None = None) -> int:
    """Record a run and return its id. Raises ConflictError when the slot has its run already."""
    row = {
        "kind": kind,
        "slot": slot or None,
        "state": RunState.RUNNING,
        "config": config,
        "summary": "",
        "started_at": now or utc_now(),
    }
    made: int | None = c.execute(insert_new(c, runs).values(row).returning(runs.c.id)).scalar()
    if made is None:
        other = find_run(c, slot)
        raise ConflictError(f"{slot} has its run already: {other.id if other else '?'}")
    return made


def finish_run(c: Connection, run_id: int, state: RunState, summary: str, now: datetime | None = None) -> None:
    """Record how a run ended. Raises NotFoundError."""
    values = {"state": state, "summary": clean_text(summary), "ended_at": now or utc_now()}
    if c.execute(update(runs).where(runs.c.id == run_id).values(values)).rowcount != 1:
        raise NotFoundError(f"no run {run_id} is stored")


def amend_run(c: Connection, run_id: int, **values: Any) -> None:
    """Add to what a run keeps in its config. Raises NotFoundError."""
    kept = c.execute(select(runs.c.config).where(runs.c.id == run_id).with_for_update()).scalar()
    if kept is None:
        raise NotFoundError(f"no run {run_id} is stored")
    c.execute(update(runs).where(runs.c.id == run_id).values(config=kept | values))


def mark_once(c: Connection, run_id: int, name: str) -> bool:
    """Note in a run's config that something was done for it; False where another has. Raises NotFoundError."""
    amend_run(c, run_id)  # the row is ours until the end of the unit of work
    if load_run(c, run_id).config.get(name):
        return False
    amend_run(c, run_id, **{name: True})
    return True


def load_run(c: Connection, run_id: int) -> StoredRun:
    """The run with this id. Raises NotFoundError."""
    row = c.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no run {run_id} is stored")
    return _run(row)


def find_run(c: Connection, slot: str) -> StoredRun | None:
    """The run of a slot, if it was begun."""
    row = c.execute(select(runs).where(runs.c.slot == slot)).mappings().first()
    return _run(row) if row else None


def latest_runs(c: Connection, limit: int = 30, kind: str = "") -> tuple[StoredRun, ...]:
    """Runs of one kind, the newest first; where none is given all that collected listings, so no re-screening and no digest."""
    wanted = runs.c.kind == kind if kind else runs.c.kind.not_in((RESCREEN, DIGEST))
    query = select(runs).where(wanted).order_by(runs.c.id.desc()).limit(limit)
    return tuple(_run(row) for row in c.execute(query).mappings())


def last_night(c: Connection) -> StoredRun | None:
    """The newest nightly run, whose gaps the day begins with; where there was none yet, the newest that collected anything.

    A table imported or a link added in the morning is a run too, and must not hide what the night could not get.
    """
    return next(iter(latest_runs(c, 1, NIGHTLY) or latest_runs(c, 1)), None)


def _run(row: Any) -> StoredRun:
    return StoredRun(**{name: row[name] for name in StoredRun.__slots__ if name != "slot"}, slot=row["slot"] or "")


# --- slices ---------------------------------------------------------------------------------------------------------


def plan_slices(c: Connection, run_id: int, planned: Sequence[tuple[str, Sequence[str]]]) -> int:
    """Add (source, queries) as slices to a run; those it has already are left alone. Returns how many were added."""
    rows = [
        {
            "key": key_of(run_id, source, len(queries), *queries),
            "run_id": run_id,
            "source": source,
            "queries": [clean_text(query) for query in queries],
            "state": SliceState.PENDING,
            "attempts": 0,
            "owner": "",
            "leased_until": None,
            "detail": "",
        }
        for source, queries in planned
    ]
    if not rows:
        return 0
    return len(c.execute(insert_new(c, slices).returning(slices.c.id), rows).all())


def lease_slice(
    c: Connection,
    run_id: int,
    source: str | None,
    owner: str,
    seconds: float,
    now: datetime,
    slice_id: int | None = None,
) -> Slice | None:
    """Lease the next slice of a run, or a certain one, that waits or whose lease is over. None when there is none.

    `owner` must differ between workers. A slice whose lease ran out ATTEMPTS times is failed on the way.
    """
    _fail_worn_out(c, run_id, now)
    s = slices.c
    free = or_(s.state == SliceState.PENDING, and_(s.state == SliceState.LEASED, s.leased_until < now))
    query = select(slices).where(s.run_id == run_id, free).order_by(s.id).limit(1)
    if source is not None:
        query = query.where(s.source == source)
    if slice_id is not None:
        query = query.where(s.id == slice_id)
    row = c.execute(query.with_for_update(skip_locked=True)).mappings().first()
    if row is None:
        return None
    leased = {
        "state": SliceState.LEASED,
        "owner": owner,
        "attempts": row["attempts"] + 1,
        "leased_until": now + timedelta(seconds=seconds),
    }
    unchanged = and_(s.id == row["id"], s.state == row["state"], s.attempts == row["attempts"])
    if c.execute(update(slices).where(unchanged).values(leased)).rowcount != 1:
        return None
    return _slice({**row, **leased})


def _fail_worn_out(c: Connection, run_id: int, now: datetime) -> None:
    s = slices.c
    worn = and_(s.run_id == run_id, s.state == SliceState.LEASED, s.leased_until < now, s.attempts >= ATTEMPTS)
    detail = f"given up: its lease ran out {ATTEMPTS} times"
    c.execute(update(slices).where(worn).values(state=SliceState.FAILED, owner="", leased_until=None, detail=detail))


def extend_lease(
    c: Connection, slice_id: int, owner: str, seconds: float, now: datetime, detail: str | None = None
) -> None:
    """Keep a slice for longer, and note in `detail` how far it is. Raises ConflictError when the owner has lost it."""
    noted = {} if detail is None else {"detail": clean_text(detail)}
    _change_own(c, slice_id, owner, {"leased_until": now + timedelta(seconds=seconds), **noted})


def finish_slice(c: Connection, slice_id: int, owner: str, state: SliceState, detail: str = "") -> None:
    """End a slice. Raises ConflictError when it is not, or no longer, the owner's; NotFoundError when there is none.

    Call it in a transaction after the last listing of the slice was stored: done means all of it is.
    """
    _change_own(c, slice_id, owner, {"state": state, "leased_until": None, "detail": clean_text(detail)})


def _change_own(c: Connection, slice_id: int, owner: str, values: Row) -> None:
    s = slices.c
    own = and_(s.id == slice_id, s.owner == owner, s.state == SliceState.LEASED)
    if c.execute(update(slices).where(own).values(values)).rowcount != 1:
        now = load_slice(c, slice_id)
        raise ConflictError(f"slice {slice_id} is not leased by {owner}: it is {now.state.value}")


def retry_slice(c: Connection, slice_id: int) -> None:
    """Let a failed or blocked slice be leased again."""
    ended = and_(slices.c.id == slice_id, slices.c.state.in_((SliceState.FAILED, SliceState.BLOCKED)))
    c.execute(update(slices).where(ended).values(state=SliceState.PENDING, owner="", leased_until=None))


def release_slices(c: Connection, run_id: int, *, leased: bool = True) -> None:
    """Go on with a run that was stopped: it runs again, and its failed slices wait for a worker; the leased ones too.

    `leased` only for a run whose workers have ended: a worker that still holds a slice loses it.
    """
    if c.execute(update(runs).where(runs.c.id == run_id).values(state=RunState.RUNNING, ended_at=None)).rowcount != 1:
        raise NotFoundError(f"no run {run_id} is stored")
    freed = (SliceState.LEASED, SliceState.FAILED) if leased else (SliceState.FAILED,)
    held = and_(slices.c.run_id == run_id, slices.c.state.in_(freed))
    c.execute(update(slices).where(held).values(state=SliceState.PENDING, owner="", leased_until=None, attempts=0))


def give_back(c: Connection, run_id: int, owner: str) -> None:
    """Let others lease what an owner holds who is ending."""
    held = and_(slices.c.run_id == run_id, slices.c.owner == owner, slices.c.state == SliceState.LEASED)
    c.execute(update(slices).where(held).values(state=SliceState.PENDING, owner="", leased_until=None))


def block_source(c: Connection, run_id: int, source: str, detail: str) -> int:
    """Stop a source for the rest of a run: its waiting slices are blocked. Returns how many."""
    waiting = and_(slices.c.run_id == run_id, slices.c.source == source, slices.c.state == SliceState.PENDING)
    values = {"state": SliceState.BLOCKED, "detail": clean_text(detail)}
    return c.execute(update(slices).where(waiting).values(values)).rowcount


def holders(c: Connection, run_id: int, now: datetime, slice_id: int | None = None) -> tuple[str, ...]:
    """Owners of slices of a run, or of a certain one, whose lease is not over."""
    s = slices.c
    held = and_(s.run_id == run_id, s.state == SliceState.LEASED, s.leased_until >= now)
    held = held if slice_id is None else and_(held, s.id == slice_id)
    return tuple(c.execute(select(s.owner).where(held).distinct().order_by(s.owner)).scalars())


def load_slice(c: Connection, slice_id: int) -> Slice:
    """The slice with this id. Raises NotFoundError."""
    row = c.execute(select(slices).where(slices.c.id == slice_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no slice {slice_id} is stored")
    return _slice(row)


def load_slices(c: Connection, run_id: int) -> tuple[Slice, ...]:
    """Slices of a run in their order."""
    rows = c.execute(select(slices).where(slices.c.run_id == run_id).order_by(slices.c.id)).mappings()
    return tuple(_slice(row) for row in rows)


def _slice(row: Any) -> Slice:
    return Slice(
        id=row["id"],
        run_id=row["run_id"],
        source=row["source"],
        queries=tuple(row["queries"]),
        state=row["state"],
        attempts=row["attempts"],
        detail=row["detail"],
    )


# --- coverage -------------------------------------------------------------------------------------------------------


def save_coverage(c: Connection, record: Coverage, now: datetime | None = None) -> None:
    """Store what one query of one source got in a run; a newer record takes the place of the older one."""
    row = {name: getattr(record, name) for name in Coverage.__slots__}
    row |= {
        "key": key_of(record.run_id, record.source, record.query),
        "query": clean_text(record.query),
        "detail": clean_text(record.detail),
        "announced": whole([record.announced])[0],
        "example": encode(record.example) if record.example else None,
        "at": record.at or now or utc_now(),
        "fields": dict(record.fields) or None,
        "goods": [[clean_text(word) for word in key] for key in record.goods] or None,
        "same_as": clean_text(record.same_as),
    }
    c.execute(upsert(c, coverage, ("key",)), row)


def last_sign(c: Connection, run: StoredRun) -> datetime:
    """When a run was begun, or a query of it last recorded."""
    newest: datetime | None = c.execute(select(func.max(coverage.c.at)).where(coverage.c.run_id == run.id)).scalar()
    return max(run.started_at, newest) if newest else run.started_at


def load_coverage(c: Connection, run_id: int) -> tuple[Coverage, ...]:
    """Coverage of a run by source and query."""
    query = select(coverage).where(coverage.c.run_id == run_id).order_by(coverage.c.source, coverage.c.query)
    return tuple(coverage_of(row) for row in c.execute(query).mappings())


def coverage_of(row: Any) -> Coverage:
    """The record in a row that holds the columns of `coverage`."""
    values = {name: row[name] for name in Coverage.__slots__}
    example = decode(Example, row["example"]) if row["example"] else None
    goods = tuple((platform, item_id) for platform, item_id in values["goods"] or ())
    return Coverage(**(values | {"example": example, "fields": values["fields"] or {}, "goods": goods}))
