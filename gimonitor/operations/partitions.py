"""Partitions: the listings of one slice of a re-screening as a Parquet file, so that workers need not ask the store for them.

They lie in the shared place (GIMONITOR_EVIDENCE_URL), else in the data folder. What a worker makes of a partition goes the
way that every re-screening goes; what was done already is seen in the store, so that a partition may be worked again.
An erasure takes all of them away, for they hold listings; who comes to such a slice then asks the store after all.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError, GimonitorError
from gimonitor.evidence.files import check_room
from gimonitor.model.register import Register
from gimonitor.model.run import Slice, SliceState
from gimonitor.operations.sharing import Place
from gimonitor.operations.slices import leave_slice
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.audit import ERASURE, last_audit
from gimonitor.store.database import Store
from gimonitor.store.loading import EXPORTED, StoredListing, load_exported, read_exported, screened_by
from gimonitor.store.registers import recall_register
from gimonitor.store.upsert import chunks
from gimonitor.workflow.rescreen_plan import Plan, Scope, plan_of
from gimonitor.workflow.rescreening import BATCH, screen_again

if TYPE_CHECKING:
    import polars as pl

FOLDER = "rescreen"


def export_partition(configuration: Configuration, store: Store, scope: Scope, piece: Slice) -> int:
    """Write the listings of a slice that are left to be screened, and return how many; one that is there stays as it is.

    Raises DiskFullError, EvidenceError.
    """
    place, name = _place(configuration), _name(piece)
    if place.holds(name):
        return 0
    while True:
        with store.read() as c:
            erased, rows = last_audit(c, ERASURE), _rows(c, scope, piece)
        content = _written(rows)
        if not configuration.evidence_url:
            check_room(configuration.data_dir, len(content), configuration.disk_reserve_mb * 1_000_000)
        place.write(name, content)
        with store.read() as c:
            if last_audit(c, ERASURE) == erased:
                return len(rows)
        place.remove(name)  # it may hold what has been erased since it was read


def _rows(c: Connection, scope: Scope, piece: Slice) -> list[tuple[object, ...]]:
    return load_exported(c, scope.ids(c, int(piece.queries[0]), int(piece.queries[1])))


def count_partitions(configuration: Configuration) -> int:
    """How many there are, of whichever run. Raises EvidenceError."""
    return _place(configuration).count(FOLDER)


def remove_partitions(configuration: Configuration) -> None:
    """Remove what is left of partitions, of whichever run: one re-screening goes on at a time. Raises EvidenceError."""
    _place(configuration).clear(FOLDER)


def screen_partition(
    configuration: Configuration, store: Store, piece: Slice, owner: str, over: Callable[[], bool]
) -> SliceState:
    """Screen the listings of a leased slice from its partition and return how it ended; `over` is asked between batches."""
    try:
        trouble = _screen(configuration, store, piece, owner, over)
    except GimonitorError as error:
        trouble = str(error)
    state = leave_slice(store, piece, owner, trouble)
    if state is SliceState.DONE:
        _place(configuration).remove(_name(piece))
    return state


def _screen(configuration: Configuration, store: Store, piece: Slice, owner: str, over: Callable[[], bool]) -> str:
    """Returns why the slice is not done, empty where it is."""
    with store.read() as c:
        plan = plan_of(runs.load_run(c, piece.run_id).config)
        register = recall_register(c, plan.target)
    if register is None:
        raise ConfigurationError(f"run {piece.run_id} was begun by another version of gimonitor than this worker's")
    screener = _screener(register)
    for stored in _listings(configuration, store, plan, register, piece):
        if over():
            return "stopped: the worker or the run was ended"
        screen_again(store, screener, _left(store, plan, stored), piece, owner, frozenset(plan.models))
    store.attempt(lambda c: runs.finish_slice(c, piece.id, owner, SliceState.DONE))
    return ""


def _listings(
    configuration: Configuration, store: Store, plan: Plan, register: Register, piece: Slice
) -> Iterator[list[StoredListing]]:
    """Batches of a slice's listings: of its partition, or of the store where an erasure took that away."""
    place, name = _place(configuration), _name(piece)
    if place.holds(name):
        yield from _batches(place.read(name))
        return
    with store.read() as c:
        rows = _rows(c, Scope(c, plan, register), piece)
    for some in chunks(rows, BATCH):
        yield [read_exported(row) for row in some]


def _left(store: Store, plan: Plan, stored: Sequence[StoredListing]) -> list[StoredListing]:
    """Those that nobody has screened again since they were exported; all, where all were asked for."""
    if all(part.is_forced for part in plan.parts):
        return list(stored)
    with store.read() as c:
        now = screened_by(c, [one.id for one in stored])
    return [one for one in stored if now.get(one.id) == one.register_digest]


_compiled: dict[str, Screener] = {}


def _screener(register: Register) -> Screener:
    """Compiled once for all partitions of a run that this process works on."""
    made = _compiled.get(register.digest)
    if made is None:
        made = Screener(register)
        _compiled.clear()
        _compiled[register.digest] = made
    return made


def _place(configuration: Configuration) -> Place:
    return Place.open(configuration.evidence_url or str(configuration.data_dir))


def _name(piece: Slice) -> str:
    return f"{FOLDER}/{piece.run_id}/{piece.id}.parquet"


# --- Parquet ----------------------------------------------------------------------------------------------------------


def _written(rows: Sequence[tuple[object, ...]]) -> bytes:
    import polars as pl

    file = io.BytesIO()
    frame = pl.DataFrame(rows, schema=_schema(), orient="row")
    frame.write_parquet(file, compression="zstd", row_group_size=BATCH)
    return file.getvalue()


def _batches(content: bytes) -> Iterator[list[StoredListing]]:
    import polars as pl

    for frame in pl.read_parquet(io.BytesIO(content), schema=_schema()).iter_slices(BATCH):
        yield [read_exported(row) for row in frame.iter_rows()]


def _schema() -> dict[str, pl.DataType]:
    """Columns by name in the order of EXPORTED. Times are UTC."""
    import polars as pl

    moment = pl.Datetime("us", "UTC")
    kinds = {"screened_on": pl.Date(), "first_seen": moment, "last_seen": moment, "gone_at": moment}
    texts = dict.fromkeys(("digest", "stage", "register_digest", "content"), pl.String())
    return {name: kinds.get(name) or texts.get(name) or pl.Int64() for name in EXPORTED}
