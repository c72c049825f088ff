"""Old marks: the day of 2020-12-31 is that of two of them; the agriculture ministry's mark is another matter. P08, N22, N23."""

from datetime import date
from typing import Any

import pytest

from gimonitor.model.finding import Screening
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

AGI = "农产品地理标志 中华人民共和国农业农村部"


def screened(screener: Screener, on: date, **record: Any) -> tuple[Screening, set[str]]:
    screening = screener.screen(listing_of(record), on)
    return screening, {f.model_id for f in all_findings(screening)}


@pytest.mark.parametrize(
    "text",
    [
        "中国地理标志 国家工商行政管理总局商标局",
        "中国地理标志 GI 国家工商总局商标局",
        "国家工商行政管理总局商标局 中国地理标志",
        "中华人民共和国国家工商行政管理总局商标局 GI 中国地理标志",
        "PGI地理标志保护产品椭圆标志，生产日期：2026年4月",
        "包装印地理标志保护产品PGI标",
    ],
)
def test_old_marks_are_told_from_the_present_one(text: str, screener: Screener, on: date) -> None:
    screening, fired = screened(screener, on, title="章丘大葱 10斤", image_text=text)
    assert "abolished-claim" in fired
    reason = next(f.reason for f in all_findings(screening) if f.model_id == "abolished-claim")
    assert "过渡期于2020年12月31日届满" in reason


@pytest.mark.parametrize(
    "text",
    [
        "包装带有中国地理标志专用标志",
        "国家工商总局商标局核准注册的中国地理标志证明商标",
        "2008年由国家工商行政管理总局商标局批准为中国地理标志",
    ],
)
def test_the_present_mark_and_a_history_are_no_old_mark(text: str, screener: Screener, on: date) -> None:
    _, fired = screened(screener, on, title="文山三七粉 250g", description=text)
    assert "abolished-claim" not in fired
    assert fired & {"mark-claim", "mark-shown"}


def test_an_old_name_has_no_day_of_transition(screener: Screener, on: date) -> None:
    screening, _ = screened(screener, on, title="五常大米 10斤", image_text="原产地域产品")
    (found,) = (f for f in all_findings(screening) if f.model_id == "abolished-claim")
    assert "2020" not in found.reason


@pytest.mark.parametrize(
    "record",
    [
        {"title": "平陆苹果 5斤 农家", "origin": "山西运城平陆"},
        {"title": "临县开阳大枣 5斤", "origin": "山西临县"},
        {"title": "上党高粱 5斤"},  # so registered, and nothing says where it comes from
    ],
)
def test_n23_goods_that_may_bear_the_agricultural_mark(record: dict[str, Any], screener: Screener, on: date) -> None:
    screening, fired = screened(screener, on, **record, image_text=AGI)
    assert fired <= {"name-unknown"}
    (clearing,) = (c for c in screening.clearings if c.code == "N23")
    assert clearing.decisive and "待核" in clearing.reason.replace("待核实", "待核")


def test_elsewhere_only_what_is_known_of_it_is_said(screener: Screener, on: date) -> None:
    for record in ({"title": "农产品地理标志 山药 5斤"}, {"title": "平陆苹果", "origin": "河北", "image_text": AGI}):
        screening, fired = screened(screener, on, **record)
        assert "abolished-claim" not in fired and "agi-claim" in fired
        told = [f for f in all_findings(screening) if f.model_id == "agi-claim"]
        assert all("2020" not in f.reason and "登记证书" in f.reason and f.severity <= 0.3 for f in told)


def test_n22_says_nothing_of_the_agricultural_mark(screener: Screener, on: date) -> None:
    screening, fired = screened(screener, on, title="农产品地理标志 山药 5斤", attrs={"生产日期": "2019年5月"})
    assert "agi-claim" in fired
    assert "N22" not in {c.code for c in screening.clearings}


@pytest.mark.parametrize(
    "said",
    [
        "外包装印有地理标志保护产品旧标，当年的包装。",
        "旧版地理标志标识包装，陈年黄酒。",
        "坛身印有当年的地理标志保护产品椭圆标，仅供收藏。",
        "罐身印有旧的地理标志产品标志，色泽清晰。",
    ],
)
def test_what_is_called_an_old_mark_is_one(said: str, screener: Screener, on: date) -> None:
    made = (("产地", "浙江绍兴"), ("生产日期", "2016-03-01"))
    _, fired = screened(screener, on, title="绍兴酒 花雕 坛装", description=said, attrs=dict(made))
    assert not fired
    _, fired = screened(screener, on, title="绍兴酒 花雕 坛装", description=said, attrs={"产地": "浙江绍兴"})
    assert "mark-claim" in fired
