"""Of what a text says a place, and what a listing then tells of its origin."""

from __future__ import annotations

from datetime import date

import pytest

from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.screening import Screener

RICE = ("五常大米 10斤", "黑龙江五常")
TEA = ("西湖龙井 250g", "浙江杭州西湖区")
CRABS = ("阳澄湖大闸蟹 8只", "江苏苏州相城区")
PEARS = ("库尔勒香梨 10斤", "新疆库尔勒")
APPLES = ("洛川苹果 12枚", "陕西洛川")
WINE = ("绍兴黄酒 5年", "浙江绍兴")
BERRIES = ("宁夏枸杞 500g", "宁夏中宁")


def screened(
    screener: Screener,
    on: date,
    title: str,
    *,
    origin: str = "",
    description: str = "",
    attributes: tuple[tuple[str, str], ...] = (),
    ship_from: str = "",
) -> Screening:
    return screener.screen(
        Listing(
            platform="p", item_id="1", title=title, origin=origin, description=description, attributes=attributes,
            ship_from=ship_from,
        ),
        on,
    )  # fmt: skip


def reasons(screening: Screening, model: str) -> list[str]:
    return [f.reason for s in screening.suspicions for f in s.findings if f.model_id == model]


def models(screening: Screening) -> set[str]:
    return {f.model_id for s in screening.suspicions for f in s.findings}


@pytest.mark.parametrize(
    ("goods", "text"),
    [
        (RICE, "本品产自吉林榆树"),
        (RICE, "产地：吉林"),
        (RICE, "产品信息：产地：吉林松原"),
        (RICE, "大米均产自吉林榆树，颗粒饱满。"),
        (RICE, "颗粒饱满产自吉林榆树"),
        (RICE, "选用产自吉林榆树的优质大米"),
        (RICE, "我家的米都是产自吉林榆树的"),
        (RICE, "不像市面上的假货，本品产自吉林榆树"),
        (RICE, "很多老顾客都知道我家大米产自吉林榆树"),
        (RICE, "净含量5kg 产地吉林省长春市"),
        (RICE, "盘锦大米产自吉林榆树"),
        (RICE, "附赠量杯。大米产自吉林榆树"),
        (RICE, "Product of Jilin, China"),
        (TEA, "原料产自四川雅安"),
        (TEA, "鲜叶来自贵州湄潭，手工炒制"),
        (CRABS, "螃蟹产自安徽芜湖，鲜活"),
        (PEARS, "香梨来自河北泊头"),
        (APPLES, "（产地：山东烟台栖霞）"),
        (APPLES, "红富士产自山东栖霞"),
        (("安吉白茶 100g", "浙江安吉"), "白茶核心产地贵州正安"),
        (("龙口粉丝 500g", "山东招远"), "粉丝产自河南开封"),
        (("Anji Bai Cha 100g", "Anji, Zhejiang"), "Grown in Guizhou. Fresh tea."),
    ],
)
def test_a_place_said_of_the_goods_contradicts(screener: Screener, on: date, goods: tuple[str, str], text: str) -> None:
    title, origin = goods
    assert "contradiction" in models(screened(screener, on, title, origin=origin, description=text))


@pytest.mark.parametrize(
    ("goods", "text"),
    [
        (RICE, "包装袋产自浙江温州"),
        (RICE, "别家很多五常大米产地是吉林、辽宁，请擦亮眼睛。"),
        (RICE, "来自浙江的买家都说好"),
        (RICE, "不是产自吉林的米"),
        (RICE, "产地不是吉林"),
        (RICE, "产自吉林榆树的米和产自五常的米口感不同"),
        (RICE, "稻种来自吉林农科院"),
        (TEA, "白瓷罐产自福建德化"),
        (TEA, "产自新昌、嵊州的叫大佛龙井，产自四川的只能叫扁形茶"),
        (TEA, "和产自新昌的龙井口感不同"),
        (CRABS, "附赠的姜茶产自山东莱芜，蟹醋产自江苏镇江。"),
        (CRABS, "蟹苗来自江苏高淳"),
        (PEARS, "市面上不少香梨产自河北、山西，我家保证库尔勒"),
        (PEARS, "市面上的香梨，其实多产自河北"),
        (APPLES, "本店还有产自山西运城的冬枣，另拍"),
        (BERRIES, "产自青海的价格便宜一些，我们只做宁夏中宁的"),
        (BERRIES, "产自新疆的枸杞偏甜，产自宁夏的甘甜"),
        (WINE, "糯米产自江苏盐城"),
        (WINE, "选用产自江苏盐城的优质糯米"),
        (("东阿阿胶 250g", "山东东阿"), "驴皮原料产自新疆、甘肃等地"),
        (("六安瓜片 250g", "安徽六安金寨"), "老板是产自福建安溪的女婿"),
        (("宜兴紫砂壶 200ml", "江苏宜兴"), "随壶附赠杯垫，产地：浙江义乌。"),
        (("Anji Bai Cha 100g", "Anji, Zhejiang"), "Gift box made in Guangdong"),
    ],
)
def test_a_place_said_of_something_else_does_not(
    screener: Screener, on: date, goods: tuple[str, str], text: str
) -> None:
    title, origin = goods
    assert not screened(screener, on, title, origin=origin, description=text).suspicions


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("五常大米5斤+沁州黄小米2斤", "五常大米产自五常市民乐乡。沁州黄小米产自山西沁县。"),
        ("五常大米 10斤+盘锦大米 10斤", "五常大米产地黑龙江五常，盘锦大米产地辽宁盘锦。"),
        ("库尔勒香梨5斤+阿克苏苹果5斤", "香梨来自库尔勒市沙依东，苹果来自阿克苏红旗坡。"),
        ("洛川苹果6枚 + 眉县猕猴桃6枚", "苹果产地：陕西省延安市洛川县；猕猴桃产地：陕西省宝鸡市眉县。"),
        ("黄山毛峰+六安瓜片", "黄山毛峰：产地安徽省黄山市徽州区；六安瓜片：产地安徽省六安市裕安区。"),
    ],
)
def test_each_part_of_a_set_has_its_own_place(screener: Screener, on: date, title: str, text: str) -> None:
    assert not screened(screener, on, title, description=text).suspicions


