"""What the screens hand out as files: evidence as it lies, reports as workbooks and papers, a case without personal data."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gimonitor.web.api.common import EvidenceReader, Id, Reader
from gimonitor.web.routes import evidence, reports

router = APIRouter(default_response_class=Response)
Day = date | None
Year = Annotated[int | None, Query(ge=2000, le=2100)]
Name = Annotated[str, Query(max_length=100)]


@router.get("/leads/{lead_id}/evidence/{capture_id}", tags=["packs"])
def evidence_file(page: EvidenceReader, lead_id: Id, capture_id: Id) -> Response:
    """An evidence file as it lies; of a response in a WARC file, its record alone."""
    return evidence.download(page, lead_id, capture_id)


@router.get("/leads/{lead_id}/case.docx", tags=["reports"])
def typical_case(page: Reader, lead_id: Id) -> Response:
    """A decided lead as a typical case, without personal data."""
    return reports.typical_case(page, lead_id)


@router.get("/reports.xlsx", tags=["reports"])
def report_sheet(page: Reader, first: Day = None, last: Day = None) -> Response:
    """The figures of a period as a workbook; by default of the last seven days."""
    return reports.download(page, first, last)


@router.get("/reports/summary.xlsx", tags=["reports"])
def summary_sheet(page: Reader, first: Day = None, last: Day = None) -> Response:
    """The work summary as a workbook; by default of this year until today."""
    return reports.summary_sheet(page, first, last)


@router.get("/reports/summary.docx", tags=["reports"])
def summary_paper(page: Reader, first: Day = None, last: Day = None) -> Response:
    """The work summary as a paper."""
    return reports.summary_paper(page, first, last)


@router.get("/reports/markuse.xlsx", tags=["reports"])
def mark_use_sheet(page: Reader, year: Year = None, province: Name = "") -> Response:
    """The yearly report on the use of the special mark as a workbook; by default of last year."""
    return reports.mark_use_sheet(page, year, province)


@router.get("/reports/markuse.docx", tags=["reports"])
def mark_use_paper(page: Reader, year: Year = None, province: Name = "") -> Response:
    """The same as a paper."""
    return reports.mark_use_paper(page, year, province)
