"""辖区: a person of another area sees and does nothing with a lead, by whatever route, role or token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gimonitor.errors import InputError, PermissionDeniedError
from gimonitor.model.task import TaskKind
from gimonitor.store import leads, people, tasks
from gimonitor.store.database import Store
from gimonitor.store.leads import QueueFilter
from gimonitor.web.tokens import open_token
from gimonitor.workflow import sampling
from gimonitor.workflow.areas import gis_within, read_areas
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role
from gimonitor.workflow.sampling import SampleKind

Enter = Callable[[str], TestClient]
NEAR, FAR = "3205", "44"
NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
CRAB_ID, CRAB = "yangchenghu-crab", "阳澄湖大闸蟹"


def test_lists_hold_nothing_of_another_area(enter: Enter, bounded: Store) -> None:
    said = {"near": "", "far": ""}
    for area, name in ((NEAR, "near"), (FAR, "far")):
        client = enter(f"{Role.OFFICER}{area}")
        for path in ("/", "/leads?view=all", "/leads?q=阳澄湖", "/groups", "/clocks", "/ignores", "/complaints",
                     "/answers", "/quality", "/samples", "/reports", "/coverage", "/coverage/1", "/listings", "/documents"):  # fmt: skip
            said[name] += client.get(path).text
    for words in ("鲜活现货", "南京湖畔水产经营部", "常熟市局", "蟹不对", "阳澄湖抽查", "核实中"):
        assert words in said["near"], words
        assert words not in said["far"], words
    assert CRAB not in said["far"]


def test_the_province_sees_what_its_city_sees(app: FastAPI, bounded: Store) -> None:
    with bounded.read() as c:
        counts = {
            area: leads.count_leads(c, QueueFilter(within=gis_within(app.state.services.register, areas)))
            for area, areas in (
                ("all", ()),
                ("32", ("32",)),
                ("3205", ("3205",)),
                ("320507", ("320507",)),
                ("44", ("44",)),
            )
        }
    assert counts == {"all": 31, "32": 31, "3205": 31, "320507": 31, "44": 0}


def test_sellers_of_another_area(enter: Enter, bounded: Store) -> None:
    far, near = enter(f"{Role.OFFICER}{FAR}"), enter(f"{Role.OFFICER}{NEAR}")
    for path in ("/groups/shop/1", "/sellers/shop/1"):
        assert (far.get(path).status_code, near.get(path).status_code) == (403, 200), path


def test_batches_and_answers_do_not_reach_over_the_bounds(enter: Enter, bounded: Store) -> None:
    far = enter(f"{Role.OFFICER}{FAR}")
    form = {"lead": ["4:1"], "resolution": "confirmed", "why": "越界", "sure": "yes"}
    assert far.post("/batches", data=form).status_code == 403
    assert far.post("/batches", data={**form, "sure": ""}).status_code == 403
    table = "线索编号,处理结果\n1,已下架\n"
    preview = far.post("/answers", files={"file": ("a.csv", table.encode(), "text/csv")})
    assert "没有对应的" in preview.text and "可登记 <b>0</b>" in preview.text
    with bounded.read() as c:
        assert leads.load_lead_row(c, 4).version == 1


def test_new_objects_stay_within_the_area(enter: Enter, bounded: Store) -> None:
    far = enter(f"{Role.OFFICER}{FAR}")
    for path, form in (
        ("/leads/new", {"gi": CRAB_ID, "title": "蟹", "url": "https://shop.example/1"}),
        ("/complaints", {"kind": "tip", "source": "citizen", "text": "蟹", "gi": CRAB_ID}),
        ("/samples", {"kind": "listings", "name": "n", "size": "1", "seed": "s", "gi": CRAB_ID}),
        ("/samples", {"kind": "listings", "name": "n", "size": "1", "seed": "s"}),
    ):
        assert far.post(path, data=form).status_code in {403, 422}, path


def test_coverage_tasks_and_documents_are_bounded(enter: Enter, bounded: Store) -> None:
    with bounded.write() as c:
        mixed = tasks.create_task(c, TaskKind.CAPTURE, "practice", [CRAB, "海鲜礼盒"], now=NOW)
        theirs = tasks.create_task(c, TaskKind.CAPTURE, "shop", [CRAB], now=NOW)
    far, near = enter(f"{Role.OFFICER}{FAR}"), enter(f"{Role.OFFICER}{NEAR}")
    assert "海鲜礼盒" in far.get("/").text and CRAB not in far.get("/").text
    assert (
        "大闸蟹" in far.get("/coverage").text and CRAB in near.get("/coverage").text
    )  # a query that names no GI is everybody's
    for task_id in (mixed, theirs):
        assert far.post(f"/tasks/{task_id}/close").status_code == 403
    assert near.post(f"/tasks/{mixed}/close").status_code == 303
    form = {"kind": "rights", "title": "证书", "holder": "协会", "gi_id": CRAB_ID, "undated": "true"}
    upload = {"file": ("a.pdf", b"%PDF-1.4", "application/pdf")}
    assert far.post("/documents", data=form, files=upload).status_code == 422
    assert (
        far.post("/documents", data={**form, "gi_id": ""}, files=upload).status_code == 422
    )  # for all GIs: not theirs to add


def test_a_sample_is_compared_with_one_that_may_be_seen(bounded: Store) -> None:
    def plan(gi_id: str, kind: SampleKind = SampleKind.LISTINGS) -> sampling.Plan:
        return sampling.Plan(
            kind=kind, name="抽查", gi_id=gi_id, text="", platforms=(), since=NOW - timedelta(days=999), until=NOW,
            size=1, seed="s", frequency="", checklist=(),
        )  # fmt: skip

    house = Actor(login="wang", roles=frozenset({Role.OFFICER}))
    city = Actor(login="far", roles=frozenset({Role.OFFICER}), within=frozenset({"xihu-longjing"}))
    with bounded.write() as c:
        theirs = sampling.take_sample(c, house, plan(CRAB_ID), now=NOW)
        with pytest.raises(PermissionDeniedError):
            sampling.take_sample(c, city, plan("xihu-longjing"), now=NOW, previous_id=theirs)
        with pytest.raises(InputError, match="同一类对象"):
            sampling.take_sample(c, house, plan(CRAB_ID, SampleKind.SELLERS), now=NOW, previous_id=theirs)
        assert sampling.take_sample(c, house, plan(CRAB_ID), now=NOW, previous_id=theirs) > theirs


def test_tokens_are_bounded_as_well(app: FastAPI, bounded: Store) -> None:
    with bounded.write() as c:
        person = people.find_person(c, f"{Role.OFFICER}{FAR}")
        assert person
        token = open_token(c, person, name="test", now=NOW, days=9)
    client = TestClient(app, base_url="https://testserver", headers={"authorization": f"Bearer {token}"})
    assert client.get("/api/leads").json()["rows"] == []
    assert client.get("/api/leads/1").status_code == 403
    assert client.post("/api/leads/4/claim", json={"version": 1}).status_code == 403


def test_an_auditor_of_an_area_sees_its_people(enter: Enter, bounded: Store) -> None:
    enter(f"{Role.OFFICER}{NEAR}").get("/leads/5")
    near, far = enter(f"{Role.AUDITOR}{NEAR}").get("/audit").text, enter(f"{Role.AUDITOR}{FAR}").get("/audit").text
    assert "线索 5<" in near and "线索 5<" not in far
    assert "王一" not in near  # of no area: the whole province's


def test_areas_are_codes_of_divisions() -> None:
    assert read_areas(["32", "3205", "32"]) == ("32", "3205")
    for bad in ("苏州", "77", "320", "3299999"):
        with pytest.raises(InputError):
            read_areas([bad])
    assert gis_within(None, ("32",)) == frozenset()
