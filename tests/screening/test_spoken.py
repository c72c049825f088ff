"""Places that a text tells without announcing them, and what a listing then tells of its origin."""

from datetime import date

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
