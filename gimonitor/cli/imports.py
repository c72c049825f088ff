"""`gimonitor import`: listings that somebody else collected."""

from __future__ import annotations

from pathlib import Path

import click

from gimonitor.errors import InputError, PartialError


@click.group()
def app() -> None:
    """Import listings that somebody else collected."""


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
@click.option("--dry-run", is_flag=True, help="Show the column map and the first ten rows; store nothing.")
@click.pass_context
def table(
    ctx: click.Context,
    file: Path,
    platform: str,
    sheet: str,
    columns: tuple[str, ...],
    rejects: Path | None,
    dry_run: bool,
) -> None:
    """Import FILE: CSV, XLSX, XLS or JSON Lines.

    Known headings (标题, 价格, 店铺名称, 产地 …) are mapped by themselves. A row that cannot be read goes to the reject file
    with its number and the reason, the rest is imported, and the command ends with 5. The same table imported again
    changes nothing.

    \b
    Examples:
      gimonitor import table 委托采集.xlsx --platform taobao --dry-run
      gimonitor import table titles.jsonl --platform taobao
      gimonitor import table vendor.csv --column 宝贝名=title --column 卖家昵称=shop
    """
    given = _pairs(columns)
    if dry_run:
        _preview(file, platform, sheet, given)
        return
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.imports import import_table

    done = import_table(
        load_configuration(),
        file,
        platform=platform or "table",
        sheet=sheet,
        columns=given,
        rejects=rejects,
        say=lambda rows: click.echo(f"\r{rows} rows", nl=False, err=True),
    )
    click.echo("", err=True)
    click.echo(
        f"run {done.run_id}: {done.rows} rows: {done.new} new, {done.changed} changed, {done.unchanged} unchanged, "
        f"{done.rejected} rejected; {done.leads} new leads"
    )
    if done.reject_file:
        click.echo(f"rejected rows with their reasons: {done.reject_file}")
        ctx.exit(PartialError.exit_code)


def _pairs(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = [c.partition("=") for c in columns]
    bad = [c for c, (_, sign, field) in zip(columns, pairs, strict=True) if not (sign and field)]
    if bad:
        raise InputError(f"--column needs HEADING=FIELD, not {bad[0]!r}")
    return {heading.strip(): field.strip() for heading, _, field in pairs}


def _preview(file: Path, platform: str, sheet: str, given: dict[str, str]) -> None:
    from gimonitor.model.listing import Listing
    from gimonitor.operations.imports import preview_table

    mapped, rows = preview_table(file, platform=platform or "table", sheet=sheet, columns=given)
    click.echo("columns: " + ("; ".join(f"{h} → {f}" for h, f in mapped.items()) or "as each line names them"))
    for row in rows:
        if isinstance(row, Listing):
            click.echo(f"  ok      {row.platform}/{row.item_id}  {row.title[:60]}")
        else:
            click.echo(f"  reject  row {row.number}: {row.reason}")
    click.echo("dry run: nothing was stored")
