"""Statements on protection: what is true of a name, marks of other kinds, codes, rights that have lapsed. C1, N23, P06."""

from datetime import date

import pytest

from gimonitor.model.register import Register
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from tests.screening.recorded import screened


@pytest.mark.parametrize(
    ("record", "confidence"),
    [
        ({"description": "富平柿饼于2008年获批国家地理标志保护产品，软糯", "origin": "陕西富平"}, 0.0),
        ({"subtitle": "国家地理标志保护产品", "origin": "陕西富平"}, 0.175),
        ({"description": "富平柿饼是使用地理标志专用标志的产品", "origin": "陕西富平"}, 0.28),
        ({"description": "富平柿饼于2008年获批国家地理标志保护产品，软糯", "origin": "山西临汾"}, 0.476),
    ],
)
def test_c1_what_is_told_of_the_name_by_a_seller_from_the_area_is_no_claim(
    screener: Screener, on: date, record: dict[str, object], confidence: float
) -> None:
    found = all_findings(screened(screener, {"title": "富平柿饼 500g", **record}, on))
    assert max((f.confidence for f in found if f.family == "mark-claim"), default=0.0) == confidence


@pytest.mark.parametrize("claim", ["农产品地理标志保护产品", "农产品地理标志产品", "农产品地理标志登记保护产品"])
def test_n23_the_whole_name_of_the_old_registration_is_one_claim(screener: Screener, on: date, claim: str) -> None:
    assert not screened(screener, {"title": f"平陆苹果 10斤 {claim}", "origin": "山西平陆"}, on).suspicions


def test_the_mark_of_ecological_origin_is_no_abolished_one(screener: Screener, on: date) -> None:
    record = {"title": "五常大米 生态原产地保护产品 10斤", "origin": "黑龙江五常"}
    assert not screened(screener, record, on).suspicions
    assert screened(screener, record | {"title": "五常大米 原产地保护产品 10斤"}, on).suspicions


def test_p06_a_code_cannot_be_checked_where_no_list_is_known(screener: Screener, register: Register, on: date) -> None:
    shown = {"image_text": "中华人民共和国地理标志 91110000600037341L"}
    (listed,) = [
        f for f in all_findings(screened(screener, {"title": "五常大米 10斤", **shown}, on)) if f.family == "uscc"
    ]
    (alone,) = [
        f for f in all_findings(screened(screener, {"title": "镇江香醋 500ml", **shown}, on)) if f.family == "uscc"
    ]
    assert any(user.gi_id == listed.gi_id for user in register.users)
    assert "不在档案" in listed.reason and listed.confidence > 0.4
    assert "无法核对" in alone.reason and alone.confidence < 0.3


def test_a_gi_whose_protection_has_ended_only_asks(screener: Screener, on: date) -> None:
    (found,) = all_findings(screened(screener, {"title": "祁门红茶 250g", "origin": "福建武夷山"}, on))
    assert found.confidence < 0.4 and "受保护" not in found.reason
    assert any("没有现行有效的保护" in fact for fact in found.unverified)
    disputed = {"title": "润思祁门红茶 250g", "origin": "安徽池州贵池区"}
    assert not screened(screener, disputed, on).suspicions
