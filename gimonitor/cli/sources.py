"""`gimonitor sources`: what is asked and kept of each source."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def app() -> None:
    """What is asked of each source, what is kept, for how long and why."""


@app.command()
@click.option("--all", "every", is_flag=True, help="Every source the program knows, not only those that are set up.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead.")
def impact(every: bool, out: Path | None) -> None:
    """Print the impact sheet (Markdown, in Chinese), made from this installation's settings.

    \b
    Example: gimonitor sources impact --out 影响说明.md
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.impact import impact_sheet

    sheet = impact_sheet(load_configuration(), every=every)
    if out is None:
        click.echo(sheet)
        return
    out.write_text(sheet + "\n", encoding="utf-8")
    click.echo(f"written: {out}")
