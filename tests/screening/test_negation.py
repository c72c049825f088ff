"""Denials, warnings and comparisons: what they clear is the name they govern, and nothing across a boundary. N13."""

from datetime import date

import pytest

from gimonitor.model.finding import Screening
from gimonitor.screening import Screener
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 22)
NAMES = {
    "五常大米": "大米",
    "西湖龙井": "绿茶",
    "阳澄湖大闸蟹": "大闸蟹",
    "赣南脐橙": "脐橙",
    "宁夏枸杞": "枸杞",
    "金华火腿": "火腿",
    "洛川苹果": "苹果",
    "普洱茶": "黑茶",
}
SOLD = (
    "谨防假冒 {name} 一份",
    "假冒必究 {name} 一份",
    "拒绝假货 {name} 一份",
    "打假专用 正宗{name}",
    "【谨防假冒】{name}",
    "谨防假冒：{name}",
    "比普通货香 {name}",
    "比普通货香的{name}",
    "不是陈货 {name}",
    "不是陈货{name}",
    "并非次品 {name}",
    "不输进口货 {name}",
    "媲美进口货 {name}",
    "区别于普通货 {name}",
    "不是普通的{name}",
    "不卖假{name}",
    "不是{name}，假一赔十",
    "不是{name}不要钱",
    "非{name}不选",
    "是不是{name} 一尝就知道",
    "高性价比{name}",
    "{name}对比普通货更香",
    "{name}区别于普通货",
    "假冒{name}必究 {name} 一份",
    "不是{name} 而是 {name} 一份",
)
DENIED = (
    "不是{name} 普通{goods}",
    "本品不是{name}，是普通{goods}",
    "非{name} 普通{goods}",
    "非 {name} 普通{goods}",
    "并非正宗{name} 普通{goods}",
    "不是什么{name} 普通{goods}",
    "不是【{name}】 普通{goods}",
    "有别于{name}的普通{goods}",
    "普通{goods} not{name}",
    "比{name}更香的普通{goods}",
    "不输{name} 普通{goods}",
    "口感媲美{name} 普通{goods}",
    "胜似正宗{name}的普通{goods}",
    "普通{goods} vs {name}",
    "和{name}一样香 普通{goods}",
    "和{name} 一样香 普通{goods}",
    "别拿它和{name}比 普通{goods}",
    "谢绝与{name}比较 普通{goods}",
    "普通{goods} 跟{name}的口感差不多",
    "举报假冒{name}",
    "谨防假冒{name}",
)


def screen(screener: Screener, title: str, **known: object) -> Screening:
    return screener.screen(listing_of({"title": title, **known}), ON)


def accused(screening: Screening) -> set[str]:
    return {s.gi_name for s in screening.suspicions}


@pytest.mark.parametrize("name", NAMES)
def test_a_stock_phrase_clears_no_name_that_is_sold(name: str, screener: Screener) -> None:
    titles = [pattern.format(name=name) for pattern in SOLD]
    assert not [title for title in titles if name not in accused(screen(screener, title))]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_denied_or_compared_is_not_accused(name: str, screener: Screener) -> None:
    for pattern in DENIED:
        screening = screen(screener, pattern.format(name=name, goods=NAMES[name]))
        assert name not in accused(screening), pattern
        assert "N13" in {c.code for c in screening.clearings if c.decisive}, pattern


@pytest.mark.parametrize(
    ("title", "sold"),
    [
        ("比五常大米更香的 射阳大米", {"射阳大米"}),
        ("和五常大米一样香 盘锦大米", {"盘锦大米"}),
        ("谢绝与五常大米比较 小站稻", {"小站稻"}),
        ("不输五常大米 盘锦大米", {"盘锦大米"}),
        ("替代五常大米 射阳大米", {"射阳大米"}),
        ("比洞庭湖蟹更肥 阳澄湖大闸蟹", {"阳澄湖大闸蟹"}),
        ("别拿它和西湖龙井比 日照绿茶 产自山东日照", set()),
        ("不是黑龙江五常大米 普通大米", set()),
        ("口感媲美五常大米 东北大米", set()),
        ("除了五常大米还有方正大米可选", {"五常大米", "方正大米"}),
        ("盘锦大米和五常大米比普通米香", {"五常大米", "盘锦大米"}),
    ],
)
def test_only_the_compared_name_is_cleared(title: str, sold: set[str], screener: Screener) -> None:
    assert accused(screen(screener, title)) == sold


@pytest.mark.parametrize("title", ["口感媲美五常大米 10斤", "胜似五常大米 5kg", "谨防假冒五常大米 10斤"])
def test_where_nothing_else_is_sold_the_word_only_lowers(title: str, screener: Screener) -> None:
    (suspicion,) = screen(screener, title).suspicions
    (plain,) = screen(screener, "五常大米 10斤").suspicions
    assert suspicion.score.total < plain.score.total
    assert "N13" in {c.code for finding in suspicion.findings for c in finding.considered}


def test_a_comparison_in_the_description_knows_what_the_title_sells(screener: Screener) -> None:
    screening = screen(screener, "日照绿茶 250g", origin="山东日照", description="香气不输西湖龙井，价格只要一半。")
    assert not screening.suspicions
    assert "N13" in {c.code for c in screening.clearings}


@pytest.mark.parametrize(
    ("title", "origin"),
    [
        ("口感接近五常大米 吉林米", "吉林"),
        ("品质不次于五常大米 东北珍珠米", "吉林"),
        ("近似西湖龙井的日照绿茶", "山东日照"),
        ("广西六堡黑茶 与安化黑茶不同", "广西梧州"),
        ("东北米 和五常大米不一样", "吉林"),
        ("假的五常大米不要买 本店辽宁米", "辽宁盘锦"),
        ("别买假的五常大米 本店辽宁米", "辽宁盘锦"),
        ("甜度不亚于阿克苏苹果 静宁产", "甘肃平凉"),
    ],
)
def test_other_comparisons_and_warnings(title: str, origin: str, screener: Screener) -> None:
    screening = screen(screener, title, origin=origin)
    assert not any(f.gi_name in title for s in screening.suspicions for f in s.findings)
    assert "N13" in {c.code for c in screening.clearings if c.decisive}


@pytest.mark.parametrize(
    "title", ["与众不同 五常大米", "买不到假的五常大米", "假的不要买 五常大米", "假的五常大米不要买 五常大米 10斤"]
)
def test_words_that_only_look_like_these(title: str, screener: Screener) -> None:
    screening = screen(screener, title, origin="辽宁盘锦")
    assert "name-outside" in {f.family for s in screening.suspicions for f in s.findings}
