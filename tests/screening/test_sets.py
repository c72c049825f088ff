"""Sets: what one stated origin says of each of several goods in a title. N02."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import OUTSIDE, screened


@pytest.mark.parametrize(
    ("title", "origin", "other"),
    [
        ("五常大米5斤+阳澄湖大闸蟹8只 礼盒", "黑龙江五常", "阳澄湖大闸蟹"),
        ("洛川苹果12枚+烟台苹果12枚 对比装", "陕西洛川", "烟台苹果"),
    ],
)
def test_n02_the_origin_of_a_set_is_perhaps_that_of_another_part(
    screener: Screener, on: date, title: str, origin: str, other: str
) -> None:
    (found,) = all_findings(screened(screener, {"title": title, "origin": origin}, on))
    assert found.gi_name == other and found.confidence < 0.4
    assert "N02" in {c.code for c in found.considered}


@pytest.mark.parametrize(
    ("title", "origin", "other"),
    [
        ("贵州茅台酒+镇江香醋 礼盒", "江苏镇江", "贵州茅台酒"),
        ("洛川苹果 富平柿饼 礼盒", "陕西富平", "洛川苹果"),
    ],
)
def test_a_part_of_a_set_is_no_raw_material_of_another(
    screener: Screener, on: date, title: str, origin: str, other: str
) -> None:
    (found,) = all_findings(screened(screener, {"title": title, "origin": origin}, on))
    assert found.gi_name == other and found.confidence < 0.4


def test_n02_the_origin_of_a_mixture_only_asks_for_proof(screener: Screener, on: date) -> None:
    mixed = all_findings(screened(screener, {"title": "菊花枸杞茶 杭白菊+宁夏枸杞 组合", "origin": "安徽亳州"}, on))
    assert len(mixed) == 2 and all(f.confidence < 0.4 for f in mixed)
    assert all("N02" in {c.code for c in f.considered} for f in mixed)
    stuffed = all_findings(screened(screener, {"title": "五常大米 盘锦大米 射阳大米 10斤", **OUTSIDE}, on))
    assert len(stuffed) == 3 and all(f.confidence > 0.5 for f in stuffed)
    teas = all_findings(screened(screener, {"title": "福鼎白茶 普洱茶 安化黑茶 饼茶", "origin": "广东"}, on))
    assert len(teas) == 3 and all(f.confidence > 0.5 for f in teas)
