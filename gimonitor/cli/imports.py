"""`gimonitor import`: listings that somebody else collected, and pages that an officer saved."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.errors import InputError, PartialError
from gimonitor.model.outside import Outside

if TYPE_CHECKING:
    from gimonitor.operations.handedin import HandedIn


NO_PLATFORM = "table"
"""The platform of rows that name none."""


@click.group()
def app() -> None:
    """Import listings that somebody else collected, and pages that an officer saved."""


@app.command("pages")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", default="", help="Address the pages were saved from, where the files do not tell it.")
@click.option("--platform", default="", help="Platform code, when the address does not tell it.")
@click.option("--listing", default="", metavar="PLATFORM/ITEM", help="The listing that pictures and recordings show.")
@click.option("--task", "task_id", type=int, help="Capture task that this fulfils, whatever the files show.")
@click.option("--who", default="", help="Who saved them. Default: the login name.")
@click.option("--dry-run", is_flag=True, help="Show what the files give; store nothing.")
@click.pass_context
def pages(
    ctx: click.Context,
    files: tuple[Path, ...],
    url: str,
    platform: str,
    listing: str,
    task_id: int | None,
    who: str,
    dry_run: bool,
) -> None:
    """Import pages saved in an ordinary browser: HTML, SingleFile, MHTML, HAR, WARC, WACZ; pictures and recordings too.

    Each FILE is kept as it is under its digest, with who brought it and when; its listings are stored and screened as a
    crawl's are. For each page it is said and stored which parser of which version took it, and which fields it did not
    find. Open capture tasks that the pages fulfil are closed. The same file again changes nothing. A page that is no
    answer (login, challenge), goods that a crawl would reject too (no title), and a FILE that is empty, cut short, of
    no known kind or cannot be read are named; the others are imported, and the command ends with 5. A page cut short
    is kept, but replaces no fuller version of a listing. A warning says where a file holds the session of whoever saved it
    (Cookie, Authorization), or an address names other goods than its page shows.

    \b
    Examples:
      gimonitor import pages 搜索结果.mhtml 商品页.html --who zhangsan
      gimonitor import pages 录屏.mp4 --listing douyin/3601234567 --who zhangsan
      gimonitor import pages saved.har --dry-run
    """
    from gimonitor.operations.captures import import_pages, preview_pages
    from gimonitor.operations.handedin import Told
    from gimonitor.parsing.platform import platform_named

    platform = platform_named(platform) or platform
    name, sign, item = listing.partition("/")
    name = platform_named(name) or name
    if listing and not (name and sign and item):
        raise InputError(f"--listing needs PLATFORM/ITEM, not {listing!r}")
    told = Told(url=url, platform=platform, listing=(name, item) if listing else None, task_id=task_id)
    if dry_run:
        previews = preview_pages(files, told)
        for one in previews:
            _say_file(one)
        click.echo("dry run: nothing was stored")
        if any(one.troubles or one.is_unknown for one in previews):
            ctx.exit(PartialError.exit_code)
        return
    from gimonitor.configuration import load_configuration

    done = import_pages(load_configuration(), files, told, who=who or getpass.getuser(), say=_say_file)
    click.echo(
        f"run {done.run_id}: {done.saved.new} new, {done.saved.changed} changed, {done.saved.unchanged} unchanged; "
        f"{done.saved.leads_new} new leads"
    )
    for task in done.closed:
        click.echo(f"task {task} is closed")
    for left in done.left:
        click.echo(left)
    for one in done.files:
        if one.sha256 and not one.readings and not listing and task_id is None:
            click.echo(
                f"warning: {one.name} is kept, but belongs to no listing: name it with --listing PLATFORM/ITEM, or a task with --task"
            )
    if any(one.troubles or one.is_unknown for one in done.files):
        ctx.exit(PartialError.exit_code)


def _say_file(one: HandedIn) -> None:
    kept = f"{one.size} bytes, SHA-256 {one.sha256}" if one.sha256 else "nothing to keep"
    click.echo(f"{one.name}: {one.container}, {kept}")
    for reading in one.readings:
        if reading.parser:
            lacks = f"; not found: {', '.join(reading.missing)}" if reading.missing else ""
            lacks += f"; {reading.trouble}" if reading.trouble else ""
            click.echo(f"  {reading.url or '(no address)'}: {reading.parser}: {reading.listings} listings{lacks}")
        elif reading.trouble:
            click.echo(f"  {reading.url or '(no address)'}: no answer: {reading.trouble}")
        for note in reading.notes:
            click.echo(f"  warning: {note}")
    if one.readings and not any(reading.listings for reading in one.readings) and not one.troubles:
        click.echo("  no goods were read from it; it is kept as it is")


@app.command("files")
@click.option("--limit", default=50, show_default=True, help="How many, the newest first.")
def files_(limit: int) -> None:
    """List files handed in: who, when, which parser took their pages, which fields it did not find.

    \b
    Example: gimonitor import files --limit 10
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.model.zone import BEIJING
    from gimonitor.operations.handedin import HandedIn
    from gimonitor.store.database import open_store
    from gimonitor.store.saved import SavedFile, latest_files

    with open_store(load_configuration().store_url) as store, store.read() as c:
        for one in latest_files(c, limit):
            click.echo(f"{one.at.astimezone(BEIJING):%Y-%m-%d %H:%M}, {one.who}, run {one.run_id}:")
            shown = {name: getattr(one, name) for name in HandedIn.__slots__ if name in SavedFile.__slots__}
            _say_file(HandedIn(**shown, listings=()))


