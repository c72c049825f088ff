"""Readings that clear or lower say what is true of the very listing: of places, houses and brands, of whole words, of twins and spellings."""

from datetime import date
from typing import Any

import pytest

from gimonitor.model.finding import Screening, Stage
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of


def screened(screener: Screener, on: date, title: str, **fields: Any) -> Screening:
    return screener.screen(listing_of({"title": title, **fields}), on)


def decided(screening: Screening) -> list[str]:
    return [c.reason for c in screening.clearings if c.decisive]


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("杏花村白酒 53度 500ml 清香型", {"origin": "四川成都", "brand": "老醉坊"}),
        ("杏花村老醉坊白酒 53度 500ml", {"origin": "四川成都", "brand": "老醉坊"}),
        ("泸州浓香型白酒 52度", {"origin": "河南商丘", "brand": "老酒坊"}),
        ("泸州浓香型白酒 52度", {"origin": "河南商丘", "shop": {"name": "泸州美酒专营店"}}),
        ("西凤白酒 500ml", {"origin": "河南"}),
        ("西凤白酒 500ml", {"attrs": {"品牌": "老酒坊"}}),
        ("洋河大酒 浓香白酒 500ml", {"origin": "安徽亳州", "brand": "醉老头"}),
        ("酱香型白酒 茅台集团同款 500ml", {"origin": "四川"}),
        ("茅台镇酱香型白酒 53度", {"origin": "四川"}),
    ],
)
def test_the_name_of_a_house_with_what_speaks_against_it_is_lowered(
    screener: Screener, on: date, title: str, fields: dict[str, Any]
) -> None:
    found = [f for f in all_findings(screened(screener, on, title, **fields)) if f.family == "near-name"]
    assert [[c.code for c in f.considered if c.code == "N17"] for f in found] == [["N17"]]


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("西凤白酒 500ml", {}),
        ("西凤白酒 500ml", {"brand": "其他"}),
        ("西凤白酒 500ml", {"brand": "西凤", "origin": "四川"}),
        ("西凤白酒 500ml", {"brand": "老酒坊", "origin": "陕西"}),
        ("泸州浓香型白酒 52度", {"brand": "泸州老窖", "origin": "贵州"}),
        ("泸州浓香型白酒 52度", {"shop": {"name": "泸州老窖官方旗舰店"}, "origin": "贵州"}),
        ("互助牌青稞白酒 52度500ml", {"brand": "天佑德", "origin": "中国,青海"}),
        ("山西杏花村汾杏酒 53度清香型白酒", {"brand": "汾杏", "origin": "中国"}),
        ("53°贵州茅台镇 酱香型白酒 500ml", {"brand": "郑酒师"}),
        ("泸州老窖52度头曲浓香型白酒500ml*6瓶", {"brand": "泸州老窖", "origin": "中国,浙江"}),
        ("53°贵州茅台镇轮次孔孟之道酱香白酒500ml", {"brand": "其他", "origin": "四川"}),
    ],
)
def test_the_name_of_a_house_with_nothing_against_it_is_cleared(
    screener: Screener, on: date, title: str, fields: dict[str, Any]
) -> None:
    assert screened(screener, on, title, **fields).stage is Stage.CLEARED


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("西凤白酒 500ml", "“西凤”没有与商品名连成“西凤酒”，可能是字号、商标或者系列名"),
        (
            "泸州浓香型白酒 52度",
            "“泸州”是地名，没有与商品名连成“泸州酒”，可能只说明产地，也可能是字号、商标或者系列名",
        ),
        ("山西杏花村镇白酒 53度", "“杏花村镇”写明的是地址，不足以说明使用“杏花村酒”的名称"),
        ("东阿百年堂 速溶阿胶粉 200g", "“百年堂”是字号或者商标"),
        ("山东东阿树德堂正品阿胶粉 250g", "“树德堂”是字号或者商标"),
        ("东阿原产福寿堂 即食阿胶 250g", "“福寿堂”是字号或者商标"),
        (
            "沱牌A30浓香型白酒粮食酿造送礼收藏自饮500ml",
            "“沱牌”没有与商品名连成“沱牌酒”，可能是字号、商标或者系列名",
        ),
        ("52度泸州窖酒窖之柔500ml", "“泸州”是地名，没有与商品名连成“泸州酒”，可能只说明产地，也可能是字号、商标或者系列名"),
        ("53°茅台股份有限公司汉酱匠心 500ml", "标题写有企业或者系列的名称“茅台股份有限公司”，“茅台”不单独指“贵州茅台酒”"),
        ("53°茅台集团（贵州）公司 500ml", "标题写有企业或者系列的名称“茅台集团”，“茅台”不单独指“贵州茅台酒”"),
        ("53°茅台 贵州茅台集团 500ml", "标题写有企业或者系列的名称“贵州茅台集团”，“茅台”不单独指“贵州茅台酒”"),
        (
            "东阿阿胶 福鹿寿鹿胶糕200g",
            "另一种商品（“鹿胶糕”），名称可能指企业，也可能表示口味、香型或者原料",
        ),
    ],
)  # fmt: skip
def test_a_clearing_names_a_whole_word_and_asserts_no_more(
    screener: Screener, on: date, title: str, reason: str
) -> None:
    assert decided(screened(screener, on, title)) == [reason]


