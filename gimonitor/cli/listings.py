"""`gimonitor listings`: single links that somebody reported."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from gimonitor.errors import BlockedError, InputError, PartialError
from gimonitor.model.outside import Outside

if TYPE_CHECKING:
    from gimonitor.operations.tips import Tip


@click.group()
def app() -> None:
    """Add single listings that somebody reported."""


@app.command()
@click.argument("urls", metavar="URL…", nargs=-1, required=True)
@click.option(
    "--from",
    "reported_by",
    type=click.Choice([one.value for one in Outside]),
    default=Outside.TIP.value,
    show_default=True,
    help="Who reported it; kept with the listing.",
)
@click.option(
    "--note",
    default="",
    help="What was said, e.g. the number of the report; telephone and identity numbers are covered, names are not: give none.",
)
@click.option("--who", default="", help="Who adds it. Default: the login name.")
@click.pass_context
def add(ctx: click.Context, urls: tuple[str, ...], reported_by: str, note: str, who: str) -> None:
    """Ask each URL once, politely, and store and screen the listing on it, with who reported it.

    Most of the time goes into starting the crawl: several links at once take hardly longer than one.

    A page that robots.txt forbids, that is refused or cannot be read becomes a task: save it in an ordinary browser and
    bring it by `gimonitor import pages`. The command then ends with 4; with 5 where a page was had only in part, and says
    what is lacking; with 2 where a link is none that may be asked, after the others were. A link that leads to the page of
    another one is said to.

    \b
    Example: gimonitor listings add https://shop.example/item/1 --from 12315 --note 编号2026-0017
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.tips import add_links

    done = add_links(load_configuration(), urls, Outside(reported_by), who=who or getpass.getuser(), note=note)
    for tip in done:
        _tell(tip)
    if any(tip.why and tip.task_id is None for tip in done):
        ctx.exit(InputError.exit_code)
    if any(tip.task_id is not None for tip in done):
        ctx.exit(BlockedError.exit_code)
    if any(tip.gaps for tip in done):
        ctx.exit(PartialError.exit_code)


def _tell(tip: Tip) -> None:
    if tip.same_as:
        click.echo(f"{tip.url}: leads to the same page as {tip.same_as}")
    for platform, item_id, title in tip.listings:
        click.echo(f"{platform}/{item_id}  {title[:80]}")
    if not tip.why:
        click.echo(f"run {tip.run_id}: leads {', '.join(map(str, tip.leads)) or 'none'}")
        for gap in tip.gaps:
            click.echo(f"gap: {gap}")
    elif tip.task_id is None:
        click.echo(f"not asked: {tip.why}")
    else:
        url = tip.same_as or tip.url
        click.echo(f"not had: {tip.why}")
        click.echo(f"task {tip.task_id}: save {url} in a browser, then: gimonitor import pages FILE --url {url}")
