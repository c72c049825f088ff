"""Papers say of a lead only what was done: who told of it, and whether and when anybody opened its page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import docx
import pytest
from sqlalchemy import text

from gimonitor.evidence.digest import digest_file
from gimonitor.model.finding import Clearing, Place
from gimonitor.model.listing import Field
from gimonitor.papers.addressees import policy_of
from gimonitor.papers.case import case_values, load_case
from gimonitor.papers.contents import lead_files, left_out
from gimonitor.papers.exhibits import COPIED, EXTRACTED, FETCHED, HANDED_IN, Gathering, exhibits_of
from gimonitor.papers.findings import say_clearing
from gimonitor.papers.forms import FORMS, fill_form
from gimonitor.papers.kinds import EXTRACTION
from gimonitor.papers.looking import done_without
from gimonitor.papers.masking import Masker, mask_record
from gimonitor.papers.origins import Account, _at, account_of, lack_of, learnt_of, stated_origins
from gimonitor.papers.registration import say_price
from gimonitor.papers.typical import print_case
from gimonitor.papers.values import values_of
from gimonitor.papers.words import EVIDENCE
from gimonitor.parsing.table import PARSER
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.leads import load_lead
from gimonitor.store.runs import start_run
from gimonitor.text.prices import STATED
from gimonitor.workflow.vocabulary import PackKind, Seen

from .conftest import NOW, House, finding, furnish, judged, listing, seen

DONE_BY_NOBODY = re.compile(
    "监测(?!模型)|看到|仍能|仍见于|页面(?:标|显示|公示|所示|销量|原文|内容|没有|未)|首次发现|末次发现|未(?:单独)?标示|打开上述网址|使用浏览器|整页截图"
)
"""What papers say of goods that somebody here found or saw."""
UNCHECKED = (
    finding("10斤", unverified=("参考价格尚未核实",), family="price"),
    finding("演练山大米", unverified=("年产量尚未核实",), family="volume"),
    finding(),
)

LETTER = ("transfer-letter",)


@pytest.fixture
def told(sqlite_store, tmp_path: Path) -> House:
    """A lead of a table's row whose page nobody opened."""
    row = listing(parser=PARSER, source="contractor:goods.csv", query="", rank=None, specification="5kg")
    house = furnish(
        sqlite_store, tmp_path / "data", replace(row, description=row.description + "SC10123018400120"), *UNCHECKED
    )
    with house.store.write() as c:
        run = start_run(c, "table", {})
        c.execute(text("delete from captures"))
        c.execute(text("update listings set run_id = :run"), {"run": run})
    return judged(house)


def said(data: bytes) -> str:
    document = docx.Document(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in dict.fromkeys(row.cells)]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def papers_of(house: House, folder: Path, codes: Iterable[str] = FORMS) -> dict[str, str]:
    """The forms filled in for the house's lead, its summary page and its typical case, as text."""
    folder.mkdir()
    with house.store.read() as c:
        case = load_case(c, house.lead_id)
    record, masker = mask_record(case.record, policy_of(PackKind.TRANSFER))
    case = replace(case, record=record)
    gathering = Gathering(configuration=house.configuration, masker=masker, workshop=folder)
    described, evidence, limits = lead_files(case, gathering, "GI-1", NOW)
    without = done_without(record, PackKind.TRANSFER, NOW, 24)
    values = values_of(
        record,
        house.configuration,
        evidence,
        number="GI-1",
        who="王一",
        made_at=NOW,
        learnt=case.learnt,
        without=without,
    ) | case_values([case])
    made = {code: said(fill_form(code, values)) for code in codes}
    [summary] = [file.content for file in described if file.path == "summary.html"]
    assert isinstance(summary, bytes)
    made["summary"] = summary.decode()
    made["limits"] = "\n".join(limits)
    made["typical-case"] = said(print_case(record, house.configuration, NOW, case.learnt))
    return made


def test_no_paper_of_a_tables_row_says_what_nobody_did(told: House, tmp_path: Path) -> None:
    made = papers_of(told, tmp_path / "work")
    del made[EXTRACTION], made["recheck"]  # they are in no pack of such a lead
    assert {code: found for code, text in made.items() if (found := DONE_BY_NOBODY.findall(text))} == {}
    assert "根据受托采集单位提供的商品表，下述当事人" in made["transfer-letter"]
    for code in ("case-source", "platform-push", "reminder", "rectification", "typical-case"):
        assert "根据受托采集单位提供的商品表" in made[code], code
    for code in ("transfer-letter", "lead-registration", "platform-push", "platform-notice", "summary"):
        assert "（所收的商品表所载的时间）" in made[code], code
    assert "本单位没有打开页面查看" in made["transfer-letter"]
    assert "所收的商品表载明标价59.80元" in made["platform-notice"]
    assert "所收的商品表载明产地为“某省某县”" in made["platform-notice"]
    assert "没有打开网页提取电子数据，本包没有《电子数据证据提取笔录》" in made["transfer-letter"]
    assert "没有打开网页提取电子数据" in made["case-source"]


