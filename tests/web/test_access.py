"""Every route × every role, CSRF, and that looking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import func, select
from starlette.testclient import TestClient

from gimonitor.store import audit
from gimonitor.store.database import Store
from gimonitor.store.tables import metadata
from gimonitor.web import words
from gimonitor.web.areas import OBJECTS, WHOLE
from gimonitor.workflow import batches
from gimonitor.workflow.batches import Deed, Order
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role
from gimonitor.workflow.states import Action

Enter = Callable[[str], TestClient]
LOGINS = {
    "": "",
    Role.OFFICER: "wang",
    Role.APPROVER: "zhao",
    Role.OPERATOR: "yun",
    Role.AUDITOR: "shen",
    Role.LEADER: "ling",
    Role.MODEL_AUTHOR: "mo",
}
EVERYBODY = frozenset(Role)
READERS = EVERYBODY - {Role.OPERATOR}
DECIDERS = frozenset({Role.OFFICER, Role.APPROVER})
EVIDENCE = DECIDERS | {Role.AUDITOR}
OPERATORS = frozenset({Role.OPERATOR})
DRAFTERS = frozenset({Role.MODEL_AUTHOR, Role.OFFICER})
RELEASERS = frozenset({Role.APPROVER})
REVIEWERS = DECIDERS | {Role.MODEL_AUTHOR}
DOOR = None  # open to anybody

MATRIX: dict[tuple[str, str], frozenset[Role] | None] = {
    ("GET", "/login"): DOOR,
    ("POST", "/login"): DOOR,
    ("POST", "/logout"): DOOR,
    ("GET", "/login/oidc"): DOOR,
    ("GET", "/login/oidc/return"): DOOR,
    ("POST", "/language"): DOOR,
    ("GET", "/"): EVERYBODY,
    ("GET", "/coverage"): EVERYBODY,
    ("GET", "/coverage/{run_id}"): EVERYBODY,
    ("GET", "/coverage/{run_id}/examples/{number}"): EVIDENCE | {Role.OPERATOR},
    ("GET", "/register"): EVERYBODY,
    ("GET", "/register/{gi_id}"): EVERYBODY,
    ("GET", "/leads"): READERS,
    ("POST", "/views"): READERS,
    ("POST", "/views/{view_id}/drop"): READERS,
    ("GET", "/people"): OPERATORS,
    ("POST", "/people"): OPERATORS,
    ("POST", "/people/change"): OPERATORS,
    ("POST", "/people/service"): OPERATORS,
    ("POST", "/people/unlock"): OPERATORS,
    ("GET", "/account"): EVERYBODY,
    ("POST", "/account/password"): EVERYBODY,
    ("GET", "/listings"): READERS,
    ("GET", "/leads/{lead_id}"): READERS,
    ("POST", "/leads/{lead_id}/{action}"): DECIDERS | {Role.LEADER},
    ("POST", "/leads/{lead_id}/opened"): READERS,
    ("POST", "/leads/{lead_id}/send"): DECIDERS,
    ("POST", "/leads/{lead_id}/answer"): DECIDERS,
    ("POST", "/leads/{lead_id}/recheck"): DECIDERS,
    ("POST", "/leads/{lead_id}/receipt"): DECIDERS,
    ("POST", "/leads/{lead_id}/withdraw"): DECIDERS,
    ("POST", "/leads/{lead_id}/look"): DECIDERS,
    ("POST", "/leads/{lead_id}/hold"): DECIDERS,
    ("POST", "/leads/{lead_id}/ask"): DECIDERS,
    ("POST", "/leads/{lead_id}/consult"): DECIDERS,
    ("POST", "/leads/{lead_id}/opinion"): DECIDERS | {Role.LEADER},
    ("POST", "/leads/{lead_id}/ignore"): DECIDERS,
    ("GET", "/ignores"): READERS,
    ("POST", "/ignores/{ignore_id}/end"): DECIDERS,
    ("GET", "/complaints"): READERS,
    ("POST", "/complaints"): DECIDERS,
    ("GET", "/complaints/{complaint_id}"): READERS,
    ("POST", "/complaints/{complaint_id}/answer"): DECIDERS,
    ("POST", "/complaints/{complaint_id}/link"): DECIDERS,
    ("GET", "/leads/new"): DECIDERS,
    ("POST", "/leads/new"): DECIDERS,
    ("GET", "/sellers/{kind}/{group_id}"): READERS,
    ("GET", "/answers"): DECIDERS,
    ("POST", "/answers"): DECIDERS,
    ("POST", "/answers/record"): DECIDERS,
    ("GET", "/answers/refused.csv"): DECIDERS,
    ("GET", "/quality"): READERS,
    ("GET", "/samples"): READERS,
    ("POST", "/samples"): DECIDERS,
    ("GET", "/samples/{sample_id}"): READERS,
    ("POST", "/samples/{sample_id}/{position}"): DECIDERS,
    ("POST", "/tasks/{task_id}/close"): DECIDERS | {Role.OPERATOR},
    ("GET", "/clocks"): READERS,
    ("GET", "/audit"): frozenset({Role.AUDITOR}),
    ("GET", "/audit/check"): frozenset({Role.AUDITOR}),
    ("GET", "/models"): READERS,
    ("POST", "/models/try"): READERS,
    ("GET", "/models/{model_id}"): READERS,
    ("POST", "/models/{model_id}/draft"): DRAFTERS,
    ("POST", "/models/{model_id}/form"): DRAFTERS,
    ("POST", "/models/{model_id}/withdraw"): DRAFTERS,
    ("POST", "/models/{model_id}/backtest"): RELEASERS | DRAFTERS,
    ("POST", "/models/{model_id}/release"): RELEASERS,
    ("POST", "/models/{model_id}/rollback"): RELEASERS,
    ("GET", "/backtests/{backtest_id}"): READERS,
    ("GET", "/dropped"): READERS,
    ("POST", "/dropped"): REVIEWERS,
    ("GET", "/dropped/{dropped_id}"): READERS,
    ("POST", "/dropped/{dropped_id}/{position}"): REVIEWERS,
    ("GET", "/api/docs"): EVERYBODY,
    ("GET", "/api/docs/openapi.json"): EVERYBODY,
    ("GET", "/tokens"): EVERYBODY,
    ("POST", "/tokens"): EVERYBODY,
    ("POST", "/tokens/{token_id}/revoke"): EVERYBODY,
    ("GET", "/reports"): READERS,
    ("GET", "/reports.xlsx"): READERS,
    ("GET", "/reports/leads"): READERS,
    ("GET", "/reports/charts/{chart}.svg"): READERS,
    ("GET", "/reports/campaign"): READERS,
    ("GET", "/reports/campaign.svg"): READERS,
    ("GET", "/reports/platforms"): READERS,
    ("GET", "/reports/platforms.svg"): READERS,
    ("GET", "/reports/summary"): READERS,
    ("GET", "/reports/summary.xlsx"): READERS,
    ("GET", "/reports/summary.docx"): READERS,
    ("GET", "/reports/markuse"): READERS,
    ("GET", "/reports/markuse.xlsx"): READERS,
    ("GET", "/reports/markuse.docx"): READERS,
    ("GET", "/leads/{lead_id}/case.docx"): READERS,
    ("GET", "/bundles"): DECIDERS,
    ("POST", "/bundles"): DECIDERS,
    ("POST", "/bundles/export"): DECIDERS,
    ("POST", "/bundles/merge"): DECIDERS,
    ("POST", "/leads/{lead_id}/capture"): DECIDERS,
    ("POST", "/leads/{lead_id}/pack"): DECIDERS,
    ("POST", "/leads/{lead_id}/before-sending"): DECIDERS,
    ("POST", "/leads/{lead_id}/complaint"): DECIDERS,
    ("POST", "/leads/{lead_id}/purchases"): DECIDERS,
    ("POST", "/leads/{lead_id}/purchases/{purchase_id}"): DECIDERS,
    ("GET", "/leads/{lead_id}/desk"): DECIDERS,
    ("GET", "/documents"): EVIDENCE,
    ("POST", "/documents"): DECIDERS,
    ("GET", "/documents/{sha256}"): EVIDENCE,
    ("GET", "/groups"): READERS,
    ("GET", "/groups/{kind}/{group_id}"): READERS,
    ("POST", "/batches"): DECIDERS,
    ("GET", "/batches/{batch_id}"): READERS,
    ("POST", "/batches/{batch_id}/undo"): DECIDERS,
    ("GET", "/packs/{pack_id}"): EVIDENCE,
    ("GET", "/leads/{lead_id}/seen/{digest}"): READERS,
    ("GET", "/leads/{lead_id}/seen/{digest}/first"): READERS,
    ("GET", "/leads/{lead_id}/evidence/{capture_id}"): EVIDENCE,
    ("GET", "/leads/{lead_id}/evidence/{capture_id}/thumbnail"): EVIDENCE,
    ("GET", "/leads/{lead_id}/evidence/{capture_id}/picture"): EVIDENCE,
}
SAMPLE = {
    "model_id": "style",
    "number": "1",
    "backtest_id": "1",
    "dropped_id": "1",
    "lead_id": "1",
    "run_id": "1",
    "gi_id": "yangchenghu-crab",
    "pack_id": "1",
    "capture_id": "1",
    "digest": "0" * 64,
    "action": "claim",
    "kind": "shop",
    "group_id": "1",
    "batch_id": "1",
    "ignore_id": "1",
    "complaint_id": "1",
    "sample_id": "1",
    "position": "1",
    "task_id": "1",
    "token_id": "1",
    "purchase_id": "1",
    "sha256": "0" * 64,
    "chart": "trend",
    "view_id": "1",
}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every (method, path) that the application answers."""

    def walk(found: list[object]) -> Iterator[tuple[str, str]]:
        for route in found:
            if isinstance(route, APIRoute):
                yield from ((method, route.path) for method in route.methods)
            elif hasattr(route, "original_router"):
                yield from walk(route.original_router.routes)

    return walk(list(app.routes))


