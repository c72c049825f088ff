"""Places that a text tells without announcing them, and what a listing then tells of its origin."""

from datetime import date
from typing import Any

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import screened

TEA, CRABS, PEEL = (
    ("西湖龙井 250g", "浙江杭州西湖区"),
    ("阳澄湖大闸蟹 8只", "江苏苏州阳澄湖"),
    ("新会陈皮 250g", "广东江门新会"),
)
RICE, ORANGES = ("五常大米 10斤", "黑龙江五常"), ("赣南脐橙 10斤", "江西赣州")


@pytest.mark.parametrize(
    ("goods", "text"),
    [
        (TEA, "新昌原料，杭州包装"),
        (TEA, "嵊州的青叶，拉到西湖区炒的"),
        (PEEL, "广西柑皮，新会仓储"),
        (CRABS, "洗澡蟹，价格实惠"),
        (CRABS, "外地蟹，在阳澄湖过水半个月"),
        (CRABS, "蟹是高邮湖养的，到阳澄湖暂养几天"),
        (RICE, "稻谷是从绥化拉来的，在五常加工打包"),
        (("盘锦大米 10斤", "辽宁盘锦"), "外地米，盘锦抛光"),
        (ORANGES, "橙子是广西富川收来的，赣州打蜡"),
    ],
)
def test_what_is_brought_from_elsewhere_contradicts(
    screener: Screener, on: date, goods: tuple[str, str], text: str
) -> None:
    title, origin = goods
    found = all_findings(screened(screener, {"title": title, "origin": origin, "description": text}, on))
    assert {f.model_id for f in found} == {"contradiction"}


@pytest.mark.parametrize(
    ("goods", "text"),
    [
        (TEA, "西湖区原料，杭州包装"),
        (TEA, "市面上不少是新昌原料杭州包装"),
        (TEA, "朋友在四川茶园工作，也说我家的好"),
        (PEEL, "不用广西皮，新会柑新会仓储"),
        (PEEL, "广西的柑皮也不错，但香气不一样"),
        (CRABS, "绝无洗澡蟹、外地蟹过水"),
        (CRABS, "不是外地蟹过水的洗澡蟹，放心"),
        (CRABS, "外地蟹没有这个味"),
        (RICE, "别家稻谷从绥化拉来在五常加工，我们不是"),
        (("盘锦大米 10斤", "辽宁盘锦"), "不掺外地米"),
        (("信阳毛尖 250g", "河南信阳"), "我们从不收贵州毛茶"),
        (("信阳毛尖 250g", "河南信阳"), "贵州毛茶冒充信阳毛尖的很多"),
        (ORANGES, "别家很多是广西富川收来的"),
        (("东阿阿胶 250g", "山东东阿"), "新疆驴皮，东阿熬制"),
    ],
)
def test_what_is_denied_or_said_of_others_does_not(
    screener: Screener, on: date, goods: tuple[str, str], text: str
) -> None:
    title, origin = goods
    assert not screened(screener, {"title": title, "origin": origin, "description": text}, on).suspicions


@pytest.mark.parametrize(
    ("title", "text", "place"),
    [
        ("平谷大桃 8斤", "我家果园在河北满城，自己种的", "河北满城"),
        ("怀山药 5斤", "俺们家在山东菏泽定陶种的山药，沙地长的", "山东菏泽定陶"),
        ("平谷大桃 8斤", "山东蒙阴果园直发", "山东蒙阴"),
        ("兰州百合 2斤", "湖南龙山货源，兰州分装", "湖南龙山"),
    ],
)
def test_a_place_told_in_chat_is_read(screener: Screener, on: date, title: str, text: str, place: str) -> None:
    (found,) = all_findings(screened(screener, {"title": title, "description": text}, on))
    assert found.model_id == "name-outside" and place in found.reason


def test_a_garden_of_the_area_is_no_other_place(screener: Screener, on: date) -> None:
    record = {"title": "烟台苹果 10斤", "origin": "山东烟台栖霞", "description": "我们在山东栖霞果园现摘"}
    assert not screened(screener, record, on).suspicions
    assert screened(screener, {"title": "莱阳梨园直发 5斤"}, on).suspicions


