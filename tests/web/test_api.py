"""The interface for programs: tokens only, the same rules as the screens, described by OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from gimonitor.errors import InputError
from gimonitor.model.lead import State
from gimonitor.store import leads, people, tables
from gimonitor.store.database import Store
from gimonitor.web.tokens import open_token
from gimonitor.workflow import batches
from gimonitor.workflow.batches import Deed, Order
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role

Tokens = Callable[..., TestClient]
NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)


EVERYBODY = frozenset(Role)
READERS = EVERYBODY - {Role.OPERATOR}
DECIDERS = frozenset({Role.OFFICER, Role.APPROVER})
ACTORS = DECIDERS | {Role.LEADER}
EVIDENCE = DECIDERS | {Role.AUDITOR}
AUTHORS = frozenset({Role.MODEL_AUTHOR, Role.OFFICER})
RELEASERS = frozenset({Role.APPROVER})
REVIEWERS = DECIDERS | {Role.MODEL_AUTHOR}
OPERATORS = frozenset({Role.OPERATOR})
LOGINS = {
    Role.OFFICER: "wang",
    Role.APPROVER: "zhao",
    Role.OPERATOR: "yun",
    Role.AUDITOR: "shen",
    Role.LEADER: "ling",
    Role.MODEL_AUTHOR: "mo",
}
MATRIX: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/leads"): READERS,
    ("GET", "/leads/{lead_id}"): READERS,
    ("POST", "/leads/{lead_id}/{action}"): ACTORS,
    ("POST", "/leads/{lead_id}/hold"): DECIDERS,
    ("POST", "/leads/{lead_id}/ask"): DECIDERS,
    ("POST", "/leads/{lead_id}/consult"): DECIDERS,
    ("POST", "/leads/{lead_id}/opinion"): ACTORS,
    ("POST", "/leads/{lead_id}/send"): DECIDERS,
    ("POST", "/leads/{lead_id}/answer"): DECIDERS,
    ("POST", "/leads/{lead_id}/receipt"): DECIDERS,
    ("POST", "/leads/{lead_id}/recheck"): DECIDERS,
    ("POST", "/leads/{lead_id}/withdraw"): DECIDERS,
    ("GET", "/listings"): READERS,
    ("GET", "/complaints"): READERS,
    ("POST", "/complaints"): DECIDERS,
    ("GET", "/complaints/{complaint_id}"): READERS,
    ("POST", "/complaints/{complaint_id}/answer"): DECIDERS,
    ("POST", "/complaints/{complaint_id}/link"): DECIDERS,
    ("GET", "/packs/{pack_id}"): EVIDENCE,
    ("GET", "/packs/{pack_id}/file"): EVIDENCE,
    ("POST", "/leads"): DECIDERS,
    ("POST", "/leads/{lead_id}/capture"): DECIDERS,
    ("POST", "/leads/{lead_id}/before-sending"): DECIDERS,
    ("POST", "/leads/{lead_id}/pack"): DECIDERS,
    ("POST", "/leads/{lead_id}/complaint"): DECIDERS,
    ("POST", "/leads/{lead_id}/ignore"): DECIDERS,
    ("GET", "/ignores"): READERS,
    ("POST", "/ignores/{ignore_id}/end"): DECIDERS,
    ("GET", "/groups"): READERS,
    ("GET", "/groups/{kind}/{group_id}"): READERS,
    ("POST", "/batches/count"): DECIDERS,
    ("POST", "/batches"): DECIDERS,
    ("GET", "/batches/{batch_id}"): READERS,
    ("POST", "/batches/{batch_id}/undo"): DECIDERS,
    ("POST", "/answers"): DECIDERS,
    ("POST", "/answers/record"): DECIDERS,
    ("GET", "/clocks"): READERS,
    ("GET", "/quality"): READERS,
    ("GET", "/reports"): READERS,
    ("GET", "/reports/definitions"): READERS,
    ("GET", "/reports/leads"): READERS,
    ("GET", "/reports/summary"): READERS,
    ("GET", "/reports/markuse"): READERS,
    ("GET", "/reports/platforms"): READERS,
    ("GET", "/reports/campaign"): READERS,
    ("GET", "/reports/cleanliness"): READERS,
    ("GET", "/samples"): READERS,
    ("POST", "/samples"): DECIDERS,
    ("GET", "/samples/{sample_id}"): READERS,
    ("POST", "/samples/{sample_id}/{position}"): DECIDERS,
    ("GET", "/register"): EVERYBODY,
    ("GET", "/register/{gi_id}"): EVERYBODY,
    ("GET", "/models"): READERS,
    ("POST", "/models/try"): READERS,
    ("GET", "/models/{model_id}"): READERS,
    ("POST", "/models/drafts"): AUTHORS,
    ("POST", "/models/{model_id}/drafts/{draft_id}/backtest"): RELEASERS | AUTHORS,
    ("POST", "/models/{model_id}/drafts/{draft_id}/release"): RELEASERS,
    ("POST", "/models/{model_id}/drafts/{draft_id}/withdraw"): AUTHORS,
    ("POST", "/models/{model_id}/rollback"): RELEASERS,
    ("GET", "/backtests/{backtest_id}"): READERS,
    ("GET", "/bundles"): DECIDERS,
    ("GET", "/bundles/policies"): DECIDERS,
    ("POST", "/bundles/export"): DECIDERS,
    ("POST", "/bundles"): DECIDERS,
    ("POST", "/bundles/merge"): DECIDERS,
    ("POST", "/leads/{lead_id}/look"): DECIDERS,
    ("GET", "/leads/{lead_id}/purchases"): DECIDERS,
    ("POST", "/leads/{lead_id}/purchases"): DECIDERS,
    ("POST", "/leads/{lead_id}/purchases/{purchase_id}"): DECIDERS,
    ("GET", "/documents"): EVIDENCE,
    ("POST", "/documents"): DECIDERS,
    ("GET", "/documents/{sha256}"): EVIDENCE,
    ("GET", "/sellers/{kind}/{group_id}"): READERS,
    ("GET", "/dropped"): READERS,
    ("POST", "/dropped"): REVIEWERS,
    ("GET", "/dropped/{dropped_id}"): READERS,
    ("POST", "/dropped/{dropped_id}/{position}"): REVIEWERS,
    ("GET", "/tasks"): EVERYBODY,
    ("POST", "/tasks/{task_id}/close"): DECIDERS | {Role.OPERATOR},
    ("GET", "/views"): READERS,
    ("POST", "/views"): READERS,
    ("POST", "/views/{view_id}/drop"): READERS,
    ("GET", "/tokens"): EVERYBODY,
    ("POST", "/tokens/{token_id}/revoke"): EVERYBODY,
    ("GET", "/people"): OPERATORS,
    ("POST", "/people"): OPERATORS,
    ("POST", "/people/change"): OPERATORS,
    ("POST", "/people/service"): OPERATORS,
    ("POST", "/people/unlock"): OPERATORS,
    ("GET", "/audit"): frozenset({Role.AUDITOR}),
    ("GET", "/audit/check"): frozenset({Role.AUDITOR}),
    ("GET", "/leads/{lead_id}/evidence/{capture_id}"): EVIDENCE,
    ("GET", "/leads/{lead_id}/case.docx"): READERS,
    ("GET", "/reports.xlsx"): READERS,
    ("GET", "/reports/summary.xlsx"): READERS,
    ("GET", "/reports/summary.docx"): READERS,
    ("GET", "/reports/markuse.xlsx"): READERS,
    ("GET", "/reports/markuse.docx"): READERS,
    ("GET", "/runs"): EVERYBODY,
    ("GET", "/coverage"): EVERYBODY,
    ("GET", "/coverage/{run_id}"): EVERYBODY,
}
SAMPLE = {"lead_id": "1", "action": "claim", "complaint_id": "1", "pack_id": "1", "run_id": "1", "kind": "shop",
          "group_id": "1", "batch_id": "1", "ignore_id": "1", "sample_id": "1", "position": "1", "model_id": "none",
          "draft_id": "1", "backtest_id": "1", "gi_id": "yangchenghu-crab", "dropped_id": "1", "purchase_id": "1",
          "task_id": "1", "view_id": "1", "token_id": "999", "capture_id": "1", "sha256": "0" * 64}  # fmt: skip
OF_AN_AREA = {"lead_id", "pack_id", "batch_id", "ignore_id", "complaint_id", "sample_id", "backtest_id", "group_id",
              "dropped_id"}  # fmt: skip
BROWSER = ("/capture", "/before-sending", "/look")
QUERY = {"/reports/leads": {"figure": "found"}, "/reports/campaign": {"first": "2026-11-01", "last": "2026-11-10"}}
BODY = {"version": 999, "to": "li", "channel": "platform", "addressee": "x", "workdays": 3, "notice": 1, "kind": "other",
        "seen": "gone", "text": "", "source": "hotline"}  # fmt: skip


@pytest.fixture
def program(app: FastAPI, store: Store, clock: object) -> Tokens:
    """A client with a token of somebody, narrowed to some roles and areas."""

    def make(login: str, roles: tuple[Role, ...] = (), areas: tuple[str, ...] = ()) -> TestClient:
        with store.write() as c:
            person = people.find_person(c, login)
            assert person
            now = clock.now  # type: ignore[attr-defined]
            token = open_token(c, person, name="省平台", now=now, days=90, roles=roles, areas=areas)
        return TestClient(app, base_url="https://testserver", headers={"authorization": f"Bearer {token}"})

    return make


@pytest.mark.parametrize("role", sorted(Role))
def test_who_may_do_what(program: Tokens, role: Role) -> None:
    client = program(LOGINS[role])
    for (method, path), allowed in MATRIX.items():
        sample = SAMPLE | ({"lead_id": "999"} if path.endswith(BROWSER) else {})  # no browser is started
        body = BODY if method == "POST" else None
        answer = client.request(method, f"/api{path.format(**sample)}", json=body, params=QUERY.get(path))
        cell = f"{role} {method} {path}: {answer.status_code}"
        assert answer.status_code in ({200, 404, 409, 422} if role in allowed else {403, 422}), cell
        if role not in allowed and method == "GET":
            assert answer.status_code == 403, cell


@pytest.mark.parametrize("role", sorted(Role))
def test_another_area_opens_nothing(program: Tokens, bounded: Store, role: Role) -> None:
    far = program(f"{role}44")
    with bounded.write() as c:
        order = Order(deed=Deed.CLAIM, why="")
        wang = Actor(login="wang", roles=frozenset({Role.OFFICER}))
        batch = batches.do_many(c, wang, [(3, 1)], order, now=NOW).id
    for (method, path), allowed in MATRIX.items():
        if role in allowed and OF_AN_AREA & set(re.findall(r"{(\w+)}", path)):
            sample = SAMPLE | {"batch_id": str(batch)}
            answer = far.request(method, f"/api{path.format(**sample)}", json=BODY if method == "POST" else None)
            assert answer.status_code in {403, 422}, (role, method, path)
            assert method == "POST" or answer.status_code == 403
    if role in READERS:
        assert far.get("/api/leads").json()["rows"] == far.get("/api/complaints").json() == []
        assert far.get("/api/listings").json()["rows"] == []
        assert far.get("/api/groups").json() == {"sellers": [], "pictures": []}
        assert far.get("/api/ignores").json() == far.get("/api/samples").json() == []
        assert far.get("/api/reports").json()["total"] == {} and not any(far.get("/api/clocks").json().values())


def test_a_token_may_do_less_than_its_person(program: Tokens, store: Store) -> None:
    with store.write() as c:
        person = people.find_person(c, "zhao")
        assert person
        people.change_person(c, person.id, role="approver,auditor")
    reader = program("zhao", roles=(Role.AUDITOR,))
    assert reader.get("/api/leads/1").status_code == 200
    assert reader.post("/api/leads/1/claim", json={"version": 1}).status_code == 403
    assert program("zhao", areas=("44",)).get("/api/leads/1").status_code == 403
    assert program("zhao", areas=("3205",)).get("/api/leads/1").status_code == 200
    with pytest.raises(InputError, match="角色"):
        program("wang", roles=(Role.AUDITOR,))


def test_a_token_is_made_shown_once_and_taken_back_in_the_application(
    app: FastAPI, enter: Callable[[str], TestClient], store: Store
) -> None:
    client = enter("wang")
    page = client.post("/tokens", data={"name": "省平台", "days": "30", "role": "officer", "area": "3205"})
    token = re.search(r'class="mono token">([^<]+)<', page.text)
    assert token and token.group(1) not in client.get("/tokens").text
    program = TestClient(app, base_url="https://testserver", headers={"authorization": f"Bearer {token.group(1)}"})
    assert program.get("/api/leads").status_code == 200
    with store.read() as c:
        kept = dict(c.execute(select(tables.tokens)).mappings().one())
    assert token.group(1) not in str(kept) and kept["used_at"] is not None
    assert enter("li").post(f"/tokens/{kept['id']}/revoke").status_code == 404  # only one's own
    assert client.post(f"/tokens/{kept['id']}/revoke").status_code == 303
    assert program.get("/api/leads").status_code == 401
    assert client.post("/tokens", data={"name": "", "days": "30"}).status_code == 422
    assert client.post("/tokens", data={"name": "x", "days": "999"}).status_code == 422


def test_the_description_is_a_page_of_ours(enter: Callable[[str], TestClient]) -> None:
    client = enter("yun")
    page = client.get("/api/docs").text
    for path in {path for _, path in MATRIX}:
        assert f"/api{path}" in page
    assert client.get("/api/docs/openapi.json").json()["openapi"].startswith("3.")


def test_what_stands_around_the_leads(program: Tokens, bounded: Store) -> None:
    officer = program("wang")
    found = officer.get("/api/listings", params={"text": "阳澄湖大闸蟹 鲜活", "limit": 5}).json()
    assert len(found["rows"]) == 5 and found["rows"][0]["leads"][0]["gi_name"] == "阳澄湖大闸蟹"
    then = officer.get("/api/listings", params={"before": found["next"], "limit": 1}).json()
    assert then["rows"][0]["id"] < found["rows"][-1]["id"]
    report = {"kind": "report", "source": "hotline", "text": "蟹不对", "gi": "yangchenghu-crab"}
    made = officer.post("/api/complaints", json=report).json()
    answered = officer.post(f"/api/complaints/{made['id']}/answer", json={"text": "已处理"})
    assert answered.json()["answer"] == "已处理"
    assert officer.post(f"/api/complaints/{made['id']}/answer", json={"text": "又"}).status_code == 409
    assert officer.post("/api/complaints", json=report | {"gi": "nothing"}).status_code == 422
    assert officer.get("/api/packs/1").json()["sha256"] == "a" * 64
    assert officer.get("/api/coverage/1").json()[0]["query"] and officer.get("/api/coverage/99").status_code == 404


def test_pages_of_leads(program: Tokens) -> None:
    client, seen, after = program("ling"), [], ""
    while True:
        page = client.get("/api/leads", params={"limit": 10, "after": after}).json()
        seen += [row["id"] for row in page["rows"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 31


def test_one_lead(program: Tokens) -> None:
    record = program("ling").get("/api/leads/1").json()
    place = record["findings"][0]["place"]
    assert record["suspected"]["title"][place["start"] : place["end"]] == place["text"] == "阳澄湖大闸蟹"


def test_acts_follow_the_same_rules(program: Tokens, store: Store) -> None:
    officer, other, leader = program("wang"), program("li"), program("ling")
    judged = officer.post("/api/leads/1/judge", json={"version": 1, "resolution": "confirmed"})
    assert judged.json() == {"id": 1, "version": 3, "state": "judged", "resolution": "confirmed"}
    late = other.post("/api/leads/1/judge", json={"version": 1, "resolution": "fair_use"})
    assert late.status_code == 409 and "王一" in late.json()["error"]
    assert officer.post("/api/leads/1/approve", json={"version": 3}).status_code == 403
    assert leader.post("/api/leads/2/judge", json={"version": 1, "resolution": "confirmed"}).status_code == 403
    with store.read() as c:
        assert leads.load_lead_row(c, 2).state is State.NEW


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/leads/1/judge", {"version": 1}),
        ("/api/leads/1/judge", {"version": 1, "resolution": "guilty"}),
        ("/api/leads/1/judge", {"version": 1, "resolution": "confirmed", "extra": 1}),
        ("/api/leads/1/send", {"version": 1, "why": "x"}),
        ("/api/leads/0/judge", {"version": 1, "resolution": "confirmed"}),
        ("/api/leads/1/judge", {"version": 10**30, "resolution": "confirmed"}),
        ("/api/leads/1/judge", []),
    ],
)
def test_unusable_input(program: Tokens, path: str, body: object) -> None:
    answer = program("wang").post(path, json=body)
    assert answer.status_code == 422 and answer.json()["error"]


@pytest.mark.parametrize(
    "query", ["after=x", "after=1_2_3", "limit=0", "limit=9999", "state=guilty", "after=9e9_1", "view=judged"]
)
def test_unusable_queries(program: Tokens, query: str) -> None:
    assert program("wang").get(f"/api/leads?{query}").status_code == 422


def test_no_token_no_answer(app: FastAPI, program: Tokens, store: Store, clock: object) -> None:
    nobody = TestClient(app, base_url="https://testserver")
    for path in ("/api/leads", "/api/leads/1", "/api/coverage", "/api/openapi.json"):
        assert nobody.get(path).status_code == 401
        assert nobody.get(path, headers={"authorization": "Bearer nonsense"}).status_code == 401
    client = program("wang")
    assert client.get("/api/leads").status_code == 200
    clock.now += timedelta(days=91)  # type: ignore[attr-defined]
    assert client.get("/api/leads").status_code == 401


def test_a_browsers_session_is_no_token_and_a_token_no_session(
    app: FastAPI, enter: Callable[[str], TestClient], program: Tokens
) -> None:
    browser = enter("wang")
    cookie = browser.cookies["__Host-gimonitor"]
    assert browser.get("/api/leads").status_code == 401
    nobody = TestClient(app, base_url="https://testserver", follow_redirects=False)
    assert nobody.get("/api/leads", headers={"authorization": f"Bearer {cookie}"}).status_code == 401
    token = program("wang").headers["authorization"].removeprefix("Bearer ")
    nobody.cookies.set("__Host-gimonitor", token)
    assert nobody.get("/").status_code == 303


def test_a_new_password_ends_the_tokens(program: Tokens, store: Store) -> None:
    client = program("wang")
    with store.write() as c:
        person = people.find_person(c, "wang")
        assert person
        people.change_person(c, person.id, password_hash="x")
    assert client.get("/api/leads").status_code == 401


def test_the_description(program: Tokens) -> None:
    described = program("yun").get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert {(m.upper(), p) for p, methods in described["paths"].items() for m in methods} == set(MATRIX)
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["description"] and operation["security"] == [{"HTTPBearer": []}]
    assert program("yun").get("/api/leads").status_code == 403


def test_a_refusal_is_said_in_one_language(app: FastAPI, program: Tokens) -> None:
    nobody, officer = TestClient(app, base_url="https://testserver"), program("wang")
    assert nobody.get("/api/leads").json() == {"error": "须带有效的令牌"}
    assert officer.get("/api/leads/999").json()["error"] == "没有编号为 999 的线索"
    wrong = officer.get("/api/leads?limit=0").json()
    assert wrong["error"] == "请求有误，请检查：query.limit" and "greater than" in wrong["detail"]
    assert "您的角色不能执行此操作" in officer.post("/api/leads/1/approve", json={"version": 1}).json()["error"]
    for client in (nobody, officer):
        client.headers["accept-language"] = "en-GB,en;q=0.9"
    assert nobody.get("/api/leads").json() == {"error": "A valid token is needed"}
    assert "Your role may not do this" in officer.post("/api/leads/1/approve", json={"version": 1}).json()["error"]
    assert officer.get("/api/leads/999").json()["error"] == "no lead 999 is stored"
