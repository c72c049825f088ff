"""材料库 as screen and interface use it: the documents of a person's area, and one more as it came in."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Form, Response, UploadFile

from gimonitor.errors import InputError, NotFoundError
from gimonitor.evidence.files import safe_name
from gimonitor.papers.documents import MAX_BYTES, Document, DocumentKind
from gimonitor.papers.places import document_store
from gimonitor.store import audit
from gimonitor.web.access import Page
from gimonitor.web.files import attachment

Short = Annotated[str, Form(max_length=200)]
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The form of a document as it was filled in, and its file."""

    file: UploadFile
    kind: DocumentKind
    title: str
    holder: str
    number: str
    gi_id: str
    starts: date | None
    ends: date | None
    undated: bool
    correct: bool


def told_of(
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
) -> Told:
    """What screen and interface are told of a document; days as 2026-11-20. Raises InputError."""
    return Told(
        file=file,
        kind=kind,
        title=title.strip(),
        holder=holder.strip(),
        number=number.strip(),
        gi_id=gi_id.strip(),
        starts=_day(starts),
        ends=_day(ends),
        undated=undated,
        correct=correct,
    )


GivenDocument = Annotated[Told, Depends(told_of)]


def keep_document(page: Page, told: Told) -> Document:
    """Keep a document. Raises InputError for a GI outside the person's area, and as the store of documents does."""
    services = page.services
    if page.within is not None and told.gi_id not in page.within:
        raise InputError("请选择您辖区内的地理标志")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / safe_name(told.file.filename or "document", 100)
        _copy(told.file, source)
        kept = document_store(services.configuration).add(
            source,
            told.kind,
            title=told.title,
            holder=told.holder,
            number=told.number,
            gi_id=told.gi_id,
            starts=told.starts,
            ends=told.ends,
            undated=told.undated,
            corrects=told.correct,
            reserve=services.configuration.disk_reserve_mb << 20,
        )
    _note(page, "document.add", kept)
    return kept


def _copy(file: UploadFile, target: Path) -> None:
    with target.open("wb") as copy:
        while chunk := file.file.read(_CHUNK):
            copy.write(chunk)
            if copy.tell() > MAX_BYTES:
                raise InputError(f"材料不能超过 {MAX_BYTES >> 20} MiB")


def documents_of(page: Page) -> list[Document]:
    """The documents that the person may see: of all GIs, or of one in their area."""
    found = document_store(page.services.configuration).documents()
    return [each for each in found if not each.gi_id or page.within is None or each.gi_id in page.within]


def hand_out(page: Page, sha256: str) -> Response:
    """A document as a file, with its audit entry. Raises NotFoundError."""
    for document in documents_of(page):
        if document.sha256 == sha256:
            path = document_store(page.services.configuration).path_of(document)
            _note(page, "document.download", document)
            return attachment(path, path.name)
    raise NotFoundError("材料库中没有这份材料")


def _note(page: Page, action: str, document: Document) -> None:
    with page.services.store.write() as c:
        detail = {"sha256": document.sha256, "title": document.title}
        audit.append_audit(c, page.person.login, action, f"document:{document.sha256[:16]}", detail, at=page.now)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise InputError(f"日期写法应如 2026-11-20：{text[:30]}") from None
