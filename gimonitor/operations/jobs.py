"""The slices of a run as jobs on the store's own PostgreSQL, for workers on any number of machines.

A job is a slice: queries to a source, or a partition of a re-screening. Procrastinate keeps one job a source at work over all machines (`lock`), no slice twice in the queue
(`queueing_lock`), and finds the jobs of workers that have died. What is done stays in the slice and its lease alone: a job
that runs a second time finds its slice done.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import QUEUEING_LOCK_CONSTRAINT, JobManager
from psycopg import sql
from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError, StoreUnreachableError
from gimonitor.evidence.seal import recover_seals
from gimonitor.model.run import RunState, Slice, SliceState
from gimonitor.operations.partitions import screen_partition
from gimonitor.operations.sharing import push
from gimonitor.operations.slices import crawl_slice, stop_source
from gimonitor.store import database, runs
from gimonitor.store.database import Store, open_store, parse_url
from gimonitor.workflow.owners import is_dead, own_name

SCHEMA = "gimonitor_jobs"
TASK = "crawl_slice"
FORGOTTEN = 60  # times silent before a worker's entry goes: one that was only slow must find it again
NOTED_AFTER = 10  # tries to note the end of a job, a second apart: PostgreSQL may be starting again
_LOCK = 7116103  # one process at a time makes the tables
_RESCUE_LOCK = 7116104  # and one gives jobs back

log = logging.getLogger(__name__)


class SliceWaitsError(Exception):
    """Raised by a job whose slice is not done yet and cannot be crawled now; it is tried again."""


class _Jobs(JobManager):
    """Jobs whose end is always noted: one left at work by a living worker would keep its source from every later night."""

    async def retry_job_by_id_async(self, job_id: int, *args: Any, **kwargs: Any) -> None:
        """Give a job back to the queue; where an equal one waits there already, as after `run resume`, this one is over."""
        try:
            await _insist(partial(super().retry_job_by_id_async, job_id, *args, **kwargs))
        except UniqueViolation as error:
            if error.constraint_name != QUEUEING_LOCK_CONSTRAINT:
                raise
            log.info("job %d: another of the same slice waits, this one is over", job_id)
            await self.finish_job_by_id_async(job_id, Status.ABORTED, delete_job=True)

    async def finish_job_by_id_async(self, job_id: int, status: Status, delete_job: bool) -> None:
        """End a job."""
        await _insist(partial(super().finish_job_by_id_async, job_id, status, delete_job))


async def _insist(work: Callable[[], Awaitable[None]]) -> None:
    """Do it again while the connection is lost. Raises ConnectorException."""
    for _ in range(NOTED_AFTER - 1):
        try:
            await work()
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.OperationalError):
                raise
            await asyncio.sleep(1)
        else:
            return
    await work()


def conninfo(configuration: Configuration) -> str:
    """How the job tables are reached. Raises ConfigurationError where the store is no PostgreSQL."""
    url = parse_url(configuration.store_url)
    if url.get_backend_name() != "postgresql":
        raise ConfigurationError(
            "workers need a PostgreSQL store: set GIMONITOR_DATABASE_URL=postgresql+psycopg://… for all machines"
        )
    return database.conninfo(url, options=f"-c search_path={SCHEMA} -c timezone=UTC", connect_timeout="10")


def make_tables(configuration: Configuration) -> None:
    """Make the job tables in their own schema; anew after procrastinate was upgraded, once no job waits in them.

    Raises StoreUnreachableError, and ConfigurationError while jobs of another version wait.
    """
    version = importlib.metadata.version("procrastinate")
    try:
        with psycopg.connect(conninfo(configuration), autocommit=False) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            made = _version_made(connection)
            if made == version:
                return
            if made and _open_jobs(connection):
                raise ConfigurationError(
                    f"jobs of procrastinate {made} wait, this is {version}: let that version's workers finish"
                )
            name = sql.Identifier(SCHEMA)
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
            connection.execute(App(connector=PsycopgConnector()).schema_manager.get_schema())
            comment = sql.SQL("COMMENT ON SCHEMA {} IS {}")
            connection.execute(comment.format(name, sql.Literal(version)))
    except psycopg.OperationalError as error:
        raise StoreUnreachableError(f"the job tables cannot be reached: {error}") from error


def _version_made(connection: psycopg.Connection) -> str | None:
    query = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s"
    row = connection.execute(query, (SCHEMA,)).fetchone()
    return str(row[0]) if row else None


def _open_jobs(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') LIMIT 1").fetchone()
    return row is not None


def make_app(configuration: Configuration, stopped: Callable[[], bool] = lambda: False) -> App:
    """The application of procrastinate, with the one task there is. Not open yet."""
    connector = PsycopgConnector(conninfo=conninfo(configuration), min_size=1, max_size=4)
    app = App(connector=connector)
    app.job_manager = _Jobs(connector)
    again = RetryStrategy(wait=min(15, max(1, configuration.lease_seconds // 4)))

    @app.task(name=TASK, queue=TASK, retry=again)
    def crawl(slice_id: int) -> None:
        with open_store(configuration.store_url) as store:
            work_slice(configuration, store, slice_id, stopped)

    return app


def work_slice(configuration: Configuration, store: Store, slice_id: int, stopped: Callable[[], bool]) -> None:
    """Crawl, or screen again, a slice of a run that is still going on; nothing where it is done, or its run has ended.

    Raises SliceWaitsError while another holds it, or when it has to be tried again.
    """
    with store.read() as c:
        piece = runs.load_slice(c, slice_id)
    if stopped():
        raise SliceWaitsError(f"slice {slice_id}: the worker is ending")
    leased = _take(configuration, store, piece)
    if leased is None:
        return

    def over() -> bool:
        return stopped() or _run_state(store, piece.run_id) is not RunState.RUNNING

    if piece.source == runs.RESCREEN:
        state = screen_partition(configuration, store, leased, _owner(slice_id), over)
    else:
        state = crawl_slice(configuration, store, leased, _owner(slice_id), over)
        push(configuration)
    if state is SliceState.BLOCKED:
        stop_source(store, leased, log.info)
    elif state is not SliceState.DONE:
        raise SliceWaitsError(f"slice {slice_id} is {state.value}")


def _owner(slice_id: int) -> str:
    return f"{own_name()}:{slice_id}"  # a worker may hold several


def _run_state(store: Store, run_id: int) -> RunState:
    state: RunState = store.attempt(lambda c: runs.load_run(c, run_id).state, writes=False)
    return state


def _take(configuration: Configuration, store: Store, piece: Slice) -> Slice | None:
    if _run_state(store, piece.run_id) is not RunState.RUNNING:
        return None
    leased: Slice | None = store.attempt(lambda c: _lease(c, piece, configuration.lease_seconds))
    if leased is not None:
        return leased
    with store.read() as c:
        state = runs.load_slice(c, piece.id).state
    if state in (SliceState.PENDING, SliceState.LEASED):
        raise SliceWaitsError(f"slice {piece.id} is held by another worker")
    return None


def _lease(c: Connection, piece: Slice, seconds: float) -> Slice | None:
    """Lease a slice; one that a dead process of this machine holds need not wait for the end of its lease."""
    now, own = datetime.now(UTC), _owner(piece.id)
    for owner in runs.holders(c, piece.run_id, now, piece.id):
        if owner != own and is_dead(owner):  # `own`: another thread of this worker is at it
            runs.extend_lease(c, piece.id, owner, -1, now)
    return runs.lease_slice(c, piece.run_id, None, own, seconds, now, piece.id)


async def work(configuration: Configuration, stop: asyncio.Event, stopped: Callable[[], bool], at_once: int) -> None:
    """Take up jobs until `stop` is set; `stopped` tells the same to threads."""
    silent = configuration.worker_silent_seconds
    app = make_app(configuration, stopped)
    await asyncio.to_thread(recover_seals, configuration.warc_dir)  # what a worker that died here has left
    await asyncio.to_thread(push, configuration)
    asyncio.get_running_loop().set_exception_handler(_say_lost)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[TASK],
                name=own_name(),
                concurrency=at_once,
                fetch_job_polling_interval=min(5.0, silent / 4),
                update_heartbeat_interval=silent / 4,
                stalled_worker_timeout=silent * FORGOTTEN,
                install_signal_handlers=False,
                delete_jobs="successful",
            )
        )
        looking = asyncio.create_task(_rescue_again_and_again(configuration, app))
        ending = asyncio.create_task(stop.wait())
        await asyncio.wait({worker, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        looking.cancel()
        if not worker.done():
            worker.cancel()  # no more jobs; those at work come to their end
        await asyncio.gather(worker, return_exceptions=True)
        await asyncio.to_thread(push, configuration)
        if not worker.cancelled() and (error := worker.exception()):
            raise error


def _say_lost(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
    """The end of a job that could not be noted, as after a restart of PostgreSQL, is a line in the log: the job is given back, and
    finds its slice done."""
    error = about.get("exception")
    if isinstance(error, ConnectorException | psycopg.Error):
        log.warning("the end of a job could not be noted in the queue, it is looked at again: %s", error)
    else:
        loop.default_exception_handler(about)


async def defer_slices(configuration: Configuration, pieces: Sequence[Slice]) -> int:
    """Put slices into the queue; those that wait there already, or are at a worker, stay as they are. Returns how many were put."""
    queued, put = await asyncio.to_thread(queued_slices, configuration), 0
    new = [piece for piece in pieces if piece.id not in queued]
    if not new:
        return 0
    app = make_app(configuration)
    async with app.open_async():
        for piece in new:
            name, bulk = f"slice:{piece.id}", piece.source == runs.RESCREEN
            lock = name if bulk else f"source:{piece.source}"
            job = app.configure_task(TASK, queue=TASK, lock=lock, queueing_lock=name, priority=-1 if bulk else 0)
            try:
                await job.defer_async(slice_id=piece.id)
            except AlreadyEnqueued:
                continue
            put += 1
    return put


async def _rescue_again_and_again(configuration: Configuration, app: App) -> None:
    """What a worker does beside its slices: without it a dead worker's job would wait for a coordinator, which may be dead too."""
    while True:
        try:
            await _rescue(configuration, app)
        except (ConnectorException, psycopg.Error) as error:
            log.warning("the job tables do not answer, looked at again: %s", error)
        await asyncio.sleep(configuration.worker_silent_seconds / 2)


