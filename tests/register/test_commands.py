"""The commands as operators call them: what they print, what they end with."""

from __future__ import annotations

import shutil
from pathlib import Path

from gimonitor.cli.registercommon import today
from gimonitor.register import rules_dir
from tests.register.test_userimport import HEADINGS, OTHER, ROW, WriteTable, row


def test_check_counts_and_ends_with_2_on_an_error(call, rules: Path) -> None:  # type: ignore[no-untyped-def]
    code, out = call("rules", "check", "--unverified")
    assert code == 2
    assert "error missing: models: none with status active" in out
    for folder in ("models", "words", "signs", "law"):
        shutil.copytree(rules_dir() / folder, rules / folder, dirs_exist_ok=True)
    code, out = call("rules", "check", "--unverified")
    assert code == 0, out
    assert "1 GIs, 1 users" in out
    assert "unverified: 五常大米: standards.0.code: GB/T 19266-2008" in out
    assert "0 errors, 0 warnings" in out
    path = rules / "gi/heilongjiang/hlj-wuchang-dami.yml"
    path.write_text(path.read_text() + "oops: 1\nname: 二\n")
    code, out = call("rules", "check")
    assert code == 2
    assert f"{path}:19:1: error unknown-key" in out or f"{path}:19:1: error" in out
    assert f"{path}:20:1: error duplicate-key" in out
    assert call("register", "show", "五常大米")[0] == 2


def test_show_prints_the_page_with_its_gaps(call) -> None:  # type: ignore[no-untyped-def]
    code, out = call("register", "show", "五常米", "--on", "2026-11-22")
    assert code == 0
    for piece in (
        "【保护】",
        "地理标志产品；号：2003年第1号",
        "哈尔滨市五常市 230184",
        "（未核实）",
        "【缺项】",
        "没有价格下限",
        "甲旗舰店",
    ):
        assert piece in out
    code, out = call("register", "show", "六常大米")
    assert code == 2
    assert "no GI of this id or name" in out


def test_the_shipped_page_of_qinzhou_yellow_millet(call) -> None:  # type: ignore[no-untyped-def]
    from gimonitor.register import rules_dir

    code, out = call("register", "show", "沁州黄小米", "--rules-dir", str(rules_dir()))
    assert code == 0
    for piece in ("2003年第75号", "农产品地理标志；2016-12-29 起", "沁县13个", "GB/T 19503-2008（未核实）", "演示"):
        assert piece in out


def test_a_sign_has_a_page_and_its_facts_are_verified_one_by_one(call, rules: Path) -> None:  # type: ignore[no-untyped-def]
    shutil.copytree(rules_dir() / "signs", rules / "signs")
    code, out = call("register", "show", "agi-mark")
    assert code == 0
    for piece in (
        "种类：农产品地理标志公共标识",
        "【易与之混淆的标志】",
        "登记证书持有人授权（未核实）",
        "没有起始日期",
        "duties.1",
    ):
        assert piece in out
    command = ("rules", "verify-fact", "agi-mark", "duties.1", "--by", "张三", "--source", "某公告")
    assert call(*command)[0] == 0
    out = call("register", "show", "农产品地理标志公共标识")[1]
    assert "  登记证书持有人授权\n" in out
    assert f"使用要求2：登记证书持有人授权，张三 于 {today()} 核实，依据：某公告" in out
    assert call(*command)[0] == 2


def test_unverified_days_are_shown_so_counted_and_verified_like_any_fact(call, rules: Path) -> None:  # type: ignore[no-untyped-def]
    path = rules / "gi/heilongjiang/hlj-wuchang-dami.yml"
    path.write_text(path.read_text().replace("  - code: GB", "  - starts: 2009-01-01\n    code: GB"))
    assert "执行标准：GB/T 19266-2008（未核实）；2009-01-01（未核实） 起" in call("register", "show", "五常大米")[1]
    unverified = call("rules", "check", "--unverified")[1]
    assert "unverified: 五常大米: standards.0.starts: 2009-01-01" in unverified
    assert "unverified: 五常大米: category: 食用农林产品及食品" in unverified
    command = ("rules", "verify-fact", "五常大米", "standards.0.starts", "--by", "张三", "--source", "标准平台")
    assert call(*command)[0] == 0
    assert "；2009-01-01 起" in call("register", "show", "五常大米")[1]