def test_a_warehouse_after_the_goods_is_no_origin(screener: Screener, on: date) -> None:
    record = {"title": "五常大米 10斤", "description": "五常大米（沈阳仓发货）"}
    assert {f.model_id for f in all_findings(screened(screener, record, on))} == {"name-unknown"}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("阿克苏苹果 10斤", "果园位于陕西省延安市宜川县,海拔1100米"),
        ("洛川苹果 20枚", "我们的果园在山西运城平陆,欢迎来摘"),
        ("砀山酥梨 10斤", "我家梨园在河南商丘宁陵县石桥镇"),
        ("诺邓火腿 500g", "火腿出自四川凉山盐源,海拔2500米"),
        ("平阴玫瑰 花茶 100g", "花期在云南安宁八街,清晨带露采摘"),
        ("平阴玫瑰 花茶 100g", "云南安宁八街采摘,低温烘干"),
        ("固城湖螃蟹 8只", "兴化大纵湖蟹塘直供,每天凌晨起网"),
        ("富平柿饼 500g", "柿子用的月柿,广西桂林恭城莲花镇自家晾房,自然风干"),
        ("六堡茶 500g", "茶是广东肇庆怀集自家茶厂渥堆的"),
        ("沁州黄小米 5斤", "河北蔚县老乡种的,地里没打过药"),
        ("沁州黄小米 5斤", "我们家在河南安阳林州山里,地是红土地,自己种的谷子"),
        ("和田大枣 5斤", "我们河北沧县的枣农自己晒的枣,肉厚核小"),
        ("五常大米 10斤", "稻子种在吉林松原"),
        ("洛川苹果 20枚", "今年我们山西临猗的苹果卖相特别好,欢迎复购老客户"),
        ("五常大米 10斤", "我家江苏射阳的大米"),
    ],
)
def test_where_the_goods_grow_is_read_as_their_origin(screener: Screener, on: date, title: str, text: str) -> None:
    found = all_findings(screened(screener, {"title": title, "description": text}, on))
    assert "name-outside" in {f.model_id for f in found}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("金乡大蒜 10斤", "山东济宁金乡县鱼山镇自己家种的。"),
        ("砀山酥梨 9斤", "我家梨园在安徽砀山县良梨镇,老梨树八十年。"),
        ("富平柿饼 500g", "自家在富平县曹村镇太白村晾的。"),
        ("信阳毛尖 250g", "茶山在浉河区董家河镇,四月初炒的。"),
        ("五常大米 10斤", "黑龙江五常老乡种的"),
    ],
)
def test_where_the_goods_grow_in_the_area_asks_for_no_proof(
    screener: Screener, on: date, title: str, text: str
) -> None:
    assert not screened(screener, {"title": title, "description": text}, on).suspicions


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("五常大米 10斤", "我在云南旅游时拍的照片,大米慢慢寄"),
        ("五常大米 10斤", "包装在广东做的,用料厚实"),
        ("五常大米 10斤", "包装盒很好看,广东自家工厂做的"),
        ("五常大米 10斤", "上海做的检测,农残零检出"),
        ("五常大米 10斤", "礼盒设计出自上海名师"),
        ("五常大米 10斤", "我家在北京,爸妈在五常自己种的稻子"),
        ("五常大米 10斤", "我家在北京,帮老家人卖米"),
        ("五常大米 10斤", "我家在五常,欢迎来玩"),
        ("五常大米 10斤", "发货仓在沈阳,当天发"),
        ("五常大米 10斤", "公司位于浙江杭州余杭区,直播基地位于上海"),
        ("五常大米 10斤", "别人的稻田在江苏射阳,冒充的很多"),
        ("五常大米 10斤", "和江苏射阳农家种的不同,五常米油性大"),
        ("五常大米 10斤", "不是江苏射阳种的"),
        ("五常大米 10斤", "感谢我们江苏的客户,大米当天发"),
        ("五常大米 10斤", "我们江苏射阳的大米也不错,五常的更香"),
        ("五常大米 10斤", "不像我们江苏的大米,五常大米油性大"),
        ("五常大米 10斤", "我们江苏人爱吃的大米"),
        ("五常大米 10斤", "我们上海的仓库发大米"),
        ("洛川苹果 10斤", "在山东烟台果园学过技术"),
        ("西湖龙井 250g", "朋友的茶园在贵州,也好"),
        ("阳澄湖大闸蟹 8只", "兴化的蟹塘我们也考察过"),
        ("安吉白茶 100g", "现在全国都有,种在四川的采得早"),
        ("平阴玫瑰 100g", "云南采摘季在三月,平阴在五月"),
        ("平阴玫瑰 100g", "我们去云南采摘过玫瑰"),
        ("洛川苹果 10斤", "山东大棚膜覆盖,保温好"),
    ],
)
def test_places_of_other_things_and_people_are_no_origin(screener: Screener, on: date, title: str, text: str) -> None:
    found = all_findings(screened(screener, {"title": title, "description": text}, on))
    assert {f.model_id for f in found} == {"name-unknown"}


TOWN = {"title": "金乡大蒜 10斤", "attributes": {"产地": "鱼山镇"}}


@pytest.mark.parametrize(
    ("record", "models"),
    [
        (TOWN, {"name-unknown"}),
        ({**TOWN, "description": "山东济宁金乡鱼山镇,蒜农自己家的"}, set()),
        ({**TOWN, "title": "金乡大蒜 金乡县鱼山镇 10斤"}, set()),
        ({**TOWN, "title": "金乡大蒜 鱼山镇 10斤"}, {"name-unknown"}),
        ({**TOWN, "shop": "金乡鱼山镇蒜业"}, {"name-unknown"}),
        ({**TOWN, "description": "店在金乡,河南杞县鱼山镇的蒜"}, {"name-outside"}),
        ({**TOWN, "description": "店在金乡,鱼山镇的蒜"}, {"name-unknown"}),
    ],
)
def test_a_town_is_where_the_listing_says_its_county_is(
    screener: Screener, on: date, record: dict[str, Any], models: set[str]
) -> None:
    assert {f.model_id for f in all_findings(screened(screener, record, on))} == models


@pytest.mark.parametrize(
    "known",
    [
        {"description": "民乐乡种的，自家的地"},
        {"description": "产自民乐乡，自家的地"},
        {"description": "龙凤山镇自家地里的"},
        {"attrs": {"产地": "民乐乡"}},
    ],
)
def test_a_town_is_not_the_division_whose_name_it_begins_with(
    screener: Screener, on: date, known: dict[str, Any]
) -> None:
    record = {"title": "五常大米 10斤", **known}
    assert {f.model_id for f in all_findings(screened(screener, record, on))} == {"name-unknown"}
    inside = {"origin": "黑龙江五常"} | record
    assert not all_findings(screened(screener, inside, on))


@pytest.mark.parametrize("text", ["甘肃民乐县种的", "产自甘肃民乐", "广西恭城莲花镇的稻田"])
def test_a_town_in_another_division_is_outside(screener: Screener, on: date, text: str) -> None:
    record = {"title": "五常大米 10斤", "description": text}
    assert {f.model_id for f in all_findings(screened(screener, record, on))} == {"name-outside"}
