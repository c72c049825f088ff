"""Who works on a slice, written `host:pid` or `host:pid:slice`, and whether that process still lives."""

from __future__ import annotations

import os
import socket
from datetime import datetime

from sqlalchemy import Connection

from gimonitor.store import runs


def own_name() -> str:
    """This process."""
    return f"{socket.gethostname()}:{os.getpid()}"


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
    return int(pid) == os.getpid()


def is_abandoned(c: Connection, run_id: int, now: datetime) -> bool:
    """True when nobody works on a run: no slice of it is held, or only by processes that have died."""
    return all(is_dead(owner) for owner in runs.holders(c, run_id, now))