def test_every_route_has_its_row(app: FastAPI) -> None:
    assert set(routes(app)) == set(MATRIX)


@pytest.mark.parametrize("role", list(LOGINS), ids=lambda role: str(role) or "nobody")
def test_who_may_open_what(app: FastAPI, enter: Enter, role: str) -> None:
    client = enter(LOGINS[role])
    for (method, path), allowed in MATRIX.items():
        if allowed is DOOR:
            continue
        sample = SAMPLE | (
            {"lead_id": "999"} if path.endswith(("/capture", "/pack", "/look", "/before-sending")) else {}
        )  # no browser is started
        answer = client.request(method, path.format(**sample), data={"version": "999"} if method == "POST" else None)
        cell = f"{role or 'nobody'} {method} {path}: {answer.status_code}"
        if not role:
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login"), cell
        elif role in allowed:
            assert answer.status_code in {200, 205, 303, 404, 409, 422}, cell
            assert "/login" not in answer.headers.get("location", ""), cell
        else:
            assert answer.status_code == 403, cell


ELSEWHERE = {
    "run_id",
    "gi_id",
    "kind",
    "group_id",
    "action",
    "position",
    "capture_id",
    "task_id",
    "token_id",
    "model_id",
    "number",
    "purchase_id",
    "digest",
    "sha256",
    "chart",
    "view_id",
}
"""Parameters that name no object of an area, or stand beside one that does; sellers have a test of their own."""


