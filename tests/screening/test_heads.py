"""What is sold is named as the head of a title: words of other goods that are no head clear nothing."""

from datetime import date

import pytest

from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.screening import Screener
from gimonitor.screening.dictionary import is_word
from gimonitor.screening.heads import is_begun
from gimonitor.screening.lab import all_findings
from gimonitor.screening.sheet import lay_out

OUTSIDE = "河北唐山"


def screened(screener: Screener, on: date, title: str, origin: str = "", category: str = "") -> Screening:
    return screener.screen(Listing(platform="p", item_id="", title=title, origin=origin, category=category), on)


def families(screening: Screening) -> set[str]:
    return {finding.family for finding in all_findings(screening)}


@pytest.mark.parametrize("name", ["五常大米", "西湖龙井", "阳澄湖大闸蟹", "永春老醋", "金华火腿", "西凤酒"])
@pytest.mark.parametrize(
    "phrase",
    [
        "餐厅酒店专用", "饭店同款食材", "奶茶店专用", "酒店特供", "旅游特产", "图书馆", "食谱随机送", "纪录片推荐",  # a venue, a use, a gift
        "手工现炒", "包饺子", "凉拌蘸饺子", "做蛋炒饭", "做月饼馅", "搭配牛奶", "熬八宝粥", "做煲仔饭", "拌面条",  # what it is cooked to, or eaten with
        "减脂代餐", "无农药", "适合电饭锅", "用保温杯泡", "机器人分拣", "送开瓶器", "质检报告",
        "店里爆款", "种类齐全", "种植基地直供",  # read on from the name: another word
    ],
)  # fmt: skip
def test_a_word_that_is_no_head_clears_nothing(name: str, phrase: str, screener: Screener, on: date) -> None:
    for title in (f"{name} {phrase} 500g", f"{name}{phrase}", f"{phrase} {name}"):
        assert "name-outside" in families(screened(screener, on, title, OUTSIDE)), title


@pytest.mark.parametrize(
    "title",
    [
        "五常大米饺子 500g", "西湖龙井茶具", "西湖龙井 玻璃茶具套装", "五常大米储米桶 20斤", "普洱茶盒 茶饼盒 木质",
        "涪陵榨菜切丝机 商用切菜机", "赣南脐橙开橙器", "富平柿饼晾晒架", "适用于章丘大葱的收获机 手扶", "宣纸毛毡 书法垫",
        "平阴玫瑰花苗 重瓣玫瑰", "岷县当归籽", "西峡香菇菌种", "昭通天麻种 零代种", "金乡大蒜种 紫皮蒜种", "盐池滩羊种羊 活体",
        "中国名茶丛书 安溪铁观音 平装书", "景德镇陶瓷史 上下册 精装", "宜兴紫砂壶全鉴", "五常大米调查报告",
        "固城湖螃蟹 双人餐 代金券", "宣威火腿炒饭 单人餐",
        "平阴玫瑰鲜花饼", "东阿阿胶红糖姜茶", "郫县豆瓣味鸭脖", "镇江香醋味锅巴",
        "Parma ham slicer machine", "Puerh tea pick knife", "Anji white tea seedlings", "knife for Parma ham",
    ],
)  # fmt: skip
def test_other_goods_are_cleared_wherever_they_come_from(title: str, screener: Screener, on: date) -> None:
    assert not screened(screener, on, title).suspicions
    assert not screened(screener, on, title, "浙江义乌").suspicions


def test_a_doubt_lowers_where_the_origin_is_stated_outside(screener: Screener, on: date) -> None:
    title = "五常大米 饺子 新货"  # two heads: rice, and what it may be eaten with
    assert screened(screener, on, title).stage is Stage.NOT_GOODS
    screening = screened(screener, on, title, OUTSIDE)
    (finding,) = [f for f in all_findings(screening) if f.family == "name-outside"]
    assert [c.code for c in finding.considered] == ["N09"]
    plain = next(
        f for f in all_findings(screened(screener, on, "五常大米 新货", OUTSIDE)) if f.family == "name-outside"
    )
    assert finding.confidence < plain.confidence


def test_a_measure_after_the_name_says_that_it_is_sold(screener: Screener, on: date) -> None:
    assert "name-outside" in families(screened(screener, on, "五常大米10斤 收纳罐", OUTSIDE))


@pytest.mark.parametrize(
    "title",
    ["镇江香醋口味米醋 500ml", "西湖龙井味绿茶", "郫县豆瓣味豆瓣酱", "山西老陈醋味 2.5L", "涪陵榨菜口味下饭榨菜丝"],
)
def test_taste_of_its_own_kind_stays_a_style(title: str, screener: Screener, on: date) -> None:
    assert "style" in families(screened(screener, on, title, OUTSIDE))


@pytest.mark.parametrize(
    "title",
    [
        "阿克苏苹果纸箱 10斤装 飞机盒", "宁夏枸杞自封袋 500g 铝箔袋", "奉节脐橙快递箱", "五常大米编织袋 50斤", "阳澄湖大闸蟹标签 防伪码",
        "平遥牛肉包装 彩盒印刷", "山西老陈醋 空壶",
    ],
)  # fmt: skip
def test_packaging_is_told_as_packaging(title: str, screener: Screener, on: date) -> None:
    assert families(screened(screener, on, title)) == {"packaging"}


@pytest.mark.parametrize(
    "title", ["洛川苹果纸箱装 10斤", "阳澄湖大闸蟹 泡沫箱加冰 8只", "赣南脐橙 彩箱包装 10斤", "五常大米 桶装 10斤"]
)
def test_goods_in_their_packaging_are_goods(title: str, screener: Screener, on: date) -> None:
    assert "name-outside" in families(screened(screener, on, title, OUTSIDE))


def test_a_page_is_no_offer(screener: Screener, on: date) -> None:
    screening = screened(screener, on, "打假维权：章丘大葱商标案始末", category="新闻")
    assert not screening.suspicions
    assert [c.code for c in screening.clearings] == ["N14"]


def test_a_firm_read_across_the_name(screener: Screener, on: date) -> None:
    assert not screened(screener, on, "怀山药业 维生素").suspicions


def test_a_word_begun_at_the_end_of_a_name() -> None:
    assert is_word("店里")
    assert is_begun("西凤酒店里爆款", 3, 4)
    assert not is_begun("西湖龙井茶具套装", 5, 6)


@pytest.mark.parametrize(
    ("title", "position", "parted"),
    [("大米5㎏装", 4, False), ("大米5㎏装", 5, False), ("五常·大米", 2, True), ("五常大米", 2, False)],
)
def test_characters_made_of_one_are_not_parted(title: str, position: int, parted: bool) -> None:
    assert lay_out(Listing(platform="p", item_id="1", title=title)).is_parted(position) is parted
