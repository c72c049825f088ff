"""Reports as XLSX. Every cell is written as what it is: a text never becomes a formula or a link."""

from __future__ import annotations

import io
from datetime import datetime

import xlsxwriter  # type: ignore[import-untyped]  # it has no stubs

from gimonitor.web import words
from gimonitor.web.shown import plain
from gimonitor.web.templating import day, moment
from gimonitor.workflow.figures import DEFINITIONS, Figures

HEADINGS = ("发现", "判定", "疑似成立", "其他结论", "审批", "报送", "反馈", "结案")


def figures_sheet(figures: Figures, organisation: str, made_at: datetime) -> bytes:
    """A workbook: figures, what they mean, and the gaps of the collection in the same period."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet("数字")
        period = f"{day(figures.period.first)} 至 {day(figures.period.last)}"
        sheet.write_string(0, 0, f"{organisation}　地理标志电商监测　{period}")
        sheet.write_row(2, 0, ("地理标志", "平台", *HEADINGS), bold)
        for index, row in enumerate((*figures.rows, figures.total), start=3):
            sheet.write_string(index, 0, _text(row.gi_name))
            sheet.write_string(index, 1, _text(words.word(words.PLATFORMS, row.platform)))
            for column, (name, _) in enumerate(DEFINITIONS, start=2):
                sheet.write_number(index, column, getattr(row, name))
        sheet.set_column(0, 1, 20)
        sheet.freeze_panes(3, 2)
        _meanings(book, figures, made_at, bold)
        _gaps(book, figures, bold)
    return out.getvalue()


def _meanings(book: xlsxwriter.Workbook, figures: Figures, made_at: datetime, bold: object) -> None:
    sheet = book.add_worksheet("口径")
    sheet.write_row(0, 0, ("数字", "口径"), bold)
    lines = [(heading, text) for heading, (_, text) in zip(HEADINGS, DEFINITIONS, strict=True)]
    rate = figures.closed_loop
    lines += [
        ("反馈率", f"同期 反馈 ÷ 报送 = {'无报送' if rate is None else f'{rate:.2f}%'}"),
        ("采集", f"期内采集 {figures.runs} 次，不完整的查询 {len(figures.gaps)} 个；其数量见“覆盖”"),
        ("制表", f"{moment(made_at)}（北京时间）"),
    ]
    for index, line in enumerate(lines, start=1):
        for column, text in enumerate(line):
            sheet.write_string(index, column, text)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 70)


def _gaps(book: xlsxwriter.Workbook, figures: Figures, bold: object) -> None:
    sheet = book.add_worksheet("覆盖")
    sheet.write_row(0, 0, ("采集", "来源", "查询", "缺口", "平台声称", "看到"), bold)
    for index, gap in enumerate(figures.gaps, start=1):
        kind = words.word(words.BLOCKS, gap.blocked) if gap.blocked else "截断" if gap.cut_off else "失败"
        texts = (str(gap.run_id), words.word(words.PLATFORMS, gap.source), gap.query, kind)
        for column, text in enumerate(texts):
            sheet.write_string(index, column, _text(text))
        if gap.announced is not None:
            sheet.write_number(index, 4, gap.announced)
        sheet.write_number(index, 5, gap.seen)
    sheet.set_column(0, 3, 16)


def _text(text: str) -> str:
    return str(plain(text))
