"""规则台 with real rules: what fires on a text and why, nothing stored; and a model's way into force by two people."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.model.finding import Screening, Stage
from gimonitor.register import load_register, rules_dir
from gimonitor.register.modelfile import model_digest, read_model
from gimonitor.store import loading
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.models import VersionState, model_versions_of
from gimonitor.store.tables import people
from gimonitor.web import lab
from gimonitor.web.app import build_app
from gimonitor.workflow.backtesting import run_backtest
from gimonitor.workflow.releasing import candidate_of
from gimonitor.workflow.roles import Role

Enter = Callable[[str], TestClient]
MODEL = "name-unknown"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Rules of our own, of two GIs; the models' examples name others."""
    target = tmp_path / "rules"
    shutil.copytree(rules_dir(), target, ignore=shutil.ignore_patterns("gi", "users", ".*"))
    (target / "gi").mkdir()
    for name in ("hlj-wuchang-dami", "js-yangchenghu-dazhaxie"):
        shutil.copyfile(next((rules_dir() / "gi").rglob(f"{name}.yml")), target / "gi" / f"{name}.yml")
    for path in (target / "models").glob("*.yml"):
        path.write_text(re.sub(r"must(_not)?_flag:\n(  - .*\n)+", "", path.read_text(encoding="utf-8")))
    return target


@pytest.fixture
def app(store: Store, configuration: Configuration, folder: Path, clock: object) -> FastAPI:
    own = configuration.model_copy(update={"rules_dir": folder})
    return build_app(store, own, register_data=load_register(folder), clock=clock, extra_hosts=("testserver",))  # type: ignore[arg-type]


def test_a_text_is_tried_and_stored_nowhere(enter: Enter, store: Store) -> None:
    client = enter("mo")
    shown = client.get("/models").text
    assert "监测模型（" in shown and "未经第二人复核" in shown
    fired = client.post("/models/try", data={"title": "正宗五常大米 10kg", "origin": "辽宁省沈阳市"}).text
    assert "提示疑点" in fired and "<mark data-findings=" in fired and "不在保护范围内" in fired
    other = client.post("/models/try", data={"title": "电饭煲 五常大米专用内胆"}).text
    assert "没有模型提示疑点" in other
    odd = client.post("/models/try", data={"title": "<script>alert(1)</script>\u202e" * 5})
    assert odd.status_code == 200 and "<script>alert" not in odd.text and "\u202e" not in odd.text
    with store.read() as c:
        assert all(one.listing.platform != "lab" for one in loading.iterate_listings(c, 0, 1000))


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, store: Store) -> list[str]:
    """Back-tests run here and now instead of in a process of their own."""
    made: list[str] = []

    def run(configuration: Configuration, rules: Path, draft_id: int, who: str) -> None:
        with store.read() as c:
            draft = next(v for v in model_versions_of(c) if v.id == draft_id)
        candidate = candidate_of(rules, draft.text)
        digest = model_digest(read_model(draft.text))
        run_backtest(store, load_register(rules), candidate, name=draft.model_id, digest=digest, who=who)
        made.append(who)

    monkeypatch.setattr(lab, "start_backtest", run)
    return made


def changed(folder: Path) -> str:
    text = (folder / "models" / f"{MODEL}.yml").read_text(encoding="utf-8")
    return text.replace("status: active", "status: draft # 试改").replace("title: ", "title: 试改·", 1)


def drafts(store: Store, model_id: str = MODEL) -> list[int]:
    with store.read() as c:
        return [v.id for v in model_versions_of(c, model_id, VersionState.DRAFT)]


def test_a_model_is_changed_by_one_and_released_by_another(
    enter: Enter, store: Store, folder: Path, begun: list[str]
) -> None:
    author, approver = enter("mo"), enter("zhao")
    path, text = f"/models/{MODEL}", changed(folder)
    saved = author.post(f"{path}/draft", data={"text": text.replace("\n", "\r\n")})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{path}?did=draft")
    draft = {"draft": str(drafts(store)[0])}
    assert "草稿已保存" in author.get(f"{path}?did=draft").text
    assert approver.post(f"{path}/release", data=draft).status_code == 409, "not tested yet"
    author.post(f"{path}/backtest", data=draft)
    assert begun == ["mo"]
    seen = approver.get(path).text
    assert "已完成" in seen and "发布启用" in seen and "发布启用" not in author.get(path).text
    found = approver.get("/backtests/1").text
    assert "按处理结论的准确率" in found and "31 / 31" in found
    assert author.post(f"{path}/release", data=draft).status_code == 403, "not one's own"
    assert approver.post(f"{path}/release", data=draft).status_code == 303
    in_force = read_model((folder / "models" / f"{MODEL}.yml").read_text(encoding="utf-8"))
    assert (in_force.version, in_force.author, in_force.reader, in_force.status) == (2, "mo", "zhao", "active")
    assert "试改·" in enter("wang").get("/models").text, "the application knows it at once"
    assert approver.post(f"{path}/rollback", data={"why": " "}).status_code == 422
    assert approver.post(f"{path}/rollback", data={"why": "误报"}).status_code == 303
    assert "试改·" not in approver.get("/models").text
    assert "随程序提供" in approver.get(path).text


