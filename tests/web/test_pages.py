"""The pages as an officer meets them, through the application's own routes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import pytest
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.model.finding import Stage
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field, Shop
from gimonitor.register.gifile import build_gi_file
from gimonitor.store import audit, leads, people
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation, save_listings
from gimonitor.workflow.lookedat import Look, Matter, note_look

from .seeds import CRAB, NOW, REGISTER, crab_listing, screening

Enter = Callable[[str], TestClient]


class Clock(Protocol):
    """The application's clock, moved by hand."""

    now: datetime


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page
    return found[1]


def top_lead(store: Store) -> int:
    with store.read() as c:
        return leads.queue_page(c, leads.QueueFilter(), None, 1).rows[0].id


def test_nobody_is_shown_anything(enter: Enter) -> None:
    client = enter("")
    answer = client.get("/leads?view=mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/leads%3Fview%3Dmine")


def test_log_in_goes_where_one_wanted_to_go_and_nowhere_else(enter: Enter) -> None:
    client = enter("")
    form = {"name": "wang", "password": "chenpi-2026-xinhui"}
    for wanted, reached in {
        "/coverage": "/coverage",
        "//evil.example": "/",
        "https://evil.example": "/",
        "/\\evil": "/",
    }.items():
        assert client.post("/login", data={**form, "next": wanted}).headers["location"] == reached


def test_the_morning_page(enter: Enter) -> None:
    page = enter("wang").get("/")
    assert page.status_code == 200
    assert "31<small>条" in page.text  # all leads are open
    assert "验证页面" in page.text and "页数上限截断" in page.text  # both gaps are named
    assert "2026 年 11 月 20 日 星期五" in page.text


def test_the_morning_page_tells_what_is_amiss(enter: Enter, configuration: Configuration, clock: Clock) -> None:
    page = enter("wang").get("/").text
    assert "系统状况" not in page and "还没有体检记录" in page
    matters = (
        Matter(name="展望", urgent=False, said="标准 60 天内到期 1 项", todo="核实替代标准"),
        Matter(name="磁盘", urgent=True, said="剩余 0.1 GB", todo="扩容"),
    )
    note_look(configuration.data_dir, Look(at=clock.now, matters=matters))
    officer, operator = enter("wang").get("/").text, enter("yun").get("/").text
    assert "磁盘" in officer and "请告知运维员" in officer and "0.1 GB" not in officer and "展望" not in officer
    assert operator.index("0.1 GB") < operator.index("60 天内到期") and "扩容" in operator
    note_look(configuration.data_dir, Look(at=clock.now, matters=()))
    assert "没有须立即处理的异常" in enter("wang").get("/").text
    clock.now += timedelta(days=5)
    page = enter("wang").get("/").text
    assert "5 夜没有采集" in page and "不是昨夜的" in page and "很久没有体检" in page


def test_the_queue_pages_without_losing_or_repeating(enter: Enter) -> None:
    client, seen, path = enter("wang"), [], "/leads?view=open"
    while path:
        page = client.get(path).text
        seen += re.findall(r'href="/leads/(\d+)"', page)
        more = re.search(r'href="(/leads\?[^"]*after=[^"]+)" data-key="n"', page)
        path = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 31


def test_an_address_that_is_not_understood_is_told(enter: Enter) -> None:
    client = enter("wang")
    page = client.get("/leads?view=nonsense&after=xx").text
    assert "没有“nonsense”这个视图，显示的是“待审核”" in page and "翻页位置有误" in page
    assert "翻页位置有误" not in client.get("/leads?view=mine&after=50.0_3").text
    page = client.get("/leads?state=zz&resolution=1&shop=-1").text
    assert all(f"{word}无法识别" in page for word in ("状态“zz”", "结论“1”", "店铺“-1”"))


def test_search_in_chinese(enter: Enter) -> None:
    page = enter("wang").get("/leads", params={"q": "鲜活现货 25只"}).text
    assert page.count("data-open") == 1 and "25只" in page


def test_one_lead_explains_itself(enter: Enter, store: Store) -> None:
    page = enter("wang").get(f"/leads/{top_lead(store)}").text
    assert '<mark data-findings="1">阳澄湖大闸蟹</mark><sup class="no">1</sup> ' in page
    assert '<mark data-findings="2">鲜活现货</mark>' in page
    for words in (
        "不在保护产区内",
        "第三十条",
        "店铺主体不在合法使用人名单中",
        "出示产自保护产区的证明",
        "严重程度",
        "产区外",
    ):
        assert words in page
    assert "未核实" in page and "苏州金爪蟹业有限公司" in page and "江苏省苏州市昆山市" in page
    assert "校验位正确" in page


def test_a_score_says_of_which_day_it_is(enter: Enter) -> None:
    client = enter("wang")
    client.post("/leads/1/judge", data={"version": "1", "resolution": "confirmed"})
    page = client.get("/leads/1").text
    assert f"{NOW.date()} 筛查时；此后的判定在下一次筛查时计入历史情况" in page


