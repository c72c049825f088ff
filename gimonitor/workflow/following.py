"""报送与跟进: what was sent with which pack, what came back, and looking again, each with its decision in one transaction.

Nothing is sent from here: an officer hands a pack over by hand and records it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.register.calendar import add_workdays
from gimonitor.store import captures, leads, listings
from gimonitor.store.captures import Notice
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.states import Action

BEIJING = ZoneInfo("Asia/Shanghai")
COUNTER_DAYS = 15
"""Days after a seller's statement reached the right holder in which to complain or sue. Source: 电子商务法 art. 43(2)."""
MOST_WORKDAYS = 120


class Channel(StrEnum):
    """Where a pack went."""

    PLATFORM = "platform"
    TRANSFER = "transfer"
    GUIDANCE = "guidance"


class Answer(StrEnum):
    """What came back."""

    ACCEPTED = "accepted"
    REMOVED = "removed"
    REJECTED = "rejected"
    MORE = "more"
    COUNTER = "counter"
    OTHER = "other"


class Seen(StrEnum):
    """What a look at the page after sending showed."""

    GONE = "gone"
    STILL_UP = "still_up"
    CHANGED = "changed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


def send(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    *,
    now: datetime,
    channel: Channel,
    addressee: str,
    receipt: str,
    workdays: int,
) -> int:
    """Record that the lead's newest pack was handed over; the answer is due at the end of the last working day.

    Raises InputError where there is no pack, no addressee, or the term is out of range.
    """
    packs = captures.packs_of(c, lead_id)
    if not packs:
        raise InputError("报送前须先导出证据包")
    if not addressee.strip():
        raise InputError("须填写报送对象")
    if not 1 <= workdays <= MOST_WORKDAYS:
        raise InputError(f"时限须为 1–{MOST_WORKDAYS} 个工作日")
    why = f"{addressee.strip()}，回执 {receipt.strip() or '（待补）'}"
    new = decisions.send(c, actor, lead_id, version, now=now, why=why)
    notice = Notice(
        lead_id=lead_id,
        channel=channel.value,
        sent_at=now,
        who=actor.login,
        pack_id=packs[-1].id,
        receipt=receipt.strip(),
        due_at=term(now, workdays),
        detail={"addressee": addressee.strip(), "workdays": workdays},
    )
    captures.save_notice(c, notice)
    return new


def answer(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    *,
    now: datetime,
    notice_id: int,
    kind: Answer,
    text: str,
    word: str,
) -> int:
    """Record what came back on a notice. A counter-notice starts its 15 days. `word` is the kind for the history."""
    notice = next((n for n in captures.notices_of(c, lead_id) if n.id == notice_id), None)
    if notice is None:
        raise InputError("该线索没有这次报送记录")
    new = decisions.act(c, actor, lead_id, version, Action.ANSWER, now=now, why=f"{word}：{text.strip()}".rstrip("："))
    detail = {**notice.detail, "kind": kind.value}
    if kind is Answer.COUNTER:
        detail["counter_until"] = (now + timedelta(days=COUNTER_DAYS)).astimezone(BEIJING).date().isoformat()
    captures.answer_notice(c, notice_id, now, text.strip() or word, detail)
    return new


def recheck(
    c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, seen: Seen, text: str, word: str
) -> int:
    """Record a look at the page. A page that is gone is noted on the listing, so that its return is noticed."""
    new = decisions.recheck(c, actor, lead_id, version, now=now, why=f"{word}：{text.strip()}".rstrip("："))
    if seen is Seen.GONE:
        listings.mark_gone(c, leads.load_lead_row(c, lead_id).listing_id, now)
    return new


def term(now: datetime, workdays: int) -> datetime:
    """The end, in Beijing, of the last of so many working days after the day of `now`."""
    last = add_workdays(now.astimezone(BEIJING).date(), workdays)
    return datetime.combine(last, time(23, 59, 59), BEIJING).astimezone(now.tzinfo)
