"""Names, addresses and accounts with a label are found as they are written; words of goods are not taken for them."""

from __future__ import annotations

from itertools import product

import pytest

from gimonitor.practice.catalogue import load_catalogue
from gimonitor.text.personal import cover_personal, find_in_script, find_personal, find_reviews

NAMES = ("张三", "欧阳小明", "李女士", "阿依古丽·买买提", "王*")
LABELS = (
    "收货人",
    "收件人",
    "寄件人",
    "联系人",
    "姓名",
    "买家",
    "买家昵称",
    "用户名",
    "会员名",
    "评价人",
    "订购人",
    "晒单人",
)
PLACES = (
    "浙江省杭州市西湖区文三路1号2幢303室",
    "浙江省 杭州市 西湖区 文三路 1 号",
    "黑龙江省哈尔滨市五常市龙凤山镇某某村3组",
    "新疆维吾尔自治区库尔勒市人民东路8号院",
)
WHERE = ("收货地址", "收件地址", "寄件地址", "送货地址", "配送地址", "家庭住址", "买家地址", "收货详细地址")


def found(text: str) -> set[str]:
    return {text[start:end] for _, start, end in find_personal(text)}


def test_labelled_names_and_addresses_are_found_whole() -> None:
    around = tuple(product(("：", ":", " ： "), ("", "\n下一行", " 电话：0571", "；好评")))
    lost = [
        (label, said, colon, after)
        for labels, values in ((LABELS, NAMES), (WHERE, PLACES))
        for label, said, (colon, after) in product(labels, values, around)
        if said not in found(f"下单。{label}{colon}{said}{after}")
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("收货人张三 收货地址 杭州市西湖区1号", ("张三", "杭州市西湖区1号")),
        ("收货人\n张三\n收货地址\n杭州市西湖区1号", ("张三", "杭州市西湖区1号")),
        ("微信：wx_abc123，QQ:12345678", ("wx_abc123", "12345678")),
        ("买家 赵小花 地址 杭州市西湖区文三路8号2幢303室", ("赵小花", "文三路8号2幢303室")),
        ("详细地址：西湖区文三路8号", ("西湖区文三路8号",)),
    ],
)
def test_values_below_or_beside_their_label_are_covered(text: str, covered: tuple[str, ...]) -> None:
    masked = cover_personal(text)
    assert len(masked) == len(text)
    assert not any(words in masked for words in covered)


@pytest.mark.parametrize(
    "text",
    [
        "品名：五常大米",
        "生产者名称：五常市某米业有限公司",
        "厂址：黑龙江省五常市",
        "店铺名称：湖畔粮油小铺",
        "收货地址可以改吗",
        "收货快，用户评价很好",
        "买家 高度认可",
        "客户 满意 用户 金奖产品 会员 龙井 买家 黄酒",
        "企业详细地址：西湖区文三路8号",
        "商品编号：100012345678",
        "产地：黑龙江省哈尔滨市五常市",
    ],
)
def test_words_of_goods_and_firms_stay(text: str) -> None:
    assert cover_personal(text) == text


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("请拨010-62345678联系", "010-62345678"),
        ("请拨010－62345678联系", "010－62345678"),
        ("找138－1234－5678", "138－1234－5678"),
        ("找138.1234.5678", "138.1234.5678"),
        ("加V：hello123", "hello123"),
        ("电话：0451-87654321", "0451-87654321"),
        ("(010)62345678", "(010)62345678"),
        ("（0571）8765 4321 转8001", "（0571）8765 4321"),
        ("找我02162345678", "02162345678"),
        ("电话：045187654321", "045187654321"),
        ("固话 87654321", "87654321"),
        ("+86-10-6234-5678", "+86-10-6234-5678"),
        ("电话１３８１２３４５６７８。", "１３８１２３４５６７８"),
        ("０１０－６２３４５６７８", "０１０－６２３４５６７８"),
        ("编号 110101199003071234", "110101199003071234"),
        ("１１０１０１１９９００３０７１２３４", "１１０１０１１９９００３０７１２３４"),
        ("身份证130503670401001", "130503670401001"),
        ("投诉人电话0571-88888888", "0571-88888888"),
        ("举报人：电话 010-62345678", "010-62345678"),
        ("加QQ 12345678", "12345678"),
        ("qq123456789", "123456789"),
        ("微信号 rice_2026", "rice_2026"),
        ("加微信abc12345", "abc12345"),
        ("VX：mimimi", "mimimi"),
    ],
)
def test_numbers_of_people_are_covered_however_written(text: str, covered: str) -> None:
    masked = cover_personal(text)
    assert len(masked) == len(text) and masked != text
    assert masked.replace("*", "") == "".join(text.split(covered)), masked


@pytest.mark.parametrize(
    "text",
    [
        "执行标准 GB/T 19266-2008 Q/WCS 0001S-2020 DB23/T 1234-2019",
        "SC10123018400123 许可证编号：SC 101 2301 8400 123",
        "统一社会信用代码 91230184MA1C5T3X2B 91110108551385082Q 911101085513850821",
        "批号：02023011501",
        "条码 6901234567892 041220576463 0041220576463",
        "批号 20230115 0310-20230115 020230115 LOT 0451-20230115A",
        "￥58.00 1234567.89 0.50-1.20 100000000",
        "注册号 10561123 第1234567号 京ICP备12345678号 浙公网安备33010002000078号",
        "商品编号 562283240178 100012043978 372045678912345670",
        "https://item.jd.com/100012043978.html https://a.example/x/0451-87654321.html",
        "客服电话：010-62345678 厂家联系电话 0451-87654321 举报电话：87654321 服务热线 400-820-8820",
        "电话预约 热线 12315 电话 12345",
        "微信支付 微信扫码 WeChat Pay QQ糖500g 微信公众号",
        "型号 VX123456 WX-2023",
        "事业单位 123701198503120040",
    ],
)
def test_numbers_of_goods_and_firms_stay(text: str) -> None:
    assert cover_personal(text) == text


