"""辖区 beyond the address: what a body or a query names, and what works over the whole stock, route by route.

Routes whose address names an object of an area are walked in test_access.py and test_api.py. Every other one stands here,
so that a new one is refused until somebody says how far it reaches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from gimonitor.store import people
from gimonitor.store.database import Store
from gimonitor.web.areas import OBJECTS, WHOLE
from gimonitor.web.tokens import open_token
from gimonitor.workflow.roles import Role

Enter = Callable[[str], TestClient]
NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
NEAR, FAR = "3205", "44"
CRAB = "yangchenghu-crab"
THEIRS = ("鲜活现货", "南京湖畔水产经营部", "常熟市局", "蟹不对", "阳澄湖抽查", "核实中")
"""What stands in the objects over the crab, whose city is not the asker's."""


class Reach(Enum):
    """How far a route reaches that names no object of an area in its address."""

    OWN = "the person's own, or the house's people and rules: nothing of any GI's leads"
    WHOLE = "over all GIs: for nobody with an area"
    TESTED = "names objects in its body or file: tests/web/test_areas.py, test_models.py, test_bundles.py and test_api_more.py"


Probe = dict[str, object]
"""A body that names the crab, refused to another city."""

SAMPLE: Probe = {"kind": "listings", "name": "n", "size": 1, "seed": "s", "gi": CRAB}
POSTS: dict[str, Reach | Probe] = {
    "/login": Reach.OWN,
    "/logout": Reach.OWN,
    "/language": Reach.OWN,
    "/views": Reach.OWN,
    "/views/{view_id}/drop": Reach.OWN,
    "/account/password": Reach.OWN,
    "/people": Reach.OWN,
    "/people/change": Reach.OWN,
    "/people/service": Reach.OWN,
    "/people/unlock": Reach.OWN,
    "/tokens": Reach.OWN,
    "/tokens/{token_id}/revoke": Reach.OWN,
    "/models/try": Reach.OWN,
    "/models/{model_id}/draft": Reach.OWN,
    "/models/{model_id}/form": Reach.OWN,
    "/models/{model_id}/withdraw": Reach.OWN,
    "/models/{model_id}/backtest": Reach.OWN,
    "/models/{model_id}/release": Reach.TESTED,
    "/models/{model_id}/rollback": Reach.TESTED,
    "/answers": Reach.TESTED,
    "/answers/record": Reach.TESTED,
    "/batches": Reach.TESTED,
    "/bundles": Reach.TESTED,
    "/bundles/export": Reach.TESTED,
    "/bundles/merge": Reach.TESTED,
    "/documents": Reach.TESTED,
    "/tasks/{task_id}/close": Reach.TESTED,
    "/complaints": {"kind": "tip", "source": "citizen", "text": "蟹", "gi": CRAB},
    "/leads/new": {"gi": CRAB, "title": "蟹", "url": "https://shop.example/1"},
    "/samples": SAMPLE,
    "/dropped": Reach.WHOLE,
    "/api/views": Reach.OWN,
    "/api/views/{view_id}/drop": Reach.OWN,
    "/api/people": Reach.OWN,
    "/api/people/change": Reach.OWN,
    "/api/people/service": Reach.OWN,
    "/api/people/unlock": Reach.OWN,
    "/api/tokens/{token_id}/revoke": Reach.OWN,
    "/api/models/try": Reach.OWN,
    "/api/models/drafts": Reach.OWN,
    "/api/models/{model_id}/drafts/{draft_id}/withdraw": Reach.OWN,
    "/api/models/{model_id}/drafts/{draft_id}/backtest": Reach.OWN,
    "/api/models/{model_id}/drafts/{draft_id}/release": Reach.TESTED,
    "/api/models/{model_id}/rollback": Reach.TESTED,
    "/api/answers": Reach.TESTED,
    "/api/answers/record": Reach.TESTED,
    "/api/bundles": Reach.TESTED,
    "/api/bundles/export": Reach.TESTED,
    "/api/bundles/merge": Reach.TESTED,
    "/api/documents": Reach.TESTED,
    "/api/tasks/{task_id}/close": Reach.TESTED,
    "/api/batches/count": {
        "deed": "judge",
        "items": [{"id": 4, "version": 1}],
        "resolution": "confirmed",
        "why": "越界",
    },
    "/api/batches": {"deed": "judge", "items": [{"id": 4, "version": 1}], "resolution": "confirmed", "why": "越界"},
    "/api/complaints": {"kind": "tip", "source": "citizen", "text": "蟹", "gi": CRAB},
    "/api/leads": {"gi": CRAB, "title": "蟹", "url": "https://shop.example/1"},
    "/api/samples": SAMPLE,
    "/api/dropped": Reach.WHOLE,
}
DRAW = {"each": 1, "seed": "s"}


