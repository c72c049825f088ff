"""Sets: what one stated origin says of each of several goods in a title. N02."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import OUTSIDE, screened


@pytest.mark.parametrize(
    ("title", "origin", "other"),
    [
        ("五常大米5斤+阳澄湖大闸蟹8只 礼盒", "黑龙江五常", "阳澄湖大闸蟹"),
        ("洛川苹果12枚+烟台苹果12枚 对比装", "陕西洛川", "烟台苹果"),
    ],
)
def test_n02_the_origin_of_a_set_is_perhaps_that_of_another_part(
    screener: Screener, on: date, title: str, origin: str, other: str
) -> None:
    (found,) = all_findings(screened(screener, {"title": title, "origin": origin}, on))
    assert found.gi_name == other and found.confidence < 0.4
    assert "N02" in {c.code for c in found.considered}


@pytest.mark.parametrize(
    ("title", "origin", "other"),
    [
        ("贵州茅台酒+镇江香醋 礼盒", "江苏镇江", "贵州茅台酒"),
        ("洛川苹果 富平柿饼 礼盒", "陕西富平", "洛川苹果"),
    ],
)
def test_a_part_of_a_set_is_no_raw_material_of_another(
    screener: Screener, on: date, title: str, origin: str, other: str
) -> None:
    (found,) = all_findings(screened(screener, {"title": title, "origin": origin}, on))
    assert found.gi_name == other and found.confidence < 0.4


def test_n02_the_origin_of_a_mixture_only_asks_for_proof(screener: Screener, on: date) -> None:
    mixed = all_findings(screened(screener, {"title": "菊花枸杞茶 杭白菊+宁夏枸杞 组合", "origin": "安徽亳州"}, on))
    assert len(mixed) == 2 and all(f.confidence < 0.4 for f in mixed)
    assert all("N02" in {c.code for c in f.considered} for f in mixed)
    stuffed = all_findings(screened(screener, {"title": "五常大米 盘锦大米 射阳大米 10斤", **OUTSIDE}, on))
    assert len(stuffed) == 3 and all(f.confidence > 0.5 for f in stuffed)
    teas = all_findings(screened(screener, {"title": "福鼎白茶 普洱茶 安化黑茶 饼茶", "origin": "广东"}, on))
    assert len(teas) == 3 and all(f.confidence > 0.5 for f in teas)


@pytest.mark.parametrize(
    ("title", "origin"),
    [
        ("西湖龙井+安溪铁观音+正山小种 三罐装", "福建泉州"),
        ("六安瓜片 太平猴魁 黄山毛峰 三大名茶礼盒", "安徽合肥"),
        ("绿茶组合 西湖龙井+黄山毛峰+信阳毛尖", "安徽黄山"),
        ("绿茶礼盒 西湖龙井 碧螺春 黄山毛峰 各50g", "安徽合肥"),
        ("祁门红茶 正山小种 2罐装", "上海"),
        ("五常大米、盘锦大米 真空装", "辽宁沈阳"),
        ("西湖龙井+安溪铁观音", "浙江杭州"),
    ],
)
def test_parts_of_one_kind_are_parts_where_the_title_tells_a_set(
    screener: Screener, on: date, title: str, origin: str
) -> None:
    found = [
        f
        for f in all_findings(screened(screener, {"title": title, "origin": origin}, on))
        if f.family == "name-outside"
    ]
    assert found and all(f.confidence < 0.4 and "N02" in {c.code for c in f.considered} for f in found)


@pytest.mark.parametrize(
    "title",
    [
        "西湖龙井 黄山毛峰 信阳毛尖 250g 罐装 新茶",
        "西湖龙井 信阳毛尖 250g*2罐",
        "西湖龙井 龙井茶 礼盒装 250g",
        "中国十大名茶 西湖龙井 信阳毛尖 250g",
        "西湖龙井 250g 送提袋+茶杯 信阳毛尖",
        "五粮液 剑南春 浓香型白酒 500ml*6瓶",
        "西湖龙井 信阳毛尖 三种包装可选 250g",
        "西湖龙井 礼盒 250g",
    ],
)
def test_one_article_under_several_names_is_no_set(screener: Screener, on: date, title: str) -> None:
    found = [
        f
        for f in all_findings(screened(screener, {"title": title, "origin": "四川宜宾筠连"}, on))
        if f.family == "name-outside"
    ]
    assert any(f.confidence > 0.6 for f in found)
    assert not any("N02" in {c.code for c in f.considered} for f in found)


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("宁夏枸杞250g+若羌红枣500g", "宁夏枸杞：宁夏中卫中宁县\n若羌红枣：新疆巴州若羌县"),
        ("文山三七 昭通天麻 礼盒", "三七（云南文山）、天麻（云南昭通）。"),
        ("平遥牛肉 山西老陈醋 伴手礼", "牛肉——山西平遥，陈醋——山西清徐。"),
        ("柴达木枸杞 互助青稞酒 青海礼盒", "枸杞：青海格尔木；酒：青海互助。"),
        ("洛川苹果6枚 富平柿饼500g", "产地：洛川苹果—陕西洛川，富平柿饼—陕西富平"),
        ("阳澄湖大闸蟹 镇江香醋 礼盒", "蟹产自苏州阳澄湖，醋产自镇江丹阳。"),
    ],
)
def test_the_origin_of_each_part_is_read_after_its_name(
    screener: Screener, on: date, title: str, description: str
) -> None:
    assert not screened(screener, {"title": title, "description": description}, on).suspicions


def test_what_is_stated_of_a_set_counts_less_than_what_is_said_of_a_part(screener: Screener, on: date) -> None:
    parts = {"description": "大米：黑龙江五常；小米：山西沁县。", "origin": "黑龙江五常"}
    assert not screened(screener, {"title": "五常大米5斤+沁州黄小米3斤", **parts}, on).suspicions
    alone = screened(screener, {"title": "五常大米 10斤", "description": "大米：五常；", **OUTSIDE}, on)
    assert "name-outside" in {f.model_id for f in all_findings(alone)}


@pytest.mark.parametrize(
    ("title", "description", "other"),
    [
        ("烟台苹果+莱阳梨 混搭箱", "苹果：陕西洛川；梨：山东莱阳。", "烟台苹果"),
        ("阳澄湖大闸蟹 镇江香醋 中秋礼盒", "螃蟹：安徽宣城；醋：江苏镇江。", "阳澄湖大闸蟹"),
        ("若羌红枣 库尔勒香梨 礼盒", "若羌红枣：河北沧州；库尔勒香梨：新疆库尔勒。", "若羌红枣"),
        ("宣威火腿+普洱茶 云南特产", "火腿产自四川凉山，茶产自云南普洱。", "宣威火腿"),
    ],
)
def test_a_part_from_elsewhere_is_told(screener: Screener, on: date, title: str, description: str, other: str) -> None:
    found = all_findings(screened(screener, {"title": title, "description": description}, on))
    assert {f.gi_name for f in found if f.model_id == "name-outside"} == {other}


def test_tea_and_teaware_of_a_set_are_not_each_others_use(screener: Screener, on: date) -> None:
    record = {"title": "武夷山大红袍 德化白瓷 礼盒 茶叶一罐茶具一套", "origin": "福建德化"}
    (found,) = all_findings(screened(screener, record, on))
    assert found.gi_name == "武夷山大红袍"
