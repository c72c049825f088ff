"""Goods taken down: noted with the day on which it was first seen, and taken back when they are seen again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation, mark_gone_at, save_listings
from gimonitor.store.loading import load_listing

DAY = datetime(2026, 3, 1, 18, tzinfo=UTC)
URL = "https://shop.example/goods/1"


def see(store: Store, at: datetime) -> None:
    listing = Listing(platform="p", item_id="1", title="五常大米", url=URL, observed_at=at)
    nothing = Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=date(2026, 3, 1), register_digest="r")
    with store.write() as c:
        save_listings(c, [Observation(listing=listing, screening=nothing)], None)


def gone(store: Store) -> datetime | None:
    with store.read() as c:
        return load_listing(c, "p", "1").gone_at


def test_the_first_day_stays_and_a_sight_takes_it_back(store: Store) -> None:
    see(store, DAY)
    first, second = DAY + timedelta(days=1), DAY + timedelta(days=2)
    with store.write() as c:
        assert mark_gone_at(c, "p", "https://shop.example/other", "", first) == 0
        assert mark_gone_at(c, "p", URL, "", first) == 1
        assert mark_gone_at(c, "p", URL, "1", second) == 0
    assert gone(store) == first
    see(store, DAY + timedelta(days=3))
    assert gone(store) is None


def test_an_answer_older_than_the_last_sight_says_nothing(store: Store) -> None:
    see(store, DAY)
    with store.write() as c:
        assert mark_gone_at(c, "p", "", "1", DAY - timedelta(hours=1)) == 0
    assert gone(store) is None
