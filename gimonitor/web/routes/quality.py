"""投诉质量: success and upheld counter-notices by platform, account and reason, and what the batch at hand would do."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gimonitor.web.access import ReaderPage
from gimonitor.workflow import quality

router = APIRouter()


@router.get("/quality")
def board(page: ReaderPage) -> Response:
    """The board."""
    with page.services.store.read() as c:
        standings = quality.board(c, page.now, page.within)
        forecasts = quality.forecasts(c, standings, page.within)
    return page.render("quality.html", "/clocks", standings=standings, forecasts=forecasts)
