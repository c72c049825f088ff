"""免提示: deciding that a seller is not asked about over a GI for a time, with an owner and an end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gimonitor.errors import InputError, PermissionDeniedError
from gimonitor.model.zone import BEIJING
from gimonitor.store import audit, groups, leads
from gimonitor.store import ignores as store
from gimonitor.workflow.decisions import Actor, require_within
from gimonitor.workflow.roles import Role
from gimonitor.workflow.terms import terms

LONGEST = 366
_MAY = frozenset({Role.OFFICER, Role.APPROVER})


def ignore_like(c: Connection, actor: Actor, lead_id: int, *, until: date, why: str, now: datetime) -> int:
    """Ignore the seller of a lead over the lead's GI to the end of a day; returns the rule's id.

    The legal person behind the shop where one is known, with all its shops; else the shop. Raises InputError for a lead
    without a seller, a day out of range or no reason, PermissionDeniedError for other roles and areas.
    """
    lead = leads.load_lead_row(c, lead_id)
    _require(actor, lead.gi_id)
    today = now.astimezone(BEIJING).date()
    if lead.shop_id is None:
        raise InputError("页面未显示店铺，不能按主体设置免提示")
    if not today <= until <= today + timedelta(days=LONGEST):
        raise InputError(f"免提示的截止日期须在今日起 {LONGEST} 日之内")
    if not why.strip():
        raise InputError("须填写免提示的理由")
    subject_id = groups.subject_of(c, lead.shop_id)
    made = store.add_ignore(
        c,
        subject_id=subject_id,
        shop_id=None if subject_id is not None else lead.shop_id,
        gi_id=lead.gi_id,
        gi_name=lead.gi_name,
        owner=actor.login,
        why=why.strip(),
        until=until,
        now=now,
    )
    detail = {"lead": lead_id, "gi": lead.gi_id, "subject": subject_id, "shop": lead.shop_id, "until": str(until)}
    audit.append_audit(c, actor.login, "ignore.add", f"ignore:{made}", detail | {"why": why.strip()}, at=now)
    return made


def end(c: Connection, actor: Actor, ignore_id: int, *, now: datetime) -> None:
    """End a rule before its day."""
    _require(actor, store.load_ignore(c, ignore_id).gi_id)
    store.end_ignore(c, ignore_id, actor.login, now)
    audit.append_audit(c, actor.login, "ignore.end", f"ignore:{ignore_id}", {}, at=now)


def ends_soon(rule: store.Ignore, today: date) -> bool:
    """True for a rule in force whose end is near."""
    return rule.ended_at is None and 0 <= (rule.until - today).days <= terms().ignore_soon_days.value


def _require(actor: Actor, gi_id: str) -> None:
    if not actor.roles & _MAY:
        raise PermissionDeniedError("您的角色不能设置免提示")
    require_within(actor, gi_id)
