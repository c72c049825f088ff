"""材料库: certificates, powers of attorney, notaries' deeds and reports that packs carry, and until when they hold."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from gimonitor.model.zone import BEIJING
from gimonitor.papers.documents import KINDS
from gimonitor.web.access import DeciderPage, EvidencePage
from gimonitor.web.library import GivenDocument, documents_of, hand_out, keep_document
from gimonitor.web.ownleads import gi_choices

router = APIRouter()


@router.get("/documents")
def listed(page: EvidencePage) -> Response:
    """Every document with its validity."""
    on = page.now.astimezone(BEIJING).date()
    return page.render(
        "documents.html",
        "/leads",
        documents=[(each, each.holds(on)) for each in documents_of(page)],
        kinds=KINDS,
        gis=gi_choices(page),
    )


@router.post("/documents")
def add(page: DeciderPage, told: GivenDocument) -> Response:
    """Keep a document."""
    keep_document(page, told)
    return RedirectResponse("/documents", 303)


@router.get("/documents/{sha256}")
def download(page: EvidencePage, sha256: str) -> Response:
    """A document as a file."""
    return hand_out(page, sha256)
