"""Names in other letters: initials, look-alikes, what is left out or added, translations; and what only resembles them."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 22)


def accused(screener: Screener, title: str) -> set[str]:
    return {s.gi_name for s in screener.screen(listing_of({"title": title}), ON).suspicions}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("XHLJ绿茶 250g", "西湖龙井"),
        ("YCH 大闸蟹 8只", "阳澄湖大闸蟹"),
        ("YCH大闸蟹 8只", "阳澄湖大闸蟹"),
        ("GNQC 脐橙 5斤", "赣南脐橙"),
        ("DEAJ 阿胶块", "东阿阿胶"),
        ("沁川黄小米", "沁州黄小米"),
        ("章丘大忽", "章丘大葱"),
        ("阳澄大闸蟹 8只", "阳澄湖大闸蟹"),
        ("狮峰山 龙井", "西湖龙井"),
        ("Longjing tea green tea 250g", "龙井茶"),
        ("Lung Ching 100g", "龙井茶"),
        ("Dragon Well tea", "龙井茶"),
        ("West Lake Longjing green tea", "西湖龙井"),
        ("Xihu Longjing 100g green tea", "西湖龙井"),
        ("Pu-erh tea cake", "普洱茶"),
        ("Ningxia goji berry", "宁夏枸杞"),
        ("Parma ham sliced", "帕尔玛火腿"),
        ("Xinhui Chenpi 500g", "新会陈皮"),
        ("Wuyi Da Hong Pao oolong", "武夷山大红袍"),
        ("Anji Baicha tea", "安吉白茶"),
        ("Keemun black tea", "祁门红茶"),
        ("Yangcheng Lake hairy crab", "阳澄湖大闸蟹"),
        ("四川沱牌酒 窖酒 52度", "沱牌酒"),  # no 酒窖 across a blank
    ],
)
def test_the_name_is_seen(title: str, name: str, screener: Screener) -> None:
    assert name in accused(screener, title)


@pytest.mark.parametrize(
    "title",
    [
        "WCDM 连衣裙",
        "XHLJ 手机壳",
        "GNQC",
        "Longjing 43 green tea",
        "Xihu Longjing teapot ceramic",
        "Longjing tea set",
        "Dragon Well Manor hotel",
        "Puer city map",
        "Goji berry organic",
        "Jasmine green tea 100g",
        "Xinhui district",
    ],
)
def test_what_only_resembles_a_name_raises_nothing(title: str, screener: Screener) -> None:
    assert not accused(screener, title)
