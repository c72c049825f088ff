"""商品: every stored listing, searched by title, whether it raised a lead or not."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from gimonitor.model.finding import Stage
from gimonitor.store.offers import OfferFilter, find_offers
from gimonitor.web import words
from gimonitor.web.access import ReaderPage

router = APIRouter()
LINES = 30


@router.get("/listings")
def found(
    page: ReaderPage,
    q: Annotated[str, Query(max_length=100)] = "",
    platform: Annotated[str, Query(max_length=60)] = "",
    stage: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int | None, Query(ge=1, lt=1 << 62)] = None,
) -> Response:
    """A page of listings, the newest first."""
    known = Stage(stage) if stage in set(Stage) else None
    wanted = OfferFilter(text=q, platform=platform, stage=known, within=page.within)
    with page.services.store.read() as c:
        rows = find_offers(c, wanted, before, LINES + 1)
    asked = {"q": q, "platform": platform, "stage": stage}
    more = urlencode({**asked, "before": rows[LINES - 1].id}, errors="replace") if len(rows) > LINES else ""
    return page.render(
        "listings.html",
        "/listings",
        rows=rows[:LINES],
        q=q,
        platform=platform,
        stage=stage,
        platforms=list(words.PLATFORMS),
        stages=list(words.STAGES),
        more_path=f"/listings?{more}" if more else "",
        first_path=f"/listings?{urlencode(asked, errors='replace')}" if before else "",
    )
