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


@pytest.mark.parametrize(
    ("title", "origin", "description"),
    [
        ("大闸蟹 10只 没在阳澄湖养，不敢叫阳澄湖大闸蟹", "江苏苏州吴江", ""),
        ("梁子湖大闸蟹 8只 不敢叫阳澄湖大闸蟹 就是湖北的蟹", "湖北鄂州", ""),
        ("浦北陈皮 250g 不要问是不是新会陈皮 不是", "广西钦州浦北", ""),
        ("水仙茶饼 250g 别问是不是武夷岩茶 真不是", "福建漳平", ""),
        ("小米 1kg", "山西蒲县", "和沁州黄小米比怎么样：品种不同。请勿当成沁州黄购买。"),
        ("冰糖橙 脐橙 10斤", "湖南怀化", "请不要把它当赣南脐橙买，品种不一样。"),
        ("毛峰 500g", "安徽宣城", "我家茶不叫黄山毛峰，也没有黄山毛峰的授权。"),
        ("香醋 500ml", "河南郑州", "本品与镇江香醋无任何关系。"),
        ("白茶 100g", "浙江缙云", "常被顾客误认成安吉白茶，其实是缙云黄茶。"),
        ("粉丝 500g", "河南", "有顾客把它误认为龙口粉丝，其实是本地红薯粉。"),
        ("苹果 10斤", "陕西大荔", "很多人误以为这是洛川苹果，其实是大荔的。"),
        ("苹果 10斤", "陕西礼泉", "别拿洛川苹果的标准要求它。"),
        ("绿茶 250g", "贵州湄潭", "跟西湖龙井不是一个产区。"),
        ("大米 5斤", "吉林梅河口", "是五常大米吗？不是的亲，梅河口的。"),
    ],
)
def test_a_name_refused_in_other_words_is_not_accused(
    title: str, origin: str, description: str, screener: Screener
) -> None:
    screening = screen(screener, title, origin=origin, description=description)
    assert not screening.suspicions
    assert "N13" in {c.code for c in screening.clearings if c.decisive}


@pytest.mark.parametrize(
    "title",
    [
        "不叫五常大米叫什么 大米 10斤",
        "不香的不敢叫五常大米 10斤",
        "别家不敢叫五常大米 我家敢 10斤",
        "是五常大米吗？不是不要钱 10斤",
        "是五常大米吗？不是，假一赔十 10斤",
        "是不是五常大米 不是你说了算 10斤",
        "谁说这不叫五常大米 10斤",
        "误以为贵 五常大米 10斤",
        "误以为五常大米都贵 10斤",
        "别把陈米当成五常大米 10斤",
        "别以为不是五常大米 10斤",
        "不输五常大米的平替 大米 10斤",
        "不输五常大米平替首选 大米 10斤",
    ],
)
def test_what_only_looks_like_a_refusal_is_no_reading(title: str, screener: Screener) -> None:
    found = [f for s in screen(screener, title, origin="吉林梅河口").suspicions for f in s.findings]
    assert "name-outside" in {f.family for f in found}
    assert not any(f.considered for f in found)


def test_a_doubled_denial_only_lowers(screener: Screener) -> None:
    (suspicion,) = screen(screener, "不香不敢叫五常大米 10斤", origin="吉林梅河口").suspicions
    assert [c.code for f in suspicion.findings for c in f.considered] == ["N13"]


@pytest.mark.parametrize("title", ["五常平替 长粒香大米 10斤", "五常平替！长粒香米10斤，口感不输五常大米平替首选"])
def test_a_substitute_is_a_style_word(title: str, screener: Screener) -> None:
    screening = screen(screener, title, origin="黑龙江绥化")
    assert "style" in {f.family for s in screening.suspicions for f in s.findings}
