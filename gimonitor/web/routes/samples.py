"""抽查: plans and draws, the results of their items, and what they say of the whole."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING
from gimonitor.store import samples as store
from gimonitor.store.samples import StoredSample
from gimonitor.web import words
from gimonitor.web.access import DeciderPage, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.ownleads import gi_choices
from gimonitor.web.views import Flash
from gimonitor.workflow import sampling
from gimonitor.workflow.sampling import Outcome, Plan, SampleKind
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
    previous: Annotated[int, Form()] = 0,
) -> Response:
    """Draw."""
    found = page.services.gi(gi) if gi else None
    if gi and found is None:
        raise InputError("请选择档案中的地理标志")
    begin = since or page.now.astimezone(BEIJING).date() - timedelta(days=30)
    plan = Plan(
        kind=kind,
        name=name,
        gi_id=gi,
        text=text.strip() or (found.name if found else ""),
        platforms=tuple(platform),
        since=datetime.combine(begin, time(), BEIJING),
        until=page.now,
        size=size,
        seed=seed.strip(),
        frequency=frequency if frequency in FREQUENCIES else FREQUENCIES[0],
        checklist=tuple(line.strip() for line in checklist.splitlines() if line.strip()),
    )
    with page.services.store.write() as c:
        made = sampling.take_sample(c, page.person.actor, plan, now=page.now, previous_id=previous or None)
    return RedirectResponse(f"/samples/{made}", 303)


@router.get("/samples/{sample_id}")
def one(page: ReaderPage, sample_id: int, again: str = "") -> Response:
    """One sample: plan, lot, items, what they say; with `again` the lot is drawn once more and compared."""
    with page.services.store.read() as c:
        sample = store.load_sample(c, sample_id)
        items = store.items_of(c, sample_id)
        outcome = sampling.outcome(items, _before(c, sample))
        repeated = sampling.draw_again(c, sample, page.within) if again == "yes" else None
        names = names_of(c)
    return page.render(
        "sample.html",
        "/samples",
        flash=_repeated(repeated),
        sample=sample,
        plan=sampling.plan_of(sample),
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


def _before(c: Connection, sample: StoredSample) -> Outcome | None:
    return sampling.outcome(store.items_of(c, sample.previous_id)) if sample.previous_id is not None else None


def _repeated(found: tuple[bool, bool] | None) -> Flash | None:
    if found is None:
        return None
    same_population, same_lot = found
    if same_population and same_lot:
        return Flash(text="重抽结果与原抽取一致，总体未变")
    if same_population:
        return Flash(text="总体未变，但重抽结果不一致：请联系运维员", kind="bad")
    return Flash(text="总体此后有变化（商品标题改动等），不能逐一复现；原总体摘要与原抽取名单仍存于记录", kind="warn")
