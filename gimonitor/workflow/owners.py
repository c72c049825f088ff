"""Who works on a slice, written `host:pid` or `host:pid:slice`, who works on a run, written `host:pid:began`, and whether that
process still lives."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gimonitor.model.run import RunState
from gimonitor.processes import ENDED, began
from gimonitor.store import runs
from gimonitor.store.runs import StoredRun

QUIET = timedelta(minutes=10)


def own_name() -> str:
    """This process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def own_mark() -> str:
    """This process, so that no later one of the same number is taken for it."""
    return f"{own_name()}:{began(os.getpid())}"


def is_dead(owner: str) -> bool:
    """True for a process of this machine that no longer lives, or is this very one. Of another machine nothing is known."""
    host, _, rest = owner.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(pid) == os.getpid() or began(int(pid)) == ENDED


def is_running(mark: str) -> bool:
    """True while another process of this machine lives that wrote this mark. Of another machine nothing is known."""
    host, _, rest = mark.partition(":")
    pid, _, moment = rest.partition(":")
    if host != socket.gethostname() or not pid.isdigit() or int(pid) == os.getpid():
        return False
    return bool(moment) and moment == began(int(pid))


def has_died(mark: str) -> bool:
    """True where this machine knows that the process that wrote this mark is gone. Of another machine nothing is known."""
    return mark.partition(":")[0] == socket.gethostname() and not is_running(mark)


def workers_of(c: Connection, run: StoredRun, now: datetime) -> tuple[str, ...]:
    """Who works on a run, as far as is known: its own process, and those that hold a slice of it and have not died.

    The process of another machine is believed for QUIET after the run's last sign of life: between two slices it holds none.
    """
    runner = str(run.config.get(runs.RUNNER, ""))
    elsewhere = bool(runner) and runner.partition(":")[0] != socket.gethostname()
    lives = now - runs.last_sign(c, run) < QUIET if elsewhere else is_running(runner)
    own = (runner,) if run.state is RunState.RUNNING and lives else ()
    return own + tuple(owner for owner in runs.holders(c, run.id, now) if not is_dead(owner))
