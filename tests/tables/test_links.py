"""Addresses behind the cells of a workbook."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from gimonitor.model.listing import Listing
from gimonitor.parsing.table import map_columns, parse_rows
from gimonitor.tables import open_table

JD = "https://item.jd.com/100012043978.html"


def test_a_link_behind_words_is_read_and_the_words_stay(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet()
    for column, name in enumerate(("标题", "链接", "备注")):
        sheet.write(1, column + 1, name)
    sheet.write(2, 1, "五常大米")
    sheet.write_url(2, 2, JD, string="看")
    sheet.write_formula(3, 2, f'=HYPERLINK("{JD}","看")', value="看")
    sheet.write(3, 1, "五常大米")
    sheet.write_url(4, 1, JD, string="五常大米")
    sheet.write_url(4, 3, "mailto:a@example.invalid", string="问")
    sheet.write_row(5, 1, ["五常大米", "看"])
    book.close()
    table = open_table(tmp_path / "t.xlsx")
    assert table.header[-3:] == ("标题", "链接", "备注")
    rows = list(table.rows)
    assert [dict(row.links) for row in rows] == [{"链接": JD}, {"链接": JD}, {"标题": JD}, {}]
    assert rows[0].cells["链接"] == "看" and rows[2].cells["标题"] == "五常大米" and rows[2].cells["备注"] == "问"
    *made, lost = parse_rows(rows, map_columns(table.header, {}), source="s", platform="table")
    assert all(
        isinstance(one, Listing) and one.key == ("jd", "100012043978") and one.title == "五常大米" for one in made
    )
    assert not isinstance(lost, Listing) and "no http(s) address: 看" in lost.reason
