"""Bureaus that may have jurisdiction: from the seller's place, the platform's seat and the area, names only where known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gimonitor.errors import RulesError
from gimonitor.model.listing import Shop, Subject
from gimonitor.model.register import GI, Area, Certainty, Fact
from gimonitor.papers.jurisdiction import Bureau, Ground, Seat, candidates, operator_of
from gimonitor.papers.platforms import load_profiles
from gimonitor.register.platforms import load_forms, platform_rules
from gimonitor.register.regions import region

from .conftest import listing

SHOP = Shop(name="x", shop_id="1", subject=Subject(name="某公司", address="江苏省南京市高淳区演练路11号"))
OFFER = replace(listing(), platform="known", shop=SHOP, ship_from="浙江省杭州市余杭区")
WUCHANG = GI(
    id="x",
    name="演练山大米",
    certainty=Certainty.FOUND,
    source="公告",
    province="黑龙江",
    city="哈尔滨",
    category="粮食",
    protections=(),
    area=Area(adcodes=Fact(value=("230184",), certainty=Certainty.FOUND, source="公告")),
)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    for kind in ("seats", "bureaus"):
        (tmp_path / kind).mkdir()
    (tmp_path / "seats" / "known.yml").write_text(
        "id: known\noperator: {value: 演练平台公司, certainty: found, source: 执照}\n"
        "adcode: {value: '330100', certainty: unverified, source: 回忆}\n"
    )
    (tmp_path / "bureaus" / "nanjing.yml").write_text(
        "id: nanjing\nadcode: '320118'\nname: {value: 演练区市场监督管理局, certainty: found, source: 官网}\n"
    )
    return tmp_path


def test_every_ground_is_a_candidate_and_the_sellers_own_comes_first(rules: Path) -> None:
    found = candidates(OFFER, WUCHANG, rules)
    assert [(each.ground, each.region.adcode) for each in found] == [
        (Ground.REGISTERED, "320118"),
        (Ground.ACTUAL, "330110"),
        (Ground.SEAT, "330100"),
        (Ground.AREA, "230184"),
    ]
    assert all(each.told for each in found)


def test_a_name_is_printed_only_where_it_was_checked(rules: Path) -> None:
    registered, actual, seat, area = candidates(OFFER, WUCHANG, rules)
    assert registered.addressee == "演练区市场监督管理局"
    assert registered.reason == "当事人登记的住所（经营场所）位于江苏省南京市高淳区"
    assert actual.addressee == "【待填：浙江省杭州市余杭区有管辖权的市场监督管理（知识产权）部门全称】"
    assert (seat.unverified, seat.reason) == (True, "")  # the place of its seat is only recalled
    assert "黑龙江省哈尔滨市五常市" in area.addressee


def test_a_notice_goes_to_who_runs_the_platform_where_that_was_checked(rules: Path) -> None:
    assert operator_of("known", rules) == "演练平台公司"
    assert operator_of("other", rules) == operator_of("", rules) == "【待填：平台经营者全称】"


def test_nothing_known_is_nothing_invented(rules: Path) -> None:
    unknown = replace(OFFER, platform="other", shop=None, ship_from="")
    assert candidates(unknown, None, rules) == ()


def test_place_of_two_readings_is_not_decided(rules: Path) -> None:
    both = candidates(replace(OFFER, shop=None, platform="other", ship_from="朝阳区"), None, rules)
    assert len(both) > 1
    assert all(each.unverified for each in both)


def test_our_own_files_name_sources_and_real_divisions() -> None:
    seats, bureaus = load_forms(platform_rules("seats"), Seat), load_forms(platform_rules("bureaus"), Bureau)
    complained = {platform for profile in load_profiles().values() for platform in profile.platforms}
    assert set(seats) <= complained
    for code in [seat.adcode.value for seat in seats.values()] + [bureau.adcode for bureau in bureaus.values()]:
        assert region(code) is not None
    for fact in [seat.operator for seat in seats.values()] + [bureau.name for bureau in bureaus.values()]:
        assert fact.source


def test_bad_file_is_named(rules: Path) -> None:
    (rules / "seats" / "known.yml").write_text("id: known\noperator: 演练平台公司\n")
    with pytest.raises(RulesError, match=r"known\.yml"):
        candidates(OFFER, WUCHANG, rules)
