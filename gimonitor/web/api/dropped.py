"""抽样复核 of listings that raised nothing: a sample drawn, looked at, and what it says was missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from gimonitor.store import dropped as store
from gimonitor.store.dropped import DroppedItem, DroppedSample
from gimonitor.web.access import Page
from gimonitor.web.api.common import Body, Id, Reader, allow
from gimonitor.web.routes.dropped import REVIEWERS, give_verdict
from gimonitor.workflow.dropped import Figures, Verdict, draw_dropped, figures_of

router = APIRouter(tags=["dropped"])
Reviewer = Annotated[Page, Depends(allow(REVIEWERS, whole=True))]


class Draw(Body):
    """How many listings of each stage to draw; the same store and seed draw the same."""

    each: int = Field(ge=1, le=500)
    seed: str = Field(min_length=1, max_length=60)


class Judged(Body):
    """Whether a listing was dropped rightly; one that was not needs its GI and a reason."""

    verdict: Verdict
    gi: str = Field(default="", max_length=100)
    why: str = Field(default="", max_length=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedListings:
    """A sample of listings that raised nothing, each as it was drawn, and what the verdicts say so far."""

    sample: DroppedSample
    items: tuple[DroppedItem, ...]
    figures: Figures


@router.get("/dropped")
def list_dropped(page: Reader) -> tuple[DroppedSample, ...]:
    """Samples drawn so far, the newest first."""
    with page.services.store.read() as c:
        return store.list_dropped_samples(c)


@router.post("/dropped")
def draw_from_dropped(page: Reviewer, what: Draw) -> DroppedListings:
    """Draw a sample of the listings that raised nothing."""
    with page.services.store.write() as c:
        made = draw_dropped(c, each=what.each, seed=what.seed, who=page.person.login, now=page.now)
    return _shown(page, made)


@router.get("/dropped/{dropped_id}")
def show_dropped(page: Reader, dropped_id: Id) -> DroppedListings:
    """One sample."""
    return _shown(page, dropped_id)


@router.post("/dropped/{dropped_id}/{position}")
def judge(page: Reviewer, dropped_id: Id, position: Id, what: Judged) -> DroppedListings:
    """Say whether a listing was dropped rightly; an officer's "wrong" makes it a lead of theirs."""
    give_verdict(page, dropped_id, position, what.verdict, what.gi, what.why)
    return _shown(page, dropped_id)


def _shown(page: Page, dropped_id: int) -> DroppedListings:
    with page.services.store.read() as c:
        return DroppedListings(
            sample=store.load_dropped_sample(c, dropped_id),
            items=store.load_dropped_items(c, dropped_id),
            figures=figures_of(c, dropped_id),
        )
