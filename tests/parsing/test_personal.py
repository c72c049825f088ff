"""Personal data is left at the door: numbers of people covered, what buyers wrote or are called left out."""

from __future__ import annotations

import pytest

from gimonitor.model.listing import Listing
from gimonitor.parsing import parse_page
from gimonitor.parsing.personal import without_people
from gimonitor.parsing.table import map_columns, parse_rows
from gimonitor.tables import Row

TOLD = "客服微信同号13912345678，或 138-1234-5678；身份证11010519491231002X；卡号6222 0212 3456 7890 128；邮箱 li.si@qq.com。"


def listing(**values: object) -> Listing:
    return Listing(**{"platform": "p", "item_id": "1", "title": "五常大米 5kg", **values})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["title", "subtitle", "description", "image_text"])
def test_numbers_of_people_are_covered_and_all_else_keeps_its_place(field: str) -> None:
    text = getattr(without_people(listing(**{field: TOLD})), field)
    assert len(text) == len(TOLD)
    for number in ("13912345678", "138-1234-5678", "11010519491231002X", "li.si@qq.com"):
        assert number not in text
        assert text[TOLD.index(number)] == "*"
    assert text.startswith("客服微信同号***")


def test_what_a_label_says_is_a_person_is_covered_whatever_its_check_character() -> None:
    told = "收货人：王小明，收货地址：某市某区某街88号3单元502室，身份证230102199003077793。产地：黑龙江五常"
    text = without_people(listing(description=told)).description
    assert len(text) == len(told)
    for people in ("王小明", "某街88号", "230102199003077793"):
        assert people not in text
    assert text.endswith("产地：黑龙江五常")


@pytest.mark.parametrize(
    "text",
    [
        "统一社会信用代码 91230184MA1BXXXX0K",
        "条码 6901234567892",
        "SC10123018400123",
        "GB/T 19266-2008 净含量 5000g",
        "400-820-8820",
        "公告2003年第37号",
    ],
)
def test_codes_of_goods_and_firms_stay(text: str) -> None:
    one = listing(description=text)
    assert without_people(one) is one


def test_what_buyers_are_called_or_wrote_is_left_out_and_counts_of_it_stay() -> None:
    told = (
        ("产地", "黑龙江五常"),
        ("买家昵称", "小**猫"),
        ("买家评价", "收到了，很香，快递到翠湖小区3栋"),
        ("收货人", "王某某"),
        ("reviewer", "Jane D."),
        ("评价数", "1024"),
        ("Review count", "7"),
        ("联系电话", "13912345678"),
    )
    kept = dict(without_people(listing(attributes=told)).attributes)
    assert kept == {"产地": "黑龙江五常", "评价数": "1024", "Review count": "7", "联系电话": "***********"}


def test_keywords_too() -> None:
    assert without_people(listing(keywords=("大米", "电话13912345678"))).keywords == ("大米", "电话***********")


def test_every_parsed_page_passes_the_door() -> None:
    page = """<script type="application/ld+json">{"@type":"Product","sku":"1","name":"五常大米 13912345678",
    "review":[{"@type":"Review","author":"小猫","reviewBody":"很香，我家在翠湖小区"}],
    "additionalProperty":[{"@type":"PropertyValue","name":"买家","value":"小猫"}],
    "offers":{"@type":"Offer","price":"5","priceCurrency":"CNY"}}</script>"""
    (one,) = parse_page(page.encode(), "https://shop.example/1", "text/html; charset=utf-8").listings
    assert one.title == "五常大米 ***********"
    assert "小猫" not in repr(one) and "翠湖" not in repr(one)


def test_every_row_of_a_table_passes_the_door() -> None:
    cells = {"标题": "五常大米 电话13912345678", "属性": "产地:五常;买家:小猫"}
    columns = map_columns(cells, {})
    (one,) = parse_rows([Row(number=1, cells=cells)], columns, source="table", platform="p")
    assert isinstance(one, Listing)
    assert one.title.endswith("***********") and one.attributes == (("产地", "五常"),)
