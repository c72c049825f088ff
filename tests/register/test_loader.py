"""Loading rule files: every problem at once with its place, checks across files, and what the shipped files hold."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gimonitor.cli.rules import platform_forms
from gimonitor.errors import RulesError
from gimonitor.model.register import Certainty, Kind, Register
from gimonitor.register import check_rules, load_register, rules_dir
from gimonitor.register.checks import SUPPORTED_FROM
from gimonitor.register.editor import build_schemas
from gimonitor.register.facts import count_facts, facts_of, unverified_facts
from gimonitor.register.issues import Issue, Severity
from gimonitor.text.codes import uscc_is_valid
from tests.register.conftest import GI, LAW, USERS

GI_FILE = "gi/heilongjiang/hlj-wuchang-dami.yml"
Put = Callable[[str, str | bytes], Path]
Edit = Callable[[str, str], None]


def codes(folder: Path, on: date | None = None) -> list[str]:
    return [issue.code for issue in check_rules(folder, on=on)]


def test_a_value_of_the_wrong_shape_is_told_the_right_one_with_an_example(rules: Path, put: Put) -> None:
    put("gi/heilongjiang/hlj-x.yml", 'id: hlj-x\nname: 甲\nseason:\n  opening_dates: {"2026": "2026-09-22"}\n')
    (issue,) = [issue for issue in check_rules(rules) if issue.path.endswith("hlj-x.yml")]
    assert "a list is wanted" in issue.message and '{year: 2026, date: "2026-09-22"}' in issue.message


def test_a_folder_named_like_a_rule_file_is_an_error(rules: Path) -> None:
    (rules / "gi/heilongjiang/x.yml").mkdir()
    assert codes(rules) == ["stray-file"]


def test_a_small_register_loads(rules: Path) -> None:
    register = load_register(rules)
    (gi,) = register.gis
    assert (gi.name, gi.certainty, gi.path) == ("五常大米", Certainty.FOUND, f"{GI_FILE}:1")
    assert gi.protections[0].kind.value is Kind.GI_PRODUCT
    assert gi.protections[0].numbers[0].source == "公告"
    assert gi.standards[0].code.certainty is Certainty.UNVERIFIED
    assert gi.standards[0].code.source == ""
    (user,) = register.users
    assert user.shops == (("tmall", "甲旗舰店"),)
    assert register.users_of(gi.id, date(2026, 1, 1)) == (user,)
    assert register.users_of(gi.id, date(2028, 1, 1)) == ()


def test_every_problem_is_listed_at_once_with_its_place(rules: Path, put: Put, edit: Edit) -> None:
    edit("product_words: [大米]", "product_wrods: [大米]")
    edit('opens: "09-15"', 'opens: "13-01"')
    put("gi/shanxi/sx-a.yml", "id: sx-a\nname: [1]\ntier: 012\n")
    put("users/more.csv", USERS.replace("91230184MA1PRC01X0", "91230184MA1PRC01X1").replace("五常市甲", "五常市乙"))
    put("notes.txt", "stray")
    with pytest.raises(RulesError) as caught:
        load_register(rules)
    found = [
        line.partition(" error ")[0] + line.partition(" error")[2].partition(":")[0] for line in caught.value.issues
    ]
    assert found == [
        f"{GI_FILE}:10:1: unknown-key",
        f"{GI_FILE}:15:17: bad-value",
        "gi/shanxi/sx-a.yml:2:7: bad-value",
        "gi/shanxi/sx-a.yml:3:7: bad-value",
        "notes.txt:1:1: stray-file",
        "users/more.csv:2:1: bad-uscc",
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("notes: 说明", "notes: NO", None),
        ("notes: 说明", "notes: 2027-01-01", None),
        ("notes: 说明", "tier: 2", None),
        ("notes: 说明", "tier: 02", "bad-value"),
        ("notes: 说明", "tier: 0x2", "bad-value"),
        ("notes: 说明", "tier: 2.0", "bad-value"),
        ("notes: 说明", "tier: true", "bad-value"),
        ("notes: 说明", "tier: 4", "bad-value"),
        ("notes: 说明", "nice_classes: [46]", "bad-value"),
        ("notes: 说明", 'sc_categories: ["10"]', "bad-value"),
        ("notes: 说明", "category: 食品", "bad-value"),
        ("notes: 说明", "outputs: [{year: 2025, tonnes: 1e3}]", "bad-value"),
        ("notes: 说明", "outputs: [{year: 2025, tonnes: 10350.5}]", None),
        ("notes: 说明", "price_floors: [{year: 2025, fen_per_500g: 0}]", "bad-value"),
        ('["230184"]', '["230199"]', "unknown-area"),
        ('["230184"]', '["2301844"]', "bad-value"),
        ('["230184"]', "[230184]", None),
        ('["230184"]', "[]", "bad-value"),
        ("numbers: [", "starts: 2027-02-30\n    numbers: [", "bad-value"),
        ("numbers: [", "starts: 2027-2-3\n    numbers: [", "bad-value"),
        ("numbers: [", "starts: 2027-02-03\n    numbers: [", None),
        ("value: gi_product", "value: patent", "bad-value"),
        ("value: gi_product", "vlaue: gi_product", "unknown-key"),
        ("id: hlj-wuchang-dami", "id: hlj-other", "name-differs"),
        ("id: hlj-wuchang-dami", "id: Wuchang", "bad-value"),
        ("name: 五常大米\n", "", "missing-key"),
        ('source: "公告"\n', "", "no-source"),
        ("core: 五常", "core:", "empty-value"),
        ("GB/T 19266-2008 ", "{value: GB/T 19266-2008, certainty: found, source: 甲, checked_by: 乙} ", "half-checked"),
    ],
)
def test_values_mean_one_thing_or_are_refused(rules: Path, edit: Edit, old: str, new: str, code: str | None) -> None:
    edit(old, new)
    found = codes(rules)
    assert (code in found) if code else found == []


def test_an_id_or_name_that_stands_twice_is_an_error(rules: Path, put: Put) -> None:
    put("gi/liaoning/hlj-wuchang-dami.yml", GI)
    found = codes(rules)
    assert "duplicate-id" in found
    assert "duplicate-name" in found


def test_an_alias_that_is_another_name_is_a_warning(rules: Path, put: Put) -> None:
    put("gi/liaoning/ln-b.yml", "id: ln-b\nname: 乙大米\ncategory: 其他\ngoods: 大米\naliases: [乙米, 五常大米]\n")
    assert [(i.code, i.severity, i.line, i.column) for i in check_rules(rules)] == [
        ("alias-is-name", Severity.WARNING, 5, 15)
    ]


def test_what_is_thin_is_a_warning_at_its_line(rules: Path, put: Put) -> None:
    put(
        "gi/liaoning/ln-b.yml",
        'id: ln-b\nname: 乙大米\narea:\n  adcodes: ["210000"]\nprotections:\n  - kind: agi\n    numbers:\n      - 2018年第三批公示\n',
    )
    put("users/more.csv", USERS.splitlines()[0] + "\nln-b,甲公司,,member,,,,,,,found,名单\n")
    assert [(i.path, i.line, i.code, i.severity) for i in check_rules(rules)] == [
        ("gi/liaoning/ln-b.yml", 2, "no-goods", Severity.WARNING),
        ("gi/liaoning/ln-b.yml", 8, "no-number", Severity.WARNING),
        ("users/more.csv", 2, "no-uscc", Severity.WARNING),
    ]
    put("gi/liaoning/ln-b.yml", 'id: ln-b\nname: 乙大米\ncategory: 其他\ngoods: 米\narea:\n  adcodes: ["999999"]\n')
    assert [(i.line, i.code) for i in check_rules(rules) if i.path.startswith("gi")] == [(6, "unknown-area")]


@pytest.mark.parametrize("sign", ["\\0", "\u202e", "\u2066", "\\u202e", "\\x07"])
def test_control_and_direction_signs_are_errors(rules: Path, edit: Edit, sign: str) -> None:
    edit("notes: 说明", f'notes: "说{sign}明"')
    assert [(i.line, i.code) for i in check_rules(rules)] == [(18, "control-character")]


def test_a_list_in_place_of_a_file_is_told_in_words(rules: Path, put: Put) -> None:
    put("gi/liaoning/ln-b.yml", "- id: ln-b\n")
    (issue,) = check_rules(rules)
    assert (issue.line, issue.code) == (1, "not-a-mapping")
    assert "keys and values" in issue.message


def test_what_has_ended_or_ends_soon_is_a_warning_on_that_day(rules: Path, edit: Edit) -> None:
    edit("code: GB/T 19266-2008  # 执行标准", "code: GB/T 19266-2008\n    ends: 2026-01-01")
    assert codes(rules) == []
    assert codes(rules, date(2026, 11, 22)) == ["ended-standard"]
    assert codes(rules, date(2027, 12, 1)) == ["ended-standard", "expires-soon"]
    assert codes(rules, date(2028, 1, 1)) == ["ended-standard", "expired"]


def test_a_protection_that_ends_is_a_warning_unless_another_is_in_force(rules: Path, edit: Edit) -> None:
    edit("    numbers: [", "    ends: 2026-12-31\n    numbers: [")
    found = [i for i in check_rules(rules, on=date(2026, 11, 22)) if i.severity is Severity.WARNING]
    assert [(i.line, i.code) for i in found] == [(7, "expires-soon")]
    assert codes(rules, date(2027, 1, 1)) == ["expired"]
    edit("aliases:", "  - kind: certification_mark\naliases:")
    assert codes(rules, date(2027, 1, 1)) == []


def law(rules: Path, put: Put, old: str, new: str) -> list[Issue]:
    assert old in LAW
    put("law/some-law.yml", LAW.replace(old, new))
    return check_rules(rules)


def test_the_text_in_force_on_the_day_is_chosen(rules: Path) -> None:
    register = load_register(rules)
    before, after = (register.article("some-law:same", day) for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert before is not None
    assert after is not None
    assert (before.article, after.article) == ("第一条", "第二条")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ends: 2026-12-31", "ends: 2026-12-30", "law-gap"),
        ("ends: 2026-12-31", "ends: 2027-01-01", "law-overlap"),
        ("    ends: 2026-12-31\n", "", "law-overlap"),
        ("starts: 2020-01-01", "starts: 2024-02-02", "law-gap"),
        ("starts: 2027-01-01", "starts: 2027-01-01\n    ends: 2030-01-01", "law-gap"),
        ("{key: same, article: 第二条", "{key: other, article: 第二条", "law-gap"),
    ],
)
def test_an_article_with_no_version_in_force_on_some_day_is_an_error(
    rules: Path, put: Put, old: str, new: str, code: str
) -> None:
    assert code in [issue.code for issue in law(rules, put, old, new) if issue.severity is Severity.ERROR]


def test_an_article_may_say_that_it_is_new_or_dropped(rules: Path, put: Put) -> None:
    text = LAW.replace("{key: same, article: 第二条", "{key: other, new: true, article: 第二条")
    put("law/some-law.yml", text.replace("{key: same, article: 第一条", "{key: same, dropped: true, article: 第一条"))
    register = load_register(rules)
    assert register.article("some-law:other", date(2026, 12, 31)) is None
    assert register.article("some-law:same", date(2027, 1, 1)) is None


MODEL = """\
id: M01
version: 1
family: name
title: 产地外使用名称
severity: 0.8
status: draft
law: ["some-law:same"]
clears: 产地证明
parameters: {window: "8"}
"""


def test_a_model_that_cites_no_known_article_is_an_error(rules: Path, put: Put) -> None:
    put("models/M01.yml", MODEL)
    assert codes(rules) == []
    put("models/M01.yml", MODEL.replace("some-law:same", "some-law:57"))
    (issue,) = check_rules(rules)
    assert (issue.code, issue.path, issue.severity) == ("unknown-article", "models/M01.yml", Severity.ERROR)


def test_an_active_model_has_an_article_in_force_on_every_day(rules: Path, put: Put) -> None:
    active = MODEL.replace("draft", "active")
    put("models/M01.yml", active.replace('["some-law:same"]', "[]"))
    assert [(i.code, i.path) for i in check_rules(rules)] == [("law-gap", "models/M01.yml")]
    text = LAW.replace("{key: same, article: 第二条", "{key: later, new: true, article: 第二条")
    put("law/some-law.yml", text.replace("{key: same, article: 第一条", "{key: same, dropped: true, article: 第一条"))
    put("models/M01.yml", active)
    (issue,) = check_rules(rules)
    assert "in force on 2027-01-01" in issue.message
    put("models/M01.yml", active.replace('["some-law:same"]', '["some-law:same", "some-law:later"]'))
    assert check_rules(rules) == []
    put("models/M01.yml", active.replace("some-law:same", "some-law:later"))
    (issue,) = check_rules(rules)
    assert f"in force on {SUPPORTED_FROM}" in issue.message


def test_words_carry_their_group_reason_and_certainty(rules: Path, put: Put) -> None:
    put("words/style.yml", "group: style\nwords:\n  - 风味\n  - {text: 平替, reason: 常见, certainty: unverified}\n")
    words = load_register(rules).words
    assert [(w.text, w.group, w.reason, w.certainty) for w in words] == [
        ("风味", "style", "", Certainty.FOUND),
        ("平替", "style", "常见", Certainty.UNVERIFIED),
    ]


USER_CASES = {
    "unknown GI": (USERS.replace("hlj-wuchang-dami", "hlj-wuchang-mi"), "unknown-gi", 2),
    "unknown column": (USERS.replace("scope", "scpoe", 1), "bad-header", 1),
    "missing column": (USERS.replace(",certainty", ",x", 1), "bad-header", 1),
    "too many cells": (USERS.replace(",found,公告", ",found,公告,x"), "bad-row", 2),
    "too few cells": (USERS.replace(",found,公告", ""), "bad-row", 2),
    "bad basis": (USERS.replace("licensee", "friend"), "bad-value", 2),
    "bad day": (USERS.replace("2023-01-01", "2023/1/1"), "bad-value", 2),
    "ends first": (USERS.replace("2027-12-31", "2022-12-31"), "bad-dates", 2),
    "bad check digit": (USERS.replace("01X0", "01X1"), "bad-uscc", 2),
    "no source": (USERS.replace(",found,公告", ",found,"), "no-source", 2),
    "practice outside practice.csv": (USERS.replace(",found,公告", ",practice,公告"), "practice-mixed", 2),
    "twice": (USERS + USERS.splitlines()[1] + "\n", "duplicate-user", 3),
    "open quote": (USERS + '"x', "bad-csv", 3),
    "GBK": (USERS.encode("gbk"), "not-utf8", 2),
    "NUL": (USERS.replace("甲牌", "甲\0牌"), "bad-character", 2),
    "long cell": (USERS.replace("甲牌", "甲" * 4001), "bad-row", 2),
    "empty file": ("", "bad-header", 1),
}


@pytest.mark.parametrize("case", USER_CASES)
def test_a_bad_user_file_is_refused_with_the_line(rules: Path, put: Put, case: str) -> None:
    content, code, line = USER_CASES[case]
    put("users/users.csv", content)
    assert (code, line) in [(issue.code, issue.line) for issue in check_rules(rules)]


def test_what_is_no_regular_file_is_named_and_not_waited_for(rules: Path) -> None:
    os.mkfifo(rules / "gi/heilongjiang/hlj-pipe.yml")
    (rules / "gi/heilongjiang/hlj-zero.yml").symlink_to("/dev/zero")
    (rules / "gi/heilongjiang/hlj-nowhere.yml").symlink_to("nowhere")
    found = [(i.path.rpartition("/")[2], i.line, i.code) for i in check_rules(rules)]
    assert found == [(f"hlj-{name}.yml", 1, "unreadable") for name in ("nowhere", "pipe", "zero")]


def test_hidden_files_markdown_and_schemas_are_passed_over_and_a_folder_is_needed(rules: Path, put: Put) -> None:
    put(".git/x.yml", "a")
    put("gi/.swp", "a")
    put("README.md", "a")
    put("schema/gi.json", "{}")
    put("platforms/blocks/x.yml", "a")  # read by others
    assert codes(rules) == []
    with pytest.raises(RulesError, match="no-rules"):
        load_register(rules / "nowhere")


# --- the files that come with gimonitor


def test_the_shipped_files_have_no_problem() -> None:
    assert [str(i) for i in check_rules(rules_dir()) if i.severity is Severity.ERROR] == []


def test_every_row_of_the_gi_table_stands_in_the_register(shipped: Register) -> None:
    table = Path(__file__).parents[2] / "../shared/domain/gi_table.csv"
    if not table.is_file():
        pytest.skip("the table is not here")
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {gi.name for gi in shipped.gis} | {word for gi in shipped.gis for word in gi.generic_words}
    assert [row["name"] for row in rows if row["name"] not in names] == []
    parted = {"敖汉小米", "恒山黄芪", "东港草莓"}  # the table gives their protection under another name
    assert {gi.name for gi in shipped.gis} - {row["name"] for row in rows} <= parted | {
        gi.name for gi in shipped.gis if set(gi.generic_words) & {row["name"] for row in rows}
    }
    assert len(rows) == len(shipped.gis) - len(parted) == 315
    by_name = {gi.name: gi for gi in shipped.gis}
    for row in rows:
        gi = by_name.get(row["name"])
        if gi is None:
            continue
        for standard in gi.standards:  # never surer than the table
            assert (standard.code.certainty is Certainty.FOUND) == (row["standard_no_certainty"] == "F"), row["name"]
        if gi.area and row["area_certainty"] != "F":
            assert gi.area.adcodes.certainty is Certainty.UNVERIFIED, row["name"]
        read = row["name"] == "祁门红茶"  # in the judgment that ended its mark
        if not read and "F" not in row["gi_type_certainty"] + row["eu_china_list_certainty"] + row["gi_type"].replace(
            "GI", ""
        ):
            assert gi.certainty is Certainty.UNVERIFIED, row["name"]


def test_shanxi_has_its_98_and_the_ordinary_mark_is_no_gi(shipped: Register) -> None:
    assert sum(gi.province == "山西" for gi in shipped.gis) == 98 + 1  # 恒山黄芪, apart from 浑源黄芪
    (mark,) = [gi for gi in shipped.gis if not gi.is_gi]
    assert mark.name == "逍遥镇胡辣汤"


def test_what_is_found_has_a_source_and_what_is_not_has_none_of_the_file(shipped: Register) -> None:
    for gi in shipped.gis:
        for place, fact in facts_of(gi):
            assert bool(fact.source) == (fact.certainty is Certainty.FOUND), (gi.name, place)


def test_the_count_of_what_is_left_to_verify_is_the_length_of_the_list(shipped: Register) -> None:
    left = list(unverified_facts(shipped))
    gis = sum(gi.certainty is Certainty.UNVERIFIED for gi in shipped.gis)
    assert count_facts(shipped)[Certainty.UNVERIFIED] == len(left) + gis > 1000


def test_three_gis_have_practice_users_with_valid_codes_and_shops(shipped: Register) -> None:
    users = [user for user in shipped.users if user.certainty is Certainty.PRACTICE]
    assert len({user.gi_id for user in users}) >= 3
    assert all(uscc_is_valid(user.uscc) for user in users)
    assert all(platform == "practice" and name for user in users for platform, name in user.shops)
    assert all("演示" in user.name for user in users)


@pytest.mark.parametrize(
    ("key", "day", "article"),
    [
        ("trademark-law:infringement", date(2026, 12, 31), "第五十七条"),
        ("trademark-law:infringement", date(2027, 1, 1), "第七十二条"),
        ("trademark-law:gi-clause", date(2026, 12, 31), "第十六条"),
        ("trademark-law:gi-clause", date(2027, 1, 1), "第二十三条"),
        ("trademark-law:legitimate-use", date(2027, 1, 1), "第七十三条第一款"),
        ("trademark-law:penalty", date(2027, 1, 1), "第七十四条第二款"),
        ("trademark-law:official-sign", date(2027, 1, 1), "第十五条第五项"),
        ("trademark-law:banned-sign-penalty", date(2027, 1, 1), "第六十二条"),
        ("anti-unfair-competition:confusion", date(2025, 10, 14), "第六条"),
        ("anti-unfair-competition:confusion", date(2025, 10, 15), "第七条第一款"),
        ("anti-unfair-competition:false-publicity", date(2025, 10, 15), "第九条"),
        ("complaint-handling:acceptance", date(2026, 4, 14), "第十四条"),
        ("complaint-handling:refusal", date(2026, 4, 15), "第十六条"),
        ("anti-unfair-competition:keyword", date(2025, 10, 14), "第六条"),
        ("anti-unfair-competition:keyword", date(2025, 10, 15), "第七条第二款"),
        ("gi-product-measures:30-3", date(2024, 2, 1), "第三十条第三项"),
    ],
)
def test_the_law_changes_on_its_day(shipped: Register, key: str, day: date, article: str) -> None:
    found = shipped.article(key, day)
    assert found is not None
    assert found.article == article


def test_every_article_a_shipped_model_cites_is_in_force_through_the_supported_time(shipped: Register) -> None:
    born_later = {a.key for a in shipped.articles if a.new}
    for model in shipped.models:
        for key in set(model.law) - born_later:
            for day in (SUPPORTED_FROM, date(2025, 10, 14), date(2026, 12, 31), date(2027, 1, 1), date(2035, 1, 1)):
                assert shipped.article(key, day), (model.id, key, day)


def test_no_shipped_model_cites_a_penalty_alone_on_any_day(shipped: Register) -> None:
    days = {SUPPORTED_FROM, *(a.starts for a in shipped.articles if a.starts > SUPPORTED_FROM)}
    for model in shipped.models:
        for day in days:
            cited = [key for key in model.law if shipped.article(key, day)]
            assert not cited or any(not key.endswith("penalty") for key in cited), (model.id, day)


def test_a_start_that_is_only_recalled_leaves_the_version_unverified(shipped: Register) -> None:
    recalled = [a for a in shipped.articles if "日期凭记忆" in a.source]
    assert {a.key.partition(":")[0] for a in recalled} >= {"special-signs", "olympic-signs", "advertising"}
    assert {a.certainty for a in recalled} == {Certainty.UNVERIFIED}


def test_the_table_of_law_keys_is_current(shipped: Register) -> None:
    table = (rules_dir() / "law/README.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert listed == {article.key for article in shipped.articles}


def test_the_json_schemas_are_those_of_the_code() -> None:
    folder = rules_dir() / "schema"
    built = build_schemas(platform_forms())
    assert {path.name for path in folder.iterdir()} == built.keys()
    for name, text in built.items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name}: rules schema --write"


def test_every_rule_file_names_a_schema_that_is_there() -> None:
    for path in rules_dir().rglob("*.yml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        assert (path.parent / first.partition("=")[2]).is_file(), path


def test_an_unknown_area_is_told_beside_an_error_of_form(rules: Path, edit: Edit) -> None:
    edit('["230184"]', '["230184", "230199"]\noops: 1')
    told = {(i.code, i.line): i.message for i in check_rules(rules) if i.path.startswith("gi")}
    assert {code for code, _ in told} == {"unknown-key", "unknown-area"}
    assert any("no administrative division has the code 230199" in message for message in told.values())
