"""投诉举报: registering what came in with the day by which it is to be answered, and answering it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING
from gimonitor.register.calendar import add_workdays
from gimonitor.store import audit, leads
from gimonitor.store import complaints as store
from gimonitor.store.complaints import Complaint
from gimonitor.text.personal import cover_personal
from gimonitor.workflow.decisions import Actor, require_within
from gimonitor.workflow.vocabulary import ComplaintKind, ComplaintSource

TWICE = timedelta(minutes=1)
"""Within so long the same in the same words is one form sent twice."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What was registered, and whether it is new: the same form sent twice is registered once. `is_covered`: personal data
    in its text was covered and not kept."""

    id: int
    is_new: bool
    is_covered: bool = False


def register(
    c: Connection,
    actor: Actor,
    *,
    kind: ComplaintKind,
    source: ComplaintSource,
    number: str,
    gi_id: str,
    gi_name: str,
    text: str,
    url: str,
    received_at: datetime,
    workdays: int,
    now: datetime,
) -> Registered:
    """Store what came in, or find it where the same was sent a moment ago; its last day is so many working days after it
    came. Personal data in the text is covered: the complainant's stays on the source's platform. Raises InputError."""
    if not text.strip():
        raise InputError("须填写投诉举报的内容")
    if received_at > now:
        raise InputError("收到日期不能晚于今日")
    if not 1 <= workdays <= 120:
        raise InputError("时限须为 1–120 个工作日")
    if actor.within is not None and gi_id not in actor.within:
        raise InputError("请选择您辖区内的地理标志")
    complaint = Complaint(
        kind=kind.value,
        source=source.value,
        number=number.strip(),
        gi_id=gi_id,
        gi_name=gi_name,
        text=cover_personal(text.strip()),
        url=url.strip(),
        received_at=received_at,
        due_on=add_workdays(received_at.astimezone(BEIJING).date(), workdays),
        who=actor.login,
    )
    audit.take_turn(c)
    before = store.same_complaint(c, complaint, TWICE, now)
    if before is not None:
        return Registered(before, is_new=False)
    made = store.add_complaint(c, complaint)
    detail: dict[str, object] = {"kind": kind.value, "source": source.value, "number": number.strip()}
    audit.append_audit(c, actor.login, store.ADDED, f"complaint:{made}", detail, at=now)
    return Registered(made, is_new=True, is_covered=complaint.text != text.strip())


def answer(c: Connection, actor: Actor, complaint_id: int, text: str, *, now: datetime) -> None:
    """Note what was answered, personal data covered. Raises InputError for an empty answer, ConflictError for a second one."""
    if not text.strip():
        raise InputError("须填写答复内容")
    said = cover_personal(text.strip())
    store.answer_complaint(c, complaint_id, actor.login, said, now)
    audit.append_audit(c, actor.login, "complaint.answer", f"complaint:{complaint_id}", {"text": said}, at=now)


def link(c: Connection, actor: Actor, complaint_id: int, lead_id: int, *, now: datetime) -> None:
    """Say that a lead belongs to a complaint."""
    require_within(actor, leads.load_lead_row(c, lead_id).gi_id)
    store.link_lead(c, complaint_id, lead_id)
    audit.append_audit(c, actor.login, "complaint.link", f"complaint:{complaint_id}", {"lead": lead_id}, at=now)
