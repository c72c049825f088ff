"""Tables of authorised users: what is taken, what is refused and why, what the register would become; never half of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from gimonitor.errors import InputError, RulesError
from gimonitor.model.register import AuthorisedUser, Basis, Certainty
from gimonitor.register import load_register
from gimonitor.register.usermerge import UserPlan, apply_plan, format_rejects, plan_users
from gimonitor.register.usertable import UserOptions, UserTable, match_columns, read_user_table
from gimonitor.tables import open_table

WriteTable = Callable[..., Path]
TODAY = date(2026, 11, 22)
GOOD = "91230184MA1PRC01X0"
OTHER = "92230184MA1CRXT36R"
HEADINGS = ["地理标志名称", "企业名称", "统一社会信用代码", "公告号", "公告日期", "有效期至", "商标", "店铺", "备注"]
ROW = ["五常大米", "五常市乙粮油店", OTHER, "第9号", "2024-05-01", "长期", "乙牌、丙牌", "京东:乙店", "x"]


@pytest.fixture
def table(write_table: WriteTable) -> WriteTable:
    """Write a table under the usual headings, or others."""
    return lambda *rows, headings=HEADINGS, encoding="utf-8": write_table(headings, *rows, encoding=encoding)


def options(**changes: object) -> UserOptions:
    values: dict[str, object] = {"source": "某公告", "on": TODAY, "basis": Basis.LICENSEE}
    return UserOptions(**(values | changes))  # type: ignore[arg-type]  # the values are given by each test


def read(path: Path, rules: Path, **changes: object) -> UserTable:
    return read_user_table(open_table(path), load_register(rules), options(**changes))


def plan(path: Path, rules: Path, *, into: str = "users.csv", complete: tuple[str, ...] = ()) -> UserPlan:
    register = load_register(rules)
    found = read_user_table(open_table(path), register, options())
    return plan_users(register, found, into=into, on=TODAY, complete_for=complete)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_in_the_usual_headings_needs_no_map(rules: Path, table: WriteTable, encoding: str) -> None:
    found = read(table(ROW, encoding=encoding), rules)
    ((number, user),) = found.users
    assert found.rejects == ()
    assert number == 2
    assert user == AuthorisedUser(
        gi_id="hlj-wuchang-dami",
        name="五常市乙粮油店",
        uscc=OTHER,
        basis=Basis.LICENSEE,
        certainty=Certainty.FOUND,
        source="某公告",
        number="第9号",
        starts=date(2024, 5, 1),
        ends=None,
        brands=("乙牌", "丙牌"),
        shops=(("京东", "乙店"),),
    )
    assert found.unused == ("备注",)


@pytest.mark.parametrize("heading", ["地理标志产品", "地标名称", "地标产品", "产品名称"])
def test_the_name_of_the_gi_stands_under_the_headings_bureaus_use(heading: str) -> None:
    assert match_columns((heading, "企业名称"), {})["gi"] == heading
    assert match_columns(("产品名称", heading, "企业名称"), {})["gi"] == heading  # the goods of the firm beside it


def row(**changes: str) -> list[str]:
    return [changes.get(heading, cell) for heading, cell in zip(HEADINGS, ROW, strict=True)]


REFUSED = {
    "no GI": (row(地理标志名称=""), "merged cells"),
    "unknown GI": (row(地理标志名称="六常大米"), "no GI of this name"),
    "no name": (row(企业名称=" "), "no name"),
    "formula": (row(企业名称="=HYPERLINK(1)"), "looks like a formula"),
    "full-width formula": (row(企业名称="＝1+1"), "looks like a formula"),
    "check digit": (row(统一社会信用代码=OTHER[:-1] + "A"), "no valid"),
    "too short": (row(统一社会信用代码="123"), "no valid"),
    "no day": (row(公告日期="去年"), "not a day"),
    "no such day": (row(公告日期="2024-02-30"), "day is out of range"),
    "serial of another century": (row(公告日期="99999"), "would be the day"),
    "ends first": (row(有效期至="2023-01-01"), "before it starts"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_are_taken(
    rules: Path, table: WriteTable, case: str
) -> None:
    cells, reason = REFUSED[case]
    found = read(table(cells, row(企业名称="丁记米行", 统一社会信用代码="")), rules)
    (reject,) = found.rejects
    assert reject.number == 2
    assert reason in "; ".join(reject.reasons)
    assert [user.name for _, user in found.users] == ["丁记米行"]


def test_all_that_is_wrong_in_a_row_is_said_at_once(rules: Path, table: WriteTable) -> None:
    found = read(table(row(地理标志名称="六常", 统一社会信用代码="1", 公告日期="x")), rules)
    assert len(found.rejects[0].reasons) == 3


def test_a_row_that_repeats_another_is_refused(rules: Path, table: WriteTable) -> None:
    found = read(table(ROW, ROW), rules)
    assert "row 2" in found.rejects[0].reasons[0]
    assert len(found.users) == 1


def test_merged_cells_are_filled_down_only_when_asked(rules: Path, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "m.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS[:3])
    sheet.merge_range(1, 0, 2, 0, "五常大米")
    sheet.write_row(1, 1, ["甲米业公司", ""])
    sheet.write_row(2, 1, ["乙米业公司", ""])
    book.close()
    plain = read(tmp_path / "m.xlsx", rules)
    assert (len(plain.users), [r.number for r in plain.rejects]) == (1, [3])
    assert [user.name for _, user in read(tmp_path / "m.xlsx", rules, fill_down=True).users] == [
        "甲米业公司",
        "乙米业公司",
    ]


def test_workbook_dates_serials_hidden_sheets_and_formulas(rules: Path, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "m.xlsx")
    hidden = book.add_worksheet("旧")
    hidden.write_row(0, 0, HEADINGS[:2])
    hidden.write_row(1, 0, ["五常大米", "不该读到的公司"])
    hidden.hide()
    sheet = book.add_worksheet("新")
    sheet.activate()
    sheet.set_first_sheet()
    sheet.write_row(0, 0, [HEADINGS[0], HEADINGS[1], HEADINGS[4], HEADINGS[5]])
    sheet.write_row(1, 0, ["五常大米", "甲米业公司"])
    sheet.write_datetime(1, 2, date(2024, 5, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_number(1, 3, 46752)
    sheet.write(2, 0, "五常大米")
    sheet.write_formula(2, 1, '="乙"&"公司"', None, "乙公司")
    book.close()
    found = read(tmp_path / "m.xlsx", rules)
    assert [(user.name, user.starts, user.ends) for _, user in found.users] == [
        ("甲米业公司", date(2024, 5, 1), date(2027, 12, 31)),
        ("乙公司", None, None),
    ]


def broken_book(path: Path) -> Path:
    """A GI named once above an error, a blank below it, and an error for the last day."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [HEADINGS[0], HEADINGS[1], HEADINGS[5]])
    sheet.write_row(1, 0, ["五常大米", "甲米业公司"])
    sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
    sheet.write(2, 1, "乙米业公司")
    sheet.write(3, 1, "丙米业公司")
    sheet.write_row(4, 0, ["五常大米", "丁米业公司"])
    sheet.write_formula(4, 2, "=NA()", None, "#N/A")
    sheet.write(5, 1, "戊米业公司")
    book.close()
    return path


