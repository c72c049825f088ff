"""Names that are a distillery's brand too: the short name of the liquor, its other series, its firm, its letters."""

from datetime import date

import pytest

from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings


def screened(screener: Screener, on: date, title: str) -> Screening:
    return screener.screen(Listing(platform="a", item_id="1", title=title), on)


@pytest.mark.parametrize(
    "title",
    [
        "53°茅台 生肖马年 500ml*6",
        "【东晟之美】53° 贵州茅台壬寅虎年生肖纪念酒 500ml*6整箱装",
        "贵州茅台24节气春系列之立春 雨水 100ml*6瓶套装",
        "茅台系列 2024年彩釉珍品整箱装 酱香型白酒53度500ml*6",
        "53°茅台新燕京八景500ml",
        "茅台（MOUTAI）53度 500ml",
        "【老酒】45°竹叶青475ml*6瓶装（2012年）",
        "2008年竹叶青45°（500ml*12）",
    ],
)
def test_a_short_name_with_strength_and_measure_means_the_liquor(screener: Screener, on: date, title: str) -> None:
    found = all_findings(screened(screener, on, title))
    assert [f.model_id for f in found] == ["near-listed"]
    assert "简称" in found[0].reason


@pytest.mark.parametrize(
    "title",
    [
        "53°茅台王子酒 乙巳王子蛇年 500ml单瓶装",
        "53°茅台（1935）500ml",
        "53度茅台贵州大曲生肖纪念乙亥猪年 2.5L",
        "【东晟之美】53°贵州茅台集团 茅台醇天青 500ml*6",
        "Moutai/茅台53度王子酒酱香经典 酱香型白酒500ml*6瓶",
        "茅台（MOUTAI）茅台1935 酱香型白酒 53度 500ml单瓶",
        "52度酒鬼（JIUGUI） 酒鬼馥郁香型白酒湘泉黄陶 500ml*6瓶整箱装",
        "贵州茅台镇 阅示 帝王黄 53度高端酱酒 500ml礼盒装",
        "茅台整箱蒲公英 酱香型白酒53度500ml*6整箱送礼",
    ],
)
def test_another_liquor_of_the_house_is_cleared_and_what_decided_is_shown(
    screener: Screener, on: date, title: str
) -> None:
    result = screened(screener, on, title)
    assert result.stage is Stage.CLEARED
    assert any(c.decisive for c in result.clearings)


def test_letters_with_strength_and_measure_are_the_liquor(screener: Screener, on: date) -> None:
    assert [f.model_id for f in all_findings(screened(screener, on, "Moutai 53度 500ml"))] == ["translation"]


def test_the_letters_of_another_liquor_are_cleared_by_the_chinese(screener: Screener, on: date) -> None:
    result = screened(screener, on, "Moutai/茅台53度王子酒酱香经典 酱香型白酒500ml*6瓶")
    assert "外文或者拼音与中文“茅台”并写，所指按中文判断" in [c.reason for c in result.clearings]


@pytest.mark.parametrize(
    "title",
    [
        "52°五粮液（WULIANGYE）红福 浓香型白酒 500ml*6",
        "贵州茅台酒 飞天茅台 53度 500ml",
        "西湖龙井 West Lake Longjing 绿茶 250g",
    ],
)
def test_a_name_in_two_forms_is_one_sign(screener: Screener, on: date, title: str) -> None:
    assert [f.model_id for f in all_findings(screened(screener, on, title))] == ["name-unknown"]


@pytest.mark.parametrize("firm", ["剑南春酒厂", "五粮液酒厂", "五粮液酒业", "五粮液股份", "五粮液集团", "五粮液生态"])
def test_the_makers_firm_lowers_and_is_shown(screener: Screener, on: date, firm: str) -> None:
    (found,) = all_findings(screened(screener, on, f"52° {firm} 陈坛 浓香型白酒500ml"))
    assert [c.code for c in found.considered] == ["N01"]


def test_a_series_is_no_firm(screener: Screener, on: date) -> None:
    (found,) = all_findings(screened(screener, on, "沱牌酒生态酒窖（精品）52度500mL 浓香型白酒"))
    assert not found.considered


@pytest.mark.parametrize("title", ["泸州老窖金泸州酒精品红52度浓香型白酒500ml", "泸州酒醉大牌 52度浓香型白酒 500mL"])
def test_a_word_that_begins_in_the_name_of_a_liquor_does_not_cut_it(screener: Screener, on: date, title: str) -> None:
    assert [f.model_id for f in all_findings(screened(screener, on, title))] == ["name-unknown"]


@pytest.mark.parametrize(
    ("title", "address"),
    [
        ("53°贵州茅台镇纯粮佳酿酱香型白酒5L*1桶装10斤", "茅台镇"),
        ("53°山西杏花村产地白酒 龙腾盛世 清香型白酒1250ml", "杏花村产地"),
        ("青海互助 52昆仑佳酿青稞酒固态纯粮桶装散酒5L", "青海互助"),
        ("45°四川泸州 喜酒 浓香型白酒600ml*6", "四川泸州"),
    ],
)
def test_an_address_is_called_one(screener: Screener, on: date, title: str, address: str) -> None:
    result = screened(screener, on, title)
    assert result.stage is Stage.CLEARED
    assert [c.code for c in result.clearings if c.decisive and f"“{address}”写明的是地址" in c.reason] == ["N03"]


def test_a_vessel_is_cleared_where_its_name_stands(screener: Screener, on: date) -> None:
    result = screened(screener, on, "碧春三星堆 纯粮食白酒 酱香型 景德镇陶瓷瓶 53度 500mL 1瓶")
    assert [c.place.text for c in result.clearings if c.place] == ["景德镇陶瓷"]
