"""报送、反馈、复核 on a lead, and 时限, the board of what is due."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.web import words
from gimonitor.web.access import DeciderPage, Page, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.queue import looking_back
from gimonitor.workflow import clocks, following
from gimonitor.workflow.following import Answer, Channel, Seen

router = APIRouter()
Version = Annotated[int, Form()]
Text = Annotated[str, Form(max_length=2000)]
Back = Annotated[str, Form(max_length=600)]


@router.get("/clocks")
def board(page: ReaderPage) -> Response:
    """What is overdue, due soon, to be looked at again, or waits for an answer from within."""
    with page.services.store.read() as c:
        answers = clocks.answers_due(c, page.now)
        counters = clocks.counters(c, page.now)
        rechecks = clocks.rechecks_due(c, page.now)
        questions = clocks.open_questions(c)
        names = names_of(c)
    return page.render(
        "clocks.html",
        "/clocks",
        answers=answers,
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
    back: Back = "",
) -> Response:
    """Record a hand-over."""
    with page.services.store.write() as c:
        new = following.send(
            c,
            page.person.actor,
            lead_id,
            version,
            now=page.now,
            channel=channel,
            addressee=addressee,
            receipt=receipt,
            workdays=workdays,
        )
    return _done(page, "send", lead_id, new, back)


@router.post("/leads/{lead_id}/answer")
def answer(
    page: DeciderPage,
    lead_id: int,
    version: Version,
    notice: Annotated[int, Form()],
    kind: Annotated[Answer, Form()],
    text: Text = "",
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
            word=words.ANSWERS[kind],
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
        new = following.recheck(
            c, page.person.actor, lead_id, version, now=page.now, seen=seen, text=text, word=words.SEEN[seen]
        )
    return _done(page, "recheck", lead_id, new, back)


def _done(page: Page, action: str, lead_id: int, version: int, back: str) -> Response:
    return RedirectResponse(looking_back(back).path(lead_id, did=f"{action}.{lead_id}.{version}."), 303)
