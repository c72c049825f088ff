"""`gimonitor run`: collect now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.operations.nightly import Verdict


@click.group()
def app() -> None:
    """Collect listings now."""


@app.command()
@click.option(
    "--source", "sources", multiple=True, help="Only this source; may be repeated. Default: all that are set up."
)
@click.option("--slot", default="", help="Name of the night; a slot that was run to its end is not run again.")
@click.option(
    "--depth", type=click.IntRange(1, 3), default=1, show_default=True,
    help="Of the search plan: 1 names; 2 also aliases and translations; 3 also near names and places with their goods.",
)  # fmt: skip
@click.pass_context
def nightly(ctx: click.Context, sources: tuple[str, ...], slot: str, depth: int) -> None:
    """Run the whole night once: every source that is set up, every protected name.

    \b
    Ends with 0 (whole), 4 (blocked), 5 (with gaps, which are printed), 2/6/8 before anything was asked.
    Example: gimonitor run nightly --source practice
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations import nightly as night

    _stop_on_sigterm()
    configuration = load_configuration()
    if slot and night.was_finished(configuration, slot):
        click.echo(f"{slot} has been run already")
        return
    _end(ctx, night.run_now(configuration, sources=sources, slot=slot, depth=depth, say=click.echo))


@app.command()
@click.argument("run_id", type=int)
@click.pass_context
def resume(ctx: click.Context, run_id: int) -> None:
    """Go on with run RUN_ID after it was stopped; what it has stored is not asked for again.

    \b
    Example: gimonitor run resume 12
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations import nightly as night

    _stop_on_sigterm()
    _end(ctx, night.resume(load_configuration(), run_id, say=click.echo))


@app.command()
@click.option(
    "--limit", default=500, show_default=True, type=click.IntRange(1), help="Listings at the most, newest first."
)
@click.pass_context
def pictures(ctx: click.Context, limit: int) -> None:
    """Fetch pictures and shop pages of listings that screening asks for: the second pass, as slow as any crawl.

    Each address is asked once, each picture kept once under its digest; `gimonitor signs` looks through them.

    \b
    Example: gimonitor run pictures --limit 200
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.second import fetch_pictures

    _stop_on_sigterm()
    verdict = fetch_pictures(load_configuration(), limit=limit, say=click.echo)
    if verdict is None:
        click.echo("no listing lacks pictures")
        return
    _end(ctx, verdict)


def _stop_on_sigterm() -> None:
    """A polite kill is the same as Ctrl-C: what was collected is kept, the run is recorded as interrupted."""
    import signal

    signal.signal(signal.SIGTERM, signal.default_int_handler)


def print_verdict(verdict: Verdict) -> None:
    """Print what a run collected and what it could not."""
    click.echo(
        f"run {verdict.run_id}: {verdict.state.value}; {verdict.seen} listings seen, {verdict.stored} stored, "
        f"{verdict.unchanged} unchanged, {verdict.rejected} rejected"
    )
    for gap in verdict.gaps:
        click.echo(f"  gap: {gap}")


def _end(ctx: click.Context, verdict: Verdict) -> None:
    from gimonitor.errors import BlockedError, PartialError
    from gimonitor.model.run import RunState

    print_verdict(verdict)
    codes = {RunState.OK: 0, RunState.BLOCKED: BlockedError.exit_code}
    ctx.exit(codes.get(verdict.state, PartialError.exit_code))
