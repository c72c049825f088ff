"""`gimonitor run`: collect now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.operations.accounts import Account
    from gimonitor.operations.nightly import Verdict
    from gimonitor.operations.plan import NightPlan

SHOWN = 6  # reasons of each source
LEFT = {
    "turn": "their turn comes in the next nights",
    "day": "the pages or calls of the day would be used up",
    "time": "the night would be over",
}


@click.group()
def app() -> None:
    """Collect listings now."""


@app.command()
@click.option(
    "--source", "sources", multiple=True, help="Only this source; may be repeated. Default: all that are set up."
)
@click.option("--slot", default="", help="Name of the night; a slot that was run to its end is not run again.")
@click.option(
    "--depth", type=click.IntRange(1, 3),
    help="Of the search plan, for every name: 1 names; 2 also aliases and translations; 3 also near names and places with their "
    "goods. Default: by tier, season and key period, the less watched names in turn.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print what would be asked, why and within which budget; ask nothing.")
@click.pass_context
def nightly(ctx: click.Context, sources: tuple[str, ...], slot: str, depth: int | None, dry_run: bool) -> None:
    """Run the whole night once: every source that is set up, the protected names whose turn it is.

    \b
    Ends with 0 (whole), 4 (blocked), 5 (with gaps, which are printed), 2/6/8 before anything was asked.
    Examples:
      gimonitor run nightly --dry-run
      gimonitor run nightly --source practice
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations import nightly as night

    configuration = load_configuration()
    if dry_run:
        _print_plan(night.look_ahead(configuration, sources=sources, depth=depth))
        return
    if slot and night.was_finished(configuration, slot):
        click.echo(f"{slot} has been run already")
        return
    _end(ctx, night.run_now(configuration, sources=sources, slot=slot, depth=depth, say=click.echo))


def _print_plan(plan: NightPlan) -> None:
    """Print a table by source: queries by depth, pages and minutes against what is allowed, why, and what is left."""
    from gimonitor.model.zone import BEIJING
    from gimonitor.operations.nightplan import reasons

    starts, ends = (moment.astimezone(BEIJING) for moment in (plan.starts, plan.ends))
    click.echo(f"a night from {starts:%Y-%m-%d %H:%M} to {ends:%m-%d %H:%M} (Beijing); nothing is asked now")
    click.echo(f"{plan.names} protected names, {plan.with_tier} with a tier of 清单式监管 (others are asked in turn)")
    click.echo(
        f"{'source':22}{'queries':>8}  {'by depth':14}{'pages':>8} of {'allowed':8}{'minutes':>8} of {'allowed':8}"
    )
    for part in plan.sources:
        by_depth = [sum(query.depth == level for query in part.queries) for level in (1, 2, 3)]
        allowed = part.allowance
        click.echo(
            f"{part.source:22}{len(part.queries):8}  {'/'.join(map(str, by_depth)):14}{part.pages:8.0f} of {allowed.most:<8}"
            f"{part.minutes:8.0f} of {allowed.minutes:<8.0f}" + (" (pages assumed)" if part.assumed else "")
        )
        for why, count in reasons(part)[:SHOWN]:
            click.echo(f"    {count:6} asked: {why}")
        for left, count in part.left.items():
            click.echo(f"    {count:6} left: {LEFT[left]}")


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

    _end(ctx, night.resume(load_configuration(), run_id, say=click.echo))


@app.command()
@click.option(
    "--limit", default=500, show_default=True, type=click.IntRange(1), help="Listings at the most, newest first."
)
@click.pass_context
def pictures(ctx: click.Context, limit: int) -> None:
    """Fetch pictures and shop pages of listings that screening asks for: the second pass, as slow as any crawl.

    Each address is asked once, each picture kept once under its digest; `gimonitor signs run` looks through them.

    \b
    Example: gimonitor run pictures --limit 200
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.second import fetch_pictures

    verdict = fetch_pictures(load_configuration(), limit=limit, say=click.echo)
    if verdict is None:
        click.echo("no listing lacks pictures")
        return
    _end(ctx, verdict, "pictures and shop pages")


def print_verdict(verdict: Verdict, of: str = "listings") -> None:
    """Print what a run collected and what it could not; `of` says what it counts."""
    click.echo(
        f"run {verdict.run_id}: {verdict.state.value}; {verdict.seen} {of} seen, {verdict.stored} stored, "
        f"{verdict.unchanged} unchanged, {verdict.rejected} rejected"
    )
    for gap in verdict.gaps:
        click.echo(f"  gap: {gap}")
    for account in verdict.accounts:
        _print_account(account, of)


def _print_account(account: Account, of: str) -> None:
    """Print what of a source's plan was asked, what it gave, and what was left and why."""
    left = [f"{count} refused"] if (count := account.refused) else []
    left += [f"{account.unanswered} without an answer"] if account.unanswered else []
    left += [f"{account.unasked} not asked: the run ended before"] if account.unasked else []
    left += [f"{count} not planned: {LEFT.get(why, why)}" for why, count in account.left.items()]
    click.echo(
        f"  plan: {account.source}: {account.answered} of {account.planned} answered: {account.seen} {of} seen, "
        f"{account.stored} stored, {account.unchanged} unchanged" + "".join(f"; {x}" for x in left)
    )


def _end(ctx: click.Context, verdict: Verdict, of: str = "listings") -> None:
    from gimonitor.errors import BlockedError, PartialError
    from gimonitor.model.run import RunState

    print_verdict(verdict, of)
    codes = {RunState.OK: 0, RunState.BLOCKED: BlockedError.exit_code}
    ctx.exit(codes.get(verdict.state, PartialError.exit_code))
