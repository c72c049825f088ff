"""Names that the seller mentions in passing: neighbours, parents of varieties, what a box can hold."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from tests.screening.recorded import screened


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("政和白茶 250g", "福鼎白茶也不错，但我家只做政和的。", "福建政和"),
        ("安化黑茶 1kg", "市面上几十块的“西湖龙井”都不可信", "湖南安化"),
        ("玉露香梨 5斤", "母本是库尔勒香梨，皮薄汁多。", "山西隰县"),
        ("玉露香梨 5斤", "由库尔勒香梨与雪花梨杂交育成。", "山西隰县"),
        ("空白茶叶礼盒 无字", "可装西湖龙井半斤", "浙江"),
    ],
)
def test_what_is_said_of_another_name_in_passing(
    screener: Screener, on: date, title: str, description: str, origin: str
) -> None:
    record = {"title": title, "description": description, "origin": origin}
    assert not screened(screener, record, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("五常大米 10斤", "五常大米也不错，欢迎下单"),
        ("库尔勒香梨 5斤", "库尔勒香梨与雪花梨杂交育成，皮薄"),
        ("西湖龙井 250g 礼盒", "礼盒可装西湖龙井半斤"),
    ],
)
def test_what_is_said_in_passing_does_not_clear_the_title(
    screener: Screener, on: date, title: str, description: str
) -> None:
    record = {"title": title, "description": description, "origin": "吉林榆树"}
    assert screened(screener, record, on).suspicions
