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
    from gimonitor.model.finding import Screening
    from gimonitor.model.register import Register
    from gimonitor.screening import Screener

MAX_LINE = 20_000_000
_LONGEST = 400  # digits of a number
BATCH = 32  # listings screened at once
_GB = "gb18030"
_UTF_16 = "in UTF-16, not in UTF-8; `iconv -f UTF-16{order} -t UTF-8 {file} | gimonitor screen -` screens it"
_PICTURE = "a picture; `gimonitor signs find {file}` looks for the special mark in it"
_PYTHON = "import ast, json, sys; [print(json.dumps(ast.literal_eval(line))) for line in sys.stdin]"
_OTHER_KINDS = {  # what a file begins with, and what to do with it
    b"\x1f\x8b": "compressed by gzip; `zcat {file} | gimonitor screen -` screens it",
    b"BZh": "compressed by bzip2; `bzcat {file} | gimonitor screen -` screens it",
    b"\xfd7zXZ": "compressed by xz; `xzcat {file} | gimonitor screen -` screens it",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; `zstdcat {file} | gimonitor screen -` screens it",
    b"PK\x03\x04": "a workbook or ZIP; `gimonitor import table {file}` reads a workbook into the store",
    b"\xd0\xcf\x11\xe0": "a workbook; `gimonitor import table {file}` reads it into the store",
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
    b"%PDF": "a PDF; what stands in it must first be brought into a table, which `gimonitor import table` reads",
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
}
_OTHER_TEXTS = {  # what a first line that is no JSON begins with, and what to do with it
    "<": "a web page, no JSON Lines; `gimonitor import pages {file}` reads a saved page into the store",
    "{'": f"Python, no JSON; `python3 -c '{_PYTHON}' < {{file}} | gimonitor screen -` screens it",
}
_LIST_WITHIN = re.compile(r'\{\s*"(\w+)"\s*:\s*\[')  # {"data": [
_TABLE = re.compile(r"[,;\t，]")
BLANK = {"stage": "blank", "score": 0.0, "findings": [], "clearings": []}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the act; by default the day of `observed_at`, or today, in Beijing.",
)
@click.option("--flagged", is_flag=True, help="Print only what raised something.")
def app(file: Path, folder: Path | None, day: datetime | None, flagged: bool) -> None:
    """Screen FILE (JSON Lines; `-` for standard input) and print one JSON line for each line, in its order.

    A line holds `title`, and where known `subtitle, attrs, description, keywords, shop, brand, origin, ship_from,
    price, category, platform, url, specification, image_text, sales, rank, uscc, item_id, observed_at`. Printed are `line`,
    `stage` (flagged, unasked, cleared, not_goods, no_name, blank), `score`, `findings` (model, gi, field, start, end, text, reason,
    legal_basis, confidence), `clearings`, `reminders` to authorised users, `suspicions`, `on` and `register`, and
    `warnings` where a field is unknown or not what it should be and was passed over.
    A line that says when it was seen (`observed_at`) is screened as of that day in Beijing, unless --on names one.
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
    days = _Days(register, day.date() if day else None)
    bad, total = _screen_lines(Screener(register), batches(lines, 1 if str(file) == "-" else BATCH), days, flagged)
    if bad:
        raise PartialError(f"{bad} of {total} lines could not be read; each has a line with `error`")


class _Days:
    """The day of each listing's act: the one given, else that on which it was seen, else today.

    Models that cite no article in force on a day are named once on standard error.
    """

    def __init__(self, register: Register, given: date | None) -> None:
        self._register, self._given, self._today = register, given, beijing_today()
        self._seen: set[date] = set()
        self._told: set[str] = set()
        self._tell_lawless(given or self._today)

    def of(self, listing: Listing) -> date:
        day = self._given or day_of_act(listing, self._today)
        if day not in self._seen:
            self._tell_lawless(day)
        return day

    def _tell_lawless(self, on: date) -> None:
        self._seen.add(on)
        article = self._register.article
        lawless = [m.id for m in self._register.models if m.law and not any(article(key, on) for key in m.law)]
        if new := [name for name in lawless if name not in self._told]:
            self._told.update(new)
            click.echo(f"on {on} no article was in force that these models cite: {', '.join(new)}", err=True)


def day_of_act(listing: Listing, today: date) -> date:
    """The day in Beijing on which a listing was seen, today where it does not say when."""
    from gimonitor.model.zone import BEIJING

    return listing.observed_at.astimezone(BEIJING).date() if listing.observed_at else today


def _screen_lines(
    screener: Screener, batched: Iterable[Sequence[tuple[int, bytes]]], days: _Days, flagged: bool
) -> tuple[int, int]:
    """Print what comes of each line. Returns how many could not be read, and how many there were.

    Raises PartialError when stopped by Ctrl-C or SIGTERM.
    """
    bad = total = 0
    try:
        for lines in batched:
            for row in _rows(screener, lines, days):
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
            raise InputError(f"{name}: {told.format(file=file, order='')}")
    if b"\0" in first[:2]:
        raise InputError(f"{name}: {_UTF_16.format(file=file, order='BE' if first[0] == 0 else 'LE')}")
    text, encoding = _decoded(first)
    begin = text.lstrip()[:1]
    if begin == "[":
        raise InputError(f"{name}: a JSON array, no JSON Lines; `jq -c '.[]' {file} | gimonitor screen -` screens it")
    if begin == "{" and text.rstrip()[-1] in "{[," and not _is_json(text):
        within = _LIST_WITHIN.fullmatch(text.strip())
        wanted = f"'.\"{within[1]}\"[]'" if within else "."
        raise InputError(f"{name}: JSON over several lines; `jq -c {wanted} {file} | gimonitor screen -` screens it")
    if begin == "{" and encoding == _GB:
        raise InputError(
            f"{name}: in GBK, not in UTF-8; `iconv -f GB18030 -t UTF-8 {file} | gimonitor screen -` screens it"
        )
    if first.strip() and (told := _other_text(text.lstrip(), encoding)):
        raise InputError(f"{name}: {told.format(file=file)}")


def _other_text(text: str, encoding: str) -> str:
    """What a first line that is not blank shows besides JSON Lines, and what to do; empty for a line of JSON, broken or not."""
    for begin, told in _OTHER_TEXTS.items():
        if text.startswith(begin):
            return told
    if text.startswith('"') and _is_json(text):
        return "texts, no objects; `jq -c '{{title: .}}' {file} | gimonitor screen -` screens them as titles"
    if text.startswith("{") or _is_json(text):
        return ""
    if _TABLE.search(text):
        return "a table, no JSON Lines; `gimonitor import table {file}` reads it into the store"
    if not text:
        return "neither JSON Lines nor text in UTF-8"
    titles = "jq -R '{{title: .}}' {file}"
    if encoding == _GB:
        titles = "iconv -f GB18030 -t UTF-8 {file} | jq -R '{{title: .}}'"
    return f"plain text, no JSON Lines; `{titles} | gimonitor screen -` screens its lines as titles"


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


def _rows(screener: Screener, lines: Sequence[tuple[int, bytes]], days: _Days) -> Iterator[dict[str, object]]:
    from gimonitor.screening.records import record_of

    records = [_record(raw) for _, raw in lines]
    by_day: dict[date, list[tuple[int, Listing]]] = {}
    for (number, _), known in zip(lines, records, strict=True):
        if isinstance(known, tuple):
            by_day.setdefault(days.of(known[0]), []).append((number, known[0]))
    screened: dict[int, Screening] = {}
    for on, listings in by_day.items():
        together = screener.screen_all([listing for _, listing in listings], on)
        screened |= zip((number for number, _ in listings), together, strict=True)
    for (number, _), known in zip(lines, records, strict=True):
        if known is None:
            yield {"line": number, **BLANK}
        elif isinstance(known, InputError):
            yield {"line": number, "error": str(known)}
        else:
            warnings = {"warnings": known[1]} if known[1] else {}
            yield {"line": number, **record_of(screened[number]), **warnings}


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
