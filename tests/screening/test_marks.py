"""Claims of the special mark and of protection, labels on sale: what is said of them, how surely, and by which law. P05, P07, P08, P09, P18."""

from datetime import date
from typing import Any

import pytest

from gimonitor.model.finding import Finding
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import screened

LEGEND = "中华人民共和国地理标志 GEOGRAPHICAL INDICATION OF P.R.CHINA"
LISTED, UNLISTED = {"title": "五常大米 5kg"}, {"title": "章丘大葱 5斤"}


def found(screener: Screener, on: date, record: dict[str, Any]) -> dict[str, Finding]:
    """Findings by model."""
    return {f.model_id: f for f in all_findings(screened(screener, record, on))}


def laws(finding: Finding) -> set[str]:
    return {citation.key for citation in finding.law}


def test_p07_words_are_no_use_of_the_mark(screener: Screener, on: date) -> None:
    claimed = found(screener, on, {"title": "国家地理标志产品 秦岭深山土蜂蜜 500g"})
    assert set(claimed) == {"mark-claim"}
    assert laws(claimed["mark-claim"]) == {"gi-product-measures:30-6", "anti-unfair-competition:false-publicity"}


@pytest.mark.parametrize("record", [LISTED, UNLISTED, {"title": "绿茶 250g"}])
def test_p05_what_stands_in_the_mark_is_a_finding_of_its_own_that_leads(
    screener: Screener, on: date, record: dict[str, Any]
) -> None:
    title = f"{record['title']} 国家地理标志保护产品"
    both = found(screener, on, {"title": title, "image_text": LEGEND, "shop": "某店"})
    mark, words = both["mark-shown"], both["mark-claim"]
    assert (mark.severity, mark.confidence) > (words.severity, words.confidence)
    assert "是专用标志上的字样，图片中疑似有专用标志" in mark.reason and "gi-product-measures:30-5" in laws(mark)
    assert words.place.text == "国家地理标志保护产品"


def test_p05_the_mark_called_by_its_name_is_a_use_of_it(screener: Screener, on: date) -> None:
    told = found(screener, on, {**UNLISTED, "description": "包装上使用地理标志专用标志"})
    assert "mark-claim" not in told and "提到专用标志" in told["mark-shown"].reason


@pytest.mark.parametrize(
    "record",
    [
        {**LISTED, "image_text": "国家地理标志保护产品"},
        {**LISTED, "image_text": "中华人民共和国地理标志产品"},
        {"title": "五常大米 中华人民共和国地理标志 5kg"},
    ],
)
def test_p05_other_words_and_a_title_show_no_mark(screener: Screener, on: date, record: dict[str, Any]) -> None:
    claimed = found(screener, on, record)
    assert "mark-shown" not in claimed and "mark-claim" in claimed


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({**LISTED, "shop": "某某粮油店"}, "档案的合法使用人名单中没有该商家"),
        ({**UNLISTED, "shop": "某某粮油店"}, "档案尚未录入其合法使用人名单"),
        (LISTED, "没有采集到商家"),
        (UNLISTED, "档案尚未录入其合法使用人名单"),
    ],
)
@pytest.mark.parametrize("claim", [{"subtitle": "国家地理标志保护产品"}, {"image_text": LEGEND}])
def test_what_could_not_be_looked_up_is_said_and_held_less(
    screener: Screener, on: date, record: dict[str, Any], said: str, claim: dict[str, str]
) -> None:
    (told,) = (f for f in found(screener, on, {**record, **claim}).values() if f.family == "mark-claim")
    (sure,) = (
        f for f in found(screener, on, {**LISTED, **claim, "shop": "某某粮油店"}).values() if f.family == "mark-claim"
    )
    assert said in told.reason
    assert (told.confidence < sure.confidence) is (told.reason != sure.reason)


def test_an_authorisation_that_has_ended_is_no_missing_one(screener: Screener, on: date) -> None:
    told = found(
        screener, on, {**LISTED, "subtitle": "国家地理标志保护产品", "shop": "五常市龙凤山演示水稻种植专业合作社"}
    )
    assert "档案中该商家的使用资格不在有效期内" in told["mark-claim"].reason


@pytest.mark.parametrize(
    ("title", "model", "law"),
    [
        ("地理标志专用标志贴纸 1000枚", "packaging-mark", "gi-product-measures:30-8"),
        ("五常大米 防伪标签 印刷地理标志专用标志 1000枚", "packaging-mark", "gi-product-measures:30-8"),
        ("农产品地理标志标签贴纸", "packaging-words", "gi-product-measures:30-6"),
        ("地理标志防伪贴纸 1000贴", "packaging-words", "gi-product-measures:30-6"),
        ("PGI标志 不干胶 1000枚", "packaging-words", "gi-product-measures:30-6"),
        ("五常大米包装袋 10斤装空袋 厂家定制", "packaging", "trademark-law:infringement-labels"),
    ],
)
def test_p09_who_sells_labels_claims_nothing_of_goods(
    screener: Screener, on: date, title: str, model: str, law: str
) -> None:
    told = found(screener, on, {"title": title})
    assert {f.family for f in told.values()} == {"packaging"}
    assert law in laws(told[model])


def test_p09_forging_the_mark_is_cited_only_where_the_mark_is_named(screener: Screener, on: date) -> None:
    (bag,) = found(screener, on, {"title": "英德红茶包装袋 250克装"}).values()
    assert not laws(bag) & {"gi-product-measures:30-8", "trademark-law:infringement-labels"}


def test_p09_a_sticker_is_quoted_whole(screener: Screener, on: date) -> None:
    (sticker,) = found(screener, on, {"title": "地理标志专用标志贴纸 1000枚"}).values()
    assert "“专用标志贴纸”" in sticker.reason


def test_p18_a_tag_is_no_name_of_goods(screener: Screener, on: date) -> None:
    (tag,) = found(screener, on, {"title": "大闸蟹礼盒 一蟹一扣 阳澄湖防伪扣 8只", "origin": "安徽马鞍山"}).values()
    assert tag.model_id == "origin-tag" and "是标示产地的标识" in tag.reason
    assert "gi-product-measures:30-2" not in laws(tag)


@pytest.mark.parametrize(
    ("made", "late"),
    [
        ("生产日期2026-10-11", True),
        ("生产日期：2026年4月", True),
        ("生产日期2026年10月11日", True),
        ("2021年生产", True),
        ("", False),
        ("生产日期2026-10-11 2018年生产", False),
        ("2026年", False),
    ],
)
def test_p08_a_day_after_the_transition_is_told(screener: Screener, on: date, made: str, late: bool) -> None:
    old = found(screener, on, {**LISTED, "image_text": f"PGI标志 {made}"})["abolished-claim"]
    assert ("在此之后" in old.reason, old.confidence > 0.5) == (late, late)
    assert ("可以继续流通" in old.reason) is not late
    assert not late or f"“{made}”" in old.reason


def test_p08_goods_made_in_time_are_still_cleared(screener: Screener, on: date) -> None:
    record = {**LISTED, "image_text": "PGI标志 生产日期2019-10-11"}
    assert "abolished-claim" not in found(screener, on, record)
