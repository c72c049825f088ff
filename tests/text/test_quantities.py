"""Specification text to grams, prices to fen."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.text.prices import (
    fen,
    is_by_pack,
    is_of_part,
    is_open,
    is_plain,
    is_rate,
    prices_by_weight,
    sold_by,
    unit_priced,
)
from gimonitor.text.quantities import amounts_beside, grams, quantity


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
        ("一斤半", 750),
        ("一斤半价", 500),
        ("2斤2两", 1100),
        ("二斤三两", 1150),
        ("二十斤", 10000),
        ("一百二十斤", 60000),
        ("三五斤", None),
        ("几十斤", None),
        ("一两斤", None),
        ("五百克", 500),
        ("一千克", 1000),
        ("半千克", 500),
        ("五克拉", None),
        ("10jin", 5000),
        ("5斤+5斤", 5000),
        ("10斤(5斤+5斤)", 5000),
        ("500g*2袋+500g*2袋", 2000),
        ("10斤+1斤", None),
        ("500g双袋装", 1000),
        ("5斤 两袋装", 5000),
        ("5斤 两袋起批", 2500),
        ("5斤 2件8折", 2500),
        ("1到10斤", None),
        ("1,5,10斤", None),
        ("1 5 10斤", None),
        ("天下第一，十斤装", 5000),
        ("新米2026，10斤", 5000),
        ("99999999999999999999斤", None),
        ("9999999斤*9999", None),
        ("10斤 99999999999斤", 5000),
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
        ("每斤9元", 500),
        ("每公斤18元", 1000),
        ("每500g 9元", 500),
        ("1斤9元", 500),
        ("两斤18元", 1000),
        ("10斤90元", 5000),
        ("斤/9元", 500),
        ("9元（每斤）", 500),
        ("9元 每斤", 500),
        ("9元每一斤", 500),
        ("18块钱一公斤", 1000),
        ("8000元/吨", 1_000_000),
        ("十一斤9元", None),
        ("每斤8个", None),
        ("单价9元", None),
        ("9.9元/袋", None),
        ("10斤/袋", None),
        ("9.9", None),
        ("5斤/10斤", None),
    ],
)
def test_prices_by_weight(text: str, grams: int | None) -> None:
    found = prices_by_weight(text)
    assert (found[0].grams if found else None) == grams


def test_a_price_by_weight_in_a_title_is_that_of_the_offer_only_where_it_is_the_same() -> None:
    (found,) = prices_by_weight("五常大米 9.9元/斤 10斤")
    assert found.weight_at(990) == 500 and found.weight_at(9900) is None
    (found,) = prices_by_weight("五常大米 29.9元每斤不到3元")
    assert found.weight_at(2990) is None
    (found,) = prices_by_weight("五常大米 每公斤16元")
    assert [found.weight_at(price) for price in (1600, 800, 80)] == [1000, 500, None]
    (found,) = prices_by_weight("五常大米 10斤299元 现价29.9元")
    assert found.weight_at(2990) is None


def test_prices_of_several_offers_and_plain_ones() -> None:
    assert all(map(is_open, ("10-200", "9.9元起", "10 ~ ¥20", "9.9起")))
    assert not any(map(is_open, ("9.9", "¥1,280.00", "9元/斤")))
    assert all(map(is_plain, ("9.9", "¥1,280.00", "1.2万", "30元")))
    assert not any(map(is_plain, ("9元/斤", "10-200", "定金9.9")))


def test_units_that_goods_are_sold_by() -> None:
    assert [unit_priced(text) for text in ("斤", "9元(按公斤)", "元/500g", "10斤/袋")] == [500, 1000, 500, 5000]
    assert unit_priced("克") is None and unit_priced("袋") is None
    for text in (
        "按斤卖",
        "以斤计价",
        "单斤价",
        "标价为一斤的价格，10斤起拍",
        "每斤的价格",
        "计价单位：斤",
        "价格按斤",
    ):
        assert sold_by(text) == 500, text
    for text in ("每斤价更低", "按斤算不到3元", "十一斤价", "10斤价", "每斤价2.99", "按斤卖的米"):
        assert sold_by(text) is None, text


def test_prices_of_packs_and_of_parts() -> None:
    assert is_by_pack("30元/袋") and not is_by_pack("30元/斤")
    assert is_rate("单价9元") and not is_rate("9元")
    assert is_of_part("拍10份发10斤") and not is_of_part("拍1发10斤")


def test_amounts_beside_words() -> None:
    before, after = re.compile("(?:满|限量)$"), re.compile("起批")
    text = "满 10斤 限量5斤装 8斤起批 6斤"
    assert [text[start:end] for start, end in amounts_beside(text, before, after)] == ["10斤", "8斤"]


@given(st.text(max_size=100))
def test_odd_text_raises_nothing(text: str) -> None:
    quantity(text)
    fen(text)
    prices_by_weight(text)
    unit_priced(text)
    sold_by(text)


@given(st.text(alphabet="0123.一二两三十百千零半斤克公kg每/元块*+装袋 -", max_size=30))
def test_odd_amounts_raise_nothing(text: str) -> None:
    assert (quantity(text).grams or 1) <= 1_000_000_000
    assert all(one.grams for one in prices_by_weight(text))
    unit_priced(text)
