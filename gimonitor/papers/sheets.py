"""Sheets in a platform's own columns, as XLSX that holds only text: no cell can become a formula, a link or a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter  # type: ignore[import-untyped]  # xlsxwriter has no stubs

from gimonitor.evidence.pages import visible
from gimonitor.papers.platforms import Link, Profile, cell_of

MAX_CELL = 32_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file for one batch. `cut` names cells whose text was too long for a cell, by row and column."""

    content: bytes
    rows: int
    cut: tuple[str, ...] = ()


def make_sheet(profile: Profile, links: Sequence[Link]) -> Sheet:
    """The sheet of one batch of links in the platform's columns."""
    content, cut = _workbook(profile, links)
    return Sheet(content=content, rows=len(links), cut=cut)


def _workbook(profile: Profile, links: Sequence[Link]) -> tuple[bytes, tuple[str, ...]]:
    out, cut = BytesIO(), []
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("投诉链接")
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@", "text_wrap": True})
        for place, column in enumerate(profile.columns):
            sheet.write_string(0, place, column.name, bold)
            sheet.set_column(place, place, 40 if column.content in ("url", "reason", "title") else 16, text)
        for row, link in enumerate(links, 1):
            for place, column in enumerate(profile.columns):
                value = visible(cell_of(column, link, row))
                if len(value) > MAX_CELL:
                    cut.append(f"第 {row} 行“{column.name}”")
                sheet.write_string(row, place, value[:MAX_CELL], text)
    return out.getvalue(), tuple(cut)
