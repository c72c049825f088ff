"""What goods are sold: seasonings, juices and growers' bags are other goods; a cup in a gift box is none."""

from datetime import date

import pytest

from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.screening import Screener
from gimonitor.screening.dictionary import last_word
from gimonitor.screening.lab import all_findings

OUTSIDE = "河北唐山"


def screened(
    screener: Screener, on: date, title: str, origin: str = "", category: str = "", description: str = ""
) -> Screening:
    listing = Listing(
        platform="p", item_id="", title=title, origin=origin, category=category, description=description
    )  # fmt: skip
    return screener.screen(listing, on)


def families(screening: Screening) -> set[str]:
    return {finding.family for finding in all_findings(screening)}


@pytest.mark.parametrize(
    "title",
    [
        "椰子鸡 火锅底料 文昌鸡口味 600g", "椰子鸡汤底 文昌鸡风味 500g", "金华火腿味 火锅底料 200g", "文昌鸡蘸料 沙姜酱 200g",
        "盐池滩羊 火锅蘸料 涮羊肉", "盐焗鸡粉 适用文昌鸡 烤鸡腌料 100g", "卤料包 适用平遥牛肉 80g", "菲达奶酪 沙拉酱 300ml",
        "烟台苹果 果袋 双层纸袋 防虫 育果袋 1000个", "洛川苹果 果袋 双层纸袋 防虫 1000个", "库尔勒香梨 果袋 防虫 套梨 5000只",
        "清代 绍兴酒坛 老酒坛 老物件 空坛 民俗收藏", "民国 老陶罐 空坛 山西老陈醋坛子 古董",
        "宣纸收纳筒 书法作品筒", "宣纸白 乳胶漆 墙面漆 18L", "红楼梦 宣纸线装 一函四册", "手账本 宣纸 内页 线装本", "国画 山水 宣纸 真迹",
        "书法毛笔套装 送宣纸 练字", "描红宣纸字帖 临摹",
        "洛川苹果 冷库出租", "烟台苹果冷库安装 设计 施工", "普洱茶 仓储 物流 昆明干仓 租仓", "普洱茶冲泡 线上视频课", "武夷岩茶之歌 简谱 伴奏",
        "绿茶洁面 含西湖龙井提取物 控油", "岷县当归 足浴包 30包", "大闸蟹 毛绒 挂件 阳澄湖", "大闸蟹 玩具 公仔 阳澄湖 旅游纪念",
        "Feta pasta seasoning mix, just add cheese", "Book: The Story of Longjing Tea, paperback", "和田玉枣形 手串 碧玉",
        "Apple iPhone 苹果手机 国行 洛川路自提",
    ],
)  # fmt: skip
def test_other_goods(title: str, screener: Screener, on: date) -> None:
    assert not screened(screener, on, title).suspicions


@pytest.mark.parametrize(
    "title",
    [
        "盐池滩羊 羊肉卷 500g 蘸料", "盐池滩羊 羊腿 火锅食材 蘸料", "文昌鸡 整鸡 1只 蘸料", "文昌鸡 1.2kg 沙姜酱", "阳澄湖大闸蟹 8只 蘸料",
        "汉源花椒 火锅底料 香料 500g", "郫县豆瓣 火锅底料 1kg", "宣威火腿 火锅汤底 煲汤", "五常大米 拌饭酱 10斤",
        "烟台苹果 套袋 红富士 10斤", "烟台苹果 果袋红富士", "洛川苹果 反光膜 脆甜 5斤", "洛川苹果 冷库 现货 10斤", "普洱茶 专业仓储 干仓 357g",
        "泾县宣纸 毛笔书法 生宣 四尺", "泾县宣纸 生宣 四尺 国画书法专用", "岷县当归 泡脚 500g", "绍兴酒 宴席用酒 500ml", "德化白瓷 摆件 吊坠",
        "西湖龙井 文创礼盒 250g", "飞天茅台 53度 500ml 支持回收", "大闸蟹 鲜活 阳澄湖 8只",
    ],
)  # fmt: skip
def test_words_beside_the_goods_clear_nothing(title: str, screener: Screener, on: date) -> None:
    assert families(screened(screener, on, title, OUTSIDE)) & {"name-outside", "near-name"}
    assert families(screened(screener, on, title)) & {"name-unknown", "near-name"}


@pytest.mark.parametrize(
    "title",
    ["绍兴酒 空坛 100个 民俗", "贵州茅台酒 空瓶 老物件 收藏", "山西老陈醋 空壶", "洛川苹果包装纸袋 1000个"],
)
def test_packaging_stays_packaging(title: str, screener: Screener, on: date) -> None:
    assert families(screened(screener, on, title)) == {"packaging"}


@pytest.mark.parametrize(
    "title",
    [
        "安吉白茶 礼盒 茶叶100g+茶杯2只", "西湖龙井茶叶礼盒 茶叶100g+盖碗", "西湖龙井茶叶礼盒 茶叶100g 盖碗1个", "普洱茶礼盒 茶饼357g+紫砂壶1把",
        "绍兴黄酒礼盒 500ml*2+温酒壶+酒杯", "西湖龙井 明前特级 250g 买即送玻璃茶杯1个+茶滤", "西湖龙井 礼盒装+玻璃杯", "信阳毛尖 半斤装＋玻璃杯",
        "绍兴酒 花雕500ml 酒杯2只", "五常大米10斤 收纳罐", "Longjing tea gift set 100g",
    ],
)  # fmt: skip
def test_a_vessel_in_the_parcel_is_not_what_is_sold(title: str, screener: Screener, on: date) -> None:
    assert families(screened(screener, on, title)) & {"name-unknown", "translation"}
    assert families(screened(screener, on, title, OUTSIDE)) & {"name-outside", "translation"}


