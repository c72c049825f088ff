"""`gimonitor register`: show the register, import bureaus' tables, exchange it with other bureaus."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from gimonitor.cli import registerexchange, registertables
from gimonitor.cli.registercommon import FOLDER, load_rules, today


@click.group()
def app() -> None:
    """Show what is protected and who may use it; import tables; exchange the register with other bureaus."""


@app.command()
@click.argument("name")
@FOLDER
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

    _, register = load_rules(folder)
    on = day.date() if day else today()
    sign = find_sign(register, name)
    sections = build_sign_file(sign, on) if sign else build_gi_file(register, find_gi(register, name), on)
    for section in sections:
        click.echo(f"【{section.title}】")
        for line in section.lines or ("无",):
            click.echo(f"  {line}")


@app.command(name="list")
@click.option("--province", default="", help="Only this province, e.g. 山西 or 山西省.")
@FOLDER
def list_gis(province: str, folder: Path | None) -> None:
    """List the GIs: id, name, province, certainty, number of unverified facts.

    \b
    Example:
      gimonitor register list --province 山西
    """
    from gimonitor.model.register import Certainty
    from gimonitor.register.facts import facts_of
    from gimonitor.register.gifile import gis_of_province

    _, register = load_rules(folder)
    for gi in gis_of_province(register, province):
        left = sum(fact.certainty is Certainty.UNVERIFIED for _, fact in facts_of(gi))
        click.echo(f"{gi.id}\t{gi.name}\t{gi.province}\t{gi.certainty}\t{left}")


@app.command(name="region")
@click.argument("text")
@click.option("--gi", "name", default="", help="Say too whether it lies in the area of this GI.")
@FOLDER
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
        gi = find_gi(load_rules(folder)[1], name)
        area = gi.area.adcodes.value if gi.area else ()
        click.echo(f"{gi.name}: {origin_of(found, area)}")


@app.command()
@click.argument("year", type=click.IntRange(2000, 2098))
@FOLDER
def calendar(year: int, folder: Path | None) -> None:
    """Print the key periods of YEAR with their days, reporting dates, days off and moved working days, and the opening and harvest times of the GIs.

    \b
    Example:
      gimonitor register calendar 2027
    """
    from gimonitor.register.calendar import is_provisional, key_periods, moved_days
    from gimonitor.register.gifile import season_lines

    _, register = load_rules(folder)
    none = "尚未公布" if is_provisional(date(year, 1, 1)) else "无"
    if is_provisional(date(year, 1, 1)):
        click.echo(f"{year}：国务院放假安排尚未收录，工作日为暂定")
    click.echo("【重点时段】")
    for period in key_periods(year):
        mark = "（日期待核）" if period.unverified else ""
        click.echo(f"  {period.starts} 至 {period.ends}　{period.name}（{period.peak:%m-%d}）{mark}：{period.why}")
    free, worked = moved_days(year)
    click.echo("【工作日】")
    click.echo(f"  周一至周五放假：{'、'.join(f'{day:%m-%d}' for day in free)}")
    click.echo(f"  周末上班（调休）：{'、'.join(f'{day:%m-%d}' for day in worked) or none}")
    click.echo("【时令】")
    for gi in register.gis:
        if gi.season:
            click.echo(f"  {gi.name}：{'；'.join(season_lines(gi.season, year))}")


for command in (*registertables.COMMANDS, *registerexchange.COMMANDS):
    app.add_command(command)
