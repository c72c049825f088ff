"""Judging a seller's leads together, except some, with a count first and undo after."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.testclient import TestClient

from gimonitor.model.lead import Resolution, State
from gimonitor.store import audit, leads
from gimonitor.store.database import Store
from gimonitor.workflow import decisions, groups
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role

NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
Enter = Callable[[str], TestClient]


def items_on(page: str) -> list[str]:
    return re.findall(r'name="lead" value="(\d+:\d+)"', page)


def group_path(client: TestClient) -> str:
    found = re.search(r'href="(/groups/\w+/\d+)"', client.get("/groups").text)
    assert found
    return found[1]


def test_leads_of_one_person_stand_together(store: Store) -> None:
    with store.read() as c:
        found = groups.list_groups(c, NOW)
    assert [(g.kind, g.name, g.leads, g.score) for g in found] == [("subject", "南京湖畔水产经营部", 24, 70.0)]


def test_a_group_is_judged_except_one(enter: Enter, store: Store) -> None:
    client = enter("wang")
    page = client.get(group_path(client)).text
    chosen = items_on(page)[:-1]
    form = {"lead": chosen, "resolution": "confirmed"}
    asked = client.post("/batches", data=form)
    assert "23 条线索判定为“疑似成立”" in asked.text  # the count first
    with store.read() as c:
        assert leads.count_leads(c, leads.QueueFilter(states=(State.NEW,))) == 31
    done = client.post("/batches", data={**form, "why": "同一主体，产地高淳", "sure": "yes"})
    assert done.status_code == 303
    with store.read() as c:
        assert leads.count_leads(c, leads.QueueFilter(resolutions=(Resolution.CONFIRMED,))) == 23
    path = done.headers["location"]
    assert "撤销本批（23 条）" in client.get(path).text
    assert "撤销本批" not in enter("li").get(path).text
    client.post(f"{path}/undo")
    with store.read() as c:
        assert leads.count_leads(c, leads.QueueFilter(resolutions=(Resolution.CONFIRMED,))) == 0
        assert audit.verify_audit(c) is None


def test_one_that_changed_stops_the_whole_batch(enter: Enter, store: Store) -> None:
    client = enter("wang")
    chosen = items_on(client.get(group_path(client)).text)
    changed = int(chosen[5].split(":")[0])
    with store.write() as c:
        li = Actor(login="li", roles=frozenset({Role.OFFICER}))
        decisions.judge(c, li, changed, 1, Resolution.FAIR_USE, now=audit.utc_now())
    form = {"lead": chosen, "resolution": "confirmed", "why": "同一主体", "sure": "yes"}
    answer = client.post("/batches", data=form)
    assert answer.status_code == 409 and f"线索 {changed}" in answer.text and "整批未执行" in answer.text
    with store.read() as c:
        assert leads.count_leads(c, leads.QueueFilter(resolutions=(Resolution.CONFIRMED,))) == 0


def test_undo_keeps_what_somebody_else_went_on_with(enter: Enter, store: Store) -> None:
    client = enter("wang")
    chosen = items_on(client.get(group_path(client)).text)[:3]
    form = {"lead": chosen, "resolution": "confirmed", "why": "同一主体", "sure": "yes"}
    path = client.post("/batches", data=form).headers["location"]
    approved = int(chosen[0].split(":")[0])
    with store.read() as c:
        version = leads.load_lead_row(c, approved).version
    enter("zhao").post(f"/leads/{approved}/approve", data={"version": str(version)})
    client.post(f"{path}/undo")
    with store.read() as c:
        assert leads.load_lead_row(c, approved).state is State.APPROVED
        assert leads.count_leads(c, leads.QueueFilter(resolutions=(Resolution.CONFIRMED,))) == 1
    assert client.get(path).text.count("此后有变化") == 3


def test_unusable_batches(enter: Enter) -> None:
    client = enter("wang")
    for form in (
        {"resolution": "confirmed"},
        {"lead": ["1:1"], "resolution": "guilty"},
        {"lead": ["1;1"], "resolution": "confirmed"},
        {"lead": [f"{n}:1" for n in range(501)], "resolution": "confirmed"},
    ):
        assert client.post("/batches", data=form).status_code == 422, form
    assert client.get("/batches/1").status_code == 404
    assert client.get("/groups/shop/4242").status_code == 404
