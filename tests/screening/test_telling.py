"""What findings tell beside the name: where goods come from, what speaks for the seller, and what has no bearing."""

from datetime import date
from typing import Any

import pytest

from gimonitor.model.finding import Finding, Stage
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import screened

ANJI = {"生产许可证编号": "SC11433052300044"}
WUCHANG = "黑龙江五常"


def found(screener: Screener, record: dict[str, Any], on: date) -> dict[str, Finding]:
    return {f.model_id: f for f in all_findings(screened(screener, record, on))}


# Licences.


def test_a_licence_of_another_place_is_no_contradiction_of_the_origin(screener: Screener, on: date) -> None:
    told = found(screener, {"title": "五常大米 10斤", "origin": WUCHANG, "attrs": ANJI}, on)
    assert set(told) == {"sc-region"}
    assert told["sc-region"].reason.startswith("食品生产许可证编号“SC11433052300044”中的地区代码为湖州市安吉县，")
    assert not told["sc-region"].considered


def test_a_licence_of_another_place_tells_no_origin(screener: Screener, on: date) -> None:
    told = found(screener, {"title": "五常大米 10斤", "attrs": ANJI}, on)
    assert set(told) == {"name-unknown", "sc-region"}
    assert "食品生产许可证编号所属地区为“SC11433052300044（湖州市安吉县）”" in told["name-unknown"].reason
    sent = found(screener, {"title": "五常大米 10斤", "ship_from": WUCHANG, "attrs": ANJI}, on)
    assert set(sent) == {"sc-region"}
    stated = found(screener, {"title": "五常大米 10斤", "origin": "吉林松原", "attrs": ANJI}, on)
    assert {"name-outside", "sc-region"} <= set(stated)


@pytest.mark.parametrize(
    ("more", "quoted"),
    [
        ({"description": "原粮产自黑龙江五常"}, "原粮产自黑龙江五常"),
        ({"description": "浙江安吉分装"}, "浙江安吉分装"),
        ({"attrs": {**ANJI, "分装商": "安吉某某粮油有限公司（分装）"}}, "分装商：安吉某某粮油有限公司（分装）"),
        ({"attrs": {**ANJI, "原粮产地": WUCHANG}}, "原粮产地：黑龙江五常"),
        ({"description": "受五常某某米业委托生产"}, "委托生产"),
    ],
)
def test_packing_elsewhere_that_is_told_is_shown_and_lowers(
    screener: Screener, on: date, more: dict[str, Any], quoted: str
) -> None:
    told = found(screener, {"title": "五常大米 10斤", "origin": WUCHANG, "attrs": ANJI, **more}, on)["sc-region"]
    assert [c.code for c in told.considered] == ["N02"] and f"“{quoted}”" in told.considered[0].reason
    assert told.confidence < 0.5


@pytest.mark.parametrize("text", ["拒绝外地分装", "2斤一袋独立分装", "原粮产自吉林", "非委托加工"])
def test_what_is_no_packing_elsewhere_does_not_lower(screener: Screener, on: date, text: str) -> None:
    record = {"title": "五常大米 10斤", "origin": WUCHANG, "attrs": ANJI, "description": text}
    assert not found(screener, record, on)["sc-region"].considered


# Names from abroad.


@pytest.mark.parametrize(
    ("title", "origin"),
    [
        ("香槟 起泡酒 750ml", "法国"),
        ("香槟 起泡酒 750ml", "法国原装进口"),
        ("香槟 起泡酒 750ml", "Champagne, France"),
        ("香槟 起泡酒 750ml", "法国香槟区"),
        ("香槟 起泡酒 750ml", "法国香槟区 兰斯"),
        ("帕尔玛火腿 切片 100g", "意大利帕尔马"),
        ("爱尔兰威士忌 700ml", "爱尔兰都柏林"),
    ],
)
def test_the_country_speaks_for_a_name_from_abroad(screener: Screener, on: date, title: str, origin: str) -> None:
    screening = screened(screener, {"title": title, "origin": origin}, on)
    assert screening.stage is Stage.CLEARED
    assert [c.reason for c in screening.clearings if c.code == "N06"] == [
        f"标示产地为“{origin}”，原产国一致，保护范围未录入；只核对标准和标志"
    ]