def test_what_is_in_force_for_all_is_not_for_a_city_to_change(
    enter: Enter, bounded: Store, folder: Path, begun: list[str]
) -> None:
    enter("mo").post(f"/models/{MODEL}/draft", data={"text": changed(folder)})
    draft = {"draft": str(drafts(bounded)[0])}
    enter("mo").post(f"/models/{MODEL}/backtest", data=draft)
    city = enter(f"{Role.APPROVER}3205")
    for act, form in (("release", draft), ("rollback", {"why": "误报"})):
        answer = city.post(f"/models/{MODEL}/{act}", data=form)
        assert answer.status_code == 403 and "不限辖区" in answer.text, act
    assert "发布启用" not in city.get(f"/models/{MODEL}").text
    assert enter("zhao").post(f"/models/{MODEL}/release", data=draft).status_code == 303


def test_what_is_wrong_with_a_draft_is_said_with_its_line(enter: Enter, store: Store, folder: Path) -> None:
    bad = changed(folder).replace("severity: ", "severity: 9 # ", 1)
    answer = enter("mo").post(f"/models/{MODEL}/draft", data={"text": bad})
    assert (
        answer.status_code == 422
        and "第 6 行第 11 列：字段的值不能用" in answer.text
        and "severity: 9 #" in answer.text
    )
    assert drafts(store) == []
    odd = enter("mo").post(f"/models/{MODEL}/draft", data={"text": "</textarea><script>alert(1)</script>: ["})
    assert odd.status_code == 422 and "<script>alert" not in odd.text


def test_a_draft_is_tried_on_a_text_before_anything(enter: Enter, store: Store, folder: Path) -> None:
    client = enter("mo")
    text = changed(folder).replace("status: draft", "status: active").replace("severity: ", "severity: 0.01 # ", 1)
    client.post(f"/models/{MODEL}/draft", data={"text": text})
    offer = {"title": "五常大米 10kg"}
    now = client.post("/models/try", data=offer).text
    then = client.post("/models/try", data=offer | {"draft": str(drafts(store)[0])}).text
    assert "严重 0.01" in then and "严重 0.01" not in now
    assert client.post("/models/try", data=offer | {"draft": "99"}).status_code == 404


def test_a_draft_of_another_model_is_not_taken(enter: Enter, store: Store, folder: Path, begun: list[str]) -> None:
    client = enter("mo")
    client.post(f"/models/{MODEL}/draft", data={"text": changed(folder)})
    for person, act in ((client, "backtest"), (enter("zhao"), "release"), (client, "withdraw")):
        assert person.post(f"/models/style/{act}", data={"draft": str(drafts(store)[0])}).status_code == 404
    assert client.post(f"/models/{MODEL}/withdraw", data={"draft": str(drafts(store)[0])}).status_code == 303
    assert drafts(store) == [] and begun == []
    assert client.get("/models/nothing").status_code == 404


def test_the_file_of_another_model_is_drafted_on_its_own_page(enter: Enter, store: Store, folder: Path) -> None:
    client, text = enter("mo"), changed(folder)
    refused = client.post("/models/style/draft", data={"text": text})
    assert refused.status_code == 422 and "请打开它的页面起草" in refused.text and drafts(store) == []
    new = client.post(f"/models/{MODEL}/draft", data={"text": text.replace(f"id: {MODEL}", "id: other-name")})
    assert new.headers["location"] == "/models/other-name?did=new"
    assert "新模型的草稿" in client.get("/models/other-name?did=new").text


def test_examples_that_do_not_come_out_are_told_as_a_draft_is_saved(enter: Enter, store: Store, folder: Path) -> None:
    saved = enter("mo").post(
        f"/models/{MODEL}/draft", data={"text": changed(folder).replace("author:", "must_flag:\n  - 连衣裙\nauthor:")}
    )
    assert saved.status_code == 200 and "草稿已保存" in saved.text and len(drafts(store)) == 1
    assert "改好以前不能发布" in saved.text and "应当提示而未提示：连衣裙" in saved.text


