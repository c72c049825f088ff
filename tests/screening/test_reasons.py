"""What a reason says is true of the listing: how the name is written, who may be misled, which finding leads, what is counted once."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import OUTSIDE, screened


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("五常大米 10斤", "标题中的“五常大米”与地理标志“五常大米”相同"),
        ("五·常·大·米 5kg", "标题中的“五·常·大·米”不计字体和间隔，与地理标志“五常大米”相同"),
        ("陽澄湖大閘蟹 公4两母3两 8只", "标题中的“陽澄湖大閘蟹”不计字体和间隔，与地理标志“阳澄湖大闸蟹”相同"),
        ("阳山水蜜桃 5斤装", "标题中的“阳山水蜜桃”是档案所列地理标志“无锡水蜜桃”的别称"),
        ("五 常 米 10斤", "标题中的“五 常 米”不计字体和间隔，是档案所列地理标志“五常大米”的别称"),
    ],
)
@pytest.mark.parametrize("record", [{}, OUTSIDE])
def test_a_name_is_told_as_it_is_written(
    title: str, said: str, record: dict[str, str], screener: Screener, on: date
) -> None:
    reasons = [f.reason for f in all_findings(screened(screener, {"title": title, **record}, on))]
    assert any(reason.startswith(said) for reason in reasons), reasons


@pytest.mark.parametrize(("record", "asks"), [({}, True), (OUTSIDE, False)])
def test_a_near_name_may_mislead_and_proof_is_asked_where_the_origin_is_open(
    record: dict[str, str], asks: bool, screener: Screener, on: date
) -> None:
    found = screened(screener, {"title": "安吉珍品白茶 250g 礼盒", **record}, on).suspicions[0].findings
    (near,) = [f for f in found if f.model_id == "near-inserted"]
    assert "可能误导公众；" in near.reason
    assert near.reason.endswith("，需要提供产地证明。") is asks


@pytest.mark.parametrize(
    ("title", "models"),
    [
        ("阳澄湖同款大闸蟹 8只", ["style"]),
        ("平遥风味牛肉 200g", ["style"]),
        ("安吉珍品白茶 250g", ["near-inserted"]),
    ],
)
def test_a_style_word_is_told_as_one_and_not_as_something_inserted_too(
    title: str, models: list[str], screener: Screener, on: date
) -> None:
    (suspicion,) = screened(screener, {"title": title, **OUTSIDE}, on).suspicions
    assert [f.model_id for f in suspicion.findings] == models


def test_several_findings_of_the_same_use_of_a_name_count_once(screener: Screener, on: date) -> None:
    (suspicion,) = screened(screener, {"title": "五🌾常🍚大米 10斤", **OUTSIDE}, on).suspicions
    assert {f.model_id for f in suspicion.findings} == {"name-outside", "near-split"}
    confidence = next(term.value for term in suspicion.score.terms if term.name == "confidence")
    assert confidence == max(f.confidence for f in suspicion.findings)


def test_findings_of_different_things_still_add_up(screener: Screener, on: date) -> None:
    record = {"title": "五常大米 10斤", "attrs": {"执行标准": "GB/T 1354"}, **OUTSIDE}
    (suspicion,) = screened(screener, record, on).suspicions
    confidence = next(term.value for term in suspicion.score.terms if term.name == "confidence")
    assert confidence > max(f.confidence for f in suspicion.findings)


@pytest.mark.parametrize(
    "record",
    [
        {"title": "五常大米 国家地理标志保护产品 10斤", "shop": "五常大米专营店", **OUTSIDE},
        {"title": "五常大米 10斤", "attrs": {"执行标准": "GB/T 1354"}, "keywords": ["五常大米"], **OUTSIDE},
    ],
)
def test_the_weightiest_finding_leads(record: dict[str, object], screener: Screener, on: date) -> None:
    for suspicion in screened(screener, record, on).suspicions:
        weights = [f.severity * f.confidence for f in suspicion.findings]
        assert len(weights) > 1
        assert weights == sorted(weights, reverse=True)


def test_a_standard_is_told_with_its_field(screener: Screener, on: date) -> None:
    record = {"title": "五常大米 10斤", "attrs": {"执行标准": "GB/T 1354"}, **OUTSIDE}
    found = all_findings(screened(screener, record, on))
    assert any(
        f.reason.startswith("商品属性中的“GB/T 1354”是标示的执行标准，与使用“五常大米”名称所对应的") for f in found
    )


@pytest.mark.parametrize("claim", ["中华人民共和国地理标志保护产品", "国家地理标志保护产品"])
def test_a_claim_is_that_of_the_gi_that_is_named(claim: str, screener: Screener, on: date) -> None:
    record = {"title": "太平猴魁 特级手工绿茶礼盒 250g 黄山特产", "image_text": claim, "origin": "安徽黄山黄山区"}
    assert {s.gi_name for s in screened(screener, record, on).suspicions} == {"太平猴魁"}