@app.command("table")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--platform", default="", help="Platform of rows that name none, e.g. taobao. Needed when no column says it."
)
@click.option("--sheet", default="", help="Sheet of a workbook; else the first visible one with content.")
@click.option(
    "--column", "columns", multiple=True, metavar="HEADING=FIELD", help="Map a heading to a field; may be repeated."
)
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Where rows that are no listing go. Default: FILE.rejects.csv"
)
@click.option(
    "--from",
    "reported_by",
    type=click.Choice([one.value for one in Outside]),
    default=Outside.TABLE.value,
    show_default=True,
    help="Who reported these listings; kept with each of them.",
)
@click.option("--dry-run", is_flag=True, help="Show the column map and the first ten rows; store nothing.")
@click.pass_context
def table(
    ctx: click.Context,
    file: Path,
    platform: str,
    sheet: str,
    columns: tuple[str, ...],
    rejects: Path | None,
    reported_by: str,
    dry_run: bool,
) -> None:
    """Import FILE: CSV, XLSX, XLS or JSON Lines.

    Known headings (标题, 价格, 店铺名称, 产地 …) are mapped by themselves. A row that cannot be read goes to the reject file
    with its number and the reason, the rest is imported, and the command ends with 5. A row whose price is none (面议) is
    taken without it. A platform may be named as people do (淘宝, 京东商城, JD); one that is not known is told. The same table
    imported again changes nothing; one that was ended by Ctrl-C goes on by it.

    \b
    Examples:
      gimonitor import table 委托采集.xlsx --platform taobao --dry-run
      gimonitor import table titles.jsonl --platform taobao
      gimonitor import table 12315转办.xlsx --from 12315
      gimonitor import table vendor.csv --column 宝贝名=title --column 卖家昵称=shop
    """
    given = _pairs(columns)
    if dry_run:
        _preview(file, platform, sheet, given)
        return
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.imports import import_table

    try:
        done = import_table(
            load_configuration(),
            file,
            platform=platform or NO_PLATFORM,
            sheet=sheet,
            columns=given,
            rejects=rejects,
            reported_by=Outside(reported_by),
            say=lambda rows: click.echo(f"\r{rows} rows", nl=False, err=True),
        )
    finally:
        click.echo("", err=True)  # what is said next begins a line
    click.echo(
        f"run {done.run_id}: {done.rows} rows: {done.new} new, {done.changed} changed, {done.unchanged} unchanged, "
        f"{done.rejected} rejected; {done.leads} new leads"
    )
    if not done.rows:
        click.echo("the table has no row below its headings")
    _say_unread(done.unread)
    if done.odd_prices:
        click.echo(
            f"{done.odd_prices} rows were taken without a price: what they say of it is none; it is kept in words"
        )
    for name, number in done.odd_platforms.items():
        _say_platform(name, f"{number} row{'s' * (number > 1)}")
    if done.reject_file:
        click.echo(f"rejected rows with their reasons: {done.reject_file}")
        ctx.exit(PartialError.exit_code)


def _say_unread(headings: tuple[str, ...]) -> None:
    if headings:
        click.echo(f"columns that are not read (--column HEADING=FIELD maps one): {', '.join(headings)}")


def _say_platform(name: str, rows: str) -> None:
    from gimonitor.parsing.platform import known_names

    said = (
        "no platform is named (--platform)"
        if name == NO_PLATFORM
        else f"platform {name!r} is not known and is kept as written"
    )
    click.echo(f"warning: {rows}: {said}; no form of a platform can be filled with them. Known: {known_names()}")


def _pairs(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = [c.partition("=") for c in columns]
    bad = [c for c, (_, sign, field) in zip(columns, pairs, strict=True) if not (sign and field)]
    if bad:
        raise InputError(f"--column needs HEADING=FIELD, not {bad[0]!r}")
    return {heading.strip(): field.strip() for heading, _, field in pairs}


def _preview(file: Path, platform: str, sheet: str, given: dict[str, str]) -> None:
    from gimonitor.model.listing import Listing
    from gimonitor.operations.imports import preview_table

    found = preview_table(file, platform=platform or NO_PLATFORM, sheet=sheet, columns=given)
    click.echo("columns: " + ("; ".join(f"{h} → {f}" for h, f in found.columns.items()) or "as each line names them"))
    _say_unread(found.unread)
    for row in found.first:
        if isinstance(row, Listing):
            click.echo(f"  ok      {row.platform}/{row.item_id}  {row.title[:60]}")
        else:
            click.echo(f"  reject  row {row.number}: {row.reason}")
    if not found.first:
        click.echo("the table has no row below its headings")
    for name, numbers in found.odd_platforms.items():
        more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
        _say_platform(name, f"row{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:10]))}{more}")
    click.echo("dry run: nothing was stored")