@pytest.mark.parametrize(
    ("title", "origin"),
    [
        ("香槟 起泡酒 750ml", "法国波尔多"),
        ("香槟 起泡酒 750ml", "法国普罗旺斯"),
        ("香槟 起泡酒 750ml", "Bordeaux, France"),
        ("帕尔玛火腿 切片 100g", "意大利罗马"),
    ],
)
def test_another_place_of_the_country_is_open(screener: Screener, on: date, title: str, origin: str) -> None:
    told = found(screener, {"title": title, "origin": origin}, on)
    assert set(told) == {"name-unknown"}
    assert f"“{origin}”，不足以判断" in told["name-unknown"].reason and "省市" not in told["name-unknown"].reason


@pytest.mark.parametrize(
    ("attrs", "is_asked"),
    [
        ({"原产国": "法国", "产区": "卢瓦尔河谷"}, True),
        ({"产地": "法国", "产区": "Loire"}, True),
        ({"原产国": "法国", "产区": "香槟"}, False),
        ({"原产国": "法国", "产地": "进口"}, False),
    ],
)
def test_a_country_says_little_where_another_field_names_a_region(
    screener: Screener, on: date, attrs: dict[str, str], is_asked: bool
) -> None:
    told = found(screener, {"title": "香槟 起泡酒 750ml", "attrs": attrs}, on)
    assert ("name-unknown" in told) is is_asked


@pytest.mark.parametrize(
    ("title", "origin"),
    [
        ("洛川苹果6枚+富平柿饼500g", "陕西洛川、富平"),
        ("库尔勒香梨5斤+若羌红枣3斤", "新疆库尔勒、若羌"),
    ],
)
def test_a_place_in_a_row_under_one_province_is_not_outside(
    screener: Screener, on: date, title: str, origin: str
) -> None:
    assert "name-outside" not in found(screener, {"title": title, "origin": origin}, on)
    assert "name-outside" in found(screener, {"title": title, "origin": "河北保定、石家庄"}, on)


@pytest.mark.parametrize("origin", ["西班牙", "山东烟台", "中国"])
def test_another_country_is_outside(screener: Screener, on: date, origin: str) -> None:
    assert "name-outside" in found(screener, {"title": "香槟 起泡酒 750ml", "origin": origin}, on)


# Shops and keywords.


def test_a_shop_named_after_the_gi_lowers_only_what_is_said_of_the_shop(screener: Screener, on: date) -> None:
    record = {
        "title": "五常大米 国家地理标志保护产品 10斤",
        "origin": "吉林松原",
        "attrs": {"执行标准": "GB/T 1354", **ANJI},
        "shop": "五常大米专营店",
    }
    told = found(screener, record, on)
    assert {"name-outside", "mark-claim", "standard", "sc-region", "shop-name"} <= set(told)
    assert [m for m, f in told.items() if "N01" in {c.code for c in f.considered}] == ["shop-name"]
    plain = found(screener, {**record, "shop": "松原粮油店"}, on)
    assert told["name-outside"].confidence == plain["name-outside"].confidence


def test_a_name_that_a_firm_holds_is_lowered_by_its_shop(screener: Screener, on: date) -> None:
    record = {"title": "五粮液 52度 500ml", "origin": "河北", "shop": "五粮液官方旗舰店"}
    assert "N01" in {c.code for c in found(screener, record, on)["name-outside"].considered}


@pytest.mark.parametrize(
    ("record", "model"),
    [
        ({"title": "盘锦大米 10斤", "shop": "五常大米产地直销店"}, "shop-name"),
        ({"title": "盘锦大米 10斤", "keywords": ["五常大米"]}, "keywords"),
    ],
)
def test_a_shop_or_keyword_beside_goods_from_elsewhere_tells_it(
    screener: Screener, on: date, record: dict[str, Any], model: str
) -> None:
    outside = found(screener, {**record, "origin": "辽宁盘锦"}, on)[model]
    assert "标示产地为“辽宁盘锦”，不在保护范围内" in outside.reason
    unknown = found(screener, record, on)[model]
    assert "保护范围" not in unknown.reason and unknown.confidence < outside.confidence


def test_other_goods_tagged_with_a_name_are_not_cleared_of_it(screener: Screener, on: date) -> None:
    record = {"title": "304不锈钢米桶 20斤", "origin": "浙江金华", "keywords": ["五常大米"]}
    screening = screened(screener, record, on)
    (told,) = all_findings(screening)
    assert told.model_id == "keywords" and "浙江" not in told.reason
    assert not any(c.decisive for c in screening.clearings)


# Origins.


