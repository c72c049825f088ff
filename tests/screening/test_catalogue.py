"""The catalogue, one by one: what must flag (P01–P20) and what must not (N01–N25), each under its code."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from gimonitor.model.finding import History
from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.model.register import Certainty, Fact, Register
from gimonitor.model.zone import BEIJING
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of
from tests.screening.recorded import OUTSIDE, screened

FLAG: dict[str, list[tuple[dict[str, Any], str]]] = {
    "P01": [
        ({"title": "五常大米 10斤", **OUTSIDE}, "name-outside"),
        ({"title": "西湖龙井 绿茶 250g", "attrs": {"产地": "四川"}}, "name-outside"),
        ({"title": "阳澄湖大闸蟹 8只", "description": "产地：江苏省南京市高淳区"}, "name-outside"),
        ({"title": "香槟起泡酒 750ml", "attrs": {"原产国": "西班牙"}}, "name-outside"),
        ({"title": "菲达奶酪 200g", "origin": "丹麦"}, "name-outside"),
        ({"title": "五常大米做的饭真香 10斤", **OUTSIDE}, "name-outside"),
    ],
    "P02": [
        ({"title": "五常风味大米 10斤", **OUTSIDE}, "style"),
        ({"title": "新会工艺陈皮 500g", "origin": "广西南宁"}, "style"),
        ({"title": "西湖龙井同款 绿茶 250g", "origin": "贵州"}, "style"),
        ({"title": "沁州黄种小米 5斤", "origin": "河南洛阳"}, "style"),
        ({"title": "洛川同款红富士 12枚", "origin": "甘肃庆阳"}, "style"),
        ({"title": "景德镇风格青花瓷碗 10个装", "origin": "广东潮州"}, "style"),
    ],
    "P03": [
        ({"title": "伍常大米 10斤"}, "near-listed"),
        ({"title": "五·常·大·米 10斤"}, "near-split"),
        ({"title": "五丶常丶大丶米 10斤"}, "near-split"),
        ({"title": "西湖尤井 绿茶 250g"}, "near-shape"),
        ({"title": "西胡龙井 绿茶 250g"}, "near-sound"),
        ({"title": "xi hu long jing 绿茶 250g"}, "near-pinyin"),
        ({"title": "五chang大米 10斤"}, "near-pinyin"),
        ({"title": "安吉珍品白茶 250g"}, "near-inserted"),
        ({"title": "阳澄湖周边大闸蟹 8只"}, "near-inserted"),
        ({"title": "霍山镇石斛 50g"}, "near-inserted"),
        ({"title": "大米 五常 10斤"}, "near-inverted"),
        ({"title": "伍常稻花香 10斤"}, "near-sound"),
        ({"title": "镇讧香醋 500ml"}, "near-shape"),
        ({"title": "香梨 正宗库尔勒 10斤", "origin": "河北"}, "near-inverted"),
        ({"title": "阳澄湖清水毛蟹 4对", **OUTSIDE}, "near-inserted"),
    ],
    "P04": [({"title": "五常大米 10斤", "attrs": {"执行标准": "GB/T 1354"}}, "standard")],
    "P05": [
        ({"title": "五常大米 10斤", "image_text": "国家地理标志保护产品 地理标志专用标志", **OUTSIDE}, "mark-shown")
    ],
    "P06": [
        (
            {"title": "五常大米 10斤", "image_text": "地理标志专用标志 91230184MA19EXYP0B"},
            "uscc",
        )
    ],
    "P07": [
        ({"title": "农家大米 国家地理标志保护产品 10斤"}, "mark-claim"),
        ({"title": "国家地理标志产品 手工挂面", "origin": "陕西"}, "mark-claim"),
    ],
    "P08": [({"title": "五常大米 10斤", "image_text": "国家地理标志保护产品 PGI 原产地域产品"}, "abolished-claim")],
    "P09": [
        ({"title": "五常大米包装袋 10斤装 手提礼盒 100个"}, "packaging"),
        ({"title": "潜江龙虾 打包袋 外卖袋 100只"}, "packaging"),
        ({"title": "洛川苹果 打包袋 加厚 500个"}, "packaging"),
        ({"title": "地理标志防伪贴纸 1000贴"}, "packaging-words"),
        ({"title": "洛川苹果贴纸 果贴 1000枚"}, "packaging"),
    ],
    "P10": [({"title": "东北大米 长粒香 10斤", "shop": "五常大米专卖店", **OUTSIDE}, "shop-name")],
    "P11": [({"title": "东北大米 长粒香 10斤", "keywords": ["五常大米"]}, "keywords")],
    "P13": [({"title": "阳澄湖大闸蟹 鲜活现货 8只", "origin": "江苏省苏州市相城区阳澄湖镇"}, "season")],
    "P14": [
        ({"title": "五常大米 10斤", "origin": "黑龙江省五常市", "description": "产地：安徽省合肥市"}, "contradiction")
    ],
    "P15": [({"title": "五常大米 10斤", "image_text": "SC10114012100014"}, "sc-region")],
    "P17": [({"title": "Anji White Tea 250g 绿茶", **OUTSIDE}, "translation")],
    "P18": [({"title": "阳澄湖大闸蟹防伪蟹扣 1000个"}, "packaging")],
    "P19": [({"title": "五常大米 贴牌代工 一件代发 10斤"}, "supply")],
}

PASS: dict[str, list[dict[str, Any]]] = {
    "N01": [{"title": "保温杯 500ml", "shop": "五常市某某商贸有限公司"}, {"title": "安吉物流同款保温杯 500ml"}],
    "N02": [
        {"title": "八宝粥 12罐", "attrs": {"配料": "五常大米、红豆"}},
        {"title": "醉枣 泡绍兴酒 零食", "attrs": {"配料": "骏枣、绍兴黄酒"}, "origin": "山西"},
        {"title": "火锅底料 添加郫县豆瓣 500g", "origin": "重庆"},
        {"title": "醉枣 绍兴酒浸泡 500g", "origin": "山西"},
    ],
    "N03": [{"title": "五常大米 10斤", "attrs": {"产地": "黑龙江五常"}}],
    "N04": [{"title": "东北大米 10斤", "description": "五常在黑龙江省南部。"}],
    "N05": [
        {"title": "潼关肉夹馍 外卖 单人餐"},
        {"title": "潜江龙虾 麻辣小龙虾 外卖"},
        {"title": "龙井虾仁 杭帮菜 半成品 300g"},
        {"title": "新会陈皮鸭 4人餐", "category": "美食团购"},
    ],
    "N06": [{"title": "五常大米 10斤", "origin": "黑龙江省哈尔滨市五常市"}],
    "N08": [{"title": "五常大米 厂家直销 10斤", "ship_from": "黑龙江 五常"}],
    "N09": [
        {"title": "五常大米专用电饭煲 3L"},
        {"title": "西湖龙井 玻璃茶杯 泡茶杯"},
        {"title": "阳澄湖大闸蟹绑绳 蟹绳 捆蟹专用"},
        {"title": "普洱茶 沐浴露", "origin": "广东"},
        {"title": "五常大米做的锅巴 500g", **OUTSIDE},
        {"title": "帕尔玛火腿披萨", "origin": "上海"},
        {"title": "自热米饭 五常大米饭 番茄牛腩", "origin": "重庆"},
        {"title": "回锅肉料理包 用郫县豆瓣炒制 200g", "origin": "重庆"},
        {"title": "新会小青柑普洱茶 500g", "origin": "广东江门新会"},
    ],
    "N10": [{"title": "五常大米 稻种 稻花香2号"}, {"title": "安吉白茶 茶苗 100株"}],
    "N11": [{"title": "大米包装袋 手提礼盒 100个"}],
    "N12": [{"title": "西湖龙井 图书 绿茶 正版"}, {"title": "新会陈皮 打假新闻 剪报集"}],
    "N13": [
        {"title": "非五常大米 东北珍珠米 10斤"},
        {"title": "本品不是西湖龙井 是普通绿茶"},
        {"title": "珍珠米10kg 非五常大米 介意勿拍", "origin": "吉林"},
        {"title": "香梨 非库尔勒 河北产 10斤", "origin": "河北"},
        {"title": "螃蟹 洪泽湖 4对", "origin": "江苏淮安", "description": "问：是阳澄湖大闸蟹吗？答：不是。"},
        {"title": "大米 10斤", "origin": "吉林", "description": "很多商家拿普通大米冒充五常大米，我们只卖吉林大米"},
    ],
    "N14": [{"title": "《五常大米调查报告》 电子版"}],
    "N15": [{"title": "家用蒸锅 24cm", "description": "食谱：蒸大闸蟹，水开后十五分钟。"}],
    "N16": [
        {"title": "铁观音 浓香型 250g"},
        {"title": "香槟色 连衣裙 女"},
        {"title": "新疆哈密瓜 5斤"},
        {"title": "云雾绿茶 日照充足 高山 250g", "origin": "湖北宜昌"},
        {"title": "苏州西山碧螺春绿茶 250g", "origin": "江苏苏州"},
    ],
    "N18": [
        {"title": "红富士苹果 洛川产 10斤", "origin": "陕西省延安市洛川县"},
        {"title": "骏枣 500g"},
        {"title": "龙井43 绿茶 明前 250g"},
        {"title": "四川峨眉山 福鼎大白种 白茶", "origin": "四川"},
    ],
    "N19": [
        {"title": "栖霞苹果 10斤", "origin": "山东省烟台市栖霞市"},
        {"title": "山东栖霞优质红富士 8个 烟台苹果 新鲜"},
        {"title": "河南温县铁棍山药 3kg"},
    ],
    "N21": [{"title": "逍遥镇胡辣汤 12包"}],
    "N24": [{"title": "自家种的大米 农户自产 10斤"}],
}


def cases(catalogue: dict[str, list[Any]]) -> list[Any]:
    return [pytest.param(c, id=f"{code}-{i}") for code, found in catalogue.items() for i, c in enumerate(found, 1)]


@pytest.mark.parametrize("case", cases(FLAG))
def test_flags(case: tuple[dict[str, Any], str], screener: Screener, on: date) -> None:
    record, model = case
    day = date(2025, 8, 15) if model == "season" else on
    assert model in {f.model_id for f in all_findings(screened(screener, record, day))}


@pytest.mark.parametrize("record", cases(PASS))
def test_passes(record: dict[str, Any], screener: Screener, on: date) -> None:
    screening = screened(screener, record, on)
    assert not screening.suspicions, [f.reason for f in all_findings(screening)]


def test_p13_without_this_years_opening_day_those_of_other_years_speak_but_unverified(screener: Screener) -> None:
    record = {"title": "阳澄湖大闸蟹 鲜活现货 8只", "origin": "江苏省苏州市相城区阳澄湖镇"}
    (found,) = all_findings(screened(screener, record, date(2023, 8, 15)))
    assert found.model_id == "season"
    assert found.unverified
    assert not screened(screener, record, date(2023, 9, 20)).suspicions
    assert not screened(screener, record, date(2023, 11, 1)).suspicions


@pytest.fixture(scope="module")
def priced(register: Register) -> Screener:
    """The register with a reference price for one GI, which the shipped one lacks."""
    floor = ((2026, Fact(value=1700, certainty=Certainty.FOUND, source="a market's own report")),)
    (gi,) = (replace(gi, price_floors_fen=floor) for gi in register.gis if gi.id == "hlj-wuchang-dami")
    return Screener(replace(register, gis=(gi,)))


def test_p12_a_price_far_below_the_reference_price(priced: Screener, on: date) -> None:
    low, high = (listing_of({"title": "五常大米 10斤", "price": yuan, **OUTSIDE}) for yuan in (9.9, 180))
    assert "price" in {f.model_id for f in all_findings(priced.screen(low, on))}
    assert "price" not in {f.model_id for f in all_findings(priced.screen(high, on))}


def test_p16_an_authorised_user_is_reminded_and_never_a_lead(screener: Screener, register: Register, on: date) -> None:
    user = next(u for u in register.users if u.is_active(on))
    shop = Shop(name="某店", subject=Subject(name=user.name, uscc=user.uscc))
    title = f"国家地理标志保护产品 {register.gi(user.gi_id).name} 10斤"
    screening = screener.screen(Listing(platform="practice", item_id="1", title=title, shop=shop), on)
    assert not screening.suspicions
    assert "mark-duty" in {r.model_id for r in screening.reminders}


def test_p20_a_repeated_subject_weighs_more(screener: Screener, on: date) -> None:
    listing = listing_of({"title": "五常大米 10斤", **OUTSIDE})
    (first,) = screener.screen(listing, on).suspicions
    (again,) = screener.screen(listing, on, History(removals=1, confirmed=2, penalties=1)).suspicions
    assert "repeat" in {f.model_id for f in again.findings}
    assert again.score.total > first.score.total


def test_n07_goods_of_an_authorised_user_resold(screener: Screener, register: Register, on: date) -> None:
    user = next(u for u in register.users if u.is_active(on) and u.brands)
    record = {"title": f"{register.gi(user.gi_id).name} 10斤", "brand": user.brands[0]}
    screening = screened(screener, record, on)
    assert not screening.suspicions
    assert "N07" in {c.code for c in screening.clearings}


def test_n17_the_brand_of_a_firm_lowers_and_is_shown(screener: Screener, on: date) -> None:
    plain, branded = (screened(screener, {"title": t}, on) for t in ("五粮液 52度 500ml", "五粮液股份 52度 500ml"))
    (one,), (other,) = plain.suspicions, branded.suspicions
    assert other.score.total < one.score.total
    assert {c.code for f in other.findings for c in f.considered} & {"N01", "N17"}


def test_n20_the_mark_in_an_authorised_users_own_shop(screener: Screener, register: Register, on: date) -> None:
    user = next(u for u in register.users if u.is_active(on))
    shop = Shop(name="某店", subject=Subject(name=user.name, uscc=user.uscc))
    gi = register.gi(user.gi_id)
    listing = Listing(platform="p", item_id="1", title=f"{gi.name}", image_text="地理标志专用标志", shop=shop)
    screening = screener.screen(listing, on)
    assert not screening.suspicions
    assert "N20" in {c.code for c in screening.clearings if c.decisive}


def test_n22_n23_old_marks_weigh_little_and_say_that_old_stock_is_lawful(screener: Screener, on: date) -> None:
    screening = screened(screener, {"title": "五常大米 10斤", "image_text": "原产地域产品"}, on)
    old = [f for f in all_findings(screening) if f.model_id == "abolished-claim"]
    assert old
    assert all(f.confidence <= 0.4 and "可以继续流通" in f.reason for f in old)


LONGJING = {"title": "Longjing Green Tea 100g"}


@pytest.mark.parametrize(
    "record",
    [
        {**LONGJING, "platform": "amazon.com", "description": "Ships from Seattle to US only."},
        {**LONGJING, "platform": "ebay"},
        {**LONGJING, "url": "https://www.amazon.co.uk/dp/B000"},
        {"title": "西湖龙井 100g", "platform": "yamibuy.com", "description": "仅限美国境内配送", "origin": "贵州"},
    ],
    ids=str,
)
def test_n25_what_is_offered_to_buyers_abroad_only_is_lowered(
    record: dict[str, Any], screener: Screener, on: date
) -> None:
    def found(record: dict[str, Any]) -> list[Any]:
        return list(all_findings(screened(screener, record, on)))

    here = found({**record, "platform": "taobao"})
    assert here and [f.confidence for f in found(record)] < [f.confidence for f in here]
    assert [c.code for f in found(record) for c in f.considered] == ["N25"]


@pytest.mark.parametrize(
    "record",
    [
        {**LONGJING, "platform": "taobao", "description": "US only"},
        {**LONGJING, "platform": "amazon.cn"},
        {**LONGJING, "platform": "aliexpress"},
        {**LONGJING, "platform": "ebay", "description": "We ship worldwide."},
        {**LONGJING, "url": "http://[x"},
        {"title": "西湖龙井 100g", "platform": "ebay", "origin": "贵州"},
    ],
    ids=str,
)
def test_n25_says_nothing_of_what_buyers_here_are_offered(record: dict[str, Any], screener: Screener, on: date) -> None:
    found = all_findings(screened(screener, record, on))
    assert found and not [c for f in found for c in f.considered]


@pytest.mark.parametrize(
    "record",
    [
        {"title": "五常大米 10斤 PGI标志", "attrs": {"生产日期": "2018-03-02"}},
        {"title": "五常大米 10斤 2018年生产", "image_text": "原产地域产品"},
        {"title": "五常大米 10斤 PGI标志", "description": "生产日期：2020年12月"},
        {"title": "五常大米 10斤 2018年生产", "image_text": "地理标志保护产品 PGI"},
    ],
)
def test_n22_goods_made_in_time_bear_the_old_mark_and_what_cleared_it_is_shown(
    record: dict[str, Any], screener: Screener, on: date
) -> None:
    screening = screened(screener, record, on)
    assert "abolished-claim" not in {f.model_id for f in all_findings(screening)}
    (clearing,) = (c for c in screening.clearings if c.code == "N22")
    assert clearing.decisive and clearing.place is not None and "20" in clearing.place.text


@pytest.mark.parametrize("made", ["2022年5月", "2020-13-02", "见包装", "2018年 2023年"])
def test_n22_nothing_is_cleared_by_a_later_day_or_none(made: str, screener: Screener, on: date) -> None:
    text = f"生产日期：{made} 生产日期：2023年" if " " in made else f"生产日期：{made}"
    screening = screened(screener, {"title": "五常大米 10斤 PGI标志", "description": text}, on)
    assert "abolished-claim" in {f.model_id for f in all_findings(screening)}
    assert "N22" not in {c.code for c in screening.clearings}


def test_n22_a_claim_without_a_name_too(screener: Screener, on: date) -> None:
    screening = screened(screener, {"title": "PGI标志 山药 5斤", "attrs": {"生产日期": "2019年5月"}}, on)
    assert not screening.suspicions
    assert {c.code for c in screening.clearings} == {"N22"}


def test_p13_nothing_is_picked_far_from_the_months_of_harvest(screener: Screener) -> None:
    """赣南脐橙: 11—2月; stored ones are sold beyond, but not as fresh from the tree."""
    july, december, march = date(2026, 7, 10), date(2026, 12, 10), date(2026, 3, 10)

    def fires(title: str, on: date) -> bool:
        return "season" in {f.model_id for f in all_findings(screened(screener, {"title": title}, on))}

    assert fires("赣南脐橙 现摘现发 10斤", july)
    assert not fires("赣南脐橙 现货 10斤", july)
    assert not fires("赣南脐橙 现摘 预售 10斤", july)
    assert not fires("赣南脐橙 现摘现发 10斤", december)
    assert not fires("赣南脐橙 现摘现发 10斤", march)


def test_n25_an_offer_in_another_currency_says_nothing_by_its_price(priced: Screener, on: date) -> None:
    listing = replace(listing_of({"title": "五常大米 10斤", "price": 9.9, **OUTSIDE}), currency="USD")
    assert "price" not in {f.model_id for f in all_findings(priced.screen(listing, on))}


def test_a_day_far_back_is_judged_by_the_law_of_that_day(screener: Screener) -> None:
    observed = datetime(2023, 5, 1, tzinfo=BEIJING).date()
    (suspicion,) = screened(screener, {"title": "五常大米 10斤", **OUTSIDE}, observed).suspicions
    cited = {c.instrument for f in suspicion.findings for c in f.law}
    assert not any("第80号" in instrument for instrument in cited)


@pytest.mark.parametrize(
    ("name", "origin"),
    [("宁夏枸杞 500g", "宁夏银川"), ("陕西苹果 10斤", "陕西渭南白水县"), ("响水大米 10斤", "江苏盐城响水县")],
)
def test_a_place_that_bears_the_name_is_not_outside(name: str, origin: str, screener: Screener, on: date) -> None:
    models = {f.model_id for f in all_findings(screened(screener, {"title": name, "origin": origin}, on))}
    assert models == {"name-unknown"}


@pytest.mark.parametrize("title", ["安吉白茶2027新茶 明前现货", "2027年新茶 安吉白茶"])
def test_p13_a_harvest_of_the_year_to_come_cannot_be_on_sale(title: str, screener: Screener, on: date) -> None:
    record = {"title": title, "origin": "浙江安吉"}
    assert {f.model_id for f in all_findings(screened(screener, record, on))} == {"season"}
    assert not screened(screener, record | {"title": title + " 预售"}, on).suspicions
    assert not screened(screener, record, date(2027, 4, 10)).suspicions


def test_p13_a_season_that_ends_in_the_year_to_come_has_begun(screener: Screener, on: date) -> None:
    record = {"title": "赣南脐橙 2026-2027新果 10斤", "origin": "江西赣州"}
    assert not screened(screener, record, on).suspicions


def test_p16_an_authorised_user_who_states_another_origin_is_reminded(
    screener: Screener, register: Register, on: date
) -> None:
    home = next(gi.id for gi in register.gis if gi.name == "五常大米")
    user = next(u for u in register.users if u.gi_id == home and u.shops and u.is_active(on))
    (platform, shop) = user.shops[0]
    own = {"title": "五常大米 10斤", "platform": platform, "shop": shop, "uscc": user.uscc}
    screening = screened(screener, own | {"origin": "江苏宿迁"}, on)
    assert not screening.suspicions
    assert "name-outside" in {f.model_id for f in screening.reminders}
    assert "name-outside" not in {f.model_id for f in screened(screener, own | {"origin": "黑龙江五常"}, on).reminders}


def test_n17_a_brand_that_begins_with_the_place_lowers(screener: Screener, on: date) -> None:
    record = {"title": "五常稻舟牌 东北大米 10斤", "origin": "黑龙江"}
    (plain,) = all_findings(screened(screener, record, on))
    (lowered,) = all_findings(screened(screener, record | {"brand": "五常稻舟"}, on))
    assert lowered.confidence < plain.confidence
    assert "N17" in {c.code for c in lowered.considered}


@pytest.mark.parametrize(
    ("maker", "is_asked"),
    [
        ("五常市某某米业有限公司", True),
        ("{name}", False),
        ("见包装", False),
        ("{name}第二加工厂", False),
    ],
)
def test_p06_a_users_code_beside_another_maker_asks_for_proof(
    maker: str, is_asked: bool, screener: Screener, register: Register, on: date
) -> None:
    home = next(gi.id for gi in register.gis if gi.name == "五常大米")
    user = next(u for u in register.users if u.gi_id == home and u.uscc and u.is_active(on))
    record = {
        "title": "五常大米 10斤",
        "origin": "黑龙江五常",
        "image_text": f"中华人民共和国地理标志 {user.uscc}",
        "attrs": {"厂名": maker.format(name=user.name)},
    }
    found = [f for f in all_findings(screened(screener, record, on)) if f.family == "uscc"]
    assert bool(found) is is_asked
    assert all(user.name in f.reason and maker in f.reason for f in found)
    decisive = {c.code for c in screened(screener, record, on).clearings if c.decisive}
    assert ("N07" in decisive) is not is_asked


def test_p06_in_the_users_own_shop_another_maker_works_for_him(
    screener: Screener, register: Register, on: date
) -> None:
    user = next(u for u in register.users if u.uscc and u.shops and u.is_active(on))
    gi = register.gi(user.gi_id)
    (platform, shop) = user.shops[0]
    record = {
        "title": f"{gi.name} 500g",
        "platform": platform,
        "shop": shop,
        "image_text": f"中华人民共和国地理标志 {user.uscc}",
        "attrs": {"厂名": "某某食品有限公司"},
    }
    assert not [f for f in all_findings(screened(screener, record, on)) if f.family == "uscc"]
