"""What the commands of `gimonitor register` share: options, the register they work on, lists on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING

if TYPE_CHECKING:
    from gimonitor.model.register import Register

FOLDER = click.option(
    "--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files."
)
APPLY = click.option("--apply", "write", is_flag=True, help="Write the changes; without it they are only shown.")


def load_rules(folder: Path | None) -> tuple[Path, Register]:
    """The rules folder, given or configured, and the register in it."""
    from gimonitor.cli.rules import configured_rules
    from gimonitor.configuration import load_configuration
    from gimonitor.register import load_register

    root = configured_rules(folder)
    return root, load_register(root, cache_dir=load_configuration().cache_dir)


def today() -> date:
    """The day it is in Beijing, whatever the machine's clock says of its own zone."""
    return datetime.now(BEIJING).date()


def print_list(title: str, lines: Iterable[str]) -> None:
    """A heading with the number of lines, and the lines."""
    lines = list(lines)
    click.echo(f"{title}: {len(lines)}")
    for line in lines:
        click.echo(f"  {line}")


def write_whole(target: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises InputError."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror}") from error
