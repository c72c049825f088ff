"""反馈导入: the platform's table of answers, shown before it is recorded."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile
from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.store import clocks
from gimonitor.tables import harmless, open_table
from gimonitor.web.access import DeciderPage, Page
from gimonitor.web.files import attached_bytes
from gimonitor.web.problems import in_chinese
from gimonitor.web.uploads import keep_table, kept_table
from gimonitor.workflow.answers import Preview, read_answers, record_answers

router = APIRouter()


@router.get("/answers")
def form(page: DeciderPage) -> Response:
    """The form, and what waits for an answer."""
    with page.services.store.read() as c:
        waiting = clocks.open_notices(c, page.within)
    return page.render("answers.html", "/clocks", waiting=waiting, preview=None, sha256="", recorded=None)


@router.post("/answers")
def preview(page: DeciderPage, file: Annotated[UploadFile, File()]) -> Response:
    """Keep the table and show what it would do."""
    kept = keep_table(page.services.configuration, file)
    with page.services.store.read() as c:
        found = read_table(c, page, kept.path(page.services.configuration))
    return page.render("answers.html", "/clocks", waiting=[], preview=found, sha256=kept.sha256, recorded=None)


@router.post("/answers/record")
def record(page: DeciderPage, sha256: Annotated[str, Form(max_length=64)]) -> Response:
    """Record what was shown; the table is read again, so that nothing but its rows is written."""
    with page.services.store.write() as c:
        found = read_table(c, page, table_of(page, sha256))
        leads = record_answers(c, page.person.actor, found, now=page.now, file_sha256=sha256)
    return page.render("answers.html", "/clocks", waiting=[], preview=found, sha256=sha256, recorded=leads)


@router.get("/answers/refused.csv")
def refused(page: DeciderPage, sha256: str) -> Response:
    """Rows that go back, each with its reason, for the spreadsheet."""
    with page.services.store.read() as c:
        found = read_table(c, page, table_of(page, sha256))
    names = list(dict.fromkeys(name for row in found.refused for name, _ in row.cells))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["行", "退回原因", *names])
    for row in found.refused:
        cells = dict(row.cells)
        writer.writerow([row.row, harmless(row.why), *(harmless(cells.get(name, "")) for name in names)])
    return attached_bytes(("\ufeff" + out.getvalue()).encode("utf-8", "replace"), "refused.csv")


def table_of(page: Page, sha256: str) -> Path:
    """The table kept under a digest. Raises InputError."""
    path = kept_table(page.services.configuration, sha256)
    if path is None:
        raise InputError("没有这份表格，请重新上传")
    return path


def read_table(c: Connection, page: Page, path: Path) -> Preview:
    """What a table would do, within the person's area. Raises InputError in words."""
    try:
        return read_answers(c, open_table(path), now=page.now, within=page.within)
    except InputError as error:
        raise InputError(in_chinese(InputError(str(error).replace(str(path), "table")))) from error
