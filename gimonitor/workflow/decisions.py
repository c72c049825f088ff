"""Decisions on leads: the state machine applied to the store, each with its audit entry in the same transaction.

Every function takes an open write connection, so that many decisions can share one transaction. The loser of two
officers gets ConflictError, which says who was first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gimonitor.errors import ConflictError, PermissionDeniedError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.zone import BEIJING
from gimonitor.store import audit, captures, leads, people
from gimonitor.workflow.areas import Within
from gimonitor.workflow.notices import running_counter
from gimonitor.workflow.roles import Role
from gimonitor.workflow.states import ON_THE_WAY, Action, Standing, step
from gimonitor.workflow.vocabulary import Answer
from gimonitor.workflow.words import ACTIONS

Detail = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a login name, which is what the history keeps, the roles behind it, and the GIs it may act on."""

    login: str
    roles: frozenset[Role]
    within: Within = None


def act(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    action: Action,
    *,
    now: datetime,
    resolution: Resolution | None = None,
    answer: Answer | None = None,
    why: str = "",
    detail: Detail | None = None,
) -> int:
    """Do one act and give the lead's new version. `answer`: what came back on what was sent last.

    Judging a new lead claims it first, as an entry of its own; undoing takes both back. Raises NotFoundError, ConflictError (the lead is no
    longer at `version`, or not in a state for this), PermissionDeniedError (role or area) or InputError; the caller's
    transaction must then be given up.
    """
    lead = leads.load_lead_row(c, lead_id)
    require_within(actor, lead.gi_id)
    if action is Action.JUDGE and lead.state is State.NEW:
        version = act(c, actor, lead_id, version, Action.CLAIM, now=now, detail=dict(ON_THE_WAY))
        lead = leads.load_lead_row(c, lead_id)
    standing = Standing(state=lead.state, resolution=lead.resolution, history=leads.decisions_of(c, lead_id))
    if lead.version != version:
        raise ConflictError(_who_was_first(c, standing.history))
    state, result = step(
        standing, action, who=actor.login, roles=actor.roles, resolution=resolution, answer=answer, why=why
    )
    if action is Action.CLOSE:
        _require_no_counter(c, lead_id, now)
    decision = Decision(
        lead_id=lead_id,
        at=now,
        who=actor.login,
        action=action.value,
        state=state,
        resolution=result,
        why=why.strip(),
        detail=detail or {},
    )
    new_version = leads.append_decision(c, lead_id, version, decision)
    said = {"version": new_version, "state": state.value, "resolution": result.value if result else "", "why": why}
    audit.append_audit(c, actor.login, f"lead.{action.value}", f"lead:{lead_id}", said | (detail or {}), at=now)
    return new_version


def require_within(actor: Actor, gi_id: str) -> None:
    """Raise PermissionDeniedError where a GI lies outside the person's area."""
    if actor.within is not None and gi_id not in actor.within:
        raise PermissionDeniedError("本线索不在您的辖区内")


def _require_no_counter(c: Connection, lead_id: int, now: datetime) -> None:
    """Raise ConflictError while the days of a counter-notice run: closing would let them pass unseen."""
    until = running_counter(captures.notices_of(c, lead_id), now.astimezone(BEIJING).date())
    if until is not None:
        raise ConflictError(
            f"反通知的期限（至 {until}）正在计算，不能结案：期内没有告知平台已投诉或者起诉的，平台将终止措施（电子商务法第四十三条）。"
            "已告知平台的，请先登记反馈“已告知平台：权利人已投诉或者起诉”；投诉有误的，请撤回报送"
        )


def judge(
    c: Connection, actor: Actor, lead_id: int, version: int, resolution: Resolution, *, now: datetime, why: str = ""
) -> int:
    """判定: say what the lead is. What is not to be acted on is closed by it."""
    return act(c, actor, lead_id, version, Action.JUDGE, now=now, resolution=resolution, why=why)


def claim(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str = "") -> int:
    """认领: take a new lead, or take it over from another officer."""
    return act(c, actor, lead_id, version, Action.CLAIM, now=now, why=why)


def approve(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str = "") -> int:
    """审批: agree to a confirmed lead, as another person than the one who judged it."""
    return act(c, actor, lead_id, version, Action.APPROVE, now=now, why=why)


def send(
    c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str, detail: Detail | None = None
) -> int:
    """报送: record that a pack left the house; `why` holds where to and the receipt."""
    return act(c, actor, lead_id, version, Action.SEND, now=now, why=why, detail=detail)


def recheck(
    c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str, detail: Detail | None = None
) -> int:
    """复核: record what a look at the page after sending showed."""
    return act(c, actor, lead_id, version, Action.RECHECK, now=now, why=why, detail=detail)


def close(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str) -> int:
    """结案."""
    return act(c, actor, lead_id, version, Action.CLOSE, now=now, why=why)


def undo(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str = "") -> int:
    """撤销: take back one's own last act; the history keeps both."""
    return act(c, actor, lead_id, version, Action.UNDO, now=now, why=why)


def standing_of(record: leads.LeadRecord) -> Standing:
    """What the state machine needs of a loaded lead."""
    return Standing(
        state=record.lead.state,
        resolution=record.lead.resolution,
        history=record.decisions,
    )


def _who_was_first(c: Connection, decisions: tuple[Decision, ...]) -> str:
    if not decisions:
        return "线索在您打开之后有了新的采集结果，请看过再判定"
    last = decisions[-1]
    person = people.find_person(c, last.who)
    return f"线索在您打开之后已有变化；最近一次处理：{person.name if person else last.who}（{ACTIONS.get(last.action, last.action)}），请看过再判定"
