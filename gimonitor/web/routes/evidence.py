"""固证: capture a lead's page now, hand out evidence files, build and hand out packs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError, NotFoundError
from gimonitor.papers.packing import pack_lead
from gimonitor.papers.taking import take_for_lead
from gimonitor.store import audit, captures, leads
from gimonitor.store.captures import RESPONSE, StoredCapture
from gimonitor.web.access import DeciderPage, EvidencePage, Page
from gimonitor.web.files import PICTURES, attached_bytes, attachment, capture_path, inside, picture
from gimonitor.web.outside import require_outside
from gimonitor.web.pictures import reencode
from gimonitor.web.queue import looking_back
from gimonitor.web.shown import web_address

router = APIRouter()


@router.post("/leads/{lead_id}/capture")
def capture(page: DeciderPage, lead_id: int, back: Annotated[str, Form(max_length=600)] = "") -> Response:
    """Open the lead's page in Chromium and keep what it shows."""
    with page.services.store.read() as c:
        record = leads.load_lead(c, lead_id)
    if not web_address(record.suspected.url):
        raise InputError("链接不是 http(s) 地址，不能固证")
    services = page.services
    require_outside(record.suspected.url, services.configuration)
    take_for_lead(services.store, record, services.configuration, who=page.person.login, now=page.now)
    return RedirectResponse(looking_back(back).path(lead_id, did=f"capture.{lead_id}.0."), 303)


@router.post("/leads/{lead_id}/pack")
def pack(page: DeciderPage, lead_id: int, back: Annotated[str, Form(max_length=600)] = "") -> Response:
    """Build an evidence pack of the lead; it is whole or it is not there."""
    services = page.services
    pack_lead(services.store, services.configuration, lead_id, who=page.person.login, now=page.now)
    return RedirectResponse(looking_back(back).path(lead_id, did=f"pack.{lead_id}.0."), 303)


@router.get("/packs/{pack_id}")
def download_pack(page: EvidencePage, pack_id: int) -> Response:
    """The pack as a file."""
    with page.services.store.read() as c:
        stored = captures.load_pack(c, pack_id)
    path = inside(page.services.configuration.packs_dir, stored.file)
    _note(page, "pack.download", f"pack:{pack_id}", stored.sha256)
    return attachment(path, path.name)


@router.get("/leads/{lead_id}/evidence/{capture_id}")
def download(page: EvidencePage, lead_id: int, capture_id: int) -> Response:
    """An evidence file as it lies; of a response in a WARC file, its record alone (a WARC file by itself)."""
    stored = _capture(page, lead_id, capture_id)
    path = capture_path(page.services.configuration, stored)
    _note(page, "evidence.download", f"capture:{capture_id}", stored.sha256)
    if stored.kind == RESPONSE and stored.offset is not None and stored.length is not None:
        with path.open("rb") as file:
            file.seek(stored.offset)
            return attached_bytes(file.read(stored.length), f"response-{capture_id}.warc.gz")
    return attachment(path, f"{lead_id}-{path.name}")


@router.get("/leads/{lead_id}/evidence/{capture_id}/thumbnail")
def thumbnail(page: EvidencePage, lead_id: int, capture_id: int) -> Response:
    """The top of a screenshot, small."""
    return _picture(page, lead_id, capture_id, width=240, height=240)


@router.get("/leads/{lead_id}/evidence/{capture_id}/picture")
def large(page: EvidencePage, lead_id: int, capture_id: int) -> Response:
    """A screenshot to look at; the untouched file is the download."""
    return _picture(page, lead_id, capture_id, width=1600)


def _picture(page: Page, lead_id: int, capture_id: int, *, width: int, height: int | None = None) -> Response:
    stored = _capture(page, lead_id, capture_id)
    if stored.kind not in PICTURES:
        raise NotFoundError("这份证据不是图片")
    return picture(reencode(capture_path(page.services.configuration, stored), width=width, height=height))


def _capture(page: Page, lead_id: int, capture_id: int) -> StoredCapture:
    with page.services.store.read() as c:
        lead = leads.load_lead_row(c, lead_id)
        for stored in captures.captures_of(c, lead.listing_id, lead_id):
            if stored.id == capture_id:
                return stored
    raise NotFoundError(f"线索 {lead_id} 没有证据 {capture_id}")


def _note(page: Page, action: str, obj: str, sha256: str) -> None:
    with page.services.store.write() as c:
        audit.append_audit(c, page.person.login, action, obj, {"sha256": sha256}, at=page.now)