def test_titles_of_goods_hold_none() -> None:
    assert [key for key, good in load_catalogue().goods.items() if found(good.title)] == []


def test_an_address_down_to_a_unit_needs_no_label_unless_it_is_a_firms() -> None:
    home = "北京市朝阳区某路8号院3号楼502"
    assert cover_personal(f"请发{home}，谢谢").endswith("，谢谢")
    assert "502" not in cover_personal(f"买的人在{home}")
    for kept in (f"住所：{home}", f"公司地址：{home}", "某市三栋", "北京市朝阳区某路8号"):
        assert cover_personal(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "收货人：赵小花 手机：137 1234 5678 地址：{} 身份证 110101199003071234",
        "收货人：赵小花，地址：{}",
        "收件人赵小花 公司地址：{}",
        "收货人：赵小花\n手机：137 1234 5678\n地址：{}",
        "联系人：王小明 地址：{}",
        "地址：{} 电话：13712345678",
        "买家：小花；地址：{}；好评",
        "有限公司已发货。收货人：赵小花 地址：{}",
        "收货人\n赵小花\n电话\n13712345678\n收货地址\n{}",
    ],
)
@pytest.mark.parametrize(
    "home",
    [
        "北京市朝阳区建国路88号院5号楼2单元1203室",
        "上海市浦东新区世纪大道100弄5号1203室",
        "黑龙江省五常市龙凤山镇某村3组",
    ],
)
def test_an_address_beside_a_persons_data_is_that_persons(text: str, home: str) -> None:
    assert home in {found.strip() for found in found(text.format(home))}


@pytest.mark.parametrize(
    "home",
    [
        "北京市朝阳区建国路88号院5号楼2单元1203室",
        "北京市 朝阳区 建国路88号 5号楼 2单元 1203室",
        "上海市浦东新区世纪大道100弄5号1203室",
        "上海市徐汇区漕溪路100号1203室",
        "广东省深圳市南山区科技园1栋A座1203",
    ],
)
def test_an_address_down_to_a_door_needs_no_label(home: str) -> None:
    assert found(f"请寄{home}，谢谢") & {home, f"请寄{home}"}
    assert found(home) == {home}


@pytest.mark.parametrize(
    "text",
    [
        "生产商：五常市某米业有限公司 地址：{} 客服电话：0451-87654321",
        "厂址：{}",
        "生产厂家地址 {}",
        "公司地址{}",
        "店铺：湖畔粮油 联系人 地址：{}",
        "杭州某某贸易有限公司\n地址：{}",
        "委托方：某公司，地址：{}",
        "卖家地址：{}；收货快",
        "注册地址：{}\n收货快",
        "品名\n五常大米\n厂址\n{}\n净含量",
        "公司名称\n某某米业\n地址\n{}",
    ],
)
@pytest.mark.parametrize("place", ["黑龙江省五常市某某路8号3号楼201", "上海市浦东新区世纪大道100弄5号1203室"])
def test_an_address_with_a_firms_words_stays(text: str, place: str) -> None:
    assert cover_personal(text.format(place)) == text.format(place)


def test_an_attributes_name_says_whose_an_address_is() -> None:
    place = "江苏省泰州市泰兴市姚王街道凤梧路8幢306室"
    for name in ("厂址", "生产商地址", "委托方地址", "公司地址"):
        assert cover_personal(place, name) == place
    for name in ("", "品名", "收货人地址", "备注"):
        assert "306" not in cover_personal(place, name)


def test_an_address_below_a_buyers_label_is_covered() -> None:
    told = "收货人\n赵小花\n电话\n13712345678\n地址\n上海市浦东新区世纪大道100弄5号1203室"
    assert "1203" not in cover_personal(told) and "赵小花" not in cover_personal(told)


def test_a_contacts_name_needs_no_colon() -> None:
    told = ("联系人王小明", "五常大米 联系人王小明 包邮", "联系人王小明手机13712345678", "联系人高先生")
    assert [text for text in told if "小明" in cover_personal(text) or "高先生" in cover_personal(text)] == []
    for kept in ("联系人方式请看", "联系人可以改", "联系人信息", "请填联系人"):
        assert cover_personal(kept) == kept


def test_a_script_says_by_its_keys_what_is_a_buyers() -> None:
    text = '{"buyerNick":"小\\u738b","author":{"@type":"Person","name":"张三"},"shop":"某店","mobile":"13800138000"}'
    found = [text[start:end] for _, start, end in find_in_script(text)]
    assert found == ["小\\u738b", "张三", "13800138000"]


def test_what_stands_under_reviews_in_a_script_is_a_buyers() -> None:
    text = """{"reviews":[{"content":"好评 张三","id":3,"url":"https://a.example/x"},{'text':'不错'}],"content":"卖家的话",
    rateContent:"\\u597d", "generateText":"留下", "commentList":{"a":[{"content":"***"}]}}"""
    assert [text[start:end] for _, start, end in find_reviews(text)] == ["好评 张三", "不错", "\\u597d"]
    assert list(find_reviews('{"reviews":[' * 2000)) == []
