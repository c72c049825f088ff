"""Loading rule files: every problem at once with its place, and checks across files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gimonitor.errors import RulesError
from gimonitor.model.register import Certainty, Kind
from gimonitor.register import check_rules, load_register
from gimonitor.register.checks import SUPPORTED_FROM
from gimonitor.register.issues import Issue, Severity
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
family: name-unknown
title: 产地外使用名称
severity: 0.8
status: draft
law: ["some-law:same"]
clears: 产地证明
parameters: {confidence: "0.8"}
author: a
"""


def test_a_model_that_cites_no_known_article_is_an_error(rules: Path, put: Put) -> None:
    put("models/M01.yml", MODEL)
    assert codes(rules) == []
    put("models/M01.yml", MODEL.replace("some-law:same", "some-law:57"))
    (issue,) = check_rules(rules)
    assert (issue.code, issue.path, issue.severity) == ("unknown-article", "models/M01.yml", Severity.ERROR)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ('{confidense: "0.1"}', "unknown parameter confidense of family name-unknown; known: confidence, sent_from"),
        ("{confidence: abc}", "parameter confidence: 'abc' is no decimal number"),
        ('{confidence: "nan"}', "parameter confidence: 'nan' is no decimal number"),
        ('{confidence: "inf"}', "parameter confidence: 'inf' is no decimal number"),
        ('{confidence: "1e-1"}', "parameter confidence: '1e-1' is no decimal number"),
        ('{confidence: "-3"}', "parameter confidence: -3 does not lie between 0 and 1"),
        ('{confidence: "-0"}', "parameter confidence: -0 does not lie between 0 and 1"),
        ('{confidence: "1.65"}', "parameter confidence: 1.65 does not lie between 0 and 1"),
    ],
)
def test_a_parameter_is_one_that_the_family_asks_for(rules: Path, put: Put, parameters: str, said: str) -> None:
    put("models/M01.yml", MODEL.replace('{confidence: "0.8"}', parameters))
    (issue,) = check_rules(rules)
    line = MODEL.count("\n", 0, MODEL.index("parameters:")) + 1
    assert (issue.code, issue.path, issue.line) == ("bad-parameter", "models/M01.yml", line)
    assert said in issue.message
    with pytest.raises(RulesError, match=r"models/M01.yml:\d+:\d+: error bad-parameter"):
        load_register(rules)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("{}", "kinds is missing"),
        ('{kinds: ""}', "no word is given"),
        ("{kinds: near sond}", "unknown: sond; known: near tag short"),
        ('{kinds: near, beside: "12"}', "words are wanted"),
    ],
)
def test_words_of_a_family_are_told_too(rules: Path, put: Put, parameters: str, said: str) -> None:
    near = MODEL.replace("family: name-unknown", "family: near-name")
    put("models/M01.yml", near.replace('{confidence: "0.8"}', parameters))
    (issue,) = check_rules(rules)
    assert issue.code == "bad-parameter" and said in issue.message


def test_an_unknown_family_and_a_model_of_nobody_are_errors(rules: Path, put: Put) -> None:
    put("models/M01.yml", MODEL.replace("family: name-unknown", "family: stile"))
    (issue,) = check_rules(rules)
    assert (issue.code, issue.line) == ("unknown-family", 3) and "known: abolished-claim" in issue.message
    put("models/M01.yml", MODEL.replace("author: a\n", ""))
    (issue,) = check_rules(rules)
    assert issue.code == "missing-key" and issue.message.startswith("author: must stand here")


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ('{"title": "x"', "no JSON record"),
        ('{"tilte": "x"}', "title is missing"),
        ('{"title": "x", "on": "1.9."}', "no day of the form"),
        ('{"title": "x", "history": {"sold": 1}}', "removals, confirmed, penalties"),
        ('{"title": "x", "history": {"removals": -1}}', "whole number"),
        ('{"a":' + "[" * 3000, "no JSON record"),
    ],
)
def test_an_example_that_cannot_be_read_is_an_error_at_its_line(rules: Path, put: Put, example: str, said: str) -> None:
    lines = f"{MODEL}must_flag:\n  - 五常大米\n  - {json.dumps(example, ensure_ascii=False)}\n"
    put("models/M01.yml", lines)
    (issue,) = check_rules(rules)
    assert (issue.code, issue.line) == ("bad-example", lines.count("\n")) and said in issue.message


def test_a_folder_of_other_things_is_one_error(tmp_path: Path, put: Put) -> None:
    other = tmp_path / "other"
    for name in ("a/b.txt", "a/c.txt", "d.txt"):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_text("x")
    (other / "rules" / "gi").mkdir(parents=True)
    with pytest.raises(RulesError, match=r"no-rules: no rule files here.*is it .*other/rules") as caught:
        check_rules(other)
    assert len(caught.value.issues) == 1
    (other / "models").mkdir()
    (other / "models" / "weights.bin").write_text("x")
    with pytest.raises(RulesError, match="no-rules"):
        check_rules(other)


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


def test_an_unknown_area_is_told_beside_an_error_of_form(rules: Path, edit: Edit) -> None:
    edit('["230184"]', '["230184", "230199"]\noops: 1')
    told = {(i.code, i.line): i.message for i in check_rules(rules) if i.path.startswith("gi")}
    assert {code for code, _ in told} == {"unknown-key", "unknown-area"}
    assert any("no administrative division has the code 230199" in message for message in told.values())