async def _rescue(configuration: Configuration, app: App) -> int:
    """Give the jobs of dead workers back. One process at a time: what another gave back may be at work again."""
    silent, manager = configuration.worker_silent_seconds, app.job_manager
    async with await psycopg.AsyncConnection.connect(conninfo(configuration)) as guard:
        await guard.execute("SELECT pg_advisory_xact_lock(%s)", (_RESCUE_LOCK,))
        stalled = await manager.get_stalled_jobs(queue=TASK, seconds_since_heartbeat=silent)
        return sum([await _give_back(manager, job) for job in stalled])


async def _give_back(manager: JobManager, job: Job) -> bool:
    """Give one job back; where that fails, the others are given back all the same."""
    assert job.id is not None
    try:
        await manager.retry_job_by_id_async(job.id, retry_at=datetime.now(UTC))
    except ConnectorException as error:
        log.warning(
            "job %d of a dead worker could not be given back, tried again: %s", job.id, error.__cause__ or error
        )
        return False
    log.warning("job %d: its worker has died, its slice is taken up again", job.id)
    return True


async def rescue(configuration: Configuration) -> tuple[int, int]:
    """Give the jobs of workers that have died back to the queue. Returns how many, and how many workers live."""
    app, silent = make_app(configuration), configuration.worker_silent_seconds
    async with app.open_async():
        rescued = await _rescue(configuration, app)
        query = "SELECT count(*) AS living FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %(silent)s)"
        row = await app.connector.execute_query_one_async(query, silent=silent)
    return rescued, int(row["living"])