def test_an_address_is_marked_whole(screener: Screener, on: date) -> None:
    result = screened(screener, on, "53°秘酿129 酱香型白酒 固态纯粮 贵州茅台镇 500ml")
    assert [c.place.text for c in result.clearings if c.place] == ["白酒 固态纯粮 贵州茅台镇"]


def test_a_trade_name_does_not_clear_goods_that_are_said_to_come_from_elsewhere(screener: Screener, on: date) -> None:
    (found,) = all_findings(screened(screener, on, "东阿福寿堂 即食阿胶块 250g", origin="河北"))
    assert [c.reason for c in found.considered] == ["“福寿堂”是字号或者商标"]


@pytest.mark.parametrize("title", ["吉林大米 五常稻花香型 10斤", "安徽大米 五常长粒香型 10斤"])
def test_a_style_word_after_a_variety_undoes_nothing(screener: Screener, on: date, title: str) -> None:
    assert [f.model_id for f in all_findings(screened(screener, on, title, origin="吉林"))] == ["near-listed"]


def test_what_goods_hold_is_no_other_goods_of_the_place(screener: Screener, on: date) -> None:
    (found,) = all_findings(screened(screener, on, "山东东阿 即食人参阿胶 块 250g", origin="河北"))
    assert "插入“即食人参”" in found.reason
    assert decided(screened(screener, on, "长白山西洋参人参切片 50g")) == ["地名所指的是“西洋参”"]


@pytest.mark.parametrize("title", ["盖碗茶 宁夏枸杞 桂圆红枣 250g", "宁夏特产枸杞盖碗茶 250g"])
def test_a_tea_is_no_vessel(screener: Screener, on: date, title: str) -> None:
    (reason,) = decided(screened(screener, on, title))
    assert "“盖碗茶”" in reason
    assert (
        all_findings(screened(screener, on, "宜兴紫砂 功夫茶具套装 盖碗茶杯茶壶", origin="福建德化"))[0].considered
        == ()
    )


@pytest.mark.parametrize(
    ("title", "fields", "words"),
    [
        ("和田枣 大红枣 500g", {"origin": "河北沧州"}, "“和田枣”以“和田”与档案所列商品名“枣”组成"),
        ("绍兴加饭酒 500ml", {"origin": "江西"}, "以“绍兴”与档案所列商品名“加饭酒”组成与“绍兴酒”近似的名称"),
        ("西凤白酒 500ml", {"brand": "老酒坊"}, "没有采集到具体产地；品牌写作“老酒坊”"),
        ("西凤白酒 500ml", {"brand": "LAO/老酒坊"}, "品牌写作“LAO/老酒坊”"),
        ("Wuchang 东北大米 10斤", {"origin": "吉林"}, "“Wuchang”是“五常大米”中“五常”的拼音"),
    ],
)
def test_a_near_name_is_told_as_it_stands(
    screener: Screener, on: date, title: str, fields: dict[str, Any], words: str
) -> None:
    (found,) = all_findings(screened(screener, on, title, **fields))
    assert words in found.reason


