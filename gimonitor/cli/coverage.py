"""`gimonitor coverage`: what each query of a run asked and got."""

from __future__ import annotations

import click


@click.command()
@click.option("--run", "run_id", type=int, help="Which run; default: the newest.")
@click.option("--gaps", is_flag=True, help="Only queries with a gap.")
def app(run_id: int | None, gaps: bool) -> None:
    """Print, for each source and query of a run: pages asked and answered, listings seen and stored, cut off, blocked.

    \b
    Example: gimonitor coverage --gaps
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.errors import NotFoundError
    from gimonitor.operations.nightly import gaps_of
    from gimonitor.store import runs
    from gimonitor.store.database import open_store

    store = open_store(load_configuration().store_url)
    try:
        with store.read() as connection:
            newest = runs.latest_runs(connection, 1)
            if run_id is None and not newest:
                raise NotFoundError("there is no run yet")
            records = runs.load_coverage(connection, newest[0].id if run_id is None else run_id)
    finally:
        store.close()
    for record in records:
        found = gaps_of(record)
        if found or not gaps:
            said = "; ".join(gap.partition(": ")[2] for gap in found)
            click.echo(
                f"{record.source:10} {record.query:20} pages {record.pages_answered}/{record.pages_asked} "
                f"seen {record.seen} stored {record.stored} unchanged {record.unchanged} {said}".rstrip()
            )
