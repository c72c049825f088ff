"""Accessories, tools, prints and toys that no list names, told by signs; and the goods themselves, whatever lies beside them."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

OUTSIDE = "河北唐山"


def families(screener: Screener, on: date, title: str, origin: str = OUTSIDE, **told: object) -> set[str]:
    screening = screener.screen(listing_of({"title": title, "origin": origin, **told}), on)
    return {finding.family for finding in all_findings(screening)}


@pytest.mark.parametrize(
    ("title", "material"),
    [
        ("宣纸毛笔架文房四宝收纳盒书法用品套装初学者", "楠竹"), ("宣纸画框装裱卡纸相框 四尺斗方国画实木框现代中式", ""), ("宣纸毛毡垫书法国画毡加厚桌垫羊毛毡文房用品", "羊毛混纺"),
        ("镇纸黄铜压宣纸书法镇尺一对实木压纸尺文房摆件", "黄铜"), ("龙泉青瓷茶具收纳包旅行便携茶具袋加厚布袋", "棉麻"), ("景德镇瓷器博物馆文创冰箱贴旅游纪念品磁贴", ""),
        ("拼图1000片成人减压 景德镇瓷器青花图案木质拼图", ""), ("陶瓷修复胶水瓷器专用强力胶修补景德镇瓷器玻璃粘合剂", ""), ("卡通抱枕仿真烟台苹果水果毛绒玩具靠垫", ""),
        ("化肥苹果专用肥洛川苹果水溶肥高钾膨果增甜", ""), ("洛川苹果水溶肥 高钾 5kg", ""), ("景德镇瓷器图案帆布包文艺手提袋单肩包", ""), ("仿真五常大米 摄影道具", ""),
        ("德化白瓷修补膏 陶瓷补釉", ""), ("阳澄湖大闸蟹造型 靠枕", ""), ("景德镇瓷器底座 木质托架 花瓶底座", "实木"), ("仿真水果 烟台苹果 泡沫模型 摆件装饰", ""),
        ("宜兴紫砂壶专用养壶刷 茶道配件", ""),
    ],
)  # fmt: skip
def test_signs_tell_other_goods(title: str, material: str, screener: Screener, on: date) -> None:
    assert not families(screener, on, title, attrs={"材质": material} if material else {})
    assert not families(screener, on, title, "", attrs={"材质": material} if material else {})


@pytest.mark.parametrize(
    ("title", "material"),
    [
        ("五常大米 10斤 收纳架", ""), ("五常大米 东北珍珠米 10斤 收纳包", "帆布"), ("五常大米 10斤包邮", ""), ("五常大米 10斤大礼包", ""), ("五常大米 大礼包", ""),
        ("五常大米 新米 5斤包", ""), ("五常大米 图案随机 真空包装", "塑料"), ("五常大米 稻花香 电饭煲煮饭香", "PE"), ("西湖龙井 明前特级 文创礼盒", "铁"),
        ("西湖龙井文创礼盒 250g", "布"), ("洛川苹果 红富士 仿真 10斤", ""), ("洛川苹果 施有机肥 10斤", ""), ("阳澄湖大闸蟹 主题礼盒 8只", ""),
        ("景德镇瓷器 花瓶 摆件 客厅装饰", "树脂"), ("景德镇瓷器笔筒 摆件", ""), ("德化白瓷 茶宠 茶盘", ""), ("宣纸 生宣四尺对开 练习纸", "竹浆"), ("蜀锦 抱枕 靠垫", "涤纶"),
        ("紫砂壶 宜兴紫砂 全手工 西施壶 送布袋", "紫砂"),
    ],
)  # fmt: skip
def test_the_goods_themselves_stay_flagged(title: str, material: str, screener: Screener, on: date) -> None:
    found = families(screener, on, title, attrs={"材质": material} if material else {})
    assert "name-outside" in found
    assert "name-unknown" in families(screener, on, title, "") or "电饭煲" in title


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("龙泉青瓷收纳包", "收纳包"), ("景德镇陶瓷功夫茶具旅行包套装", "旅行包"), ("紫砂壶 宜兴紫砂 全手工 西施壶 布袋", "布袋"), ("宣纸毛笔墨汁套装 初学者", "墨汁"),
        ("烟台苹果图案平安果 礼盒", "图案"),
    ],
)  # fmt: skip
def test_one_sign_only_lowers(title: str, word: str, screener: Screener, on: date) -> None:
    for origin, family in ((OUTSIDE, "name-outside"), ("", "name-unknown")):
        screening = screener.screen(listing_of({"title": title, "origin": origin}), on)
        found = [f for f in all_findings(screening) if f.family == family]
        assert any(word in c.reason and "可能" in c.reason for f in found for c in f.considered)


def test_the_reason_names_the_signs(screener: Screener, on: date) -> None:
    record = {"title": "龙泉青瓷茶具收纳包旅行便携茶具袋加厚布袋", "origin": OUTSIDE, "attrs": {"材质": "棉麻"}}
    reasons = {clearing.reason for clearing in screener.screen(listing_of(record), on).clearings}
    assert reasons == {"标题以“布袋”说明所售的商品；“材质”为“棉麻”；所售是另一种商品"}
    record = {"title": "景德镇瓷器图案帆布包单肩包", "origin": OUTSIDE, "category": "箱包/女包"}
    reasons = {clearing.reason for clearing in screener.screen(listing_of(record), on).clearings}
    assert reasons == {"标题以“单肩包”说明所售的商品；名称之后有“图案”；类目为“箱包/女包”；所售是另一种商品"}


@pytest.mark.parametrize(
    "title",
    ["景德镇陶瓷茶叶罐密封罐空罐大号家用存茶罐青花瓷礼盒装", "宜兴紫砂 茶叶罐 空罐 醒茶罐", "德化白瓷 空罐 茶叶罐"],
)
def test_n06_a_vessel_of_the_gi_is_no_packaging(title: str, screener: Screener, on: date) -> None:
    homes = {"景": "江西景德镇", "宜": "江苏宜兴", "德": "福建德化"}
    assert not families(screener, on, title, homes[title[0]])
    assert families(screener, on, title, "广东潮州") == {"name-outside"}


@pytest.mark.parametrize(
    "title",
    [
        "景德镇瓷器包装盒 空盒 定制",
        "宜兴紫砂茶叶罐 包装盒 锦盒 空盒",
        "景德镇瓷器 防伪标 100枚",
        "西湖龙井 陶瓷茶叶罐 空罐",
    ],
)
def test_p09_what_is_printed_stays_packaging(title: str, screener: Screener, on: date) -> None:
    assert families(screener, on, title, "江西景德镇") == {"packaging"}