def test_no_parameter_is_forgotten(app: FastAPI) -> None:
    named = {name for _, path in MATRIX for name in re.findall(r"{(\w+)}", path)}
    assert named - ELSEWHERE == (set(OBJECTS) | WHOLE) & named
    assert not (set(OBJECTS) | WHOLE) & ELSEWHERE


def test_every_route_and_role_of_another_area(enter: Enter, bounded: Store) -> None:
    wang = Actor(login="wang", roles=frozenset({Role.OFFICER}))
    with bounded.write() as c:
        order = Order(deed=Deed.CLAIM, why="")
        batch = batches.do_many(c, wang, [(3, 1)], order, now=audit.utc_now())
    sample = SAMPLE | {"batch_id": str(batch.id)}
    for role in sorted(Role):
        far, near = enter(f"{role}44"), enter(f"{role}3205")
        for (method, path), allowed in MATRIX.items():
            if not allowed or role not in allowed or not set(re.findall(r"{(\w+)}", path)) & (set(OBJECTS) | WHOLE):
                continue
            where, form = path.format(**sample), {"version": "999", "why": "理由"} if method == "POST" else None
            assert far.request(method, where, data=form).status_code == 403, (role, method, path)
            if "{backtest_id}" in path or "{dropped_id}" in path:
                continue  # over all GIs: for nobody with an area
            if not path.endswith(("/look", "/capture", "/pack", "/before-sending")):  # no browser is started
                assert near.request(method, where, data=form).status_code != 403, (role, method, path)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", sorted(EVERYBODY - DECIDERS))
def test_other_roles_decide_nothing(enter: Enter, store: Store, role: Role, action: Action) -> None:
    if role is Role.LEADER and action in (Action.REPLY, Action.OPINION):
        return  # a leader may answer a question and say what they think
    before = _counts(store)
    form = {"version": "1", "resolution": "confirmed", "why": "理由"}
    assert enter(LOGINS[role]).post(f"/leads/1/{action}", data=form).status_code == 403
    after = _counts(store)
    assert {k: after[k] - before[k] for k in after if after[k] != before[k]} == {
        "audit": 1,
        "sessions": 1,
    }  # the log-in


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver"},
        {"origin": "null"},
        {},
    ],
)
def test_a_request_from_elsewhere_changes_nothing(enter: Enter, store: Store, headers: dict[str, str]) -> None:
    client = enter("wang")
    del client.headers["sec-fetch-site"]
    before = _counts(store)
    for method, path in MATRIX:
        if method == "POST":
            form = {"version": "1", "resolution": "confirmed", "name": "wang", "password": "x"}
            answer = client.post(path.format(**SAMPLE), data=form, headers=headers)
            assert answer.status_code == 403, path
    assert _counts(store) == before


