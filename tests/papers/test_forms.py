"""Every paper fills in, prints with embedded Chinese fonts, says 疑似, and marks what a person must fill."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import docx
import pypdf
import pytest

from gimonitor.errors import EvidenceError, InputError
from gimonitor.model.register import GI, Certainty, Fact, Kind, Protection, Standard
from gimonitor.papers.addressees import policy_of
from gimonitor.papers.case import case_values, load_case
from gimonitor.papers.drafting import draft_template
from gimonitor.papers.exhibits import Gathering, exhibits_of
from gimonitor.papers.forms import FORMS, OUTLINES, REPORTS, blanks_of, default_template, fill_form
from gimonitor.papers.masking import Masker
from gimonitor.papers.pdf import find_office, print_papers
from gimonitor.papers.purchases import record_purchase
from gimonitor.papers.values import gi_details, values_of
from gimonitor.store.leads import load_lead
from gimonitor.workflow.vocabulary import PackKind, Seen

from .conftest import FINDINGS, NOW, House, furnish, judged, listing, seen

T = TypeVar("T")


@pytest.fixture
def house(sqlite_store, tmp_path: Path) -> House:
    return judged(furnish(sqlite_store, tmp_path / "data", listing(), *FINDINGS))


@pytest.fixture
def values(house: House, tmp_path: Path) -> dict[str, object]:
    record_purchase(
        house.store,
        house.configuration,
        house.lead_id,
        who="wang",
        account="某局办案账号",
        order_number="D-1",
        goods="演练山大米 10斤",
        paid_fen=5980,
        at=NOW,
        now=NOW,
    )
    with house.store.read() as c:
        case = load_case(c, house.lead_id)
    masker = Masker(policy_of(PackKind.LEAD))
    gathering = Gathering(configuration=house.configuration, masker=masker, workshop=tmp_path)
    evidence = exhibits_of(case.record, gathering)
    number = "GI-20261120-000001-1"
    told = values_of(case.record, house.configuration, evidence, number=number, who="wang", made_at=NOW)
    return told | case_values([case])


def text_of(data: bytes) -> str:
    document = docx.Document(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in dict.fromkeys(row.cells)]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_every_outline_is_a_form_and_every_form_has_one() -> None:
    assert {path.stem for path in OUTLINES.glob("*.txt")} == set(FORMS | REPORTS)


@pytest.mark.parametrize("code", FORMS)
def test_paper_fills_in(code: str, values: dict[str, object]) -> None:
    text = text_of(fill_form(code, values))
    assert "{{" not in text
    assert "{%" not in text
    assert "2026年11月20日" in text or "待填" in text
    assert "演练山大米 10斤 <b>东北</b>特产" in text or code in ("batch-cover", "evidence-list", "platform-notice")
    assert "侵权" not in text
    for words in ("9.99", "第九十九条", "尚未核实的条文"):  # facts that nobody has checked
        assert words not in text
    assert blanks_of(fill_form(code, values))


def test_papers_carry_the_facts(values: dict[str, object]) -> None:
    letter = text_of(fill_form("transfer-letter", values))
    for words in (
        "疑似",
        "92320118MAMKUT7H1L",
        "演练规定第三十条",
        "出示产自保护产区的证明",
        "N02",
        "GI-20261120-000001-1",
    ):
        assert words in letter, words
    listed = text_of(fill_form("evidence-list", values))
    [row] = values["evidence"]
    assert row["sha256"] in listed
    assert row["sm3"] in listed
    record = text_of(fill_form("extraction-record", values))
    assert record.index("系统自动采集的响应") < record.index(row["sha256"])  # nothing was extracted by a browser here
    assert "【演练山大米】" not in letter
    assert "产地标示在外县" in text_of(fill_form("lead-registration", values))


def test_blanks_are_marked_and_known(values: dict[str, object]) -> None:
    blanks = blanks_of(fill_form("transfer-letter", values))
    assert {"文号", "主送单位", "联系人", "电话"} <= set(blanks)
    filled = {**values, "paper": {**values["paper"], "addressee": "某县市场监督管理局"}}
    assert "主送单位" not in blanks_of(fill_form("transfer-letter", filled))


EVIL = [
    "<w:p/>",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "a & b < c",
    "\x00\x0b\ud800",
    "\u202e反",
    "一\n二\a三\f四",
    "长" * 5000,
]


@pytest.mark.parametrize("text", EVIL)
def test_sellers_text_is_only_text(text: str, values: dict[str, object]) -> None:
    hostile = {**values, "listing": {**values["listing"], "title": f"甲{text}乙"}}
    filled = text_of(fill_form("lead-registration", hostile))
    assert "49" not in filled.split("商品标题")[-1][:30]
    assert "甲" in filled
    if text.isprintable() and "\u202e" not in text:
        assert f"甲{text}乙" in filled


def test_a_bureaus_own_template_goes_first(values: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "reminder.docx").write_bytes(draft_template("# 我局的提醒\n\n{{ subject.name }}"))
    assert "我局的提醒" in text_of(fill_form("reminder", values, tmp_path))
    assert "警示提醒书" in text_of(fill_form("reminder", values, tmp_path / "other"))


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        ("{{ nothing }}", "nothing"),
        ("{{ listing.nothing }}", "nothing"),
        ("{% for %}", "template"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_bad_template_is_named(outline: str, words: str, values: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "reminder.docx").write_bytes(draft_template(outline))
    with pytest.raises(InputError, match=words) as caught:
        fill_form("reminder", values, tmp_path)
    assert "reminder.docx" in str(caught.value)


def test_the_last_look_that_showed_the_offer_is_when_it_was_last_seen(house: House) -> None:
    def told() -> tuple[str, str]:
        with house.store.read() as c:
            record = load_lead(c, house.lead_id)
        found = values_of(record, house.configuration, [], number="GI-1", who="wang", made_at=NOW)["listing"]
        assert isinstance(found, dict)
        return found["last_seen"], found["standing"]

    before = told()[0]
    seen(house, Seen.STILL_UP, NOW + timedelta(hours=3))
    seen(house, Seen.GONE, NOW + timedelta(hours=5))
    assert told() == ("2026-11-20 12:30:00（北京时间）", "2026-11-20 12:30:00（北京时间）打开页面查看时仍在")
    assert before != told()[0]


def test_unknown_form_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(InputError, match="no such paper"):
        fill_form("fine", values)


def test_register_knows_nothing_or_only_what_was_checked() -> None:
    assert "待填" in gi_details(None, NOW.date())


def test_templates_open_in_word_and_are_a4() -> None:
    for code in FORMS:
        section = docx.Document(BytesIO(default_template(code))).sections[0]
        assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)


def test_no_heading_stands_alone_and_a_tables_heading_comes_again() -> None:
    document = docx.Document(BytesIO(draft_template("# 题\n## 一、节\n文\n|| 甲:1 | 乙:2 |\n| 1 | 2 |")))
    assert [p.paragraph_format.keep_with_next for p in document.paragraphs[:3]] == [True, True, None]
    assert [bool(row._tr.xpath("w:trPr/w:tblHeader")) for row in document.tables[0].rows] == [True, False]


def test_seal_and_date_stay_with_the_name_and_the_end_of_the_text() -> None:
    document = docx.Document(BytesIO(default_template("transfer-letter")))
    ending = [p for p in document.paragraphs if not p.text.startswith("{%p")][-5:]
    words = ("请在收到后签收", "联系人", "{{ paper.organisation }}", "（印章）", "抄送")
    assert [p.text.startswith(w) for p, w in zip(ending, words, strict=True)] == [True] * 5
    assert [p.paragraph_format.keep_with_next for p in ending] == [True] * 4 + [None]


@pytest.mark.skipif(find_office() is None, reason="LibreOffice is not installed: papers are not printed here")
def test_papers_are_printed_with_embedded_fonts(values: dict[str, object]) -> None:
    papers = {code: fill_form(code, values) for code in FORMS}
    printed = print_papers(papers)
    assert set(printed) == set(FORMS)
    for code, data in printed.items():
        reader = pypdf.PdfReader(BytesIO(data))
        text = "".join(page.extract_text() for page in reader.pages)
        told = "GI-20261120-000001-1" if code in ("batch-cover", "evidence-list") else "演练山大米"
        assert told in text.replace("\n", ""), code
        fonts = [f.get_object() for page in reader.pages for f in page["/Resources"]["/Font"].values()]
        assert fonts
        for font in fonts:
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), (code, font["/BaseFont"])


def test_missing_office_is_said(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EvidenceError, match="libreoffice-writer-nogui"):
        print_papers({"a": b""})


def test_a_paper_names_only_what_is_in_force_on_its_day() -> None:
    def known(value: T) -> Fact[T]:
        return Fact(value=value, certainty=Certainty.FOUND, source="公告")

    gi = GI(
        id="x",
        name="演练山大米",
        certainty=Certainty.FOUND,
        source="公告",
        protections=(
            Protection(kind=known(Kind.AGI), numbers=(known("AGI00054"),)),
            Protection(
                kind=known(Kind.GI_PRODUCT),
                numbers=(known("公告第640号"), known("2018年第三批公示")),
                starts=known(date(2025, 6, 1)),
                converted_from=known(Kind.AGI),
            ),
            Protection(
                kind=known(Kind.CERTIFICATION_MARK), numbers=(known("1607996"),), ends=known(date(2024, 12, 31))
            ),
        ),
        standards=(
            Standard(code=known("GB/T 1-2008"), ends=known(date(2025, 12, 31))),
            Standard(code=known("GB/T 1-2025"), starts=known(date(2026, 1, 1))),
        ),
    )
    assert gi_details(gi, date(2026, 11, 20)) == "地理标志产品（公告第640号）；标准 GB/T 1-2025。"
    assert gi_details(gi, date(2024, 11, 20)) == "农产品地理标志（AGI00054）；证明商标（1607996）；标准 GB/T 1-2008。"
