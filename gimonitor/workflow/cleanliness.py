"""洁净度: the share of drawn listings without anything suspected, from the samples (抽查) of a period, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from gimonitor.store import samples as store
from gimonitor.store.samples import StoredSample
from gimonitor.workflow.areas import Within
from gimonitor.workflow.figures import Period
from gimonitor.workflow.intervals import Share, wilson
from gimonitor.workflow.sampling import SampleKind
from gimonitor.workflow.vocabulary import SampleResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleanliness:
    """A sample drawn in the period: how many of its listings were judged, and the share of clean ones among them."""

    sample: StoredSample
    drawn: int
    judged: int
    clean: Share | None


def cleanliness(c: Connection, period: Period, within: Within = None) -> tuple[Cleanliness, ...]:
    """Samples of listings drawn in a period, the newest first. What is gone or cannot be judged counts in neither."""
    begin, end = period.bounds
    drawn = [s for s, _, _ in store.list_samples(c, within) if begin <= s.at < end and s.kind == SampleKind.LISTINGS]
    return tuple(_of(c, sample) for sample in drawn)


def _of(c: Connection, sample: StoredSample) -> Cleanliness:
    results = [item.result for item in store.items_of(c, sample.id)]
    clean, suspected = results.count(SampleResult.CLEAN), results.count(SampleResult.SUSPECTED)
    share = wilson(clean, clean + suspected) if clean + suspected else None
    return Cleanliness(sample=sample, drawn=len(results), judged=clean + suspected, clean=share)
