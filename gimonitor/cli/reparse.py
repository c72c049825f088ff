"""`gimonitor reparse`: sealed responses read again after a parser was mended."""

from __future__ import annotations

from datetime import datetime

import click


@click.command()
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Beijing time.")
@click.option("--dry-run", is_flag=True, help="Read and compare; store nothing.")
@click.option("--resume", type=int, metavar="RUN", help="Go on with a run of this that was stopped.")
@click.pass_context
def app(ctx: click.Context, since: datetime, dry_run: bool, resume: int | None) -> None:
    """Read archived responses again with the parsers of today, without asking anybody.

    What reads otherwise is listed with the fields that changed, stored as a new version, and screened. What a crawl
    would reject (no title) is rejected here too, and counted with its reason; so is what was erased on request before
    (gimonitor erase). The same command again changes nothing.
    One that was stopped (Ctrl-C) tells what changed until then, ends with 5, and goes on with --resume.

    \b
    Examples:
      gimonitor reparse --since 2026-11-20 --dry-run
      gimonitor reparse --since 2026-11-20
      gimonitor reparse --since 2026-11-20 --resume 41
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.errors import PartialError
    from gimonitor.model.validity import in_words
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
    if done.rejected:
        click.echo(in_words(done.rejected))
    if not done.is_whole:
        again = f"`gimonitor reparse --since {since:%Y-%m-%dT%H:%M} --resume {done.run_id}` goes on"
        kept = f"what was read until then is kept, {again}" if done.run_id is not None else "a dry run keeps nothing"
        click.echo(f"stopped; {kept}", err=True)
        ctx.exit(PartialError.exit_code)