def test_an_error_value_is_no_empty_cell_and_nothing_is_filled_down_over_it(rules: Path, tmp_path: Path) -> None:
    found = read(broken_book(tmp_path / "m.xlsx"), rules, fill_down=True)
    assert [user.name for _, user in found.users] == ["甲米业公司", "戊米业公司"]
    told = {reject.number: reject.reasons[0] for reject in found.rejects}
    assert told[3].startswith("地理标志名称: the spreadsheet has an error there (#DIV/0!)")
    assert "no GI stands above it" in told[4]
    assert told[5].startswith("有效期至: the spreadsheet has an error there (#N/A)")


def test_a_row_that_cannot_be_read_still_names_the_gi_of_those_below(rules: Path, table: WriteTable) -> None:
    lost = [*row(地理标志名称="六常大米"), "a cell too many"]
    found = read(
        table(ROW, lost, row(地理标志名称="", 企业名称="丁记米行", 统一社会信用代码="")), rules, fill_down=True
    )
    assert len(found.users) == 1
    assert "六常大米: no GI of this name" in found.rejects[1].reasons[0]


def test_doubts_do_not_keep_a_row_out(rules: Path, table: WriteTable) -> None:
    found = read(
        table(
            row(统一社会信用代码="", 商标="公?"),
            row(企业名称="外省公司", 统一社会信用代码="91330523MA2DEMQ47F", 有效期至="2025-01-01"),
            row(企业名称="看错的公司", 统一社会信用代码=GOOD.replace("0", "O", 1)),
        ),
        rules,
    )
    assert len(found.users) == 3
    assert "no 统一社会信用代码" in found.doubts[2]
    assert "a character was lost (?)" in found.doubts[2]
    assert [text.partition(" ")[0] for text in found.doubts[3]] == ["registered", "ended"]
    assert f"read as {GOOD}" in found.doubts[4][0]
    assert found.users[2][1].uscc == GOOD


def test_columns_can_be_named_and_a_wrong_name_is_refused(rules: Path, table: WriteTable) -> None:
    path = table(["五常大米", "甲公司"], headings=["标志", "厂家"])
    with pytest.raises(InputError, match="no column for gi, name"):
        read(path, rules)
    assert len(read(path, rules, columns={"gi": "标志", "name": "厂家"}).users) == 1
    with pytest.raises(InputError, match="no column '店'"):
        read(path, rules, columns={"gi": "标志", "name": "店"})
    with pytest.raises(InputError, match="no field 'nome'"):
        read(path, rules, columns={"nome": "厂家"})


