"""Words of place to codes, with every reading of an ambiguous name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.errors import RulesError
from gimonitor.model.finding import Origin
from gimonitor.register.former import former_divisions, read_former
from gimonitor.register.regions import find_regions, is_within, origin_of, region, short_name


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("产地:黑龙江哈尔滨五常", ["230184"]),
        ("黑龙江省哈尔滨市五常市", ["230184"]),
        ("黑龙江五常", ["230184"]),
        ("五常", ["230184"]),
        ("发货地 浙江 杭州", ["330100"]),
        ("浙江杭州西湖区", ["330106"]),
        ("西湖区", ["330106", "360103"]),
        ("北京朝阳", ["110105"]),
        ("吉林", ["220000", "220200"]),
        ("吉林省", ["220000"]),
        ("吉林市", ["220200"]),
        ("呼市", ["150100"]),
        ("陕西杨凌", ["610403"]),
        ("吉林吉林", ["220200"]),
        ("吉林延边", ["222400"]),
        ("海南", ["460000"]),
        ("青海海南", ["632500"]),
        ("新疆库尔勒", ["652801"]),
        ("巴音郭楞蒙古自治州库尔勒市", ["652801"]),
        ("山西长治沁县", ["140430"]),
        ("沁县、武乡县、襄垣县", ["140430", "140429", "140423"]),
        ("黑龙江省五常市民乐乡红旗村", ["230184"]),
        ("江苏省苏州市昆山市巴城镇", ["320583"]),
        ("黑龙江五常 发货地:浙江杭州", ["230184", "330100"]),
        ("广西横州", ["450181"]),
        ("湖北恩施", ["422800"]),
        ("湖北恩施恩施市", ["422801"]),
        ("东莞", ["441900"]),
        ("湖北神农架", ["429021"]),
        ("上海浦东新区", ["310115"]),
        ("香港", ["810000"]),
        ("大同", ["140200", "230606", "710103"]),
        ("山西大同", ["140200"]),
        ("法国", []),
        ("", []),
        ("见包装", []),
    ],
)
def test_words_of_place_are_read(text: str, codes: list[str]) -> None:
    assert [found.adcode for found in find_regions(text)] == codes


def test_an_ambiguous_name_says_so_and_where_it_stands() -> None:
    first, second = find_regions("产地 西湖区")
    assert first.ambiguous
    assert second.ambiguous
    assert (first.start, first.end) == (3, 6)
    (found,) = find_regions("杭州西湖区")
    assert (found.province, found.city, found.county, found.ambiguous) == ("浙江省", "杭州市", "西湖区", False)


@pytest.mark.parametrize(
    ("text", "area", "origin"),
    [
        ("黑龙江五常", ["230184"], Origin.INSIDE),
        ("盘锦大洼", ["211100"], Origin.INSIDE),
        ("江苏", ["230184"], Origin.OUTSIDE),
        ("湖北武汉武昌", ["230184"], Origin.OUTSIDE),
        ("黑龙江", ["230184"], Origin.UNKNOWN),
        ("哈尔滨", ["230184"], Origin.UNKNOWN),
        ("西湖区", ["330106"], Origin.UNKNOWN),
        ("西湖区", ["230184"], Origin.OUTSIDE),
        ("五常、吉林", ["230184"], Origin.UNKNOWN),
        ("", ["230184"], Origin.UNKNOWN),
        ("五常", [], Origin.UNKNOWN),
    ],
)
def test_origin_is_inside_or_outside_only_when_every_reading_says_so(
    text: str, area: list[str], origin: Origin
) -> None:
    assert origin_of(find_regions(text), area) is origin


@pytest.mark.parametrize(
    ("code", "area", "inside"),
    [
        ("230184", "230184", True),
        ("230184", "230100", True),
        ("230184", "2301", True),
        ("230184", "23", True),
        ("230184", "230000", True),
        ("230000", "230184", False),
        ("230100", "230184", False),
        ("140123", "140122", False),
        ("420100", "420000", True),
        ("420000", "420000", True),
        ("442000", "441900", False),
        ("429021", "429000", True),
    ],
)
def test_a_code_lies_within_a_wider_one(code: str, area: str, inside: bool) -> None:
    assert is_within(code, [area]) is inside


def test_codes_have_names() -> None:
    found = region("230184")
    assert found is not None
    assert (found.name, found.city, found.province) == ("五常市", "哈尔滨市", "黑龙江省")
    assert region("23") == region("230000")
    assert region("999999") is None


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("陕西省", "陕西"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("延边朝鲜族自治州", "延边"),
        ("沁县", "沁县"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


@given(st.text(alphabet="黑龙江哈尔滨五常市县区西湖朝阳吉林 、-a", max_size=60))
def test_any_text_gives_places_that_stand_in_it(text: str) -> None:
    for found in find_regions(text):
        assert 0 <= found.start < found.end <= len(text)
        assert region(found.adcode) is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("陕西省西安市户县", "610118"),
        ("产地:陕西渭南华县", "610503"),
        ("横山县", "610803"),
        ("安塞县", "610603"),
        ("襄樊", "420600"),
        ("湖北襄樊市", "420600"),
        ("广西横县", "450181"),
        ("山西长治县", "140404"),
        ("北京崇文区", "110101"),
        ("沙县区", "350405"),
    ],
)
def test_a_division_that_is_no_more_is_found_by_its_former_name(text: str, code: str) -> None:
    assert [place.adcode for place in find_regions(text)] == [code]


def test_every_former_division_has_a_successor_of_today_and_is_none_itself() -> None:
    for former in former_divisions().values():
        assert region(former.successor), former
        assert region(former.code) is None or former.code == former.successor, former


@pytest.mark.parametrize(
    "row", ["610125,户县,6101,found,x", "610125,户县,610118,sure,x", "610125,户县,610118,found,", "610125,户县"]
)
def test_a_bad_row_of_former_divisions_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "former.csv"
    path.write_text(f"code,name,successor,certainty,source\n{row}\n", encoding="utf-8")
    with pytest.raises(RulesError, match=r"former\.csv:2:1"):
        read_former(path)
