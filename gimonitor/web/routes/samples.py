"""抽查: plans and draws, the results of their items, and what they say of the whole."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING
from gimonitor.store import people
from gimonitor.store import samples as store
from gimonitor.web import words
from gimonitor.web.access import DeciderPage, Page, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.ownleads import gi_choices, gi_name
from gimonitor.web.views import Flash
from gimonitor.workflow import sampling
from gimonitor.workflow.roles import Role, roles_of
from gimonitor.workflow.sampling import Plan, SampleKind
from gimonitor.workflow.vocabulary import SampleResult

router = APIRouter()
Line = Annotated[str, Form(max_length=200)]
FREQUENCIES = ("一次", "每周", "每月", "每季", "每年")


@router.get("/samples")
def overview(page: ReaderPage) -> Response:
    """Samples drawn so far, and a form for the next."""
    today = page.now.astimezone(BEIJING).date()
    with page.services.store.read() as c:
        drawn = store.list_samples(c, page.within)
        names = names_of(c)
        officers = [p for p in people.list_people(c) if p.active and Role.OFFICER in roles_of(p.role)]
    return page.render(
        "samples.html",
        "/samples",
        samples=drawn,
        names=names,
        gis=gi_choices(page),
        platforms=list(words.PLATFORMS),
        frequencies=FREQUENCIES,
        since=today - timedelta(days=30),
        today=today,
        seed=secrets.token_hex(4),
        unrestricted=page.within is None,
        officers=officers,
    )


@router.post("/samples")
def take(
    page: DeciderPage,
    kind: Annotated[SampleKind, Form()],
    name: Line,
    size: Annotated[int, Form()],
    seed: Line,
    gi: Line = "",
    text: Line = "",
    platform: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
    since: Annotated[date | None, Form()] = None,
    frequency: Line = "一次",
    checklist: Annotated[str, Form(max_length=2000)] = "",
    officer: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006  # FastAPI copies it
    previous: Annotated[int, Form()] = 0,
) -> Response:
    """Draw."""
    plan = plan_for(
        page,
        kind=kind,
        name=name,
        size=size,
        seed=seed,
        gi=gi,
        text=text,
        platforms=tuple(platform),
        since=since,
        frequency=frequency,
        checklist=tuple(checklist.splitlines()),
        officers=tuple(officer),
    )
    with page.services.store.write() as c:
        made = sampling.take_sample(c, page.person.actor, plan, now=page.now, previous_id=previous or None)
    return RedirectResponse(f"/samples/{made}", 303)


def plan_for(
    page: Page,
    *,
    kind: SampleKind,
    name: str,
    size: int,
    seed: str,
    gi: str,
    text: str,
    platforms: tuple[str, ...],
    since: date | None,
    frequency: str,
    checklist: tuple[str, ...],
    officers: tuple[str, ...] = (),
) -> Plan:
    """The plan of what was filled in: by default the last 30 days, and the GI's name as the words. Raises InputError."""
    begin = since or page.now.astimezone(BEIJING).date() - timedelta(days=30)
    return Plan(
        kind=kind,
        name=name,
        gi_id=gi,
        text=text.strip() or (gi_name(page, gi) if gi else ""),
        platforms=platforms,
        since=datetime.combine(begin, time(), BEIJING),
        until=page.now,
        size=size,
        seed=seed.strip(),
        frequency=frequency if frequency in FREQUENCIES else FREQUENCIES[0],
        checklist=tuple(line.strip() for line in checklist if line.strip()),
        officers=_pool(page, gi, officers) if kind is SampleKind.SELLERS else (),
    )


def _pool(page: Page, gi: str, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Whom sellers are dealt to: those chosen, else all who may. Raises InputError for one who may not open the leads."""
    with page.services.store.read() as c:
        may = {person.login for person in sampling.officers_for(c, page.services.register, gi)}
        names = names_of(c)
    if outside := [names.get(login, login) for login in chosen if login not in may]:
        raise InputError(f"所选人员不在岗，或辖区不含所抽的地理标志：{'、'.join(outside)[:100]}")
    return tuple(sorted(chosen or may))


@router.get("/samples/{sample_id}")
def one(page: ReaderPage, sample_id: int, again: str = "") -> Response:
    """One sample: plan, lot, items, what they say; with `again` the lot is drawn once more and compared."""
    with page.services.store.read() as c:
        sample = store.load_sample(c, sample_id)
        items = store.items_of(c, sample_id)
        outcome = sampling.outcome_of(c, sample)
        repeated = sampling.draw_again(c, sample, page.within) if again == "yes" else None
        names = names_of(c)
    plan = sampling.plan_of(sample)
    return page.render(
        "sample.html",
        "/samples",
        flash=_repeated(repeated),
        sample=sample,
        plan=plan,
        dealt=sampling.in_turn(sample.seed, plan.officers),
        gi=next((name for gi, name in gi_choices(page) if gi == plan.gi_id), plan.gi_id),
        items=items,
        outcome=outcome,
        names=names,
        results=list(SampleResult),
    )


@router.post("/samples/{sample_id}/{position}")
def record(
    page: DeciderPage,
    sample_id: int,
    position: int,
    result: Annotated[SampleResult, Form()],
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Note what an item showed."""
    with page.services.store.write() as c:
        sampling.record(c, page.person.actor, sample_id, position, result, note, now=page.now)
    return RedirectResponse(f"/samples/{sample_id}#i{position}", 303)


def _repeated(found: tuple[bool, bool] | None) -> Flash | None:
    if found is None:
        return None
    same_population, same_lot = found
    if same_population and same_lot:
        return Flash(text="重抽结果与原抽取一致，总体未变")
    if same_population:
        return Flash(text="总体未变，但重抽结果不一致：请联系运维员", kind="bad")
    return Flash(text="总体此后有变化（商品标题改动等），不能逐一复现；原总体摘要与原抽取名单仍存于记录", kind="warn")
