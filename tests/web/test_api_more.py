"""The interface beyond single leads: what the screens do, done by a program."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import update
from starlette.testclient import TestClient

from gimonitor.model.finding import Stage
from gimonitor.model.task import TaskKind
from gimonitor.store import people, tables, tasks
from gimonitor.store.database import Store
from gimonitor.web.tokens import open_token

Program = Callable[[str], TestClient]
PICTURE = b"\xff\xd8\xff\xe0" + b"\0" * 64


def _png() -> bytes:
    Image.new("RGB", (40, 40), "white").save(file := io.BytesIO(), "PNG")
    return file.getvalue()


PNG = _png()


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
    in_house = officer.post("/api/leads/2/send", json=told | {"without_look": True})
    assert in_house.status_code == 422 and "用于“平台投诉”的证据包" in in_house.json()["error"]
    reminder = {"kind": "reminder", "without_capture": True, "without_look": True}
    assert officer.post("/api/leads/2/pack", json=reminder).status_code == 200
    assert officer.post("/api/leads/2/send", json=told | {"without_look": True}).status_code == 422
    outgoing = {"kind": "push", "addressee": "演练平台", "without_capture": True, "without_look": True}
    assert officer.post("/api/leads/2/pack", json=outgoing).status_code == 200
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


def test_a_purchase_and_its_chain_of_hands(program: Program) -> None:
    officer = program("wang")
    bought = {"account": "市局一号", "order_number": "D1", "goods": "蟹 8 只", "at": "2026-11-19T09:00:00+08:00"}
    made = officer.post("/api/leads/1/purchases", json=bought | {"paid_fen": 15800}).json()
    where = f"/api/leads/1/purchases/{made['id']}"
    step = {"act": "received", "at": "2026-11-20T08:10:00+08:00", "holder": "王一", "place": "局机关"}
    steps = officer.post(where, json=step).json()["steps"]
    assert [(one["act"], one["holder"]) for one in steps] == [("ordered", "卖家"), ("received", "王一")]
    assert officer.get("/api/leads/1/purchases").json()[0]["paid_fen"] == 15800
    assert officer.post(where.replace("/1/", "/2/", 1), json=step).status_code == 404
    assert officer.post(where, json=step | {"at": "2026-11-20T08:10:00"}).status_code == 422  # no zone, no moment
    assert officer.post(where, json=step | {"at": "2027-01-01T08:10:00Z"}).status_code == 422


def test_a_document_is_kept_listed_and_handed_out(program: Program) -> None:
    officer = program("wang")
    form = {"kind": "rights", "title": "注册证", "holder": "阳澄湖蟹业协会", "number": "G1", "ends": "2030-01-01"}
    kept = officer.post("/api/documents", data=form, files={"file": ("a.png", PNG)}).json()
    assert officer.get("/api/documents").json() == [kept]
    assert officer.get(f"/api/documents/{kept['sha256']}").content == PNG
    assert officer.get(f"/api/documents/{'1' * 64}").status_code == 404
    late = officer.post("/api/documents", data=form | {"ends": "明年"}, files={"file": ("a.png", PNG)})
    assert late.status_code == 422 and "2026-11-20" in late.json()["error"]


def test_a_lead_that_was_not_sent_is_not_looked_at_again(program: Program) -> None:
    refused = program("wang").post("/api/leads/1/look", json={"version": 1})
    assert refused.status_code == 409 and "不能复核" in refused.json()["error"]


def test_what_was_dropped_is_drawn_and_judged(program: Program, store: Store) -> None:
    officer, author = program("wang"), program("mo")
    nothing = officer.post("/api/dropped", json={"each": 2, "seed": "s"})
    assert nothing.status_code == 422 and "没有未提示疑点的商品" in nothing.json()["error"]
    with store.write() as c:
        c.execute(update(tables.listings).where(tables.listings.c.id <= 3).values(stage=Stage.CLEARED))
    drawn = officer.post("/api/dropped", json={"each": 2, "seed": "s"}).json()
    assert len(drawn["items"]) == 2 and drawn["figures"]["value"] is None
    where = f"/api/dropped/{drawn['sample']['id']}"
    assert officer.post(f"{where}/1", json={"verdict": "wrong"}).status_code == 422
    assert author.post(f"{where}/1", json={"verdict": "right"}).status_code == 200
    said = officer.post(f"{where}/2", json={"verdict": "wrong", "gi": "yangchenghu-crab", "why": "漏了"}).json()
    assert said["figures"]["stages"][0]["missed"]["value"] == 0.5 and said["items"][1]["lead_id"]
    assert officer.post(f"{where}/9", json={"verdict": "right"}).status_code == 404
    assert officer.get("/api/dropped").json()[0]["seed"] == "s"


def test_a_task_is_closed_once(program: Program, store: Store) -> None:
    with store.write() as c:
        task = tasks.create_task(c, TaskKind.CAPTURE, "practice", ["阳澄湖大闸蟹"], reason="challenge")
    operator = program("yun")
    assert [one["id"] for one in operator.get("/api/tasks").json()] == [task]
    assert operator.post(f"/api/tasks/{task}/close", json={}).json()["note"] == "已手工固证"
    assert operator.post(f"/api/tasks/{task}/close", json={"note": "又"}).status_code == 409
    assert operator.get("/api/tasks").json() == []


def test_views_and_tokens_of_ones_own(program: Program) -> None:
    officer = program("wang")
    kept = officer.post("/api/views", json={"name": "五常", "query": "view=mine&gi=wuchang-rice&x=1"}).json()
    assert [(one["name"], one["query"]) for one in kept] == [("五常", "view=mine&gi=wuchang-rice")]
    assert program("li").post(f"/api/views/{kept[0]['id']}/drop").status_code == 404
    assert officer.post(f"/api/views/{kept[0]['id']}/drop").json() == []
    mine = officer.get("/api/tokens").json()[0]
    assert mine["name"] == "省平台" and "token_hash" not in mine
    assert program("li").post(f"/api/tokens/{mine['id']}/revoke").status_code == 404
    assert officer.post(f"/api/tokens/{mine['id']}/revoke").json()[0]["revoked_at"]
    assert officer.get("/api/leads").status_code == 401


def test_people_are_managed_within_the_operators_area(program: Program, bounded: Store) -> None:
    operator, near = program("yun"), program("operator3205")
    told = {"login": "xin", "roles": ["officer"], "areas": ["3205"], "password": "a-long-enough-phrase-7"}
    made = operator.post("/api/people", json=told).json()
    assert made == {"login": "xin", "name": "xin", "roles": ["officer"], "areas": ["3205"], "active": True,
                    "locked_until": None}  # fmt: skip
    assert "password" not in operator.get("/api/people").text
    assert operator.post("/api/people", json=told).status_code == 409
    assert operator.post("/api/people", json=told | {"login": "y", "password": "kurz"}).status_code == 422
    assert near.post("/api/people/change", json={"login": "xin", "roles": ["officer"], "areas": []}).status_code == 403
    assert near.post("/api/people", json=told | {"login": "z", "areas": ["44"]}).status_code == 403
    assert near.post("/api/people/service", json={"login": "wang", "active": False}).status_code == 403
    assert near.post("/api/people/service", json={"login": "xin", "active": False}).json()["active"] is False
    assert operator.post("/api/people/service", json={"login": "yun", "active": False}).status_code == 403
    assert operator.post("/api/people/unlock", json={"login": "nobody"}).status_code == 404


def test_the_audit_and_its_chain(program: Program) -> None:
    program("wang").post("/api/leads/1/judge", json={"version": 1, "resolution": "confirmed"})
    auditor = program("shen")
    entries = auditor.get("/api/audit", params={"object": "lead:1"}).json()
    assert entries[0]["who"] == "wang"
    assert auditor.get("/api/audit", params={"before": entries[0]["id"], "object": "lead:1"}).json() == entries[1:]
    chain = auditor.get("/api/audit/check").json()
    assert chain["broken"] is None and chain["number"] >= entries[0]["id"]


def test_a_seller_over_time(program: Program) -> None:
    reader = program("ling")
    group = reader.get("/api/groups").json()["sellers"][0]
    seller = reader.get(f"/api/sellers/{group['kind']}/{group['id']}").json()
    assert len(seller["rows"]) == group["leads"] and seller["profile"]["shops"]
    assert reader.get("/api/sellers/picture/1").status_code == 422


def test_files_are_handed_out_as_on_the_screens(program: Program, bounded: Store) -> None:
    officer = program("wang")
    form = {"gi": "yangchenghu-crab", "title": "市场里的阳澄湖大闸蟹"}
    made = officer.post("/api/leads", data=form, files={"file": ("a.jpg", io.BytesIO(PICTURE))}).json()["lead_id"]
    capture = officer.get(f"/api/leads/{made}").json()["captures"][0]["id"]
    assert officer.get(f"/api/leads/{made}/evidence/{capture}").content == PICTURE
    assert officer.get(f"/api/leads/1/evidence/{capture}").status_code == 404
    for path in ("/leads/1/case.docx", "/reports.xlsx", "/reports/summary.docx", "/reports/markuse.xlsx"):
        answer = officer.get(f"/api{path}")
        assert answer.content.startswith(b"PK") and "attachment" in answer.headers["content-disposition"], path
