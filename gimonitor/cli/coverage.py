"""`gimonitor coverage`: what each query of a run asked and got, and which runs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.model.run import Coverage
    from gimonitor.store.runs import StoredRun


@click.command()
@click.option("--run", "run_id", type=int, help="Which run; default: the newest.")
@click.option("--gaps", is_flag=True, help="Only queries with a gap.")
@click.option("--runs", "list_runs", is_flag=True, help="List the latest runs instead.")
def app(run_id: int | None, gaps: bool, list_runs: bool) -> None:
    """Print, for each source and query of a run: pages asked and answered, listings seen and stored, cut off, blocked.

    Seen = stored + unchanged + rejected + failed; failed are goods that were found and whose own page could not be had or
    read. The notes count what happened by its kind, with one example of each.

    Also pages skipped because the day's budget was used up, and answers that no parser could read, with the place of the
    first such answer in the archives. What a source leaves out by its nature stands as a note. Slices that were not asked to their end, and
    fields that a source gave on other nights or is known to give and that its listings lack, stand at the end, whatever --gaps says.

    \b
    Examples:
      gimonitor coverage --gaps
      gimonitor coverage --runs
    """
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.errors import NotFoundError
    from gimonitor.operations.abandoned import close_abandoned
    from gimonitor.operations.health import load_health
    from gimonitor.operations.nightly import gaps_of_slice
    from gimonitor.store import runs
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    with open_store(configuration.store_url) as store:
        close_abandoned(configuration, store, datetime.now(UTC))
    with open_store(configuration.store_url) as store, store.read() as connection:
        latest = runs.latest_runs(connection, 30)
        if not latest:
            raise NotFoundError("there is no run yet")
        if list_runs:
            for run in latest:
                click.echo(_headline(run))
            return
        run = latest[0] if run_id is None else runs.load_run(connection, run_id)
        records = runs.load_coverage(connection, run.id)
        slices = runs.load_slices(connection, run.id)
        unlike = load_health(connection, run).symptoms
    click.echo(_headline(run))
    for source, bias in run.config.get("bias", {}).items():
        click.echo(f"note: {source}: {bias}")
    for record in records:
        _print(record, gaps)
    for gap in (gap for piece in slices for gap in gaps_of_slice(piece)):
        click.echo(f"gap: {gap}")
    for symptom in unlike:
        if symptom.gap:
            click.echo(f"gap: {symptom.gap}")


def _headline(run: StoredRun) -> str:
    from gimonitor.model.zone import BEIJING

    started = run.started_at.astimezone(BEIJING)
    return f"run {run.id} {run.slot or run.kind}: {run.state.value}, begun {started:%Y-%m-%d %H:%M} (Beijing)"


def _print(record: Coverage, only_gaps: bool) -> None:
    from gimonitor.operations.nightly import gaps_of

    found = gaps_of(record)
    if found or not only_gaps:
        said = "; ".join(gap.partition(": ")[2] for gap in found)
        click.echo(
            f"{record.source:10} {record.query:20} pages {record.pages_answered}/{record.pages_asked} "
            f"seen {record.seen} stored {record.stored} unchanged {record.unchanged} "
            f"rejected {record.rejected} failed {record.failed} {said}".rstrip()
        )
        if record.detail and record.detail not in said:
            click.echo(f"{'':10} notes: {record.detail}")
        if record.example:
            e = record.example
            click.echo(
                f"{'':10} example: {e.file} at {e.offset}, {e.length} bytes, SHA-256 {e.sha256}: {e.why} ({e.url})"
            )
