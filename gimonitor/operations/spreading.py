"""A re-screening spread over workers: its slices exported as partitions, each a job on the store's PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gimonitor.configuration import Configuration
from gimonitor.model.run import SliceState
from gimonitor.operations import jobs
from gimonitor.operations.partitions import export_partition, remove_partitions
from gimonitor.store import runs
from gimonitor.store.database import Store
from gimonitor.store.upsert import chunks
from gimonitor.workflow.rescreening import Begun, Progress, teller

TOGETHER = 8  # partitions written before their jobs are put into the queue


def spread_rescreening(
    configuration: Configuration,
    store: Store,
    begun: Begun,
    progress: Progress,
    say: Callable[[str], None],
    pause: Callable[[], None],
) -> None:
    """Have workers do what is left of a run, and return when nothing is; `pause` is called between two looks.

    Workers begin with the first partitions while the next are written. Ended here at any moment, they go on with those that
    are written; called again, the rest follows. Raises ConfigurationError where the store is no PostgreSQL.
    """
    jobs.make_tables(configuration)
    tell = teller(store, begun.run_id, progress)

    def look() -> None:
        tell()
        pause()

    with store.read() as c:
        pieces = runs.load_slices(c, begun.run_id)
    for some in chunks([piece for piece in pieces if piece.state is not SliceState.DONE], TOGETHER):
        for piece in some:
            export_partition(configuration, store, begun.scope, piece)
        asyncio.run(jobs.defer_slices(configuration, some))
        tell()
    jobs.spread(configuration, store, begun.run_id, say, look)
    tell()
    remove_partitions(configuration)
