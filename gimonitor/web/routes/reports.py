"""报表: figures of a period, each number with its definition and its leads, the gaps of the collection beside each chart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING
from gimonitor.papers import reports as papers
from gimonitor.papers.origins import learnt_of
from gimonitor.papers.typical import print_case
from gimonitor.store import audit, leads
from gimonitor.store.figures import traits
from gimonitor.web import charts, sheets
from gimonitor.web.access import Page, ReaderPage
from gimonitor.web.files import attached_bytes
from gimonitor.web.words import PLATFORMS, word
from gimonitor.workflow import campaigns
from gimonitor.workflow.breakdowns import FOUND, breakdown, ways
from gimonitor.workflow.cleanliness import cleanliness
from gimonitor.workflow.figures import Figures, Period, definitions, figures
from gimonitor.workflow.platformscore import Mark, Marks, platform_marks, standard, together
from gimonitor.workflow.summary import Summary, summary

router = APIRouter()
Day = Annotated[date | None, Query()]
Year = Annotated[int | None, Query(ge=2000, le=2100)]
Name = Annotated[str, Query(max_length=100)]
LISTED = 300
"""Leads of a number that are listed on one page."""


@router.get("/reports")
def report(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """The figures on screen; by default the last seven days."""
    period = period_of(page, first, last)
    with page.services.store.read() as c:
        found, before = (
            figures(c, period, page.within, now=page.now),
            figures(c, period.before, page.within, now=page.now),
        )
        samples = cleanliness(c, period, page.within)
    return page.render(
        "reports.html",
        "/reports",
        tab="",
        figures=found,
        before=before,
        samples=samples,
        defined=definitions(),
        shortcuts=_shortcuts(today_of(page)),
        ratios=[(r, found.share(r), before.share(r)) for r in definitions().ratios],
    )


@router.get("/reports/leads")
def behind(
    page: ReaderPage, figure: Name, first: Day = None, last: Day = None, gi: Name = "", platform: Name = ""
) -> Response:
    """The leads that a number counts."""
    period = period_of(page, first, last)
    with page.services.store.read() as c:
        name, of, among = behind_number(c, page, figure, period, gi, platform)
        rows = leads.rows_of(c, of[:LISTED])
    return page.render(
        "reportleads.html", "/reports", figure=name, period=period, rows=rows, count=len(of), among=len(among)
    )


def behind_number(
    c: Connection, page: Page, figure: str, period: Period, gi: str, platform: str
) -> tuple[object, tuple[int, ...], tuple[int, ...]]:
    """What a number is called, the leads that it counts, and those it counts them among. Raises NotFoundError."""
    if figure.startswith("score."):
        return _behind_score(platform_marks(c, period, page.within, now=page.now), figure, platform)
    if figure.startswith(f"{FOUND}."):
        return _behind_part(c, page, figure, period)
    return definitions().measure(figure), figures(c, period, page.within, now=page.now).leads(figure, gi, platform), ()


def _behind_part(
    c: Connection, page: Page, figure: str, period: Period
) -> tuple[object, tuple[int, ...], tuple[int, ...]]:
    """The leads of one part of those found, among all that were."""
    _, way_id, key = [*figure.split(".", 2), ""][:3]
    counted = figures(c, period, page.within, now=page.now)
    parts = breakdown(way_id, counted, traits(c, *period.bounds, page.within))
    part = next((part for part in parts if part.key == key), None)
    named = {"name": part.name if part else key, "definition": ways().way(way_id).definition}
    return named, tuple(sorted(part.leads if part else ())), counted.leads(FOUND)


def _behind_score(marks: Marks, figure: str, platform: str) -> tuple[object, tuple[int, ...], tuple[int, ...]]:
    indicator = standard().indicator(figure.removeprefix("score."))
    mark = marks.get(platform, {}).get(indicator.id) if platform else together(marks, indicator.id)
    return indicator, tuple(sorted(mark.counted if mark else ())), tuple(sorted(mark.among if mark else ()))


@router.get("/reports/charts/{chart}.svg")
def chart(
    page: ReaderPage, chart: Annotated[str, Path(max_length=20)], first: Day = None, last: Day = None
) -> Response:
    """A chart of a period: `trend`, `coverage` or `results`."""
    with page.services.store.read() as c:
        found = figures(c, period_of(page, first, last), page.within, now=page.now)
    labels = [f"{piece.first:%m-%d}" for piece in found.period.pieces()]
    if chart == "coverage":
        complete, lacking = found.coverage()
        return charts.chart(charts.piles(labels, {"完整返回的查询": complete, "有缺口的查询": lacking}))
    if chart == "results":
        measures = [m for m in definitions().measures if m.last and m.id != "dismissed"]
        counts = [found.total[m.id] for m in measures]
        return charts.chart(charts.bars([m.name for m in measures], {"判定结论": counts}))
    if chart != "trend":
        raise InputError("没有这种图")
    names = {definitions().measure(measure).name: found.series(measure) for measure in definitions().trend}
    return charts.chart(charts.curves(labels, names))


@router.get("/reports/campaign")
def campaign(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """Before, during and after a campaign; by default the latest key period."""
    today = today_of(page)
    periods = campaigns.suggested(today)
    during = Period(first=first or periods[0].starts, last=last or periods[0].ends)
    with page.services.store.read() as c:
        found = campaigns.phases(c, during, today, page.within)
    return page.render(
        "reportcampaign.html",
        "/reports",
        tab="campaign",
        during=during,
        phases=found,
        periods=periods,
        defined=definitions(),
    )


@router.get("/reports/campaign.svg")
def campaign_chart(page: ReaderPage, first: date, last: date) -> Response:
    """The same as bars."""
    with page.services.store.read() as c:
        found = campaigns.phases(c, Period(first=first, last=last), today_of(page), page.within)
    labels = [definitions().measure(column).name for column in definitions().columns]
    bars = {phase.name: [phase.figures.total[column] for column in definitions().columns] for phase in found}
    return charts.chart(charts.bars(labels, bars))


@router.get("/reports/platforms")
def platforms(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """How platforms deal with what they are told, by clause of the standard; by default the last year."""
    period = period_of(page, first, last, days=365)
    with page.services.store.read() as c:
        marks = platform_marks(c, period, page.within, now=page.now)
        found = figures(c, period, page.within, now=page.now)
    return page.render(
        "reportplatforms.html",
        "/reports",
        tab="platforms",
        period=period,
        marks=marks,
        standard=standard(),
        figures=found,
    )


@router.get("/reports/platforms.svg")
def platforms_chart(page: ReaderPage, first: date, last: date) -> Response:
    """The shares of the platforms side by side, in per cent."""
    with page.services.store.read() as c:
        marks = platform_marks(c, Period(first=first, last=last), page.within, now=page.now)
    shares = [i for i in standard().indicators if i.unit == "share"]
    names = [word(PLATFORMS, platform) for platform in marks]
    return charts.chart(charts.bars(names, {i.name: [_percent(of, i.id) for of in marks.values()] for i in shares}))


def _percent(of: Mapping[str, Mark], indicator: str) -> float | None:
    value = of[indicator].value if indicator in of else None
    return None if value is None else round(100 * value, 1)


@router.get("/reports/summary")
def worksummary_of(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """The figures of the work summary; by default this year until today."""
    return page.render("reportsummary.html", "/reports", tab="summary", made=summary_of(page, first, last))


@router.get("/reports/markuse")
def mark_use(page: ReaderPage, year: Year = None, province: Name = "") -> Response:
    """The yearly report on the use of the special mark; by default of last year."""
    counted, report = marks_used(page, year, province)
    register = page.services.register
    provinces = sorted({gi.province for gi in register.gis if gi.province}) if register else []
    return page.render(
        "reportmarkuse.html",
        "/reports",
        tab="markuse",
        report=report,
        counted=counted,
        province=province,
        provinces=provinces,
    )


@router.get("/reports.xlsx")
def download(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """The figures as a workbook."""
    with page.services.store.read() as c:
        found = figures(c, period_of(page, first, last), page.within, now=page.now)
    content = sheets.figures_sheet(found, _organisation(page), page.now)
    return _handed(page, content, f"figures-{_span(found.period)}.xlsx")


@router.get("/reports/summary.xlsx")
def summary_sheet(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """The work summary as a workbook."""
    made = summary_of(page, first, last)
    content = sheets.summary_sheet(made, _organisation(page), page.now)
    return _handed(page, content, f"summary-{_span(made.figures.period)}.xlsx")


@router.get("/reports/summary.docx")
def summary_paper(page: ReaderPage, first: Day = None, last: Day = None) -> Response:
    """The work summary as a paper."""
    made = summary_of(page, first, last)
    content = papers.print_summary(made, page.services.configuration, page.now)
    return _handed(page, content, f"summary-{_span(made.figures.period)}.docx")


@router.get("/reports/markuse.xlsx")
def mark_use_sheet(page: ReaderPage, year: Year = None, province: Name = "") -> Response:
    """The yearly report as a workbook."""
    counted, report = marks_used(page, year, province)
    content = sheets.mark_use_sheet(report, counted, _organisation(page), page.now)
    return _handed(page, content, f"special-mark-{counted.period.first.year}.xlsx")


@router.get("/reports/markuse.docx")
def mark_use_paper(page: ReaderPage, year: Year = None, province: Name = "") -> Response:
    """The yearly report as a paper."""
    counted, report = marks_used(page, year, province)
    content = papers.print_mark_use(report, counted, page.services.configuration, page.now)
    return _handed(page, content, f"special-mark-{counted.period.first.year}.docx")


@router.get("/leads/{lead_id}/case.docx")
def typical_case(page: ReaderPage, lead_id: int) -> Response:
    """A confirmed lead as a typical case, without anybody's name, link or number."""
    with page.services.store.read() as c:
        record = leads.load_lead(c, lead_id)
        learnt = learnt_of(c, record)
    content = print_case(record, page.services.configuration, page.now, learnt)
    return _handed(page, content, f"case-{lead_id}.docx", f"lead:{lead_id}")


