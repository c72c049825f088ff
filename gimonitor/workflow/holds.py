"""搁置、请示、征求意见: putting a lead aside for a time, and asking about it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.lead import Resolution
from gimonitor.model.register import Register
from gimonitor.model.zone import BEIJING
from gimonitor.store import leads, people
from gimonitor.workflow import decisions
from gimonitor.workflow.areas import may_see
from gimonitor.workflow.decisions import Actor, Detail
from gimonitor.workflow.roles import roles_of
from gimonitor.workflow.states import RULES, Action
from gimonitor.workflow.vocabulary import Topic
from gimonitor.workflow.words import RESOLUTIONS

LONGEST = 180
OPEN_END = "9999-12-31T00:00:00+00:00"
"""The end of a hold that only somebody's release ends."""


def hold(
    c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, until: date | None, why: str
) -> int:
    """Put a lead aside to the morning of a day, or, without one, until somebody releases it.

    A change of what is suspected, a reply to a question and any act that moves the lead end it as well.
    """
    today = now.astimezone(BEIJING).date()
    if until is not None and not today < until <= today + timedelta(days=LONGEST):
        raise InputError(f"搁置到的日期须在明日至 {LONGEST} 日之内")
    ends = OPEN_END if until is None else datetime.combine(until, time(), BEIJING).isoformat()
    return decisions.act(c, actor, lead_id, version, Action.HOLD, now=now, why=why, detail={"until": ends})


def ask(c: Connection, actor: Actor, lead_id: int, version: int, *, now: datetime, topic: Topic, why: str) -> int:
    """请示: ask the approvers, with what the question is about."""
    return decisions.act(c, actor, lead_id, version, Action.ASK, now=now, why=why, detail={"topic": topic.value})


def consult(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    *,
    now: datetime,
    to: str,
    why: str,
    register: Register | None,
) -> int:
    """征求意见: ask a named colleague for a second opinion. Raises InputError for anybody who could not give one."""
    person = people.find_person(c, to)
    if person is None or not person.active or person.login == actor.login:
        raise InputError("请选择另一位在岗人员")
    if not roles_of(person.role) & RULES[Action.OPINION].roles:
        raise InputError(f"{person.name}的角色不能查看线索并提出意见，请选择其他人员")
    if not may_see(register, person.areas, leads.load_lead_row(c, lead_id).gi_id):
        raise InputError(f"本线索不在{person.name}的辖区内，请选择其他人员")
    return decisions.act(c, actor, lead_id, version, Action.CONSULT, now=now, why=why, detail={"to": person.login})


def colleagues(c: Connection, actor: Actor, gi_id: str, register: Register | None) -> list[tuple[str, str]]:
    """Whom somebody may ask for an opinion on a lead over a GI: login and name."""
    return [
        (person.login, person.name)
        for person in people.list_people(c)
        if person.active
        and person.login != actor.login
        and roles_of(person.role) & RULES[Action.OPINION].roles
        and may_see(register, person.areas, gi_id)
    ]


def opine(
    c: Connection,
    actor: Actor,
    lead_id: int,
    version: int,
    *,
    now: datetime,
    proposed: Resolution | None,
    why: str,
) -> int:
    """提出意见: say what one would decide and why; it decides nothing."""
    detail: Detail = {"proposed": proposed.value if proposed else ""}
    said = f"建议判定为“{RESOLUTIONS[proposed]}”：{why.strip()}" if proposed and why.strip() else why
    return decisions.act(c, actor, lead_id, version, Action.OPINION, now=now, why=said, detail=detail)
