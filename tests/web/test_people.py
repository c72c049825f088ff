"""The operator's screen of people, one's own password and views, and how many sessions one may have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from starlette.testclient import TestClient

from gimonitor.store import audit, people
from gimonitor.store.database import Store

from .seeds import PASSWORD

Enter = Callable[[str], TestClient]
NEW = "xinhui-chenpi-2027"


def test_an_operator_changes_roles_areas_and_service_of_others(enter: Enter, store: Store) -> None:
    operator, officer = enter("yun"), enter("wang")
    assert "王一" in operator.get("/people").text
    changed = operator.post("/people/change", data={"login": "wang", "role": ["leader", "auditor"], "area": "3205，44"})
    assert changed.status_code == 303
    with store.read() as c:
        person = people.find_person(c, "wang")
        assert person and (person.role, person.areas) == ("auditor,leader", ("3205", "44"))
        assert audit.latest_audit(c, 1)[0].action == "person.role" and audit.latest_audit(c, 1)[0].who == "yun"
    assert officer.get("/audit").status_code == 200  # at once
    operator.post("/people/service", data={"login": "wang", "active": "false"})
    assert officer.get("/").status_code == 303
    operator.post("/people/service", data={"login": "wang", "active": "true"})
    assert enter("wang").get("/").status_code == 200
    for refused in (
        {"login": "wang"},
        {"login": "wang", "role": "king"},
        {"login": "wang", "role": "leader", "area": "9"},
    ):
        assert operator.post("/people/change", data=refused).status_code == 422
    assert operator.post("/people/change", data={"login": "yun", "role": "auditor"}).status_code == 403
    assert operator.post("/people/service", data={"login": "yun", "active": "false"}).status_code == 403
    assert operator.post("/people/service", data={"login": "nobody", "active": "false"}).status_code == 404


def test_an_operator_adds_and_unlocks(enter: Enter, store: Store, clock: object) -> None:
    operator = enter("yun")
    form = {"login": "new", "name": "新人", "password": NEW, "role": "officer"}
    assert operator.post("/people", data=form | {"password": "short"}).status_code == 422
    assert operator.post("/people", data=form).status_code == 303
    assert operator.post("/people", data=form).status_code == 409
    with store.write() as c:
        person = people.find_person(c, "wang")
        assert person
        people.note_failure(c, person.id, clock.now + timedelta(minutes=15))  # type: ignore[attr-defined]
    assert "已锁定" in operator.get("/people").text
    operator.post("/people/unlock", data={"login": "wang"})
    assert "已锁定" not in operator.get("/people").text and enter("wang")


def test_one_changes_ones_own_password(enter: Enter) -> None:
    here, elsewhere = enter("li"), enter("li")
    wrong = {"old": "x", "new": NEW, "again": NEW}
    assert here.post("/account/password", data=wrong).status_code == 403
    right = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert here.post("/account/password", data=right | {"again": "other"}).status_code == 422
    assert here.post("/account/password", data=right | {"new": "short", "again": "short"}).status_code == 422
    done = here.post("/account/password", data=right)
    assert done.status_code == 303
    assert here.get("/account").status_code == 200 and elsewhere.get("/account").status_code == 303
    door = enter("")
    assert door.post("/login", data={"name": "li", "password": PASSWORD}).status_code == 401
    assert door.post("/login", data={"name": "li", "password": NEW}).status_code == 303


def test_the_session_used_longest_ago_ends_when_there_are_too_many(enter: Enter, clock: object) -> None:
    opened = []
    for _ in range(6):
        clock.now += timedelta(seconds=1)  # type: ignore[attr-defined]
        opened.append(enter("wang"))
    assert [client.get("/account").status_code for client in opened] == [303] + [200] * 5
    assert enter("li").get("/account").status_code == 200


def test_views_of_ones_own(enter: Enter) -> None:
    officer = enter("wang")
    saved = officer.post("/views", data={"name": "高分<b>", "query": "view=all&q=2只"})
    assert saved.headers["location"] == "/leads?view=all&q=2%E5%8F%AA"
    page = officer.get(saved.headers["location"]).text
    assert "★ 高分&lt;b&gt;" in page and "删除视图" in page
    assert "★" not in enter("li").get("/leads").text
    officer.post("/views", data={"name": "高分<b>", "query": "view=all&q=3只"})
    assert officer.get("/leads").text.count("★") == 1
    assert enter("li").post("/views/2/drop").status_code == 404
    assert officer.post("/views", data={"name": " ", "query": "q=x"}).status_code == 422
    assert officer.post("/views", data={"name": "外", "query": "view=nothing&x=1"}).headers["location"] == "/leads"
    officer.post("/views/2/drop")
    assert officer.get("/leads").text.count("★") == 1