def test_judging_goes_on_to_the_next_lead_and_can_be_undone(enter: Enter, store: Store) -> None:
    client, lead = enter("wang"), top_lead(store)
    page = client.get(f"/leads/{lead}?view=open").text
    done = client.post(
        f"/leads/{lead}/judge",
        data={"version": version_on(page), "resolution": "fair_use", "why": "说明了产地", "back": "view=open"},
    )
    assert done.status_code == 303
    following = client.get(done.headers["location"]).text
    assert f"线索 {lead}：判定为“正当使用”，已记录" in following
    with store.read() as c:
        row = leads.load_lead_row(c, lead)
    assert (row.state, row.resolution, row.claimed_by) == (State.CLOSED, Resolution.FAIR_USE, "wang")
    undo = re.search(rf'action="/leads/{lead}/undo".*?name="version" value="(\d+)"', following, re.S)
    assert undo
    back = client.post(f"/leads/{lead}/undo", data={"version": undo[1]})
    assert back.headers["location"].startswith(f"/leads/{lead}?")
    with store.read() as c:
        assert leads.load_lead_row(c, lead).state is State.NEW
        assert [d.action for d in leads.decisions_of(c, lead)] == ["claim", "judge", "undo"]
        assert audit.verify_audit(c) is None


def test_the_slower_of_two_officers_is_told(enter: Enter, store: Store) -> None:
    lead = top_lead(store)
    wang, li = enter("wang"), enter("li")
    version = version_on(li.get(f"/leads/{lead}").text)
    form = {"version": version, "resolution": "confirmed"}
    assert wang.post(f"/leads/{lead}/judge", data=form).status_code == 303
    late = li.post(f"/leads/{lead}/judge", data={"version": version, "resolution": "fair_use"})
    assert late.status_code == 409 and "王一" in late.text
    with store.read() as c:
        assert leads.load_lead_row(c, lead).resolution is Resolution.CONFIRMED


def test_approval_takes_a_second_person(enter: Enter, store: Store) -> None:
    lead = top_lead(store)
    with store.write() as c:
        wang = people.find_person(c, "wang")
        assert wang
        people.change_person(c, wang.id, role="officer,approver")
    judge, other = enter("wang"), enter("zhao")
    judge.post(f"/leads/{lead}/judge", data={"version": "1", "resolution": "confirmed"})
    refused = judge.post(f"/leads/{lead}/approve", data={"version": "3"})
    assert refused.status_code == 403 and "另一人" in refused.text
    assert other.post(f"/leads/{lead}/approve", data={"version": "3"}).status_code == 303
    page = judge.get(f"/leads/{lead}").text
    assert "已审批" in page and "登记报送" in page


def test_an_unknown_resolution_or_a_missing_version_changes_nothing(enter: Enter, store: Store) -> None:
    client, lead = enter("wang"), top_lead(store)
    assert client.post(f"/leads/{lead}/judge", data={"version": "1", "resolution": "guilty"}).status_code == 422
    assert client.post(f"/leads/{lead}/judge", data={"resolution": "confirmed"}).status_code == 422
    assert client.post(f"/leads/{lead}/burn", data={"version": "1"}).status_code == 422
    assert client.post("/leads/999999/judge", data={"version": "1", "resolution": "confirmed"}).status_code == 404
    with store.read() as c:
        assert leads.load_lead_row(c, lead).version == 1


def test_evil_texts_are_shown_and_nothing_more(enter: Enter, store: Store) -> None:
    client = enter("wang")
    with store.read() as c:
        rows = (
            leads.queue_page(c, leads.QueueFilter(text="测试"), None, 50).rows
            or leads.queue_page(c, leads.QueueFilter(), (6.0, 0), 50).rows
        )
    assert len(rows) == 7
    for row in rows:
        page = client.get(f"/leads/{row.id}")
        assert page.status_code == 200
        assert not re.search(r"<script(?! src=\"/static/)", page.text)
        assert "<img src=x" not in page.text and "<svg onload" not in page.text
        assert 'href="javascript' not in page.text.lower()
        assert not set("\u202e\u2066\u200b") & set(page.text)


def test_views_of_leads_are_audited(enter: Enter, store: Store) -> None:
    lead = top_lead(store)
    enter("shen").get(f"/leads/{lead}")
    with store.read() as c:
        newest = audit.latest_audit(c, 1)[0]
    assert (newest.who, newest.action, newest.object) == ("shen", "lead.view", f"lead:{lead}")


def test_coverage_names_every_gap(enter: Enter) -> None:
    page = enter("yun").get("/coverage").text
    assert "验证页面" in page and "截断" in page and page.count('<span class="chip good">完整</span>') == 1
    assert enter("yun").get("/coverage/77").status_code == 404


