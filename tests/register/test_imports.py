"""Tables of bureaus become users and GI files: what is taken, what is refused and why, never half of it."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from gimonitor.errors import InputError, RulesError
from gimonitor.model.register import AuthorisedUser, Basis, Certainty, Fact, Kind
from gimonitor.register import load_register
from gimonitor.register.cells import REGISTER_LIMITS, clean_name, fold_name, is_number, parse_basis, parse_day
from gimonitor.register.gimerge import apply_gis, check_gis, plan_gis
from gimonitor.register.gitable import read_gi_table, tell_kind, unused_columns
from gimonitor.register.usermerge import UserPlan, apply_plan, format_rejects, plan_users
from gimonitor.register.usertable import UserOptions, UserTable, read_user_table
from gimonitor.tables import open_table

TODAY = date(2026, 11, 22)
GOOD = "91230184MA1PRC01X0"
OTHER = "92230184MA1CRXT36R"
HEADINGS = ["地理标志名称", "企业名称", "统一社会信用代码", "公告号", "公告日期", "有效期至", "商标", "店铺", "备注"]
ROW = ["五常大米", "五常市乙粮油店", OTHER, "第9号", "2024-05-01", "长期", "乙牌、丙牌", "京东:乙店", "x"]


def options(**changes: object) -> UserOptions:
    values: dict[str, object] = {"source": "某公告", "on": TODAY, "basis": Basis.LICENSEE}
    return UserOptions(**(values | changes))  # type: ignore[arg-type]  # the values are given by each test


def table(folder: Path, *rows: list[str], headings: list[str] = HEADINGS, encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    path = folder / "users.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def read(path: Path, rules: Path, **changes: object) -> UserTable:
    return read_user_table(open_table(path), load_register(rules), options(**changes))


def plan(path: Path, rules: Path, *, into: str = "users.csv", complete: tuple[str, ...] = ()) -> UserPlan:
    register = load_register(rules)
    found = read_user_table(open_table(path), register, options())
    return plan_users(register, found, into=into, on=TODAY, complete_for=complete)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_in_the_usual_headings_needs_no_map(rules: Path, tmp_path: Path, encoding: str) -> None:
    found = read(table(tmp_path, ROW, encoding=encoding), rules)
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
def test_a_bad_row_is_refused_with_its_reason_and_the_others_are_taken(rules: Path, tmp_path: Path, case: str) -> None:
    cells, reason = REFUSED[case]
    found = read(table(tmp_path, cells, row(企业名称="丁记米行", 统一社会信用代码="")), rules)
    (reject,) = found.rejects
    assert reject.number == 2
    assert reason in "; ".join(reject.reasons)
    assert [user.name for _, user in found.users] == ["丁记米行"]


def test_all_that_is_wrong_in_a_row_is_said_at_once(rules: Path, tmp_path: Path) -> None:
    found = read(table(tmp_path, row(地理标志名称="六常", 统一社会信用代码="1", 公告日期="x")), rules)
    assert len(found.rejects[0].reasons) == 3


def test_a_row_that_repeats_another_is_refused(rules: Path, tmp_path: Path) -> None:
    found = read(table(tmp_path, ROW, ROW), rules)
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


def test_doubts_do_not_keep_a_row_out(rules: Path, tmp_path: Path) -> None:
    found = read(
        table(
            tmp_path,
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


def test_columns_can_be_named_and_a_wrong_name_is_refused(rules: Path, tmp_path: Path) -> None:
    path = table(tmp_path, ["五常大米", "甲公司"], headings=["标志", "厂家"])
    with pytest.raises(InputError, match="no column for gi, name"):
        read(path, rules)
    assert len(read(path, rules, columns={"gi": "标志", "name": "厂家"}).users) == 1
    with pytest.raises(InputError, match="no column '店'"):
        read(path, rules, columns={"gi": "标志", "name": "店"})
    with pytest.raises(InputError, match="no field 'nome'"):
        read(path, rules, columns={"nome": "厂家"})


def test_without_a_basis_rows_are_refused(rules: Path, tmp_path: Path) -> None:
    found = read(table(tmp_path, ROW), rules, basis=None)
    assert "no basis" in found.rejects[0].reasons[0]


def test_the_diff_tells_new_changed_ended_and_odd(rules: Path, tmp_path: Path) -> None:
    changed = row(企业名称="五常市甲米业有限公司", 统一社会信用代码=GOOD, 公告号="第2号", 商标="", 公告日期="", 店铺="")
    first = plan(table(tmp_path, changed, ROW), rules)
    assert [u.name for u in first.new] == ["五常市乙粮油店"]
    assert [(c.fields, c.before.number, c.after.number) for c in first.changed] == [(("number",), "第1号", "第2号")]
    assert first.changed[0].after.brands == ("甲牌",)  # an empty cell says nothing
    apply_plan(rules, first)
    again = plan(table(tmp_path, changed, ROW), rules)
    assert (again.new, again.changed, len(again.unchanged)) == ((), (), 2)
    gone = plan(table(tmp_path, changed), rules, complete=("hlj-wuchang-dami",))
    assert [(c.after.name, c.after.ends) for c in gone.ended] == [("五常市乙粮油店", date(2026, 11, 21))]
    apply_plan(rules, gone)
    register = load_register(rules)
    assert [u.name for u in register.users_of("hlj-wuchang-dami", TODAY)] == ["五常市甲米业有限公司"]
    assert len(register.users) == 2  # who has ended stays in the file


def test_a_name_or_code_that_changed_is_odd(rules: Path, tmp_path: Path) -> None:
    renamed = plan(table(tmp_path, row(企业名称="五常市新米业有限公司", 统一社会信用代码=GOOD)), rules)
    assert "with another name" in " ".join(renamed.suspicious)
    recoded = plan(table(tmp_path, row(企业名称="五常市甲米业有限公司")), rules)
    assert "with another 统一社会信用代码" in " ".join(recoded.suspicious)


def test_a_user_of_another_file_is_left_alone(rules: Path, tmp_path: Path) -> None:
    cells = row(企业名称="五常市甲米业有限公司", 统一社会信用代码=GOOD, 公告号="第2号")
    found = plan(table(tmp_path, cells), rules, into="other.csv")
    assert [c.after.number for c in found.held_elsewhere] == ["第2号"]
    assert found.result == ()


@pytest.mark.parametrize("into", ["practice.csv", "../x.csv", "x.yml", ".x.csv", "a/b.csv"])
def test_the_target_is_a_plain_file_of_real_users(rules: Path, tmp_path: Path, into: str) -> None:
    with pytest.raises(InputError, match="plain name"):
        plan(table(tmp_path, ROW), rules, into=into)


def test_an_import_that_would_break_the_register_writes_nothing(rules: Path, tmp_path: Path) -> None:
    found = plan(table(tmp_path, ROW), rules)
    before = (rules / "users/users.csv").read_bytes()
    (rules / "gi/heilongjiang/hlj-wuchang-dami.yml").unlink()
    with pytest.raises(RulesError, match="unknown-gi"):
        apply_plan(rules, found)
    assert (rules / "users/users.csv").read_bytes() == before


def test_rejects_are_a_table_that_no_spreadsheet_runs(rules: Path, tmp_path: Path) -> None:
    found = read(table(tmp_path, row(企业名称="=cmd|' /C calc'!A0", 公告号="@SUM(1)", 商标="+1")), rules)
    lines = list(csv.DictReader(io.StringIO(format_rejects(found.rejects).decode("utf-8-sig"))))
    assert lines[0]["row"] == "2"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in lines[0].values())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2015-03-01", date(2015, 3, 1)),
        ("2015/3/1", date(2015, 3, 1)),
        ("2015.3.1", date(2015, 3, 1)),
        ("2015年3月1日", date(2015, 3, 1)),
        ("２０１５年３月１日", date(2015, 3, 1)),
        ("20150301", date(2015, 3, 1)),
        ("42064", date(2015, 3, 1)),
        ("42064.0", date(2015, 3, 1)),
        ("2015-03-01 00:00:00", date(2015, 3, 1)),
        ("长期", None),
        ("", None),
    ],
)
def test_days_as_bureaus_write_them(text: str, day: date | None) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize("text", ["2015", "2015-3", "3/1/2015", "1234", "2015-13-01", "明年", "0"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_day(text)


def test_names_are_made_alike() -> None:
    assert clean_name(" 五常市 甲 米业(集团)有限公司\u200b ") == "五常市甲米业（集团）有限公司"
    assert fold_name("ABC 米业（集团）") == fold_name("abc米业(集团)")
    assert parse_basis("证明商标被许可人") is Basis.LICENSEE
    assert parse_basis("集体成员") is Basis.MEMBER
    assert parse_basis("公告核准") is Basis.ANNOUNCEMENT
    with pytest.raises(ValueError, match="not a basis"):
        parse_basis("朋友")


def gis(folder: Path, rules: Path, headings: list[str], *rows: list[str]) -> tuple[list[str], list[str], list[str]]:
    read_rows, refused = read_gi_table(open_table(table(folder, *rows, headings=headings)))
    found = plan_gis(rules, load_register(rules), read_rows, source="某表")
    apply_gis(rules, found)
    return list(found.new), [*found.added, *found.differences], ["; ".join(r.reasons) for r in refused]


PRODUCTS = ["产品名称", "类别", "批准年度", "批准公告(简称)", "省份名称", "地市县区名称", "保护范围", "技术规范"]


def test_a_product_becomes_a_file_with_its_source(rules: Path, tmp_path: Path) -> None:
    new, _, refused = gis(
        tmp_path, rules, PRODUCTS,
        ["某山茶", "茶叶类", "2015-03-01", "2015年第1号", "陕西省", "安康市紫阳县", "某镇: 某村", "DB61/T 307.1-2013《某山茶》"],
        ["怪地方茶", "茶叶类", "", "", "", "西湖区", "", ""],
    )  # fmt: skip
    assert new == ["某山茶"]
    assert "may mean" in refused[0]
    (gi,) = [gi for gi in load_register(rules).gis if gi.name == "某山茶"]
    assert (gi.path, gi.province, gi.city) == ("gi/shaanxi/sn-moushancha.yml:2", "陕西", "安康")
    assert gi.area is not None
    assert gi.area.adcodes.value == ("610924",)
    assert gi.area.townships is not None
    assert gi.area.townships.value == "某镇: 某村"
    assert gi.protections[0].numbers[0].value == "2015年第1号"
    assert gi.protections[0].starts == Fact(value=date(2015, 3, 1), certainty=Certainty.FOUND, source="某表")
    assert gi.standards[0].code.value == "DB61/T 307.1-2013"
    assert {gi.source, gi.area.adcodes.source, gi.standards[0].code.source} == {"某表"}


def test_what_is_missing_is_added_and_what_differs_is_left_to_people(rules: Path, tmp_path: Path) -> None:
    before = (rules / "gi/heilongjiang/hlj-wuchang-dami.yml").read_text(encoding="utf-8")
    _, told, refused = gis(
        tmp_path, rules, ["商标名称", "商标类型", "注册人中文名称", "注册号", "国际分类"],
        ["五常大米", "证明商标", "五常市大米协会", "1607996", "30"],
        ["五常大米", "普通商标", "某", "12", "99"],
    )  # fmt: skip
    assert told == ["五常大米: certification_mark 1607996"]
    assert len(refused[0].split("; ")) == 3
    _, told, _ = gis(
        tmp_path, rules, PRODUCTS, ["五常大米", "", "", "2003年第2号", "黑龙江省", "哈尔滨市五常市", "", ""]
    )
    assert told == ["row 2: 五常大米: the table has gi_product number 2003年第2号, the file has 2003年第1号"]
    _, told, _ = gis(
        tmp_path, rules, ["产品名称", "标准号", "状态", "实施日期"],
        ["五常大米", "GB/T 19266-2003", "现行", ""], ["五常大米", "DB23/T 1-2020", "现行", "2020-05-01"],
        ["五常大米", "DB23/T 2-2010", "废止", ""], ["五常大米", "GB/T19266-2008", "现行", ""],
    )  # fmt: skip
    assert told == [
        "五常大米: DB23/T 1-2020",
        "row 2: 五常大米: the table has GB/T 19266-2003, the file has GB/T 19266-2008",
        "row 4: 五常大米: the table has DB23/T 2-2010 has ended",
    ]
    gi = load_register(rules).gi("hlj-wuchang-dami")
    assert [p.kind.value for p in gi.protections] == [Kind.GI_PRODUCT, Kind.CERTIFICATION_MARK]
    assert gi.protections[1].holder is not None
    assert [s.code.value for s in gi.standards] == ["GB/T 19266-2008", "DB23/T 1-2020"]
    after = (rules / "gi/heilongjiang/hlj-wuchang-dami.yml").read_text(encoding="utf-8")
    assert set(before.splitlines()) <= set(after.splitlines())  # comments and all


def test_what_a_table_of_products_tells_of_a_known_name_is_added_where_the_file_is_silent(
    rules: Path, tmp_path: Path
) -> None:
    headings = [*PRODUCTS, "申请机构", "受理公告（全称）"]
    cells = [
        "五常大米",
        "粮食类",
        "2003-05-01",
        "2003年第1号",
        "黑龙江省",
        "哈尔滨市五常市",
        "某镇",
        "",
        "某县政府",
        "2002年第9号",
    ]
    _, told, _ = gis(tmp_path, rules, headings, cells)
    assert told == [
        "五常大米: gi_product from 2003-05-01",
        "五常大米: holder 某县政府",
        "五常大米: 受理公告(全称)：2002年第9号",
        "五常大米: area in words",
        "五常大米: product_group 初级农产品, unverified",
    ]
    gi = load_register(rules).gi("hlj-wuchang-dami")
    protection = gi.protections[0]
    assert protection.starts == Fact(value=date(2003, 5, 1), certainty=Certainty.FOUND, source="某表")
    assert protection.holder is not None and gi.area is not None and gi.area.townships is not None
    assert (protection.holder.value, gi.area.townships.value) == ("某县政府", "某镇")
    assert gis(tmp_path, rules, headings, cells) == ([], [], [])
    assert gis(tmp_path, rules, headings, ["五常大米", "", "2004-05-01", *cells[3:6], "另镇", "", "另一县", ""])[1] == [
        "row 2: 五常大米: the table has gi_product from 2004-05-01, the file has 2003-05-01",
        "row 2: 五常大米: the table has holder 另一县, the file has 某县政府",
        "row 2: 五常大米: the table has area in words '另镇', the file has '某镇'",
    ]


def test_a_class_of_a_table_is_taken_and_its_place_in_the_classification_stays_unverified(
    rules: Path, tmp_path: Path
) -> None:
    gis(tmp_path, rules, PRODUCTS, ["某山参", "药材类", "", "2015年第1号", "陕西省", "安康市紫阳县", "", ""])
    gis(tmp_path, rules, [*CODED, "classification_id"], ["某酒", "2015年第2号", "610924", "陕西省", "安康市", "0101"])
    by_name = {gi.name: gi for gi in load_register(rules).gis}
    for name, goods, category in (("某山参", "药材类", "中药材"), ("某酒", "酒水类", "食用农林产品及食品")):
        gi = by_name[name]
        assert gi.goods == Fact(value=goods, certainty=Certainty.FOUND, source="某表")
        assert gi.category == Fact(value=category, certainty=Certainty.UNVERIFIED)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_tables_that_belong_together_go_in_in_any_order(rules: Path, tmp_path: Path, order: tuple[int, ...]) -> None:
    tables = [
        (PRODUCTS, ["某山茶", "茶叶类", "", "2015年第1号", "陕西省", "安康市紫阳县", "", ""]),
        (["文件名称", "文件类型", "公告时间"], ["国家质检总局公告 2015年第1号", "批准公告", "2015-03-01"]),
        (["商标名称", "商标类型", "注册人中文名称", "注册号", "国际分类"], ["某山茶", "证明商标", "某协会", "1607997", "30"]),
        (["产品名称", "标准号", "状态", "实施日期"], ["某山茶", "DB61/T 1-2020", "现行", "2020-05-01"]),
    ]  # fmt: skip
    rows = []
    for index in order:
        headings, cells = tables[index]
        rows += read_gi_table(open_table(table(tmp_path, cells, headings=headings)))[0]
    plan = plan_gis(rules, load_register(rules), rows, source="某表")
    assert (plan.new, plan.differences) == (("某山茶",), ())
    apply_gis(rules, plan)
    (gi,) = [gi for gi in load_register(rules).gis if gi.name == "某山茶"]
    assert {p.kind.value for p in gi.protections} == {Kind.GI_PRODUCT, Kind.CERTIFICATION_MARK}
    starts = [p.starts.value for p in gi.protections if p.starts]
    assert (starts, [s.code.value for s in gi.standards]) == ([date(2015, 3, 1)], ["DB61/T 1-2020"])


def test_a_table_that_comes_too_early_says_what_to_import_before(rules: Path, tmp_path: Path) -> None:
    _, told, _ = gis(
        tmp_path, rules, ["产品名称", "标准号", "状态", "实施日期"], ["某山茶", "DB61/T 1-2020", "现行", ""]
    )
    assert "import the table of products" in told[0]
    _, told, _ = gis(
        tmp_path, rules, ["文件名称", "文件类型", "公告时间"], ["公告 2015年第1号", "批准公告", "2015-03-01"]
    )
    assert "import the table of products" in told[0]


def test_unverified_facts_that_a_table_says_too_are_pointed_out(rules: Path, tmp_path: Path) -> None:
    cells = ["五常大米", "", "", "2003年第1号", "黑龙江省", "哈尔滨市五常市", "", "GB/T19266-2008《五常大米》"]
    rows = read_gi_table(open_table(table(tmp_path, cells, headings=PRODUCTS)))[0]
    plan = plan_gis(rules, load_register(rules), rows, source="某表")
    assert plan.agreed == ("五常大米 area.adcodes", "五常大米 standards.0.code")
    assert load_register(rules).gi("hlj-wuchang-dami").standards[0].code.certainty is Certainty.UNVERIFIED


def test_two_tables_that_add_to_one_known_name_add_it_once(rules: Path, tmp_path: Path) -> None:
    headings = ["商标名称", "商标类型", "注册人中文名称", "注册号", "国际分类"]
    cells = ["五常大米", "证明商标", "某协会", "1607997", "30"]
    first = read_gi_table(open_table(table(tmp_path, cells, headings=headings)))[0]
    other = ["五常大米", "证明商标", "某协会", "1607998", "30"]
    second = read_gi_table(open_table(table(tmp_path, other, headings=headings)))[0]
    alone = plan_gis(rules, load_register(rules), first, source="某表")
    plan = plan_gis(rules, load_register(rules), [*first, *first, *second], source="某表")
    assert plan.added == alone.added != ()
    assert any("1607998" in told for told in plan.differences)
    check_gis(rules, plan)
    apply_gis(rules, plan)
    load_register(rules)


def test_a_table_far_too_large_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.write("地理标志,企业名称\n".encode())
        file.truncate(100_000_000)
    with pytest.raises(InputError, match="is it the right file"):
        open_table(path, limits=REGISTER_LIMITS)


def test_columns_that_nothing_is_taken_from_are_told() -> None:
    assert unused_columns(("产品名称", "标准号", "状态", "起草人", "")) == ("起草人",)
    assert unused_columns(("x",)) == ()


def test_importing_twice_changes_nothing_more(rules: Path, tmp_path: Path) -> None:
    cells = ["某山茶", "茶叶类", "2015-03-01", "2015年第1号", "陕西省", "安康市紫阳县", "", ""]
    gis(tmp_path, rules, PRODUCTS, cells)
    before = {p: p.read_bytes() for p in rules.rglob("*.yml")}
    assert gis(tmp_path, rules, PRODUCTS, cells) == ([], [], [])
    assert {p: p.read_bytes() for p in rules.rglob("*.yml")} == before


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2003年第75号", True), ("国家知识产权局公告第640号", True), ("AGI00054", True),
        ("1607996", True), ("第三五四号", True), ("2018年第三批公示", False), ("2018年第四批评审", False),
        ("第577号（初步认定）", False), ("2011年第102号（受理）", False), ("2008年", False), ("2008", False),
        ("2011年第一批", False), ("", False),
    ],
)  # fmt: skip
def test_only_numbers_of_approvals_and_registrations_are_numbers(text: str, answer: bool) -> None:
    assert is_number(text) is answer


def test_a_year_or_an_earlier_step_becomes_a_note(rules: Path, tmp_path: Path) -> None:
    gis(
        tmp_path, rules, ["产品名称", "市", "区县", "产品编号", "证书持有者", "登记年份", "类别"],
        ["某枣", "延安市", "延川县", "AGI00054", "某协会", "2008年", "果品"],
    )  # fmt: skip
    gis(tmp_path, rules, PRODUCTS, ["某茶", "", "", "2018年第三批公示", "陕西省", "安康市紫阳县", "", ""])
    by_name = {gi.name: gi.protections[0] for gi in load_register(rules).gis}
    assert ([n.value for n in by_name["某枣"].numbers], by_name["某枣"].note) == (["AGI00054"], "登记年份：2008年")
    assert (by_name["某茶"].numbers, by_name["某茶"].note) == ((), "批准公告：2018年第三批公示")


CODED = ["name", "approval_announcement_no", "adcode", "province", "city"]


def test_a_code_that_is_no_more_never_widens_the_area(rules: Path, tmp_path: Path) -> None:
    new, told, refused = gis(
        tmp_path, rules, CODED,
        ["安塞小米", "2008年第80号", "610624", "陕西省", "延安市"],
        ["无此县梨", "2009年第80号", "610699", "陕西省", "延安市"],
        ["五常大米", "2003年第1号", "230000", "黑龙江省", ""],
    )  # fmt: skip
    assert (new, refused) == (["安塞小米", "无此县梨"], [])
    assert told == [
        "row 4: 五常大米: the table has area 230000, the file has 230184",
        "row 2: 安塞小米: 安塞县 610624 is no division of today; 安塞区 610603 is taken for it, unverified",
        "row 3: 无此县梨: code 610699 is no division of today; area left out",
    ]
    by_name = {gi.name: gi for gi in load_register(rules).gis}
    area = by_name["安塞小米"].area
    assert area is not None
    assert (area.adcodes.value, area.adcodes.certainty) == (("610603",), Certainty.UNVERIFIED)
    assert (by_name["无此县梨"].area, by_name["无此县梨"].province) == (None, "陕西")
    after = by_name["五常大米"].area
    assert after is not None
    assert after.adcodes.value == ("230184",)


def test_words_of_place_are_not_widened_either(rules: Path, tmp_path: Path) -> None:
    new, told, _ = gis(
        tmp_path, rules, PRODUCTS,
        ["某葡萄", "", "2012-01-01", "2012年第91号", "陕西省", "西安市户县", "", ""],
        ["某葱", "", "2012-01-01", "2012年第92号", "陕西省", "渭南市无名县", "", ""],
    )  # fmt: skip
    assert new == ["某葡萄", "某葱"]
    assert "户县 610125 is no division of today; 鄠邑区 610118" in told[0]
    assert "'无名县'" in told[1]
    by_name = {gi.name: gi for gi in load_register(rules).gis}
    area = by_name["某葡萄"].area
    assert area is not None
    assert (area.adcodes.value, area.adcodes.certainty) == (("610118",), Certainty.UNVERIFIED)
    assert by_name["某葱"].area is None


def test_rows_of_one_name_that_differ_in_area_leave_it_open(rules: Path, tmp_path: Path) -> None:
    rows = [[name, "2008年第80号", code, "陕西省", "延安市"] for name, code in (("某枣", "610600"), ("某枣", "610603"))]
    _, told, _ = gis(tmp_path, rules, CODED, *rows)
    assert "the rows differ in area" in told[0]
    (gi,) = [gi for gi in load_register(rules).gis if gi.name == "某枣"]
    assert gi.area is None


def test_a_table_of_another_shape_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table of products"):
        read_gi_table(open_table(table(tmp_path, ["1"], headings=["x"])))


# --- files that are none, or too much


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"x")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 500_000_000)
    return path


def test_hostile_files_are_refused_with_their_name(rules: Path, tmp_path: Path) -> None:
    hundred = tmp_path / "big.xlsx"
    hundred.write_bytes(b"PK\x03\x04" + b"\0" * 100_000_000)
    empty = tmp_path / "empty.xlsx"
    empty.write_bytes(b"")
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(b"PK\x03\x04" + b"x" * 100)
    noise = tmp_path / "noise.csv"
    noise.write_bytes(bytes(range(128, 256)) * 50)
    for path in (hundred, empty, torn, noise, bomb(tmp_path / "bomb.xlsx"), tmp_path / "nowhere.xlsx"):
        with pytest.raises(InputError, match=path.name):
            read(path, rules)


# --- the tables of a real province


def test_the_real_tables_go_in_whole(shared: Path, shipped_copy: Path) -> None:
    folder = shared / "shaanxi_gi"
    for path in [folder / "gi_products_shaanxi.csv", *sorted((folder / "templates").glob("*.xls"))]:
        opened = open_table(path)
        if tell_kind(opened.header) is None:
            assert path.stem == "政策文件"
            continue
        rows, refused = read_gi_table(opened)
        assert (bool(rows), refused) == (True, []), path.name
        apply_gis(shipped_copy, plan_gis(shipped_copy, load_register(shipped_copy), rows, source="陕西表"))
    register = load_register(shipped_copy)
    assert len(register.gis) == 318 + 79 + 2
    (standard,) = [g.standards[0] for g in register.gis if g.name == "紫阳富硒茶"]
    assert standard.starts is not None
    assert (standard.code.value, standard.starts.value) == ("DB61/T 307.1-2013", date(2013, 1, 20))
    found = read_user_table(
        open_table(folder / "authorised_users_shaanxi.csv"), register, options(basis=Basis.ANNOUNCEMENT)
    )
    assert (len(found.users), found.rejects) == (96, ())
    assert sum("no 统一社会信用代码" in " ".join(d) for d in found.doubts.values()) == sum(
        not user.uscc for _, user in found.users
    )
    apply_plan(shipped_copy, plan_users(register, found, into="shaanxi.csv", on=TODAY))
    after = load_register(shipped_copy)
    assert sum(user.path.startswith("users/shaanxi.csv") for user in after.users) == 96
