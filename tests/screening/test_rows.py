"""Names in a description among other offers, in general knowledge or in a row: told of other goods, and what is sold under them."""

from datetime import date

import pytest

from gimonitor.model.finding import Finding
from gimonitor.screening import Screener
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 22)


def found(screener: Screener, title: str, description: str, standard: str = "") -> list[Finding]:
    record = {"title": title, "origin": "吉林榆树", "description": description, "attrs": {"产品标准号": standard}}
    return [f for s in screener.screen(listing_of(record), ON).suspicions for f in s.findings]


@pytest.mark.parametrize(
    ("title", "description", "code"),
    [
        ("绿茶 250g", "店内还有西湖龙井、安吉白茶、信阳毛尖等各地名茶，欢迎进店选购。本品为本地绿茶。", "N15"),
        ("大米 10斤", "掌柜推荐：本店同时经营五常大米、盘锦大米、响水大米，链接在店铺首页。", "N15"),
        ("大米 10斤", "五常大米、盘锦大米，链接在店铺首页。", "N15"),
        ("绿茶 250g", "猜你喜欢：西湖龙井", "N15"),
        ("红茶 500g", "小知识：中国名茶有西湖龙井、洞庭碧螺春、黄山毛峰、安溪铁观音、祁门红茶等。", "N15"),
        ("绿茶 250g", "十大名茶：西湖龙井、黄山毛峰和信阳毛尖。", "N15"),
        ("苹果 5斤", "这套工具适用洛川苹果、烟台苹果等果树。", "N09"),
    ],
)
def test_other_offers_and_knowledge_are_not_accused(
    title: str, description: str, code: str, screener: Screener
) -> None:
    assert not found(screener, title, description, "GB/T 1354")
    screening = screener.screen(listing_of({"title": title, "origin": "吉林榆树", "description": description}), ON)
    assert {c.code for c in screening.clearings if c.decisive} == {code}


@pytest.mark.parametrize(
    "description",
    [
        "本品是五常大米，店内还有盘锦大米、响水大米。", "店内还有盘锦大米、响水大米，本品是五常大米。", "店内还有优惠活动，五常大米现磨现发。",
        "本店还有盘锦大米。这款就是五常大米，现磨现发。", "店里还有很多，正宗五常大米。", "适用人群广泛的五常大米，现磨现发。", "清洗五常大米两遍，浸泡半小时。",
    ],
)  # fmt: skip
def test_what_is_sold_stays_flagged(description: str, screener: Screener) -> None:
    findings = found(screener, "东北大米 10斤", description)
    assert {f.gi_name for f in findings} == {"五常大米"}
    assert {f.family for f in findings} == {"name-outside"}


def test_the_title_stays_flagged(screener: Screener) -> None:
    assert found(screener, "五常大米 10斤", "店内还有五常大米、盘锦大米。")


@pytest.mark.parametrize(
    "description",
    [
        "五常大米、盘锦大米、响水大米任选。",
        "掌柜推荐：五常大米，好吃不贵。",
        "小知识：五常大米生长期长。",
        "掌柜推荐五常大米 10斤装现货",
    ],
)
def test_a_row_or_a_topic_alone_only_lowers(description: str, screener: Screener) -> None:
    findings = found(screener, "东北大米 10斤", description, "GB/T 1354")
    assert "五常大米" in {f.gi_name for f in findings}
    assert all("N15" in {c.code for c in f.considered} for f in findings)


@pytest.mark.parametrize("description", ["五常大米、盘锦大米、响水大米任选。", "五常大米生长期长。"])
def test_p04_no_standard_is_held_against_a_name_the_goods_do_not_bear(description: str, screener: Screener) -> None:
    assert {f.family for f in found(screener, "东北大米 10斤", description, "GB/T 1354")} == {"name-outside"}


@pytest.mark.parametrize(("title", "description"), [("五常大米 10斤", ""), ("大米 10斤", "本品是五常大米，现磨现发。")])
def test_p04_the_standard_of_a_name_that_is_borne(title: str, description: str, screener: Screener) -> None:
    assert "standard" in {f.family for f in found(screener, title, description, "GB/T 1354")}
