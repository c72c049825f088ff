"""Word templates made from plain outlines, so that the default papers can be read, compared and translated as text.

An outline has one element a line: `# title`, `## heading`, `> right-aligned`, `| cell | cell |` (a table row; `||` for
a heading row, whose cells may end in `:3`, the weight of their column), anything else a paragraph, an empty line nothing. Jinja tags stand as docxtpl wants them (`{%p … %}`
alone in a paragraph, `{%tr … %}` alone in a row). A bureau changes the Word file, not the outline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.font import Font
from docx.text.paragraph import Paragraph

BODY, TITLE = "仿宋_GB2312", "黑体"
_SALUTATION = re.compile(r"\{\{[^}]+\}\}：")


def draft_template(outline: str) -> bytes:
    """The DOCX template of an outline: A4, Chinese fonts by name (the reader's computer supplies them)."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2.5)
    section.left_margin = section.right_margin = Cm(2.6)
    _font(document.styles["Normal"].font, BODY, 12)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")
    document.styles["Normal"].font.element.get_or_add_rPr().append(language)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    _number_pages(section.footer.paragraphs[0])
    lines = [line.rstrip() for line in outline.splitlines() if line.strip()]
    for is_table, group in groupby(lines, key=lambda line: line.startswith("|")):
        if is_table:
            _table(document, list(group))
            continue
        for place, line in enumerate(group):
            paragraph = _paragraph(document, line)
            if line.startswith("##") or (place == 0 and document.tables and not line.startswith("{%p")):
                paragraph.paragraph_format.space_before = Pt(8)
    _keep_ending(document.paragraphs)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _keep_ending(paragraphs: Sequence[Paragraph]) -> None:
    """Who signs, the seal and the date stay together, with the last two paragraphs before them and the one after them."""
    shown = [p for p in paragraphs if not p.text.startswith("{%p")]
    signed = [place for place, p in enumerate(shown) if p.alignment == WD_ALIGN_PARAGRAPH.RIGHT]
    if not signed:
        return
    first = last = signed[-1]
    while first and shown[first - 1].alignment == WD_ALIGN_PARAGRAPH.RIGHT:
        first -= 1
    for paragraph in shown[max(first - 2, 0) : min(last + 1, len(shown) - 1)]:
        paragraph.paragraph_format.keep_with_next = True


def _number_pages(footer: Paragraph) -> None:
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for words, field in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES"), (" 页", "")):
        _run(footer, words, BODY, 9)
        if field:
            element = OxmlElement("w:fldSimple")
            element.set(qn("w:instr"), field)
            footer._p.append(element)
            number = footer.add_run("1")
            _font(number.font, BODY, 9)
            element.append(number._r)


def _paragraph(document: Document, line: str) -> Paragraph:
    for mark, size, alignment in (
        ("# ", 20, WD_ALIGN_PARAGRAPH.CENTER),
        ("## ", 14, WD_ALIGN_PARAGRAPH.LEFT),
        ("> ", 12, WD_ALIGN_PARAGRAPH.RIGHT),
    ):
        if line.startswith(mark):
            paragraph = document.add_paragraph()
            paragraph.alignment = alignment
            paragraph.paragraph_format.keep_with_next = "#" in mark  # no heading alone at the foot of a page
            _run(paragraph, line.removeprefix(mark), TITLE if "#" in mark else BODY, size)
            return paragraph
    paragraph = document.add_paragraph()
    if not line.startswith("{%p") and not _SALUTATION.fullmatch(line):
        paragraph.paragraph_format.first_line_indent = Pt(24)
    _run(paragraph, line, BODY, 12)
    return paragraph


def _table(document: Document, lines: list[str]) -> None:
    rows = [(line.startswith("||"), list(_cells(line))) for line in lines]
    width = max(len(cells) for _, cells in rows)
    weights = [1, 3] if width == 2 else [1] * width
    if rows[0][0]:
        weights = [int(weight or 1) for _, _, weight in (cell.partition(":") for cell in rows[0][1])]
        rows[0] = (True, [cell.partition(":")[0] for cell in rows[0][1]])
    table = document.add_table(rows=0, cols=width)
    table.style = "Table Grid"
    table.autofit = False
    for column, weight in zip(table.columns, weights, strict=True):
        column.width = Cm(15.8 * weight / sum(weights))
    for heading, cells in rows:
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        if heading:
            added._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # again on each page
        row = added.cells
        for cell, weight in zip(row, weights, strict=True):
            cell.width = Cm(15.8 * weight / sum(weights))
        for index, text in enumerate(cells):
            paragraph = row[index].paragraphs[0]
            _run(paragraph, text, TITLE if heading or (index == 0 and width == 2) else BODY, 10.5)
        if len(cells) < width:
            row[len(cells) - 1].merge(row[width - 1])


def _cells(line: str) -> Iterator[str]:
    for cell in line.strip("|").split("|"):
        yield cell.strip()


def _run(paragraph: Paragraph, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(text)
    _font(run.font, font, size)


def _font(font: Font, name: str, size: float) -> None:
    font.name = name
    font.size = Pt(size)
    fonts = font.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
