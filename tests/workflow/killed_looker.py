"""Run by test_pictures.py: a worker that kills itself with -9 after its last look, before its listings are done.

Usage: killed_looker.py URL FOLDER STATEMENT. It dies at this statement of bringing the leads up to the pictures, 0: before any.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from picturework import REGISTER, NameScreener
from sqlalchemy import Engine, event

from gimonitor.imaging.look import Looker
from gimonitor.store.database import open_store
from gimonitor.workflow import pictures


def main(url: str, folder: Path, statement: int) -> None:
    """Look through the queue, and die."""
    conclude, count = pictures._conclude, 0

    def kill(*_: object) -> None:
        nonlocal count
        count += 1
        if count > statement:
            os.kill(os.getpid(), signal.SIGKILL)

    def concluding(work: pictures.PictureWork, run_id: int) -> tuple[int, int]:
        event.listen(Engine, "before_cursor_execute", kill)
        return conclude(work, run_id)

    pictures._conclude = concluding
    with open_store(url) as store:
        pictures.look_through(pictures.PictureWork(store, folder, Looker(REGISTER), NameScreener()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