def test_a_day_is_no_time_and_what_came_without_one_says_when_it_came() -> None:
    midnight = datetime(2026, 11, 18, 16, tzinfo=UTC)
    assert _at(midnight, Account.TABLE, NOW) == "2026-11-19（所收的商品表所载的时间）"
    assert _at(NOW, Account.TABLE, NOW).endswith("（收到的时间，所收的商品表没有载明时间）")
    assert "00:00:00" in _at(midnight, Account.PAGE, NOW)


def test_only_what_was_looked_for_in_vain_is_said_not_to_be_stated() -> None:
    page = listing(sales=None, missing=("sales",))
    assert lack_of(page, "sales") == "页面未单独标示销量"
    assert lack_of(replace(page, missing=()), "sales") == "没有采集销量"
    assert lack_of(replace(page, parser=PARSER, missing=("origin",)), "origin") == "所收的商品表没有载明产地"
    assert say_price(replace(page, parser=PARSER, price_fen=None, attributes=((STATED, "面议"),))).endswith("“面议”")


def test_a_clearing_names_the_words_it_is_of() -> None:
    offered = listing(title="五常大米 五常大米专用标志")
    place = Place(field=Field.TITLE, start=5, end=9, text="五常大米")
    said = say_clearing(offered, Clearing(code="N09", reason="名称说明用途", decisive=True, place=place))
    assert said == "名称说明用途（标题第 6—9 字：“五常大米 【五常大米】专用标志”）"
    assert (
        say_clearing(listing(title="别的"), Clearing(code="N09", reason="名称说明用途", decisive=True, place=place))
        == "名称说明用途"
    )


def test_of_a_page_that_was_seen_the_same_papers_say_so(sqlite_store, tmp_path: Path) -> None:
    house = judged(furnish(sqlite_store, tmp_path / "data", listing(), *UNCHECKED))
    made = papers_of(house, tmp_path / "work", ("transfer-letter", "platform-notice"))
    assert "我单位监测发现，下述当事人" in made["transfer-letter"]
    assert "仍见于页面" in made["transfer-letter"]
    assert "页面标价59.80元，页面标示产地为“某省某县”" in made["platform-notice"]
    assert "页面销量" not in made["transfer-letter"] and "页面所示销量 120" in made["transfer-letter"]


def test_an_origin_among_the_attributes_is_no_origin_that_was_not_stated(sqlite_store, tmp_path: Path) -> None:
    offered = listing(origin="", attributes=(("产地", "辽宁省沈阳市"), ("品牌", "甲")))
    house = judged(furnish(sqlite_store, tmp_path / "data", offered, *UNCHECKED))
    made = papers_of(house, tmp_path / "work", ("transfer-letter", "platform-notice"))
    assert "页面标示产地为“辽宁省沈阳市”" in made["platform-notice"]
    assert "没有单独标示产地" not in made["transfer-letter"] and "标示产地" in made["transfer-letter"]
    assert "所示产地为辽宁省沈阳市" in made["typical-case"] and "辽宁省沈阳市／" in made["summary"]
    assert stated_origins(listing(origin="", attributes=(("省份", "辽宁"),))) == (("省份", "辽宁"),)
    assert stated_origins(listing(origin="")) == ()


def test_a_look_at_a_tables_row_is_told_with_its_time(told: House, tmp_path: Path) -> None:
    seen(told, Seen.STILL_UP, NOW)
    assert (
        "2026-11-20 09:30:00（北京时间）打开页面查看时仍在"
        in papers_of(told, tmp_path / "one", LETTER)["transfer-letter"]
    )
    seen(told, Seen.GONE, NOW + timedelta(hours=1))
    with told.store.write() as c:
        c.execute(text("delete from captures where at < :at"), {"at": NOW + timedelta(minutes=1)})
    letter = papers_of(told, tmp_path / "two", LETTER)["transfer-letter"]
    assert "2026-11-20 10:30:00（北京时间）打开页面查看：页面已失效" in letter


