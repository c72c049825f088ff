"""Figures with fixed definitions, on screen and as a workbook."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from gimonitor.errors import InputError
from gimonitor.imaging.faults import FAMILY
from gimonitor.model.lead import Resolution
from gimonitor.model.zone import BEIJING
from gimonitor.screening.families import FAMILIES
from gimonitor.store import captures, leads
from gimonitor.store.captures import StoredPack
from gimonitor.store.database import Store
from gimonitor.web.sheets import figures_sheet
from gimonitor.workflow import decisions, following
from gimonitor.workflow.breakdowns import ways
from gimonitor.workflow.cleanliness import cleanliness
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.figures import Period, definitions, figures
from gimonitor.workflow.platformscore import Mark, platform_marks
from gimonitor.workflow.roles import Role
from gimonitor.workflow.summary import summary
from gimonitor.workflow.vocabulary import Action, Answer, Channel, Seen

Enter = Callable[[str], TestClient]
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
ZHAO = Actor(login="zhao", roles=frozenset({Role.APPROVER}))
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=90)
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
        total = figures(c, TODAY, now=LATER).total
        tomorrow = figures(c, Period(first=date(2026, 11, 21), last=date(2026, 11, 21)), now=LATER).total
    assert [total[m] for m in ("judged", "confirmed", "dismissed", "closed", "fair_use")] == [3, 1, 2, 1, 1]
    assert (tomorrow["judged"], tomorrow["confirmed"]) == (1, 1)


def test_figures_name_the_gaps(store: Store) -> None:
    with store.read() as c:
        found = figures(c, Period(first=date(2026, 11, 19), last=date(2026, 11, 20)), now=LATER)
    assert len(found.nights) == 1 and {gap.query for gap in found.gaps} == {"阳澄湖 蟹券", "大闸蟹"}
    assert (found.asked, found.complete) == (3, 1)
    assert found.total["found"] == 31 and all(found.share(ratio) is None for ratio in definitions().ratios)


def test_the_page_and_the_workbook_say_the_same(enter: Enter, store: Store) -> None:
    judge_some(store)
    client = enter("ling")
    page = client.get("/reports?first=2026-11-14&last=2026-11-20")
    assert page.status_code == 200 and "缺口 2 个" in page.text
    answer = client.get("/reports.xlsx?first=2026-11-14&last=2026-11-20")
    assert answer.headers["content-disposition"] == 'attachment; filename="figures-20261114-20261120.xlsx"'
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["数字", "趋势", "口径", "覆盖"]
    rows = book.get_sheet_by_name("数字").to_python()
    assert rows[-1][:5] == ["合计", "", 31.0, 3.0, 1.0]


def test_a_name_does_not_become_a_formula(store: Store) -> None:
    with store.read() as c:
        found = figures(c, Period(first=date(2026, 11, 19), last=date(2026, 11, 20)), now=LATER)
    name = '=HYPERLINK("http://evil","x")'
    evil = replace(found, events=tuple(replace(e, cell=replace(e.cell, gi_name=name)) for e in found.events))
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


def send_some(store: Store, tmp_path: Path) -> None:
    """Leads 1 and 2 confirmed, approved and sent to the platform; 1 is removed in two days and seen up again, 2 is due."""
    with store.write() as c:
        for lead_id in (1, 2):
            version = decisions.judge(c, WANG, lead_id, 1, Resolution.CONFIRMED, now=NOW)
            version = decisions.approve(c, ZHAO, lead_id, version, now=NOW)
            pack = StoredPack(
                kind="complaint",
                file="x.zip",
                sha256=str(lead_id) * 64,
                size=1,
                at=NOW,
                who="wang",
                lead_ids=(lead_id,),
            )
            captures.save_pack(c, pack)
            following.send(
                c,
                WANG,
                lead_id,
                version,
                now=NOW,
                channel=Channel.PLATFORM,
                addressee="演练平台",
                receipt="R",
                workdays=3,
            )
        later, version = NOW + timedelta(days=2), leads.load_lead_row(c, 1).version
        notice = captures.notices_of(c, 1)[0]
        version = following.answer(c, WANG, 1, version, now=later, notice_id=notice.id, kind=Answer.REMOVED, text="")
        following.recheck(c, WANG, 1, version, now=later + timedelta(days=1), seen=Seen.STILL_UP, text="")


WEEK = Period(first=date(2026, 11, 20), last=date(2026, 11, 26))


def test_shares_are_of_the_same_leads(store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)
    with store.read() as c:
        found, first_day = figures(c, WEEK, now=LATER), figures(c, TODAY, now=LATER)
        marks = platform_marks(c, WEEK, now=LATER)["practice"]
    shares = {r.id: found.share(r) for r in definitions().ratios}
    assert shares["closed_loop_rate"] == 0 and shares["in_time_rate"] == 0.5 and shares["misjudged_rate"] == 0
    assert first_day.share(definitions().ratios[0]) == 0, "what happened later does not change an earlier period"
    assert (found.leads("to_platform"), found.leads("removed"), found.leads("still_up")) == ((1, 2), (1,), (1,))
    assert (marks["on_time"].value, marks["acted"].value, marks["median_days"].value) == (0.5, 1, 2.0)
    assert marks["promise"].counted == {1}


def test_an_answer_after_the_term_is_not_in_time(store: Store, tmp_path: Path) -> None:
    """On both screens alike; and what a platform says later takes its first answer not out of its term."""
    send_some(store, tmp_path)
    late = NOW + timedelta(days=10)
    with store.write() as c:
        for lead_id in (1, 2):
            notice, version = captures.notices_of(c, lead_id)[0], leads.load_lead_row(c, lead_id).version
            following.answer(c, WANG, lead_id, version, now=late, notice_id=notice.id, kind=Answer.REJECTED, text="")
    month = Period(first=date(2026, 11, 1), last=date(2026, 11, 30))
    for period in (WEEK, month):
        with store.read() as c:
            found, marks = figures(c, period, now=LATER), platform_marks(c, period, now=LATER)["practice"]
        assert (found.leads("fell_due"), found.leads("due_in_time")) == ((1, 2), (1,))
        assert (marks["on_time"].among, marks["on_time"].counted) == ({1, 2}, {1})
    assert marks["acted"].value == 0.5
    with store.read() as c:
        assert platform_marks(c, WEEK, now=LATER)["practice"]["acted"].value == 1, (
            "what was refused later was acted on by then"
        )


def test_a_term_that_is_not_over_is_not_due(store: Store, tmp_path: Path) -> None:
    """Lead 2's term ends on the 25th: on that day nobody can say yet that it was missed."""
    send_some(store, tmp_path)
    with store.read() as c:
        for day, due in ((25, ()), (26, (1, 2))):
            now = datetime(2026, 11, day, 12, tzinfo=BEIJING)
            assert figures(c, WEEK, now=now).leads("fell_due") == due
            among = platform_marks(c, WEEK, now=now)["practice"].get("on_time", Mark()).among
            assert tuple(sorted(among)) == due