def test_a_retirement_names_the_examples_that_lean_on_it(
    enter: Enter, store: Store, folder: Path, begun: list[str]
) -> None:
    region = folder / "models" / "sc-region.yml"
    example = (rules_dir() / "models" / "sc-region.yml").read_text(encoding="utf-8")
    example = example.replace('10斤\\"', '10斤\\", \\"origin\\": \\"安徽\\"', 1)  # else it leans on another model
    region.write_text(re.sub(r"must_not_flag:\n(  - .*\n)+", "", example), encoding="utf-8")
    author, approver = enter("mo"), enter("zhao")
    text = (folder / "models" / "name-outside.yml").read_text(encoding="utf-8")
    saved = author.post("/models/name-outside/draft", data={"text": text.replace("active", "retired", 1)})
    told = "其他模型的这些例子不再成立"
    assert told in saved.text and "sc-region：应当提示而未提示" in saved.text
    draft = {"draft": str(drafts(store, "name-outside")[0])}
    author.post("/models/name-outside/backtest", data=draft)
    card = approver.get("/models/name-outside").text
    assert "件商品，疑点有增减：" in card and "；疑点不变而可信程度、严重程度或者评分有变：" in card
    released = approver.post("/models/name-outside/release", data=draft)
    assert released.status_code == 200 and "已发布" in released.text and told in released.text
    region_text = region.read_text(encoding="utf-8").replace("severity: 0.6", "severity: 0.5")
    saved = author.post("/models/sc-region/draft", data={"text": region_text})
    assert "在此以前已经没有得到应有的结果" in saved.text
    draft = {"draft": str(drafts(store, "sc-region")[0])}
    author.post("/models/sc-region/backtest", data=draft)
    assert approver.post("/models/sc-region/release", data=draft).status_code == 200
    assert read_model(region.read_text(encoding="utf-8")).severity == 0.5


def test_versions_stand_in_order_and_two_of_one_name_are_told_apart(
    enter: Enter, store: Store, folder: Path, begun: list[str]
) -> None:
    with store.write() as c:
        c.execute(update(people).where(people.c.login == "zhao").values(name="同名"))
        c.execute(update(people).where(people.c.login == "mo").values(name="同名"))
    author, approver = enter("mo"), enter("zhao")
    for number, severity in enumerate(("0.5", "0.4"), start=1):
        text = re.sub(r"severity: .*", f"severity: {severity}", changed(folder))
        author.post(f"/models/{MODEL}/draft", data={"text": text})
        author.post(f"/models/{MODEL}/backtest", data={"draft": str(drafts(store)[0])})
        assert approver.post(f"/models/{MODEL}/release", data={"draft": str(drafts(store)[0])}).status_code == 303, (
            number
        )
    author.post(f"/models/{MODEL}/draft", data={"text": changed(folder)})
    author.post(f"/models/{MODEL}/withdraw", data={"draft": str(drafts(store)[0])})
    page = approver.get(f"/models/{MODEL}").text
    assert re.findall(r'<tr><td class="num">([^<]*)</td>', page) == ["3", "2", "1", f"草稿 {newest(store)}"]
    assert "同名（mo）" in page and "同名（zhao）" in page


def newest(store: Store) -> int:
    with store.read() as c:
        return max(v.id for v in model_versions_of(c, MODEL, VersionState.WITHDRAWN))


def test_a_backtest_begins_in_a_process_of_its_own(
    configuration: Configuration, folder: Path, store: Store, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter("mo").post(f"/models/{MODEL}/draft", data={"text": changed(folder)})
    started: list[object] = []
    popen = lab.subprocess.Popen
    monkeypatch.setattr(lab.subprocess, "Popen", lambda *given, **named: started.append(popen(*given, **named)))
    lab.start_backtest(configuration, folder, drafts(store)[0], "mo")
    assert started[0].wait(120) == 0  # type: ignore[attr-defined]
    assert "31 / 31" in enter("mo").get("/backtests/1").text


def test_what_was_dropped_is_drawn_and_judged(enter: Enter, store: Store) -> None:
    with store.write() as c:
        known = loading.iterate_listings(c, 0, 1)[0].listing
        quiet = Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=date(2026, 11, 20), register_digest="r")
        offers = [replace(known, item_id=f"q{n}", title=f"<b>平常的商品 {n}", origin="") for n in range(6)]
        save_listings(c, [Observation(listing=one, screening=quiet) for one in offers], None)
    officer, author = enter("wang"), enter("mo")
    assert "尚未抽样" in officer.get("/dropped").text
    assert officer.post("/dropped", data={"each": "4", "seed": "s"}).headers["location"] == "/dropped/1"
    shown = officer.get("/dropped/1").text
    assert shown.count("平常的商品") >= 4 and "<b>平常" not in shown and "待复核" in shown
    wrong = {"verdict": "wrong", "gi": "hlj-wuchang-dami", "why": "写法隐晦"}
    assert officer.post("/dropped/1/1", data={"verdict": "wrong"}).status_code == 422
    assert officer.post("/dropped/1/1", data=wrong).status_code == 303
    assert author.post("/dropped/1/2", data=wrong).status_code == 303
    assert officer.post("/dropped/1/3", data={"verdict": "right"}).status_code == 303
    after = officer.get("/dropped/1").text
    assert after.count('href="/leads/') == 1 + after.count('nav href="/leads/'), (
        "an author's finding is a label, no lead"
    )
    assert "66.67%" in after and "66.67%" in officer.get("/dropped").text
