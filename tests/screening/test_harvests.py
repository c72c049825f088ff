"""Season: the year of harvest that a listing states tells last year's goods from those sold too early. P13, A2."""

from datetime import date
from typing import Any

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

JANUARY, MARCH, JUNE, AUGUST = date(2026, 1, 10), date(2026, 3, 1), date(2026, 6, 15), date(2026, 8, 15)


def season(screener: Screener, title: str, on: date, **known: Any) -> list[str]:
    """The words at which the model of season speaks."""
    screening = screener.screen(listing_of({"title": title, **known}), on)
    return [f.place.text for f in all_findings(screening) if f.model_id == "season"]


@pytest.mark.parametrize(
    "said",
    [
        "2025年新米", "2025新米", "25年新米", "25新米 现货", "2025年秋收新米", "2025产新米", "2025年10月新米", "新米 2025年",
        "上一季新米", "去年的新米", "上季新米 现货", "陈米 现货",
    ],
)  # fmt: skip
@pytest.mark.parametrize("on", [MARCH, JUNE])
def test_last_years_harvest_is_no_early_sale(said: str, on: date, screener: Screener) -> None:
    assert not season(screener, f"五常大米 {said} 10斤", on, origin="黑龙江五常")


@pytest.mark.parametrize(
    "title",
    [
        "2025年明前西湖龙井 现货", "西湖龙井 2025新茶", "2025年头采西湖龙井 现货", "2025西湖龙井 新茶现货", "西湖龙井 明前2025 现货",
        "西湖龙井 陈茶 现货",
    ],
)  # fmt: skip
def test_nor_is_last_years_tea(title: str, screener: Screener) -> None:
    assert not season(screener, title, JANUARY, origin="浙江杭州西湖区")


def test_nor_are_goods_made_in_an_earlier_year(screener: Screener) -> None:
    assert season(screener, "西湖龙井 现货", JANUARY)
    assert not season(screener, "西湖龙井 现货", JANUARY, attrs={"生产日期": "2025-04-02"})
    assert not season(screener, "西湖龙井 现货", JANUARY, attrs={"采摘年份": "2025"})
    assert season(screener, "西湖龙井 现货", JANUARY, attrs={"采摘年份": "2026"})


@pytest.mark.parametrize(
    ("title", "on", "words"),
    [
        ("西湖龙井 2026新茶 现货", MARCH, "新茶"),
        ("2026年明前西湖龙井", JANUARY, "2026年明前"),
        ("西湖龙井 2025年明前 2026新茶 现货", MARCH, "新茶"),
        ("五常大米 2026新米", JUNE, "新米"),
        ("五常大米 新米 不是陈米", JUNE, "新米"),
        ("五常大米 2025年金奖 新米现货", JUNE, "新米"),
        ("五常大米 新米现货 始于2008年", JUNE, "新米"),
        ("五常大米 10年老店 新米现货", JUNE, "新米"),
        ("2025阳澄湖大闸蟹 鲜活现货", AUGUST, "鲜活"),
    ],
)
def test_this_years_harvest_before_it_and_years_of_other_things_stay(
    title: str, on: date, words: str, screener: Screener
) -> None:
    assert season(screener, title, on) == [words]


def test_a_year_does_not_undo_that_goods_are_picked_now(screener: Screener) -> None:
    april = date(2026, 4, 20)
    assert season(screener, "2025年赣南脐橙 现摘现发", JUNE) == ["现摘"]
    assert not season(screener, "赣南脐橙 2025年现摘 冷藏", JUNE)
    assert not season(screener, "2026年明前西湖龙井 现货", april)


def test_this_years_harvest_after_its_opening_is_honest(screener: Screener) -> None:
    assert not season(screener, "五常大米 2025新米 现货", date(2025, 11, 11))


def test_nobody_fishes_peaches(screener: Screener) -> None:
    november = date(2026, 11, 22)
    assert not season(screener, "平谷大桃 现捞", november)
    assert season(screener, "平谷大桃 现摘", november)
    assert season(screener, "阳澄湖大闸蟹 现捞现发", date(2025, 8, 15))


@pytest.mark.parametrize(
    "title", ["阳澄湖大闸蟹 蟹卡 现货卡密", "阳澄湖大闸蟹 电子券 现货", "阳澄湖大闸蟹 兑换卡 现货 8只"]
)
def test_cards_and_codes_are_sold_before_the_opening(title: str, screener: Screener) -> None:
    assert not season(screener, title, date(2025, 8, 10))


JULY = date(2026, 7, 20)
PANJIN = {"origin": "辽宁盘锦"}


