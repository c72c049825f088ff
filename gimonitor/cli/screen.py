"""`gimonitor screen`: listings as JSON Lines in, screenings as JSON Lines out, in the same order. No database."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from gimonitor.errors import InputError, PartialError
from gimonitor.model.listing import Listing

if TYPE_CHECKING:
    from gimonitor.screening import Screener

MAX_LINE = 20_000_000
_LONGEST = 400  # digits of a number
BATCH = 32  # listings screened at once
_GB = "gb18030"
_UTF_16 = "in UTF-16, not in UTF-8; `iconv -f UTF-16 -t UTF-8 {file} | gimonitor screen -` screens it"
_OTHER_KINDS = {  # what a file begins with, and what to do with it
    b"\x1f\x8b": "compressed by gzip; `zcat {file} | gimonitor screen -` screens it",
    b"BZh": "compressed by bzip2; `bzcat {file} | gimonitor screen -` screens it",
    b"\xfd7zXZ": "compressed by xz; `xzcat {file} | gimonitor screen -` screens it",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; `zstdcat {file} | gimonitor screen -` screens it",
    b"PK\x03\x04": "a workbook or ZIP; `gimonitor import table {file}` reads a workbook into the store",
    b"\xd0\xcf\x11\xe0": "a workbook; `gimonitor import table {file}` reads it into the store",
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
}
_TABLE = re.compile(r"[,;\t，]")
BLANK = {"stage": "blank", "score": 0.0, "findings": [], "clearings": []}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the act; by default today in Beijing.")
@click.option("--flagged", is_flag=True, help="Print only what raised something.")
def app(file: Path, folder: Path | None, day: datetime | None, flagged: bool) -> None:
    """Screen FILE (JSON Lines; `-` for standard input) and print one JSON line for each line, in its order.

    A line holds `title`, and where known `subtitle, attrs, description, keywords, shop, brand, origin, ship_from,
    price, category, platform, url, specification, image_text, sales, rank, uscc, item_id, observed_at`. Printed are `line`,
    `stage` (flagged, cleared, not_goods, no_name, blank), `score`, `findings` (model, gi, field, start, end, text, reason,
    legal_basis, confidence), `clearings`, `reminders` to authorised users, `suspicions`, `on` and `register`, and
    `warnings` where a field is unknown or not what it should be and was passed over.
    A line that cannot be read gives a line with `error`; the rest is screened, and the exit code is 5. A blank line gives
    a line of the stage `blank`. A file that is no JSON Lines at all is refused at its first line, with 2.

    \b
    Examples:
      gimonitor screen listings.jsonl > screened.jsonl
      echo '{"title": "五常大米 10斤", "origin": "安徽"}' | gimonitor screen -
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.register import load_register
    from gimonitor.screening import Screener

    lines = numbered_lines(file)
    first = next(lines, None)
    if first is not None:
        refuse_other_kinds(first[1], str(file))
        lines = chain((first,), lines)
    register = load_register(configured_rules(folder))
    on = day.date() if day else beijing_today()
    lawless = [m.id for m in register.models if m.law and not any(register.article(key, on) for key in m.law)]
    if lawless:
        click.echo(f"on {on} no article was in force that these models cite: {', '.join(lawless)}", err=True)
    bad, total = _screen_lines(Screener(register), batches(lines, 1 if str(file) == "-" else BATCH), on, flagged)
    if bad:
        raise PartialError(f"{bad} of {total} lines could not be read; each has a line with `error`")


def _screen_lines(
    screener: Screener, batched: Iterable[Sequence[tuple[int, bytes]]], on: date, flagged: bool
) -> tuple[int, int]:
    """Print what comes of each line. Returns how many could not be read, and how many there were.

    Raises PartialError when stopped by Ctrl-C or SIGTERM.
    """
    bad = total = 0
    try:
        for lines in batched:
            for row in _rows(screener, lines, on):
                total += 1
                bad += "error" in row
                if not flagged or row.get("findings") or "error" in row:
                    _print(row)
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stdout.flush()
        raise PartialError(f"stopped after {total} lines; the same command begins again at the first") from None
    return bad, total


def refuse_other_kinds(first: bytes, name: str) -> None:
    """Raises InputError, which says what to do, where the first line shows that a file holds no JSON Lines in UTF-8."""
    file = "FILE" if name == "-" else shlex.quote(name)
    for magic, told in _OTHER_KINDS.items():
        if first.startswith(magic):
            raise InputError(f"{name}: {told.format(file=file)}")
    if b"\0" in first[:4]:
        raise InputError(f"{name}: {_UTF_16.format(file=file)}")
    text, encoding = _decoded(first)
    begin = text.lstrip()[:1]
    if begin == "[":
        raise InputError(f"{name}: a JSON array, no JSON Lines; `jq -c '.[]' {file} | gimonitor screen -` screens it")
    if text.strip() == "{":
        raise InputError(f"{name}: JSON over several lines; `jq -c . {file} | gimonitor screen -` screens it")
    if begin == "{" and encoding == _GB:
        raise InputError(
            f"{name}: in GBK, not in UTF-8; `iconv -f GB18030 -t UTF-8 {file} | gimonitor screen -` screens it"
        )
    if begin not in ("", "{") and _TABLE.search(text) and not _is_json(text):
        raise InputError(f"{name}: a table, no JSON Lines; `gimonitor import table {file}` reads it into the store")


def _decoded(line: bytes) -> tuple[str, str]:
    """The text of a line and its encoding; what is neither UTF-8 nor GB18030 comes out as empty."""
    for encoding in ("utf-8", _GB):
        try:
            return line.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return "", ""


def _is_json(text: str) -> bool:
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


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
        value = json.loads(raw.strip(), parse_int=_whole)
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError("a record is a JSON object")
    return value


def _whole(digits: str) -> int | str:
    """A whole number; one too long to be any, as its text."""
    return int(digits) if len(digits) <= _LONGEST else digits
