"""Tables of GI products, AGI, marks, standards and announcements: what becomes a file, what is added, what a person settles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gimonitor.errors import InputError
from gimonitor.model.register import Basis, Certainty, Fact, Kind
from gimonitor.register import load_register
from gimonitor.register.gimerge import apply_gis, check_gis, plan_gis
from gimonitor.register.gitable import read_gi_table, tell_kind, unused_columns
from gimonitor.register.usermerge import apply_plan, plan_users
from gimonitor.register.usertable import UserOptions, read_user_table
from gimonitor.tables import open_table

WriteTable = Callable[..., Path]
TODAY = date(2026, 11, 22)


def gis(
    write_table: WriteTable, rules: Path, headings: list[str], *rows: list[str]
) -> tuple[list[str], list[str], list[str]]:
    read_rows, refused = read_gi_table(open_table(write_table(headings, *rows)))
    found = plan_gis(rules, load_register(rules), read_rows, source="某表")
    apply_gis(rules, found)
    return list(found.new), [*found.added, *found.differences], ["; ".join(r.reasons) for r in refused]


PRODUCTS = ["产品名称", "类别", "批准年度", "批准公告(简称)", "省份名称", "地市县区名称", "保护范围", "技术规范"]


def test_a_product_becomes_a_file_with_its_source(rules: Path, write_table: WriteTable) -> None:
    new, _, refused = gis(write_table, rules, PRODUCTS,
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


def test_what_is_missing_is_added_and_what_differs_is_left_to_people(rules: Path, write_table: WriteTable) -> None:
    before = (rules / "gi/heilongjiang/hlj-wuchang-dami.yml").read_text(encoding="utf-8")
    _, told, refused = gis(write_table, rules, ["商标名称", "商标类型", "注册人中文名称", "注册号", "国际分类"],
        ["五常大米", "证明商标", "五常市大米协会", "1607996", "30"],
        ["五常大米", "普通商标", "某", "12", "99"],
    )  # fmt: skip
    assert told == ["五常大米: certification_mark 1607996"]
    assert len(refused[0].split("; ")) == 3
    _, told, _ = gis(
        write_table, rules, PRODUCTS, ["五常大米", "", "", "2003年第2号", "黑龙江省", "哈尔滨市五常市", "", ""]
    )
    assert told == ["row 2: 五常大米: the table has gi_product number 2003年第2号, the file has 2003年第1号"]
    _, told, _ = gis(write_table, rules, ["产品名称", "标准号", "状态", "实施日期"],
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
    rules: Path, write_table: WriteTable
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
    _, told, _ = gis(write_table, rules, headings, cells)
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
    assert gis(write_table, rules, headings, cells) == ([], [], [])
    assert gis(write_table, rules, headings, ["五常大米", "", "2004-05-01", *cells[3:6], "另镇", "", "另一县", ""])[
        1
    ] == [
        "row 2: 五常大米: the table has gi_product from 2004-05-01, the file has 2003-05-01",
        "row 2: 五常大米: the table has holder 另一县, the file has 某县政府",
        "row 2: 五常大米: the table has area in words '另镇', the file has '某镇'",
    ]


def test_a_class_of_a_table_is_taken_and_its_place_in_the_classification_stays_unverified(
    rules: Path, write_table: WriteTable
) -> None:
    gis(write_table, rules, PRODUCTS, ["某山参", "药材类", "", "2015年第1号", "陕西省", "安康市紫阳县", "", ""])
    gis(
        write_table, rules, [*CODED, "classification_id"], ["某酒", "2015年第2号", "610924", "陕西省", "安康市", "0101"]
    )
    by_name = {gi.name: gi for gi in load_register(rules).gis}
    for name, goods, category in (("某山参", "药材类", "中药材"), ("某酒", "酒水类", "食用农林产品及食品")):
        gi = by_name[name]
        assert gi.goods == Fact(value=goods, certainty=Certainty.FOUND, source="某表")
        assert gi.category == Fact(value=category, certainty=Certainty.UNVERIFIED)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_tables_that_belong_together_go_in_in_any_order(
    rules: Path, write_table: WriteTable, order: tuple[int, ...]
) -> None:
    tables = [
        (PRODUCTS, ["某山茶", "茶叶类", "", "2015年第1号", "陕西省", "安康市紫阳县", "", ""]),
        (["文件名称", "文件类型", "公告时间"], ["国家质检总局公告 2015年第1号", "批准公告", "2015-03-01"]),
        (["商标名称", "商标类型", "注册人中文名称", "注册号", "国际分类"], ["某山茶", "证明商标", "某协会", "1607997", "30"]),
        (["产品名称", "标准号", "状态", "实施日期"], ["某山茶", "DB61/T 1-2020", "现行", "2020-05-01"]),
    ]  # fmt: skip
    rows = []
    for index in order:
        headings, cells = tables[index]
        rows += read_gi_table(open_table(write_table(headings, cells)))[0]
    plan = plan_gis(rules, load_register(rules), rows, source="某表")
    assert (plan.new, plan.differences) == (("某山茶",), ())
    apply_gis(rules, plan)
    (gi,) = [gi for gi in load_register(rules).gis if gi.name == "某山茶"]
    assert {p.kind.value for p in gi.protections} == {Kind.GI_PRODUCT, Kind.CERTIFICATION_MARK}
    starts = [p.starts.value for p in gi.protections if p.starts]
    assert (starts, [s.code.value for s in gi.standards]) == ([date(2015, 3, 1)], ["DB61/T 1-2020"])


def test_a_table_that_comes_too_early_says_what_to_import_before(rules: Path, write_table: WriteTable) -> None:
    _, told, _ = gis(
        write_table, rules, ["产品名称", "标准号", "状态", "实施日期"], ["某山茶", "DB61/T 1-2020", "现行", ""]
    )
    assert "import the table of products" in told[0]
    _, told, _ = gis(
        write_table, rules, ["文件名称", "文件类型", "公告时间"], ["公告 2015年第1号", "批准公告", "2015-03-01"]
    )
    assert "import the table of products" in told[0]


def test_unverified_facts_that_a_table_says_too_are_pointed_out(rules: Path, write_table: WriteTable) -> None:
    cells = ["五常大米", "", "", "2003年第1号", "黑龙江省", "哈尔滨市五常市", "", "GB/T19266-2008《五常大米》"]
    rows = read_gi_table(open_table(write_table(PRODUCTS, cells)))[0]
    plan = plan_gis(rules, load_register(rules), rows, source="某表")
    assert plan.agreed == ("五常大米 area.adcodes", "五常大米 standards.0.code")
    assert load_register(rules).gi("hlj-wuchang-dami").standards[0].code.certainty is Certainty.UNVERIFIED


def test_two_tables_that_add_to_one_known_name_add_it_once(rules: Path, write_table: WriteTable) -> None:
    headings = ["商标名称", "商标类型", "注册人中文名称", "注册号", "国际分类"]
    cells = ["五常大米", "证明商标", "某协会", "1607997", "30"]
    first = read_gi_table(open_table(write_table(headings, cells)))[0]
    other = ["五常大米", "证明商标", "某协会", "1607998", "30"]
    second = read_gi_table(open_table(write_table(headings, other)))[0]
    alone = plan_gis(rules, load_register(rules), first, source="某表")
    plan = plan_gis(rules, load_register(rules), [*first, *first, *second], source="某表")
    assert plan.added == alone.added != ()
    assert any("1607998" in told for told in plan.differences)
    check_gis(rules, plan)
    apply_gis(rules, plan)
    load_register(rules)


def test_columns_that_nothing_is_taken_from_are_told() -> None:
    assert unused_columns(("产品名称", "标准号", "状态", "起草人", "")) == ("起草人",)
    assert unused_columns(("x",)) == ()


def test_importing_twice_changes_nothing_more(rules: Path, write_table: WriteTable) -> None:
    cells = ["某山茶", "茶叶类", "2015-03-01", "2015年第1号", "陕西省", "安康市紫阳县", "", ""]
    gis(write_table, rules, PRODUCTS, cells)
    before = {p: p.read_bytes() for p in rules.rglob("*.yml")}
    assert gis(write_table, rules, PRODUCTS, cells) == ([], [], [])
    assert {p: p.read_bytes() for p in rules.rglob("*.yml")} == before


def test_a_year_or_an_earlier_step_becomes_a_note(rules: Path, write_table: WriteTable) -> None:
    gis(write_table, rules, ["产品名称", "市", "区县", "产品编号", "证书持有者", "登记年份", "类别"],
        ["某枣", "延安市", "延川县", "AGI00054", "某协会", "2008年", "果品"],
    )  # fmt: skip
    gis(write_table, rules, PRODUCTS, ["某茶", "", "", "2018年第三批公示", "陕西省", "安康市紫阳县", "", ""])
    by_name = {gi.name: gi.protections[0] for gi in load_register(rules).gis}
    assert ([n.value for n in by_name["某枣"].numbers], by_name["某枣"].note) == (["AGI00054"], "登记年份：2008年")
    assert (by_name["某茶"].numbers, by_name["某茶"].note) == ((), "批准公告：2018年第三批公示")


CODED = ["name", "approval_announcement_no", "adcode", "province", "city"]


def test_a_code_that_is_no_more_never_widens_the_area(rules: Path, write_table: WriteTable) -> None:
    new, told, refused = gis(write_table, rules, CODED,
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


def test_words_of_place_are_not_widened_either(rules: Path, write_table: WriteTable) -> None:
    new, told, _ = gis(write_table, rules, PRODUCTS,
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


def test_rows_of_one_name_that_differ_in_area_leave_it_open(rules: Path, write_table: WriteTable) -> None:
    rows = [[name, "2008年第80号", code, "陕西省", "延安市"] for name, code in (("某枣", "610600"), ("某枣", "610603"))]
    _, told, _ = gis(write_table, rules, CODED, *rows)
    assert "the rows differ in area" in told[0]
    (gi,) = [gi for gi in load_register(rules).gis if gi.name == "某枣"]
    assert gi.area is None


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["x"], r"known shape.*columns: x.*marks: 商标类型, 注册号"),
        (["文件名称", "文件类型", "时间"], "list of policy documents.*leave it out"),
        (["企业名称", "产品名称"], "import-users"),
    ],
)
def test_a_table_of_another_shape_is_told_what_it_is(write_table: WriteTable, headings: list[str], said: str) -> None:
    with pytest.raises(InputError, match=rf"table\.csv: .*{said}"):
        read_gi_table(open_table(write_table(headings, ["1"] * len(headings))))


def test_an_error_value_in_a_column_that_is_used_refuses_the_row(write_table: WriteTable) -> None:
    headings = ["产品名称", "标准号", "状态", "实施日期", "起草人"]
    bad, good = ["某茶", "DB61/T 1-2020", "现行", "#N/A", "x"], ["某茶", "DB61/T 1-2020", "现行", "", "#REF!"]
    rows, refused = read_gi_table(open_table(write_table(headings, bad, good)))
    assert [row.number for row in rows] == [3]
    assert "实施日期: the spreadsheet has an error there (#N/A)" in refused[0].reasons[0]


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
        open_table(folder / "authorised_users_shaanxi.csv"),
        register,
        UserOptions(source="某公告", on=TODAY, basis=Basis.ANNOUNCEMENT),
    )
    assert (len(found.users), found.rejects) == (96, ())
    assert sum("no 统一社会信用代码" in " ".join(d) for d in found.doubts.values()) == sum(
        not user.uscc for _, user in found.users
    )
    apply_plan(shipped_copy, plan_users(register, found, into="shaanxi.csv", on=TODAY))
    after = load_register(shipped_copy)
    assert sum(user.path.startswith("users/shaanxi.csv") for user in after.users) == 96
