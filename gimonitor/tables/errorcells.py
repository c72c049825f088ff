"""Cells of a workbook that hold an error value (#N/A, #DIV/0!) or a formula nobody has calculated. The reader of cells shows
both as empty; they are not: an empty day means an open end, an error says nothing. Runs in the child that opens a workbook."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from gimonitor.tables.kinds import AGAIN, ZIP

NOT_CALCULATED = "#formula without a result"
_HINTS = (b't="e"', b"t='e'", b"<f", b":f")  # without one of them no cell holds an error or a formula
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CHUNK = 1 << 20


def error_cells(path: str, sheet: str) -> dict[tuple[int, int], str]:
    """The error of each such cell of the sheet, by (row, column) from 0. Raises ValueError for a file that is no XLSX or XLS."""
    with Path(path).open("rb") as stream:
        is_zip = stream.read(len(ZIP)) == ZIP
    return dict(_of_xlsx(path, sheet) if is_zip else _of_xls(path, sheet))


def _of_xls(path: str, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    import xlrd  # type: ignore[import-untyped]  # it ships no types

    try:
        table = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True).sheet_by_name(sheet)
    except (xlrd.XLRDError, AssertionError, IndexError) as error:
        raise ValueError(f"its error values cannot be told ({error}); {AGAIN}") from error
    for row in range(table.nrows):
        for column, kind in enumerate(table.row_types(row)):
            if kind == xlrd.XL_CELL_ERROR:
                yield (row, column), xlrd.error_text_from_code.get(table.cell_value(row, column), "#error")


def _of_xlsx(path: str, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    with zipfile.ZipFile(path) as archive:
        part = sheet_part(archive, sheet)
        with archive.open(part) as stream:
            hinted = any(hint in chunk for chunk in overlapping(stream) for hint in _HINTS)
        if hinted:
            with archive.open(part) as stream:
                yield from _Cells().read(stream)


def overlapping(stream: IO[bytes]) -> Iterator[bytes]:
    """A stream in pieces, each with the end of the one before, so that a short mark is not cut."""
    tail = b""
    while chunk := stream.read(_CHUNK):
        yield tail + chunk
        tail = chunk[-16:]


def sheet_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The name of the part that holds a sheet."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  # in a child with limits
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  # as above
    except (KeyError, ElementTree.ParseError) as error:
        raise ValueError(f"no XLSX workbook; {AGAIN}") from error
    wanted = next(
        (one.get(_RELATION) for one in book.iter() if one.tag.endswith("}sheet") and one.get("name") == sheet), None
    )
    target = next((one.get("Target", "") for one in relations if one.get("Id") == wanted), "")
    if f"xl/{target}" not in archive.namelist() and target.lstrip("/") not in archive.namelist():
        raise ValueError(f"the part of the sheet {sheet!r} is not where the workbook says; {AGAIN}")
    return f"xl/{target}" if f"xl/{target}" in archive.namelist() else target.lstrip("/")


class _Cells:
    """Walks the cells of a sheet's XML; `r` may be left out, then a cell stands beside the one before."""

    def __init__(self) -> None:
        self.row, self.column = -1, -1
        self.kind, self.text = "", ""
        self.formula = self.inside = False
        self.found: list[tuple[tuple[int, int], str]] = []

    def read(self, stream: IO[bytes]) -> Iterator[tuple[tuple[int, int], str]]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._data
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)
            yield from self.found
            self.found.clear()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "row":
            self.row, self.column = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1, -1
        elif name == "c":
            self.column = column_of(attributes["r"]) if "r" in attributes else self.column + 1
            self.kind, self.text, self.formula = attributes.get("t", ""), "", False
        elif name == "f":
            self.formula = True
        self.inside = name == "v"

    def _data(self, text: str) -> None:
        if self.inside:
            self.text += text

    def _end(self, tag: str) -> None:
        self.inside = False
        if tag.rpartition(" ")[2] != "c":
            return
        if self.kind == "e":
            self.found.append(((self.row, self.column), self.text or "#error"))
        elif self.formula and not self.text and self.kind != "str":
            self.found.append(((self.row, self.column), NOT_CALCULATED))


def column_of(reference: str) -> int:
    """The column, from 0, of a cell's name (`B7` → 1)."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number - 1
