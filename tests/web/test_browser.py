"""The officer's way in real Chromium: log in, judge by keys, undo, go on, see that seller text stays text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from gimonitor.evidence.verify import verify_pack
from gimonitor.model.lead import Resolution, State
from gimonitor.store import audit, leads
from gimonitor.store.database import Store
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role

pytestmark = pytest.mark.browser
PASSWORD = "chenpi-2026-xinhui"
Serving = Callable[[FastAPI], AbstractContextManager[str]]


class Market(Protocol):
    """The sellers' pages of the fixture."""

    address: str


@pytest.fixture
def address(app: FastAPI, serving: Serving) -> Iterator[str]:
    with serving(app) as where:
        yield where


@pytest.fixture
def market_url(market: Market) -> str:
    """A marketplace where the seeded listings stand."""
    return market.address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A window of 1366×768 in which no error, dialog or request to another host may happen."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=address)
    window = context.new_page()
    wrong: list[str] = []
    window.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    window.on("pageerror", lambda error: wrong.append(f"error {error}"))
    window.on("console", lambda said: wrong.append(f"{said.type} {said.text}") if said.type == "error" else None)
    window.on("request", lambda sent: None if sent.url.startswith(address) else wrong.append(f"asked {sent.url}"))
    yield window
    context.close()
    assert wrong == []


def log_in(page: Page, login: str) -> None:
    page.goto("/login")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()


def decided(store: Store) -> list[tuple[State, Resolution | None]]:
    with store.read() as c:
        rows = leads.queue_page(c, leads.QueueFilter(), None, 50).rows
    return [(row.state, row.resolution) for row in rows]


def test_judging_by_keys(page: Page, store: Store) -> None:
    log_in(page, "wang")
    page.get_by_role("link", name="审核", exact=True).click()
    expect(page.get_by_text("31 条线索")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_text("70.0 分")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_contain_text("判定为“疑似成立”")
    expect(page.get_by_text("67.7 分")).to_be_visible()
    assert decided(store)[0] == (State.JUDGED, Resolution.CONFIRMED)
    page.keyboard.press("z")
    expect(page.get_by_role("status")).to_contain_text("撤销")
    assert decided(store)[0] == (State.NEW, None)
    page.keyboard.press("r")
    page.keyboard.type("第3方检测123")
    page.keyboard.press("Enter")  # nobody chose a conclusion
    expect(page.get_by_label("理由", exact=True)).not_to_be_focused()
    assert decided(store)[0] == (State.NEW, None)
    page.keyboard.press("5")
    expect(page.get_by_text("67.7 分")).to_be_visible()
    assert decided(store)[0] == (State.JUDGED, Resolution.NOT_ENOUGH_PROOF)
    page.keyboard.press("Space")
    expect(page.get_by_text("65.4 分")).to_be_visible()


def test_a_session_that_ended_while_judging_loses_no_reason(page: Page, store: Store) -> None:
    log_in(page, "wang")
    with store.read() as c:
        lead = leads.queue_page(c, leads.QueueFilter(states=(State.NEW,)), None, 1).rows[0].id
    page.goto(f"/leads/{lead}")
    page.get_by_label("理由", exact=True).fill("地名作产地说明")
    page.context.clear_cookies()
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    expect(page.get_by_role("status")).to_contain_text("刚才的操作没有保存")
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(rf"/leads/{lead}$"))
    expect(page.get_by_label("理由", exact=True)).to_have_value("地名作产地说明")
    page.keyboard.press("3")
    expect(page.get_by_role("status")).to_contain_text("正当使用")
    with store.read() as c:
        assert leads.load_lead_row(c, lead).resolution is Resolution.FAIR_USE


def test_what_one_person_typed_is_not_put_before_the_next(page: Page) -> None:
    log_in(page, "wang")
    page.goto("/leads/1")
    page.get_by_label("理由", exact=True).fill("只有我知道")
    page.context.clear_cookies()
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    page.get_by_label("用户名").fill("li")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(r"/leads/1$"))
    expect(page.get_by_label("理由", exact=True)).to_have_value("")