def spread(
    configuration: Configuration, store: Store, run_id: int, say: Callable[[str], None], pause: Callable[[], None]
) -> None:
    """Put a run's slices into the queue and wait until all, or the run, have come to an end; `pause` is called between two looks."""
    waiting = _open_slices(store, run_id)
    put = asyncio.run(defer_slices(configuration, waiting))
    say(f"run {run_id}: {len(waiting)} slices for the workers, {put} of them new in the queue")
    told = False
    while _run_state(store, run_id) is RunState.RUNNING and (waiting := _open_slices(store, run_id)):
        try:
            rescued, living = asyncio.run(rescue(configuration))
            asyncio.run(defer_slices(configuration, waiting))
        except (ConnectorException, psycopg.Error) as error:
            log.warning("the job tables do not answer, looked at again: %s", error)
            pause()
            continue
        if rescued:
            say(f"run {run_id}: {rescued} slices of workers that died are taken up again")
        if not living and not told:
            say("no worker is heard of: start `gimonitor worker` on one machine at least")
        told = not living
        pause()


def queued_slices(configuration: Configuration) -> frozenset[int]:
    """The slices that wait for a worker or are at one; none before the job tables are made. Raises StoreUnreachableError."""
    query = "SELECT (args->>'slice_id')::bigint FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
    try:
        with psycopg.connect(conninfo(configuration)) as connection:
            return frozenset(int(number) for (number,) in connection.execute(query))
    except psycopg.errors.UndefinedTable:
        return frozenset()
    except psycopg.OperationalError as error:
        raise StoreUnreachableError(f"the job tables cannot be reached: {error}") from error


def _open_slices(store: Store, run_id: int) -> list[Slice]:
    pieces = store.attempt(lambda c: runs.load_slices(c, run_id), writes=False)
    return [piece for piece in pieces if piece.state in (SliceState.PENDING, SliceState.LEASED)]
