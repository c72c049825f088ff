"""`gimonitor register`: show the register, import bureaus' tables, exchange it with other bureaus."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.errors import InputError, PartialError

if TYPE_CHECKING:
    from gimonitor.model.register import Register
    from gimonitor.register.merging import Difference
    from gimonitor.register.usertable import Reject

_FOLDER = click.option(
    "--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files."
)
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
_APPLY = click.option("--apply", "write", is_flag=True, help="Write the changes; without it they are only shown.")
_REJECTS = click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write refused rows with their reasons here (CSV).",
)


@click.group()
def app() -> None:
    """Show what is protected and who may use it; import tables; exchange the register with other bureaus."""


def _load(folder: Path | None) -> tuple[Path, Register]:
    from gimonitor.cli.rules import configured_rules
    from gimonitor.configuration import load_configuration
    from gimonitor.register import load_register

    root = configured_rules(folder)
    return root, load_register(root, cache_dir=load_configuration().cache_dir)


@app.command()
@click.argument("name")
@_FOLDER
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day to judge validity on; by default today.")
def show(name: str, folder: Path | None, day: datetime | None) -> None:
    """Print all that is known of a GI or a sign on one page, with its gaps.

    NAME is its name, id, alias, translation, a listed variant or a part of its name that means no other.

    \b
    Example:
      gimonitor register show 沁州黄小米
      gimonitor register show 碧螺春
      gimonitor register show hlj-wuchang-dami --on 2027-01-01
      gimonitor register show gi-special-mark
    """
    from gimonitor.register.gifile import build_gi_file, find_gi
    from gimonitor.register.signfile import build_sign_file, find_sign

    _, register = _load(folder)
    on = day.date() if day else date.today()
    sign = find_sign(register, name)
    sections = build_sign_file(sign, on) if sign else build_gi_file(register, find_gi(register, name), on)
    for section in sections:
        click.echo(f"【{section.title}】")
        for line in section.lines or ("无",):
            click.echo(f"  {line}")


@app.command(name="list")
@click.option("--province", default="", help="Only this province, e.g. 山西.")
@_FOLDER
def list_gis(province: str, folder: Path | None) -> None:
    """List the GIs: id, name, province, certainty, number of unverified facts.

    \b
    Example:
      gimonitor register list --province 山西
    """
    from gimonitor.model.register import Certainty
    from gimonitor.register.facts import facts_of

    _, register = _load(folder)
    for gi in register.gis:
        if not province or gi.province == province:
            left = sum(fact.certainty is Certainty.UNVERIFIED for _, fact in facts_of(gi))
            click.echo(f"{gi.id}\t{gi.name}\t{gi.province}\t{gi.certainty}\t{left}")


@app.command(name="region")
@click.argument("text")
@click.option("--gi", "name", default="", help="Say too whether it lies in the area of this GI.")
@_FOLDER
def find_region(text: str, name: str, folder: Path | None) -> None:
    """Read words of place as administrative divisions: code, name, the words it was read from, and every other reading.

    \b
    Example:
      gimonitor register region 产地:黑龙江哈尔滨五常
      gimonitor register region "发货地 浙江 杭州" --gi 西湖龙井
    """
    from gimonitor.register.gifile import find_gi
    from gimonitor.register.regions import find_regions, origin_of

    found = find_regions(text)
    for place in found:
        full = "".join(dict.fromkeys((place.province, place.city, place.county)))
        note = "\tambiguous" if place.ambiguous else ""
        click.echo(f"{place.adcode}\t{full}\t{text[place.start : place.end]}{note}")
    if not found:
        click.echo("no division is named")
    if name:
        gi = find_gi(_load(folder)[1], name)
        area = gi.area.adcodes.value if gi.area else ()
        click.echo(f"{gi.name}: {origin_of(found, area)}")


@app.command()
@click.argument("year", type=click.IntRange(2000, 2098))
@_FOLDER
def calendar(year: int, folder: Path | None) -> None:
    """Print the key periods and reporting dates of YEAR, and the opening and harvest times of the GIs.

    \b
    Example:
      gimonitor register calendar 2027
    """
    from gimonitor.register.calendar import is_provisional, key_periods
    from gimonitor.register.gifile import season_lines

    _, register = _load(folder)
    if is_provisional(date(year, 1, 1)):
        click.echo(f"{year}：国务院放假安排尚未收录，工作日为暂定")
    click.echo("【重点时段】")
    for period in key_periods(year):
        mark = "（日期待核）" if period.unverified else ""
        click.echo(f"  {period.starts} 至 {period.ends}　{period.name}{mark}：{period.why}")
    click.echo("【时令】")
    for gi in register.gis:
        if gi.season:
            click.echo(f"  {gi.name}：{'；'.join(season_lines(gi.season, year))}")


@app.command(name="import-users")
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
@_APPLY
@_FOLDER
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
    from gimonitor.register.usermerge import apply_plan, plan_users
    from gimonitor.register.usertable import UserOptions, read_user_table
    from gimonitor.tables import open_table

    root, register = _load(folder)
    named = dict(_pair(column) for column in columns)
    today = date.today()
    options = UserOptions(
        source=source, on=today, columns=named, basis=Basis(basis) if basis else None, fill_down=fill_down
    )
    opened = open_table(table, sheet=sheet, encoding=encoding or "", limits=REGISTER_LIMITS)
    click.echo(opened.reading)
    found = read_user_table(opened, register, options)
    complete = [find_gi(register, name).id for name in complete_for]
    plan = plan_users(register, found, into=into, on=today, complete_for=complete)
    click.echo("columns: " + ", ".join(f"{name}={heading}" for name, heading in found.used.items()))
    if found.unused:
        click.echo("columns not used: " + ", ".join(found.unused))
    _print("new", (f"{u.gi_id} {u.name} {u.uscc}" for u in plan.new))
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
        _print(title, lines)
    _print("odd", plan.suspicious)
    click.echo(f"unchanged: {len(plan.unchanged)}")
    if write and (plan.new or plan.changed or plan.ended):
        apply_plan(root, plan)
        click.echo(f"{root / plan.into}: written, {len(plan.result)} users")
    elif write:
        click.echo("nothing to write; the register is as it was")
    _finish(plan.rejects, rejects, write)


@app.command(name="import-gis")
@click.argument("tables", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--source", required=True, help="Whose table it is.")
@_SHEET
@_ENCODING
@_REJECTS
@_APPLY
@_FOLDER
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

    root, register = _load(folder)
    rows, refused = [], []
    for path in tables:
        table = open_table(path, sheet=sheet, encoding=encoding or "", limits=REGISTER_LIMITS)
        click.echo(table.reading)
        found, bad = read_gi_table(table)
        label = path.name if len(tables) > 1 else ""
        rows += [replace(row, table=label) for row in found]
        refused += [replace(reject, reasons=(label, *reject.reasons)) if label else reject for reject in bad]
        unused = unused_columns(table.header)
        click.echo(f"{path.name}: {len(found)} rows; columns not used: {', '.join(unused) or 'none'}")
    plan = plan_gis(root, register, rows, source=source)
    _print("new", plan.new)
    _print("added", plan.added)
    _print("to settle", plan.differences)
    _print("unverified with us, and told by the tables too (rules verify-fact NAME PLACE)", plan.agreed)
    click.echo(f"unchanged: {plan.unchanged}")
    if write:
        apply_gis(root, plan)
        click.echo(f"{root}: {len(plan.files)} files written")
    else:
        check_gis(root, plan)
    _finish(refused, rejects, write)


@app.command()
def key() -> None:
    """Print the public key with which this installation signs what it exports; it is made on first use.

    \b
    Example:
      gimonitor register key
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.exchange import public_hex
    from gimonitor.register.keys import own_key

    click.echo(public_hex(own_key(load_configuration().data_dir / "keys").public_key()))


