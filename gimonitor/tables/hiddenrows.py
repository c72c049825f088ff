"""Rows that a sheet hides (by hand, by a filter, in a closed group): they are read as all others, and that is said. Runs in the
child that opens a workbook."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.parsers import expat

from gimonitor.tables.errorcells import sheet_part
from gimonitor.tables.kinds import AGAIN, ZIP

_TRUE = frozenset({"1", "true"})


def hidden_rows(path: str, sheet: str) -> list[int]:
    """The numbers, from 1, of the rows that the sheet hides. Raises ValueError for a file that is no XLSX or XLS."""
    with Path(path).open("rb") as stream:
        is_zip = stream.read(len(ZIP)) == ZIP
    return _of_xlsx(path, sheet) if is_zip else _of_xls(path, sheet)


def _of_xls(path: str, sheet: str) -> list[int]:
    import xlrd  # type: ignore[import-untyped]  # it ships no types

    try:
        table = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True, formatting_info=True).sheet_by_name(
            sheet
        )
    except (xlrd.XLRDError, AssertionError, IndexError) as error:
        raise ValueError(f"its hidden rows cannot be told ({error}); {AGAIN}") from error
    return sorted(row + 1 for row, told in table.rowinfo_map.items() if told.hidden)


def _of_xlsx(path: str, sheet: str) -> list[int]:
    found: list[int] = []
    last = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal last
        if tag.rpartition(" ")[2] == "row":
            last = int(attributes.get("r", last + 1))
            if attributes.get("hidden") in _TRUE:
                found.append(last)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    with zipfile.ZipFile(path) as archive, archive.open(sheet_part(archive, sheet)) as stream:
        parser.ParseFile(stream)
    return found
