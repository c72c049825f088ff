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
    its kind and ends the command with exit code 4; a file that cannot be read ends it with 2, after all were tried.

    \b
    Example:
      gimonitor parse saved.html --url https://item.jd.com/100012043978.html
      gimonitor parse pages/*.html | jq '.listings[].title'
    """
    from gimonitor.errors import BlockedError, GimonitorError, InputError
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
    if troubles:
        raise troubles[0]


def _line(path: Path, reading: Reading) -> str:
    page = reading.page
    values: dict[str, object] = {"file": str(path), "container": page.container, "url": page.url, "saved_at": page.at}
    if reading.parsed is not None:
        values |= asdict(reading.parsed)
    else:
        values |= {"blocked": reading.blocked, "error": reading.error}
    return json.dumps(values, ensure_ascii=False, default=str)
