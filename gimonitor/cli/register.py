"""`gimonitor register`: show what is protected and who may use it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click


@click.group()
def app() -> None:
    """Show what is protected and who may use it."""


@app.command()
@click.argument("name")
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day to judge validity on; by default today.")
def show(name: str, folder: Path | None, day: datetime | None) -> None:
    """Print all that is known of a GI on one page, with its gaps. NAME is its name, an alias or its id.

    \b
    Example:
      gimonitor register show 沁州黄小米
      gimonitor register show hlj-wuchang-dami --on 2027-01-01
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.configuration import load_configuration
    from gimonitor.register import load_register
    from gimonitor.register.gifile import build_gi_file, find_gi

    register = load_register(configured_rules(folder), cache_dir=load_configuration().cache_dir)
    gi = find_gi(register, name)
    for section in build_gi_file(register, gi, day.date() if day else date.today()):
        click.echo(f"【{section.title}】")
        for line in section.lines or ("无",):
            click.echo(f"  {line}")


@app.command(name="list")
@click.option("--province", default="", help="Only this province, e.g. 山西.")
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
def list_gis(province: str, folder: Path | None) -> None:
    """List the GIs: id, name, province, certainty, number of unverified facts.

    \b
    Example:
      gimonitor register list --province 山西
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.configuration import load_configuration
    from gimonitor.model.register import Certainty
    from gimonitor.register import load_register
    from gimonitor.register.checks import facts_of

    register = load_register(configured_rules(folder), cache_dir=load_configuration().cache_dir)
    for gi in register.gis:
        if not province or gi.province == province:
            left = sum(fact.certainty is Certainty.UNVERIFIED for _, fact in facts_of(gi))
            click.echo(f"{gi.id}\t{gi.name}\t{gi.province}\t{gi.certainty}\t{left}")
