"""`gimonitor rules`: check rule files and mark facts verified."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import click

from gimonitor.errors import RulesError

_FOLDER = click.option(
    "--rules-dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of rule files; by default the configured one.",
)


@click.group()
def app() -> None:
    """Check rule files."""


def configured_rules(folder: Path | None) -> Path:
    """The folder given, else the configured one, else the one that comes with gimonitor."""
    from gimonitor.configuration import load_configuration
    from gimonitor.register import rules_dir

    return folder or load_configuration().rules_dir or rules_dir()


@app.command()
@_FOLDER
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day to judge validity on; by default today.")
@click.option("--unverified", is_flag=True, help="List every unverified fact with its file.")
def check(folder: Path | None, day: datetime | None, unverified: bool) -> None:
    """Print every problem in the rule files, and count the facts left to verify.

    Exit code 0 when nothing is wrong (warnings allowed), 2 when there is an error.

    \b
    Example:
      gimonitor rules check
      gimonitor rules check --rules-dir my-rules --unverified
    """
    from gimonitor.register.checks import count_facts, unverified_facts
    from gimonitor.register.issues import Severity
    from gimonitor.register.loader import read_rules

    root = configured_rules(folder)
    loaded = read_rules(root, on=day.date() if day else date.today())
    for issue in loaded.issues:
        click.echo(f"{root / issue.path}:{str(issue).removeprefix(issue.path + ':')}")
    register = loaded.register()
    if unverified:
        for path, name, place, value in unverified_facts(register):
            click.echo(f"{root / path}: unverified: {name}: {place}: {value}")
    counts = Counter(issue.severity for issue in loaded.issues)
    facts = count_facts(register)
    click.echo(
        f"{len(loaded.files)} files: {len(register.gis)} GIs, {len(register.users)} users, {len(register.signs)} signs, "
        f"{len(register.articles)} articles, {len(register.words)} words, {len(register.models)} models"
    )
    click.echo("facts: " + ", ".join(f"{facts[kind]} {kind}" for kind in sorted(facts)))
    click.echo(f"{counts[Severity.ERROR]} errors, {counts[Severity.WARNING]} warnings")
    if counts[Severity.ERROR]:
        raise RulesError([f"{counts[Severity.ERROR]} errors in {root}, listed above"])
