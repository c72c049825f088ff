"""`gimonitor reparse`: sealed responses read again after a parser was mended."""

from __future__ import annotations

from datetime import datetime

import click


@click.command()
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Beijing time.")
@click.option("--dry-run", is_flag=True, help="Read and compare; store nothing.")
@click.option("--resume", type=int, metavar="RUN", help="Go on with a run of this that was stopped.")
def app(since: datetime, dry_run: bool, resume: int | None) -> None:
    """Read archived responses again with the parsers of today, without asking anybody.

    What reads otherwise is listed with the fields that changed, stored as a new version, and screened. The same command
    again changes nothing.

    \b
    Examples:
      gimonitor reparse --since 2026-11-20 --dry-run
      gimonitor reparse --since 2026-11-20
      gimonitor reparse --since 2026-11-20 --resume 41
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.model.zone import BEIJING
    from gimonitor.operations.reparse import reparse

    moment = since.replace(tzinfo=BEIJING)
    done = reparse(
        load_configuration(), moment, dry_run=dry_run, resume=resume, say=lambda line: click.echo(line, err=True)
    )
    for one in done.changed:
        what = "new" if one.is_new else "changed: " + ", ".join(one.fields)
        click.echo(f"{one.platform}/{one.item_id} {one.parser} {what}  {one.title[:60]}")
    head = "dry run" if done.run_id is None else f"run {done.run_id}"
    click.echo(
        f"{head}: {done.archives} archives, {done.responses} responses, {len(done.changed)} listings read otherwise, "
        f"{done.unread} responses not read; {done.leads_new} new leads"
    )