def test_the_register_is_open_to_all(enter: Enter) -> None:
    client = enter("yun")
    assert "阳澄湖大闸蟹" in client.get("/register").text
    assert "阳澄湖大闸蟹" not in client.get("/register", params={"q": "大米"}).text
    assert "未核实" in client.get("/register/yangchenghu-crab").text
    assert client.get("/register/nothing").status_code == 404
    assert "某废止标志" in client.get("/register").text
    assert '2007-01-30<span class="unverified">未核实</span> 起' in client.get("/register/old-mark").text


def test_the_page_of_a_gi_holds_every_line_that_register_show_prints(enter: Enter) -> None:
    text = html.unescape(enter("yun").get("/register/yangchenghu-crab").text)
    for section in build_gi_file(REGISTER, CRAB, NOW.date()):
        assert section.title in text
        for label, line in section.entries:
            assert f"<dt>{label}</dt>" in text or not label
            assert line.replace("（未核实）", '<span class="unverified">未核实</span>') in text
    assert "缺项" in text and "项事实未核实" in text and "苏州金爪蟹业有限公司" in text


def test_reminders_of_authorised_users_stand_on_the_page_of_the_gi(enter: Enter, store: Store) -> None:
    assert "没有合规提醒" in enter("wang").get("/register/yangchenghu-crab").text
    shop = Shop(name="金爪蟹业旗舰店", shop_id="s88")
    listing = crab_listing(88, "阳澄湖大闸蟹 8只", shop=shop)
    flagged = screening(listing, 9.0, (Field.TITLE, "", "阳澄湖大闸蟹", "应补标统一社会信用代码"))
    reminded = replace(flagged, stage=Stage.CLEARED, suspicions=(), reminders=flagged.suspicions[0].findings)
    with store.write() as c:
        save_listings(c, [Observation(listing=listing, screening=reminded)], None)
    text = enter("wang").get("/register/yangchenghu-crab").text
    assert "金爪蟹业旗舰店" in text and "应补标统一社会信用代码" in text
    assert "合规提醒" not in enter("yun").get("/register/yangchenghu-crab").text, "an operator reads no leads"


@pytest.mark.parametrize("wait", [timedelta(minutes=31), timedelta(hours=13)])
def test_a_session_ends(enter: Enter, clock: object, wait: timedelta) -> None:
    client = enter("wang")
    assert client.get("/").status_code == 200
    clock.now += wait  # type: ignore[attr-defined]
    assert client.get("/").status_code == 303


def test_a_session_in_use_ends_after_twelve_hours(enter: Enter, clock: object) -> None:
    client = enter("wang")
    for _ in range(12 * 3):
        assert client.get("/").status_code == 200
        clock.now += timedelta(minutes=20)  # type: ignore[attr-defined]
    assert client.get("/").status_code == 303


def test_a_disabled_person_is_out_at_the_next_request(enter: Enter, store: Store) -> None:
    client = enter("wang")
    with store.write() as c:
        person = people.find_person(c, "wang")
        assert person
        people.change_person(c, person.id, active=False)
    assert client.get("/").status_code == 303
    assert enter("").post("/login", data={"name": "wang", "password": "chenpi-2026-xinhui"}).status_code == 401


def test_logging_out_ends_the_session_in_the_store(enter: Enter) -> None:
    client = enter("wang")
    token = client.cookies["__Host-gimonitor"]
    client.post("/logout")
    client.cookies.set("__Host-gimonitor", token, domain="testserver.local", path="/")
    client.cookies.set("__Host-gimonitor", token)
    assert client.get("/").status_code == 303


def test_ten_wrong_passwords_lock_for_a_quarter_of_an_hour(enter: Enter, clock: object) -> None:
    client = enter("")
    for _ in range(10):
        assert client.post("/login", data={"name": "wang", "password": "wrong password"}).status_code == 401
    right = {"name": "wang", "password": "chenpi-2026-xinhui"}
    assert client.post("/login", data=right).status_code == 401
    clock.now += timedelta(minutes=16)  # type: ignore[attr-defined]
    assert client.post("/login", data=right).status_code == 303


def test_trying_on_does_not_keep_somebody_out(enter: Enter, clock: object) -> None:
    client = enter("")
    for _ in range(14):
        client.post("/login", data={"name": "wang", "password": "wrong password"})
    clock.now += timedelta(minutes=16)  # type: ignore[attr-defined]
    assert client.post("/login", data={"name": "wang", "password": "chenpi-2026-xinhui"}).status_code == 303


def test_the_auditor_sees_everything_done_and_that_the_chain_is_whole(enter: Enter, store: Store) -> None:
    lead = top_lead(store)
    enter("wang").post(f"/leads/{lead}/judge", data={"version": "1", "resolution": "confirmed"})
    client = enter("shen")
    page = client.get("/audit").text
    assert "判定" in page and "登录" in page and "王一" in page
    narrowed = client.get("/audit", params={"object": f"lead:{lead}"}).text
    assert "判定" in narrowed and ">登录<" not in narrowed
    assert "逐条相连，未见改动" in client.get("/audit/check").text
    assert client.get("/audit?before=0").status_code == 422
