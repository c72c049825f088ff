"""投诉举报: the inbox, one complaint with its leads and answer; 新增线索 by hand, with or without a complaint."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from starlette.responses import RedirectResponse

from gimonitor.model.zone import BEIJING
from gimonitor.store import complaints as store
from gimonitor.web.access import DeciderPage, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.ownleads import OwnLead, gi_choices, gi_name, make_lead
from gimonitor.web.views import Flash
from gimonitor.workflow import inbox
from gimonitor.workflow.clocks import days_left
from gimonitor.workflow.terms import terms
from gimonitor.workflow.vocabulary import ComplaintKind, ComplaintSource

router = APIRouter()
Line = Annotated[str, Form(max_length=300)]
Long = Annotated[str, Form(max_length=4000)]
Url = Annotated[str, Form(max_length=2000)]


@router.get("/complaints")
def overview(page: ReaderPage) -> Response:
    """What waits for an answer, the first due first; what was answered; a form for what came in."""
    with page.services.store.read() as c:
        waiting = store.list_complaints(c, is_open=True, within=page.within)
        answered = store.list_complaints(c, is_open=False, within=page.within, limit=50)
        names = names_of(c)
    return page.render(
        "complaints.html",
        "/complaints",
        waiting=[(one, days_left(one.due_on, page.now)) for one in waiting],
        answered=answered,
        names=names,
        kinds=[(kind, terms().complaint_workdays[kind]) for kind in ComplaintKind],
        sources=list(ComplaintSource),
        gis=gi_choices(page),
        today=page.now.astimezone(BEIJING).date(),
    )


@router.post("/complaints")
def register(
    page: DeciderPage,
    kind: Annotated[ComplaintKind, Form()],
    source: Annotated[ComplaintSource, Form()],
    text: Long = "",
    number: Line = "",
    gi: Line = "",
    url: Url = "",
    received: Annotated[date | None, Form()] = None,
    workdays: Annotated[int | None, Form()] = None,
) -> Response:
    """Register what came in."""
    at = page.now
    if received is not None and received != at.astimezone(BEIJING).date():
        at = datetime.combine(received, time(12), BEIJING)
    with page.services.store.write() as c:
        made = inbox.register(
            c,
            page.person.actor,
            kind=kind,
            source=source,
            number=number,
            gi_id=gi,
            gi_name=gi_name(page, gi) if gi else "",
            text=text,
            url=url,
            received_at=at,
            workdays=workdays if workdays is not None else terms().complaint_workdays[kind].value,
            now=page.now,
        )
    did = "?did=covered" if made.is_covered else "" if made.is_new else "?did=known"
    return RedirectResponse(f"/complaints/{made.id}{did}", 303)


_TOLD = {
    "known": "同样的内容刚才已登记，没有重复登记；这是已登记的一件",
    "covered": "已登记。内容中的电话、证件号等个人信息已遮盖，没有保存；姓名、住址不一定都能识别，请核对",
}


@router.get("/complaints/{complaint_id}")
def one(page: ReaderPage, complaint_id: int, did: Annotated[str, Query(max_length=20)] = "") -> Response:
    """One complaint, its leads, its answer."""
    with page.services.store.read() as c:
        found = store.load_complaint(c, complaint_id)
        leads = store.leads_of_complaint(c, complaint_id)
        names = names_of(c)
    visible = [lead for lead in leads if page.within is None or lead.gi_id in page.within]
    return page.render(
        "complaint.html",
        "/complaints",
        complaint=found,
        left=days_left(found.due_on, page.now),
        leads=visible,
        names=names,
        gis=gi_choices(page),
        flash=Flash(text=_TOLD[did], kind="warn") if did in _TOLD else None,
    )


@router.post("/complaints/{complaint_id}/answer")
def answer(page: DeciderPage, complaint_id: int, text: Long = "") -> Response:
    """Note what was answered."""
    with page.services.store.write() as c:
        inbox.answer(c, page.person.actor, complaint_id, text, now=page.now)
    return RedirectResponse(f"/complaints/{complaint_id}", 303)


@router.post("/complaints/{complaint_id}/link")
def link(page: DeciderPage, complaint_id: int, lead: Annotated[int, Form(ge=1, lt=1 << 62)]) -> Response:
    """Link a lead that exists."""
    with page.services.store.write() as c:
        store.load_complaint(c, complaint_id)
        inbox.link(c, page.person.actor, complaint_id, lead, now=page.now)
    return RedirectResponse(f"/complaints/{complaint_id}", 303)


@router.get("/leads/new")
def form(page: DeciderPage, complaint: int = 0) -> Response:
    """The form for one's own link, photo or recording."""
    with page.services.store.read() as c:
        found = store.load_complaint(c, complaint) if complaint else None
    if found is not None and page.within is not None and found.gi_id not in page.within:
        found = None
    return page.render("newlead.html", "/leads", gis=gi_choices(page), sources=list(ComplaintSource), complaint=found)


@router.post("/leads/new")
def add(page: DeciderPage, told: OwnLead) -> Response:
    """Make the lead, keep the file as its evidence, and open it."""
    made = make_lead(page, told)
    return RedirectResponse(f"/leads/{made.lead_id}?did={'add' if made.is_new else 'known'}.{made.lead_id}.0.", 303)
