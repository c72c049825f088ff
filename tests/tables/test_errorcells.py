"""Error values and formulas without a result: told apart from empty cells, in every kind of table."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from gimonitor.errors import InputError
from gimonitor.tables import Row, open_table
from gimonitor.tables.errorcells import NOT_CALCULATED

PART = "xl/worksheets/sheet1.xml"


def book(path: Path) -> Path:
    """A table that begins at B3, with errors and a hidden and a second sheet."""
    made = xlsxwriter.Workbook(path)
    sheet, hidden, other = (made.add_worksheet(name) for name in ("名单", "旧", "另"))
    hidden.hide()
    other.write(0, 0, "x")
    sheet.write_row(2, 1, ["名称", "企业", "至"])
    sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")
    sheet.write(3, 2, "甲")
    sheet.write(4, 1, "米")
    sheet.write_formula(4, 3, '=IF(1=1,"","x")', None, "")
    sheet.write(5, 2, "乙")
    made.close()
    return path


def errors(rows: list[Row]) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, {name: row.cells[name] for name in row.errors}) for row in rows]


def test_errors_of_an_xlsx_stand_at_their_cells_wherever_the_table_begins(tmp_path: Path) -> None:
    table = open_table(book(tmp_path / "t.xlsx"))
    assert errors(list(table.rows)) == [(4, {"名称": "#DIV/0!"}), (5, {"至": NOT_CALCULATED}), (6, {})]
    assert (
        table.reading
        == "t.xlsx: sheet 名单; hidden sheets, not read: 旧; other sheets, not read: 另 (--sheet NAME reads one)"
    )


def test_cells_without_a_reference_and_a_text_that_is_empty_on_purpose(tmp_path: Path) -> None:
    whole, changed = book(tmp_path / "t.xlsx"), tmp_path / "u.xlsx"
    rows = (
        '<row><c t="inlineStr"><is><t>名称</t></is></c><c t="inlineStr"><is><t>至</t></is></c></row>'
        '<row><c t="e"><v>#REF!</v></c><c t="str"><f>A1</f><v></v></c></row>'
    )
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == PART:
                head, tail = text.partition("<sheetData>")[0], text.partition("</sheetData>")[2]
                text = f"{head}<sheetData>{rows}</sheetData>{tail}"
            new.writestr(name, text)
    assert errors(list(open_table(changed).rows)) == [(2, {"名称": "#REF!"})]


def test_errors_of_an_old_xls_and_its_hidden_sheet() -> None:
    table = open_table(Path(__file__).with_name("errors.xls"))
    assert errors(list(table.rows)) == [(3, {}), (4, {"地理标志名称": "#DIV/0!"}), (5, {"有效期至": "#REF!"})]
    assert table.hidden == ("旧",)


def test_errors_in_a_csv_are_told_by_their_words(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("名称,至\n#N/A,2026\n#1 米,\n", encoding="utf-8")
    assert errors(list(open_table(path).rows)) == [(2, {"名称": "#N/A"}), (3, {})]


def test_a_named_sheet_that_is_empty_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.xlsx: the sheet '旧' has no filled cell"):
        open_table(book(tmp_path / "t.xlsx"), sheet="旧")
