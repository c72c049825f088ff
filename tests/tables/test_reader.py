"""Tables of every kind that people have, and files that are none."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from gimonitor.errors import InputError
from gimonitor.tables import Limits, open_table


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def workbook(path: Path, *, hidden: bool = False) -> Path:
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    if hidden:
        first = book.add_worksheet("旧表")
        first.write_row(0, 0, ["不要读"])
        first.hide()
    sheet = book.add_worksheet("商品")
    sheet.activate()
    sheet.set_first_sheet()
    sheet.write_row(1, 0, ["标题", "价格"])
    sheet.write_row(2, 0, ["五常大米 5kg", 59.9])
    sheet.write_row(5, 0, ["=1+1", 7])
    book.close()
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_the_encodings_and_delimiters_people_have(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = delimiter.join(["标题", "价格"]) + "\r\n" + delimiter.join(["沁州黄小米", "9.9"]) + "\r\n"
    table = open_table(write(tmp_path / "t.csv", text.encode(encoding)))
    assert table.header == ("标题", "价格")
    assert [(r.number, dict(r.cells)) for r in table.rows] == [(2, {"标题": "沁州黄小米", "价格": "9.9"})]


def test_quoted_line_breaks_keep_the_line_number_of_the_file(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "t.csv", '标题\n"两\n行"\n后\n'.encode()))
    assert [(r.number, r.cells["标题"]) for r in table.rows] == [(2, "两\n行"), (4, "后")]


def test_a_workbook_of_too_many_rows_is_refused_before_its_first_row(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx")  # two rows below the head, three empty ones among them
    assert len(list(open_table(path, limits=Limits(workbook_rows=2)).rows)) == 2
    with pytest.raises(InputError, match="more than 1 rows; save it as CSV"):
        open_table(path, limits=Limits(workbook_rows=1))


def test_rows_that_a_sheet_hides_are_read_and_said(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet("名单")
    for row, cells in enumerate((["名称", "单位"], ["五常大米", "甲"], ["五常大米", "乙"], ["五常大米", "丙"])):
        sheet.write_row(row, 0, cells)
    for row in (2, 9):  # the last one is empty
        sheet.set_row(row, None, None, {"hidden": True})
    book.close()
    table = open_table(tmp_path / "t.xlsx")
    assert table.hidden_rows == (3,)
    assert "1 hidden rows are read like the others: 3" in table.reading
    assert [row.number for row in table.rows] == [2, 3, 4]


def test_a_nul_in_a_cell_is_a_problem_of_its_row(tmp_path: Path) -> None:
    rows = list(open_table(write(tmp_path / "t.csv", "名称,单位\n五常\0大米,甲\n五常大米,乙\n".encode())).rows)
    assert "NUL bytes" in rows[0].problem and rows[0].cells["名称"] == "五常\ufffd大米"
    assert not rows[1].problem


def test_a_row_with_too_many_cells_is_a_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = list(open_table(write(tmp_path / "t.csv", b"a,b\n1,2,3\n4,5\n")).rows)
    assert [bool(r.problem) for r in rows] == [True, False]


def test_a_field_over_the_limit_is_a_problem_of_its_row(tmp_path: Path) -> None:
    body = "a,b\n" + "x" * 3000 + ",1\n2,3\n"
    rows = list(open_table(write(tmp_path / "t.csv", body.encode()), limits=Limits(cell_chars=1000)).rows)
    assert rows[0].problem
    assert dict(rows[-1].cells) == {"a": "2", "b": "3"}


def test_json_lines_with_a_bad_line(tmp_path: Path) -> None:
    body = json.dumps({"title": "五常大米", "price": 5}, ensure_ascii=False) + "\n{oops\n[1]\n"
    rows = list(open_table(write(tmp_path / "t.jsonl", body.encode())).rows)
    assert rows[0].cells == {"title": "五常大米", "price": "5"}
    assert [bool(r.problem) for r in rows] == [False, True, True]
    assert [r.number for r in rows] == [1, 2, 3]


def test_workbook_rows_keep_their_row_number_and_formulas_stay_text(tmp_path: Path) -> None:
    table = open_table(workbook(tmp_path / "t.xlsx", hidden=True))
    assert (table.sheet, table.header) == ("商品", ("标题", "价格"))
    assert [(r.number, r.cells["标题"], r.cells["价格"]) for r in table.rows] == [
        (3, "五常大米 5kg", "59.9"),
        (6, "=1+1", "7"),
    ]


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="商品"):
        open_table(workbook(tmp_path / "t.xlsx"), sheet="没有")


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00\x00"])
def test_an_empty_file_says_so(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match=r"t\.csv.*empty"):
        open_table(write(tmp_path / "t.csv", data))


def test_noise_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        open_table(write(tmp_path / "t.csv", bytes(range(128, 256)) * 40))


def test_headings_that_stand_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="twice: a"):
        open_table(write(tmp_path / "t.csv", b"a,a\n1,2\n"))


def test_a_zip_bomb_named_xlsx_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 500_000_000)
    with pytest.raises(InputError, match="refused"):
        open_table(path)


def test_a_zip_that_is_no_workbook_and_a_cut_one(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(InputError, match="a ZIP archive"):
        open_table(path)
    whole = workbook(tmp_path / "whole.xlsx").read_bytes()
    with pytest.raises(InputError):
        open_table(write(path, whole[: len(whole) // 2]))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothere"):
        open_table(tmp_path / "nothere.csv")


def test_one_row_in_another_encoding_is_a_problem_of_its_own(tmp_path: Path) -> None:
    body = "标题,价格\n五常大米,1\n".encode() + "西湖龙井,2\n".encode("gb18030") + "沁州黄小米,3\n".encode()
    rows = list(open_table(write(tmp_path / "t.csv", body)).rows)
    assert [bool(row.problem) for row in rows] == [False, True, False]
    assert rows[2].cells["标题"] == "沁州黄小米"


def test_a_quote_that_nobody_closed_is_a_problem_that_shows_what_it_swallowed(tmp_path: Path) -> None:
    body = 'a,b\n1,2\n"3,4\n5,6\n7,8\n'
    rows = list(open_table(write(tmp_path / "t.csv", body.encode())).rows)
    assert not rows[0].problem
    assert "not closed" in rows[1].problem
    assert "7,8" in rows[1].cells["a"]


def test_a_number_that_a_workbook_has_rounded_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["商品ID", "标题"])
    sheet.write_row(1, 0, [98765432109876543, "米"])
    sheet.write_row(2, 0, ["98765432109876543", "米"])
    book.close()
    rows = list(open_table(path).rows)
    assert "digits" in rows[0].problem
    assert rows[1].cells["商品ID"] == "98765432109876543"


def test_a_broken_line_keeps_its_text_and_a_list_is_named(tmp_path: Path) -> None:
    rows = list(open_table(write(tmp_path / "t.jsonl", b'{"title": ["x"]}\n{oops\n')).rows)
    assert rows[0].nested == {"title"}
    assert rows[1].cells == {"line": "{oops"}


def test_titles_merged_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 2, "附件1")
    sheet.merge_range(1, 0, 1, 2, "某省地理标志专用标志使用人名单")
    sheet.write_row(3, 0, ["产品名称", "企业名称", "备注"])
    sheet.write_row(4, 0, ["甲", "乙", ""])
    book.close()
    table = open_table(tmp_path / "t.xlsx")
    assert table.header == ("产品名称", "企业名称", "备注")
    assert [(row.number, dict(row.cells)) for row in table.rows] == [
        (5, {"产品名称": "甲", "企业名称": "乙", "备注": ""})
    ]


@pytest.mark.parametrize("count", [1, 3, 30])
def test_a_table_of_one_column_loses_no_row(tmp_path: Path, count: int) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    book.add_worksheet().write_column(0, 0, ["名称", *(str(n) for n in range(count))])
    book.close()
    table = open_table(tmp_path / "t.xlsx")
    assert (table.header, [row.number for row in table.rows]) == (("名称",), list(range(2, count + 2)))


def test_a_sheet_as_wide_and_long_as_can_be_is_refused_in_words(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "wide.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["名称", "企业"])
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    with pytest.raises(InputError, match=r"wide\.xlsx: .*save it as CSV"):
        list(open_table(tmp_path / "wide.xlsx").rows)
