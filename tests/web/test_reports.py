"""Figures with fixed definitions, on screen and as a workbook."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from gimonitor.errors import InputError
from gimonitor.model.lead import Resolution
from gimonitor.store.database import Store
from gimonitor.web.sheets import figures_sheet
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.figures import Period, figures
from gimonitor.workflow.roles import Role

Enter = Callable[[str], TestClient]
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = Period(first=date(2026, 11, 20), last=date(2026, 11, 20))


def judge_some(store: Store) -> None:
    with store.write() as c:
        decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=NOW)
        decisions.judge(c, WANG, 2, 1, Resolution.FAIR_USE, now=NOW)
        version = decisions.judge(c, WANG, 3, 1, Resolution.CONFIRMED, now=NOW)
        decisions.undo(c, WANG, 3, version, now=NOW)
        version = decisions.judge(c, WANG, 4, 1, Resolution.NOT_ENOUGH_PROOF, now=NOW)
        decisions.judge(c, WANG, 4, version, Resolution.CONFIRMED, now=NOW + timedelta(days=1))


def test_figures_count_each_lead_once_and_nothing_undone(store: Store) -> None:
    judge_some(store)
    with store.read() as c:
        total = figures(c, TODAY).total
        tomorrow = figures(c, Period(first=date(2026, 11, 21), last=date(2026, 11, 21))).total
    assert (total.judged, total.confirmed, total.dismissed, total.closed) == (3, 1, 2, 1)
    assert (tomorrow.judged, tomorrow.confirmed) == (1, 1)


def test_figures_name_the_gaps(store: Store) -> None:
    with store.read() as c:
        found = figures(c, Period(first=date(2026, 11, 19), last=date(2026, 11, 20)))
    assert found.runs == 1 and {gap.query for gap in found.gaps} == {"阳澄湖 蟹券", "大闸蟹"}
    assert found.total.found == 31 and found.closed_loop is None


def test_the_page_and_the_workbook_say_the_same(enter: Enter, store: Store) -> None:
    judge_some(store)
    client = enter("ling")
    page = client.get("/reports?first=2026-11-14&last=2026-11-20")
    assert page.status_code == 200 and "2 个查询没有完整结果" in page.text
    answer = client.get("/reports.xlsx?first=2026-11-14&last=2026-11-20")
    assert answer.headers["content-disposition"] == 'attachment; filename="figures-20261114-20261120.xlsx"'
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["数字", "口径", "覆盖"]
    rows = book.get_sheet_by_name("数字").to_python()
    assert rows[-1][:5] == ["合计", "", 31.0, 3.0, 1.0]


def test_a_name_does_not_become_a_formula(store: Store) -> None:
    with store.read() as c:
        found = figures(c, Period(first=date(2026, 11, 19), last=date(2026, 11, 20)))
    evil = replace(found, rows=tuple(replace(row, gi_name='=HYPERLINK("http://evil","x")') for row in found.rows))
    book = CalamineWorkbook.from_filelike(io.BytesIO(figures_sheet(evil, "=1+1", NOW)))
    rows = book.get_sheet_by_name("数字").to_python()
    assert rows[0][0].startswith("=1+1") and rows[3][0] == '=HYPERLINK("http://evil","x")'


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 2, 1), date(2026, 1, 1)), (date(2000, 1, 1), date(2026, 1, 1))]
)
def test_unusable_periods(enter: Enter, first: date, last: date) -> None:
    with pytest.raises(InputError):
        Period(first=first, last=last)
    assert enter("wang").get(f"/reports?first={first}&last={last}").status_code == 422
    assert enter("wang").get("/reports?first=soon").status_code == 422
