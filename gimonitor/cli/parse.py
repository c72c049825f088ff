"""`gimonitor parse`: what a saved page gives, as JSON, without a database."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.parsing.capture import Reading


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", default="", help="Address the page was saved from; it chooses the platform and completes links.")
@click.option("--platform", default="", help="Platform code, when the address does not tell it.")
@click.option("--content-type", default="", help="Content-Type the server sent, e.g. text/html; charset=gbk.")
def app(files: tuple[Path, ...], url: str, platform: str, content_type: str) -> None:
    """Print what each saved FILE gives: listings, the parser that took it, the fields it did not find.

    HTML, SingleFile, MHTML, HAR, WARC, WACZ and JSON are told apart by their content; no database is needed.
    One JSON object a page, one page a line. A page that is no answer (login, challenge, empty shell) is printed with
    its kind and ends the command with exit code 4; a file that cannot be read ends it with 2, one that gives nothing with 5,
    after all were tried; each is named with the reason.

    \b
    Example:
      gimonitor parse saved.html --url https://item.jd.com/100012043978.html
      gimonitor parse pages/*.html | jq '.listings[].title'
    """
    from gimonitor.errors import BlockedError, GimonitorError, InputError, PartialError
    from gimonitor.parsing.capture import read_capture

    troubles: list[GimonitorError] = []
    for path in files:
        try:
            readings = read_capture(path.read_bytes(), url, content_type, platform)
        except (OSError, InputError) as error:
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            troubles.append(InputError(f"{path}: {reason}"))
            click.echo(json.dumps({"file": str(path), "error": reason}, ensure_ascii=False))
            continue
        for reading in readings:
            click.echo(_line(path, reading))
            if reading.blocked:
                troubles.append(BlockedError(reading.blocked, str(path), reading.page.url))
            elif reading.error:
                troubles.append(InputError(f"{path}: {reading.error}"))
        if why := _why_nothing(readings):
            troubles.append(PartialError(f"{path}: nothing was read: {why}"))
    for trouble in troubles[1:]:
        click.echo(str(trouble), err=True)
    if troubles:
        raise troubles[0]


def _why_nothing(readings: list[Reading]) -> str:
    """Why a file gave nothing at all, "" where it gave something or its pages say themselves why not."""
    parsed = [one.parsed for one in readings if one.parsed is not None]
    if len(parsed) < len(readings) or any(one.listings or one.links or one.announced is not None for one in parsed):
        return ""
    names = sorted({one.parser for one in parsed} - {""})
    told = dict.fromkeys(note for one in parsed for note in one.notes)
    why = f"no goods were found by {', '.join(names)}" if names else "it is of no kind that a parser knows"
    return "; ".join([why, *told])


def _line(path: Path, reading: Reading) -> str:
    page = reading.page
    values: dict[str, object] = {"file": str(path), "container": page.container, "url": page.url, "saved_at": page.at}
    if reading.parsed is not None:
        values |= asdict(reading.parsed)
    else:
        values |= {"blocked": reading.blocked, "error": reading.error}
    return json.dumps(values, ensure_ascii=False, default=str)
