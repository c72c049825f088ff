"""Captures of leads: the offer, its shop and its place in the search; at flag time, on demand, and before sending."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from gimonitor.errors import GimonitorError, InputError
from gimonitor.evidence.browser import Browser
from gimonitor.model.listing import Listing
from gimonitor.papers.looking import lacking_look, last_look, look_before_sending
from gimonitor.papers.places import custody_log
from gimonitor.papers.sites import Site, load_site
from gimonitor.papers.taking import Taken, requests_for, take_for_lead, take_new
from gimonitor.practice.server import PracticeServer, running_practice
from gimonitor.store.leads import load_lead
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.tables import leads
from gimonitor.workflow.vocabulary import Seen

from .conftest import FINDINGS, NOW, House, finding, furnish, listing, screening


@pytest.fixture(scope="module")
def market():
    with running_practice() as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


def offered(market: PracticeServer, item: str = "g001", **changes: object) -> Listing:
    shop = replace(listing().shop, url=f"{market.url}/shop/s11")
    return listing(item_id=item, url=f"{market.url}/item/{item}.html", shop=shop, query="大米", rank=1, **changes)


def house_over(store, folder: Path, market: PracticeServer, **changes: object) -> House:
    house = furnish(store, folder, offered(market, **changes), *FINDINGS)
    configuration = house.configuration.model_copy(update={"practice_url": market.url})
    return House(house.store, configuration, house.lead_id, house.version)


def record_of(house: House):
    with house.store.read() as c:
        return load_lead(c, house.lead_id)


def test_search_address_is_that_of_the_page_that_showed_it() -> None:
    site = Site(search="{origin}/s?q={query}&p={page}", page_size=8)
    assert (
        site.search_url(listing(rank=9)) == "http://127.0.0.1:9/s?q=%E6%BC%94%E7%BB%83%E5%B1%B1%E5%A4%A7%E7%B1%B3&p=2"
    )
    assert site.search_url(listing(rank=8)).endswith("p=1")
    assert site.search_url(listing(query="")) == ""
    assert Site().search_url(listing()) == ""


def test_rules_say_which_parts_buyers_wrote() -> None:
    assert '[itemprop="review"]' in load_site("taobao").emptied
    assert load_site("taobao").search == ""
    assert "{query}" in load_site("practice").search


def test_every_place_of_every_finding_is_cut_out(sqlite_store, tmp_path: Path) -> None:
    many = [finding(words) for words in ("演练山大米", "10斤", "大米", "演练", "特产")]
    record = record_of(furnish(sqlite_store, tmp_path / "data", listing(), *many))
    [item, search] = requests_for(record, furnish_configuration(tmp_path), "wang")
    assert set(item.crops) == {"演练山大米", "10斤", "大米", "演练", "特产"}
    assert (search.shows, search.item_id) == ("search", "g001")


def furnish_configuration(tmp_path: Path):
    from gimonitor.configuration import Configuration

    return Configuration(data_dir=tmp_path)


@pytest.mark.browser
def test_offer_shop_and_search_are_captured_together(
    sqlite_store, tmp_path: Path, market: PracticeServer, browser: Browser
) -> None:
    house = house_over(sqlite_store, tmp_path / "data", market)
    taken = take_for_lead(
        house.store, record_of(house), house.configuration, who="wang", now=datetime.now(UTC), browser=browser
    )
    assert [page.shows for page in taken.pages] == ["item", "shop", "search"]
    assert taken.failed == ()
    began = [page.at for page in taken.pages]
    assert began == sorted(set(began))  # each has its own
    assert [page.status for page in taken.pages] == [200, 200, 200]
    manifests = [c for c in record_of(house).captures if c.kind == "manifest"]
    assert [c.detail["shows"] for c in manifests] == ["item", "shop", "search"]
    assert [e.action for e in custody_log(house.configuration).entries()] == ["captured"] * 3


@pytest.mark.browser
def test_addresses_of_our_own_network_are_not_opened(
    sqlite_store, tmp_path: Path, market: PracticeServer, browser: Browser
) -> None:
    house = house_over(sqlite_store, tmp_path / "data", market)
    inside = "http://10.0.0.1/admin"
    taken = take_for_lead(
        house.store, record_of(house), house.configuration, who="w", now=NOW, browser=browser, shop=inside
    )
    assert [page.shows for page in taken.pages] == ["item", "search"]
    assert any("10.0.0.1" in failed for failed in taken.failed)
    bare = house.configuration.model_copy(update={"practice_url": ""})
    with pytest.raises(InputError, match="内部网络"):
        take_for_lead(house.store, record_of(house), bare, who="w", now=NOW, browser=browser)


@pytest.mark.browser
def test_look_before_sending_says_what_the_page_shows_and_is_asked_for(
    sqlite_store, tmp_path: Path, market: PracticeServer, browser: Browser, monkeypatch
) -> None:
    house = house_over(sqlite_store, tmp_path / "data", market)
    now = datetime.now(UTC)
    assert "还没有复看" in lacking_look(record_of(house), now, 24)
    look = look_before_sending(house.store, record_of(house), house.configuration, who="w", now=now, browser=browser)
    assert look.seen is Seen.CHANGED  # the practice page shows other words than the invented finding
    found = last_look(record_of(house))
    assert found is not None
    assert found[1].seen is look.seen
    assert "不同" in lacking_look(record_of(house), now + timedelta(hours=23), 24)
    assert "24 小时" in lacking_look(record_of(house), now + timedelta(hours=25), 24)


@pytest.mark.browser
def test_a_page_that_is_gone_is_not_complained_of(
    sqlite_store, tmp_path: Path, market: PracticeServer, browser: Browser
) -> None:
    house = house_over(sqlite_store, tmp_path / "data", market, item="nosuch")
    now = datetime.now(UTC)
    look = look_before_sending(house.store, record_of(house), house.configuration, who="w", now=now, browser=browser)
    assert look.seen is Seen.GONE
    assert "已经不存在" in lacking_look(record_of(house), now, 24)


@pytest.mark.browser
def test_login_wall_is_a_wall_and_not_a_page_that_is_gone(
    sqlite_store, tmp_path: Path, market: PracticeServer, browser: Browser
) -> None:
    house = house_over(sqlite_store, tmp_path / "data", market)
    record = record_of(house)
    walled = replace(record, suspected=replace(record.suspected, url=f"{market.url}/login?from=/item/g001"))
    look = look_before_sending(house.store, walled, house.configuration, who="w", now=NOW, browser=browser)
    assert look.seen is Seen.BLOCKED


@pytest.mark.browser
def test_new_leads_above_a_score_are_captured_once(sqlite_store, tmp_path: Path, market: PracticeServer) -> None:
    house = house_over(sqlite_store, tmp_path / "data", market)
    for item in ("g002", "g003", "nosuch"):
        with house.store.write() as c:
            save_listings(c, [Observation(listing=offered(market, item), screening=screening(*FINDINGS))], None)
    with house.store.write() as c:
        c.execute(update(leads).where(leads.c.id == 3).values(score=10.0))
    told: list[tuple[int, Taken | GimonitorError]] = []
    counts = take_new(
        house.store, house.configuration, least=50, limit=10, tell=lambda lead, outcome: told.append((lead, outcome))
    )
    assert counts == (3, 0)
    assert sorted(lead for lead, _ in told) == [1, 2, 4]
    [gone] = [each for lead, each in told if lead == 4]
    assert isinstance(gone, Taken)
    assert gone.look.seen is Seen.GONE
    assert take_new(house.store, house.configuration, least=50, limit=10) == (0, 0)
    assert {c.detail["purpose"] for c in record_of(house).captures if c.kind == "manifest"} == {"flag"}