def walked(app: FastAPI, found: list[object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of every route, those of the interface with their prefix."""
    for route in found:
        if isinstance(route, APIRoute):
            yield from ((method, prefix + route.path) for method in route.methods)
        elif hasattr(route, "original_router"):
            yield from walked(app, route.original_router.routes, prefix)
        elif isinstance(inner := getattr(route, "app", None), FastAPI):
            yield from walked(app, list(inner.routes), prefix + str(getattr(route, "path", "")))


def without_object(app: FastAPI) -> list[tuple[str, str]]:
    """Routes whose address names no object of an area."""
    bound = set(OBJECTS) | WHOLE
    return [one for one in walked(app, list(app.routes)) if not bound & set(re.findall(r"{(\w+)}", one[1]))]


@pytest.fixture
def program(app: FastAPI, bounded: Store) -> Callable[[str], TestClient]:
    def by(login: str) -> TestClient:
        with bounded.write() as c:
            person = people.find_person(c, login)
            assert person is not None
            token = open_token(c, person, name="test", now=NOW, days=9)
        return TestClient(app, base_url="https://testserver", headers={"authorization": f"Bearer {token}"})

    return by


def test_every_route_says_how_far_it_reaches(app: FastAPI) -> None:
    found = without_object(app)
    assert len([1 for _, path in found if path.startswith("/api/")]) > 40  # the interface is walked too
    assert {path for method, path in found if method == "POST"} == set(POSTS)
    assert {method for method, _ in found} == {"GET", "POST"}


def test_nothing_of_another_area_is_named_or_drawn(
    enter: Enter, program: Callable[[str], TestClient], bounded: Store
) -> None:
    far, near = f"{Role.OFFICER}{FAR}", f"{Role.OFFICER}{NEAR}"
    screens, programs = {who: enter(who) for who in (far, near)}, {who: program(who) for who in (far, near)}
    for path, reach in POSTS.items():
        clients = programs if path.startswith("/api/") else screens
        sent = "json" if clients is programs and path != "/api/leads" else "data"  # a lead may come with a file
        if isinstance(reach, dict):
            assert clients[far].post(path, **{sent: reach}).status_code in {403, 422}, path
            assert clients[near].post(path, **{sent: reach}).status_code in {200, 303}, path
        elif reach is Reach.WHOLE:
            for who in (far, near):
                answer = clients[who].post(path, **{sent: DRAW})
                assert answer.status_code == 403 and "不限辖区" in answer.text, path


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER, Role.AUDITOR, Role.OPERATOR])
def test_no_list_and_no_paper_tells_of_another_area(
    app: FastAPI, enter: Enter, program: Callable[[str], TestClient], role: Role
) -> None:
    screen, api = enter(f"{role}{FAR}"), program(f"{role}{FAR}")
    for method, path in without_object(app):
        if method == "GET" and "{" not in path and not path.startswith("/login"):
            answer = (api if path.startswith("/api/") else screen).get(path, params={"view": "all"})
            assert not [word for word in THEIRS if word in answer.text], path