@app.command()
@click.argument("public_key")
@click.argument("name")
def trust(public_key: str, name: str) -> None:
    """Believe registers signed with PUBLIC_KEY, the key of the bureau NAME. Compare it over the telephone first.

    \b
    Example:
      gimonitor register trust 3b6a… 陕西省知识产权局
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.keys import trust_key

    trust_key(load_configuration().data_dir / "keys", public_key, name)
    click.echo(f"trusted: {name}")


@app.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--province", default="", help="Only the GIs of this province.")
@_FOLDER
def export(target: Path, province: str, folder: Path | None) -> None:
    """Write the register (GIs and their users) as one signed file for another bureau.

    The file bears the name of your bureau, so GIMONITOR_ORGANISATION must be set to it first (2 to 200 characters).

    \b
    Example:
      GIMONITOR_ORGANISATION=山西省知识产权局 gimonitor register export shanxi.gireg --province 山西
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.exchange import build_exchange
    from gimonitor.register.keys import own_key

    settings = load_configuration()
    root, register = _load(folder)
    content = build_exchange(
        root,
        register,
        origin=settings.organisation,
        key=own_key(settings.data_dir / "keys"),
        made=datetime.now(UTC),
        province=province,
    )
    write_whole(target, content)
    click.echo(f"{target}: {len(content)} bytes")


