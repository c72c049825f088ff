"""One way to read a table file: its kind is told by its content, its rows come as text with their number in the file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO, TypeAlias

from gimonitor.errors import InputError
from gimonitor.tables.encodings import guess_encoding
from gimonitor.tables.kinds import NOISE, OLE, ZIP, other_kind
from gimonitor.tables.sheet import ERROR, LINK, ROUNDED
from gimonitor.tables.workbook import read_workbook

DELIMITERS = ",\t;|"
MOST_TITLES = 5
MOST_ROWS = 20  # hidden rows that are named
ERRORS = frozenset({"#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#####"})
"""What a spreadsheet program writes into a CSV where a cell has no value."""
Numbered: TypeAlias = tuple[int, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is read at the most. `workbook_*` are stricter: a workbook is unpacked in memory by a child process."""

    rows: int = 5_000_000
    columns: int = 300
    cell_chars: int = 1_000_000
    text_bytes: int = 20_000_000_000
    workbook_bytes: int = 50_000_000
    workbook_unpacked: int = 400_000_000
    workbook_ratio: int = 200
    workbook_rows: int = 200_000
    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One data row. `number` is its row (or line) in the file, counted from 1; `cells` maps heading to text.

    `problem` is set where the row could not be read; `cells` then holds what could. `nested` names cells of a JSON line
    that held a list or an object; their text is JSON. `errors` names cells that hold an error value (#N/A) or a formula
    without a result: what should stand there is not known. `links` holds the web addresses behind cells of a workbook.
    """

    number: int
    cells: Mapping[str, str]
    problem: str = ""
    nested: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An opened table: its headings in order (empty for JSON Lines) and its rows, to be read once.

    `name` is that of the file; `hidden` and `others` are the sheets of a workbook that are not read, `hidden_rows` the rows
    that are read though the sheet hides them; `encoding` is that of a text.
    """

    kind: str
    header: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str = ""
    sheet: str = ""
    hidden: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    name: str = ""
    hidden_rows: tuple[int, ...] = ()

    @property
    def reading(self) -> str:
        """How the file is read, for a person to see at once that it is read wrongly."""
        if self.encoding:
            return f"{self.name}: text in {self.encoding.removesuffix('-sig').upper()}"
        hidden = f"; hidden sheets, not read: {', '.join(self.hidden)}" if self.hidden else ""
        others = f"; other sheets, not read: {', '.join(self.others)}" if self.others else ""
        hint = " (--sheet NAME reads one)" if hidden or others else ""
        return f"{self.name}: sheet {self.sheet}{hidden}{others}{hint}{self._told_rows()}"

    def _told_rows(self) -> str:
        count = len(self.hidden_rows)
        if not count:
            return ""
        shown = ", ".join(map(str, self.hidden_rows[:MOST_ROWS]))
        more = f" and {count - MOST_ROWS} more" if count > MOST_ROWS else ""
        return (
            f"; {count} hidden rows are read like the others: {shown}{more} (delete them there if they do not belong)"
        )


def open_table(path: Path, *, sheet: str = "", encoding: str = "", limits: Limits | None = None) -> Table:
    """Open a CSV (UTF-8, UTF-16 or GB18030; comma, tab, semicolon or bar), JSON Lines, XLSX or XLS file.

    `encoding` of a text is told by its content where it is not given. Raises InputError when there is no such file, it is
    empty, no table, or over a limit; the message names the file and says what to do.
    """
    limits = limits or Limits()
    try:
        with path.open("rb") as stream:
            start = stream.read(65536)
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if not start.strip(b"\x00 \r\n\t"):
        raise InputError(f"{path}: the file is empty")
    if start.startswith((ZIP, OLE)):
        return _open_workbook(path, sheet, limits)
    if other := other_kind(path):
        raise InputError(f"{path}: this is {other}")
    if size > limits.text_bytes:
        raise InputError(
            f"{path}: {size} bytes; a table of this kind may have {limits.text_bytes}: is it the right file?"
        )
    encoding = encoding or guess_encoding(start, whole=size == len(start))
    if not encoding:
        raise InputError(f"{path}: this is {NOISE}")
    if start.decode(encoding, "ignore").lstrip("\ufeff \r\n\t").startswith("{"):
        return Table(
            kind="jsonl", header=(), rows=_json_rows(path, encoding, limits), encoding=encoding, name=path.name
        )
    return _open_csv(path, encoding, limits)


def _open_csv(path: Path, encoding: str, limits: Limits) -> Table:
    csv.field_size_limit(limits.cell_chars)
    with path.open("r", encoding=encoding, errors="replace", newline="") as stream:
        delimiter = max(DELIMITERS, key=stream.readline(1_000_000).count)
        stream.seek(0)
        header = _header(path, next(csv.reader(_with_nul_shown(stream), delimiter=delimiter), []), limits)
    rows = _csv_rows(path, encoding, delimiter, header, limits)
    return Table(kind="csv", header=header, rows=rows, encoding=encoding, name=path.name)


def _with_nul_shown(stream: TextIO) -> Iterator[str]:
    """The lines with each NUL as U+FFFD, which makes its row a problem: no store holds a NUL, and a dropped one would not be seen."""
    for line in stream:
        yield line.replace("\x00", "\ufffd") if "\x00" in line else line


def _header(path: Path, cells: list[str], limits: Limits) -> tuple[str, ...]:
    names = tuple(cell.partition(LINK)[0].strip().lstrip("\ufeff" + ERROR) for cell in cells)
    while names and not names[-1]:
        names = names[:-1]
    if not any(names):
        raise InputError(f"{path}:1: no headings in the first row")
    if len(names) > limits.columns:
        raise InputError(f"{path}:1: {len(names)} columns; at most {limits.columns} are read")
    twice = sorted({n for n in names if n and names.count(n) > 1})
    if twice:
        raise InputError(f"{path}:1: headings stand twice: {', '.join(twice)}")
    return names


def _csv_rows(path: Path, encoding: str, delimiter: str, header: tuple[str, ...], limits: Limits) -> Iterator[Row]:
    with path.open("r", encoding=encoding, errors="replace", newline="") as stream:
        reader = csv.reader(_with_nul_shown(stream), delimiter=delimiter)
        next(reader)
        for count in range(1, limits.rows + 1):
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number=number, cells={}, problem=f"row {count}: {error}")
                continue
            if any(cells):
                yield _open_quote(number, header, cells, delimiter) or _row(number, header, cells)
        yield Row(number=number, cells={}, problem=f"only the first {limits.rows} rows are read")


