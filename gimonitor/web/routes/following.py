"""报送、反馈、复核 on a lead, and 时限, the board of what is due."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.model.zone import BEIJING
from gimonitor.store import complaints, ignores
from gimonitor.web.access import DeciderPage, Page, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.queue import looking_back
from gimonitor.web.sending import Handed, add_receipt, look_again, send_lead
from gimonitor.workflow import clocks, following
from gimonitor.workflow.clocks import days_left
from gimonitor.workflow.ignores import ends_soon
from gimonitor.workflow.vocabulary import Answer, Channel, Seen

router = APIRouter()
Version = Annotated[int, Form()]
Text = Annotated[str, Form(max_length=2000)]
Back = Annotated[str, Form(max_length=600)]


@router.get("/clocks")
def board(page: ReaderPage) -> Response:
    """What is overdue, due soon, to be looked at again, or waits for an answer from within."""
    with page.services.store.read() as c:
        answers = clocks.answers_due(c, page.now, page.within)
        receipts = clocks.receipts_due(c, page.now, page.within)
        counters = clocks.counters(c, page.now, page.within)
        rechecks = clocks.rechecks_due(c, page.now, page.within)
        questions = clocks.open_questions(c, within=page.within)
        waiting = complaints.list_complaints(c, is_open=True, within=page.within)
        rules = ignores.list_ignores(c, running_on=page.now.astimezone(BEIJING).date(), within=page.within)
        names = names_of(c)
    return page.render(
        "clocks.html",
        "/clocks",
        answers=answers,
        receipts=receipts,
        complaints=[(one, days_left(one.due_on, page.now)) for one in waiting],
        ending=[rule for rule in rules if ends_soon(rule, page.now.astimezone(BEIJING).date())],
        counters=counters,
        rechecks=rechecks,
        questions=questions,
        names=names,
    )


@router.post("/leads/{lead_id}/send")
def send(
    page: DeciderPage,
    lead_id: int,
    version: Version,
    channel: Annotated[Channel, Form()],
    addressee: Text,
    workdays: Annotated[int, Form()],
    receipt: Annotated[str, Form(max_length=200)] = "",
    account: Annotated[str, Form(max_length=100)] = "",
    reason: Annotated[str, Form(max_length=100)] = "",
    without_look: Annotated[bool, Form()] = False,
    back: Back = "",
) -> Response:
    """Record a hand-over; the page must have been looked at lately, unless the officer expressly does without."""
    told: Handed = {
        "channel": channel,
        "addressee": addressee,
        "receipt": receipt,
        "workdays": workdays,
        "account": account,
        "reason": reason,
    }
    new = send_lead(page, lead_id, version, told, without_look=without_look)
    return _done(page, "send", lead_id, new, back)


@router.post("/leads/{lead_id}/answer")
def answer(
    page: DeciderPage,
    lead_id: int,
    version: Version,
    notice: Annotated[int, Form()],
    kind: Annotated[Answer, Form()],
    text: Text = "",
    received: Annotated[date | None, Form()] = None,
    back: Back = "",
) -> Response:
    """Record what came back."""
    with page.services.store.write() as c:
        new = following.answer(
            c,
            page.person.actor,
            lead_id,
            version,
            now=page.now,
            notice_id=notice,
            kind=kind,
            text=text,
            received=received,
        )
    return _done(page, "answer", lead_id, new, back)


@router.post("/leads/{lead_id}/recheck")
def recheck(
    page: DeciderPage,
    lead_id: int,
    version: Version,
    seen: Annotated[Seen, Form()],
    text: Text = "",
    back: Back = "",
) -> Response:
    """Record a look at the page."""
    with page.services.store.write() as c:
        new = following.recheck(c, page.person.actor, lead_id, version, now=page.now, seen=seen, text=text)
    return _done(page, "recheck", lead_id, new, back)


@router.post("/leads/{lead_id}/look")
def look(page: DeciderPage, lead_id: int, version: Version, back: Back = "") -> Response:
    """Open the page now, keep what it shows, and record what that means."""
    return _done(page, "recheck", lead_id, look_again(page, lead_id, version), back)


@router.post("/leads/{lead_id}/receipt")
def receipt(
    page: DeciderPage,
    lead_id: int,
    notice: Annotated[int, Form()],
    receipt: Annotated[str, Form(max_length=200)] = "",
    back: Back = "",
) -> Response:
    """Fill in a receipt number that came later."""
    add_receipt(page, lead_id, notice, receipt)
    return _done(page, "receipt", lead_id, 0, back)


@router.post("/leads/{lead_id}/withdraw")
def withdraw(page: DeciderPage, lead_id: int, version: Version, why: Text = "", back: Back = "") -> Response:
    """Take a complaint back that was wrong."""
    with page.services.store.write() as c:
        new = following.withdraw(c, page.person.actor, lead_id, version, now=page.now, why=why)
    return _done(page, "withdraw", lead_id, new, back)


def _done(page: Page, action: str, lead_id: int, version: int, back: str) -> Response:
    return RedirectResponse(looking_back(back).path(lead_id, did=f"{action}.{lead_id}.{version}."), 303)
