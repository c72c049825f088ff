"""The page of a GI and of a sign: found by what people type, with every doubt shown and every gap listed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from gimonitor.errors import InputError
from gimonitor.model.register import Certainty, Kind, Register
from gimonitor.register.facts import facts_of, with_facts
from gimonitor.register.gifile import build_gi_file, find_gaps, find_gi, gis_of_province
from gimonitor.register.places import place_words
from gimonitor.register.signfile import build_sign_file, find_sign

ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("hlj-wuchang-dami", "五常大米"),
        ("五常米", "五常大米"),
        ("wuchang da mi", "五常大米"),
        ("伍常大米", "五常大米"),
        ("碧螺春", "洞庭山碧螺春"),
        ("西湖龙井茶", "西湖龙井"),
        ("Champagne", "香槟"),
    ],
)
def test_a_gi_is_found_by_its_variants_and_parts(shipped: Register, wanted: str, name: str) -> None:
    assert find_gi(shipped, wanted).name == name


@pytest.mark.parametrize(
    ("wanted", "told"), [("大米", "several GIs"), ("火星米", "no GI of this"), (" ", "no GI of this")]
)
def test_what_may_mean_several_or_none_is_refused(shipped: Register, wanted: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        find_gi(shipped, wanted)


def test_a_province_is_known_by_its_full_and_short_name_and_an_unknown_one_is_refused(shipped: Register) -> None:
    assert gis_of_province(shipped, "山西省") == gis_of_province(shipped, "山西") != []
    assert len(gis_of_province(shipped, "")) == len(shipped.gis)
    with pytest.raises(InputError, match=r"no GI of the province '火星'.*provinces: .*山西"):
        gis_of_province(shipped, "火星")


def test_every_shipped_page_shows_each_unverified_fact_as_such(shipped: Register) -> None:
    for gi in shipped.gis:
        page = "\n".join(line for section in build_gi_file(shipped, gi, ON) for line in section.lines)
        for fact in (gi.category, gi.product_group, gi.goods, *gi.twins, *gi.company_words):
            if fact and fact.certainty is Certainty.UNVERIFIED:
                assert f"{fact.value}（未核实）" in page, gi.name
        assert "监管层级未由主管局确定" in find_gaps(shipped, gi, ON)  # no bureau has set one yet


def test_the_page_of_a_gi_leaves_nothing_out(shipped: Register) -> None:
    gi = replace(find_gi(shipped, "五常大米"), not_goods=("米糠",), origin="乙局")
    page = "\n".join(line for section in build_gi_file(shipped, gi, ON) for line in section.lines)
    for piece in ("第 30 类", "食品生产许可类别：101", "表明是别的商品：米糠", "来自：乙局"):
        assert piece in page
    assert "不相符的标准1：GB/T 1354，绵阳案" in page  # a source of its own
    for _, fact in facts_of(gi):
        for value in fact.value if isinstance(fact.value, tuple) else (fact.value,):
            assert str(value) in page or isinstance(value, Kind), value


@pytest.mark.parametrize(
    ("whole", "part", "shown"),
    [("found", "found", ""), ("found", "unverified", "（未核实）"), ("unverified", "found", "（未核实）")],
)
def test_what_has_no_certainty_of_its_own_is_known_no_better_than_what_it_follows_from(
    shipped: Register, whole: str, part: str, shown: str
) -> None:
    gi = find_gi(shipped, "五常大米")
    assert gi.goods is not None and gi.area is not None
    area = replace(gi.area, adcodes=replace(gi.area.adcodes, certainty=Certainty(part)))
    goods = replace(gi.goods, certainty=Certainty(part))
    entries = dict(
        build_gi_file(shipped, replace(gi, certainty=Certainty(whole), goods=goods, area=area), ON)[0].entries
    )
    assert entries["商标国际分类"] == f"第 30 类{shown}"
    assert entries["食品生产许可类别"] == f"101{shown}"
    assert entries["地区"] == f"黑龙江哈尔滨{shown}"
    assert entries["说明"].endswith("（未核实）") == (whole == "unverified")


def test_foreign_names_have_the_agreement_beside_their_own_protection(shipped: Register) -> None:
    ham, champagne = find_gi(shipped, "帕尔玛火腿"), find_gi(shipped, "香槟")
    assert [str(p.kind.value) for p in ham.protections] == ["gi_product", "foreign"]
    assert [str(p.kind.value) for p in champagne.protections] == ["gi_product", "collective_mark", "foreign"]
    assert champagne.protections[2].kind.certainty is Certainty.UNVERIFIED
    for agreed in (ham.protections[1], champagne.protections[2]):
        assert not agreed.is_active(date(2021, 2, 28))
        assert agreed.is_active(date(2021, 3, 1))


def test_there_is_a_sign_of_every_kind_with_its_page(shipped: Register) -> None:
    kinds = {sign.kind for sign in shipped.signs}
    assert kinds == {"gi_special", "gi_abolished", "agi", "olympic", "official", "special"}
    for sign in shipped.signs:
        titles = [section.title for section in build_sign_file(sign, ON)]
        assert titles[0] == "基本"
        assert titles[-1] == "缺项"
    mark, ended = find_sign(shipped, "地理标志专用标志"), find_sign(shipped, "hangzhou-2022")
    assert mark is not None
    assert ended is not None
    assert len(mark.look_alikes) > 3
    assert any("经销商" in duty.value for duty in mark.duties)
    assert (ended.is_active(date(2026, 8, 29)), ended.is_active(ON)) == (True, False)
    assert "不在有效期" in dict(build_sign_file(ended, ON)[0].entries)["有效期"]


def test_every_place_of_a_fact_has_words(shipped: Register) -> None:
    places = {place for item in with_facts(shipped) for place, _ in facts_of(item)}
    assert not {place for place in places if re.search("[a-z_]", place_words(place))}
    assert place_words("protections.0.numbers.1") == "保护1·号2"
