"""The practice goods cover the catalogue of patterns on both sides, and hold together."""

import pytest

from gimonitor.practice.catalogue import load_catalogue
from gimonitor.text.codes import uscc_is_valid

CATALOGUE = load_catalogue()
GOODS = list(CATALOGUE.goods.values())
FAMILIES = [
    "N1a",
    "N1b",
    "N1c",
    "N2",
    "N3",
    "N4",
    "N5",
    "M1",
    "M2",
    "M3",
    "M4",
    "T1",
    "T2",
    "T3",
    "O1",
    "C1",
    "P1",
    "R1",
    "S1",
    "K1",
]
PATTERNS = [f"P{n:02}" for n in range(1, 21)]


def test_there_is_enough():
    assert len(GOODS) >= 120
    assert len(CATALOGUE.shops) >= 30


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_played(family):
    assert any(g.family == family for g in GOODS)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_is_played(pattern):
    flagged = [g for g in GOODS if g.pattern == pattern and g.expect in ("flag", "remind")]
    assert flagged, pattern


def test_both_sides_are_played():
    labels = [g.expect for g in GOODS]
    assert set(labels) == {"flag", "pass", "remind"}
    assert labels.count("pass") >= 50 and labels.count("flag") >= 50
    assert len({g.pattern for g in GOODS if g.expect == "pass"}) >= 14


def test_every_label_has_its_reason():
    assert not [g.id for g in GOODS if not g.why]


@pytest.mark.parametrize("good", GOODS, ids=lambda g: g.id)
def test_good_is_well_formed(good):
    assert good.shop in CATALOGUE.shops
    assert good.price > 0 and isinstance(good.sales, int)
    assert all(isinstance(getattr(good, name), str) for name in ("title", "origin", "spec", "text", "about", "days"))
    assert not good.same_as or good.same_as in CATALOGUE.goods
    assert any(good.is_offered(day) for day in range(1, 8))


@pytest.mark.parametrize("shop", CATALOGUE.shops.values(), ids=lambda s: s.id)
def test_codes_pass_their_check_digit(shop):
    assert bool(shop.firm) == bool(shop.uscc) == bool(shop.address)
    assert not shop.uscc or uscc_is_valid(shop.uscc)


def test_days_move_prices_removals_and_relistings():
    beef, gone, again = (CATALOGUE.goods[i] for i in ("g105", "g047", "g048"))
    assert [beef.price_on(day) for day in (1, 2, 3, 4)] == [29.9, 25.9, 25.9, 35.9]
    assert [gone.is_offered(day) for day in (1, 2, 3)] == [True, True, False]
    assert [again.is_offered(day) for day in (1, 2, 3)] == [False, False, True]
    assert CATALOGUE.listing(again).image_urls == CATALOGUE.listing(gone).image_urls


def test_search_finds_evasions_as_marketplaces_do():
    titles = [g.title for g in CATALOGUE.search("五常大米", 1)]
    assert any("伍常" in t for t in titles) and any("五·常" in t for t in titles)
    assert not CATALOGUE.search("没有这种东西", 1)
    assert not CATALOGUE.search("", 1)


def test_the_practice_users_of_the_rules_have_their_shops():
    """Who is authorised in rules/users/practice.csv sells here under the code that stands there."""
    from gimonitor.register import load_register

    users = {u.uscc: u for u in load_register().users if u.certainty == "practice"}
    ours = {s.uscc: s for s in CATALOGUE.shops.values() if s.uscc in users}
    assert len(ours) >= 7
    for uscc, shop in ours.items():
        assert shop.firm == users[uscc].name
        assert ("practice", shop.name) in users[uscc].shops
