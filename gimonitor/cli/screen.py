"""`gimonitor screen`: listings as JSON Lines in, screenings as JSON Lines out, in the same order. No database."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from gimonitor.errors import InputError, PartialError
from gimonitor.model.listing import Listing

if TYPE_CHECKING:
    from gimonitor.screening import Screener

MAX_LINE = 20_000_000
BATCH = 32  # listings screened at once
BLANK = {"stage": "blank", "score": 0.0, "findings": [], "clearings": []}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the act; by default today in Beijing.")
@click.option("--flagged", is_flag=True, help="Print only what raised something.")
def app(file: Path, folder: Path | None, day: datetime | None, flagged: bool) -> None:
    """Screen FILE (JSON Lines; `-` for standard input) and print one JSON line for each line, in its order.

    A line holds `title`, and where known `subtitle, attrs, description, keywords, shop, brand, origin, ship_from,
    price, category, platform, url, specification, image_text, sales, uscc`. Printed are `line`, `stage`, `score`,
    `findings` (model, gi, field, start, end, text, reason, legal_basis, confidence), `clearings` and `suspicions`, and
    `warnings` where a field is unknown or not what it should be and was passed over.
    A line that cannot be read gives a line with `error`; the rest is screened, and the exit code is 5. A blank line gives
    a line of the stage `blank`.

    \b
    Examples:
      gimonitor screen listings.jsonl > screened.jsonl
      echo '{"title": "五常大米 10斤", "origin": "安徽"}' | gimonitor screen -
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.register import load_register
    from gimonitor.screening import Screener

    screener = Screener(load_register(configured_rules(folder)))
    on = day.date() if day else beijing_today()
    bad = total = 0
    for lines in batches(numbered_lines(file), 1 if str(file) == "-" else BATCH):
        for row in _rows(screener, lines, on):
            total += 1
            bad += "error" in row
            if not flagged or row.get("findings") or "error" in row:
                _print(row)
        sys.stdout.flush()
    if bad:
        raise PartialError(f"{bad} of {total} lines could not be read; each has a line with `error`")


def batches(lines: Iterable[tuple[int, bytes]], count: int) -> Iterator[list[tuple[int, bytes]]]:
    """Lines in lists of at most `count`, fewer where they are long."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line[1])
        if len(batch) >= count or size >= MAX_LINE // 20:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _rows(screener: Screener, lines: Sequence[tuple[int, bytes]], on: date) -> Iterator[dict[str, object]]:
    from gimonitor.screening.records import record_of

    records = [_record(raw) for _, raw in lines]
    screenings = iter(screener.screen_all([known[0] for known in records if isinstance(known, tuple)], on))
    for (number, _), known in zip(lines, records, strict=True):
        if known is None:
            yield {"line": number, **BLANK}
        elif isinstance(known, InputError):
            yield {"line": number, "error": str(known)}
        else:
            warnings = {"warnings": known[1]} if known[1] else {}
            yield {"line": number, **record_of(next(screenings)), **warnings}


def _record(raw: bytes) -> tuple[Listing, tuple[str, ...]] | InputError | None:
    """The listing of a line and what was passed over in it; what is wrong with the line; None where it is blank."""
    from gimonitor.screening.records import told_listing_of

    if not raw.strip():
        return None
    try:
        return told_listing_of(parsed_line(raw))
    except InputError as error:
        return error


def _print(result: Mapping[str, object]) -> None:
    import json

    text = json.dumps(result, ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def beijing_today() -> date:
    """Today's date in Beijing."""
    from gimonitor.model.zone import BEIJING

    return datetime.now(BEIJING).date()


def numbered_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines. Raises InputError when the file cannot be read."""
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
        yield number, raw


def parsed_line(raw: bytes) -> Mapping[str, object]:
    """The record of a line. Raises InputError where it is no JSON object in UTF-8."""
    import json

    if len(raw) > MAX_LINE:
        raise InputError(f"the line is longer than {MAX_LINE:,} bytes")
    try:
        value = json.loads(raw.strip())
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError("a record is a JSON object")
    return value