def test_our_own_origin_is_enough_where_the_browser_says_no_more(enter: Enter) -> None:
    client = enter("wang")
    del client.headers["sec-fetch-site"]
    form = {"version": "1"}
    assert client.post("/leads/1/claim", data=form, headers={"origin": "https://testserver"}).status_code == 303


def test_looking_changes_nothing_but_the_audit(enter: Enter, store: Store) -> None:
    client = enter("wang")
    before = _content(store)
    for method, path in MATRIX:
        if method == "GET":
            client.get(
                path.format(**SAMPLE), params={"view": "all", "resolution": "confirmed", "did": "judge.1.2.confirmed"}
            )
    assert _content(store) == before


def test_acts_are_not_done_by_get(enter: Enter) -> None:
    client = enter("wang")
    for method, path in MATRIX:
        if method == "POST" and ("GET", path) not in MATRIX:
            assert client.get(path.format(**SAMPLE)).status_code in {404, 405}, path


def test_a_strange_host_is_refused(enter: Enter) -> None:
    assert enter("").get("/login", headers={"host": "evil.example"}).status_code == 400


def test_headers_of_protection(enter: Enter) -> None:
    client = enter("wang")
    for path in ("/", "/leads", "/leads/1", "/coverage", "/nothing", "/static/style.css", "/static/app.js"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy and "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert client.get("/").headers["cache-control"] == "no-store"


def test_pages_need_nothing_from_other_hosts_and_no_inline_code(enter: Enter) -> None:
    client = enter("wang")
    for path in ("/", "/leads", "/leads/1", "/coverage", "/register", "/register/yangchenghu-crab"):
        page = client.get(path).text
        assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', page)
        assert " style=" not in page and "<style" not in page
        assert not re.search(r"<[^>]+\son\w+\s*=", page)


def test_the_session_cookie_is_out_of_reach(app: FastAPI) -> None:
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    form = {"name": "wang", "password": "chenpi-2026-xinhui"}
    cookie = client.post("/login", data=form, headers={"sec-fetch-site": "same-origin"}).headers["set-cookie"]
    assert cookie.startswith("__Host-gimonitor=")
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_every_value_of_a_vocabulary_has_its_word() -> None:
    from gimonitor.model.finding import Origin, Stage
    from gimonitor.model.lead import Resolution, State
    from gimonitor.model.listing import Field
    from gimonitor.model.register import Basis, Certainty, Kind
    from gimonitor.model.run import BlockKind, RunState, SliceState
    from gimonitor.workflow.vocabulary import (
        Answer,
        Channel,
        ComplaintKind,
        ComplaintSource,
        SampleResult,
        Seen,
        Topic,
    )

    for vocabulary, table in (
        (State, words.STATES),
        (Resolution, words.RESOLUTIONS),
        (Action, words.ACTIONS),
        (Role, words.ROLES),
        (Field, words.FIELDS),
        (Origin, words.ORIGINS),
        (Stage, words.STAGES),
        (Channel, words.CHANNELS),
        (Answer, words.ANSWERS),
        (Seen, words.SEEN),
        (Topic, words.TOPICS),
        (ComplaintKind, words.COMPLAINT_KINDS),
        (ComplaintSource, words.COMPLAINT_SOURCES),
        (SampleResult, words.SAMPLE_RESULTS),
        (Certainty, words.CERTAINTIES),
        (Kind, words.KINDS),
        (Basis, words.BASES),
        (RunState, words.RUN_STATES),
        (SliceState, words.SLICE_STATES),
        (BlockKind, words.BLOCKS),
    ):
        assert set(table) == {value.value for value in vocabulary}


def _counts(store: Store) -> dict[str, int]:
    with store.read() as c:
        return {t.name: c.execute(select(func.count()).select_from(t)).scalar_one() for t in metadata.sorted_tables}


def _content(store: Store) -> dict[str, list[object]]:
    with store.read() as c:
        return {
            t.name: [tuple(row) for row in c.execute(select(t))] for t in metadata.sorted_tables if t.name != "audit"
        }