@pytest.mark.parametrize(
    ("parser", "account"),
    [
        ("table@3", Account.TABLE),
        ("bundle@1", Account.BUNDLE),
        ("officer@1", Account.OFFICER),
        ("jd.union@1", Account.API),
        ("shopify.products@2", Account.API),
        ("taobao.results@1", Account.PAGE),
        ("", Account.PAGE),
    ],
)
def test_every_parser_has_its_account(parser: str, account: Account) -> None:
    assert account_of(listing(parser=parser)) is account


def test_a_row_raised_by_a_later_screening_is_still_a_row(told: House) -> None:
    with told.store.write() as c:
        c.execute(text("update leads set run_id = :run"), {"run": start_run(c, "rescreening", {})})
        learnt = learnt_of(c, load_lead(c, told.lead_id))
    assert (learnt.source, learnt.first, learnt.last) == (
        "受托采集单位提供的商品表",
        Account.TABLE,
        Account.TABLE,
    )


def test_without_an_opened_page_there_is_no_record_of_extraction(told: House, tmp_path: Path) -> None:
    with told.store.read() as c:
        case = load_case(c, told.lead_id)
    assert EXTRACTION in left_out(policy_of(PackKind.TRANSFER), [case])
    opened = StoredCapture(listing_id=1, kind="environment", file="x/environment.json", sha256="0" * 64, at=NOW)
    record = replace(case.record, captures=(opened,))
    assert EXTRACTION not in left_out(policy_of(PackKind.TRANSFER), [replace(case, record=record)])
    shot = replace(opened, kind="screenshot", file="x/full.png")
    made = values_of(
        replace(record, captures=(opened, shot)), told.configuration, (), number="1", who="王", made_at=NOW
    )
    assert made["extraction"] == ("使用浏览器打开上述网址，保存取证环境记录、整页截图，逐个文件计算 SHA-256 和 SM3。")


def test_a_file_that_was_handed_in_is_not_said_to_be_extracted(told: House, tmp_path: Path) -> None:
    folder = told.configuration.evidence_dir / "saved-1"
    folder.mkdir(parents=True)
    for name, kind, detail in (
        ("page.html", "saved", {"container": "html"}),
        ("own.png", "image", {"container": "picture"}),
        ("fetched.png", "image", {}),
    ):
        (folder / name).write_bytes(b"<p>x</p>")
        row = StoredCapture(
            listing_id=1,
            kind=kind,
            file=f"saved-1/{name}",
            sha256=digest_file(folder / name).sha256,
            at=NOW,
            detail=detail,
            who="wang",
        )
        with told.store.write() as c:
            save_capture(c, row)
    with told.store.read() as c:
        record = load_lead(c, told.lead_id)
    masker = Masker(policy_of(PackKind.LEAD))
    found = exhibits_of(record, Gathering(configuration=told.configuration, masker=masker, workshop=tmp_path))
    assert {file.obtained.method for file in found if file.obtained} == {COPIED, HANDED_IN, FETCHED}
    assert EXTRACTED not in {file.obtained.method for file in found if file.obtained}
    assert "saved" in EVIDENCE


def test_a_page_that_was_brought_is_no_page_that_was_opened() -> None:
    brought = listing(source="capture", missing=("sales",), sales=None)
    assert account_of(brought) is Account.SAVED and not Account.SAVED.is_seen
    assert lack_of(brought, "sales") == "交来的网页未单独标示销量"
    assert _at(NOW, Account.SAVED, NOW).endswith("（收到的时间，交来的网页没有载明时间）")


@pytest.mark.parametrize(
    ("whose", "note", "source"),
    [
        (
            "12315",
            "编号2026-0017 举报人张三",
            "12315（投诉举报）提供的链接（本单位登记时所记编号：2026-0017），由本单位打开查看",
        ),
        ("association", "张三说的", "行业协会提供的链接，由本单位打开查看"),
        ("tip", "工单：A0017", "举报的链接（本单位登记时所记编号：A0017），由本单位打开查看"),
    ],
)
def test_the_number_of_a_report_is_told_and_nobodys_name(
    sqlite_store, tmp_path: Path, whose: str, note: str, source: str
) -> None:
    house = furnish(sqlite_store, tmp_path / "data", listing(), finding())
    with house.store.write() as c:
        run = start_run(c, "tip", {"from": whose, "note": note, "who": "zhang"})
        c.execute(text("update leads set run_id = :run"), {"run": run})
        learnt = learnt_of(c, load_lead(c, house.lead_id))
    assert learnt.source == source
    assert learnt.opening.endswith("我单位打开链接查看") and "张三" not in learnt.opening
