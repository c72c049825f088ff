"""今日: the morning page."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response

from gimonitor.register.calendar import periods_on
from gimonitor.store import leads, runs
from gimonitor.web.access import READERS, AnyPage
from gimonitor.web.names import names_of
from gimonitor.web.queue import Looking, line
from gimonitor.web.routes.coverage import RUN_CHIPS, by_source, is_gap
from gimonitor.web.routes.leads import fresh_count, open_counts
from gimonitor.web.templating import BEIJING
from gimonitor.workflow import clocks

router = APIRouter()
TOP = 8
_WEEK = "一二三四五六日"


@router.get("/")
def today(page: AnyPage) -> Response:
    """Coverage of the last run with its gaps, my queue, what is overdue."""
    through = Looking()
    may_read = bool(page.person.roles & READERS)
    with page.services.store.read() as c:
        recent = runs.latest_runs(c, 1)
        run = recent[0] if recent else None
        rows = runs.load_coverage(c, run.id) if run else ()
        counts = open_counts(c, page.person.login) | {"fresh": fresh_count(c, run.id) if run else 0}
        top = leads.queue_page(c, through.wanted(page.person.login), None, TOP).rows if may_read else ()
        names = names_of(c)
        due = (*clocks.answers_due(c, page.now), *clocks.counters(c, page.now), *clocks.rechecks_due(c, page.now))
        questions = clocks.open_questions(c)
    return page.render(
        "today.html",
        "/",
        today_text=_today_text(page.now),
        run=run,
        run_class=RUN_CHIPS[run.state] if run else "",
        sources=by_source(rows),
        gaps=[row for row in rows if is_gap(row)],
        counts=counts,
        overdue=[clock for clock in due if clock.is_over],
        due=[clock for clock in due if not clock.is_over],
        questions=questions,
        names=names,
        may_read=may_read,
        top=[line(row, through, names) for row in top],
    )


def _today_text(now: datetime) -> str:
    local = now.astimezone(BEIJING)
    periods = "、".join(p.name for p in periods_on(local.date()))
    return f"{local.year} 年 {local.month} 月 {local.day} 日 星期{_WEEK[local.weekday()]}{f'　重点时段：{periods}' if periods else ''}"
