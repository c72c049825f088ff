"""The second pass of a night: pictures and shop pages of the listings that screening asks for."""

from __future__ import annotations

from collections.abc import Callable

from gimonitor.configuration import Configuration
from gimonitor.operations import nightly
from gimonitor.operations.nightly import Verdict
from gimonitor.store import runs
from gimonitor.store.database import open_store
from gimonitor.store.wanted import MOST_PICTURES, SOURCE, listings_without_pictures, load_wanted
from gimonitor.workflow.owners import own_mark

SLICE_LISTINGS = 25


def fetch_pictures(configuration: Configuration, *, limit: int = 500, say: Callable[[str], None]) -> Verdict | None:
    """Ask for the pictures of up to `limit` listings, newest first. None when no listing lacks any.

    Raises ConfigurationError, StoreError or DiskFullError before anything is asked.
    """
    with open_store(configuration.store_url) as store, store.write() as c:
        lacking = listings_without_pictures(c, limit)
        known = load_wanted(c, lacking, MOST_PICTURES)
        wanted = [number for number in lacking if number in known]
        if not wanted:
            return None
        run_id = runs.start_run(c, runs.PICTURES, {"listings": len(wanted), runs.RUNNER: own_mark()})
        starts = range(0, len(wanted), SLICE_LISTINGS)
        runs.plan_slices(c, run_id, [(SOURCE, [str(n) for n in wanted[i : i + SLICE_LISTINGS]]) for i in starts])
    return nightly.resume(configuration, run_id, say=say)
