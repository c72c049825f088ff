"""报送与跟进: what was sent with which pack, what came back, looking again, taking back, each with its decision in one
transaction.

Nothing is sent from here: an officer hands a pack over by hand and records it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.lead import State
from gimonitor.model.zone import BEIJING
from gimonitor.register.calendar import add_workdays
from gimonitor.store import audit, captures, clocks, leads, listings
from gimonitor.store.captures import Notice, StoredPack
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.notices import counter_until, days_after, is_withdrawn, log_of, without_days
from gimonitor.workflow.states import Action
from gimonitor.workflow.terms import terms
from gimonitor.workflow.vocabulary import CARRIED, INTERIM, OF_THE_SELLER, Answer, Channel, Seen
from gimonitor.workflow.words import ANSWERS, CHANNELS, SEEN

MOST_WORKDAYS = 120


def packs_for(packs: Iterable[StoredPack], channel: Channel) -> list[StoredPack]:
    """Those that can be handed over on this way, in their order."""
    return [pack for pack in packs if pack.kind in CARRIED[channel]]


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
    account: str = "",
    reason: str = "",
    remark: str = "",
) -> int:
    """Record that the lead's newest pack for this channel was handed over; the answer is due at the end of the last working day.

    `account` is the complainant's on the platform and `reason` the platform's reason code: platforms grade by both.
    Raises InputError where there is no such pack but one that was taken back, no addressee, or the term is out of range.
    """
    packs = packs_for(captures.packs_of(c, lead_id), channel)
    if not packs:
        raise InputError(f"报送前须先生成用于“{CHANNELS[channel]}”的证据包；其他用途的和留存本单位的不作报送登记")
    if any(is_withdrawn(notice) and notice.pack_id == packs[-1].id for notice in captures.notices_of(c, lead_id)):
        raise InputError("最近的证据包已随撤回的报送作废，请重新导出证据包")
    if not addressee.strip():
        raise InputError("须填写报送对象")
    if not 1 <= workdays <= MOST_WORKDAYS:
        raise InputError(f"时限须为 1–{MOST_WORKDAYS} 个工作日")
    number = f"回执 {receipt.strip()}" if receipt.strip() else "报送时没有回执编号"
    why = f"{addressee.strip()}，{number}" + (f"；{remark}" if remark else "")
    looks: dict[str, object] = {"look_on": next_look(now, now)}
    new = decisions.send(c, actor, lead_id, version, now=now, why=why, detail=looks)
    detail: dict[str, object] = {"addressee": addressee.strip(), "workdays": workdays}
    detail |= {"account": account.strip(), "reason": reason.strip()}
    notice = Notice(
        lead_id=lead_id,
        channel=channel.value,
        sent_at=now,
        who=actor.login,
        pack_id=packs[-1].id,
        receipt=receipt.strip(),
        due_at=term(now, workdays),
        detail=detail,
    )
    captures.save_notice(c, notice)
    return new


def add_receipt(c: Connection, actor: Actor, lead_id: int, notice_id: int, receipt: str, *, now: datetime) -> None:
    """Fill in the number under which a pack was received. Raises InputError for an empty one or an unknown notice."""
    decisions.require_within(actor, leads.load_lead_row(c, lead_id).gi_id)
    notice = _notice(c, lead_id, notice_id)
    if not receipt.strip():
        raise InputError("须填写回执编号")
    filled: dict[str, object] = {"who": actor.login, "on": now.astimezone(BEIJING).date().isoformat()}
    clocks.change_notice(c, notice_id, receipt=receipt.strip(), detail=notice.detail | {"receipt_filled": filled})
    said = {"notice": notice_id, "receipt": receipt.strip(), "before": notice.receipt}
    audit.append_audit(c, actor.login, "notice.receipt", f"lead:{lead_id}", said, at=now)


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
    received: date | None = None,
) -> int:
    """Record what came back on a notice, `received` on a day (today where not said).

    The answer belongs to the notice and is kept whatever came between; it moves the lead only where that is no step
    back. A word that something is under way leaves the clocks running; a counter-notice starts its days.
    Raises InputError (day, or a notice that was taken back).
    """
    notice = _notice(c, lead_id, notice_id)
    today = now.astimezone(BEIJING).date()
    on = received or today
    if not notice.sent_at.astimezone(BEIJING).date() <= on <= today:
        raise InputError(f"收到反馈的日期 {on} 应在报送之后、今日之前")
    word, said = ANSWERS[kind], text.strip()
    told: dict[str, object] = {"notice": notice_id, "kind": kind.value, "on": on.isoformat()}
    why = f"{word}：{said}" if said else word
    new = _answered(c, actor, lead_id, version, notice, kind, now=now, why=why, detail=told)
    came = datetime.combine(on, time(12), BEIJING) if on != today else now
    entry = {"kind": kind.value, "on": on.isoformat(), "at": came.isoformat(), "text": said}
    log = [*log_of(notice), entry]
    kept = without_days(notice) | days_after(notice, kind, on) | {"log": log}
    is_settled = notice.answered_at is not None
    if not (is_settled and (kind in INTERIM or kind is Answer.CONTESTED)):
        kept |= {"kind": kind.value}
    moves = kind not in INTERIM and not (is_settled and kind in OF_THE_SELLER)
    clocks.change_notice(c, notice_id, answered_at=came if moves else None, answer=said or word, detail=kept)
    return new


def _answered(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    notice: Notice,
    kind: Answer,
    *,
    now: datetime,
    why: str,
    detail: decisions.Detail,
) -> int:
    """Record the answer with the lead; one that comes back from its closing is looked at again by the ladder."""
    if notice.withdrawn_at is not None:
        raise InputError(f"这次报送已于 {notice.withdrawn_at.astimezone(BEIJING).date()} 撤回，不再登记反馈")
    if kind is Answer.CONTESTED and counter_until(notice) is None:
        raise InputError("这次报送没有正在计期的反通知")
    is_last = notice.id == captures.notices_of(c, lead_id)[-1].id
    if leads.load_lead_row(c, lead_id).state is State.CLOSED:
        detail |= {"look_on": next_look(notice.sent_at, now)}
    return decisions.act(
        c,
        actor,
        lead_id,
        version,
        Action.ANSWER,
        now=now,
        answer=kind if is_last else None,
        why=why,
        detail=detail,
    )


def recheck(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    *,
    now: datetime,
    seen: Seen,
    text: str,
    day: int | None = None,
) -> int:
    """Record a look at the page, `day` being the rung of the ladder it answers to.

    A page that is gone is noted on the listing, so that its return is noticed.
    """
    why = f"{SEEN[seen]}：{text.strip()}" if text.strip() else SEEN[seen]
    sent = [notice.sent_at for notice in captures.notices_of(c, lead_id)]
    look_on = next_look(max(sent), now) if sent else None
    detail: dict[str, object] = {"seen": seen.value, "day": day, "look_on": look_on}
    new = decisions.recheck(c, actor, lead_id, version, now=now, why=why, detail=detail)
    if seen is Seen.GONE:
        listings.mark_gone(c, leads.load_lead_row(c, lead_id).listing_id, now)
    return new


def withdraw(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str) -> int:
    """撤回: a complaint that was wrong is taken back; its clocks end and the lead is judged again."""
    new = decisions.act(c, actor, lead_id, version, Action.WITHDRAW, now=now, why=why)
    for notice in captures.notices_of(c, lead_id):
        if not is_withdrawn(notice):
            clocks.change_notice(c, notice.id, withdrawn_at=now, detail=without_days(notice))
    return new


def term(now: datetime, workdays: int) -> datetime:
    """The end, in Beijing, of the last of so many working days after the day of `now`."""
    last = add_workdays(now.astimezone(BEIJING).date(), workdays)
    return datetime.combine(last, time(23, 59, 59), BEIJING).astimezone(now.tzinfo)


def next_look(sent: datetime, now: datetime) -> str | None:
    """The day of the next look behind `now`, in ISO form; None when the ladder is at its end."""
    first, today = (at.astimezone(BEIJING).date() for at in (sent, now))
    days = (first + timedelta(days=step) for step in terms().ladder_days.value)
    return next((day.isoformat() for day in days if day > today), None)


def _notice(c: Connection, lead_id: int, notice_id: int) -> Notice:
    found = next((n for n in captures.notices_of(c, lead_id) if n.id == notice_id), None)
    if found is None:
        raise InputError("该线索没有这次报送记录")
    return found