def _open_quote(number: int, header: tuple[str, ...], cells: list[str], delimiter: str) -> Row | None:
    """A quote that nobody closed swallows the rows behind it: such a row is a problem that shows what it swallowed."""
    for name, cell in zip(header, cells, strict=False):
        if "\n" not in cell and "\r" not in cell:
            continue
        swallowed = cell.splitlines()[1:]
        if len(header) > 1 and any(line.count(delimiter) >= len(header) - 1 for line in swallowed):
            problem = f"a quote in {name!r} is not closed: {len(swallowed)} more lines were read as part of it"
            return Row(number=number, cells=dict(zip(header, cells, strict=False)), problem=problem)
    return None


def _row(number: int, header: tuple[str, ...], cells: list[str]) -> Row:
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
    links = {name: cell.partition(LINK)[2] for name, cell in named.items() if LINK in cell}
    named |= {name: named[name].partition(LINK)[0] for name in links}
    errors = frozenset(name for name, cell in named.items() if cell.startswith(ERROR) or cell in ERRORS)
    named |= {name: named[name].lstrip(ERROR) for name in errors}
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if extra:
        return Row(number=number, cells=named, problem=f"{len(cells)} cells under {len(header)} headings")
    rounded = [name for name, cell in named.items() if cell.startswith(ROUNDED)]
    if rounded:
        return Row(
            number=number, cells=named, problem=f"{rounded[0]!r}: more digits than a workbook keeps; write it as text"
        )
    if any("\ufffd" in cell for cell in named.values()):
        return Row(number=number, cells=named, problem="characters that are not of the file's encoding, or NUL bytes")
    return Row(number=number, cells=named, errors=errors, links=links)


def _json_rows(path: Path, encoding: str, limits: Limits) -> Iterator[Row]:
    with path.open("rb") as stream:
        for number, line in enumerate(_lines(stream, encoding, limits), 1):
            if isinstance(line, str) and not line.strip():
                continue
            yield _json_row(number, line)


def _lines(stream: BinaryIO, encoding: str, limits: Limits) -> Iterator[str | None]:
    """Yield each line as text, or None for one that is too long."""
    if encoding == "utf-16":
        yield from io.TextIOWrapper(stream, encoding=encoding, errors="replace")
        return
    while raw := stream.readline(limits.cell_chars * 4):
        whole = raw.endswith(b"\n") or len(raw) < limits.cell_chars * 4
        while not raw.endswith(b"\n") and (rest := stream.readline(limits.cell_chars * 4)):
            raw = rest
        yield raw.decode(encoding, "replace") if whole else None


def _json_row(number: int, line: str | None) -> Row:
    if line is None:
        return Row(number=number, cells={}, problem="the line is too long")
    kept = {"line": line.strip()[:2000]}
    try:
        value = json.loads(line, strict=False)
    except (ValueError, RecursionError) as error:
        return Row(number=number, cells=kept, problem=f"no JSON: {error}")
    if not isinstance(value, dict):
        return Row(number=number, cells=kept, problem="the line is no JSON object")
    nested = frozenset(str(name) for name, content in value.items() if isinstance(content, dict | list))
    return Row(number=number, cells={str(k): _text(v) for k, v in value.items()}, nested=nested)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _below_titles(rows: Iterator[Numbered]) -> tuple[list[str], Iterator[Numbered]]:
    """The headings, and the rows below: titles merged over the whole table (附件1) have one filled cell and stand above."""
    above: list[Numbered] = []
    for row in rows:
        if sum(map(bool, row[1])) > 1:
            return row[1], rows
        above.append(row)
        if len(above) > MOST_TITLES:
            break
    return (above[0][1] if above else []), chain(above[1:], rows)  # a table of one column


def _open_workbook(path: Path, sheet: str, limits: Limits) -> Table:
    book = read_workbook(path, sheet, limits)
    cells, rows = _below_titles(book.rows)
    header = _header(path, cells, limits)
    return Table(
        kind="workbook",
        header=header,
        rows=(_row(n, header, c) for n, c in rows),
        sheet=book.sheet,
        hidden=book.hidden,
        others=book.others,
        hidden_rows=book.hidden_rows,
        name=path.name,
    )
