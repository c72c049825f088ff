"""The web addresses behind cells of a workbook: a link set on a cell, or a HYPERLINK formula; the cell itself shows 看 or a title.
Runs in the child that opens a workbook."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import basename, dirname
from xml.etree import ElementTree
from xml.parsers import expat

from gimonitor.tables.errorcells import column_of, overlapping, sheet_part
from gimonitor.tables.kinds import ZIP

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"
_FORMULA = re.compile(r'\s*HYPERLINK\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)
_HINTS = (b"hyperlink", b"HYPERLINK")  # without one of them no cell leads anywhere
_WEB = ("http://", "https://")

Links = Iterator[tuple[tuple[int, int], str]]


def cell_links(path: str, sheet: str) -> dict[tuple[int, int], str]:
    """The http(s) address behind each cell that has one, by (row, column) from 0. A link over several cells counts for its first."""
    with Path(path).open("rb") as stream:
        is_zip = stream.read(len(ZIP)) == ZIP
    found = _of_xlsx(path, sheet) if is_zip else _of_xls(path, sheet)
    return {cell: address for cell, address in found if address.lower().startswith(_WEB)}


def _of_xls(path: str, sheet: str) -> Links:
    import xlrd  # type: ignore[import-untyped]  # it ships no types

    book = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True, formatting_info=True)
    for link in book.sheet_by_name(sheet).hyperlink_list:
        yield (link.frowx, link.fcolx), str(link.url_or_path or "")


def _of_xlsx(path: str, sheet: str) -> Links:
    with zipfile.ZipFile(path) as archive:
        part = sheet_part(archive, sheet)
        relations = f"{dirname(part)}/_rels/{basename(part)}.rels"
        targets: dict[str, str] = {}
        if relations in archive.namelist():
            tree = ElementTree.fromstring(archive.read(relations))  # noqa: S314  # in a child with limits
            targets = {one.get("Id", ""): one.get("Target", "") for one in tree}
        with archive.open(part) as stream:
            if not any(hint in chunk for chunk in overlapping(stream) for hint in _HINTS):
                return
        walk = _Walk(targets)
        with archive.open(part) as stream:
            walk.parser.ParseFile(stream)
    yield from walk.found


class _Walk:
    """Walks a sheet's XML for formulas in cells and for the links that stand behind them."""

    def __init__(self, targets: dict[str, str]) -> None:
        self.found: list[tuple[tuple[int, int], str]] = []
        self._targets, self._cell, self._text = targets, "", ""
        self._inside = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._data

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self._cell = attributes.get("r", "")
        elif name == "hyperlink":
            self._note(
                attributes.get("ref", "").partition(":")[0], self._targets.get(attributes.get(_RELATION, ""), "")
            )
        self._inside, self._text = name == "f", ""

    def _data(self, text: str) -> None:
        if self._inside:
            self._text += text

    def _end(self, tag: str) -> None:
        if self._inside and (formula := _FORMULA.match(self._text)):
            self._note(self._cell, formula[1].replace('""', '"'))
        self._inside = False

    def _note(self, cell: str, address: str) -> None:
        row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if address and row.isdigit():
            self.found.append(((int(row) - 1, column_of(cell)), address))
