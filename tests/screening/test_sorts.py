"""Words for other goods that only say of what sort the goods are, or are no words at all; tags of crabs, claims and spellings. P09, P18, P07, P02."""

from datetime import date
from typing import Any

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of


def models(screener: Screener, on: date, title: str, **known: Any) -> set[str]:
    """The models that speak."""
    return {f.model_id for f in all_findings(screener.screen(listing_of({"title": title, **known}), on))}


@pytest.mark.parametrize(
    "title",
    [
        "吉县苹果 壶口红富士 20枚", "洛川苹果 手机下单 20枚", "丹东草莓 牛奶草莓 3斤", "昌平草莓 巧克力草莓 2斤",
        "五常大米 长粒香10kg 五常同款种子",
    ],
)  # fmt: skip
def test_a_sort_or_a_part_of_two_words_is_no_other_goods(title: str, screener: Screener, on: date) -> None:
    assert "name-unknown" in models(screener, on, title)


@pytest.mark.parametrize(
    "title",
    [
        "吉县苹果 口红 3g", "洛川苹果 手机壳 硅胶", "丹东草莓 草莓牛奶 250ml", "丹东草莓牛奶 250ml*12", "丹东草莓 牛奶草莓味 蛋糕 2斤",
        "丹东草莓 牛奶草莓 250ml*12", "五常稻花香 同款种子 水稻种 2斤", "五常大米 种子 10斤",
    ],
)  # fmt: skip
def test_other_goods_stay_other_goods(title: str, screener: Screener, on: date) -> None:
    assert not models(screener, on, title)


@pytest.mark.parametrize(
    "title",
    [
        "宁夏枸杞自立袋 铝箔密封袋 500g装 印刷现货", "五常大米密封袋 彩印 10斤装 现货", "宁夏枸杞密封袋 印刷 500g装",
        "新会陈皮密封袋 烫金字 100个", "蟹扣 阳澄湖防伪戒指扣 现货批发", "大闸蟹防伪扣 阳澄湖字样 100个",
    ],
)  # fmt: skip
def test_printed_bags_and_tags_are_packaging(title: str, screener: Screener, on: date) -> None:
    assert "packaging" in models(screener, on, title)


@pytest.mark.parametrize(
    "title", ["宁夏枸杞密封袋 透明 通用 100个", "铝箔密封袋 通用 无字 100个", "蟹扣 定制 空白 自己印logo"]
)
def test_plain_bags_and_tags_are_not(title: str, screener: Screener, on: date) -> None:
    assert not models(screener, on, title)


@pytest.mark.parametrize(
    "title",
    ["大闸蟹礼盒 每只佩戴阳澄湖防伪扣 8只", "活蟹礼盒 蟹脚挂阳澄湖字样戒指扣 4对", "大闸蟹 支持加阳澄湖扣 8只"],
)
def test_tags_of_the_lake_name_it(title: str, screener: Screener, on: date) -> None:
    assert "origin-tag" in models(screener, on, title, origin="安徽马鞍山")
    assert not models(screener, on, title, origin="江苏昆山巴城")


def test_other_tags_do_not(screener: Screener, on: date) -> None:
    assert not models(screener, on, "大闸蟹礼盒 每只佩戴防伪扣 8只", origin="安徽马鞍山")


@pytest.mark.parametrize("said", ["帕尔马式风干火腿", "帕尔马风干火腿", "意式帕尔马生火腿", "帕尔玛风干火腿"])
def test_words_are_inserted_in_either_spelling(said: str, screener: Screener, on: date) -> None:
    assert "near-inserted" in models(screener, on, f"{said} 切片 80g", origin="安徽")


@pytest.mark.parametrize("title", ["帕尔马干酪 200g", "帕尔马足球队 球衣", "赵州雪梨膏 300g"])
def test_the_place_alone_is_no_ham(title: str, screener: Screener, on: date) -> None:
    assert not models(screener, on, title, origin="安徽")


@pytest.mark.parametrize("said", ["国家地标保护", "国家地标农产品"])
def test_short_claims_are_claims(said: str, screener: Screener, on: date) -> None:
    assert "mark-claim" in models(screener, on, f"红心地瓜 {said} 5斤")


@pytest.mark.parametrize("title", ["国家地标建筑 拼图", "城市地标 明信片"])
def test_landmarks_are_not(title: str, screener: Screener, on: date) -> None:
    assert not models(screener, on, title)


def test_an_inverted_name_says_what_stands_between(screener: Screener, on: date) -> None:
    screening = screener.screen(listing_of({"title": "螃蟹 支持加阳澄湖 8只"}), on)
    finding = next(f for f in all_findings(screening) if f.model_id == "near-inverted")
    assert "隔有“支持加”" in finding.reason
