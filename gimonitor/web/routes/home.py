"""今日: the morning page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.model.zone import BEIJING
from gimonitor.register.calendar import periods_on
from gimonitor.store import complaints, ignores, leads, runs, tasks
from gimonitor.web import handtasks
from gimonitor.web.access import READERS, AnyPage, TaskPage
from gimonitor.web.names import names_of
from gimonitor.web.queue import Looking, line
from gimonitor.web.routes.coverage import RUN_CHIPS, by_source, is_gap
from gimonitor.web.routes.leads import fresh_count, open_counts
from gimonitor.web.templating import is_english
from gimonitor.workflow import clocks, rechecks
from gimonitor.workflow.clocks import days_left
from gimonitor.workflow.ignores import ends_soon
from gimonitor.workflow.lookedat import is_late, last_look, nights_missed
from gimonitor.workflow.returned import returned_to
from gimonitor.workflow.roles import Role
from gimonitor.workflow.terms import terms

router = APIRouter()
TOP = 8
_WEEK = "一二三四五六日"


@router.get("/")
def morning(page: AnyPage) -> Response:
    """Coverage of the last night with its gaps, my queue, what is overdue."""
    through = Looking()
    today = page.now.astimezone(BEIJING).date()
    may_read = bool(page.person.roles & READERS)
    with page.services.store.read() as c:
        run = runs.last_night(c)
        rows = page.covered(runs.load_coverage(c, run.id)) if run else ()
        counts = open_counts(c, page) | {"fresh": fresh_count(c, page, run.id) if run else 0}
        top = leads.queue_page(c, through.wanted(page), None, TOP).rows if may_read else ()
        names = names_of(c)
        due = [
            clock
            for board in (clocks.answers_due, clocks.receipts_due, clocks.counters, clocks.rechecks_due)
            for clock in board(c, page.now, page.within)
        ]
        questions = clocks.open_questions(c, within=page.within)
        asked_me = clocks.open_consultations(c, page.person.login, page.within)
        replies = clocks.replies_to(c, page.person.login, page.now, page.within)
        opinions = clocks.opinions_for(c, page.person.login, page.now, page.within)
        returned = returned_to(c, page.person.login, page.now, page.within)
        waiting = complaints.list_complaints(c, is_open=True, within=page.within) if may_read else []
        ending = [
            rule
            for rule in ignores.list_ignores(c, running_on=today, within=page.within)
            if may_read and ends_soon(rule, today)
        ]
        by_hand = tasks.list_tasks(c)
        looks = rechecks.lately(c, page.now, page.within) if may_read else ()
    look = last_look(page.services.configuration.data_dir)
    terms_left, soon = [(one, days_left(one.due_on, page.now)) for one in waiting], terms().soon_workdays.value
    return page.render(
        "today.html",
        "/",
        today_text=_today_text(page.now, is_english=is_english(page.request)),
        run=run,
        missed=nights_missed(run.started_at, page.now) if run and run.kind == runs.NIGHTLY else 0,
        look=look,
        look_is_old=look is not None and is_late(look.at, page.now),
        matters=sorted(look.matters, key=lambda one: not one.urgent) if look else (),
        may_mend=Role.OPERATOR in page.person.roles,
        run_class=RUN_CHIPS[run.state] if run else "",
        sources=by_source(rows),
        gaps=[row for row in rows if is_gap(row)],
        counts=counts,
        overdue=[clock for clock in due if clock.is_over],
        due=[clock for clock in due if clock.is_soon and not clock.is_over],
        questions=questions,
        asked_me=asked_me,
        replies=replies,
        opinions=opinions,
        returned=returned,
        complaints=[(one, left) for one, left in terms_left if left is not None and left <= soon],
        soon=soon,
        ending=ending,
        tasks=page.tasks(by_hand),
        looks=looks,
        names=names,
        may_read=may_read,
        top=[line(row, through, names) for row in top],
    )


@router.post("/tasks/{task_id}/close")
def close_task(page: TaskPage, task_id: int, note: Annotated[str, Form(max_length=300)] = "") -> Response:
    """Say that a page was captured by hand."""
    handtasks.close_task(page, task_id, note)
    return RedirectResponse("/", 303)


def _today_text(now: datetime, *, is_english: bool) -> str:
    local = now.astimezone(BEIJING)
    if is_english:
        return f"{local:%A} {local.day} {local:%B %Y}"
    periods = "、".join(p.name for p in periods_on(local.date()))
    return f"{local.year} 年 {local.month} 月 {local.day} 日 星期{_WEEK[local.weekday()]}{f'　重点时段：{periods}' if periods else ''}"
