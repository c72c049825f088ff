"""Figures: reports with the leads behind each number, samples, complaint quality, and what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from gimonitor.model.run import Coverage
from gimonitor.papers.reports import MarkUse
from gimonitor.store import complaints, leads
from gimonitor.store import samples as sample_store
from gimonitor.store.complaints import Complaint
from gimonitor.store.leads import QueueRow
from gimonitor.store.samples import SampleItem, StoredSample
from gimonitor.web.access import Page
from gimonitor.web.api.common import Body, Decider, Id, Reader
from gimonitor.web.routes.reports import LISTED, behind_number, marks_used, period_of, summary_of, today_of
from gimonitor.web.routes.samples import plan_for
from gimonitor.workflow import campaigns, clocks, quality, sampling
from gimonitor.workflow.cleanliness import Cleanliness, cleanliness
from gimonitor.workflow.clocks import Clock, Question
from gimonitor.workflow.figures import Figures, Measure, Period, Ratio, Row, definitions, figures
from gimonitor.workflow.platformscore import platform_marks
from gimonitor.workflow.quality import Forecast
from gimonitor.workflow.sampling import Outcome, SampleKind
from gimonitor.workflow.summary import Line
from gimonitor.workflow.vocabulary import SampleResult

router = APIRouter()
Day = Annotated[date | None, Query()]
Name = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The figures of a period: leads by measure, shares by ratio (null: nothing to divide by), by GI and platform, and
    the coverage that stands beside them."""

    period: Period
    total: Mapping[str, int]
    shares: Mapping[str, float | None]
    rows: tuple[Row, ...]
    asked: int
    complete: int
    gaps: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One stretch of a campaign; `is_over` false: its figures are not whole yet."""

    name: str
    is_over: bool
    figures: Numbers
    samples: tuple[Cleanliness, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The leads that a number counts: how many, among how many where it is a share, and the first of them."""

    count: int
    among: int
    rows: tuple[QueueRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A figure of a platform: a share of leads, or days."""

    value: float | None
    counted: int
    among: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How complaints of one kind ended, with the shares asked for."""

    platform: str
    account: str
    reason: str
    sent: int
    removed: int
    rejected: int
    upheld: int
    withdrawn: int
    success: float | None
    counter: float | None
    is_low: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Complaint quality, and what the batch at hand would make of it."""

    standings: tuple[Standing, ...]
    forecasts: tuple[Forecast, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is overdue or due soon; `left` counts working days, negative when it is over."""

    answers: tuple[Clock, ...]
    receipts: tuple[Clock, ...]
    counters: tuple[Clock, ...]
    rechecks: tuple[Clock, ...]
    questions: tuple[Question, ...]
    complaints: list[Complaint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A sample with its items and what they say so far."""

    sample: StoredSample
    items: list[SampleItem]
    outcome: Outcome


class Draw(Body):
    """A sampling plan; the same plan with the same seed draws the same lot."""

    kind: SampleKind
    name: str = Field(max_length=200)
    size: int = Field(ge=1, le=sampling.MOST)
    seed: str = Field(max_length=200)
    gi: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=200)
    platforms: tuple[str, ...] = Field(default=(), max_length=50)
    since: date | None = None
    frequency: str = Field(default="一次", max_length=20)
    checklist: tuple[str, ...] = Field(default=(), max_length=100)
    officers: tuple[str, ...] = Field(default=(), max_length=500)
    previous: int | None = Field(default=None, ge=1, lt=1 << 62)


class Found(Body):
    """What an item showed."""

    result: SampleResult
    note: str = Field(default="", max_length=500)


def _numbers(found: Figures) -> Numbers:
    return Numbers(
        period=found.period,
        total=found.total,
        shares={ratio.id: found.share(ratio) for ratio in definitions().ratios},
        rows=found.rows,
        asked=found.asked,
        complete=found.complete,
        gaps=found.gaps,
    )


@router.get("/reports", tags=["reports"])
def report(page: Reader, first: Day = None, last: Day = None) -> Numbers:
    """The figures of a period; by default of the last seven days."""
    with page.services.store.read() as c:
        return _numbers(figures(c, period_of(page, first, last), page.within, now=page.now))


@router.get("/reports/definitions", tags=["reports"])
def defined(page: Reader) -> dict[str, str]:
    """What each measure and each share counts."""
    known: tuple[Measure | Ratio, ...] = (*definitions().measures, *definitions().ratios)
    return {one.id: f"{one.name}：{one.definition}" for one in known}


@router.get("/reports/leads", tags=["reports"])
def behind(
    page: Reader, figure: Name, first: Day = None, last: Day = None, gi: Name = "", platform: Name = ""
) -> Behind:
    """The leads that a number counts, the first 300 of them with their rows."""
    with page.services.store.read() as c:
        _, of, among = behind_number(c, page, figure, period_of(page, first, last), gi, platform)
        return Behind(count=len(of), among=len(among), rows=tuple(leads.rows_of(c, of[:LISTED])))


@router.get("/reports/summary", tags=["reports"])
def work_summary(page: Reader, first: Day = None, last: Day = None) -> dict[str, tuple[Line, ...]]:
    """The lines of the work summary by section; by default of this year until today."""
    return dict(summary_of(page, first, last).sections)


@router.get("/reports/markuse", tags=["reports"])
def mark_use(
    page: Reader, year: Annotated[int | None, Query(ge=2000, le=2100)] = None, province: Name = ""
) -> tuple[MarkUse, ...]:
    """The yearly report on the use of the special mark; by default of last year."""
    return marks_used(page, year, province)[1]


@router.get("/reports/platforms", tags=["reports"])
def platforms(page: Reader, first: Day = None, last: Day = None) -> dict[str, dict[str, Mark]]:
    """By platform and indicator how platforms deal with what they are told; by default over the last year."""
    with page.services.store.read() as c:
        marks = platform_marks(c, period_of(page, first, last, days=365), page.within, now=page.now)
    return {
        platform: {
            name: Mark(value=mark.value, counted=len(mark.counted), among=len(mark.among)) for name, mark in of.items()
        }
        for platform, of in marks.items()
    }


@router.get("/reports/campaign", tags=["reports"])
def campaign(page: Reader, first: date, last: date) -> list[Phase]:
    """The same figures before, during and after a campaign, over as many days each."""
    with page.services.store.read() as c:
        found = campaigns.phases(c, Period(first=first, last=last), today_of(page), page.within)
    return [
        Phase(name=one.name, is_over=one.is_over, figures=_numbers(one.figures), samples=one.samples) for one in found
    ]


@router.get("/reports/cleanliness", tags=["reports"])
def clean(page: Reader, first: Day = None, last: Day = None) -> tuple[Cleanliness, ...]:
    """The share of clean listings by the samples of a period, with its interval."""
    with page.services.store.read() as c:
        return cleanliness(c, period_of(page, first, last), page.within)


@router.get("/quality", tags=["reports"])
def complaint_quality(page: Reader) -> Quality:
    """How complaints on platforms ended, by platform, account and reason."""
    with page.services.store.read() as c:
        found = quality.board(c, page.now, page.within)
        forecasts = quality.forecasts(c, found, page.within)
    return Quality(
        standings=tuple(Standing(**{name: getattr(one, name) for name in Standing.__slots__}) for one in found),
        forecasts=forecasts,
    )


@router.get("/clocks", tags=["clocks"])
def due(page: Reader) -> Due:
    """What is overdue, due soon, to be looked at again, or waits for an answer from within."""
    with page.services.store.read() as c:
        return Due(
            answers=clocks.answers_due(c, page.now, page.within),
            receipts=clocks.receipts_due(c, page.now, page.within),
            counters=clocks.counters(c, page.now, page.within),
            rechecks=clocks.rechecks_due(c, page.now, page.within),
            questions=clocks.open_questions(c, within=page.within),
            complaints=complaints.list_complaints(c, is_open=True, within=page.within),
        )


@router.get("/samples", tags=["samples"])
def list_samples(page: Reader) -> list[StoredSample]:
    """Samples drawn so far, the newest first."""
    with page.services.store.read() as c:
        return [sample for sample, _, _ in sample_store.list_samples(c, page.within)]


@router.post("/samples", tags=["samples"])
def draw(page: Decider, what: Draw) -> Drawn:
    """Draw."""
    told = what.model_dump(exclude={"previous", "officers"})
    plan = plan_for(page, **told, officers=what.officers)
    with page.services.store.write() as c:
        made = sampling.take_sample(c, page.person.actor, plan, now=page.now, previous_id=what.previous)
    return _drawn(page, made)


@router.get("/samples/{sample_id}", tags=["samples"])
def show_sample(page: Reader, sample_id: Id) -> Drawn:
    """One sample: plan, items, and what they say, compared with the one before."""
    return _drawn(page, sample_id)


@router.post("/samples/{sample_id}/{position}", tags=["samples"])
def record_item(page: Decider, sample_id: Id, position: Id, what: Found) -> Drawn:
    """Note what an item showed."""
    with page.services.store.write() as c:
        sampling.record(c, page.person.actor, sample_id, position, what.result, what.note, now=page.now)
    return _drawn(page, sample_id)


def _drawn(page: Page, sample_id: int) -> Drawn:
    with page.services.store.read() as c:
        sample = sample_store.load_sample(c, sample_id)
        items = sample_store.items_of(c, sample_id)
        return Drawn(sample=sample, items=list(items), outcome=sampling.outcome_of(c, sample))