@pytest.mark.parametrize(
    ("title", "fields", "short"),
    [
        ("53°茅台 生肖 500ml", {"brand": "茅台"}, "茅台"),
        ("53°飞天茅台 500ml", {"brand": "MOUTAI/茅台", "origin": "河北"}, "茅台"),
        ("贵州茅台酒 53度 500ml", {"attrs": {"品牌": "贵州茅台"}}, "贵州茅台"),
        ("2022年茅台酒汉酱 51度", {"brand": "茅台", "origin": "中国,云南"}, "茅台"),
        ("西凤酒 52度 500ml", {"brand": "西凤"}, "西凤"),
    ],
)
def test_the_short_name_of_the_house_as_brand_lowers(
    screener: Screener, on: date, title: str, fields: dict[str, Any], short: str
) -> None:
    (found,) = all_findings(screened(screener, on, title, **fields))
    (reading,) = found.considered
    assert reading.code == "N17"
    assert f"“{short}”是“" in reading.reason


@pytest.mark.parametrize("brand", ["老酒坊", "茅台镇", "酒"])
def test_another_brand_lowers_nothing(screener: Screener, on: date, brand: str) -> None:
    (found,) = all_findings(screened(screener, on, "贵州茅台酒 53度 500ml", brand=brand))
    assert not found.considered


@pytest.mark.parametrize(
    ("title", "whole"),
    [
        ("东阿手工阿胶膏 200g", "东阿手工阿胶膏"),
        ("东阿阿胶糕 200g", "东阿阿胶糕"),
        ("东阿玫瑰型阿胶固元糕 300g", "东阿玫瑰型阿胶固元糕"),
        ("霍山铁皮石斛花 50g", "霍山铁皮石斛花"),
    ],
)
def test_what_may_be_other_goods_is_shown_whole_and_lowers(
    screener: Screener, on: date, title: str, whole: str
) -> None:
    (found,) = all_findings(screened(screener, on, title))
    assert [(c.code, c.place.text) for c in found.considered if c.place] == [("N09", whole)]


@pytest.mark.parametrize(
    "title", ["平阴玫瑰花 50g", "绍兴黄酒花雕 500ml", "凤凰单丛花香型 250g", "东阿阿胶 糕点伴侣 250g"]
)
def test_what_says_of_the_goods_themselves_lowers_nothing(screener: Screener, on: date, title: str) -> None:
    (found,) = all_findings(screened(screener, on, title))
    assert not found.considered


@pytest.mark.parametrize("firm", ["股份有限公司", "酒厂有限公司", "集团", "股份"])
def test_the_firm_after_a_name_is_quoted_whole(screener: Screener, on: date, firm: str) -> None:
    (found,) = all_findings(screened(screener, on, f"52度 500ml 五粮液{firm}"))
    assert [(c.place.text, c.reason) for c in found.considered if c.place] == [
        (f"五粮液{firm}", f"名称之后有“{firm}”，可能指企业")
    ]


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("wuchang大米 10斤 武昌本地米", {"origin": "湖北武汉武昌"}),
        ("Wuchang rice 5kg 武昌大米", {}),
    ],
)
def test_a_twin_in_chinese_beside_its_letters_clears(
    screener: Screener, on: date, title: str, fields: dict[str, Any]
) -> None:
    result = screened(screener, on, title, **fields)
    assert not all_findings(result)
    assert {c.code for c in result.clearings} == {"N16"}


@pytest.mark.parametrize(
    ("title", "fields"),
    [("wuchang大米 10斤 武昌仓发货", {}), ("wuchang大米 10斤", {"origin": "湖北武汉武昌"})],
)
def test_a_twin_elsewhere_than_beside_lowers(screener: Screener, on: date, title: str, fields: dict[str, Any]) -> None:
    (found,) = all_findings(screened(screener, on, title, **fields))
    assert [c.code for c in found.considered] == ["N16"]


@pytest.mark.parametrize(
    ("title", "models"),
    [
        ("wuchang大米 5kg 东北珍珠米", ["near-pinyin"]),
        ("Wuchang 东北大米 10斤", ["near-pinyin"]),
        ("Wuchang rice 5kg", ["translation"]),
        ("wuchang大米 10斤 五常稻花香 武昌直发", ["near-listed"]),
        ("红桃K 阿胶糕女东阿ejiao 500g", ["near-pinyin"]),
        ("阿胶膏方手工东阿ejiao 500g", ["near-pinyin"]),
    ],
)
def test_one_text_is_read_in_one_way(screener: Screener, on: date, title: str, models: list[str]) -> None:
    assert [f.model_id for f in all_findings(screened(screener, on, title))] == models
