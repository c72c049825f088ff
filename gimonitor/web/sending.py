"""报送 and 复核 as screen and interface record them: one rule for both, that the page was looked at lately."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import Connection

from gimonitor.errors import ConflictError, InputError
from gimonitor.papers.looking import lacking_look
from gimonitor.papers.places import custody_log
from gimonitor.papers.rechecking import look_at
from gimonitor.store import captures, leads
from gimonitor.store.captures import Notice
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
        new = following.send(c, page.person.actor, lead_id, version, now=page.now, remark=remark, **told)
        _note_custody(c, page, captures.notices_of(c, lead_id)[-1], "sent")
    return new


def add_receipt(page: Page, lead_id: int, notice_id: int, receipt: str) -> None:
    """Fill in the number under which a pack was received. Raises InputError for an empty one or an unknown notice."""
    with page.services.store.write() as c:
        following.add_receipt(c, page.person.actor, lead_id, notice_id, receipt, now=page.now)
        [notice] = [notice for notice in captures.notices_of(c, lead_id) if notice.id == notice_id]
        _note_custody(c, page, notice, "receipted")


def _note_custody(c: Connection, page: Page, notice: Notice, act: str) -> None:
    """A hand-over as an entry of the custody log, the last step before its record stands: what is refused leaves none."""
    pack = next((pack for pack in captures.packs_of(c, notice.lead_id) if pack.id == notice.pack_id), None)
    detail = f"lead:{notice.lead_id} {notice.channel} -> {notice.detail.get('addressee', '')}; receipt {notice.receipt or '-'}"
    custody_log(page.services.configuration).append(
        page.person.login,
        act,
        pack.file.rpartition("/")[2] if pack else f"notice:{notice.id}",
        sha256=pack.sha256 if pack else "",
        detail=detail,
    )


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
