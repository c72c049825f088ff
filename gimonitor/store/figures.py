"""Leads found, decided on and sent in a stretch of time, with GI and platform. What counts is said by the caller."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from gimonitor.model.lead import Decision
from gimonitor.model.run import Coverage
from gimonitor.store.captures import Notice
from gimonitor.store.clocks import notice_of
from gimonitor.store.leads import decision_of
from gimonitor.store.queue import within_gis
from gimonitor.store.runs import NIGHTLY, coverage_of
from gimonitor.store.tables import (
    complaints,
    coverage,
    decisions,
    findings,
    leads,
    listings,
    notices,
    packs,
    runs,
    sample_items,
    samples,
    shops,
    subjects,
)
from gimonitor.store.upsert import among

Within = frozenset[str] | None
MOST_GAPS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A lead with what figures are told apart by."""

    lead_id: int
    gi_id: str
    gi_name: str
    platform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a run asked and got in full. `seen` counts listings, each time they were seen."""

    run_id: int
    started_at: datetime
    asked: int
    complete: int
    blocked: int
    cut_off: int
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was watched: platforms, shops and listings until its end, the rest in a stretch of time."""

    platforms: int
    shops: int
    listings: int
    complaints: int
    complaints_answered: int
    samples_checked: int


_CELL = (leads.c.id.label("cell_lead"), leads.c.gi_id, leads.c.gi_name, leads.c.platform)


def found_between(
    c: Connection, begin: datetime, end: datetime, within: Within = None
) -> Iterator[tuple[Cell, datetime]]:
    """Leads found first in [begin, end), each with when."""
    found = leads.c.created_at >= begin, leads.c.created_at < end, *within_gis(c, within)
    for *cell, at in c.execute(select(*_CELL, leads.c.created_at).where(*found)):
        yield _cell(cell), at


def decided_between(
    c: Connection, begin: datetime, end: datetime, actions: Collection[str], within: Within = None
) -> Iterator[tuple[Cell, list[Decision]]]:
    """Each lead with one of some actions in [begin, end), with all its decisions before `end`, oldest first."""
    d = decisions.c
    touched = select(d.lead_id).where(d.action.in_(actions), d.at >= begin, d.at < end).distinct()
    return _histories(c, [d.lead_id.in_(touched), d.at < end, *within_gis(c, within)])


def decided_on(c: Connection, lead_ids: Collection[int], end: datetime) -> Iterator[tuple[Cell, list[Decision]]]:
    """Some leads with all their decisions before `end`, oldest first."""
    return _histories(c, [among(c, decisions.c.lead_id, sorted(lead_ids)), decisions.c.at < end])


def _histories(c: Connection, wanted: list[ColumnElement[bool]]) -> Iterator[tuple[Cell, list[Decision]]]:
    d = decisions.c
    query = select(decisions, *_CELL).join(leads, leads.c.id == d.lead_id).where(*wanted).order_by(d.lead_id, d.version)
    for _, rows in groupby(c.execute(query).mappings(), key=lambda row: row["lead_id"]):
        made = list(rows)
        first = made[0]
        cell = (first["lead_id"], first["gi_id"], first["gi_name"], first["platform"])
        yield _cell(cell), [decision_of(row) for row in made]


def _cell(row: Collection[object]) -> Cell:
    lead_id, gi_id, gi_name, platform = row
    return Cell(lead_id=int(str(lead_id)), gi_id=str(gi_id), gi_name=str(gi_name), platform=str(platform))


def reports_between(
    c: Connection, begin: datetime, end: datetime, within: Within = None
) -> list[tuple[Notice, Cell, str]]:
    """What was sent in [begin, end) or whose term ended in it, oldest first, with its lead and the kind of its pack."""
    n = notices.c
    touched = or_(and_(n.sent_at >= begin, n.sent_at < end), and_(n.due_at >= begin, n.due_at < end))
    query = (
        select(notices, *_CELL, func.coalesce(packs.c.kind, "").label("pack_kind"))
        .join(leads, leads.c.id == n.lead_id)
        .outerjoin(packs, packs.c.id == n.pack_id)
        .where(touched, *within_gis(c, within))
        .order_by(n.id)
    )
    return [
        (notice_of(row), _cell((row["cell_lead"], row["gi_id"], row["gi_name"], row["platform"])), row["pack_kind"])
        for row in c.execute(query).mappings()
    ]


def licensed(c: Connection, begin: datetime, end: datetime, within: Within = None) -> list[tuple[Cell, bool]]:
    """Leads found in [begin, end), and whether the code (USCC) of whoever runs the shop is known."""
    shown = case((func.coalesce(subjects.c.uscc, "") != "", 1), else_=0)
    joined = leads.outerjoin(shops, shops.c.id == leads.c.shop_id).outerjoin(
        subjects, subjects.c.id == shops.c.subject_id
    )
    wanted = leads.c.created_at >= begin, leads.c.created_at < end, *within_gis(c, within)
    return [
        (_cell(cell), bool(known))
        for *cell, known in c.execute(select(*_CELL, shown).select_from(joined).where(*wanted))
    ]


