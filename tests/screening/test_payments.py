"""Links to pay and coupons sell no goods; how much is in an offer is read wherever it stands. B14 of the judge's findings, P12, N14."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gimonitor.model.register import Certainty, Fact, Register
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

LONGJING = "zj-xihu-longjing"


@pytest.mark.parametrize(
    "record",
    [
        {"title": "西湖龙井 250g 补差价专用"},
        {"title": "五常大米 邮费链接"},
        {"title": "阳澄湖大闸蟹 运费差价 专拍"},
        {"title": "西湖龙井 250g 优惠券", "price": 5},
        {"title": "阳澄湖大闸蟹 代金券领取"},
    ],
)
def test_nothing_is_sold(record: dict[str, Any], screener: Screener, on: date) -> None:
    screening = screener.screen(listing_of(record), on)
    assert not screening.suspicions
    assert "N14" in {c.code for c in screening.clearings if c.decisive}


@pytest.mark.parametrize(
    "record",
    [
        {"title": "五常大米 10斤 偏远地区补差价"},
        {"title": "西湖龙井 250g 大额优惠券"},
        {"title": "五常大米 10斤 领优惠券"},
        {"title": "五常大米 10斤 优惠券", "price": 59},
        {"title": "优惠券 五常大米 10斤"},
        {"title": "五常大米 免邮费 10斤"},
    ],
)
def test_goods_are_sold(record: dict[str, Any], screener: Screener, on: date) -> None:
    assert screener.screen(listing_of(record), on).suspicions


@pytest.fixture(scope="module")
def floored(register: Register) -> Screener:
    """The register with a floor of 2,000 yuan per 500 g for 西湖龙井."""
    floor = ((2026, Fact(value=200_000, certainty=Certainty.FOUND)),)
    gis = tuple(replace(gi, price_floors_fen=floor) if gi.id == LONGJING else gi for gi in register.gis)
    return Screener(replace(register, gis=gis))


@pytest.mark.parametrize(
    ("record", "grams"),
    [
        ({"title": "西湖龙井 二两"}, 100),
        ({"title": "西湖龙井 一两"}, 50),
        ({"title": "西湖龙井", "attrs": {"净含量": "250g"}}, 250),
        ({"title": "西湖龙井", "attrs": {"规格": "125克*2罐"}}, 250),
        ({"title": "西湖龙井 250g*2罐", "attrs": {"净含量": "250g"}}, 500),
        ({"title": "西湖龙井 250g*2罐", "specification": "250g/罐"}, 250),
    ],
)
def test_the_price_is_that_of_the_amount(record: dict[str, Any], grams: int, floored: Screener, on: date) -> None:
    screening = floored.screen(listing_of({**record, "price": 30}), on)
    (found,) = (f for f in all_findings(screening) if f.model_id == "price")
    assert f"{grams}克）" in found.reason


def test_a_coupon_has_a_price_of_its_own(floored: Screener, on: date) -> None:
    screening = floored.screen(listing_of({"title": "西湖龙井 250g 领优惠券", "price": 30}), on)
    assert "price" not in {f.model_id for f in all_findings(screening)}


@pytest.mark.parametrize(
    "record",
    [
        {"title": "西湖龙井 250g", "price": "800元/500g"},
        {"title": "西湖龙井 250g", "price": 800, "attrs": {"计价单位": "元/斤"}},
        {"title": "西湖龙井 800元/斤 250g", "price": 800},
    ],
)
def test_a_price_by_weight_is_that_of_the_weight(record: dict[str, Any], floored: Screener, on: date) -> None:
    (found,) = (f for f in all_findings(floored.screen(listing_of(record), on)) if f.model_id == "price")
    assert "每500克800.00元，低于" in found.reason and "每500克）" in found.reason


@pytest.mark.parametrize(
    "record",
    [
        {"title": "西湖龙井 250g", "price": "2000元/斤"},
        {"title": "西湖龙井 50g/250g/500g", "price": 200},
        {"title": "西湖龙井 250g 50g 500g可选", "price": 200},
        {"title": "西湖龙井 500g", "price": 200, "attrs": {"规格": "50g/250g/500g"}},
        {"title": "西湖龙井 500g 多规格", "price": 200},
        {"title": "西湖龙井 500g", "price": "200-2000"},
        {"title": "西湖龙井 500g", "price": "200元起"},
        {"title": "西湖龙井 500g 预付定金", "price": 100},
        {"title": "西湖龙井 500g", "price": "定金100元"},
    ],
)
def test_a_price_of_nothing_certain_says_nothing(record: dict[str, Any], floored: Screener, on: date) -> None:
    assert "price" not in {f.model_id for f in all_findings(floored.screen(listing_of(record), on))}
