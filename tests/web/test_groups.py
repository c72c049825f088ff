"""Judging a seller's leads together, except some, with a count first and undo after."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from gimonitor.model.finding import Screening, Stage, Suspicion
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Shop
from gimonitor.model.picture import PictureState
from gimonitor.store import audit, leads, listings, relisting, tables
from gimonitor.store.database import Store
from gimonitor.store.pictures import save_alike
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
        assert leads.count_leads(c, leads.QueueFilter(states=(State.NEW,))) == 31
        assert audit.verify_audit(c) is None
    after = client.get(path).text
    assert after.count("已由本人撤销") == 23 and "此后有变化" not in after


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
    assert client.get(path).text.count("此后有变化") == 1


def show(store: Store, digest: str, lead_ids: list[int]) -> None:
    """Say that the listings of some leads show one picture."""
    with store.write() as c:
        c.execute(
            tables.pictures.insert().values(
                digest=digest, file="x.jpg", state=PictureState.SEEN, attempts=1, owner="", look_version=1,
                look={}, fingerprint={}, problem="", queued_at=NOW, seen_at=NOW,
            )
        )  # fmt: skip
        for lead_id in lead_ids:
            listing_id = leads.load_lead_row(c, lead_id).listing_id
            c.execute(tables.picture_uses.insert().values(listing_id=listing_id, digest=digest, url="u", at=NOW))


def test_leads_with_one_picture_stand_together(enter: Enter, store: Store) -> None:
    with store.read() as c:
        rows = leads.queue_page(c, leads.QueueFilter(), None, 31).rows
    few = [rows[0].id, rows[30].id]  # of two sellers
    show(store, "a" * 64, few)
    show(store, "b" * 64, few)  # the same leads share a second picture: still one group
    with store.read() as c:
        found = groups.list_picture_groups(c, NOW)
        assert groups.list_picture_groups(c, NOW, within=frozenset()) == ()
    assert [(g.id, g.leads, g.shops, g.score) for g in found] == [("a" * 64, 2, 2, 70.0)]
    page = enter("wang").get(f"/groups/picture/{'a' * 64}").text
    assert len(items_on(page)) == 2 and "图片相同" in page
    assert enter("wang").get(f"/groups/picture/{'c' * 64}").status_code == 404
    assert enter("wang").get("/groups/picture/x").status_code == 422


def test_leads_with_nearly_the_same_picture_stand_together(enter: Enter, store: Store) -> None:
    """Two pictures found to be near-duplicates make one group; a third joins it later; the group is decided except one."""
    for lead_id, digest in ((1, "a" * 64), (2, "b" * 64), (3, "c" * 64), (4, "d" * 64)):
        show(store, digest, [lead_id])
    with store.write() as c:
        save_alike(c, [["b" * 64, "a" * 64], ["d" * 64, "c" * 64]])
        save_alike(c, [["c" * 64, "b" * 64]])  # what touches both groups makes them one
        found = groups.list_picture_groups(c, NOW)
    assert [(g.id, g.leads) for g in found] == [("a" * 64, 4)]
    client = enter("wang")
    items = items_on(client.get(f"/groups/picture/{'a' * 64}").text)
    form = {"lead": items[:-1], "resolution": "fair_use", "why": "同一图片", "sure": "yes"}
    assert client.post("/batches", data=form).status_code == 303
    with store.read() as c:
        assert leads.count_leads(c, leads.QueueFilter(resolutions=(Resolution.FAIR_USE,))) == 3
        assert groups.list_picture_groups(c, NOW) == ()


def test_an_offer_that_is_back_is_found(store: Store) -> None:
    """A later listing of another shop with the same title and picture; one with the title alone is not enough."""
    with store.read() as c:
        first = leads.load_lead(c, leads.queue_page(c, leads.QueueFilter(), None, 1).rows[0].id)
    with store.write() as c:
        for item, later in (("again", 1), ("chance", 2)):
            listing = replace(
                first.suspected,
                item_id=item,
                shop=Shop(name=f"新店{item}", shop_id=item),
                observed_at=NOW + timedelta(days=later),
            )
            said = Screening(
                stage=Stage.FLAGGED,
                suspicions=(
                    Suspicion(gi_id=first.lead.gi_id, gi_name="蟹", findings=first.findings, score=first.lead.score),
                ),
                clearings=(),
                on=NOW.date(),
                register_digest="",
            )
            listings.save_listings(c, [listings.Observation(listing=listing, screening=said)], None)
        again = leads.queue_page(c, leads.QueueFilter(text="again"), None, 1).rows[0].id
    show(store, "d" * 64, [first.lead.id, again])
    with store.read() as c:
        found = relisting.relisted_as(c, first)
        assert relisting.relisted_as(c, first, within=frozenset()) == ()
    assert [(one.lead_id, one.same) for one in found] == [(again, ("title", "picture"))]
    with store.write() as c:  # the same picture encoded anew: another digest, grouped with it
        c.execute(tables.picture_uses.delete().where(tables.picture_uses.c.listing_id == first.lead.listing_id))
    show(store, "e" * 64, [first.lead.id])
    with store.write() as c:
        assert relisting.relisted_as(c, first) == ()
        save_alike(c, [["d" * 64, "e" * 64]])
        assert [one.lead_id for one in relisting.relisted_as(c, first)] == [again]


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
