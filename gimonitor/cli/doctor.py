"""`gimonitor doctor`: is everything there, and what will break next."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--quick", is_flag=True, help="Without what takes seconds: no start of Chromium, no network, no full check."
)
@click.option("--problems", is_flag=True, help="Only what is not ok.")
@click.pass_context
def app(ctx: click.Context, quick: bool, problems: bool) -> None:
    """Look at disk, clock, database, rules, Chromium, fonts, keys, sources, time-stamps and digest, and at what ends soon.

    \b
    Each line is ok, warn or fail, with what to do. Ends with 0 when nothing failed, else with the code
    of what failed (2 rules or setting, 6 store, 7 evidence, 8 disk), 5 where there are several kinds.
    Example: gimonitor doctor --problems
    """
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.operations.checkup import Examination, Level
    from gimonitor.operations.doctor import examine, exit_code, keep_look

    examination = Examination(configuration=load_configuration(), now=datetime.now(UTC), thorough=not quick)
    lines = examine(examination)
    keep_look(examination, lines)
    for line in lines:
        if line.level is Level.OK and problems:
            continue
        click.echo(f"{line.level.value:4}  {line.name}  {line.said}")
        if line.todo:
            click.echo(f"      → {line.todo}")
    ctx.exit(exit_code(lines))