def test_a_withdrawal_changes_no_period_before_it(store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)
    with store.read() as c:
        before, marks = figures(c, WEEK, now=LATER).total, platform_marks(c, WEEK, now=LATER)
    with store.write() as c:
        for lead_id, when in ((1, NOW + timedelta(days=20)), (2, NOW + timedelta(days=20))):
            following.withdraw(c, WANG, lead_id, leads.load_lead_row(c, lead_id).version, now=when, why="投诉有误")
    with store.read() as c:
        assert (figures(c, WEEK, now=LATER).total, platform_marks(c, WEEK, now=LATER)) == (before, marks)
        whole = Period(first=date(2026, 11, 1), last=date(2026, 12, 31))
        found = figures(c, whole, now=LATER)
        assert [found.total[m] for m in ("sent", "sent_out", "fell_due", "loop_closed")] == [2, 0, 2, 0]
        assert "acted" not in platform_marks(c, whole, now=LATER)["practice"], (
            "by the end of this one they are taken back"
        )


def test_what_is_taken_back_before_its_term_owes_no_answer(store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)
    with store.write() as c:
        following.withdraw(c, WANG, 2, leads.load_lead_row(c, 2).version, now=NOW + timedelta(days=1), why="投诉有误")
    with store.read() as c:
        assert figures(c, WEEK, now=LATER).leads("fell_due") == (1,)


def test_a_loop_that_is_opened_again_is_not_closed(store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)

    def act(action: decisions.Action, hours: int) -> tuple[int, ...]:
        with store.write() as c:
            version, now = leads.load_lead_row(c, 1).version, NOW + timedelta(days=4, hours=hours)
            decisions.act(c, WANG, 1, version, action, now=now, why="看过")
            return figures(c, WEEK, now=LATER).leads("loop_closed")

    assert act(decisions.Action.CLOSE, 0) == (1,)
    assert act(decisions.Action.REOPEN, 1) == ()
    with store.write() as c:
        decisions.judge(c, WANG, 1, leads.load_lead_row(c, 1).version, Resolution.FAIR_USE, now=NOW + timedelta(days=5))
        assert figures(c, WEEK, now=LATER).leads("loop_closed") == (1,)


