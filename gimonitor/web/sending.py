"""报送 and 复核 as screen and interface record them: one rule for both, that the page was looked at lately."""

from __future__ import annotations

from typing import TypedDict

from gimonitor.errors import ConflictError, InputError
from gimonitor.papers.looking import lacking_look
from gimonitor.papers.rechecking import look_at
from gimonitor.store import leads
from gimonitor.web.access import Page
from gimonitor.workflow import following
from gimonitor.workflow.decisions import standing_of
from gimonitor.workflow.states import Action, possible
from gimonitor.workflow.vocabulary import Channel


class Handed(TypedDict):
    """What is told of a hand-over."""

    channel: Channel
    addressee: str
    receipt: str
    workdays: int
    account: str
    reason: str


def send_lead(page: Page, lead_id: int, version: int, told: Handed, *, without_look: bool) -> int:
    """Record that the lead's newest pack for the channel was handed over; the lead's version after it.

    Raises InputError where nobody looked at the page lately, unless the person expressly does without; then it is on record.
    """
    with page.services.store.read() as c:
        record = leads.load_lead(c, lead_id)
    why = lacking_look(record, page.now, page.services.configuration.look_hours)
    if record.packs and why and not without_look:
        raise InputError(f"报送前须先复看页面：{why}。请在“取证出包”中复看，或者勾选“未复看，仍要登记”")
    remark = f"未复看即报送：{why}" if why else ""
    with page.services.store.write() as c:
        return following.send(c, page.person.actor, lead_id, version, now=page.now, remark=remark, **told)


def look_again(page: Page, lead_id: int, version: int) -> int:
    """Open the page of a lead that was sent now, keep what it shows, and record what that means; the version after it.

    Raises ConflictError where the lead is not to be looked at again.
    """
    services, person = page.services, page.person
    with services.store.read() as c:
        record = leads.load_lead(c, lead_id)
    if Action.RECHECK not in possible(standing_of(record), who=person.login, roles=person.roles):
        raise ConflictError("当前状态不能复核")
    found = look_at(services.store, record, services.configuration, who=person.login, now=page.now)
    with services.store.write() as c:
        return following.recheck(c, person.actor, lead_id, version, now=page.now, seen=found.seen, text=found.text)
