"""抽样复核: listings that raised nothing, drawn by lot and looked at, and how much that says was missed."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.store import dropped as store
from gimonitor.web.access import DECIDERS, Page, ReaderPage, allow
from gimonitor.web.names import names_of
from gimonitor.web.ownleads import gi_choices, gi_name
from gimonitor.workflow.dropped import Verdict, draw_dropped, figures_of, judge_dropped
from gimonitor.workflow.roles import Role

router = APIRouter()
VERDICTS = {Verdict.RIGHT: "排除得当", Verdict.WRONG: "漏检", Verdict.UNSURE: "无法判断"}
REVIEWERS = DECIDERS | {Role.MODEL_AUTHOR}
"""Who may draw a sample and judge its listings."""
ReviewerPage = Annotated[Page, Depends(allow(REVIEWERS, whole=True))]


@router.get("/dropped")
def overview(page: ReaderPage) -> Response:
    """Samples drawn so far with what they say, and a form for the next."""
    with page.services.store.read() as c:
        samples = [(one, figures_of(c, one.id)) for one in store.list_dropped_samples(c)[:30]]
        counts = store.count_stages(c)
        names = names_of(c)
    return page.render(
        "dropped.html", "/models", samples=samples, counts=counts, names=names, seed=secrets.token_hex(4)
    )


@router.post("/dropped")
def draw(page: ReviewerPage, each: Annotated[int, Form()], seed: Annotated[str, Form(max_length=60)]) -> Response:
    """Draw a sample."""
    with page.services.store.write() as c:
        sample_id = draw_dropped(c, each=each, seed=seed, who=page.person.login, now=page.now)
    return RedirectResponse(f"/dropped/{sample_id}", 303)


@router.get("/dropped/{dropped_id}")
def sample(page: ReaderPage, dropped_id: int) -> Response:
    """The listings of a sample, those without a verdict first to be looked at."""
    with page.services.store.read() as c:
        found = store.load_dropped_sample(c, dropped_id)
        items = store.load_dropped_items(c, dropped_id)
        figures = figures_of(c, dropped_id)
        names = names_of(c)
    return page.render(
        "dropped_sample.html",
        "/models",
        sample=found,
        items=items,
        figures=figures,
        names=names,
        gis=gi_choices(page),
        verdicts=VERDICTS,
    )


@router.post("/dropped/{dropped_id}/{position}")
def judge(
    page: ReviewerPage,
    dropped_id: int,
    position: int,
    verdict: Annotated[Verdict, Form()],
    gi: Annotated[str, Form(max_length=100)] = "",
    why: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say whether a listing was dropped rightly; an officer's "wrong" makes it a lead of theirs."""
    give_verdict(page, dropped_id, position, verdict, gi, why)
    return RedirectResponse(f"/dropped/{dropped_id}#p{position + 1}", 303)


def give_verdict(page: Page, dropped_id: int, position: int, verdict: Verdict, gi: str, why: str) -> None:
    """Keep a verdict over a listing of a sample. Raises InputError for a GI that is not in the register, and as judging does."""
    name = gi_name(page, gi) if gi else ""
    with page.services.store.write() as c:
        judge_dropped(
            c,
            page.person.login,
            dropped_id,
            position,
            verdict,
            gi_id=gi,
            gi_name=name,
            why=why,
            now=page.now,
            actor=page.person.actor if page.person.roles & DECIDERS else None,
        )
