"""Decisions on leads: the state machine applied to the store, each with its audit entry in the same transaction.

Every function takes an open write connection, so that many decisions can share one transaction. The loser of two
officers gets ConflictError, which says who was first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gimonitor.errors import ConflictError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.store import audit, leads
from gimonitor.workflow.roles import Role
from gimonitor.workflow.states import Action, Standing, step


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a login name, which is what the history keeps, and the roles behind it."""

    login: str
    roles: frozenset[Role]


def act(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    action: Action,
    *,
    now: datetime,
    resolution: Resolution | None = None,
    why: str = "",
) -> int:
    """Do one act and give the lead's new version.

    Judging a new lead claims it first, as an entry of its own. Raises NotFoundError, ConflictError (the lead is no longer at `version`, or not in a state for this),
    PermissionDeniedError or InputError; the caller's transaction must then be given up.
    """
    lead = leads.load_lead_row(c, lead_id)
    if action is Action.JUDGE and lead.state is State.NEW:
        version = act(c, actor, lead_id, version, Action.CLAIM, now=now)  # who judges has taken it on
        lead = leads.load_lead_row(c, lead_id)
    standing = Standing(state=lead.state, resolution=lead.resolution, history=leads.decisions_of(c, lead_id))
    if lead.version != version:
        raise ConflictError(_who_was_first(standing.history))
    state, result = step(standing, action, who=actor.login, roles=actor.roles, resolution=resolution, why=why)
    decision = Decision(
        lead_id=lead_id,
        at=now,
        who=actor.login,
        action=action.value,
        state=state,
        resolution=result,
        why=why.strip(),
    )
    new_version = leads.append_decision(c, lead_id, version, decision)
    detail = {"version": new_version, "state": state.value, "resolution": result.value if result else "", "why": why}
    audit.append_audit(c, actor.login, f"lead.{action.value}", f"lead:{lead_id}", detail, at=now)
    return new_version


def claim(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str = "") -> int:
    """认领: take a new lead, or take it over from another officer."""
    return act(c, actor, lead_id, version, Action.CLAIM, now=now, why=why)


def judge(
    c: Connection, actor: Actor, lead_id: int, version: int, resolution: Resolution, *, now: datetime, why: str = ""
) -> int:
    """判定: say what the lead is. What is not to be acted on is closed by it."""
    return act(c, actor, lead_id, version, Action.JUDGE, now=now, resolution=resolution, why=why)


def approve(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str = "") -> int:
    """审批: agree to a confirmed lead, as another person than the one who judged it."""
    return act(c, actor, lead_id, version, Action.APPROVE, now=now, why=why)


def send(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str) -> int:
    """报送: record that a pack left the house; `why` holds where to and the receipt."""
    return act(c, actor, lead_id, version, Action.SEND, now=now, why=why)


def recheck(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str) -> int:
    """复核: record what a look at the page after sending showed."""
    return act(c, actor, lead_id, version, Action.RECHECK, now=now, why=why)


def close(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str) -> int:
    """结案."""
    return act(c, actor, lead_id, version, Action.CLOSE, now=now, why=why)


def reopen(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, why: str) -> int:
    """重新打开: back to the queue with a reason."""
    return act(c, actor, lead_id, version, Action.REOPEN, now=now, why=why)


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


def _who_was_first(decisions: tuple[Decision, ...]) -> str:
    if not decisions:
        return "线索在您打开之后有了新的采集结果，请看过再判定"
    last = decisions[-1]
    return f"线索在您打开之后已有变化；最近一次处理：{last.who}（{last.action}），请看过再判定"
