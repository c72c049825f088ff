"""Files under rules/platforms/: found where the rules are, read as strictly as the register's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from gimonitor.errors import RulesError
from gimonitor.parsing.platform import Platform
from gimonitor.register import rules_dir
from gimonitor.register.platforms import load_forms, platform_rules, read_forms

GOOD = "id: shop\nname: 甲平台\nhosts: [shop.example]\nsource: invented\nblocks:\n  login: {title: [请登录]}\n"


def test_the_configured_rules_come_first_where_they_have_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_RULES_DIR", str(tmp_path))
    (tmp_path / "platforms/blocks").mkdir(parents=True)
    assert platform_rules("blocks") == tmp_path / "platforms/blocks"
    assert platform_rules("complaints") == rules_dir() / "platforms/complaints"


def test_good_files_are_read_by_id(tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_text(GOOD, "utf-8")
    (tmp_path / "README.md").write_text("a")
    (tmp_path / ".shop.yml.swp").write_text("a")
    found = load_forms(tmp_path, Platform)
    assert [(name, platform.hosts) for name, platform in found.items()] == [("shop", ("shop.example",))]


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("shop.yaml", GOOD, "stray-file", 1),
        ("other.yml", GOOD, "name-differs", 1),
        ("shop.yml", GOOD + "oops: 1\n", "unknown-key", 7),
        ("shop.yml", GOOD.replace("login", "lunch"), "bad-value", 6),
        ("shop.yml", GOOD.replace("source: invented\n", ""), "missing-key", 1),
        ("shop.yml", GOOD + "name: 乙\n", "duplicate-key", 7),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, name: str, text: str, code: str, line: int) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert [(i.path, i.code, i.line) for i in read_forms(tmp_path, Platform)[1]] == [(str(tmp_path / name), code, line)]
    with pytest.raises(RulesError, match=code):
        load_forms(tmp_path, Platform)


def test_rules_check_names_them_too(call, rules: Path) -> None:  # type: ignore[no-untyped-def]
    folder = rules / "platforms/complaints"
    folder.mkdir(parents=True)
    (folder / "x.yml").write_text("id: x\n")
    code, out = call("rules", "check")
    assert code == 2
    assert f"{folder / 'x.yml'}:1:1: error missing-key: columns" in out
