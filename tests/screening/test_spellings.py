"""Names in other letters: initials, look-alikes, what is left out or added, translations; and what only resembles them."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 22)


def accused(screener: Screener, title: str) -> set[str]:
    return {s.gi_name for s in screener.screen(listing_of({"title": title}), ON).suspicions}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("XHLJ绿茶 250g", "西湖龙井"),
        ("YCH 大闸蟹 8只", "阳澄湖大闸蟹"),
        ("YCH大闸蟹 8只", "阳澄湖大闸蟹"),
        ("GNQC 脐橙 5斤", "赣南脐橙"),
        ("DEAJ 阿胶块", "东阿阿胶"),
        ("沁川黄小米", "沁州黄小米"),
        ("章丘大忽", "章丘大葱"),
        ("阳澄大闸蟹 8只", "阳澄湖大闸蟹"),
        ("狮峰山 龙井", "西湖龙井"),
        ("Longjing tea green tea 250g", "龙井茶"),
        ("Lung Ching 100g", "龙井茶"),
        ("Dragon Well tea", "龙井茶"),
        ("West Lake Longjing green tea", "西湖龙井"),
        ("Xihu Longjing 100g green tea", "西湖龙井"),
        ("Pu-erh tea cake", "普洱茶"),
        ("Ningxia goji berry", "宁夏枸杞"),
        ("Parma ham sliced", "帕尔玛火腿"),
        ("Xinhui Chenpi 500g", "新会陈皮"),
        ("Wuyi Da Hong Pao oolong", "武夷山大红袍"),
        ("Anji Baicha tea", "安吉白茶"),
        ("Keemun black tea", "祁门红茶"),
        ("Yangcheng Lake hairy crab", "阳澄湖大闸蟹"),
        ("四川沱牌酒 窖酒 52度", "沱牌酒"),  # no 酒窖 across a blank
        ("五🉐常①大2️⃣米 5斤", "五常大米"),
        ("西○湖○龙○井 250g", "西湖龙井"),
        ("\u202e米大常五\u202c 5斤", "五常大米"),
        ("五\u3164常\u3164大\u3164米", "五常大米"),
        ("五\ud83d常大米", "五常大米"),
        ("宁夏木句木己 500g", "宁夏枸杞"),
        ("文昌又鸟 整只", "文昌鸡"),
        ("烟台艹平果 5斤", "烟台苹果"),
        ("氵由氵圣 西氵胡龙井 绿茶", "西湖龙井"),
        ("泸卅老窖特曲", "泸州老窖特曲"),
        ("丈连海参 500g", "大连海参"),
        ("贺岚山东麓葡萄酒 750ml", "贺兰山东麓葡萄酒"),
        ("河西走郎葡萄酒 750ml", "河西走廊葡萄酒"),
        ("吉林长柏山人参", "吉林长白山人参"),
        ("茶·普洱 357g", "普洱茶"),
        ("Champagne750ml 起泡酒", "香槟"),
        ("Anxi Tie Guan Yin250g", "安溪铁观音"),
        ("砀山suli5斤装", "砀山酥梨"),
        ("panjindami 10斤", "盘锦大米"),
        ("wuchangdami 10斤", "五常大米"),
        ("yangchenghu dazhaxie 8只", "阳澄湖大闸蟹"),
        ("wu3 chang2 da4 mi3 10斤", "五常大米"),
        ("wu3chang2da4mi3 10斤", "五常大米"),
        ("w u c h a n g 大米 10斤", "五常大米"),
        ("wu\u0441h\u0430ng大米 10斤", "五常大米"),  # two Cyrillic letters
        ("陕\u2ec4苹果 10斤", "陕西苹果"),
        ("宇夏枸杞 500g", "宁夏枸杞"),
        ("福鼎自茶 250g", "福鼎白茶"),
        ("章丘大匆 5斤", "章丘大葱"),
        ("西湖庞井 250g", "西湖龙井"),
        ("镇江香错 500ml", "镇江香醋"),
        ("6安瓜片 250g", "六安瓜片"),
        ("香 烟台有机葡萄酒 750ml", "烟台葡萄酒"),
        ("【直发】射阳农家大米 10斤", "射阳大米"),
        ("禾谷香 霍 山 正 宗 黄 芽", "霍山黄芽"),
        ("⑥堡茶 250g", "六堡茶"),
    ],
)
def test_the_name_is_seen(title: str, name: str, screener: Screener) -> None:
    assert name in accused(screener, title)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("新货 五🉐常①大2️⃣米 5斤", "五🉐常①大2️⃣米"),
        ("新货\u202e米大常五\u202c 5斤", "米大常五"),
        ("特级 五\u202e米大常\u202c", "五\u202e米大常"),
        ("宁夏木句·木己 500g", "宁夏木句·木己"),
        ("五常&nbsp;大米", "五常&nbsp;大米"),
    ],
)
def test_the_officer_sees_the_name_as_it_stood(title: str, shown: str, screener: Screener) -> None:
    (suspicion,) = screener.screen(listing_of({"title": title}), ON).suspicions
    for finding in suspicion.findings:
        assert finding.place.text == shown == title[finding.place.start : finding.place.end]


@pytest.mark.parametrize(
    "title",
    [
        "WCDM 连衣裙",
        "XHLJ 手机壳",
        "GNQC",
        "Longjing 43 green tea",
        "Xihu Longjing teapot ceramic",
        "Longjing tea set",
        "Dragon Well Manor hotel",
        "Puer city map",
        "Goji berry organic",
        "Jasmine green tea 100g",
        "Xinhui district",
        "武🉐昌🉐大🉐米 10斤",
        "\u202e米大昌武\u202c 10斤",
        "火山石 烤肉 黑山石板",
        "马户 又鸟 小说 图书",
        "①大米 ②小米 ③红豆 拼装 2.5㎏",
        "红茶 普洱 城市 地图",
        "大连海参崴跟团游",
        "陕西苹果手机维修 上门换屏",
        "静宁苹果14手机回收",
        "赤峰小米电视 安装",
        "普洱咖啡馆 转让",
        "普洱茶艺师 培训",
        "普洱茶色墨镜 男",
        "兰州百合花仿真花束 客厅",
        "百色芒果TV会员 年卡",
        "左权核桃木菜板",
        "文昌鸡翅木筷子 10双",
        "平遥牛肉色 漆",
        "盐池滩羊毛 被子",
        "高邮鸭蛋青 旗袍",
        "烟台苹果售后维修",
    ],
)
def test_what_only_resembles_a_name_raises_nothing(title: str, screener: Screener) -> None:
    assert not accused(screener, title)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("普洱茶色泽红浓 357g", "普洱茶"),
        ("烟台苹果色艳味甜 10斤", "烟台苹果"),
        ("普洱茶 茶艺师推荐 357g", "普洱茶"),
        ("普洱茶会员价 357g", "普洱茶"),
        ("酒鬼酒红坛 500ml", "酒鬼酒"),
        ("莱阳梨园直发 5斤", "莱阳梨"),
        ("左权核桃 木盒装 5斤", "左权绵核桃"),
    ],
)
def test_what_is_said_of_the_goods_makes_no_other_thing_of_them(title: str, name: str, screener: Screener) -> None:
    assert name in accused(screener, title)


@pytest.mark.parametrize("said", ["味道香", "口味脆甜", "风味独特", "工艺精湛", "类似红富士"])
def test_praise_is_no_style(said: str, screener: Screener) -> None:
    (suspicion,) = screener.screen(listing_of({"title": f"烟台苹果 {said} 10斤"}), ON).suspicions
    assert "style" not in {finding.family for finding in suspicion.findings}


@pytest.mark.parametrize("said", ["风味", "口味的", "味道 东北大米", "工艺"])
def test_a_style_is_told(said: str, screener: Screener) -> None:
    (suspicion,) = screener.screen(listing_of({"title": f"五常大米{said} 10斤"}), ON).suspicions
    assert "style" in {finding.family for finding in suspicion.findings}


@pytest.mark.parametrize(
    ("title", "model"),
    [("安吉白荼 250g", "near-shape"), ("武夷岩荼 250g", "near-shape"), ("西湖龍丼 明前茶", "near-sound")],
)
def test_what_is_written_otherwise_is_told_once_and_by_what_it_is(title: str, model: str, screener: Screener) -> None:
    screening = screener.screen(listing_of({"title": title, "origin": "四川"}), ON)
    assert [f.model_id for s in screening.suspicions for f in s.findings] == [model]


@pytest.mark.parametrize("title", ["绛县大樱桃红灯 5斤", "樱桃红灯 绛县大樱桃 现摘 3斤"])
def test_a_variety_is_no_lamp(title: str, screener: Screener) -> None:
    assert "绛县大樱桃" in accused(screener, title)
    assert "绛县大樱桃" not in accused(screener, "绛县大樱桃造型台灯")
