"""Standards: one that conflicts by the register, and one that is of other goods, which is only worth a question. P04."""

from datetime import date
from typing import Any

import pytest

from gimonitor.model.finding import Finding
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

ON, QUESTION = date(2026, 11, 23), 0.3


def standard(screener: Screener, title: str, stated: str, **known: Any) -> list[Finding]:
    """What the model of standards says of goods with a stated standard."""
    screening = screener.screen(listing_of({"title": title, "attrs": {"产品标准号": stated}, **known}), ON)
    return [f for f in all_findings(screening) if f.model_id == "standard"]


@pytest.mark.parametrize(
    ("title", "stated", "goods"),
    [
        ("龙口粉丝 绿豆粉丝 500g", "GB/T 23587-2009", "粉条"),
        ("龙口粉丝 绿豆粉丝 500g", "GB 23587", "粉条"),
        ("郫县豆瓣酱 红油豆瓣 1kg", "GB/T 20293-2006", "油辣椒"),
        ("福鼎白茶 寿眉老白茶饼 350g", "GB/T 30357.2", "乌龙茶"),
        ("金华火腿 切片 500g", "GB/T 23493", "中式香肠"),
        ("宣威火腿 切片 500g", "GB/T 20711", "熏煮火腿"),
        ("烟台葡萄酒 干红 750ml", "GB/T 27588", "露酒"),
        ("信阳毛尖 特级 250g", "GB/T 13738.2", "红茶"),
    ],
)
def test_a_standard_of_other_goods_is_asked_about(title: str, stated: str, goods: str, screener: Screener) -> None:
    (found,) = standard(screener, title, stated)
    assert found.reason.startswith(f"商品属性中的“{stated}”是“{goods}”的标准，而“")
    assert found.reason.endswith("须核对。")
    assert found.confidence <= QUESTION
    assert found.unverified


@pytest.mark.parametrize(
    ("title", "stated"),
    [
        ("宁夏枸杞 特级 500g", "GB/T 18672"),
        ("涪陵榨菜 下饭菜 60袋", "SB/T 10439"),
        ("安溪铁观音 清香 250g", "GB/T 19598"),
        ("烟台葡萄酒 干红 750ml", "GB/T 15037"),
        ("龙口粉丝 500g", "GB/T 19048-2008"),
        ("龙口粉丝 500g", "Q/ZYF 0001S"),
        ("龙口粉丝 500g", "GB/T 23587 GB/T 19048"),
        ("龙口粉丝 红薯粉条 组合 500g", "GB/T 23587"),
        ("信阳毛尖 信阳红茶 250g", "GB/T 13738.2"),
        ("福鼎白茶 白毫银针 50g", "DB35/T 1076-2010"),
        ("金华火腿 广式香肠 双拼 500g", "GB/T 23493"),
        ("绿豆粉丝 500g", "GB/T 23587"),
    ],
)
def test_a_general_standard_of_the_same_goods_or_of_goods_in_the_title_is_not(
    title: str, stated: str, screener: Screener
) -> None:
    assert not standard(screener, title, stated)


def test_a_listed_conflict_stays_an_accusation(screener: Screener) -> None:
    (found,) = standard(screener, "五常大米 10斤", "GB/T 1354")
    assert "不符" in found.reason
    assert found.confidence > QUESTION


def test_a_name_that_stands_only_in_the_description_is_not_asked_about(screener: Screener) -> None:
    told = "本店还有龙口粉丝"
    assert not standard(screener, "红薯粉 500g", "GB/T 23587", description=told)