@pytest.mark.parametrize(
    ("title", "origin", "on", "words"),
    [
        ("盘锦大米2026新米现货蟹田大米20斤", "辽宁盘锦", JULY, "2026新米"),
        ("2026年新米盘锦大米现货10kg", "辽宁盘锦", date(2026, 8, 20), "2026年新米"),
        ("2026盘锦大米 新米 现货", "辽宁盘锦", JULY, "2026盘锦大米 新米"),
        ("盘锦大米 2026新米 库存充足 现货", "辽宁盘锦", JULY, "2026新米"),
        ("盘锦大米 26新米 现货", "辽宁盘锦", JULY, "26新米"),
        ("盘锦大米 新米 刚收割 现货", "辽宁盘锦", JULY, "刚收割"),
        ("盘锦大米 新米刚上市 10kg", "辽宁盘锦", JULY, "刚上市"),
        ("盘锦大米 2026新米 非冷库 现货", "辽宁盘锦", JULY, "2026新米"),
        ("盘锦大米 2026新米 非预售 现货", "辽宁盘锦", JULY, "2026新米"),
        ("宁夏枸杞2026头茬新货现货500g", "宁夏中宁", date(2026, 3, 15), "2026头茬"),
        ("若羌红枣2026新枣现货灰枣5斤", "新疆若羌", JUNE, "2026新枣"),
        ("富平柿饼2026新饼现货3斤", "陕西富平", JULY, "2026新饼"),
        ("信阳毛尖2026明前新茶现货250g", "河南信阳", JANUARY, "2026明前"),
        ("太平猴魁2026新茶现货250g", "安徽黄山区", JANUARY, "2026新茶"),
        ("沁州黄小米2026新小米现货5斤", "山西沁县", JUNE, "2026新小米"),
    ],
)
def test_goods_of_a_harvest_that_has_not_begun_are_told_by_the_year(
    title: str, origin: str, on: date, words: str, screener: Screener
) -> None:
    assert season(screener, title, on, origin=origin) == [words]


@pytest.mark.parametrize(
    ("title", "on"),
    [
        ("盘锦大米 新米 现货 10kg", JULY),
        ("盘锦大米 2025新米 现货 10kg", JULY),
        ("盘锦大米 2025年新米 2026新米预订 10kg", JULY),
        ("盘锦大米 2026新米 预售 10kg", JULY),
        ("盘锦大米 2026新米 9月底发货 10kg", JULY),
        ("盘锦大米 2026新米即将上市 10kg", JULY),
        ("盘锦大米 非2026新米 10kg", JULY),
        ("盘锦大米 2026新日期 新米 10kg", JULY),
        ("盘锦大米 2026年1月新米 10kg", JULY),
        ("盘锦大米 2025-2026产季 新米 10kg", JULY),
        ("盘锦大米 2026新货 冷库 恒温 10kg", JULY),
        ("盘锦大米 陈米 2026新米 10kg", JULY),
        ("盘锦大米 2026新米 现货 10kg", date(2026, 9, 20)),
        ("盘锦大米 新米刚上市 10kg", date(2026, 1, 10)),
        ("盘锦大米 2026新款礼盒 新米 10kg", JULY),
    ],
)
def test_rice_of_last_year_sold_ahead_or_told_as_stored_is_honest(title: str, on: date, screener: Screener) -> None:
    assert not season(screener, title, on, **PANJIN)


@pytest.mark.parametrize("on", [date(2026, 2, 20), date(2026, 4, 20), date(2026, 11, 20)])
def test_what_is_picked_past_new_year_is_new_for_months(on: date, screener: Screener) -> None:
    assert not season(screener, "赣南脐橙 2026新果 10斤", on, origin="江西赣州")
    assert season(screener, "赣南脐橙 2026新果 10斤", JULY, origin="江西赣州")


def test_the_year_is_read_in_the_description_too(screener: Screener) -> None:
    title = "盘锦大米 新米 10kg"
    assert season(screener, title, JULY, description="2026年新米,香软", **PANJIN) == ["2026年新米"]
    for told in ("2026年新米预计10月上市", "市面上的2026新米是陈米", "2026新米尚未收割,现发陈米", "2026年新包装"):
        assert not season(screener, title, JULY, description=told, **PANJIN)
    assert not season(screener, "盘锦大米 2025新米", JULY, description="2026年新米,香软", **PANJIN)


def test_tea_is_told_as_freshly_picked_all_the_year(screener: Screener) -> None:
    assert not season(screener, "信阳毛尖 2026新茶 现采现炒", date(2026, 11, 20), origin="河南信阳")


def test_the_reason_tells_the_months(screener: Screener) -> None:
    record = listing_of({"title": "盘锦大米 2026新米", **PANJIN})
    found = [f for f in all_findings(screener.screen(record, JULY)) if f.model_id == "season"]
    assert [f.reason for f in found] == [
        "标题中的“2026新米”：2026-07-20销售，而采收期为9月下旬—10月；如为预售应当写明。"
    ]
