"""`gimonitor listings`: single links that somebody reported."""

from __future__ import annotations

import getpass

import click

from gimonitor.errors import BlockedError
from gimonitor.model.outside import Outside


@click.group()
def app() -> None:
    """Add single listings that somebody reported."""


@app.command()
@click.argument("url")
@click.option(
    "--from",
    "reported_by",
    type=click.Choice([one.value for one in Outside]),
    default=Outside.TIP.value,
    show_default=True,
    help="Who reported it; kept with the listing.",
)
@click.option("--note", default="", help="What was said, e.g. the number of the report.")
@click.option("--who", default="", help="Who adds it. Default: the login name.")
@click.pass_context
def add(ctx: click.Context, url: str, reported_by: str, note: str, who: str) -> None:
    """Ask URL once, politely, and store and screen the listing on it, with who reported it.

    A page that robots.txt forbids, that is refused or cannot be read becomes a task: save it in an ordinary browser and
    bring it by `gimonitor import pages`. The command then ends with 4.

    \b
    Example: gimonitor listings add https://shop.example/item/1 --from 12315 --note 编号2026-0017
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.tips import add_link

    done = add_link(load_configuration(), url, Outside(reported_by), who=who or getpass.getuser(), note=note)
    for platform, item_id, title in done.listings:
        click.echo(f"{platform}/{item_id}  {title[:80]}")
    if done.task_id is None:
        click.echo(f"run {done.run_id}: leads {', '.join(map(str, done.leads)) or 'none'}")
        return
    click.echo(f"not had: {done.why}")
    click.echo(f"task {done.task_id}: save {url} in a browser, then: gimonitor import pages FILE --url {url}")
    ctx.exit(BlockedError.exit_code)
