"""材料库: certificates, powers of attorney, notaries' deeds and reports that packs carry, and until when they hold."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Response, UploadFile
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError, NotFoundError
from gimonitor.evidence.files import safe_name
from gimonitor.model.zone import BEIJING
from gimonitor.papers.documents import KINDS, MAX_BYTES, Document, DocumentKind
from gimonitor.papers.places import document_store
from gimonitor.store import audit
from gimonitor.web.access import DeciderPage, EvidencePage, Page
from gimonitor.web.files import attachment
from gimonitor.web.ownleads import gi_choices

router = APIRouter()
Short = Annotated[str, Form(max_length=200)]
_CHUNK = 1 << 20


@router.get("/documents")
def listed(page: EvidencePage) -> Response:
    """Every document with its validity."""
    on = page.now.astimezone(BEIJING).date()
    return page.render(
        "documents.html",
        "/leads",
        documents=[(each, each.holds(on)) for each in _mine(page)],
        kinds=KINDS,
        gis=gi_choices(page),
    )


@router.post("/documents")
def add(
    page: DeciderPage,
    file: UploadFile,
    kind: Annotated[DocumentKind, Form()],
    title: Short,
    holder: Short,
    number: Short = "",
    gi_id: Short = "",
    starts: Short = "",
    ends: Short = "",
    undated: Annotated[bool, Form()] = False,
    correct: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a document."""
    services = page.services
    if page.within is not None and gi_id.strip() not in page.within:
        raise InputError("请选择您辖区内的地理标志")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / safe_name(file.filename or "document", 100)
        with source.open("wb") as target:
            while chunk := file.file.read(_CHUNK):
                target.write(chunk)
                if target.tell() > MAX_BYTES:
                    raise InputError(f"材料不能超过 {MAX_BYTES >> 20} MiB")
        kept = document_store(services.configuration).add(
            source,
            kind,
            title=title.strip(),
            holder=holder.strip(),
            number=number.strip(),
            gi_id=gi_id.strip(),
            starts=_day(starts),
            ends=_day(ends),
            undated=undated,
            corrects=correct,
            reserve=services.configuration.disk_reserve_mb << 20,
        )
    _note(page, "document.add", kept)
    return RedirectResponse("/documents", 303)


@router.get("/documents/{sha256}")
def download(page: EvidencePage, sha256: str) -> Response:
    """A document as a file."""
    for document in _mine(page):
        if document.sha256 == sha256:
            path = document_store(page.services.configuration).path_of(document)
            _note(page, "document.download", document)
            return attachment(path, path.name)
    raise NotFoundError("材料库中没有这份材料")


def _mine(page: Page) -> list[Document]:
    """The documents that the person may see: of all GIs, or of one in their area."""
    found = document_store(page.services.configuration).documents()
    return [each for each in found if not each.gi_id or page.within is None or each.gi_id in page.within]


def _note(page: Page, action: str, document: Document) -> None:
    with page.services.store.write() as c:
        detail = {"sha256": document.sha256, "title": document.title}
        audit.append_audit(c, page.person.login, action, f"document:{document.sha256[:16]}", detail, at=page.now)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise InputError(f"日期写法应如 2026-11-20：{text[:30]}") from None