def summary_of(page: Page, first: date | None, last: date | None) -> Summary:
    """The work summary; by default of this year until today."""
    today = today_of(page)
    period = Period(first=first or date(today.year, 1, 1), last=last or today)
    with page.services.store.read() as c:
        return summary(c, period, page.within, now=page.now)


def marks_used(page: Page, year: int | None, province: str) -> tuple[Figures, tuple[papers.MarkUse, ...]]:
    """The yearly report on the special mark and the figures behind it; by default of last year. Raises InputError."""
    register = page.services.register
    if register is None:
        raise InputError("档案没有载入，不能出年度报表；请联系运维员")
    with page.services.store.read() as c:
        counted = figures(c, papers.year_of(year or today_of(page).year - 1), page.within, now=page.now)
    return counted, papers.mark_use(register, counted, province, page.within)


def _handed(page: Page, content: bytes, name: str, about: str = "") -> Response:
    """A download, noted in the audit."""
    with page.services.store.write() as c:
        audit.append_audit(
            c, page.person.login, "report.download", about or f"report:{name}", {"file": name}, at=page.now
        )
    return attached_bytes(content, name)


def period_of(page: Page, first: date | None, last: date | None, days: int = 7) -> Period:
    """The days asked for; by default the last `days` until today."""
    today = today_of(page)
    return Period(first=first or today - timedelta(days=days - 1), last=last or today)


def _shortcuts(today: date) -> list[tuple[str, Period]]:
    monday, month = today - timedelta(days=today.weekday()), today.replace(day=1)
    week_ago, month_ago = monday - timedelta(days=7), (month - timedelta(days=1)).replace(day=1)
    return [
        ("本周", Period(first=monday, last=monday + timedelta(days=6))),
        ("上周", Period(first=week_ago, last=monday - timedelta(days=1))),
        ("本月", Period(first=month, last=(month + timedelta(days=31)).replace(day=1) - timedelta(days=1))),
        ("上月", Period(first=month_ago, last=month - timedelta(days=1))),
        ("本年", papers.year_of(today.year)),
        ("上年", papers.year_of(today.year - 1)),
    ]


def today_of(page: Page) -> date:
    """The day in Beijing."""
    return page.now.astimezone(BEIJING).date()


def _organisation(page: Page) -> str:
    return page.services.configuration.organisation


def _span(period: Period) -> str:
    return f"{period.first:%Y%m%d}-{period.last:%Y%m%d}"
