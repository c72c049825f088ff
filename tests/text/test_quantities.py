"""Specification text to grams, prices to fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.text.prices import fen
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
        ("礼盒", None),
        ("型号A5g", None),
        ("", None),
    ],
)
def test_grams(text: str, expected: int | None) -> None:
    assert grams(text) == expected


def test_goods_sold_by_the_piece() -> None:
    crabs = quantity("3.5两公蟹 2.5两母蟹 10只")
    assert (crabs.pieces, crabs.each_grams, crabs.grams) == (10, 175, 1750)
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


@given(st.text(max_size=100))
def test_odd_text_raises_nothing(text: str) -> None:
    quantity(text)
    fen(text)
