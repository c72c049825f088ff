"""`gimonitor prune`: remove what is too old and no lead needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.operations.retention import Plan


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go; this is what happens without --yes, too.")
@click.option("--yes", is_flag=True, help="Remove it.")
@click.option("--who", default="", help="Who removes it, for the record. Default: the login on this machine.")
def app(dry_run: bool, yes: bool, who: str) -> None:
    """Remove raw archives, captures and logs by age and size (GIMONITOR_KEEP_RAW_DAYS, …_CAPTURE_…, …_LOG_…).

    \b
    Evidence of leads that are open, judged, approved, sent, or closed as suspected stays, as do packs and what
    is in one, and an archive with the response of a listing that such a lead is about. What went stands in
    pruned.jsonl of the data folder with its SHA-256, and in the audit. On a disk that is full to the last byte old logs
    go first, so that the database can be opened.
    Example: gimonitor prune
             gimonitor prune --yes --who zhang
    """
    import getpass
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.errors import InputError
    from gimonitor.operations.retention import plan_prune, prune_store
    from gimonitor.store.database import open_store

    if dry_run and yes:
        raise InputError("give either --dry-run or --yes")
    configuration, now = load_configuration(), datetime.now(UTC)
    if yes:
        plan = prune_store(configuration, now, who or getpass.getuser())
    else:
        with open_store(configuration.store_url) as store:
            plan = plan_prune(store, configuration, now)
    _tell(plan, "removed" if yes else "would go")


def _tell(plan: Plan, done: str) -> None:
    for thing in plan.going:
        click.echo(f"{done}  {thing.sort.value:7}  {thing.size:>12}  {thing.at:%Y-%m-%d}  {thing.name}")
    held = [thing for thing in plan.staying if thing.held]
    click.echo(
        f"{len(plan.going)} {done}, {plan.freed / 1e6:.1f} MB; {len(plan.staying)} stay, {len(held)} of them because "
        "a lead needs them or no lead knows them"
    )
    if done == "would go" and plan.going:
        click.echo("nothing was removed; `gimonitor prune --yes` does it")
