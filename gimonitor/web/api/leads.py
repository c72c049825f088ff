"""Leads: pages of the queue, one with everything about it, and the acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from gimonitor.model.lead import Resolution, State
from gimonitor.store import audit, leads
from gimonitor.store.leads import LeadRecord, QueueFilter, QueueRow
from gimonitor.web.api.common import Actor, Body, Decider, Done, Id, OnLead, Reader, done
from gimonitor.web.sending import Handed, add_receipt, look_again, send_lead
from gimonitor.workflow import decisions, following, holds
from gimonitor.workflow.states import Action
from gimonitor.workflow.vocabulary import Answer, Channel, Seen, Topic

router = APIRouter(tags=["leads"])


class Plain(StrEnum):
    """Acts that need nothing but a reason and a resolution."""

    CLAIM = Action.CLAIM.value
    JUDGE = Action.JUDGE.value
    APPROVE = Action.APPROVE.value
    RETURN = Action.RETURN.value
    CLOSE = Action.CLOSE.value
    REOPEN = Action.REOPEN.value
    UNDO = Action.UNDO.value
    REPLY = Action.REPLY.value
    RELEASE = Action.RELEASE.value


class Act(OnLead):
    """A plain act; `resolution` is for judging."""

    resolution: Resolution | None = None


class Hold(OnLead):
    """Putting aside until the morning of a day, or, without one, until somebody releases it."""

    until: date | None = None


class Question(OnLead):
    """A question to the approvers."""

    topic: Topic = Topic.OTHER


class Consultation(OnLead):
    """A question to a colleague."""

    to: str = Field(max_length=64)


class Opinion(OnLead):
    """What one would decide."""

    proposed: Resolution | None = None


class Sending(OnLead):
    """A hand-over of the lead's newest pack for the channel; `without_look` says that nobody looked at the page before, on record."""

    channel: Channel
    addressee: str = Field(max_length=2000)
    workdays: int
    receipt: str = Field(default="", max_length=200)
    account: str = Field(default="", max_length=100)
    reason: str = Field(default="", max_length=100)
    without_look: bool = False


class Answered(OnLead):
    """What came back to a notice; `why` is what it says."""

    notice: int = Field(ge=1, lt=1 << 62)
    kind: Answer
    received: date | None = None


class Receipt(Body):
    """A receipt number that came later, for a notice of the lead."""

    notice: int = Field(ge=1, lt=1 << 62)
    receipt: str = Field(max_length=200)


class Looked(OnLead):
    """What a page showed when it was looked at again."""

    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """A page of leads, highest score first; `next` is passed back as `after`, null at the end."""

    rows: tuple[QueueRow, ...]
    next: str | None


