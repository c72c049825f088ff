"""What the rule files that come with gimonitor hold."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from gimonitor.cli.rules import platform_forms
from gimonitor.model.register import Certainty, Register
from gimonitor.register import check_rules, rules_dir
from gimonitor.register.checks import SUPPORTED_FROM
from gimonitor.register.editor import build_schemas
from gimonitor.register.facts import count_facts, facts_of, unverified_facts
from gimonitor.register.issues import Severity
from gimonitor.text.codes import uscc_is_valid


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
