"""Names that the seller mentions in passing: neighbours, parents of varieties, what a box can hold, what goods are made of."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import screened


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("政和白茶 250g", "福鼎白茶也不错，但我家只做政和的。", "福建政和"),
        ("安化黑茶 1kg", "市面上几十块的“西湖龙井”都不可信", "湖南安化"),
        ("玉露香梨 5斤", "母本是库尔勒香梨，皮薄汁多。", "山西隰县"),
        ("玉露香梨 5斤", "由库尔勒香梨与雪花梨杂交育成。", "山西隰县"),
        ("空白茶叶礼盒 无字", "可装西湖龙井半斤", "浙江"),
    ],
)
def test_what_is_said_of_another_name_in_passing(
    screener: Screener, on: date, title: str, description: str, origin: str
) -> None:
    record = {"title": title, "description": description, "origin": origin}
    assert not screened(screener, record, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("五常大米 10斤", "五常大米也不错，欢迎下单"),
        ("库尔勒香梨 5斤", "库尔勒香梨与雪花梨杂交育成，皮薄"),
        ("西湖龙井 250g 礼盒", "礼盒可装西湖龙井半斤"),
    ],
)
def test_what_is_said_in_passing_does_not_clear_the_title(
    screener: Screener, on: date, title: str, description: str
) -> None:
    record = {"title": title, "description": description, "origin": "吉林榆树"}
    assert screened(screener, record, on).suspicions


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("政和白茶 250g", "福鼎白茶口碑好，我们政和的偏醇厚。", "福建政和"),
        ("静宁苹果 12枚", "洛川苹果今年受冻减产，我们静宁的没事。", "甘肃静宁"),
        ("固城湖螃蟹 8只", "阳澄湖大闸蟹名气大，我们固城湖的也肥。", "江苏高淳"),
        ("日照绿茶 250g", "崂山绿茶与日照绿茶的区别：海拔和海雾。", "山东日照"),
        ("青海红枸杞 柴达木 500g", "跟宁夏枸杞的区别：个头更大；宁夏枸杞药用历史更久。", "青海格尔木"),
    ],
)
def test_a_neighbour_is_spoken_of_by_a_seller_of_another_gi(
    screener: Screener, on: date, title: str, description: str, origin: str
) -> None:
    assert not screened(screener, {"title": title, "description": description, "origin": origin}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("静宁苹果 12枚", "本箱为洛川苹果，果面光洁", "甘肃静宁"),
        ("盘锦大米 10斤", "另有五常大米同款可选", "辽宁盘锦"),
        ("政和白茶 250g", "福鼎白茶口碑好，点击购买福鼎白茶", "福建建阳"),
        ("脐橙 10斤", "赣南脐橙今年甜度高", "湖南永州"),
        ("安溪铁观音 绿茶 250g", "西湖龙井 信阳毛尖 六安瓜片", "福建安溪"),
    ],
)
def test_a_neighbour_that_is_offered_is_not(
    screener: Screener, on: date, title: str, description: str, origin: str
) -> None:
    assert screened(screener, {"title": title, "description": description, "origin": origin}, on).suspicions


@pytest.mark.parametrize(
    "description",
    [
        "亲本为库尔勒香梨和雪花梨。",
        "是库尔勒香梨的后代，皮更薄",
        "由库尔勒香梨×雪花梨选育而成，现摘现发",
        "以库尔勒香梨为母本、雪花梨为父本杂交育成",
    ],
)
def test_n18_parents_in_other_words(screener: Screener, on: date, description: str) -> None:
    record = {"title": "玉露香梨 5斤", "origin": "山西隰县", "description": description}
    assert not screened(screener, record, on).suspicions
    sold = {"title": "香梨 10斤", "origin": "河北泊头", "description": f"{description}正宗库尔勒香梨"}
    assert screened(screener, sold, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("茶叶罐 密封马口铁 存普洱茶、福鼎白茶、铁观音用", ""),
        ("米桶防虫防潮密封 20斤装 五常大米盘锦大米都能装", ""),
        ("水果纸箱 空白 可装赣南脐橙 洛川苹果 无字", ""),
        ("不锈钢米桶 50斤 装五常大米 防潮", ""),
        ("吸管杯 大容量 泡宁夏枸杞也行", ""),
        ("茶饼盒 牛皮纸 光面无字 普洱茶 安化黑茶通用", ""),
        ("水果礼盒 空白 可放阿克苏苹果 库尔勒香梨", "素面，不印字"),
        ("毛笔 兼毫 写宣纸好搭档", ""),
    ],
)
def test_n09_what_a_vessel_holds(screener: Screener, on: date, title: str, description: str) -> None:
    record = {"title": title, "description": description, "attrs": {"产地": "浙江温州"}}
    assert not screened(screener, record, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("普洱茶 357g 可存放十年", ""),
        ("五常大米 10斤 装米桶可放一年", ""),
        ("玻璃瓶装福鼎白茶 300g", ""),
        ("茶叶礼盒 装西湖龙井 250g", ""),
        ("绿茶礼盒 250g", "装西湖龙井"),
        ("西湖龙井 250g 能装两罐", ""),
        ("空白礼盒 可装西湖龙井 附250g茶叶", "内含西湖龙井250g"),
        ("茶叶盒 可放西湖龙井 印有西湖龙井", ""),
        ("五常大米包装袋 5kg 现货批发", "正面印五常大米，背面空白可盖章"),
        ("洛川苹果标签 空白 1000张", ""),
        ("西湖龙井茶叶罐 无字", "内含西湖龙井茶叶250g"),
    ],
)
def test_n09_what_is_sold_in_a_vessel_or_printed_is_not(
    screener: Screener, on: date, title: str, description: str
) -> None:
    record = {"title": title, "description": description, "attrs": {"产地": "浙江温州"}}
    assert screened(screener, record, on).suspicions


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("猕猴桃脆片 眉县猕猴桃 60g", "猕猴桃（陕西眉县）、麦芽糖"),
        ("薯片 岚县马铃薯 60g", "马铃薯（山西岚县）"),
        ("米花糖 五常大米 200g", "五常大米、麦芽糖、植物油"),
        ("原浆 宁夏枸杞 鲜果 30ml*10袋", "枸杞鲜果（宁夏中宁）"),
        ("果丹皮 泽州红山楂 200g", "山楂（山西泽州）"),
        ("陈皮糖 新会陈皮味 200g", "白砂糖"),
    ],
)
def test_n02_what_other_goods_are_made_of(screener: Screener, on: date, title: str, told: str) -> None:
    record = {"title": title, "attrs": {"产地": "上海", "配料": told}}
    assert not screened(screener, record, on).suspicions


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("红枣片 若羌红枣 120g", "红枣（河北沧州）"),
        ("五常大米 10斤 可做米饼", "五常大米"),
        ("洛川苹果脆甜多汁 苹果 12枚", "苹果（陕西洛川）"),
        ("薯片 岚县马铃薯 60g", "马铃薯、植物油"),
        ("新会陈皮味 老陈皮 250g", "陈皮"),
    ],
)
def test_n02_not_what_is_sold_itself_or_comes_from_elsewhere(
    screener: Screener, on: date, title: str, told: str
) -> None:
    record = {"title": title, "attrs": {"产地": "上海", "配料": told}}
    assert screened(screener, record, on).suspicions


@pytest.mark.parametrize(
    "title",
    [
        "五常大米 店铺装修 详情页制作",
        "西湖龙井 产品拍摄 白底图",
        "安吉白茶 直播代播 主播出租",
        "洛川苹果 商标注册 代理",
    ],
)
def test_n12_services(screener: Screener, on: date, title: str) -> None:
    assert not screened(screener, {"title": title, "origin": "北京"}, on).suspicions


@pytest.mark.parametrize(
    "title", ["五常大米 10斤 支持一件代发", "西湖龙井 250g 直播代播专享", "五常大米 10斤 产品拍摄实物"]
)
def test_n12_goods_by_measure_are_no_service(screener: Screener, on: date, title: str) -> None:
    assert screened(screener, {"title": title, "origin": "北京"}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("茶叶蛋料包 10包", "可以放一把祁门红茶进去更香", "福建"),
        ("豆浆粉 原味 500g", "喜欢甜的丢几颗若羌红枣", "河南"),
        ("赤霞珠干红 750ml", "非法国香槟区产品，请看清楚", "河北怀来"),
        ("起泡酒 750ml", "不是法国香槟产区的，是国产起泡酒", "宁夏银川"),
    ],
)
def test_tips_and_denied_countries(screener: Screener, on: date, title: str, description: str, origin: str) -> None:
    assert not screened(screener, {"title": title, "description": description, "origin": origin}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [("红茶 250g", "每次加一把祁门红茶，正宗祁门红茶"), ("起泡酒 香槟区风味 香槟 750ml", "非卖品除外")],
)
def test_what_looks_like_a_tip_or_a_denial(screener: Screener, on: date, title: str, description: str) -> None:
    assert screened(screener, {"title": title, "description": description, "origin": "福建"}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("小种红茶 250g", "不是桐木关的正山小种，别被便宜的“正山小种”骗了", "贵州湄潭"),
        ("海参 500g", "不是獐子岛的獐子岛海参，霞浦养殖", "福建霞浦"),
        ("湖蟹 8只", "小心那些“阳澄湖大闸蟹”，我家就是兴化蟹", "江苏兴化"),
        ("绿茶 250g", "百元以下的“西湖龙井”基本都是假的，我卖的就是四川绿茶。", "四川雅安"),
        ("固城湖大闸蟹 8只", "很多人问有没有阳澄湖蟹扣，没有，我们就卖固城湖螃蟹。", "江苏高淳"),
        ("大闸蟹 6只", "无阳澄湖蟹扣，洪泽湖的蟹", "江苏泗洪"),
    ],
)
def test_n13_a_place_or_quotes_between(screener: Screener, on: date, title: str, description: str, origin: str) -> None:
    assert not screened(screener, {"title": title, "description": description, "origin": origin}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("绿茶 250g", "不是西湖的西湖龙井不卖，假一赔十"),
        ("绿茶 250g", "不是普通产区的西湖龙井，是特级西湖龙井"),
        ("海参 500g", "不是普通海域的大连海参，本品大连海参深海底播"),
        ("大米 10斤", "别被便宜的五常大米骗了，我家五常大米才正宗"),
        ("西湖龙井 250g", "别被便宜的“西湖龙井”骗了"),
        ("大闸蟹 8只", "每只戴阳澄湖蟹扣"),
    ],
)
def test_n13_praise_that_looks_like_it(screener: Screener, on: date, title: str, description: str) -> None:
    record = {"title": title, "description": description, "origin": "四川雅安"}
    found = all_findings(screened(screener, record, on))
    assert found
    assert not any("相同" in f.reason for f in found if "蟹扣" in f.place.text)


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("红富士苹果 10斤", "和洛川苹果、阿克苏苹果比起来，果型小一点", "山西万荣"),
        ("红枸杞 500g", "与宁夏枸杞比更甜，炖汤好。非宁夏，请知悉", "青海德令哈"),
        ("花椒 100g", "与汉源花椒比香味偏柑橘。", "甘肃武都"),
        ("红薯粉丝 1kg", "跟龙口粉丝完全两个味儿，煮不烂", "河南"),
        ("河蟹 8只", "与阳澄湖大闸蟹同是中华绒螯蟹，产地不同", "安徽当涂"),
        ("陈醋 500ml", "价格只有山西老陈醋的一半，酸味柔一点", "河北"),
        ("苹果 10斤", "人家洛川苹果名声响，我们的没名气，但便宜", "山西吉县"),
        ("大蒜 5斤", "老板早年在金乡大蒜合作社干过，如今回老家种蒜", "河南中牟"),
        ("果冻橙 8斤", "上一季卖的赣南脐橙已经下架，现在是这款爱媛。", "四川眉山"),
        ("河蟹 螃蟹 8只", "店里招牌是阳澄湖大闸蟹，九月开售；本链接是兴化河蟹。", "江苏兴化"),
        ("恩施富硒绿茶 250g", "烘青，不是蒸青的恩施玉露，别买错了", "湖北恩施"),
        ("豆瓣酱 1kg", "并非大家熟知的郫县豆瓣。", "四川资中"),
        ("红富士苹果 10斤", "没有说自己是正宗的洛川苹果。", "山西吉县"),
    ],
)
def test_a_famous_name_that_sets_off_goods_from_elsewhere(
    screener: Screener, on: date, title: str, description: str, origin: str
) -> None:
    assert not screened(screener, {"title": title, "description": description, "origin": origin}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("大米 10斤", "五常大米香糯可口"),
        ("大米 10斤", "五常大米 盘锦大米 响水大米"),
        ("大米 10斤", "正宗五常大米"),
        ("大米 10斤", "就是五常大米"),
        ("大米 10斤", "五常大米品质"),
        ("大米 10斤", "五常大米同款"),
        ("大米 10斤", "五常大米名气大，欢迎下单"),
        ("大米 10斤", "我们的五常大米名气大，也不输别家"),
        ("大米 10斤", "招牌五常大米，便宜实惠"),
        ("大米 10斤", "去年五常大米卖完了，今年新米到货"),
        ("大米 10斤", "与五常大米同纬度同水源，香糯可口"),
        ("大米 10斤", "盘锦大米和五常大米比普通米香"),
        ("大米 10斤", "与五常大米比更甜。本店五常大米现货"),
        ("大米 10斤", "不是普通的五常大米，请看清楚"),
        ("大米 10斤", "不是一般的五常大米，别买错"),
        ("大米 10斤", "不是陈米的五常大米，香糯"),
        ("五常稻花香 大米 10斤", "五常大米名气大，我们的也不差"),
        ("苹果 10斤", "洛川苹果都是现摘，产地是陕西"),
        ("苹果 10斤", "洛川苹果太贵？我家洛川苹果也不差"),
    ],
)
def test_a_famous_name_that_is_used(screener: Screener, on: date, title: str, description: str) -> None:
    assert screened(screener, {"title": title, "description": description, "origin": "吉林榆树"}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("陈皮红豆沙 280g*6罐", "红豆沙里放了新会陈皮，绵密不甜腻"),
        ("绿豆沙冰 陈皮味 200g*8", "加了一点新会陈皮，解腻。"),
        ("桂圆红枣枸杞茶 15包", "枸杞是宁夏枸杞，红枣是若羌红枣"),
        ("火腿鲜肉酥饼 10只", "火腿丁是金华火腿。"),
        ("小米锅巴 500g", "小米来自沁州黄小米产区，锅巴现炸。"),
        ("蒜蓉粉丝虾 350g", "内含龙口粉丝一包，蒜蓉一包。"),
        ("枣泥核桃 养生点心", "左权核桃烤香压碎，现做"),
    ],
)
def test_n02_what_a_description_says_is_in_other_goods(
    screener: Screener, on: date, title: str, description: str
) -> None:
    assert not screened(screener, {"title": title, "description": description, "origin": "河南郑州"}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("大米 10斤", "放了五常大米"),
        ("大米 10斤", "大米是五常大米"),
        ("大米 10斤 可做米糕", "用的是五常大米"),
        ("枸杞 500g", "枸杞是宁夏枸杞"),
        ("陈皮 250g 可做红豆沙", "放了新会陈皮"),
        ("红茶 茶包 50包", "用的是祁门红茶"),
        ("坚果点心 苹果 礼盒", "内含洛川苹果12枚"),
    ],
)
def test_n02_raw_goods_are_not_made_of_themselves(screener: Screener, on: date, title: str, description: str) -> None:
    assert screened(screener, {"title": title, "description": description, "origin": "河南郑州"}, on).suspicions


@pytest.mark.parametrize(
    ("title", "description", "origin"),
    [
        ("舒兰大米 10斤", "因为产地不同，我们不叫五常米，就叫舒兰大米。", "吉林舒兰"),
        ("苹果 10斤", "论名气比不过洛川苹果，论味道不怕比。", "河南灵宝"),
        ("绿茶 250g", "杭州的客人说比不上西湖龙井，我认，一分钱一分货。", "贵州湄潭"),
        ("苹果 10斤", "有人问算不算阿克苏苹果，不算，我们在喀什。", "新疆喀什"),
        ("大荔冬枣 5斤", "沾化冬枣要等到国庆，等不及的先吃我们的。", "陕西大荔"),
        ("大闸蟹 8只", "阳澄湖大闸蟹要等开湖，我们兴化的九月中就肥了。", "江苏兴化"),
        ("脐橙 崀山 10斤", "和赣南脐橙一个品种，长在崀山。隔壁江西名声大，我们沾不了光。", "湖南新宁"),
        ("草莓 3斤", "丹东草莓我也佩服。我们是安徽长丰的棚，路近。", "安徽长丰"),
        ("青海枸杞 500g", "很多人只知道宁夏枸杞，其实青海的更甜更大。", "青海格尔木"),
        ("淮山药 5斤", "常有人拿它跟怀山药混，字都不一样。我们是徐州丰县的水山药。", "江苏丰县"),
        ("广西陈皮 500g", "味道跟新会陈皮还是有差距，价钱也差着几倍。", "广西浦北"),
        ("古田银耳 250g", "段木的通江银耳产量太少，日常炖羹古田的就够。", "福建古田"),
        ("黑木耳 500g", "朋友说东宁黑木耳更出名，我们这儿是批发集散地，自己也种。", "黑龙江尚志"),
        ("起泡酒 750ml", "跟香槟一样的做法，但按规矩只有法国香槟区的才能叫香槟。", "宁夏银川"),
        ("起泡酒 750ml", "工艺和香槟一样，但不能叫香槟，只有香槟区的才可以。", "宁夏银川"),
        ("大米 10斤", "只有五常市产的才能叫五常大米，我们是榆树的。", "吉林榆树"),
        ("红枣 5斤", "新疆的若羌红枣个头大，我们沧州的小而甜。", "河北沧州"),
        ("红枣 5斤", "若羌红枣皮厚肉多，沧州小枣皮薄核小，各有千秋。", "河北沧州"),
        ("枸杞 500g", "宁夏枸杞颗粒小药味浓，柴达木的颗粒大，口味不同。", "青海格尔木"),
        ("苹果 10斤", "洛川苹果脆，栖霞的更香，两个都是好苹果。", "山东栖霞"),
        ("蜜桔 5斤", "南丰蜜桔个头小，我们涌泉的个头大一圈。", "浙江临海"),
        ("粉丝 500g", "龙口粉丝是绿豆的，我们这个是红薯的，煮久一点。", "四川绵阳"),
        ("绿茶 250g", "丽水产的不能叫西湖龙井，只能叫扁形绿茶。", "浙江丽水"),
        ("山药 5斤", "怀山药一斤二三十，蠡县山药五六块，炒菜够了。", "河北蠡县"),
        ("龙虾 3斤", "盱眙龙虾就在我们隔壁县，一个湖里的虾。", "江苏洪泽"),
        ("小米 5斤", "沁州黄我没种过，我种的是龙山小米。", "山东章丘"),
        ("小米 5斤", "沁州黄小米得沁县那一带才行，我们的就是普通黄小米。", "河北蔚县"),
    ],
)
def test_goods_from_elsewhere_told_by_a_name(
    screener: Screener, on: date, title: str, description: str, origin: str
) -> None:
    assert not screened(screener, {"title": title, "description": description, "origin": origin}, on).suspicions


@pytest.mark.parametrize(
    "description",
    [
        "五常大米平替，香糯",
        "其实就是五常大米，我们榆树种的，省了牌子钱。",
        "名气大的五常大米，我们榆树直供",
        "五常大米名气大，我们的就是。",
        "五常大米名气大，我们的也是正宗的。",
        "五常大米名气大，别家都掺假，我们的更纯正",
        "五常大米大家都卖，我们的更便宜。",
        "五常大米难买？我们这有。",
        "五常大米买不到，来我们这拿，榆树的",
        "五常大米太贵，我们自己种的不赚差价。",
        "五常大米还没上市？我们已经上了。",
        "五常大米产量少，我们囤了一批。",
        "五常大米的朋友们久等了，我们今天开始发。",
        "五常大米名气大，其实大部分是我们榆树种的。",
        "很多五常大米都是从我们榆树拉过去的，一样的米。",
        "其实五常大米和我们榆树的没啥区别，换个袋子就是。",
        "五常大米香糯可口，产自吉林榆树，我们自己种的。",
        "五常大米软糯，我们榆树的稻田种的，新鲜",
        "很多人只知道五常大米贵，其实榆树产的五常大米一样香。",
        "普通大米都比不上五常大米，软糯香甜。",
        "没有哪种米比得过五常大米，我家现磨。",
        "别家的米不如五常大米，吃了就知道。",
        "只有用心种的才能叫五常大米，我们榆树的就是。",
        "只有我家五常种源的才能叫五常大米",
        "有人问是不是五常大米，怎么不是。",
        "有人问算不算五常大米，怎么不算。",
        "有人问算不算五常大米，不算不要钱",
        "不香，我们不叫五常大米",
        "五常大米好吃不贵，榆树大米厂出品。",
        "五常大米颗粒饱满，榆树的老板亲自挑。",
        "五常大米是稻花香，我们挑的是头茬。",
        "去年五常大米卖完了，我们今年新米到货",
        "客人拿去都当五常大米卖，吃不出来。",
        "不能叫五常大米？可它就是五常大米",
    ],
)
def test_goods_from_elsewhere_offered_by_a_name(screener: Screener, on: date, description: str) -> None:
    record = {"title": "大米 10斤", "description": description, "origin": "吉林榆树"}
    assert screened(screener, record, on).suspicions


def test_a_name_in_the_title_is_not_cleared_by_what_is_said_of_it(screener: Screener, on: date) -> None:
    record = {
        "title": "五常大米 10斤",
        "origin": "吉林榆树",
        "description": "五常大米名气大，我们榆树的更实惠，各有千秋",
    }
    assert screened(screener, record, on).suspicions


@pytest.mark.parametrize("word", ["当作", "当成", "叫做"])
def test_n02_what_is_passed_off_is_no_raw_material(screener: Screener, on: date, word: str) -> None:
    told = f"贵州产，做成扁片后在市场上{word}西湖龙井卖的就是这种"
    record = {"title": "扁形绿茶 250g", "origin": "贵州湄潭", "description": told}
    assert screened(screener, record, on).suspicions


def test_n02_what_the_raw_material_is(screener: Screener, on: date) -> None:
    record = {"title": "酥皮点心 500g", "origin": "广西浦北", "description": "馅料就是新会陈皮和红豆"}
    assert not screened(screener, record, on).suspicions