@router.get("/leads")
def list_leads(
    page: Reader,
    state: Annotated[list[State] | None, Query(max_length=8)] = None,
    gi: Annotated[str, Query(max_length=100)] = "",
    platform: Annotated[str, Query(max_length=60)] = "",
    text: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=60, pattern=r"^(\d{1,3}(\.\d{1,17})?_\d{1,18})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Leads:
    """A page of the queue."""
    wanted = QueueFilter(
        states=tuple(state or ()),
        gi_ids=(gi,) if gi else (),
        platforms=(platform,) if platform else (),
        text=text,
    )
    score, _, last = after.partition("_")
    with page.services.store.read() as c:
        found = leads.queue_page(c, page.area(wanted), (float(score), int(last)) if after else None, limit)
    return Leads(rows=found.rows, next=f"{found.next[0]!r}_{found.next[1]}" if found.next else None)


@router.get("/leads/{lead_id}")
def show_lead(page: Reader, lead_id: Id) -> LeadRecord:
    """One lead with its listing, findings, decisions, captures, packs and notices."""
    with page.services.store.write() as c:
        record = leads.load_lead(c, lead_id)
        audit.append_audit(c, page.person.login, "lead.view", f"lead:{lead_id}", {"api": True}, at=page.now)
    return record


@router.post("/leads/{lead_id}/hold")
def hold(page: Decider, lead_id: Id, what: Hold) -> Done:
    """Put a lead aside."""
    with page.services.store.write() as c:
        holds.hold(c, page.person.actor, lead_id, what.version, now=page.now, until=what.until, why=what.why)
        return done(c, lead_id)


@router.post("/leads/{lead_id}/ask")
def ask(page: Decider, lead_id: Id, what: Question) -> Done:
    """Ask the approvers; `reply` answers."""
    with page.services.store.write() as c:
        holds.ask(c, page.person.actor, lead_id, what.version, now=page.now, topic=what.topic, why=what.why)
        return done(c, lead_id)


@router.post("/leads/{lead_id}/consult")
def consult(page: Decider, lead_id: Id, what: Consultation) -> Done:
    """Ask a colleague, who must be able to open the lead and say something on it, for a second opinion."""
    with page.services.store.write() as c:
        register = page.services.register
        holds.consult(
            c, page.person.actor, lead_id, what.version, now=page.now, to=what.to, why=what.why, register=register
        )
        return done(c, lead_id)


@router.post("/leads/{lead_id}/opinion")
def opinion(page: Actor, lead_id: Id, what: Opinion) -> Done:
    """Say what one would decide; it decides nothing."""
    with page.services.store.write() as c:
        holds.opine(c, page.person.actor, lead_id, what.version, now=page.now, proposed=what.proposed, why=what.why)
        return done(c, lead_id)


@router.post("/leads/{lead_id}/send")
def send(page: Decider, lead_id: Id, what: Sending) -> Done:
    """Record that the lead's newest pack for the channel was handed over; nothing is sent from here. The page must have been looked at lately."""
    told: Handed = {
        "channel": what.channel,
        "addressee": what.addressee,
        "receipt": what.receipt,
        "workdays": what.workdays,
        "account": what.account,
        "reason": what.reason,
    }
    send_lead(page, lead_id, what.version, told, without_look=what.without_look)
    with page.services.store.read() as c:
        return done(c, lead_id)


@router.post("/leads/{lead_id}/answer")
def answer(page: Decider, lead_id: Id, what: Answered) -> Done:
    """Record what a platform or bureau answered."""
    with page.services.store.write() as c:
        following.answer(
            c,
            page.person.actor,
            lead_id,
            what.version,
            now=page.now,
            notice_id=what.notice,
            kind=what.kind,
            text=what.why,
            received=what.received,
        )
        return done(c, lead_id)


@router.post("/leads/{lead_id}/receipt")
def receipt(page: Decider, lead_id: Id, what: Receipt) -> Done:
    """Fill in a receipt number that came later."""
    add_receipt(page, lead_id, what.notice, what.receipt)
    with page.services.store.read() as c:
        return done(c, lead_id)


@router.post("/leads/{lead_id}/recheck")
def recheck(page: Decider, lead_id: Id, what: Looked) -> Done:
    """Record a look at the page of a lead that was sent."""
    with page.services.store.write() as c:
        following.recheck(c, page.person.actor, lead_id, what.version, now=page.now, seen=what.seen, text=what.why)
        return done(c, lead_id)


@router.post("/leads/{lead_id}/look")
def look(page: Decider, lead_id: Id, what: OnLead) -> Done:
    """Open the page of a lead that was sent in Chromium now, keep what it shows, and record that as a look. Takes up to a
    minute."""
    look_again(page, lead_id, what.version)
    with page.services.store.read() as c:
        return done(c, lead_id)


@router.post("/leads/{lead_id}/withdraw")
def withdraw(page: Decider, lead_id: Id, what: OnLead) -> Done:
    """Take a complaint back that was wrong."""
    with page.services.store.write() as c:
        following.withdraw(c, page.person.actor, lead_id, what.version, now=page.now, why=what.why)
        return done(c, lead_id)


@router.post("/leads/{lead_id}/{action}")
def act(page: Actor, lead_id: Id, action: Plain, what: Act) -> Done:
    """Do one act; 409 when somebody else was first."""
    with page.services.store.write() as c:
        decisions.act(
            c,
            page.person.actor,
            lead_id,
            what.version,
            Action(action.value),
            now=page.now,
            resolution=what.resolution,
            why=what.why,
        )
        return done(c, lead_id)