def test_a_lead_judged_anew_counts_by_its_last_judgement(store: Store) -> None:
    with store.write() as c:
        version = decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=NOW)
        decisions.judge(c, WANG, 1, version, Resolution.FAIR_USE, now=NOW + timedelta(hours=1))
        found = figures(c, TODAY, now=LATER)
    names = ("judged", "confirmed", "dismissed", "fair_use", "ever_confirmed", "misjudged")
    assert [found.total[m] for m in names] == [1, 0, 1, 1, 1, 1]


def test_a_lead_upheld_anew_is_no_misjudgement(store: Store) -> None:
    with store.write() as c:
        version = decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=NOW)
        version = decisions.act(c, ZHAO, 1, version, Action.RETURN, now=NOW, why="补充截图")
        returned = figures(c, TODAY, now=LATER).leads("misjudged")
        version = decisions.judge(c, WANG, 1, version, Resolution.CONFIRMED, now=NOW)
        anew = figures(c, TODAY, now=LATER).leads("misjudged")
        decisions.act(c, WANG, 1, version, Action.REOPEN, now=NOW, why="页面已改动")
        reopened = figures(c, TODAY, now=LATER).leads("misjudged")
    assert (returned, anew, reopened) == ((1,), (), ())


def test_every_number_opens_on_its_leads(enter: Enter, store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)
    client = enter("ling")
    span = "first=2026-11-20&last=2026-11-26"
    for path in ("/reports", "/reports/campaign", "/reports/platforms", "/reports/summary"):
        page = client.get(f"{path}?{span}")
        assert page.status_code == 200, page.text
        links = re.findall(r'<a href="(/reports/leads\?[^"]+)">(\d+)</a>', page.text)
        assert links or path == "/reports/platforms"
        for link, number in dict(links).items():
            listed = client.get(html.unescape(link))
            assert f"：{number} 条" in listed.text, link
    score = client.get("/reports/platforms?" + span).text
    assert "【待填：本系统没有可以对应的记录】" in score and "条文未核实" in score
    link = html.unescape(re.findall(r'<a href="([^"]*figure=score.acted[^"]*)"', score)[0])
    assert "1 条" in client.get(link).text


def test_a_sample_without_results_has_no_share_yet(enter: Enter, bounded: Store) -> None:
    """Drawn on the day, none of its three listings judged: a dash, not nought and not an error."""
    with bounded.read() as c:
        (sample,) = cleanliness(c, TODAY)
    assert (sample.drawn, sample.judged, sample.clean) == (3, 0, None)
    page = enter("ling").get("/reports?first=2026-11-20&last=2026-11-20")
    assert page.status_code == 200 and "阳澄湖抽查" in page.text
    row = page.text.split("阳澄湖抽查")[1].split("</tr>")[0]
    assert re.findall(r">([^<>]+)<", row) == ["3", "0", "—", "—"]


def test_charts_run_nothing(enter: Enter, store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)
    client = enter("ling")
    span = "first=2026-11-20&last=2026-11-26"
    for path in ("charts/trend", "charts/coverage", "charts/results", "campaign", "platforms"):
        answer = client.get(f"/reports/{path}.svg?{span}")
        assert answer.headers["content-type"].startswith("image/svg+xml") and "<svg" in answer.text
        assert "<script" not in answer.text and "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r'(?:href|src|url\()="?https?://', answer.text.replace("http://www.w3.org", ""))
    assert client.get(f"/reports/charts/nothing.svg?{span}").status_code == 422


def test_papers_of_the_year_mark_what_is_not_known(enter: Enter, store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)
    client = enter("zhao")
    summary = text_of(client.get("/reports/summary.docx?first=2026-11-20&last=2026-11-26").content)
    assert "2026-11-13 至 2026-11-19" in summary and "【待填：罚没金额（万元）】" in summary
    book = client.get("/reports/summary.xlsx?first=2026-11-20&last=2026-11-26").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("工作统计").to_python()
    told = {str(row[1]): row[2:] for row in rows[3:]}
    assert told["通知平台数"][:2] == [2, 0] and told["闭环率"][:2] == ["0.00%", "无"]
    assert told["平台处置率"][:2] == ["100.00%（1/1）", "无"] and "最终答复" in str(told["平台处置率"][2])
    assert told["平台处置用时（中位数）"][0] == "2.0 天（1 次）" and str(told["罚没金额"][0]).startswith("【待填")
    for name, of, _, definition in ((row[1], *row[2:]) for row in rows[3:] if not str(row[1]).startswith("　")):
        assert definition or str(of).startswith("【待填"), f"{name}: no definition"
    yearly = text_of(client.get("/reports/markuse.docx?year=2026").content)
    assert "阳澄湖大闸蟹" in yearly and "地理标志产品" in yearly and "平台已处理数1" in yearly
    assert "演练编号" not in yearly and "19957" not in yearly, "unverified facts are not printed"
    assert "金爪" not in yearly and "【待填：年产量】" in yearly
    for path in ("summary.xlsx?first=2026-11-20&last=2026-11-26", "markuse.xlsx?year=2026"):
        CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/reports/{path}").content))


