"""A true address is not a word put in between, and a brand is judged by the goods that the title names."""

from datetime import date

import pytest

from gimonitor.model.finding import Origin, Screening, Stage
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of


def screened(screener: Screener, on: date, title: str, **known: object) -> Screening:
    return screener.screen(listing_of({"title": title, **known}), on)


def total(screening: Screening) -> float:
    return max(s.score.total for s in screening.suspicions)


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("黑龙江五常市大米", "五常大米"),
        ("安溪县铁观音", "安溪铁观音"),
        ("山西临汾翼城县苹果", "翼城苹果"),
        ("绍兴产黄酒", "绍兴黄酒"),
        ("陕西延安洛川县苹果", "洛川苹果"),
        ("宁夏中宁特级红枸杞 100克", "宁夏枸杞 100克"),
    ],
)
def test_an_address_of_the_own_place_weighs_no_more_than_the_name(
    screener: Screener, on: date, title: str, bare: str
) -> None:
    screening = screened(screener, on, title)
    (found,) = all_findings(screening)
    assert found.family == "name-unknown" and {c.code for c in found.considered} == {"N03"}
    assert total(screening) < total(screened(screener, on, bare))


@pytest.mark.parametrize("origin", ["安徽六安", "湖北"])
def test_an_address_clears_nothing_where_another_origin_is_stated(screener: Screener, on: date, origin: str) -> None:
    found = next(iter(all_findings(screened(screener, on, "五常市大米 10斤", origin=origin))))
    assert (found.family, found.origin, found.considered) == ("name-outside", Origin.OUTSIDE, ())


@pytest.mark.parametrize(
    "title",
    [
        "烟台栖霞苹果 10斤",
        "山东烟台栖霞红富士苹果 10斤",
        "山西清徐老陈醋",
        "普洱勐海普洱茶",
        "和田皮山大枣",
        "绍兴市柯桥区黄酒 500ml",
    ],
)
def test_a_county_of_the_area_between_place_and_goods_is_an_origin_inside(
    screener: Screener, on: date, title: str
) -> None:
    screening = screened(screener, on, title)
    assert screening.stage is Stage.CLEARED and "N06" in {c.code for c in screening.clearings}


@pytest.mark.parametrize(
    "title", ["五常镇大米", "阳澄湖镇大闸蟹", "安溪镇铁观音", "霍山镇石斛", "安吉珍稀白茶", "五常农家大米"]
)
def test_a_suffix_that_is_no_division_and_other_words_stay_word_games(screener: Screener, on: date, title: str) -> None:
    assert {f.family for f in all_findings(screened(screener, on, title))} == {"near-name"}


@pytest.mark.parametrize(
    "title", ["西湖牌西湖龙井", "五常牌五常大米", "宁夏中宁枸杞150g", "东阿县阿胶块 东阿特产阿胶片 240克"]
)
def test_one_name_is_told_once(screener: Screener, on: date, title: str) -> None:
    assert [f.family for f in all_findings(screened(screener, on, title))] == ["name-unknown"]


@pytest.mark.parametrize("title", ["陕西洛川红富士苹果", "陕西延安洛川县苹果"])
def test_a_wider_place_before_another_gi_makes_no_second_one(screener: Screener, on: date, title: str) -> None:
    screening = screened(screener, on, title)
    assert {f.gi_name for f in all_findings(screening)} == {"洛川苹果"}
    assert "N19" in {c.code for c in screening.clearings}


def test_a_wider_gi_within_the_name_of_a_narrower_one_does_not_hide_it(screener: Screener, on: date) -> None:
    found = all_findings(screened(screener, on, "西湖精品龙井 250g", origin="浙江温州苍南"))
    assert "西湖龙井" in {f.gi_name for f in found}


@pytest.mark.parametrize(
    ("title", "brand"),
    [
        ("茶叶 250g 礼盒装", "五常大米（Wuchang Rice）"), ("东北大米 10斤", "浮梁茶"), ("铁观音 茶叶 250g", "奉节脐橙"),
        ("每日坚果 零食大礼包 750g", "武夷山大红袍"), ("每日坚果 750g", "曹张记宣纸"), ("新鲜水果 10斤", "五常大米"),
    ],
)  # fmt: skip
def test_a_brand_on_other_goods_is_cleared(screener: Screener, on: date, title: str, brand: str) -> None:
    for known in ({"brand": brand}, {"attrs": {"品牌": brand}}):
        screening = screened(screener, on, title, **known)
        assert screening.stage is Stage.NOT_GOODS and not all_findings(screening)
        assert "N09" in {c.code for c in screening.clearings}


@pytest.mark.parametrize(
    ("title", "brand"),
    [
        ("东北大米 10斤", "五常大米"), ("黄小米 5斤", "五常大米"), ("礼盒 250g", "五常大米"), ("新鲜水果 10斤", "奉节脐橙"),
        ("岩茶 250g", "浮梁茶"), ("每日坚果 零食大礼包", "和田大枣"), ("茶叶 五常大米 250g", "五常大米"),
    ],
)  # fmt: skip
def test_a_brand_on_goods_of_its_kind_or_on_unsaid_ones_is_not(
    screener: Screener, on: date, title: str, brand: str
) -> None:
    assert all_findings(screened(screener, on, title, brand=brand))


@pytest.mark.parametrize("text", ["苹果 烟台红富士 12个装", "烟台红富士，物美价廉", "不要侮辱烟台红富士好么"])
def test_a_listed_near_name_in_the_description_needs_goods_as_the_name_does(
    screener: Screener, on: date, text: str
) -> None:
    assert not all_findings(screened(screener, on, "新鲜水果礼盒", description=text))
    assert all_findings(screened(screener, on, "红富士苹果 10斤", description=text))


@pytest.mark.parametrize(
    "title",
    [
        "东阿阿胶蛋白粉",
        "东阿阿胶燕窝",
        "东阿阿胶维生素C片",
        "东阿阿胶集团 小分子胶原蛋白肽",
        "东阿阿胶 复合氨基酸蛋白粉 300g",
    ],
)
def test_other_goods_of_the_house_are_not_those_of_the_gi(screener: Screener, on: date, title: str) -> None:
    assert not all_findings(screened(screener, on, title))


@pytest.mark.parametrize(
    "title", ["东阿阿胶片 250g 送燕窝", "中宁枸杞 富含维生素C 500g", "宁夏枸杞 可搭配燕窝银耳 500g"]
)
def test_what_goods_are_rich_in_or_come_with_says_nothing(screener: Screener, on: date, title: str) -> None:
    assert all_findings(screened(screener, on, title))