def test_words_of_place_can_be_tried(call) -> None:  # type: ignore[no-untyped-def]
    code, out = call("register", "region", "产地:黑龙江哈尔滨五常", "--gi", "五常大米")
    assert (code, out) == (0, "230184\t黑龙江省哈尔滨市五常市\t黑龙江哈尔滨五常\n五常大米: inside\n")
    assert call("register", "region", "吉林")[1].count("ambiguous") == 2


def test_the_calendar_of_a_year(call) -> None:  # type: ignore[no-untyped-def]
    code, out = call("register", "calendar", "2027")
    assert code == 0
    assert "中秋（09-15）" in out
    assert "五常大米：上市不早于：09-15（未核实）" in out


def test_a_fact_is_verified_by_one_command(call) -> None:  # type: ignore[no-untyped-def]
    arguments = ("rules", "verify-fact", "五常大米", "standards.0.code", "--by", "张三", "--source", "标准平台")
    assert call(*arguments)[0] == 0
    assert "unverified: 五常大米: standards" not in call("rules", "check", "--unverified")[1]
    shown = call("register", "show", "五常大米")[1]
    assert f"标准1·标准号：GB/T 19266-2008，张三 于 {today()} 核实，依据：标准平台" in shown
    code, out = call(*arguments)
    assert (code, "verified already by 张三" in out) == (2, True)
    assert call(*arguments, "--again")[0] == 0
    code, out = call(
        "rules", "verify-fact", "五常大米", "season.opens", "--by", "张三", "--source", "x", "--on", "2999-01-01"
    )
    assert (code, "future" in out) == (2, True)
    code, out = call("rules", "verify-fact", "五常大米", "season.opens", "--by", "张\u202e三", "--source", "x")
    assert (code, "U+202E" in out) == (2, True)


def test_an_import_is_shown_first_and_written_when_told(
    call, rules: Path, tmp_path: Path, write_table: WriteTable
) -> None:  # type: ignore[no-untyped-def]
    path = write_table(HEADINGS, ROW, row(统一社会信用代码="1"))
    rejects = tmp_path / "refused.csv"
    arguments = (
        "register",
        "import-users",
        str(path),
        "--source",
        "某公告",
        "--basis",
        "member",
        "--rejects",
        str(rejects),
    )
    code, out = call(*arguments)
    assert (code, "new: 1" in out, "nothing was written" in out) == (5, True, True)
    assert not (rules / "users/imported.csv").exists()
    assert "3," in rejects.read_text(encoding="utf-8-sig")
    assert call(*arguments, "--apply")[0] == 5
    assert OTHER in (rules / "users/imported.csv").read_text(encoding="utf-8")
    assert "unchanged: 1" in call(*arguments)[1]


def test_a_register_goes_from_bureau_to_bureau(call, edit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "out.gireg"
    assert call("register", "export", str(target))[0] == 0
    code, out = call("register", "merge", str(target))
    assert code == 2
    assert "not trusted" in out
    key = call("register", "key")[1].strip()
    assert call("register", "trust", key, "甲局")[0] == 0
    code, out = call("register", "merge", str(target))
    assert (code, "the same: 1 GIs, 1 users" in out) == (0, True)
    edit("notes: 说明", "notes: 改过")
    code, out = call("register", "merge", str(target), "--apply")
    assert "changed: 1\n  五常大米 (hlj-wuchang-dami)\n    notes: 改过 -> 说明\n" in out
    assert (code, "nothing was taken over" in out, "refused: 1;" in out) == (0, True, True)
    code, out = call("register", "merge", str(target), "--take", "五常大米", "--apply")
    assert "changed: 0" in out
    assert "refused before, left alone: 1\n  五常大米 (hlj-wuchang-dami): 1 fields" in out
    assert call("register", "merge", str(target))[1].count("五常大米") == 0


def test_a_copy_of_the_shipped_rules_is_complete(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert call("rules", "copy", str(tmp_path / "mine"))[0] == 0
    code, out = call("rules", "check", "--rules-dir", str(tmp_path / "mine"))
    assert (code, "317 GIs (and 1 ordinary marks" in out) == (0, True), out
    assert call("rules", "schema", "--rules-dir", str(tmp_path / "mine"))[0] == 0
    assert call("rules", "copy", str(tmp_path / "mine"))[0] == 2