@pytest.mark.parametrize(
    ("title", "key", "place"),
    [
        ("信阳毛尖 250g", "采摘地", "贵州"),
        ("洞庭碧螺春 250g", "采摘地", "四川雅安"),
        ("五常大米 10斤", "种植地", "吉林"),
        ("阳澄湖大闸蟹 8只", "养殖地", "江苏盐城"),
        ("白蕉海鲈 500g", "捕捞地", "福建宁德"),
    ],
)
def test_where_goods_grew_is_their_origin(screener: Screener, on: date, title: str, key: str, place: str) -> None:
    told = found(screener, {"title": title, "attrs": {key: place, "商品产地": "中国大陆"}}, on)
    assert f"商品属性“{key}”为“{place}”，不在保护范围内" in told["name-outside"].reason


@pytest.mark.parametrize(
    ("title", "key"), [("镇江香醋 500ml", "种植地"), ("金华火腿 500g", "养殖地"), ("绍兴黄酒 500ml", "种植基地")]
)
def test_where_its_raw_material_grew_is_not(screener: Screener, on: date, title: str, key: str) -> None:
    assert set(found(screener, {"title": title, "attrs": {key: "黑龙江五常"}}, on)) == {"name-unknown"}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"title": "黑龙江五常大米 10斤"}, "没有标明具体产地，名称前写有“黑龙江”，与该地理标志所在的省市一致"),
        (
            {"title": "黑龙江五常大米 10斤", "ship_from": "黑龙江哈尔滨"},
            "没有标明具体产地，名称前写有“黑龙江”、发货地为“黑龙江哈尔滨”，与该地理标志所在的省市一致",
        ),
        (
            {"title": "五常大米 10斤", "shop": {"name": "某店", "subject": "五常市某某米业有限公司"}},
            "没有标明具体产地，商家名称“五常市某某米业有限公司”带有该地理标志所在地的地名",
        ),
        ({"title": "五常大米 10斤"}, "没有采集到具体产地"),
        ({"title": "五常大米 10斤", "shop": "五常大米直销店"}, "没有采集到具体产地"),
        ({"title": "正宗五常大米 10斤", "ship_from": "吉林松原"}, "没有采集到产地，发货地为“吉林松原”"),
    ],
)
def test_what_speaks_for_the_area_is_told_where_no_origin_is_stated(
    screener: Screener, on: date, record: dict[str, Any], told: str
) -> None:
    assert f"；{told}，需要提供产地证明。" in found(screener, record, on)["name-unknown"].reason


def test_goods_of_the_area_are_not_cleared_where_a_picture_says_otherwise(screener: Screener, on: date) -> None:
    record = {"title": "宁夏枸杞 500g", "origin": "宁夏中宁", "image_text": "产地：青海"}
    screening = screened(screener, record, on)
    assert {f.model_id for f in all_findings(screening)} == {"contradiction"}
    (clearing,) = [c for c in screening.clearings if c.code == "N06"]
    assert not clearing.decisive and clearing.reason.endswith("但同一链接内另有不同的产地说法")
    del record["image_text"]
    assert [c.decisive for c in screened(screener, record, on).clearings] == [True]


@pytest.mark.parametrize(
    "place",
    ["青海省海西州", "吉林省延边州", "贵州省黔东南州", "湖北省恩施州", "湖北省宜昌市长阳县", "内蒙古莫力达瓦旗"],
)
def test_an_origin_is_quoted_whole(screener: Screener, on: date, place: str) -> None:
    record = {"title": "五常大米 10斤", "origin": WUCHANG, "image_text": f"产地：{place} 保质期12个月"}
    told = found(screener, record, on)["contradiction"]
    assert told.place.text == f"产地：{place}" and f"“{place}”" in told.reason


def test_a_listing_without_sales_is_not_one_of_unknown_sales(screener: Screener, on: date) -> None:
    def reach(**known: int) -> str:
        (suspicion,) = screened(screener, {"title": "五常大米 10斤", "price": 30, **known}, on).suspicions
        return next(term.inputs for term in suspicion.score.terms if term.name == "reach")

    assert (reach(), reach(sales=0), reach(sales=3)) == ("销量、排名未知", "销量0", "销量3、金额约90元")


def test_the_first_day_of_a_season_is_told_as_people_write_it(screener: Screener) -> None:
    told = found(screener, {"title": "2026新米 五常大米 10斤", "origin": WUCHANG}, date(2026, 8, 1))["season"]
    assert "而时令自每年9月15日起" in told.reason
