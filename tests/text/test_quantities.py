"""Specification text to grams, prices to fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.text.prices import fen, is_open, is_plain, weight_priced
from gimonitor.text.quantities import grams, quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.5kg*2袋", 5000),
        ("5斤装", 2500),
        ("250g/罐×2", 500),
        ("250克x4盒", 1000),
        ("2袋*2.5kg", 5000),
        ("五斤", 2500),
        ("西湖龙井 一两", 50),
        ("二两*2罐", 200),
        ("一两个月", None),
        ("三两天", None),
        ("半斤装", 250),
        ("净重5斤 毛重6斤", 2500),
        ("20斤 10kg", 10000),
        ("50g*3袋共150g", 150),
        ("４．０两*5对", 2000),
        ("1.5-2斤", 750),
        ("100g*2罐*3盒", 600),
        ("3g*10泡", 30),
        ("250g*2罐 净含量250g", 500),
        ("5斤/10斤/20斤 多规格", None),
        ("5/10/20斤", None),
        ("10斤 5斤 20斤可选", None),
        ("礼盒", None),
        ("型号A5g", None),
        ("", None),
    ],
)
def test_grams(text: str, expected: int | None) -> None:
    assert grams(text) == expected


def test_goods_sold_by_the_piece() -> None:
    crabs = quantity("3.5两公蟹 2.5两母蟹 10只")
    assert (crabs.pieces, crabs.each_grams, crabs.grams) == (10, 150, 1500)
    for text in ("公4两母3两 8只", "公4.0母3.0 4对", "公蟹4.0-4.5两 母蟹3.0-3.5两 4对8只", "4两公 3两母 8只"):
        assert (quantity(text).each_grams, quantity(text).grams) == (175, 1400), text
    assert quantity("4公4母 8只").grams is None and quantity("全母3.0两 8只").grams == 1200
    assert quantity("500ml*6瓶").millilitres == 3000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("¥1,280.00", 128000),
        ("￥1，280.00", 128000),
        ("1.2万", 1200000),
        ("已售1000+ ¥9.9", 990),
        ("99-199", 9900),
        ("券后59 原价¥99", 5900),
        ("9.9元起", 990),
        ("1,280元", 128000),
        ("已售1000+", None),
        ("", None),
    ],
)
def test_prices(text: str, expected: int | None) -> None:
    assert fen(text) == expected


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("9元/斤", 500),
        ("9/斤", 500),
        ("元/kg", 1000),
        ("¥9.9/500g", 500),
        ("99元/10斤", 5000),
        ("1.2万元/公斤", 1000),
        ("9.9元/袋", None),
        ("10斤/袋", None),
        ("9.9", None),
        ("5斤/10斤", None),
    ],
)
def test_prices_by_weight(text: str, grams: int | None) -> None:
    assert weight_priced(text) == grams


def test_a_price_by_weight_in_a_title_is_that_of_the_offer_only_where_it_is_the_same() -> None:
    assert weight_priced("五常大米 9.9元/斤 10斤", 990) == 500
    assert weight_priced("五常大米 9.9元/斤 10斤", 9900) is None


def test_prices_of_several_offers_and_plain_ones() -> None:
    assert all(map(is_open, ("10-200", "9.9元起", "10 ~ ¥20", "9.9起")))
    assert not any(map(is_open, ("9.9", "¥1,280.00", "9元/斤")))
    assert all(map(is_plain, ("9.9", "¥1,280.00", "1.2万", "30元")))
    assert not any(map(is_plain, ("9元/斤", "10-200", "定金9.9")))


@given(st.text(max_size=100))
def test_odd_text_raises_nothing(text: str) -> None:
    quantity(text)
    fen(text)
    weight_priced(text)
