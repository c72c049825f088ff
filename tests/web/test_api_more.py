"""The interface beyond single leads: what the screens do, done by a program."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gimonitor.store import people
from gimonitor.store.database import Store
from gimonitor.web.tokens import open_token

Program = Callable[[str], TestClient]
PICTURE = b"\xff\xd8\xff\xe0" + b"\0" * 64


@pytest.fixture
def program(app: FastAPI, store: Store, clock: object) -> Program:
    """A client with a token of somebody."""

    def make(login: str) -> TestClient:
        with store.write() as c:
            person = people.find_person(c, login)
            assert person
            token = open_token(c, person, name="省平台", now=clock.now, days=90)  # type: ignore[attr-defined]
        return TestClient(app, base_url="https://testserver", headers={"authorization": f"Bearer {token}"})

    return make


def test_a_group_is_counted_decided_except_one_and_undone(program: Program) -> None:
    officer = program("wang")
    group = officer.get("/api/groups").json()["sellers"][0]
    found = officer.get(f"/api/groups/{group['kind']}/{group['id']}").json()
    assert len(found["rows"]) == group["leads"] == 24 and not found["has_more"]
    items = [{"id": row["id"], "version": row["version"]} for row in found["rows"][:-1]]
    order = {"deed": "judge", "items": items, "resolution": "confirmed", "why": "同一主体"}
    counted = officer.post("/api/batches/count", json=order).json()
    assert (counted["count"], counted["changed"]) == (23, [])
    batch = officer.post("/api/batches", json=order).json()
    assert len(batch["items"]) == 23
    late = officer.post("/api/batches/count", json=order).json()
    assert len(late["changed"]) == 23 and officer.post("/api/batches", json=order).status_code == 409
    assert len(officer.post(f"/api/batches/{batch['id']}/undo").json()["undone"]) == 23
    assert set(officer.get(f"/api/batches/{batch['id']}").json()["after"].values()) == {"undone"}
    assert officer.post("/api/batches", json=order | {"resolution": None}).status_code == 422
    assert officer.post("/api/batches", json=order | {"items": []}).status_code == 422


def test_ones_own_lead_by_photo_and_by_link(program: Program) -> None:
    officer = program("wang")
    form = {"gi": "yangchenghu-crab", "title": "市场里的阳澄湖大闸蟹", "source": "officer"}
    made = officer.post("/api/leads", data=form, files={"file": ("a.jpg", io.BytesIO(PICTURE))}).json()
    lead = officer.get(f"/api/leads/{made['lead_id']}").json()
    assert made["is_new"] and lead["lead"]["state"] == "claimed" and lead["captures"][0]["kind"] == "image"
    known = officer.post("/api/leads", data=form | {"url": lead["suspected"]["url"] or "https://x.example/1"}).json()
    assert known["is_new"]
    again = officer.post("/api/leads", data=form | {"url": "https://x.example/1"}).json()
    assert not again["is_new"] and again["lead_id"] == known["lead_id"]
    assert officer.post("/api/leads", data=form).status_code == 422
    assert officer.post("/api/leads", data=form | {"url": "javascript:1"}).status_code == 422


def test_a_pack_is_made_only_of_what_was_judged(program: Program) -> None:
    officer = program("wang")
    refused = officer.post("/api/leads/1/pack", json={})
    assert refused.status_code == 422 and "疑似成立" in refused.json()["error"]
    officer.post("/api/leads/1/judge", json={"version": 1, "resolution": "confirmed"})
    packs = officer.post("/api/leads/1/pack", json={"without_capture": True, "without_look": True}).json()
    assert packs[-1]["kind"] == "lead"
    whole = officer.get(f"/api/packs/{packs[-1]['id']}/file")
    assert whole.content.startswith(b"PK") and len(whole.content) == packs[-1]["size"]
    unknown = officer.post("/api/leads/1/complaint", json={"profile": "none", "countries": "JP"})
    assert unknown.status_code == 422 and "没有这个投诉渠道" in unknown.json()["error"]


def test_nothing_is_sent_that_nobody_looked_at(program: Program, bounded: Store) -> None:
    officer = program("wang")
    officer.post("/api/leads/2/claim", json={"version": 1})
    version = officer.post("/api/leads/2/judge", json={"version": 2, "resolution": "confirmed"}).json()["version"]
    officer.post("/api/leads/2/pack", json={"without_capture": True, "without_look": True})
    version = program("zhao").post("/api/leads/2/approve", json={"version": version}).json()["version"]
    told = {"version": version, "channel": "platform", "addressee": "演练平台", "workdays": 3}
    refused = officer.post("/api/leads/2/send", json=told)
    assert refused.status_code == 422 and "还没有复看过页面" in refused.json()["error"]
    assert officer.get("/api/leads/2").json()["lead"]["state"] == "approved"
    assert officer.post("/api/leads/2/send", json=told | {"without_look": True}).json()["state"] == "sent"
    assert "未复看即报送" in officer.get("/api/leads/2").text
    notice = officer.get("/api/leads/2").json()["notices"][0]["id"]
    assert officer.post("/api/leads/2/receipt", json={"notice": notice, "receipt": "P-9"}).status_code == 200
    assert officer.get("/api/leads/2").json()["notices"][0]["receipt"] == "P-9"
    assert officer.post("/api/complaints/1/link", json={"lead": 2}).json()["id"] == 1
    assert officer.post("/api/complaints/1/link", json={"lead": 9999}).status_code == 404


def test_a_seller_is_ignored_and_asked_about_again(program: Program) -> None:
    officer = program("wang")
    made = officer.post("/api/leads/2/ignore", json={"until": "2026-11-30", "why": "核实中"}).json()
    assert officer.get("/api/ignores").json()[0]["id"] == made["id"]
    assert officer.post(f"/api/ignores/{made['id']}/end").json()["ended_at"]
    assert officer.post("/api/leads/2/ignore", json={"until": "2029-11-30", "why": "x"}).status_code == 422


def test_a_table_of_answers_is_shown_then_recorded(program: Program, bounded: Store) -> None:
    officer = program("wang")
    table = "线索编号,处理结果,备注\n1,已下架,属实\n9999,已下架,\n".encode("gb18030")
    shown = officer.post("/api/answers", files={"file": ("a.csv", io.BytesIO(table))}).json()
    assert [len(shown["preview"][part]) for part in ("matched", "refused")] == [1, 1]
    assert officer.get("/api/leads/1").json()["lead"]["state"] == "sent"
    done = officer.post("/api/answers/record", json={"sha256": shown["sha256"]}).json()
    assert done == {"leads": [1], "refused": 1}
    assert officer.get("/api/leads/1").json()["lead"]["state"] == "answered"
    assert officer.post("/api/answers/record", json={"sha256": "0" * 64}).status_code == 422


def test_a_sample_is_drawn_and_its_results_counted(program: Program) -> None:
    officer = program("wang")
    plan = {"kind": "listings", "name": "月查", "size": 3, "seed": "s", "gi": "yangchenghu-crab"}
    drawn = officer.post("/api/samples", json=plan).json()
    again = officer.post("/api/samples", json=plan | {"previous": drawn["sample"]["id"]}).json()
    assert [i["listing_id"] for i in drawn["items"]] == [i["listing_id"] for i in again["items"]]
    for position, result in enumerate(("suspected", "clean", "clean"), start=1):
        told = officer.post(f"/api/samples/{drawn['sample']['id']}/{position}", json={"result": result})
        assert told.status_code == 200, told.text
    assert told.json()["outcome"]["whole"]["count"] == 1
    assert officer.post("/api/samples", json=plan | {"gi": "none"}).status_code == 422
    dealt = officer.post("/api/samples", json=plan | {"kind": "sellers", "size": 1, "officers": ["li"]}).json()
    assert {item["officer"] for item in dealt["items"]} == {"li"}
    foreign = officer.post("/api/samples", json=plan | {"kind": "sellers", "size": 1, "officers": ["yun"]})
    assert foreign.status_code == 422 and "云维" in foreign.json()["error"]


def test_figures_name_the_leads_behind_them(program: Program, bounded: Store) -> None:
    reader = program("ling")
    days = {"first": "2026-10-01", "last": "2026-11-20"}
    numbers = reader.get("/api/reports", params=days).json()
    assert numbers["total"]["confirmed"] == 1 and "confirmed" in reader.get("/api/reports/definitions").json()
    behind = reader.get("/api/reports/leads", params=days | {"figure": "confirmed"}).json()
    assert [row["id"] for row in behind["rows"]] == [1]
    phases = reader.get("/api/reports/campaign", params={"first": "2026-11-01", "last": "2026-11-10"}).json()
    assert [phase["is_over"] for phase in phases] == [True, True, False]
    assert reader.get("/api/reports/summary").json() and reader.get("/api/quality").json()["standings"] == []
    assert reader.get("/api/clocks").json()["receipts"][0]["lead_id"] == 1
    assert reader.get("/api/reports/leads", params={"figure": "none"}).status_code == 404
    assert reader.get("/api/reports", params={"first": "2026-02-01", "last": "2026-01-01"}).status_code == 422


def test_the_register_with_how_each_fact_is_known(program: Program) -> None:
    operator = program("yun")
    assert operator.get("/api/register", params={"q": "阳澄湖"}).json()[0]["users"] == 1
    found = operator.get("/api/register/yangchenghu-crab").json()
    assert found["gi"]["category"] == {"value": "水产", "certainty": "unverified"} | {
        name: found["gi"]["category"][name] for name in ("source", "checked_by", "checked_on")
    }
    assert found["users"][0]["uscc"] and operator.get("/api/register/none").status_code == 404


def test_bundles_need_a_key_that_is_trusted(program: Program) -> None:
    officer = program("wang")
    policy = officer.get("/api/bundles/policies").json()[0]["id"]
    order = {"to": "省局", "policy": policy, "since": "2026-11-01"}
    assert officer.post("/api/bundles/export", json=order).status_code == 422  # nothing confirmed yet
    officer.post("/api/leads/1/judge", json={"version": 1, "resolution": "confirmed"})
    file = officer.post("/api/bundles/export", json=order)
    assert file.content.startswith(b"PK")
    shown = officer.post("/api/bundles", files={"file": ("a.gibundle", io.BytesIO(file.content))})
    assert shown.status_code == 422 and "信任" in shown.json()["error"]
    assert officer.get("/api/bundles").json() == []
    assert officer.post("/api/bundles/merge", json={"sha256": "0" * 64}).status_code == 422
