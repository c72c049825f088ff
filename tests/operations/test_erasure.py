"""What is erased of a seller on request, and what stays. On both engines."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Table, text

from gimonitor.model.finding import Stage
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Listing, Shop
from gimonitor.operations.erasure import (
    Seller,
)
from gimonitor.store import erasing, tables
from gimonitor.store.captures import Notice, save_notice
from gimonitor.store.dropped import save_sample
from gimonitor.store.leads import QueueFilter, load_lead, queue_page
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.loading import load_listing_by_id
from gimonitor.workflow.rescreening import index_listings

from .erasing import ASKS, NOW, SECRET, House, capture, close, go, leftovers, offer, screened, shop_of, whole


def test_of_a_seller_whom_no_lead_needs_nothing_is_left_anywhere(house: House) -> None:
    listing, _ = offer(house, "a-1", run="mine")
    offer(house, "a-2", run="mine")
    other, _ = offer(house, "b-1", Seller(platform="practice", shop_id="s-other"), run="theirs")
    picture, theirs = capture(house, listing, "image-1"), capture(house, other, "image-2")
    index_listings(house.store, lambda done: None)
    assert leftovers(house, SECRET)
    (theirs / "full.png").write_text("别家")
    with house.store.write() as c:
        c.execute(text("UPDATE captures SET url = '' WHERE listing_id = :n"), {"n": other})
    done = go(house)
    assert (done.rows["listings"], done.rows["shops"], done.rows["subjects"], done.staying) == (2, 1, 1, ())
    assert leftovers(house, SECRET) == []
    assert leftovers(house, "s-asks") == [], "nor its number"
    assert not picture.exists() and theirs.exists()
    assert [path.parent.name for path in house.configuration.warc_dir.rglob("*.warc.gz")] == ["theirs"]
    with house.store.read() as c:
        assert load_listing_by_id(c, other).listing.title == "演练山大米 别家店"
    whole(house)


def test_every_table_that_points_to_what_goes_is_thought_of() -> None:
    """A table that is added later and points to listings, leads, shops, subjects or people has to be named in erasing."""
    goes = {"listings", "shops", "subjects", "people", "pictures", "leads", "screenings"}
    pointing = {
        table.name
        for table in tables.metadata.tables.values()
        if any(key.column.table.name in goes for key in table.foreign_keys)
    }
    held_with_their_lead = {"notices", "pack_leads", "purchases", "complaint_leads"}
    named = {value.name for value in vars(erasing).values() if isinstance(value, Table)}
    assert pointing - named == held_with_their_lead


def test_what_a_lead_needs_stays_whole_and_is_said(house: House) -> None:
    needed = {name: offer(house, name, flagged=True, run=name) for name in ("open", "confirmed", "sent")}
    offer(house, "unneeded", run="unneeded")
    shots = [capture(house, listing, f"shot-{name}") for name, (listing, _) in needed.items()]
    close(house, needed["confirmed"][1], Resolution.CONFIRMED)
    close(house, needed["sent"][1], Resolution.NOT_OURS)
    with house.store.write() as c:
        save_notice(c, Notice(lead_id=needed["sent"][1], channel="platform", sent_at=NOW, who="wang"))
    with house.store.read() as c:
        before = [load_lead(c, lead) for _, lead in needed.values()]
    done = go(house)
    assert done.rows["listings"] == 1 and "shops" not in done.rows
    whys = ("is not closed (new)", "was closed as suspected", "was sent, is in a pack or has a test purchase")
    expected = [
        (f"listing {listing} and its evidence", f"lead {lead} {why}")
        for (listing, lead), why in zip(needed.values(), whys, strict=True)
    ]
    assert [(one.what, one.why) for one in done.staying[:3]] == expected
    assert done.staying[3].what == "the shop and who is behind it"
    with house.store.read() as c:
        assert [load_lead(c, lead) for _, lead in needed.values()] == before
    assert all(shot.exists() for shot in shots)
    assert {path.parent.name for path in house.configuration.warc_dir.rglob("*.warc.gz")} == set(needed)
    whole(house)


def test_of_a_lead_closed_as_nothing_the_decision_stays_and_the_seller_goes(house: House) -> None:
    listing, lead = offer(house, "a-1", flagged=True, run="mine")
    shot = capture(house, listing, "shot-1")
    close(house, lead)
    done = go(house)
    assert [one.what for one in done.staying] == ["1 decisions"]
    assert leftovers(house, SECRET) == [] and not shot.exists()
    with house.store.read() as c:
        record = load_lead(c, lead)
        assert (record.lead.state, record.lead.resolution) == (State.CLOSED, Resolution.AUTHORISED)
        assert [(one.who, one.why) for one in record.decisions] == [("wang", "有授权")]
        assert (record.suspected.title, record.findings, record.captures) == (erasing.ERASED, (), ())
        assert queue_page(c, QueueFilter(), None, 9).rows[0].id == lead
        assert queue_page(c, QueueFilter(text=SECRET), None, 9).rows == ()
    whole(house)


def test_the_same_offer_seen_again_is_a_new_one(house: House) -> None:
    _, lead = offer(house, "a-1", flagged=True)
    close(house, lead)
    go(house)
    again, second = offer(house, "a-1", flagged=True)
    with house.store.read() as c:
        assert load_lead(c, lead).suspected.title == erasing.ERASED
        assert load_lead(c, second).lead.state is State.NEW
        assert load_listing_by_id(c, again).version == 1


def test_a_sample_keeps_its_number_of_listings(house: House) -> None:
    listing, _ = offer(house, "a-1")
    with house.store.write() as c:
        save_sample(c, seed="x", population={}, drawn=[(Stage.NO_NAME, listing, 1)], who="wang", now=NOW)
    go(house)
    with house.store.read() as c:
        assert load_listing_by_id(c, listing).listing.title == erasing.ERASED
    assert (house.count("dropped_items"), leftovers(house, SECRET)) == (1, [])


def test_who_is_behind_two_shops_stays_until_the_second_goes(house: House) -> None:
    offer(house, "a-1")
    second = Seller(platform="practice", shop_id="s-second")
    listing = Listing(platform="practice", item_id="b-1", title="t", observed_at=NOW)
    shop = Shop(name="二店", shop_id="s-second", subject=shop_of(ASKS, SECRET).subject)
    with house.store.write() as c:
        save_listings(c, [Observation(listing=replace(listing, shop=shop), screening=screened(False))], None, now=NOW)
    assert [one.what for one in go(house).staying] == ["who is behind the shop"]
    assert house.count("subjects") == 1
    go(house, second)
    assert (house.count("subjects"), leftovers(house, SECRET)) == (0, [])
