"""搁置、请示、征求意见 on a lead; 免提示, the rules by which a seller is not asked about for a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError
from gimonitor.model.lead import Resolution
from gimonitor.model.zone import BEIJING
from gimonitor.store import ignores as store
from gimonitor.web.access import ActorPage, DeciderPage, Page, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.queue import looking_back
from gimonitor.workflow import holds, ignores
from gimonitor.workflow.vocabulary import Topic

router = APIRouter()
Text = Annotated[str, Form(max_length=2000)]
Back = Annotated[str, Form(max_length=600)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What every form about a lead carries: the version that was read, the words, the queue to go back to."""

    version: int
    why: str
    back: str


def said(version: Annotated[int, Form()], why: Text = "", back: Back = "") -> Said:
    """Dependency: the common part of a form about a lead."""
    return Said(version=version, why=why, back=back)


SaidHere = Annotated[Said, Depends(said)]


@router.post("/leads/{lead_id}/hold")
def hold(page: DeciderPage, lead_id: int, said: SaidHere, until: Annotated[str, Form(max_length=10)] = "") -> Response:
    """Put a lead aside; without a day, until somebody releases it."""
    return _do(page, "hold", lead_id, said, partial(holds.hold, until=_day(until)))


@router.post("/leads/{lead_id}/ask")
def ask(page: DeciderPage, lead_id: int, said: SaidHere, topic: Annotated[Topic, Form()] = Topic.OTHER) -> Response:
    """Ask the approvers."""
    return _do(page, "ask", lead_id, said, partial(holds.ask, topic=topic))


@router.post("/leads/{lead_id}/consult")
def consult(page: DeciderPage, lead_id: int, said: SaidHere, to: Annotated[str, Form(max_length=64)]) -> Response:
    """Ask a colleague for a second opinion."""
    return _do(page, "consult", lead_id, said, partial(holds.consult, to=to, register=page.services.register))


@router.post("/leads/{lead_id}/opinion")
def opinion(
    page: ActorPage, lead_id: int, said: SaidHere, proposed: Annotated[str, Form(max_length=30)] = ""
) -> Response:
    """Say what one would decide."""
    if proposed and proposed not in set(Resolution):
        raise InputError("没有这种结论")
    return _do(
        page, "opinion", lead_id, said, partial(holds.opine, proposed=Resolution(proposed) if proposed else None)
    )


def _do(page: Page, action: str, lead_id: int, said: Said, act: Callable[..., int]) -> Response:
    with page.services.store.write() as c:
        new = act(c, page.person.actor, lead_id, said.version, now=page.now, why=said.why)
    return _done(action, lead_id, new, said.back)


@router.get("/ignores")
def overview(page: ReaderPage) -> Response:
    """The rules, those in force first, each with its owner and end."""
    today = page.now.astimezone(BEIJING).date()
    with page.services.store.read() as c:
        rules = store.list_ignores(c, within=page.within)
        names = names_of(c)
    running = [rule for rule in rules if rule.ended_at is None and rule.until >= today]
    return page.render(
        "ignores.html",
        "/leads",
        running=[(rule, ignores.ends_soon(rule, today)) for rule in running],
        past=[rule for rule in reversed(rules) if rule not in running][:100],
        names=names,
    )


@router.post("/leads/{lead_id}/ignore")
def ignore(
    page: DeciderPage,
    lead_id: int,
    until: Annotated[str, Form(max_length=10)] = "",
    why: Text = "",
    back: Back = "",
) -> Response:
    """Ignore the lead's seller over the lead's GI for a time."""
    day = _day(until)
    if day is None:
        raise InputError("免提示须有截止日期")
    with page.services.store.write() as c:
        ignores.ignore_like(c, page.person.actor, lead_id, until=day, why=why, now=page.now)
    return _done("ignore", lead_id, 0, back)


@router.post("/ignores/{ignore_id}/end")
def end(page: DeciderPage, ignore_id: int) -> Response:
    """End a rule before its day."""
    with page.services.store.write() as c:
        ignores.end(c, page.person.actor, ignore_id, now=page.now)
    return RedirectResponse("/ignores", 303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise InputError(f"日期有误：{text[:10]}") from None


def _done(action: str, lead_id: int, version: int, back: str) -> Response:
    return RedirectResponse(looking_back(back).path(lead_id, did=f"{action}.{lead_id}.{version}."), 303)
