"""Rows of foreign tables as listings: headings, values, and rows that are none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gimonitor.errors import InputError
from gimonitor.model.listing import Listing, Subject
from gimonitor.parsing.table import Reject, map_columns, parse_rows
from gimonitor.tables import Row
from gimonitor.text.prices import STATED


def one(**cells: str) -> Listing | Reject:
    columns = map_columns(cells, {})
    return next(parse_rows([Row(number=7, cells=cells)], columns, source="table:t.csv", platform="taobao"))


def listing(**cells: str) -> Listing:
    made = one(**cells)
    assert isinstance(made, Listing), made
    return made


def test_a_full_row_in_chinese_headings() -> None:
    made = listing(
        平台="淘宝", 商品ID="88", 商品标题="五常大米 5kg", 价格="¥59.90", 店铺名称="米铺", 主体名称="某某公司",
        统一社会信用代码="92230184MA1CRXT36R", 产地="黑龙江 五常", 发货地="浙江 杭州", 销量="1.2万人付款", 属性="净含量:5kg；等级：一级",
        商品链接="//item.example.com/88", 采集时间="2026/11/20 08:00",
    )  # fmt: skip
    assert (made.platform, made.item_id, made.title) == ("taobao", "88", "五常大米 5kg")
    assert (made.price_fen, made.sales, made.origin, made.ship_from) == (5990, 12000, "黑龙江 五常", "浙江 杭州")
    assert made.attributes == (("净含量", "5kg"), ("等级", "一级"))
    assert made.shop is not None
    assert made.shop.subject == Subject(name="某某公司", uscc="92230184MA1CRXT36R")
    assert made.url == "https://item.example.com/88"
    assert made.observed_at == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"标题": " "}, "no title"),
        ({"标题": "米", "链接": "javascript:alert(1)"}, "http"),
        ({"标题": "米", "采集时间": "昨天"}, "time"),
        ({"标题": "米", "属性": "[1,2]"}, "pairs"),
    ],
)
def test_a_row_that_is_no_listing_says_why_and_where(cells: dict[str, str], reason: str) -> None:
    made = one(**cells)
    assert isinstance(made, Reject)
    assert made.number == 7
    assert reason in made.reason


@pytest.mark.parametrize("words", ["面议", "-5", "1e400", "99999999999999999999", "USD 12"])
def test_a_row_with_an_odd_price_is_taken_without_it_and_keeps_the_words(words: str) -> None:
    made = listing(标题="米", 价格=words)
    assert made.price_fen is None and "price" in made.missing
    assert made.attributes == ((STATED, words),)


def test_a_row_without_id_is_the_same_offer_next_time_whatever_the_price() -> None:
    assert listing(标题="米", 店铺="甲", 价格="9").item_id == listing(标题="米", 店铺="甲", 价格="8").item_id
    assert listing(标题="米", 店铺="甲").item_id != listing(标题="米", 店铺="乙").item_id


def test_a_link_is_one_however_its_scheme_is_written() -> None:
    assert listing(标题="米", 链接="HTTP://Shop.Example/A").url == "http://Shop.Example/A"


def test_a_link_to_goods_gives_their_own_number_and_the_same_goods_meet() -> None:
    rows = [
        listing(标题="米", 链接="https://item.taobao.com/item.htm?id=562283240178"),
        listing(标题="米 5kg", 平台="淘宝", 链接="//item.taobao.com/item.htm?spm=a&id=562283240178"),
        listing(标题="米", 链接="https://detail.tmall.com/item.htm?id=562283240178&skuId=1"),
        listing(标题="米", 链接="https://item.jd.com/100012043978.html"),
        listing(标题="米", 商品ID="88", 链接="https://item.jd.com/100012043978.html"),
        listing(标题="米", 链接="https://shop.example/item/88"),
    ]
    assert [row.key for row in rows[:-1]] == [
        ("taobao", "562283240178"),
        ("taobao", "562283240178"),
        ("tmall", "562283240178"),
        ("jd", "100012043978"),
        ("taobao", "88"),
    ], "a row that states its number keeps it"
    assert rows[-1].item_id.startswith("row-")


def test_no_column_for_the_title_is_said_with_the_headings_there_are() -> None:
    with pytest.raises(InputError, match="甲, 乙"):
        map_columns(["甲", "乙"], {})
    assert map_columns(["甲", "乙"], {"甲": "title"}) == {"甲": "title"}


def test_a_map_to_what_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"no column '丙'.*no field 'titel'"):
        map_columns(["甲"], {"丙": "title", "甲": "titel"})


def test_a_title_that_is_a_list_is_no_title() -> None:
    row = Row(number=3, cells={"title": '["x"]'}, nested=frozenset({"title"}))
    made = next(parse_rows([row], {}, source="s", platform="p"))
    assert isinstance(made, Reject)
    assert "list" in made.reason


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("淘宝", "taobao"),
        ("天猫商城", "tmall"),
        (" 京 东 ", "jd"),
        ("ＪＤ", "jd"),
        ("拼多多", "pinduoduo"),
        ("抖店", "douyin"),
        ("苏宁易购", "suning"),
        ("1688", "1688"),
        ("Amazon", "amazon"),
        ("www.xiaohongshu.com", "xiaohongshu"),
        ("微店", "微店"),
    ],
)
def test_a_platform_may_be_named_as_people_do_and_an_unknown_one_stays_as_written(written: str, code: str) -> None:
    made = listing(平台=written, 商品ID="1", 商品标题="五常大米")
    assert made.platform == code


def test_a_link_is_kept_without_a_name_or_password() -> None:
    made = listing(
        标题="米",
        链接="http://u:p@item.taobao.com/item.htm?id=571575866199",
        店铺="甲",
        店铺链接="https://u:p@shop.example/@a",
    )
    assert made.key == ("taobao", "571575866199") and made.url == "http://item.taobao.com/item.htm?id=571575866199"
    assert made.shop and made.shop.url == "https://shop.example/@a"
    plain, secret = (listing(标题="米", 链接=f"https://{who}shop.example/@a") for who in ("", "u:p@"))
    assert plain.key == secret.key and secret.url == "https://shop.example/@a"


def test_where_no_known_platform_is_named_the_host_of_the_link_tells_it() -> None:
    short = "https://u.jd.com/abc"
    assert [listing(标题="米", 链接=short, 平台=name).platform for name in ("", "某商城", "淘宝")] == [
        "taobao",
        "jd",
        "taobao",
    ]
    (row,) = parse_rows(
        [Row(number=2, cells={"标题": "米", "链接": short})],
        {"标题": "title", "链接": "url"},
        source="s",
        platform="table",
    )
    assert isinstance(row, Listing) and row.platform == "jd" and row.item_id.startswith("row-")


def test_headings_in_another_encoding_are_hinted_at() -> None:
    with pytest.raises(InputError, match="save the file as UTF-8"):
        map_columns(("夹肈", "基"), {})
