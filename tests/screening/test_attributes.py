"""Attributes in every shape that comes in, origins in them whatever their order, and a cost that grows with their number."""

import json
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from gimonitor.cli.screen import app
from gimonitor.errors import InputError
from gimonitor.model.listing import Listing
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of, told_listing_of

WANTED = (("品名", "五常大米"), ("产地", "吉林"))
SHAPES = [
    {"品名": "五常大米", "产地": "吉林"},
    [{"name": "品名", "value": "五常大米"}, {"name": "产地", "value": "吉林"}],
    [{"key": "品名", "value": "五常大米"}, {"k": "产地", "v": "吉林"}],
    [{"品名": "五常大米"}, {"产地": ["吉林"]}],
    [["品名", "五常大米"], ("产地", "吉林")],
    ["品名:五常大米", "产地：吉林"],
    "品名:五常大米;产地:吉林",
    "品名：五常大米，产地：吉林",
    "品名: 五常大米\n产地: 吉林",
]


def read(attrs: Any) -> Listing:
    return listing_of({"title": "东北大米 5kg", "attrs": attrs})


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape_is_read(shape: Any, screener: Screener, on: date) -> None:
    assert read(shape).attributes == WANTED
    assert "name-outside" in {f.model_id for f in all_findings(screener.screen(read(shape), on))}


@pytest.mark.parametrize("shape", [3, [1], [["a", "b", "c"]], [None]], ids=str)
def test_what_is_no_attribute_is_said(shape: Any) -> None:
    with pytest.raises(InputError):
        read(shape)


@pytest.mark.parametrize("key", ["产地/厂址", "原产地（省/市）", "*产地", "产地(省)", "国产/进口"])
def test_keys_of_the_origin_count_by_their_parts(key: str, screener: Screener, on: date) -> None:
    screening = screener.screen(listing_of({"title": "五常大米 5kg", "attrs": {key: "吉林省长春市"}}), on)
    assert "name-outside" in {f.model_id for f in all_findings(screening)}


@pytest.mark.parametrize("key", ["品牌/产地", "适用城市/地区", "发货说明"])
def test_other_keys_do_not(key: str, screener: Screener, on: date) -> None:
    screening = screener.screen(listing_of({"title": "五常大米 5kg", "attrs": {key: "吉林省长春市"}}), on)
    assert "name-outside" not in {f.model_id for f in all_findings(screening)}


def test_what_is_said_of_origins_does_not_hang_on_the_order_of_attributes(screener: Screener, on: date) -> None:
    attrs = [("产地", "江西赣州"), ("省份", "湖南"), ("城市", "永州")]
    ways = [attrs, attrs[::-1], [attrs[1], attrs[2], attrs[0]]]
    screenings = [screener.screen(listing_of({"title": "赣南脐橙 10斤", "attrs": way}), on) for way in ways]
    told = [{f.reason for f in all_findings(s)} for s in screenings]
    assert told[0] == told[1] == told[2]
    assert any("所标产地说法不一" in reason and "江西赣州" in reason for reason in told[0])
    assert not any("没有采集到" in reason for reason in told[0])


def test_fields_are_called_as_they_came_in() -> None:
    record = {"title": "东北大米", "attrs": {"品名": "五常大米"}, "keywords": "长粒香,五常大米", "shop": {"name": "店"}}
    (row,) = CliRunner().invoke(app, ["-"], input=json.dumps(record).encode()).stdout.splitlines()
    places = [*json.loads(row)["findings"], *json.loads(row)["clearings"]]
    (named,) = (p for p in places if p.get("field") == "attrs")
    assert named["key"] == "品名" and record["attrs"]["品名"][named["start"] : named["end"]] == named["text"]  # type: ignore[index]
    assert {p.get("field") for p in places} <= {"attrs", "keywords", "title", None}


def calls(work: Callable[[], object]) -> int:
    """How many functions some work calls: the same in every run, as its time is not."""
    count = 0

    def tell(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tell)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("title", "attribute"),
    [
        ("x", lambda n: (f"k{n}", "五常大米")),
        ("大米 10斤", lambda n: ("配料", f"五常大米、绿豆{n}")),
        ("五常大米", lambda n: (f"产地/{n}", "吉林")),
        ("五常大米", lambda n: ("产地", f"吉林{n}号")),
        ("五常大米", lambda n: (f"k{n}", f"不是五常大米{n}")),
    ],
    ids=["named", "ingredients", "keys", "origins", "denied"],
)
def test_the_cost_grows_with_the_number_of_attributes(
    title: str, attribute: Callable[[int], tuple[str, str]], screener: Screener, on: date
) -> None:
    def made(number: int) -> Listing:
        return listing_of({"title": title, "attrs": [attribute(n) for n in range(number)]})

    few, many = made(500), made(2000)
    screener.screen(many, on)  # what is kept from one listing to the next is kept now
    assert calls(lambda: screener.screen(many, on)) < 5 * calls(lambda: screener.screen(few, on))


@pytest.mark.parametrize(
    ("keywords", "named"),
    [
        (["狮峰龙井", "西湖龙井"], "西湖龙井"),
        (["西湖", "西湖龙井"], "西湖龙井"),
        (["五常香米", "五常大米"], "五常大米"),
    ],
)
def test_the_order_of_keywords_changes_nothing(keywords: list[str], named: str, screener: Screener, on: date) -> None:
    title = "绿茶" if "西湖龙井" in keywords else "大米"
    one, other = (
        screener.screen(listing_of({"title": title, "keywords": words}), on) for words in (keywords, keywords[::-1])
    )
    (found,), (again,) = all_findings(one), all_findings(other)
    assert found.place.text == again.place.text == named
    assert found.confidence == again.confidence and one.suspicions[0].score == other.suspicions[0].score


def test_the_order_of_attributes_changes_nothing(screener: Screener, on: date) -> None:
    attrs = [["类型", "五常大米"], ["品名", "五常大米"], ["厂址", "安徽合肥"], ["产地", "安徽合肥"], ["品种", "五常"]]
    screenings = [
        screener.screen(listing_of({"title": "大米 5kg", "attrs": turned}), on)
        for turned in (attrs[i:] + attrs[:i] for i in range(len(attrs)))
    ]
    assert screenings[0].suspicions and all(screening == screenings[0] for screening in screenings)


def test_the_values_of_an_object_are_one_text_in_which_places_are_counted(screener: Screener, on: date) -> None:
    attrs = {"产地": {"省": "吉林", "市": "松原"}, "品名": {"a": "香", "b": ["五常大米", 3, None]}}
    listing, told = told_listing_of({"title": "大米 5kg", "attrs": attrs})
    assert listing.attributes == (("产地", "吉林、松原"), ("品名", "香、五常大米、3、"))
    assert [warning.partition(":")[0] for warning in told] == ["attrs.产地", "attrs.品名"]
    (found,) = (f for f in all_findings(screener.screen(listing, on)) if f.model_id == "name-outside")
    assert listing.attributes[1][1][found.place.start : found.place.end] == "五常大米"
