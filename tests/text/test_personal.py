"""Names, addresses and accounts with a label are found as they are written; words of goods are not taken for them."""

from __future__ import annotations

from itertools import product

import pytest

from gimonitor.practice.catalogue import load_catalogue
from gimonitor.text.personal import cover_personal, find_in_script, find_personal

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
        "商品编号：100012345678",
        "产地：黑龙江省哈尔滨市五常市",
    ],
)
def test_words_of_goods_and_firms_stay(text: str) -> None:
    assert cover_personal(text) == text


def test_titles_of_goods_hold_none() -> None:
    assert [good.id for good in load_catalogue().goods if found(str(good))] == []


def test_an_address_down_to_a_unit_needs_no_label_unless_it_is_a_firms() -> None:
    home = "北京市朝阳区某路8号院3号楼502"
    assert cover_personal(f"请发{home}，谢谢").endswith("，谢谢")
    assert "502" not in cover_personal(f"买的人在{home}")
    for kept in (f"住所：{home}", f"公司地址：{home}", "某市三栋", "北京市朝阳区某路8号"):
        assert cover_personal(kept) == kept


def test_a_script_says_by_its_keys_what_is_a_buyers() -> None:
    text = '{"buyerNick":"小\\u738b","author":{"@type":"Person","name":"张三"},"shop":"某店","mobile":"13800138000"}'
    found = [text[start:end] for _, start, end in find_in_script(text)]
    assert found == ["小\\u738b", "张三", "13800138000"]