def test_capture_pack_download_and_verify(page: Page, store: Store, tmp_path: Path) -> None:
    log_in(page, "wang")
    page.goto("/leads/1")
    page.keyboard.press("c")
    expect(page.get_by_role("status")).to_contain_text("固证完成", timeout=60_000)
    expect(page.get_by_role("link", name="整页截图").first).to_be_visible()
    thumbnail = page.get_by_role("img", name="页面截图").first
    thumbnail.scroll_into_view_if_needed()
    assert thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth)") == 240
    assert page.get_by_role("button", name="导出证据包").count() == 0  # nobody has judged it yet
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_contain_text("已记录")
    page.goto("/leads/1")
    page.keyboard.press("e")
    expect(page.get_by_role("status")).to_contain_text("证据包已生成", timeout=60_000)
    with page.expect_download() as started:
        page.get_by_role("link", name=".zip").click()
    pack = tmp_path / "downloaded.zip"
    started.value.save_as(pack)
    assert verify_pack(pack) == []
    changed = bytearray(pack.read_bytes())
    changed[len(changed) // 2] ^= 1
    pack.write_bytes(changed)
    assert verify_pack(pack) != []
    with store.read() as c:
        acts = [entry.action for entry in audit.latest_audit(c, 20)]
    assert "lead.capture" in acts and "lead.pack" in acts and "pack.download" in acts


def test_twenty_leads_by_keys(page: Page, store: Store) -> None:
    log_in(page, "wang")
    page.goto("/leads")
    page.keyboard.press("Space")
    for number in range(20):
        expect(page.get_by_role("heading", name="线索", exact=False).first).to_be_visible()
        page.keyboard.press(str(number % 6 + 1))
        expect(page.get_by_role("status")).to_contain_text("已记录")
    assert [state for state, _ in decided(store)[:20]].count(State.NEW) == 0
    assert [state for state, _ in decided(store)].count(State.NEW) == 11


def test_a_refused_form_comes_back_filled_in(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)  # a refusal stands in the console
    window = context.new_page()
    log_in(window, "wang")
    window.goto("/leads/new")
    window.get_by_label("地理标志").select_option(label="阳澄湖大闸蟹")
    window.get_by_label("商品链接").fill("ftp://market.example/item/1")
    window.get_by_label("标题或情况").fill("湖边摊位的大闸蟹")
    window.get_by_role("button", name="登记线索").click()
    expect(window.get_by_text("链接不是 http(s) 地址")).to_be_visible()
    window.get_by_role("link", name="返回").click()
    expect(window.get_by_label("标题或情况")).to_have_value("湖边摊位的大闸蟹")
    expect(window.get_by_label("商品链接")).to_have_value("ftp://market.example/item/1")
    assert window.get_by_label("地理标志").input_value() == "yangchenghu-crab"
    window.goto("/leads/new")
    expect(window.get_by_label("标题或情况")).to_have_value("")
    context.close()


def test_seller_text_stays_text(page: Page, store: Store) -> None:
    """Every evil text on every screen that shows it: no dialog, no error, nothing fetched (see the fixture)."""
    log_in(page, "wang")
    with store.read() as c:
        evil = leads.queue_page(c, leads.QueueFilter(), (6.0, 0), 50).rows
    assert len(evil) == 7
    page.goto("/leads?view=open&q=阳澄湖")
    for row in evil:
        page.goto(f"/leads/{row.id}")
        assert page.evaluate("document.scripts.length") == 1
        assert page.locator("img").count() == 0
        expect(page.get_by_role("heading", name="疑点与理由")).to_be_visible()


def test_seller_text_stays_text_even_without_the_policy(browser: Browser, address: str, store: Store) -> None:
    """Escaping alone holds, too: the same screens with the content security policy switched off."""
    context = browser.new_context(bypass_csp=True, base_url=address)
    window, wrong = context.new_page(), []
    window.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    window.on("request", lambda sent: None if sent.url.startswith(address) else wrong.append(sent.url))
    log_in(window, "wang")
    with store.read() as c:
        evil = leads.queue_page(c, leads.QueueFilter(), (6.0, 0), 50).rows
    for path in ("/leads?view=all", *(f"/leads/{row.id}" for row in evil)):
        window.goto(path, wait_until="networkidle")
        assert window.evaluate("document.scripts.length") == 1
    context.close()
    assert wrong == []


SCREENS = ["/", "/leads", "/leads/1", "/groups", "/groups/subject/1", "/listings", "/clocks", "/complaints", "/samples", "/register",
           "/register/yangchenghu-crab", "/models", "/models/style", "/dropped", "/coverage", "/tokens", "/api/docs", "/quality",
           "/documents", "/answers", "/ignores", "/bundles", "/leads/new", "/reports"]  # fmt: skip


def test_every_screen_fits_prints_and_is_accessible(page: Page) -> None:
    """At 1366×768 nothing stands beyond the edge, in Chinese and in English; on paper there is no navigation; axe is content."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    log_in(page, "wang")
    for path in SCREENS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, path
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")]
        assert serious == [], path
        page.emulate_media(media="print")
        assert page.locator("header.top").is_hidden() and page.locator("h1").first.is_visible(), path
        page.emulate_media(media="screen")
    page.goto("/leads/1")
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Findings and reasons")).to_be_visible()
    for path in SCREENS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, f"{path} in English"


def test_the_next_lead_is_fetched_while_this_one_is_looked_at(page: Page, store: Store) -> None:
    """Space opens the next lead from what was fetched ahead: no second request for the page, and the view is on record."""
    log_in(page, "wang")
    page.goto("/leads")
    with page.expect_response(lambda answer: answer.request.headers.get("x-ahead") == "1") as fetched:
        page.keyboard.press("Space")
    answer = fetched.value
    assert answer.finished() is None and "max-age=30" in answer.headers["cache-control"]
    path = answer.url.partition("?")[0].rpartition("/")[2]
    with page.expect_response(lambda answer: answer.url.endswith("/opened")) as told:
        page.keyboard.press("Space")
    assert told.value.status == 204
    expect(page.get_by_text("67.7 分")).to_be_visible()
    with store.read() as c:
        acts = [(one.action, one.object) for one in audit.latest_audit(c, 20)]
    assert acts.count(("lead.ahead", f"lead:{path}")) == 1
    assert acts.count(("lead.view", f"lead:{path}")) == 1


def test_what_was_fetched_in_one_language_is_not_shown_in_the_other(page: Page) -> None:
    log_in(page, "wang")
    page.goto("/leads")
    with page.expect_response(lambda answer: answer.request.headers.get("x-ahead") == "1") as fetched:
        page.keyboard.press("Space")
    answer = fetched.value
    assert answer.finished() is None
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(answer.url)
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_lead_changed_since_it_was_fetched_is_asked_for_anew(page: Page, store: Store) -> None:
    log_in(page, "wang")
    page.goto("/leads")
    with page.expect_response(lambda answer: answer.request.headers.get("x-ahead") == "1") as fetched:
        page.keyboard.press("Space")
    assert fetched.value.finished() is None
    lead_id = int(fetched.value.url.partition("?")[0].rpartition("/")[2])
    with store.write() as c:
        decisions.claim(c, Actor(login="li", roles=frozenset({Role.OFFICER})), lead_id, 1, now=audit.utc_now())
    page.keyboard.press("Space")
    expect(page.get_by_text("李二 认领")).to_be_visible()
