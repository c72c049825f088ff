"""Commands of `gimonitor register` that import bureaus' tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.cli.registercommon import APPLY, FOLDER, load_rules, print_list, today, write_whole
from gimonitor.errors import InputError, PartialError

if TYPE_CHECKING:
    from gimonitor.register.usertable import Reject

_TABLE = click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
_SHEET = click.option(
    "--sheet", default="", help="Sheet of the workbook; by default the first visible one that is not empty."
)
_ENCODING = click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030", "utf-16"]),
    help="Of a text, where the guess is wrong.",
)
_MOST_TOLD = 200  # rows shown on the terminal; the file of --rejects holds all
_REJECTS = click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write refused rows with their reasons here (CSV).",
)


@click.command(name="import-users")
@_TABLE
@click.option("--source", required=True, help="Whose table it is, e.g. the announcement with its number.")
@click.option("--column", "columns", multiple=True, help="FIELD=HEADING where the usual headings do not fit.")
@click.option(
    "--basis", type=click.Choice(["announcement", "member", "licensee", "other"]), help="Where no column says."
)
@click.option("--into", default="imported.csv", show_default=True, help="File under rules/users/ that holds them.")
@click.option("--complete-for", multiple=True, help="GI of which the table holds every user: who is missing has ended.")
@click.option("--fill-down", is_flag=True, help="An empty GI name repeats the one above (merged cells).")
@_SHEET
@_ENCODING
@_REJECTS
@APPLY
@FOLDER
def import_users(
    table: Path,
    source: str,
    columns: tuple[str, ...],
    basis: str | None,
    into: str,
    complete_for: tuple[str, ...],
    fill_down: bool,
    sheet: str,
    encoding: str | None,
    rejects: Path | None,
    write: bool,
    folder: Path | None,
) -> None:
    """Import authorised users from a table (XLSX, XLS, CSV). Shows what is new, changed, ended and odd; --apply writes it.

    Exit code 5 when rows were refused; the others are taken all the same, in one piece.

    \b
    Example:
      gimonitor register import-users users.xlsx --source "国家知识产权局公告第475号" --basis announcement
      gimonitor register import-users users.xlsx --source … --column name=厂家 --rejects refused.csv --apply
    """
    from gimonitor.model.register import Basis
    from gimonitor.register.cells import REGISTER_LIMITS
    from gimonitor.register.gifile import find_gi
    from gimonitor.register.gitable import tell_kind
    from gimonitor.register.usermerge import apply_plan, plan_users
    from gimonitor.register.usertable import UserOptions, read_user_table
    from gimonitor.tables import open_table

    root, register = load_rules(folder)
    named = dict(_pair(column) for column in columns)
    on = today()
    options = UserOptions(
        source=source, on=on, columns=named, basis=Basis(basis) if basis else None, fill_down=fill_down
    )
    opened = open_table(table, sheet=sheet, encoding=encoding or "", limits=REGISTER_LIMITS)
    click.echo(opened.reading)
    try:
        found = read_user_table(opened, register, options)
    except InputError as error:
        kind = tell_kind(opened.header)
        raise InputError(f"{table}: {error}{f'; a table of {kind} goes in by import-gis' if kind else ''}") from error
    complete = [find_gi(register, name).id for name in complete_for]
    plan = plan_users(register, found, into=into, on=on, complete_for=complete)
    click.echo("columns: " + ", ".join(f"{name}={heading}" for name, heading in found.used.items()))
    if found.unused:
        click.echo("columns not used: " + ", ".join(found.unused))
    print_list("new", (f"{u.gi_id} {u.name} {u.uscc}" for u in plan.new))
    for title, changes in (
        ("changed", plan.changed),
        ("ended", plan.ended),
        ("differs elsewhere", plan.held_elsewhere),
    ):
        lines = (
            f"{c.after.gi_id} {c.after.name}: "
            + "; ".join(f"{name} {getattr(c.before, name)} -> {getattr(c.after, name)}" for name in c.fields)
            for c in changes
        )
        print_list(title, lines)
    print_list("odd", plan.suspicious)
    click.echo(f"unchanged: {len(plan.unchanged)}")
    if write and (plan.new or plan.changed or plan.ended):
        apply_plan(root, plan)
        click.echo(f"{root / plan.into}: written, {len(plan.result)} users")
    elif write:
        click.echo("nothing to write; the register is as it was")
    _finish(plan.rejects, rejects, write)


@click.command(name="import-gis")
@click.argument("tables", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--source", required=True, help="Whose table it is.")
@_SHEET
@_ENCODING
@_REJECTS
@APPLY
@FOLDER
def import_gis(
    tables: tuple[Path, ...],
    source: str,
    sheet: str,
    encoding: str | None,
    rejects: Path | None,
    write: bool,
    folder: Path | None,
) -> None:
    """Import GI products, former AGI, marks, standards and announcement days from a bureau's tables, in any order.

    New names get a file; what is missing in known ones is added; what differs is listed for a person to settle. Tables
    that belong together are given together: marks, standards and announcements say nothing of where a new name lies.

    \b
    Example:
      gimonitor register import-gis 产品.xls --source "陕西省地理标志服务网站" --apply
      gimonitor register import-gis 公告.xls 地理标志商标.xls 产品标准.xls 产品.xls --source "陕西省地理标志服务网站"
    """
    from dataclasses import replace

    from gimonitor.register.cells import REGISTER_LIMITS
    from gimonitor.register.gimerge import apply_gis, check_gis, plan_gis
    from gimonitor.register.gitable import read_gi_table, unused_columns
    from gimonitor.tables import open_table

    root, register = load_rules(folder)
    rows, refused = [], []
    for path in tables:
        table = open_table(path, sheet=sheet, encoding=encoding or "", limits=REGISTER_LIMITS)
        found, bad = read_gi_table(table)
        label = path.name if len(tables) > 1 else ""
        rows += [replace(row, table=label) for row in found]
        refused += [replace(reject, reasons=(label, *reject.reasons)) if label else reject for reject in bad]
        unused = unused_columns(table.header)
        click.echo(f"{table.reading}; {len(found)} rows; columns not used: {', '.join(unused) or 'none'}")
    plan = plan_gis(root, register, rows, source=source)
    print_list("new", plan.new)
    print_list("added", plan.added)
    print_list("to settle", plan.differences)
    print_list("unverified with us, and told by the tables too (rules verify-fact NAME PLACE)", plan.agreed)
    click.echo(f"unchanged: {plan.unchanged}")
    if write:
        apply_gis(root, plan)
        click.echo(f"{root}: {len(plan.files)} files written")
    else:
        check_gis(root, plan)
    _finish(refused, rejects, write)


def _pair(column: str) -> tuple[str, str]:
    name, equals, heading = column.partition("=")
    if not equals:
        raise InputError(f"--column {column}: write FIELD=HEADING")
    return name.strip(), heading.strip()


def _finish(refused: Iterable[Reject], target: Path | None, write: bool) -> None:
    from gimonitor.register.usermerge import format_rejects

    refused = list(refused)
    told = [f"row {reject.number}: {'; '.join(reject.reasons)}" for reject in refused[:_MOST_TOLD]]
    if len(refused) > len(told):
        told.append(f"and {len(refused) - len(told)} more; --rejects FILE writes all of them")
    click.echo(f"refused: {len(refused)}")
    for line in told:
        click.echo(f"  {line}")
    if target is not None:
        write_whole(target, format_rejects(refused))
    if not write:
        click.echo("nothing was written; say --apply")
    if refused:
        raise PartialError(f"{len(refused)} rows were refused")


COMMANDS = (import_users, import_gis)
