"""A slice and the process that crawls it: started, watched, ended, and what then becomes of the slice."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.evidence.seal import recover_seals
from gimonitor.model.run import Slice, SliceState
from gimonitor.store import runs
from gimonitor.store.database import Store
from gimonitor.store.tasks import create_task, list_tasks

Say = Callable[[str], None]
STOP_SECONDS = 60.0  # what a crawl gets to store what it has


def shorten(queries: tuple[str, ...]) -> str:
    """The first queries of a slice, for one line."""
    return "、".join(queries[:4]) + (f" … ({len(queries)})" if len(queries) > 4 else "")


def stop_source(store: Store, piece: Slice, say: Say) -> None:
    """Leave a source that refused alone for the rest of its run; a task keeps what it was not asked."""
    with store.write() as connection:
        left = runs.block_source(
            connection, piece.run_id, piece.source, f"not asked: the source refused slice {piece.id}"
        )
        _add_to_task(connection, piece)
    say(f"run {piece.run_id} · {piece.source} refused; {left} more slices of it are not asked tonight")


def _add_to_task(connection: Connection, piece: Slice) -> None:
    """What the slices ask that are not asked tonight goes into the task that the refused crawl has made, if it made one."""
    waiting = list_tasks(connection, source=piece.source)
    blocked = [
        s
        for s in runs.load_slices(connection, piece.run_id)
        if s.source == piece.source and s.state is SliceState.BLOCKED
    ]
    queries = [query for one in blocked for query in one.queries]
    if waiting and waiting[0].run_id == piece.run_id:
        create_task(
            connection,
            waiting[0].kind,
            piece.source,
            queries,
            url=waiting[0].url,
            reason=waiting[0].reason,
            run_id=piece.run_id,
        )


def crawl_slice(
    configuration: Configuration, store: Store, piece: Slice, owner: str, stopped: Callable[[], bool] | None = None
) -> SliceState:
    """Crawl one slice in its own process and return how it ended.

    The process writes its records; what it leaves open is closed here as failed, and tried again up to three times. It is
    asked to end when `stopped` says so.
    """
    log_dir = configuration.data_dir / "logs"
    log_dir.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "scrapy", "crawl", piece.source]
    settings = {
        "SPIDER_MODULES": f"spiders.{piece.source}",  # the other spiders need not be loaded
        "GIMONITOR_RUN_ID": piece.run_id,
        "GIMONITOR_SLICE_ID": piece.id,
        "GIMONITOR_OWNER": owner,
    }
    command += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    with (
        (log_dir / f"run-{piece.run_id}.log").open("ab") as log,
        subprocess.Popen(
            command,
            preexec_fn=_end_with_parent,
            start_new_session=True,  # Ctrl-C in a terminal is for us: a second signal would make the crawl drop what it holds
            env=child_environment(configuration),
            stdout=log,
            stderr=log,
            cwd=log_dir,
        ) as process,
    ):
        trouble = _await(process, configuration.lease_seconds, store, piece, owner, stopped)
    recover_seals(configuration.warc_dir / f"run-{piece.run_id}")  # of a crawl that was killed
    return leave_slice(store, piece, owner, trouble)


def leave_slice(store: Store, piece: Slice, owner: str, trouble: str) -> SliceState:
    """Return how a slice ended; one that is still `owner`'s failed by `trouble`, and is tried again up to three times."""
    with store.write() as connection:
        if owner in runs.holders(connection, piece.run_id, datetime.now(UTC), piece.id):
            runs.finish_slice(connection, piece.id, owner, SliceState.FAILED, trouble)
        state = runs.load_slice(connection, piece.id).state
        if state is SliceState.FAILED and piece.attempts < runs.ATTEMPTS:
            runs.retry_slice(connection, piece.id)
    return state


def _await(
    process: subprocess.Popen[bytes],
    seconds: float,
    store: Store,
    piece: Slice,
    owner: str,
    stopped: Callable[[], bool] | None,
) -> str:
    """Wait for a crawl as long as it keeps its lease, and say how it ended. Whatever interrupts the wait ends it too."""
    pause, waited = (min(1.0, seconds / 3) if stopped else seconds / 3), 0.0
    try:
        while True:
            try:
                return f"the crawl process ended with {process.wait(pause)}"
            except subprocess.TimeoutExpired:
                waited += pause
            if stopped and stopped():
                process.terminate()
                return f"stopped: the crawl process ended with {process.wait(STOP_SECONDS)}"
            if waited >= seconds / 3:
                waited = 0.0
                if not _is_held(store, piece, owner):
                    process.kill()
                    return f"no sign of life for {seconds:g} s"
    except KeyboardInterrupt:
        _end_politely(process)
        raise
    except BaseException:
        process.kill()
        raise


def _end_politely(process: subprocess.Popen[bytes]) -> None:
    """Let a crawl store what it has; killed when it takes longer than STOP_SECONDS, or when asked to stop once more."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()


def _is_held(store: Store, piece: Slice, owner: str) -> bool:
    """True while the crawl keeps its lease; a store that does not answer is waited for."""
    held: bool = store.attempt(
        lambda c: owner in runs.holders(c, piece.run_id, datetime.now(UTC), piece.id), writes=False
    )
    return held


def _end_with_parent() -> None:
    """In the child: end when the runner dies, so that no crawl goes on beside the next run."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG, Linux


def child_environment(configuration: Configuration) -> dict[str, str]:
    """The child's environment: this process's, with the paths of this configuration made absolute."""
    environment = dict(os.environ, SCRAPY_SETTINGS_MODULE="gimonitor.settings")
    environment["GIMONITOR_DATA_DIR"] = str(configuration.data_dir.resolve())
    if configuration.rules_dir:
        environment["GIMONITOR_RULES_DIR"] = str(configuration.rules_dir.resolve())
    for name in ("practice_url", "contact", "database_url"):
        if value := getattr(configuration, name):
            environment[f"GIMONITOR_{name.upper()}"] = value
    config = environment.get("GIMONITOR_CONFIG")
    if config or Path("gimonitor.toml").is_file():
        environment["GIMONITOR_CONFIG"] = str(Path(config or "gimonitor.toml").resolve())
    return environment
