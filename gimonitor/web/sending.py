"""报送 as screen and interface record it: one rule for both, that the page was looked at lately."""

from __future__ import annotations

from typing import TypedDict

from gimonitor.errors import InputError
from gimonitor.papers.looking import lacking_look
from gimonitor.store import leads
from gimonitor.web.access import Page
from gimonitor.workflow import following
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
    """Record that the lead's newest pack was handed over; the lead's version after it.

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
