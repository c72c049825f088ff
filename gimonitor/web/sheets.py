"""Reports as XLSX. Every cell is written as what it is: a text never becomes a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import xlsxwriter  # type: ignore[import-untyped]  # it has no stubs

from gimonitor.papers.reports import MarkUse
from gimonitor.web import words
from gimonitor.web.shown import plain
from gimonitor.web.templating import day, moment
from gimonitor.workflow.figures import Figures, definitions
from gimonitor.workflow.summary import Summary

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def figures_sheet(figures: Figures, organisation: str, made_at: datetime) -> bytes:
    """A workbook: figures with a chart of them over time, what they mean, and the gaps of the same period."""
    with _workbook() as (book, out):
        _figures(book, figures, organisation)
        _trend(book, figures)
        _meanings(book, figures, made_at)
        _gaps(book, figures)
    return out.getvalue()


def summary_sheet(made: Summary, organisation: str, made_at: datetime) -> bytes:
    """The work summary as a workbook, with meanings and gaps."""
    rows: list[Sequence[object]] = [
        (
            title,
            f"　{line.name}" if line.is_part else line.name,
            f"【待填：{line.blank}】" if line.blank else _number(line.value),
            _number(line.before),
            line.definition,
        )
        for title, lines in made.sections
        for line in lines
    ]
    with _workbook() as (book, out):
        title = f"{organisation}　地理标志电商监测工作统计　{_span(made.figures)}"
        before = made.figures.period.before
        heads = ("项目", "数字", "本期", f"上期（{day(before.first)} 至 {day(before.last)}）", "口径")
        _table(book, "工作统计", heads, rows, title=title, widths=(24, 42, 20, 34, 90))
        _meanings(book, made.figures, made_at)
        _gaps(book, made.figures)
    return out.getvalue()


def _number(value: str) -> int | str:
    return int(value) if value.isdigit() else value


def mark_use_sheet(report: Sequence[MarkUse], counted: Figures, organisation: str, made_at: datetime) -> bytes:
    """The yearly report on the use of the special mark, a row for each GI."""
    heads = ("地理标志", *(cell.name for cell in report[0].cells)) if report else ("地理标志",)
    rows = [(g.name, *(int(c.value) if c.measure else c.value for c in g.cells)) for g in report]
    with _workbook() as (book, out):
        title = f"{organisation}　地理标志专用标志使用情况年度报表　{counted.period.first.year} 年度"
        _table(book, "年度报表", heads, rows, title=title, widths=(18, *(16 for _ in heads[1:])))
        _meanings(book, counted, made_at)
    return out.getvalue()


@contextmanager
def _workbook() -> Iterator[tuple[xlsxwriter.Workbook, io.BytesIO]]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        yield book, out


def _table(
    book: xlsxwriter.Workbook,
    name: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    widths: Sequence[int],
) -> xlsxwriter.worksheet.Worksheet:
    """A sheet with an optional line on top, headings, and rows of texts and numbers."""
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True, "bottom": 1})
    top = 0
    if title:
        sheet.write_string(0, 0, _text(title))
        top = 2
    for column, head in enumerate(heads):
        sheet.write_string(top, column, _text(head), bold)
        sheet.set_column(column, column, widths[column])
    for index, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(index, column, value)
            else:
                sheet.write_string(index, column, _text(str(value)))
    sheet.freeze_panes(top + 1, 1)
    return sheet


def _figures(book: xlsxwriter.Workbook, figures: Figures, organisation: str) -> None:
    columns = [definitions().measure(column) for column in definitions().columns]
    rows = [
        (row.gi_name, words.word(words.PLATFORMS, row.platform), *(row.counts[m.id] for m in columns))
        for row in figures.rows
    ]
    rows.append(("合计", "", *(figures.total[m.id] for m in columns)))
    heads = ("地理标志", "平台", *(m.name for m in columns))
    title = f"{organisation}　地理标志电商监测　{_span(figures)}"
    _table(book, "数字", heads, rows, title=title, widths=(20, 20, *(10 for _ in columns)))


def _trend(book: xlsxwriter.Workbook, figures: Figures) -> None:
    """The curve over time, drawn by the spreadsheet from the cells above it, with the queries of the same days."""
    measures = [definitions().measure(measure) for measure in definitions().trend]
    complete, lacking = figures.coverage()
    pieces = figures.period.pieces()
    columns = [figures.series(m.id) for m in measures]
    rows = [
        (day(piece.first), *(column[i] for column in columns), complete[i], lacking[i])
        for i, piece in enumerate(pieces)
    ]
    heads = ("起始日", *(m.name for m in measures), "完整查询", "有缺口的查询")
    sheet = _table(book, "趋势", heads, rows, widths=(12, *(12 for _ in heads[1:])))
    chart = book.add_chart({"type": "line"})
    for column in range(1, len(measures) + 1):
        values = ["趋势", 1, column, len(pieces), column]
        chart.add_series({"name": ["趋势", 0, column], "categories": ["趋势", 1, 0, len(pieces), 0], "values": values})
    chart.set_title({"name": "线索", "overlay": False})
    sheet.insert_chart(1, len(heads) + 1, chart)


def _meanings(book: xlsxwriter.Workbook, figures: Figures, made_at: datetime) -> None:
    lines: list[Sequence[object]] = [(m.name, m.definition) for m in definitions().measures]
    for ratio in definitions().ratios:
        share = figures.share(ratio)
        lines.append((ratio.name, f"{ratio.definition} = {'无' if share is None else f'{100 * share:.2f}%'}"))
    told = (
        f"期内采集 {len(figures.nights)} 次，发出查询 {figures.asked} 个，完整返回 {figures.complete} 个；缺口见“覆盖”"
    )
    lines += [("采集", told), ("制表", f"{moment(made_at)}（北京时间）")]
    _table(book, "口径", ("数字", "口径"), lines, widths=(16, 80))


def _gaps(book: xlsxwriter.Workbook, figures: Figures) -> None:
    rows: list[Sequence[object]] = []
    for gap in figures.gaps:
        kind = words.word(words.BLOCKS, gap.blocked) if gap.blocked else "截断" if gap.cut_off else "失败"
        announced = "" if gap.announced is None else gap.announced
        rows.append((gap.run_id, words.word(words.PLATFORMS, gap.source), gap.query, kind, announced, gap.seen))
    _table(book, "覆盖", ("采集", "来源", "查询", "缺口", "平台声称", "看到"), rows, widths=(8, 16, 24, 16, 10, 10))


def _span(figures: Figures) -> str:
    return f"{day(figures.period.first)} 至 {day(figures.period.last)}"


def _text(text: str) -> str:
    return str(plain(text))
