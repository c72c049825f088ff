"""Packaging on sale: words of it that are only part of others, bags and boxes for anything, and what is quoted. P09, P18, N11."""

from datetime import date

import pytest

from gimonitor.model.finding import Finding
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import screened


def found(screener: Screener, on: date, title: str) -> tuple[Finding, ...]:
    return tuple(all_findings(screened(screener, {"title": title}, on)))


@pytest.mark.parametrize(
    "title",
    [
        "五常大米 真空袋 10斤", "平遥牛肉 真空袋 200g*5", "沁州黄小米 2.5kg 真空袋", "宁夏枸杞 真空袋 500g 头茬", "五常大米 10斤真空袋装",
        "阳澄湖大闸蟹 航空箱 8只", "阳澄湖大闸蟹 顺丰空运 泡沫箱 8只", "五常大米 真空 包装袋 10斤", "西湖龙井 真空罐 250g",
    ],
)  # fmt: skip
def test_no_empty_bag_is_cut_from_a_longer_word(screener: Screener, on: date, title: str) -> None:
    assert {f.family for f in found(screener, on, title)} == {"name-unknown"}


@pytest.mark.parametrize(
    ("title", "quoted"),
    [
        ("五常大米包装袋 10斤真空袋 现货批发 可定制", "包装袋"),
        ("五常大米 真空袋 空袋 100个", "空袋"),
        ("五常大米真空空袋 10斤", "空袋"),
        ("五常大米 真空袋 100个 10斤", "真空袋"),
        ("五粮液1618空瓶盖", "空瓶盖"),
        ("西湖龙井 防伪标签 1000枚", "防伪标签"),
        ("英德红茶半斤装包装袋拉链袋250克装封口袋茶叶自封袋密封袋包邮", "包装袋"),
        ("武夷岩茶 泡袋 密封袋 500个", "泡袋"),
        ("阳澄湖防伪扣 1000个", "防伪扣"),
    ],
)
def test_p09_packaging_on_sale_is_quoted_as_it_is_written(
    screener: Screener, on: date, title: str, quoted: str
) -> None:
    (sold,) = found(screener, on, title)
    assert sold.family == "packaging" and f"所售为“{quoted}”等" in sold.reason


@pytest.mark.parametrize("title", ["宁夏枸杞 密封袋 500g", "宁夏枸杞密封袋 透明 通用 100个"])
def test_bags_for_anything_stay_bags(screener: Screener, on: date, title: str) -> None:
    assert not found(screener, on, title)


BOXES = "通用绿茶盒包装,礼品盒空盒西湖龙井碧螺春崂山绿茶散茶盒子"


def test_n11_boxes_for_any_of_several_names_are_held_less(screener: Screener, on: date) -> None:
    told = found(screener, on, BOXES)
    assert len(told) == 2
    assert all(f.confidence < 0.4 and [c.code for c in f.considered] == ["N11"] for f in told)


@pytest.mark.parametrize(
    "title",
    [
        f"{BOXES} 烫金",
        f"{BOXES} 印刷",
        BOXES.replace("通用", ""),
        "通用空盒 西湖龙井 茶叶盒",
        "通用空盒 西湖龙井字样 崂山绿茶字样",
    ],
)
def test_p09_boxes_that_are_printed_or_of_one_name_are_not(screener: Screener, on: date, title: str) -> None:
    told = found(screener, on, title)
    assert told and max(f.confidence for f in told) >= 0.5 and not any(f.considered for f in told)