@app.command()
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--take", "names", multiple=True, metavar="NAME", help="Take their version of this changed GI (name or id)."
)
@click.option(
    "--take-changed", is_flag=True, help="Take their version of all changed GIs that were not refused before."
)
@click.option("--all", "everything", is_flag=True, help="Show field by field what was refused before, too.")
@_APPLY
@_FOLDER
def merge(
    source: Path, names: tuple[str, ...], take_changed: bool, everything: bool, write: bool, folder: Path | None
) -> None:
    """Show what the signed register SOURCE of another bureau would bring, and with --apply take it over.

    What differs is shown field by field (ours -> theirs) and stays ours unless it is taken. With --apply what was shown and
    not taken is remembered as refused, and stands apart from then on, until something in it changes on either side.

    \b
    Example:
      gimonitor register merge shaanxi.gireg
      gimonitor register merge shaanxi.gireg --take 西凤酒 --apply
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.exchange import read_exchange
    from gimonitor.register.keys import trusted_keys
    from gimonitor.register.merging import apply_merge, chosen_gis, plan_merge
    from gimonitor.register.refusals import refused_marks, remember_refused

    root, register = _load(folder)
    keys = load_configuration().data_dir / "keys"
    exchange = read_exchange(source, trusted_keys(keys))
    plan = plan_merge(register, exchange, refused=refused_marks(keys))
    chosen = chosen_gis(plan, names, all_changed=take_changed)
    says = "" if exchange.says == exchange.origin else f" (calls itself {exchange.says})"
    click.echo(f"from {exchange.origin}{says}, made {exchange.made.isoformat()}")
    _print("new", plan.new)
    _print_differences("changed", plan.changed)
    _print_differences("conflicts, left alone", plan.conflicts)
    _print("users new", plan.users_new)
    _print_differences("users that differ, left alone", plan.users_differ)
    _print("users gone", plan.users_gone)
    _print_differences("refused before, left alone", plan.refused, lines=everything)
    click.echo(f"the same: {plan.same} GIs, {plan.users_same} users")
    if not write:
        click.echo(f"would be taken over: {len(plan.files_new) + len(chosen)} files; nothing was written; say --apply")
        return
    taken = apply_merge(root, plan, taken=chosen)
    click.echo(f"{root}: {taken} files taken over" if taken else "nothing was taken over; the register is as it was")
    left = plan.left(chosen)
    remember_refused(keys, ((d.mark, d.title) for d in left), on=date.today())
    if left:
        click.echo(f"refused: {len(left)}; they are listed apart from now on")


def _pair(column: str) -> tuple[str, str]:
    name, equals, heading = column.partition("=")
    if not equals:
        raise InputError(f"--column {column}: write FIELD=HEADING")
    return name.strip(), heading.strip()


def _print(title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    click.echo(f"{title}: {len(lines)}")
    for line in lines:
        click.echo(f"  {line}")


def _print_differences(title: str, differences: Iterable[Difference], *, lines: bool = True) -> None:
    differences = tuple(differences)
    click.echo(f"{title}: {len(differences)}")
    for one in differences:
        click.echo(f"  {one.title}{'' if lines else f': {len(one.lines)} fields (--all shows them)'}")
        for line in one.lines if lines else ():
            click.echo(f"    {line}")


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


def write_whole(target: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises InputError."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror}") from error
