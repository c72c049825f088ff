"""`gimonitor parse`: what a saved page gives, as JSON, without a database."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.parsing.page import ParsedPage


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", default="", help="Address the page was saved from; it chooses the platform and completes links.")
@click.option("--platform", default="", help="Platform code, when the address does not tell it.")
@click.option("--content-type", default="", help="Content-Type the server sent, e.g. text/html; charset=gbk.")
def app(files: tuple[Path, ...], url: str, platform: str, content_type: str) -> None:
    """Print what each saved page FILE gives: listings, the parser that took it, the fields it did not find.

    One JSON object a page, one page a line. A page that is no answer (login, challenge, empty shell) is printed with
    its kind and ends the command with exit code 4; a file that cannot be read ends it with 2, after all were tried.

    \b
    Example:
      gimonitor parse saved.html --url https://item.jd.com/100012043978.html
      gimonitor parse pages/*.html | jq '.listings[].title'
    """
    from gimonitor.errors import BlockedError, GimonitorError, InputError
    from gimonitor.parsing import parse_page

    troubles: list[GimonitorError] = []
    for path in files:
        try:
            body = path.read_bytes()
            parsed = parse_page(body, url, content_type, platform)
        except OSError as error:
            trouble: GimonitorError = InputError(f"{path}: {error.strerror or error}")
        except BlockedError as error:
            trouble = BlockedError(error.kind, str(path), error.detail)
        except InputError as error:
            trouble = InputError(f"{path}: {error}")
        else:
            click.echo(_line(path, parsed))
            continue
        troubles.append(trouble)
        kind = trouble.kind if isinstance(trouble, BlockedError) else ""
        click.echo(json.dumps({"file": str(path), "blocked": kind, "error": str(trouble)}, ensure_ascii=False))
    if troubles:
        raise troubles[0]


def _line(path: Path, parsed: ParsedPage) -> str:
    return json.dumps({"file": str(path), **asdict(parsed)}, ensure_ascii=False, default=str)
