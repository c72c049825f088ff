"""报表: figures of a period with their definitions, each linked to its leads, beside the gaps of the collection."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gimonitor.model.zone import BEIJING
from gimonitor.store import audit
from gimonitor.web.access import Page, ReaderPage
from gimonitor.web.files import attached_bytes
from gimonitor.web.sheets import HEADINGS, figures_sheet
from gimonitor.workflow.figures import DEFINITIONS, Figures, Period, figures

router = APIRouter()
Day = Annotated[date | None, Query()]


@router.get("/reports")
def report(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """The figures on screen; by default the last seven days."""
    found = _figures(page, first, last)
    today = page.now.astimezone(BEIJING).date()
    return page.render(
        "reports.html",
        "/reports",
        figures=found,
        headings=HEADINGS,
        names=[name for name, _ in DEFINITIONS],
        definitions=list(zip(HEADINGS, (text for _, text in DEFINITIONS), strict=True)),
        shortcuts=[(label, *_span(today, days)) for label, days in (("近 7 日", 7), ("近 30 日", 30), ("近一年", 365))],
    )


@router.get("/reports.xlsx")
def download(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """The same as a workbook."""
    found = _figures(page, first, last)
    content = figures_sheet(found, page.services.configuration.organisation, page.now)
    span = f"{found.period.first:%Y%m%d}-{found.period.last:%Y%m%d}"
    with page.services.store.write() as c:
        audit.append_audit(c, page.person.login, "report.download", f"report:{span}", {}, at=page.now)
    return attached_bytes(content, f"figures-{span}.xlsx")


def _figures(page: Page, first: date | None, last: date | None) -> Figures:
    begin, end = _span(page.now.astimezone(BEIJING).date(), 7)
    period = Period(first=first or begin, last=last or end)
    with page.services.store.read() as c:
        return figures(c, period, page.within)


def _span(today: date, days: int) -> tuple[date, date]:
    return today - timedelta(days=days - 1), today