def nights(c: Connection, begin: datetime, end: datetime) -> tuple[Night, ...]:
    """Runs begun in [begin, end) that asked something, oldest first."""
    v, whole = coverage.c, and_(coverage.c.blocked.is_(None), coverage.c.cut_off.is_(False), coverage.c.failed == 0)
    query = (
        select(
            runs.c.id.label("run_id"),
            runs.c.started_at,
            func.count().label("asked"),
            func.sum(case((whole, 1), else_=0)).label("complete"),
            func.sum(case((v.blocked.is_not(None), 1), else_=0)).label("blocked"),
            func.sum(case((v.cut_off.is_(True), 1), else_=0)).label("cut_off"),
            func.sum(v.seen).label("seen"),
        )
        .join(runs, runs.c.id == v.run_id)
        .where(runs.c.started_at >= begin, runs.c.started_at < end)
        .group_by(runs.c.id, runs.c.started_at)
        .order_by(runs.c.id)
    )
    return tuple(Night(**row) for row in c.execute(query).mappings())


def gaps(c: Connection, begin: datetime, end: datetime) -> tuple[Coverage, ...]:
    """The newest queries of those runs without a complete answer, up to 500."""
    v = coverage.c
    query = (
        select(coverage)
        .join(runs, runs.c.id == v.run_id)
        .where(runs.c.started_at >= begin, runs.c.started_at < end)
        .where(or_(v.blocked.is_not(None), v.cut_off.is_(True), v.failed > 0))
        .order_by(v.run_id.desc(), v.source, v.query)
        .limit(MOST_GAPS)
    )
    return tuple(coverage_of(row) for row in c.execute(query).mappings())


def watched(c: Connection, begin: datetime, end: datetime, within: Within = None) -> Watched:
    """What was watched until `end`, by the whole house, and of an area what came in and was drawn since `begin`.

    Only what no later event changes: a listing seen again tomorrow was watched until `end` all the same.
    """
    counts = select(
        func.count(func.distinct(listings.c.platform)), func.count(func.distinct(listings.c.shop_id)), func.count()
    )
    platforms, shop_count, count = c.execute(counts.where(listings.c.first_seen < end)).one()
    answered = func.count(case((complaints.c.answered_at < end, 1)))
    came = complaints.c.received_at >= begin, complaints.c.received_at < end
    came_in, in_time = c.execute(
        select(func.count(), answered).where(*came, *_of_area(c, complaints.c.gi_id, within))
    ).one()
    checked = (
        select(func.count())
        .select_from(sample_items.join(samples, samples.c.id == sample_items.c.sample_id))
        .where(sample_items.c.at >= begin, sample_items.c.at < end, *_of_area(c, samples.c.gi_id, within))
    )
    return Watched(
        platforms=platforms,
        shops=shop_count,
        listings=count,
        complaints=came_in,
        complaints_answered=in_time,
        samples_checked=c.execute(checked).scalar_one(),
    )


def _of_area(c: Connection, gi_id: ColumnElement[str], within: Within) -> list[ColumnElement[bool]]:
    return [] if within is None else [among(c, gi_id, sorted(within))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What a lead is told apart by: its score of 0–100, the words that say where its seller is (of the subject's address,
    else of the shop; empty: not shown), and the families of models that suspect it."""

    score: float
    region: str
    families: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How well runs of a stretch of time read what they met: listings seen, turned away and lost, each time they were seen;
    answers that no parser could read; pages not asked for want of calls; listings read, and in how many each field stood."""

    seen: int
    rejected: int
    failed: int
    unread: int
    over_budget: int
    read: int
    fields: Mapping[str, int]


def traits(c: Connection, begin: datetime, end: datetime, within: Within = None) -> dict[int, Trait]:
    """The traits of leads found in [begin, end), by lead."""
    wanted = leads.c.created_at >= begin, leads.c.created_at < end, *within_gis(c, within)
    f, joined = findings.c, leads.outerjoin(shops, shops.c.id == leads.c.shop_id)
    screened = and_(f.listing_id == leads.c.listing_id, f.screening == leads.c.screening, f.gi_id == leads.c.gi_id)
    suspecting = select(leads.c.id, f.family).join(findings, screened).where(f.reminder.is_(False), *wanted).distinct()
    families: dict[int, set[str]] = defaultdict(set)
    for lead_id, family in c.execute(suspecting):
        families[lead_id].add(family)
    region = func.coalesce(func.nullif(subjects.c.area, ""), shops.c.region, "")
    query = select(leads.c.id, leads.c.score, region).select_from(
        joined.outerjoin(subjects, subjects.c.id == shops.c.subject_id)
    )
    return {
        lead_id: Trait(score=score, region=where, families=frozenset(families[lead_id]))
        for lead_id, score, where in c.execute(query.where(*wanted))
    }


def collected(c: Connection, begin: datetime, end: datetime) -> Collected:
    """What the runs begun in [begin, end) met and read."""
    v, in_time = coverage.c, (runs.c.started_at >= begin, runs.c.started_at < end)
    counts = ("seen", "rejected", "failed", "unread", "over_budget", "read")
    sums = select(*(func.coalesce(func.sum(v[name]), 0).label(name) for name in counts))
    told = c.execute(sums.join(runs, runs.c.id == v.run_id).where(*in_time)).mappings().one()
    fields: Counter[str] = Counter()
    stood = select(v.fields).join(runs, runs.c.id == v.run_id).where(*in_time, v.read > 0)
    for (of_query,) in c.execute(stood):
        fields.update(of_query or {})
    return Collected(**{name: int(told[name]) for name in counts}, fields=fields)


def nightly_starts(c: Connection, end: datetime) -> tuple[datetime, ...]:
    """When each nightly run before `end` began, oldest first."""
    query = select(runs.c.started_at).where(runs.c.kind == NIGHTLY, runs.c.started_at < end)
    return tuple(c.execute(query.order_by(runs.c.started_at)).scalars())
