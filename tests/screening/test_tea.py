"""Tea under a name that means other things too, without the word 茶."""

from datetime import date

import pytest

from gimonitor.model.listing import Listing
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings


@pytest.mark.parametrize(
    "title",
    [
        "明前龙井", "雨前龙井 500克 散装 包邮", "特级龙井 250g 豆香", "头采龙井 2021 罐装 250g", "龙井 250g 礼盒", "龙井特级", "一级龙井",
        "大佛龙井 250g", "越州龙井 250g 罐装", "龙井 2024 铁罐",
    ],
)  # fmt: skip
def test_words_of_the_tea_trade_say_tea(screener: Screener, on: date, title: str) -> None:
    found = all_findings(screener.screen(Listing(platform="a", item_id="1", title=title), on))
    assert [(f.model_id, f.gi_id) for f in found] == [("name-unknown", "zj-longjing-cha")]


@pytest.mark.parametrize(
    "title",
    ["龙井", "龙井大米 特级 5kg", "龙井虾仁 300g", "龙井村民宿 春季", "龙井苹果梨 特级 10斤", "龙井酥 250g 礼盒"],
)
def test_other_goods_and_places_of_the_name_stay_out(screener: Screener, on: date, title: str) -> None:
    result = screener.screen(Listing(platform="a", item_id="1", title=title), on)
    assert not [f for f in all_findings(result) if f.gi_id == "zj-longjing-cha"]
    assert "附近没有说明商品的“茶、绿茶”等词，可能另有含义" in [c.reason for c in result.clearings]