@pytest.mark.parametrize(
    "title",
    [
        "紫砂壶 泡西湖龙井专用", "西湖龙井茶具套装", "西湖龙井茶具+茶盘", "西湖龙井 玻璃杯 300ml+茶滤", "旅行茶具套装 西湖龙井 一壶三杯 200ml+茶巾",
        "五常大米10斤装米桶", "储米桶 20斤 装五常大米+量杯", "Champagne glasses set of 6", "Longjing tea caddy, empty",
    ],
)  # fmt: skip
def test_a_vessel_alone_is_sold(title: str, screener: Screener, on: date) -> None:
    assert not screened(screener, on, title).suspicions
    assert not screened(screener, on, title, "浙江义乌").suspicions


@pytest.mark.parametrize(
    "title",
    [
        "阳澄湖大闸蟹 专用礼盒装 公4母3 鲜活8只", "阳澄湖大闸蟹 专用戒指 扣好发货 鲜活8只", "阳澄湖大闸蟹 专用戒指扣 8只礼盒", "西湖龙井 专用茶园 直供 250g",
        "安吉白茶专用基地 250g", "五常大米通用礼盒 10斤", "戴戒指大闸蟹 阳澄湖同款防伪戒指 公4母3 10只",
    ],
)  # fmt: skip
def test_own_packaging_rings_and_gardens_are_no_use(title: str, screener: Screener, on: date) -> None:
    assert families(screened(screener, on, title, OUTSIDE)) & {"name-outside", "near-name"}


@pytest.mark.parametrize(
    "title", ["五常大米专用 电饭煲", "西湖龙井 专用茶杯 300ml", "阳澄湖大闸蟹 专用蟹八件", "西湖龙井专用礼盒 空盒"]
)
def test_a_use_of_other_goods_is_cleared(title: str, screener: Screener, on: date) -> None:
    assert screened(screener, on, title, OUTSIDE).stage is not Stage.FLAGGED


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("NFC 苹果汁 1L 阿克苏苹果榨", ""), ("梨汁 1L 砀山酥梨榨", ""), ("葡萄汁 清徐葡萄榨汁 500ml", ""), ("苹果醋 烟台苹果酿造 500ml", ""),
        ("枸杞原浆 宁夏枸杞鲜果压榨 300ml", ""), ("红枣糕 用若羌红枣做的 传统糕点 500g", ""), ("苹果脆片 选用洛川苹果 50g", ""),
        ("秋梨膏 300g", "选用砀山酥梨鲜榨熬制。"), ("黄桃罐头 425g", "选用平谷大桃，现摘现做。"),
    ],
)  # fmt: skip
def test_n02_raw_material_of_what_the_title_sells(title: str, description: str, screener: Screener, on: date) -> None:
    screening = screened(screener, on, title, OUTSIDE, description=description)
    assert not screening.suspicions
    assert {c.code for c in screening.clearings} == {"N02"}


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("山西老陈醋 酿制 500ml", ""), ("镇江香醋酿造 500ml", ""), ("绍兴酒 酿造 花雕 米酒 500ml", ""), ("普洱茶 发酵 老茶饼 357g", ""),
        ("宁夏枸杞原浆 鲜榨 500ml", ""), ("阿克苏苹果汁 1L", ""), ("赣南脐橙榨汁果汁 10斤", ""), ("砀山酥梨 榨汁 整箱 果汁", ""),
        ("西湖龙井 炒制 茶糕", ""), ("宁夏枸杞 手工制作 黑糖 250g", ""), ("库尔勒香梨 熬梨膏 5斤", ""), ("五常大米 熬制 10斤", ""),
        ("选用五常大米 10斤 煮粥 米糊", ""), ("精选五常大米 10斤 熬粥", ""), ("东北大米 10斤", "选用五常大米，现磨现发。"),
    ],
)  # fmt: skip
def test_goods_of_the_gi_are_no_raw_material(title: str, description: str, screener: Screener, on: date) -> None:
    assert "name-outside" in families(screened(screener, on, title, OUTSIDE, description=description))


def test_n05_a_meal_by_its_category(screener: Screener, on: date) -> None:
    title = "阳澄湖大闸蟹宴 10人桌餐 预订"
    assert not screened(screener, on, title, "江苏苏州", "餐饮/桌餐").suspicions
    assert not screened(screener, on, "阳澄湖大闸蟹 全蟹宴", category="餐饮").suspicions
    assert screened(screener, on, "阳澄湖大闸蟹 公4母3 8只", OUTSIDE, "餐饮/生鲜").suspicions


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("金华火腿博物馆 冰箱贴", "“冰箱贴”"), ("葡萄套袋 清徐葡萄 防鸟", "“葡萄套袋”"), ("Champagne glasses set of 6", "“glasses”"),
        ("平谷大桃 糖水罐头机 家用封罐机", "“封罐机”"), ("秋梨膏 选用砀山酥梨", "“秋梨膏”"),
    ],
)  # fmt: skip
def test_whole_words_are_shown(title: str, word: str, screener: Screener, on: date) -> None:
    assert any(word in clearing.reason for clearing in screened(screener, on, title).clearings)


@pytest.mark.parametrize(
    ("text", "word"), [("nfc橙汁", "橙汁"), ("葡萄套袋", "套袋"), ("抽真空机", "真空机"), ("", "")]
)
def test_the_last_word_of_a_text(text: str, word: str) -> None:
    assert last_word(text) == word
