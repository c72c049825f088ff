"""Platform profiles are data with sources; batches keep the limits; sheets hold text only."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from gimonitor.errors import InputError, RulesError
from gimonitor.papers.platforms import Link, batches, load_profiles, validate
from gimonitor.papers.sheets import make_sheet
from gimonitor.register.platforms import platform_rules

PROFILES = load_profiles()
DOCUMENTS = ("identity", "rights", "power_of_attorney", "statement", "test_purchase")


def links(count: int, platform: str = "taobao", **changes: str) -> list[Link]:
    return [
        Link(
            **{
                "lead_id": n,
                "url": f"https://item.example/{n}",
                "item_id": str(n),
                "platform": platform,
                "shop": "湖畔小铺",
                "title": "演练山大米",
                "gi": "演练山大米",
                "reason": "标题疑似未经许可使用名称",
                **changes,
            }
        )
        for n in range(1, count + 1)
    ]


def test_the_platforms_asked_for_are_there_and_every_fact_names_its_source() -> None:
    assert set(PROFILES) == {
        "alibaba-ipp",
        "aliexpress",
        "amazon",
        "douyin",
        "ebay-vero",
        "email",
        "jd",
        "kuaishou",
        "pinduoduo",
        "xiaohongshu",
    }
    for profile in PROFILES.values():
        facts = [profile.address, profile.who, *(a.about for a in profile.attachments), *profile.standing]
        facts += [f for f in (profile.per_batch, profile.without_account) if f]
        for fact in facts:
            assert fact.source
            assert "://" in fact.source or "法" in fact.source if fact.is_found else True


@pytest.mark.parametrize(
    ("profile", "count", "with_account", "sizes"),
    [
        ("alibaba-ipp", 601, True, [300, 300, 1]),
        ("alibaba-ipp", 25, False, [10, 10, 5]),
        ("ebay-vero", 150, True, [150]),
        ("jd", 700, True, [700]),
        ("email", 0, True, []),
    ],
)
def test_batches_keep_the_platforms_limit(profile: str, count: int, with_account: bool, sizes: list[int]) -> None:
    parts = batches(PROFILES[profile], links(count), with_account=with_account)
    assert [len(part) for part in parts] == sizes
    assert [link.lead_id for part in parts for link in part] == list(range(1, count + 1))


def test_complaint_without_account_needs_a_known_way() -> None:
    with pytest.raises(InputError):
        batches(PROFILES["jd"], links(1), with_account=False)


@pytest.mark.parametrize("name", PROFILES)
def test_complete_complaint_lacks_nothing(name: str) -> None:
    profile = PROFILES[name]
    platform = profile.platforms[0] if profile.platforms else "other"
    code = profile.reason_codes[-1].codes[0] if profile.reason_codes else ""
    shaped = [replace(link, item_id=f"B{link.lead_id:09}") for link in links(3, platform, reason_code=code)]
    assert validate(profile, shaped, DOCUMENTS, by_agent=True) == ()


def test_item_number_that_cannot_be_the_platforms_is_named_with_its_lead() -> None:
    given = [
        replace(link, item_id=item_id)
        for link, item_id in zip(
            links(6, "amazon"),
            ("B00005N5PF", "0306406152", "10100033", "B00005N5PFX", "B00005N5P-", "B00005N5P\n"),
            strict=True,
        )
    ]
    lacks = validate(PROFILES["amazon"], given, DOCUMENTS)
    assert [lack.lead_id for lack in lacks] == [3, 4, 5, 6]
    assert lacks[0].what == "“ASIN”应为 10 位字母和数字，现为“10100033”"


def test_everything_missing_is_named_at_once() -> None:
    profile = PROFILES["ebay-vero"]
    given = [*links(1, "ebay", reason="长" * 1001), *links(1, "taobao")]
    lacks = validate(profile, given, ())
    said = [lack.what for lack in lacks]
    assert any("“veroReasonCodeId”没有内容：档案中的代码" in text for text in said)
    assert "“detailedMessage”1001 字，平台限 1000 字" in said
    assert any("不归" in text for text in said)
    assert any("重复" in text for text in said)
    missing = {lack.what for lack in validate(PROFILES["alibaba-ipp"], links(1), ("rights",))}
    assert missing == {"缺少材料：主体身份证明（自然人证件或者单位登记证件）"}
    agent = {lack.what for lack in validate(PROFILES["alibaba-ipp"], links(1), ("rights",), by_agent=True)}
    assert "缺少材料：权利人出具的授权委托书" in agent
    assert validate(PROFILES["email"], [], DOCUMENTS)[0].what == "没有链接"


def test_limits_that_nobody_checked_stop_nothing() -> None:
    profile = PROFILES["ebay-vero"]
    assert [c.limit.is_found for c in profile.columns if c.name == "brand"] == [False]
    assert validate(profile, links(1, "ebay", gi="长" * 60, reason_code="9052"), DOCUMENTS) == ()


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "\u200b=1",
    "=cmd|' /C calc'!A0",
    "{=1}",
    "http://a.b/",
    "007",
    "1e5",
]


def test_no_cell_becomes_a_formula_a_link_or_a_number() -> None:
    given = [link for text in FORMULAS for link in links(1, "x", title=text, reason=text, url=f"{text}")]
    sheet = make_sheet(PROFILES["email"], given)
    assert sheet.rows == len(given)
    with zipfile.ZipFile(BytesIO(sheet.content)) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.namelist()
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    assert not any("externalLink" in name for name in names)
    cells = xml.split("<c ")[1:]
    assert all('t="s"' in cell for cell in cells)
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert rows[0] == [column.name for column in PROFILES["email"].columns]
    for text, row in zip(FORMULAS, rows[1:], strict=True):
        assert isinstance(row[5], str)
        assert row[5].replace("\ufffd", "").strip() == text.replace("\u200b", "").strip()


def test_text_too_long_for_a_cell_is_said() -> None:
    sheet = make_sheet(PROFILES["email"], links(1, "x", reason="长" * 40_000))
    assert sheet.cut == ("第 1 行“理由”",)


def test_a_reason_code_is_one_of_the_profiles_and_brings_what_it_asks_for() -> None:
    ebay = PROFILES["ebay-vero"]

    def told(code: str, countries: str = "") -> list[str]:
        given = links(1, "ebay", reason_code=code, countries=countries)
        return [lack.what for lack in validate(ebay, given, DOCUMENTS)]

    assert told("9052") == []
    [unknown] = told("1234")
    assert "没有理由代码 1234" in unknown
    assert "9037（9037 用于" in unknown and "9052、7052（" in unknown
    assert told("9037") == ["理由代码 9037 须填“countries”"]
    assert told("9037", "JP, KR") == []
    [unplaced] = validate(PROFILES["email"], links(1, "x", reason_code="9037"), DOCUMENTS)
    assert "没有理由代码一栏，请去掉理由代码 9037" in unplaced.what


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("channel: email", "channel: pigeon"), "email.yml:4:"),
        (("channel: email", "channel: email\nunknown: x"), "email.yml:5:"),
        (("id: email", "id: other"), "email.yml:2:"),
    ],
)
def test_bad_profile_is_named_with_its_line(change: tuple[str, str], words: str, tmp_path: Path) -> None:
    text = (platform_rules("complaints") / "email.yml").read_text("utf-8").replace(*change, 1)
    (tmp_path / "email.yml").write_text(text)
    with pytest.raises(RulesError, match=words):
        load_profiles(tmp_path)
