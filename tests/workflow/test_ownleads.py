"""An officer's own link: it joins the goods that the spiders and open APIs already brought."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gimonitor.errors import InputError
from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.loading import load_listing
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.ownleads import Report, add_lead
from gimonitor.workflow.roles import Role
from gimonitor.workflow.vocabulary import ComplaintSource

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OFFICER = Actor(login="zhang", roles=frozenset({Role.OFFICER}))


def screened(listing: Listing, on: date) -> Screening:
    return Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=on, register_digest="r1")


def reported(url: str) -> Report:
    return Report(gi_id="wuchang", gi_name="五常大米", source=ComplaintSource.OFFICER, title="五常大米", url=url)


@pytest.mark.parametrize(
    ("platform", "item_id", "url"),
    [
        ("ebay", "235550001111", "https://www.ebay.com/itm/wuchang-rice-5kg/235550001111?var=2"),
        ("shopee", "77.8801", "https://shopee.sg/Wuchang-rice-i.77.8801?sp_atk=1"),
        ("jd", "100012043978", "https://item.m.jd.com/product/100012043978.html?utm=7"),
    ],
)
def test_an_own_link_joins_what_the_store_knows(store: Store, platform: str, item_id: str, url: str) -> None:
    known = Listing(platform=platform, item_id=item_id, title="五常大米 5kg", observed_at=NOW)
    with store.write() as c:
        save_listings(c, [Observation(listing=known, screening=screened(known, NOW.date()))], None, NOW)
        made = add_lead(c, OFFICER, reported(url), screened, now=NOW)
        assert load_listing(c, platform, item_id).id == made.listing_id


def test_a_link_joins_what_was_collected_there_under_a_name_of_its_own(store: Store) -> None:
    url = "http://127.0.0.1:8601/item/g033.html"
    known = Listing(platform="practice", item_id="g033", title="五常大米 5kg", url=url, observed_at=NOW)
    with store.write() as c:
        save_listings(c, [Observation(listing=known, screening=screened(known, NOW.date()))], None, NOW)
        made = add_lead(c, OFFICER, reported(url), screened, now=NOW)
        assert load_listing(c, "practice", "g033").id == made.listing_id


def test_an_unknown_shops_link_is_told_from_another_by_its_path(store: Store) -> None:
    with store.write() as c:
        one, same, other = (
            add_lead(c, OFFICER, reported(url), screened, now=NOW)
            for url in ("https://www.shop.cn/rice?from=a", "https://shop.cn/rice?from=a", "https://shop.cn/tea")
        )
    assert one.is_new and other.is_new
    assert other.listing_id != one.listing_id
    assert same.listing_id


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "http://[::1", "item.jd.com/1"])
def test_what_is_no_address_makes_no_lead(store: Store, url: str) -> None:
    with store.write() as c, pytest.raises(InputError, match="链接不是"):
        add_lead(c, OFFICER, reported(url), screened, now=NOW)
