"""Season: days of harvest and sale that a text tells, whatever the day of the screening and wherever the goods come from. P13."""

from datetime import date
from typing import Any

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 23)  # when all of these are in season


def season(screener: Screener, title: str, **known: Any) -> list[str]:
    """The words at which the model of season speaks."""
    screening = screener.screen(listing_of({"title": title, **known}), ON)
    return [f.place.text for f in all_findings(screening) if f.model_id == "season"]


@pytest.mark.parametrize(
    ("title", "origin", "words"),
    [
        ("阳澄湖大闸蟹礼盒 9月5日现货速发 3两8只", "江苏昆山巴城", "9月5日现货"),
        ("阳澄湖大闸蟹 7月现货 8只", "江苏昆山", "7月现货"),
        ("阳澄湖大闸蟹 六月现捕现发 鲜活", "苏州相城区", "六月现捕"),
        ("阳澄湖大闸蟹 9月5日现货 非预售 8只", "江苏昆山", "9月5日现货"),
        ("阳澄湖大闸蟹 非预售 9月5日现货 8只", "江苏昆山", "9月5日现货"),
        ("阳澄湖大闸蟹 9月5日现货 活动价 假一赔十 8只", "江苏昆山", "9月5日现货"),
        ("五常大米 新米 8月上市 当年新米 10kg", "黑龙江五常", "8月上市"),
        ("西湖龙井 3月1日开采 明前头采 现货", "杭州西湖区", "3月1日开采"),
        ("西湖龙井 2025年2月20日开采 250g", "杭州西湖区", "2025年2月20日开采"),
        ("中宁枸杞 头茬新果 2025年4月现货", "宁夏中宁", "2025年4月现货"),
        ("洛川苹果 5月现摘 10斤", "陕西洛川", "5月现摘"),
    ],
)
def test_a_day_told_before_the_season_speaks_of_goods_from_the_area_too(
    title: str, origin: str, words: str, screener: Screener
) -> None:
    assert season(screener, title, origin=origin) == [words]


def test_so_does_one_told_in_the_description(screener: Screener) -> None:
    told = "9月1日已开捕,当天发"
    assert season(screener, "阳澄湖大闸蟹 8只", origin="江苏昆山", description=told) == ["9月1日已开捕"]


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("阳澄湖大闸蟹 预售 9月5日付定金 9月30日后陆续发货", ""),
        ("阳澄湖大闸蟹 预售 9月5日发货 8只", ""),
        ("阳澄湖大闸蟹 10月1日现货 8只", ""),
        ("阳澄湖大闸蟹 9月30日后发货 8只", ""),
        ("阳澄湖大闸蟹 8只", "市面上8月现货的多是外地蟹。每年9月开捕。"),
        ("阳澄湖大闸蟹 8只", "8月现货都是假的，别上当"),
        ("阳澄湖大闸蟹 8只", "不是9月5日现货，开捕后发"),
        ("中宁枸杞 头茬 7月采摘 2025", ""),
        ("中宁枸杞 500g", "4月10日现货发出"),
        ("五常大米 2025年新米 8月20日现磨现发", ""),
        ("五常大米 2025年新米 8月现货", ""),
        ("五常大米 新米 2月现货 10斤", ""),
        ("五常大米 10斤", "包装日期 8月20日 现货发出"),
        ("洛川苹果 冷库 6月现货 10斤", ""),
        ("西湖龙井 2025年4月采摘 现货", ""),
        ("西湖龙井 去年3月1日采摘", ""),
        ("赣南脐橙 11月-次年6月现摘现发", ""),
    ],
)
def test_honest_days_say_nothing(title: str, description: str, screener: Screener) -> None:
    assert not season(screener, title, description=description)


@pytest.mark.parametrize(
    ("title", "description", "is_told"),
    [
        ("五常大米 新米 10斤", "现在是预售，九月底收割后发货。", False),
        ("五常大米 新米 10斤", "新米还没下来，先预订，十月发。", False),
        ("五常大米 新米 10斤", "不是预售，今天就发。", True),
        ("五常大米 新米 现货 10斤", "预售。", True),
        ("五常大米 新米 10斤", "今年的新米香。", True),
    ],
)
def test_a_presale_told_in_the_description_counts_unless_the_title_says_otherwise(
    title: str, description: str, is_told: bool, screener: Screener
) -> None:
    record = {"title": title, "description": description, "origin": "黑龙江五常"}
    found = all_findings(screener.screen(listing_of(record), date(2026, 8, 20)))
    assert bool([f for f in found if f.model_id == "season"]) == is_told
