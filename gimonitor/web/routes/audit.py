"""审计: who did what, newest first, and whether the chain of entries is whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from gimonitor.register.regions import is_within
from gimonitor.store import audit, people
from gimonitor.store.audit import AuditEntry
from gimonitor.web.access import AuditPage, Page
from gimonitor.web.audited import say_detail, say_object
from gimonitor.web.names import names_of
from gimonitor.web.words import AUDITED, word

router = APIRouter()
LINES = 100
Number = Annotated[int | None, Query(ge=1, lt=1 << 62)]


@router.get("/audit")
def entries(page: AuditPage, before: Number = None, object: Annotated[str, Query(max_length=80)] = "") -> Response:
    """A page of entries, of one object where asked."""
    with page.services.store.read() as c:
        found = entries_of(c, page, before, object)
        head = audit.audit_head(c)
        names = names_of(c)
    lines = [
        (entry, word(AUDITED, entry.action), say_object(entry.object), say_detail(entry.detail)) for entry in found
    ]
    return page.render(
        "audit.html", "/audit", lines=lines, head=head, names=names, object=object, more=len(found) == LINES
    )


def entries_of(c: Connection, page: Page, before: int | None, obj: str) -> tuple[AuditEntry, ...]:
    """Entries that the auditor may see, the newest first."""
    return audit.latest_audit(c, LINES, before=before, obj=obj or None, who=_whose(c, page))


def _whose(c: Connection, page: Page) -> list[str] | None:
    """Whose acts an auditor sees: everybody's, or those of the people whose areas lie within the auditor's own."""
    mine = page.person.areas
    if not mine:
        return None
    return [p.login for p in people.list_people(c) if p.areas and all(is_within(area, mine) for area in p.areas)]


@router.get("/audit/check")
def check(page: AuditPage) -> Response:
    """Walk the whole chain."""
    with page.services.store.read() as c:
        broken = audit.verify_audit(c)
        head = audit.audit_head(c)
    return page.render("audit_check.html", "/audit", broken=broken, head=head)
