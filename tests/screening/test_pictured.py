"""Goods shown by a picture beside their place."""

from datetime import date

import pytest

from gimonitor.model.finding import Stage
from gimonitor.model.listing import Listing
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("辽宁丹东九九🍓", "丹东草莓"),
        ("丹东🍓 3斤", "丹东草莓"),
        ("阳澄湖 🦀 公4母3", "阳澄湖大闸蟹"),
        ("🦀阳澄湖 8只", "阳澄湖大闸蟹"),
        ("五常🍚 10斤", "五常大米"),
        ("烟台🍎5斤", "烟台苹果"),
    ],
)
def test_a_picture_right_beside_a_place_names_its_goods(screener: Screener, on: date, title: str, name: str) -> None:
    (found,) = all_findings(screener.screen(Listing(platform="a", item_id="1", title=title), on))
    assert (found.model_id, found.gi_name) == ("near-inserted", name)
    assert "以图形“" in found.reason


@pytest.mark.parametrize("title", ["五常🍓 采摘", "五常三日游 🍚好吃", "🍓 草莓 3斤", "丹东 旅游 🍓", "阳澄湖🌊"])
def test_other_pictures_and_pictures_elsewhere_say_nothing(screener: Screener, on: date, title: str) -> None:
    assert screener.screen(Listing(platform="a", item_id="1", title=title), on).stage is not Stage.FLAGGED
