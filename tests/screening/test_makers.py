"""The seat in the name of a maker: a hint of origin weaker than where goods are sent from."""

from datetime import date
from typing import Any

import pytest

from gimonitor.model.finding import Finding
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

ON, TITLE = date(2026, 11, 23), "新会陈皮 十五年 250g"


def findings(screener: Screener, **known: Any) -> list[Finding]:
    return all_findings(screener.screen(listing_of({"title": TITLE, **known}), ON))


@pytest.mark.parametrize("key", ["厂名", "生产商", "委托方", "生产厂家"])
def test_a_maker_elsewhere_is_told_where_proof_is_asked_for(key: str, screener: Screener) -> None:
    (found,) = findings(screener, attrs={key: "玉林市福绵区香源香料加工厂"})
    assert found.model_id == "name-unknown"
    assert f"没有采集到产地，商品属性“{key}”为“玉林市福绵区香源香料加工厂”，需要提供产地证明" in found.reason
    (plain,) = findings(screener)
    assert found.confidence > plain.confidence


def test_it_stands_beside_where_goods_are_sent_from(screener: Screener) -> None:
    (found,) = findings(screener, attrs={"厂名": "玉林市福绵区香源香料加工厂"}, ship_from="广西玉林")
    assert "没有采集到产地，发货地为“广西玉林”，商品属性“厂名”为“玉林市福绵区香源香料加工厂”" in found.reason


def test_a_maker_in_the_area_weighs_less_than_where_goods_are_sent_from(screener: Screener) -> None:
    inside = {"厂名": "江门市新会区某陈皮厂"}
    assert not findings(screener, attrs=inside)
    assert [f.model_id for f in findings(screener, attrs=inside, ship_from="广西玉林")] == ["name-unknown"]
    assert not findings(screener, attrs={"厂名": "玉林市某食品厂"}, ship_from="广东江门新会")


@pytest.mark.parametrize("key", ["委托方", "分装商"])
def test_who_only_orders_or_packs_in_the_area_clears_nothing(key: str, screener: Screener) -> None:
    assert [f.model_id for f in findings(screener, attrs={key: "江门市新会区某商行"})] == ["name-unknown"]


@pytest.mark.parametrize("maker", ["东方食品厂", "大同食品厂", "广东老字号食品厂", "老玉林陈皮厂"])
def test_words_and_wider_places_tell_no_seat(maker: str, screener: Screener) -> None:
    (found,) = findings(screener, attrs={"厂名": maker})
    assert "厂名" not in found.reason


def test_a_maker_elsewhere_does_not_speak_against_a_stated_origin(screener: Screener) -> None:
    assert not findings(screener, attrs={"产地": "广东江门新会", "厂名": "玉林市福绵区香源香料加工厂"})


PRODUCE, MADE = "宁夏枸杞 500g", "镇江香醋 500ml"


@pytest.mark.parametrize(
    ("title", "attrs", "confidence"),
    [
        (PRODUCE, {"产地": "宁夏中宁", "厂址": "安徽亳州"}, 0.3),
        (PRODUCE, {"产地": "宁夏中宁", "厂址": "宁夏中宁"}, 0.0),
        (MADE, {"产地": "江苏镇江", "厂址": "安徽亳州"}, 0.6),
    ],
)
def test_a_makers_address_beside_a_stated_origin_only_asks_of_what_is_grown(
    title: str, attrs: dict[str, str], confidence: float, screener: Screener
) -> None:
    found = findings(screener, title=title, attrs=attrs)
    told = [f for f in found if f.family == "contradiction"]
    assert max((f.confidence for f in told), default=0.0) == pytest.approx(confidence, abs=0.05)
    assert all("区外分装不一定违法" in f.reason for f in told if confidence < 0.5)


@pytest.mark.parametrize("attrs", [{"厂址": "安徽亳州"}, {"厂址": "安徽亳州", "产地": "中国大陆"}])
def test_a_makers_address_that_stands_alone_tells_the_origin(attrs: dict[str, str], screener: Screener) -> None:
    found = findings(screener, title=PRODUCE, attrs=attrs)
    assert "name-outside" in {f.model_id for f in found}