def test_without_a_basis_rows_are_refused(rules: Path, table: WriteTable) -> None:
    found = read(table(ROW), rules, basis=None)
    assert "no basis" in found.rejects[0].reasons[0]


def test_the_diff_tells_new_changed_ended_and_odd(rules: Path, table: WriteTable) -> None:
    changed = row(企业名称="五常市甲米业有限公司", 统一社会信用代码=GOOD, 公告号="第2号", 商标="", 公告日期="", 店铺="")
    first = plan(table(changed, ROW), rules)
    assert [u.name for u in first.new] == ["五常市乙粮油店"]
    assert [(c.fields, c.before.number, c.after.number) for c in first.changed] == [(("number",), "第1号", "第2号")]
    assert first.changed[0].after.brands == ("甲牌",)  # an empty cell says nothing
    apply_plan(rules, first)
    again = plan(table(changed, ROW), rules)
    assert (again.new, again.changed, len(again.unchanged)) == ((), (), 2)
    gone = plan(table(changed), rules, complete=("hlj-wuchang-dami",))
    assert [(c.after.name, c.after.ends) for c in gone.ended] == [("五常市乙粮油店", date(2026, 11, 21))]
    apply_plan(rules, gone)
    register = load_register(rules)
    assert [u.name for u in register.users_of("hlj-wuchang-dami", TODAY)] == ["五常市甲米业有限公司"]
    assert len(register.users) == 2  # who has ended stays in the file


def test_a_name_or_code_that_changed_is_odd(rules: Path, table: WriteTable) -> None:
    renamed = plan(table(row(企业名称="五常市新米业有限公司", 统一社会信用代码=GOOD)), rules)
    assert "with another name" in " ".join(renamed.suspicious)
    recoded = plan(table(row(企业名称="五常市甲米业有限公司")), rules)
    assert "with another 统一社会信用代码" in " ".join(recoded.suspicious)


def test_a_code_that_stands_under_another_name_at_another_gi_is_odd(
    rules: Path, put: Callable[[str, str], Path], table: WriteTable
) -> None:
    put("gi/heilongjiang/hlj-mou.yml", "id: hlj-mou\nname: 某米\nsource: 公告\nprovince: 黑龙江\n")
    renamed = row(地理标志名称="某米", 企业名称="新米业公司", 统一社会信用代码=GOOD)
    recoded = row(地理标志名称="某米", 企业名称="五常市甲米业有限公司")
    told = plan(table(renamed), rules).suspicious
    assert any(f"row 2: 新米业公司 with the code {GOOD} stands as 五常市甲米业有限公司" in line for line in told)
    assert any(f"with {GOOD} in the register" in line for line in plan(table(recoded), rules).suspicious)
    same = row(地理标志名称="某米", 企业名称="五常市甲米业有限公司", 统一社会信用代码=GOOD)
    assert not any("stands as" in line for line in plan(table(same), rules).suspicious)
    above = plan(table(ROW, row(地理标志名称="某米", 企业名称="丁公司")), rules).suspicious
    assert any("row 3: 丁公司" in line and "in row 2" in line for line in above)


def test_a_user_of_another_file_is_left_alone(rules: Path, table: WriteTable) -> None:
    cells = row(企业名称="五常市甲米业有限公司", 统一社会信用代码=GOOD, 公告号="第2号")
    found = plan(table(cells), rules, into="other.csv")
    assert [c.after.number for c in found.held_elsewhere] == ["第2号"]
    assert found.result == ()


@pytest.mark.parametrize("into", ["practice.csv", "../x.csv", "x.yml", ".x.csv", "a/b.csv"])
def test_the_target_is_a_plain_file_of_real_users(rules: Path, table: WriteTable, into: str) -> None:
    with pytest.raises(InputError, match="plain name"):
        plan(table(ROW), rules, into=into)


def test_an_import_that_would_break_the_register_writes_nothing(rules: Path, table: WriteTable) -> None:
    found = plan(table(ROW), rules)
    before = (rules / "users/users.csv").read_bytes()
    (rules / "gi/heilongjiang/hlj-wuchang-dami.yml").unlink()
    with pytest.raises(RulesError, match="unknown-gi"):
        apply_plan(rules, found)
    assert (rules / "users/users.csv").read_bytes() == before


def test_rejects_are_a_table_that_no_spreadsheet_runs(rules: Path, table: WriteTable) -> None:
    found = read(table(row(企业名称="=cmd|' /C calc'!A0", 公告号="@SUM(1)", 商标="+1")), rules)
    lines = list(csv.DictReader(io.StringIO(format_rejects(found.rejects).decode("utf-8-sig"))))
    assert lines[0]["row"] == "2"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in lines[0].values())