@pytest.mark.parametrize(
    "text", ["产自吉林榆树", "新米产自吉林榆树", "原产地：吉林", "产地是吉林", "Product of Thailand"]
)
def test_a_place_in_a_text_tells_the_origin_where_nothing_else_does(screener: Screener, on: date, text: str) -> None:
    assert "name-outside" in models(screened(screener, on, "五常大米 10斤", description=text))


@pytest.mark.parametrize("text", ["包装袋产自浙江温州", "麻绳头产自浙江温州"])
def test_what_comes_from_elsewhere_beside_the_goods_asks_for_proof(screener: Screener, on: date, text: str) -> None:
    assert models(screened(screener, on, "五常大米 10斤", description=text)) == {"name-unknown"}


def test_a_label_within_a_longer_one_and_a_copula_are_not_quoted(screener: Screener, on: date) -> None:
    for text in ("产地是吉林", "原产地：吉林", "生产地址：吉林"):
        (reason,) = reasons(screened(screener, on, "五常大米 10斤", description=text), "name-outside")
        assert "产地为“吉林”" in reason


@pytest.mark.parametrize(
    ("attributes", "raised"),
    [
        ((("黄酒产地", "浙江绍兴"), ("香醋产地", "江苏镇江")), set()),
        ((("黄酒产地", "上海"),), {"name-outside"}),
        ((("产地", "浙江绍兴"), ("原料产地", "江苏盐城")), set()),
        ((("产地", "浙江绍兴"), ("包装产地", "广东汕头")), set()),
        ((("包装产地", "浙江绍兴"),), {"name-unknown"}),
        ((("Country of origin", "China"), ("Region", "Shaoxing, Zhejiang")), set()),
    ],
)
def test_keys_that_say_of_what(
    screener: Screener, on: date, attributes: tuple[tuple[str, str], ...], raised: set[str]
) -> None:
    assert models(screened(screener, on, "绍兴酒 5年 500ml", attributes=attributes)) == raised


def test_raw_material_of_what_the_name_names_is_the_goods(screener: Screener, on: date) -> None:
    attributes = (("产地", "浙江安吉"), ("原料产地", "贵州普安"))
    assert "contradiction" in models(screened(screener, on, "安吉白茶 125g", attributes=attributes))


@pytest.mark.parametrize(
    ("title", "origin", "raised"),
    [
        ("Anji White Tea 100g", "Anji County, Huzhou, Zhejiang", set()),
        ("Fuding White Tea 350g", "Fuding, Fujian, China", set()),
        ("Champagne Brut 750ml", "France", set()),
        ("Champagne Brut 750ml", "FR", set()),
        ("Bushmills Irish Whiskey 700ml", "Northern Ireland", set()),
        ("五常大米 10斤", "Wuchang, Heilongjiang", set()),
        ("五常大米 10斤", "Wuchang", {"name-unknown"}),
        ("五常大米 10斤", "Jilin", {"name-outside"}),
        ("Longjing tea 100g", "Vietnam", {"translation"}),
        ("Champagne Brut 750ml", "USA", {"translation"}),
    ],
)
def test_places_in_latin_letters(screener: Screener, on: date, title: str, origin: str, raised: set[str]) -> None:
    screening = screened(screener, on, title, origin=origin)
    assert models(screening) == raised
    if raised == {"translation"}:
        assert "不在保护范围内" in reasons(screening, "translation")[0]


@pytest.mark.parametrize(
    ("title", "origin", "ship_from", "told"),
    [
        ("古井贡酒 献礼", "安徽亳州", "", "标示产地为“安徽亳州”，不足以判断是否在保护范围内"),
        ("五常大米 10斤", "Mountains", "", "标示产地为“Mountains”，不足以判断是否在保护范围内"),
        ("五常大米 10斤", "黑龙江", "江苏苏州", "不足以判断是否在保护范围内，发货地为“江苏苏州”"),
        ("五常大米 10斤", "", "", "没有采集到具体产地"),
    ],
)
def test_a_stated_origin_that_tells_nothing_is_told(
    screener: Screener, on: date, title: str, origin: str, ship_from: str, told: str
) -> None:
    (reason,) = reasons(screened(screener, on, title, origin=origin, ship_from=ship_from), "name-unknown")
    assert told in reason
