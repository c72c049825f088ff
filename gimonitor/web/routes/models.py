"""规则台: the models, and a place to try them on a title or an offer without storing anything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response

from gimonitor.model.finding import Finding, Screening
from gimonitor.model.listing import Listing, Shop
from gimonitor.web.access import Page, ReaderPage
from gimonitor.web.leadview import texts
from gimonitor.web.templating import BEIJING

router = APIRouter()
Line = Annotated[str, Form(max_length=500)]
Long = Annotated[str, Form(max_length=20_000)]


@router.get("/models")
def overview(page: ReaderPage) -> Response:
    """The models with their versions, and an empty form."""
    return _page(page, None, None)


@router.post("/models/try")
def try_out(
    page: ReaderPage, title: Line = "", origin: Line = "", shop: Line = "", standard: Line = "", description: Long = ""
) -> Response:
    """What fires on an offer and why, and what was cleared."""
    listing = Listing(
        platform="lab",
        item_id="lab",
        title=title.strip(),
        origin=origin.strip(),
        shop=Shop(name=shop.strip()) if shop.strip() else None,
        attributes=(("产品标准号", standard.strip()),) if standard.strip() else (),
        description=description.strip(),
    )
    found = page.services.lab.screen(listing, page.now.astimezone(BEIJING).date())
    return _page(page, listing, found)


def _page(page: Page, listing: Listing | None, screening: Screening | None) -> Response:
    register = page.services.register
    findings: tuple[Finding, ...] = ()
    if screening:
        findings = tuple(f for suspicion in screening.suspicions for f in suspicion.findings) + screening.reminders
    return page.render(
        "models.html",
        "/models",
        models=register.models if register else (),
        given=listing or Listing(platform="lab", item_id="lab", title=""),
        standard=dict(listing.attributes).get("产品标准号", "") if listing else "",
        screening=screening,
        findings=findings,
        texts=texts(listing, findings) if listing else None,
    )
