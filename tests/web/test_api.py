"""The interface for programs: tokens only, the same rules as the screens, described by OpenAPI."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gimonitor.model.lead import State
from gimonitor.store import leads, people
from gimonitor.store.database import Store
from gimonitor.web.api import open_token

Tokens = Callable[[str], TestClient]


@pytest.fixture
def program(app: FastAPI, store: Store, clock: object) -> Tokens:
    """A client with a token of somebody."""

    def make(login: str) -> TestClient:
        with store.write() as c:
            person = people.find_person(c, login)
            assert person
            token = open_token(c, person.id, now=clock.now, days=90)  # type: ignore[attr-defined]
        return TestClient(app, base_url="https://testserver", headers={"authorization": f"Bearer {token}"})

    return make


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
    assert late.status_code == 409 and "wang" in late.json()["error"]
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


@pytest.mark.parametrize("query", ["after=x", "after=1_2_3", "limit=0", "limit=9999", "state=guilty", "after=9e9_1"])
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
    assert set(described["paths"]) == {"/leads", "/leads/{lead_id}", "/leads/{lead_id}/{action}", "/coverage"}
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["description"] and operation["security"] == [{"HTTPBearer": []}]
    assert program("yun").get("/api/leads").status_code == 403