WHOLE = Period(first=date(2026, 11, 1), last=date(2026, 11, 30))


def test_the_summary_tells_leads_apart_and_each_part_opens_on_them(enter: Enter, store: Store) -> None:
    with store.read() as c:
        found = dict(summary(c, WHOLE, now=LATER).sections)
        first = figures(c, WHOLE, now=LATER).total["found"]
        nobody = dict(summary(c, WHOLE, frozenset(), now=LATER).sections)
    assert first == 31

    def parts(title: str, way: str) -> dict[str, str]:
        lines = [line for line in found[title] if line.measure.startswith(f"found.{way}.")]
        return {line.name: line.value for line in lines}

    where, what, when = (f"线索分布：{t}" for t in ("平台和地区", "类型和风险", "季节和重点时段"))
    assert parts(what, "risk") == {"高": "5", "中": "13", "低": "13"}
    assert parts(where, "platform") == {"演练平台": "31"} and sum(map(int, parts(where, "region").values())) == 31
    assert parts(when, "season") == {"秋季（9—11月）": "31"}
    assert parts(when, "period")["双11"] == "0" and "中秋" not in parts(when, "period")
    client = enter("ling")
    page = client.get("/reports/summary?first=2026-11-01&last=2026-11-30").text
    links = re.findall(r'<a href="(/reports/leads\?figure=found\.[^"]+)">(\d+)</a>', page)
    assert len(links) > 8
    for link, number in links:
        assert f"：{number} 条" in client.get(html.unescape(link)).text, link
    assert client.get("/reports/leads?figure=found.nothing.x").status_code == 404
    assert {line.value for line in nobody[what]} == {"0"}, "an area sees its own leads only"


def test_the_summary_says_how_well_was_collected(store: Store) -> None:
    """The night of the fixture asked three queries; days since, without one, are counted until yesterday."""
    with store.read() as c:
        told = {line.name: line for line in dict(summary(c, WHOLE, now=NOW + timedelta(days=3)).sections)["数据质量"]}
    assert (told["有缺口的查询数"].value, told["查询完整率"].value) == ("2", "33.33%")
    assert told["没有夜间采集的天数"].value == "2" and told["没有夜间采集的天数"].before == "无"
    assert all(line.definition or line.is_part for line in told.values())


def test_every_family_of_models_has_its_type() -> None:
    known = [family for kind in ways().types for family in kind.families]
    assert sorted(known) == sorted({*FAMILIES, FAMILY, "officer"})


def test_a_typical_case_names_nobody(enter: Enter, store: Store, tmp_path: Path) -> None:
    send_some(store, tmp_path)
    client = enter("zhao")
    told = text_of(client.get("/leads/1/case.docx").content)
    assert "疑似成立" in told and "阳澄湖大闸蟹" in told and "第三十条" in told and "已处理" in told
    for name in ("湖畔", "9232", "http", "g000", "王一", "赵批", "wang", "演练路", "practice"):
        assert name not in told, name
    assert client.get("/leads/5/case.docx").status_code == 422, "nobody confirmed it"


def test_a_period_is_compared_with_its_like() -> None:
    month = Period(first=date(2026, 3, 1), last=date(2026, 3, 31))
    year = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))
    assert month.before == Period(first=date(2026, 2, 1), last=date(2026, 2, 28))
    assert year.before == Period(first=date(2025, 1, 1), last=date(2025, 12, 31))
    assert WEEK.before == Period(first=date(2026, 11, 13), last=date(2026, 11, 19))
    for period, pieces in ((WEEK, 7), (month, 6), (year, 12)):
        found = period.pieces()
        assert len(found) == pieces and (found[0].first, found[-1].last) == (period.first, period.last)
        assert all(b.first - a.last == timedelta(days=1) for a, b in pairwise(found))


def text_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = ["".join(dict.fromkeys(c.text for c in row.cells)) for t in document.tables for row in t.rows]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])
