"""Listings and their history: what is kept when something changes, and that nothing is when nothing does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gimonitor.errors import NotFoundError
from gimonitor.evidence.sealed import Sealed
from gimonitor.model.finding import Clearing, Place, Stage
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.store import tables
from gimonitor.store.captures import captures_of
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation, Saved, mark_gone, save_listings
from gimonitor.store.loading import history, iterate_listings, load_listing, price_history, stored_in_run
from gimonitor.store.runs import start_run


def counts(store: Store) -> dict[str, int]:
    with store.read() as c:
        return {
            t.name: c.execute(select(func.count()).select_from(t)).scalar_one() for t in tables.metadata.sorted_tables
        }


def save(store: Store, *observations: Observation, run_id: int | None = None) -> Saved:
    with store.write() as c:
        return save_listings(c, observations, run_id)


def test_a_listing_comes_back_as_it_was_seen(store: Store, observe, make_listing, night: datetime) -> None:
    saved = save(store, observe("1", "wuchang"))
    assert saved == Saved(new=1, leads_new=1)
    with store.read() as c:
        found = load_listing(c, "practice", "1")
        assert found.listing == make_listing("1")
        assert (found.version, found.stage, found.screening) == (1, Stage.FLAGGED, 1)
        assert found.first_seen == found.last_seen == night
        assert [capture.kind for capture in captures_of(c, found.id)] == ["response"]


def test_the_same_input_twice_changes_nothing(store: Store, observe) -> None:
    batch = [observe(str(i), *(["wuchang"] if i % 3 == 0 else [])) for i in range(1_203)]
    assert save(store, *batch) == Saved(new=1_203, leads_new=401)
    before = counts(store)
    assert save(store, *batch) == Saved(unchanged=1_203)
    assert counts(store) == before


def test_a_version_is_kept_only_when_the_seller_changed_something(store: Store, observe, night: datetime) -> None:
    save(store, observe("1"))
    day = timedelta(days=1)
    assert save(store, observe("1", sales=130, observed_at=night + day)) == Saved(unchanged=1)
    assert save(store, observe("1", sales=130, price_fen=4990, observed_at=night + 2 * day)) == Saved(changed=1)
    assert save(store, observe("1", sales=130, title="东北大米", observed_at=night + 3 * day)) == Saved(changed=1)
    with store.read() as c:
        found = load_listing(c, "practice", "1")
        assert found.last_seen == night + 3 * day and found.first_seen == night
        versions = history(c, found.id)
        assert [v.listing.title for v in versions] == ["五常大米 5kg 东北大米"] * 2 + ["东北大米"]
        assert [v.number for v in versions] == [1, 2, 3]
        seen = [(p.price_fen, p.sales) for p in price_history(c, found.id)]
        assert seen == [(5990, 120), (5990, 130), (4990, 130), (5990, 130)]


def test_the_same_listing_twice_in_one_batch_counts_twice_and_is_stored_once(store: Store, observe) -> None:
    assert save(store, observe("1"), observe("2"), observe("1")) == Saved(new=2, unchanged=1)
    assert counts(store)["listings"] == 2


def test_an_older_observation_is_history_and_not_the_present(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", title="新标题"))
    old = observe("1", "wuchang", title="旧标题", observed_at=night - timedelta(days=9))
    save(store, old)
    once = counts(store)
    save(store, old)
    assert counts(store) == once
    with store.read() as c:
        found = load_listing(c, "practice", "1")
        assert found.listing.title == "新标题" and found.last_seen == night
        assert [v.listing.title for v in history(c, found.id)] == ["旧标题", "新标题"]
    save(store, observe("1", title="更新的标题", observed_at=night + timedelta(days=1)))
    with store.read() as c:
        assert [v.number for v in history(c, found.id)] == [2, 1, 3]
        assert load_listing(c, "practice", "1").version == 3
    assert once["leads"] == 0


def test_findings_give_way_to_newer_ones_and_stay_with_their_version(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    save(store, observe("1", "wuchang", "panjin", title="盘锦 五常大米", observed_at=night + timedelta(days=1)))
    with store.read() as c:
        rows = c.execute(
            select(tables.findings).order_by(tables.findings.c.screening, tables.findings.c.position)
        ).all()
        assert [(row.screening, row.gi_id) for row in rows] == [(1, "wuchang"), (2, "wuchang"), (2, "panjin")]
        versions = c.execute(select(tables.screenings.c.version).order_by(tables.screenings.c.number)).scalars().all()
        assert versions == [1, 2]


def test_dropped_listings_keep_the_stage_they_reached(store: Store, observe, make_screening) -> None:
    clearing = Clearing(
        code="N02", reason="店铺名中的地名", decisive=True, place=Place(field=Field.SHOP, start=0, end=2, text="五常")
    )
    save(store, observe("1"), observe("2", screening=make_screening(clearings=(clearing,))))
    with store.read() as c:
        assert load_listing(c, "practice", "1").stage is Stage.NO_NAME
        assert load_listing(c, "practice", "2").stage is Stage.CLEARED
        row = c.execute(select(tables.clearings)).one()
        assert (row.code, row.decisive) == ("N02", True)


def test_shops_and_subjects_are_kept_once_and_never_thinned(store: Store, observe) -> None:
    full = Shop(
        name="甲店", shop_id="9", subject=Subject(name="甲公司", uscc="91X", address="黑龙江省五常市龙凤山镇一村3组7号")
    )
    save(store, observe("1", shop=full), observe("2", shop=Shop(name="甲店", shop_id="9")))
    save(store, observe("3", shop=Shop(name="甲店（新名）", shop_id="9")))
    with store.read() as c:
        shop = c.execute(select(tables.shops)).one()
        subject = c.execute(select(tables.subjects)).one()
    assert shop.name == "甲店（新名）" and shop.subject_id == subject.id
    assert subject.area == "黑龙江省五常市"


def test_an_address_is_nowhere_in_the_store(store: Store, observe) -> None:
    home = Subject(name="某人", uscc="92X", address="辽宁省盘锦市大洼区幸福里3号楼2单元501")
    save(store, observe("1", shop=Shop(name="乙店", shop_id="2", subject=home)))
    with store.read() as c:
        assert "幸福里" not in json.dumps(
            [[str(v) for v in row] for t in tables.metadata.sorted_tables for row in c.execute(select(t))],
            ensure_ascii=False,
        )


def test_what_a_run_has_stored_is_known(store: Store, observe) -> None:
    with store.write() as c:
        first, second = start_run(c, "nightly", {}), start_run(c, "nightly", {})
    save(store, observe("1"), observe("2"), run_id=first)
    save(store, observe("2"), run_id=second)
    with store.read() as c:
        asked = [("practice", "1"), ("practice", "2"), ("practice", "3")]
        assert stored_in_run(c, first, asked) == {("practice", "1")}
        assert stored_in_run(c, second, asked) == {("practice", "2")}


def test_listings_are_walked_in_pages(store: Store, observe) -> None:
    save(store, *(observe(str(i)) for i in range(25)))
    seen, after = [], 0
    with store.read() as c:
        while page := iterate_listings(c, after, 10):
            seen += [one.listing.item_id for one in page]
            after = page[-1].id
    assert sorted(seen) == sorted(map(str, range(25)))


def test_a_missing_listing_is_named(store: Store) -> None:
    with store.read() as c, pytest.raises(NotFoundError, match="77 of practice"):
        load_listing(c, "practice", "77")


def test_a_page_that_was_gone_comes_back(store: Store, observe, night: datetime) -> None:
    save(store, observe("1"))
    with store.write() as c:
        mark_gone(c, load_listing(c, "practice", "1").id, night)
    save(store, observe("1", observed_at=night + timedelta(days=1)))
    with store.read() as c:
        assert load_listing(c, "practice", "1").gone_at is None


def test_numbers_beyond_any_column_cost_nothing(store: Store, observe) -> None:
    save(store, observe("1", price_fen=10**40, sales=10**30), observe("2"))
    with store.read() as c:
        assert load_listing(c, "practice", "1").listing.price_fen == 10**40
        assert price_history(c, load_listing(c, "practice", "1").id)[0].price_fen is None


_any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_any_text, min_size=6, max_size=6))
def test_text_of_any_code_points_is_stored(store: Store, make_screening, observe, texts: list[str]) -> None:
    title, name, value, shop, item_id, reason = texts
    listing = replace(
        observe("1").listing, title=title, attributes=((name, value),), shop=Shop(name=shop), item_id=item_id or "x"
    )
    made = Observation(listing=listing, screening=make_screening("wuchang", reason=reason))
    save(store, made)
    assert save(store, made).unchanged == 1
    with store.read() as c:
        found: Listing = load_listing(c, "practice", listing.item_id).listing
    assert len(found.title) == len(title), "offsets of findings must still hold"
    assert "\x00" not in found.title
    found.title.encode()


def test_a_title_of_a_million_characters_is_stored(store: Store, observe) -> None:
    save(store, observe("1", "wuchang", title="五常大米" * 250_000))
    with store.read() as c:
        assert len(load_listing(c, "practice", "1").listing.title) == 1_000_000


def _shop(name: str, firm: str = "", region: str = "") -> Shop:
    subject = Subject(name=firm, uscc=f"91{firm}") if firm else None
    return Shop(name=name, shop_id="9", region=region, subject=subject)


def _stands(store: Store) -> tuple[str, str | None, str]:
    with store.read() as c:
        joined = tables.shops.outerjoin(tables.subjects, tables.subjects.c.id == tables.shops.c.subject_id)
        row = c.execute(select(tables.shops.c.name, tables.subjects.c.name, tables.shops.c.region).select_from(joined))
        return tuple(row.one())


def test_an_older_page_changes_neither_the_shop_nor_its_firm(store: Store, observe, night: datetime) -> None:
    day = timedelta(days=1)
    save(store, observe("1", shop=_shop("今店", "今公司")))
    save(store, observe("1", shop=_shop("旧店", "旧公司", "保定"), observed_at=night - day))
    save(store, observe("2", shop=_shop("旧店", "旧公司"), observed_at=night - day))  # never seen: so old all the same
    assert _stands(store) == ("今店", "今公司", "保定")  # what was not known is filled in
    with store.read() as c:
        assert c.execute(select(tables.subjects.c.name)).scalars().all() == ["今公司"]  # nobody stands behind nothing
    newer = observe("2", shop=_shop("新店", "新公司"), observed_at=night + day)
    save(store, replace(newer, sealed=None))
    assert _stands(store) == ("新店", "新公司", "保定")


def test_of_pages_stored_at_once_the_newest_tells_the_shop(store: Store, observe, night: datetime) -> None:
    day = timedelta(days=1)
    newest = observe("1", shop=_shop("新店"), observed_at=night)
    middle = observe("2", shop=_shop("今店", "今公司"), observed_at=night - day)
    save(store, newest, middle, observe("3", shop=_shop("旧店", "旧公司", "保定"), observed_at=night - 2 * day))
    assert _stands(store) == ("新店", "今公司", "保定")


def test_a_response_read_again_brings_no_firm_back(store: Store, observe, night: datetime) -> None:
    sealed = Sealed(file="a", offset=0, length=1, sha256="0" * 64, url="http://127.0.0.1/1", at=night)
    day = timedelta(days=1)
    save(store, observe("1", shop=_shop("店", "旧公司")))
    save(store, replace(observe("1", shop=_shop("店", "新公司"), observed_at=night + day), sealed=None))
    again = observe("1", title="读对了的标题", shop=_shop("店", "旧公司"), observed_at=night + day)
    save(store, replace(again, sealed=sealed))
    assert _stands(store)[1] == "新公司"


def test_a_page_saved_before_it_was_gone_does_not_bring_it_back(store: Store, observe, night: datetime) -> None:
    day = timedelta(days=1)
    save(store, observe("1"))
    with store.write() as c:
        mark_gone(c, load_listing(c, "practice", "1").id, night + 2 * day)
    save(store, observe("1", title="五常大米 10kg", observed_at=night + day))
    with store.read() as c:
        stands = load_listing(c, "practice", "1")
    assert (stands.listing.title, stands.gone_at) == ("五常大米 10kg", night + 2 * day)
