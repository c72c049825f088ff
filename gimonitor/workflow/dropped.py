"""未提示疑点的商品: drawn by lot stage by stage, looked at by a reviewer, and what that says of what was missed.

What was dropped wrongly becomes a lead of the officer who found it, and in any case a candidate for the labelled set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from heapq import nsmallest
from math import sqrt

from sqlalchemy import Connection

from gimonitor.errors import InputError, NotFoundError
from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.store import dropped as store
from gimonitor.store.audit import append_audit
from gimonitor.store.dropped import DROPPED, DroppedItem, DroppedSample
from gimonitor.store.loading import load_listing_by_id
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.intervals import Share, wilson
from gimonitor.workflow.ownleads import Report, add_lead
from gimonitor.workflow.sampling import lot
from gimonitor.workflow.vocabulary import ComplaintSource

MOST = 500


class Verdict(StrEnum):
    """What a reviewer says of a listing that raised nothing."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigures:
    """One stage of a sample. `missed` is the share dropped wrongly among those decided; None before any is."""

    stage: Stage
    population: int
    drawn: int
    right: int
    wrong: int
    unsure: int
    missed: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A sample's outcome, and the share over all stages, weighted by their populations; None until each has a verdict."""

    stages: tuple[StageFigures, ...]
    value: float | None
    low: float
    high: float


def draw_dropped(c: Connection, *, each: int, seed: str, who: str, now: datetime) -> int:
    """Draw `each` listings of every stage at which listings were dropped. The same store and seed draw the same.

    Raises InputError where there is none, or for a number that is none.
    """
    if not 1 <= each <= MOST:
        raise InputError(f"每个阶段抽取数须为 1–{MOST}")
    if not seed.strip():
        raise InputError("须填写随机种子")
    counts = store.count_stages(c)
    drawn = [
        (stage, listing_id, version)
        for stage in DROPPED
        for _, listing_id, version in nsmallest(each, _by_lot(c, stage, seed))
    ]
    if not drawn:
        raise InputError("没有未提示疑点的商品")
    population = {stage.value: counts.get(stage, 0) for stage in DROPPED}
    sample_id = store.save_sample(c, seed=seed, population=population, drawn=drawn, who=who, now=now)
    append_audit(c, who, "dropped.draw", f"dropped:{sample_id}", {"seed": seed, "size": len(drawn)}, at=now)
    return sample_id


def _by_lot(c: Connection, stage: Stage, seed: str) -> Iterator[tuple[bytes, int, int]]:
    return ((lot(seed, key), listing_id, version) for key, listing_id, version in store.keys_at(c, stage))


def judge_dropped(
    c: Connection,
    who: str,
    sample_id: int,
    position: int,
    verdict: Verdict,
    *,
    gi_id: str = "",
    gi_name: str = "",
    why: str = "",
    now: datetime,
    actor: Actor | None = None,
) -> int | None:
    """Keep a verdict. One dropped wrongly needs its GI and a reason, and becomes a lead of the officer `actor`, if any.

    Returns the lead's id. Raises InputError where something is missing, NotFoundError for no such item.
    """
    item = next(iter(store.load_dropped_items(c, sample_id, position)), None)
    if item is None:
        raise NotFoundError(f"抽样 {sample_id} 没有第 {position} 件")
    if verdict is Verdict.WRONG and not (gi_id and why.strip()):
        raise InputError("判为漏检的，须选择地理标志并写明理由")
    lead_id = item.lead_id
    if verdict is Verdict.WRONG and actor is not None:
        lead_id = _lead(c, actor, item, gi_id, gi_name, why, now)
    given = gi_id if verdict is Verdict.WRONG else ""
    store.save_verdict(
        c, sample_id, position, verdict=verdict.value, gi_id=given, why=why.strip(), who=who, lead_id=lead_id, now=now
    )
    detail = {"position": position, "verdict": verdict.value, "gi": given, "lead": lead_id}
    append_audit(c, who, "dropped.judge", f"dropped:{sample_id}", detail, at=now)
    return lead_id


def _lead(c: Connection, actor: Actor, item: DroppedItem, gi_id: str, gi_name: str, why: str, now: datetime) -> int:
    def nothing(listing: Listing, on: date) -> Screening | None:
        return None  # the models have spoken: they found nothing

    report = Report(
        gi_id=gi_id,
        gi_name=gi_name,
        source=ComplaintSource.OFFICER,
        title=item.listing.title or "（无标题）",
        text=f"抽样复核未提示疑点的商品：{why.strip()}",
    )
    offer = load_listing_by_id(c, item.listing_id).as_seen
    return add_lead(c, actor, report, nothing, now=now, offer=offer).lead_id


def figures_of(c: Connection, sample_id: int) -> Figures:
    """What a sample says so far. Raises NotFoundError."""
    sample = store.load_dropped_sample(c, sample_id)
    items = store.load_dropped_items(c, sample_id)
    stages = tuple(_stage(sample, stage, [i for i in items if i.stage is stage]) for stage in DROPPED)
    return _weighted(tuple(s for s in stages if s.drawn))


def _stage(sample: DroppedSample, stage: Stage, items: list[DroppedItem]) -> StageFigures:
    counts = {verdict: sum(i.verdict == verdict.value for i in items) for verdict in Verdict}
    right, wrong = counts[Verdict.RIGHT], counts[Verdict.WRONG]
    return StageFigures(
        stage=stage,
        population=sample.population.get(stage.value, 0),
        drawn=len(items),
        right=right,
        wrong=wrong,
        unsure=counts[Verdict.UNSURE],
        missed=wilson(wrong, right + wrong) if right + wrong else None,
    )


def _weighted(stages: tuple[StageFigures, ...]) -> Figures:
    """The bounds of a weighted sum of shares that know nothing of each other, as Newcombe combines two (MOVER)."""
    total = sum(s.population for s in stages)
    if not total or any(s.missed is None for s in stages):
        return Figures(stages=stages, value=None, low=0.0, high=1.0)
    parts = [(s.population / total, s.missed) for s in stages if s.missed is not None]
    value = sum(weight * share.value for weight, share in parts)
    down = sqrt(sum((weight * (share.value - share.low)) ** 2 for weight, share in parts))
    up = sqrt(sum((weight * (share.high - share.value)) ** 2 for weight, share in parts))
    return Figures(stages=stages, value=value, low=max(0.0, value - down), high=min(1.0, value + up))


def label_rows(c: Connection, sample_id: int) -> Iterator[dict[str, str]]:
    """Verdicts as rows of the labelled set, each under a digest of platform and title; unsure ones are left out.

    Raises NotFoundError.
    """
    store.load_dropped_sample(c, sample_id)
    for item in store.load_dropped_items(c, sample_id):
        if item.verdict in (Verdict.RIGHT, Verdict.WRONG):
            label = "flag" if item.verdict == Verdict.WRONG else "none" if item.stage is Stage.NO_NAME else "mention"
            key = f"{item.listing.platform}\t{item.listing.title}".encode("utf-8", "surrogatepass")
            yield {
                "digest": hashlib.sha256(key).hexdigest(),
                "label": label,
                "gi": item.gi_id,
                "sample": f"dropped-{sample_id}",
                "reason": item.why,
            }
