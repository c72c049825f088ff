"""`gimonitor screen`: listings as JSON Lines in, screenings as JSON Lines out, in the same order. No database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO

import click

from gimonitor.errors import InputError, PartialError

MAX_LINE = 20_000_000


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the act; by default today in Beijing.")
@click.option("--flagged", is_flag=True, help="Print only what raised something.")
def app(file: Path, folder: Path | None, day: datetime | None, flagged: bool) -> None:
    """Screen FILE (JSON Lines; `-` for standard input) and print one JSON line for each line, in its order.

    A line holds `title`, and where known `subtitle, attrs, description, keywords, shop, brand, origin, ship_from,
    price, category, platform, url, specification, image_text, sales, uscc`. Printed are `line`, `stage`, `score`,
    `findings` (model, gi, field, start, end, text, reason, legal_basis, confidence), `clearings` and `suspicions`.
    A line that cannot be read gives a line with `error`; the rest is screened, and the exit code is 5.

    \b
    Examples:
      gimonitor screen listings.jsonl > screened.jsonl
      echo '{"title": "五常大米 10斤", "origin": "安徽"}' | gimonitor screen -
    """
    import json

    from gimonitor.cli.rules import configured_rules
    from gimonitor.register import load_register
    from gimonitor.screening import Screener
    from gimonitor.screening.records import listing_of, record_of

    screener = Screener(load_register(configured_rules(folder)))
    on = day.date() if day else beijing_today()
    out = sys.stdout.buffer
    bad = total = 0
    for number, raw in numbered_lines(file):
        total += 1
        try:
            result = record_of(screener.screen(listing_of(parsed_line(raw)), on))
        except InputError as error:
            bad += 1
            result = {"error": str(error)}
        if flagged and not result.get("findings") and "error" not in result:
            continue
        text = json.dumps({"line": number, **result}, ensure_ascii=False)
        out.write(text.encode("utf-8", "backslashreplace") + b"\n")
    out.flush()
    if bad:
        raise PartialError(f"{bad} of {total} lines could not be read; each has a line with `error`")


def beijing_today() -> date:
    """Today's date in Beijing."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def numbered_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines that are not blank. Raises InputError when the file cannot be read."""
    if str(file) == "-":
        yield from _numbered(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as stream:
            yield from _numbered(stream)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error


def _numbered(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield number, raw


def parsed_line(raw: bytes) -> object:
    """The record of a line. Raises InputError where it is no JSON object in UTF-8."""
    import json

    if len(raw) > MAX_LINE:
        raise InputError(f"the line is longer than {MAX_LINE:,} bytes")
    try:
        value = json.loads(raw)
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError("a record is a JSON object")
    return value
