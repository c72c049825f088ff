"""Rule files are changed all or none, also when the power goes in between; facts are marked verified in place."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gimonitor.errors import InputError, RulesError
from gimonitor.model.register import Certainty, Register
from gimonitor.register import load_register, writing
from gimonitor.register.facts import facts_of
from gimonitor.register.loader import change_rules
from gimonitor.register.usermerge import verify_user
from gimonitor.register.verifying import Verification, quote, verify_article, verify_fact, verify_sign
from gimonitor.register.writing import finish_pending, write_files

GI_FILE = "gi/heilongjiang/hlj-wuchang-dami.yml"
CHECKED = Verification(by="张三: 甲", on=date(2026, 11, 22), source='公告"第75号", 附件')


def test_files_are_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_files(tmp_path, {"a/b.yml": b"1", "c.csv": b"2"})
    write_files(tmp_path, {"a/b.yml": b"3"})
    assert {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == {
        "a/b.yml": b"3",
        "c.csv": b"2",
        ".lock": b"",
    }


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="not a name inside"):
        write_files(tmp_path / "rules", {name: b"1"})


def test_a_change_that_is_broken_off_before_its_commit_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"a": b"old", "b": b"old"})
    written = writing._write

    def fail_on_b(path: Path, content: bytes) -> None:
        if path.name == "b":
            raise OSError(28, "No space left on device")
        written(path, content)

    monkeypatch.setattr(writing, "_write", fail_on_b)
    with pytest.raises(InputError, match="No space left"):
        write_files(tmp_path, {"a": b"new", "b": b"new"})
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "a", "b"]
    assert (tmp_path / "a").read_bytes() == b"old"


KILLED = """
import os, sys
from pathlib import Path
from gimonitor.register import writing
calls = 0
def count(kind):
    global calls
    calls += 1
    if calls == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
sync, write, replace = writing._sync, writing._write, Path.replace
writing._sync = lambda folder: (count("sync"), sync(folder))[1]
writing._write = lambda path, content: (count("write"), write(path, content))[1]
Path.replace = lambda self, target: (count("replace"), replace(self, target))[1]
writing.write_files(Path(sys.argv[1]), {f"gi/{n}.yml": b"new" for n in range(3)})
print(calls)
"""


def test_killed_at_any_step_it_is_all_or_none(tmp_path: Path) -> None:
    for step in range(1, 40):
        folder = tmp_path / str(step)
        folder.mkdir()
        write_files(folder, {f"gi/{n}.yml": b"old" for n in range(3)})
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, str(folder), str(step)], capture_output=True, timeout=60, check=False
        )
        finish_pending(folder)
        contents = {(folder / f"gi/{n}.yml").read_bytes() for n in range(3)}
        assert contents in ({b"old"}, {b"new"}), step
        if ended.returncode == 0:
            assert contents == {b"new"}
            assert step > 10
            return
        assert ended.returncode == -9, ended.stderr
    raise AssertionError("it never came to its end")


def test_what_would_not_load_is_not_written(rules: Path) -> None:
    before = (rules / GI_FILE).read_bytes()
    with pytest.raises(RulesError, match="unknown-key"):
        change_rules(rules, {GI_FILE: before + b"oops: 1\n", "gi/shanxi/sx-new.yml": "id: sx-new\nname: 新\n".encode()})
    assert (rules / GI_FILE).read_bytes() == before
    assert not (rules / "gi/shanxi").exists()


def test_another_change_that_is_going_on_is_named(tmp_path: Path) -> None:
    with writing._locked(tmp_path, wait=False), pytest.raises(InputError, match="another change"):
        write_files(tmp_path, {"a": b"1"})
    write_files(tmp_path, {"a": b"1"})


def test_what_a_broken_off_change_left_is_dropped_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".pending").mkdir()
    (tmp_path / ".pending/half").write_bytes(b"x")
    write_files(tmp_path, {"a": b"1"})
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "a"]


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be changed"):
        write_files(tmp_path, {"a": b"1"})


def test_a_fact_is_marked_verified_and_nothing_else_changes(rules: Path) -> None:
    gi = load_register(rules).gi("hlj-wuchang-dami")
    before = (rules / GI_FILE).read_text(encoding="utf-8")
    verify_fact(rules, gi, "standards.0.code", CHECKED)
    after = (rules / GI_FILE).read_text(encoding="utf-8")
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert len(changed) == 2
    assert changed[1].endswith("# 执行标准")
    fact = load_register(rules).gi(gi.id).standards[0].code
    assert (fact.value, fact.certainty, fact.source) == ("GB/T 19266-2008", Certainty.FOUND, CHECKED.source)
    assert (fact.checked_by, fact.checked_on) == (CHECKED.by, CHECKED.on)


BLOCK = """\
id: hlj-wuchang-dami
name: 五常大米
area:
  adcodes:
    value:
      - "230184"   # 五常
    certainty: unverified

# 下面是标准
standards:
  - code:
      value: GB/T 19266-2008
      certainty: unverified
    starts: 2009-01-01
"""


@pytest.mark.parametrize("place", ["area.adcodes", "standards.0.code"])
def test_facts_written_over_several_lines_are_marked_too(
    rules: Path, put: Callable[[str, str], Path], place: str
) -> None:
    put(GI_FILE, BLOCK)
    gi = load_register(rules).gi("hlj-wuchang-dami")
    verify_fact(rules, gi, place, CHECKED)
    text = (rules / GI_FILE).read_text(encoding="utf-8")
    assert "# 下面是标准\nstandards:" in text
    after = load_register(rules).gi(gi.id)
    assert dict(facts_of(after))[place].certainty is Certainty.FOUND
    assert after.standards[0].starts is not None
    assert after.standards[0].starts.value == date(2009, 1, 1)


def test_verifying_a_kind_makes_the_gi_found(rules: Path, edit: Callable[[str, str], None]) -> None:
    edit("{value: gi_product, certainty: found}", "gi_product")
    gi = load_register(rules).gi("hlj-wuchang-dami")
    assert gi.certainty is Certainty.UNVERIFIED
    verify_fact(rules, gi, "protections.0.kind", CHECKED)
    assert load_register(rules).gi(gi.id).certainty is Certainty.FOUND


def test_a_place_that_is_none_names_those_left(rules: Path) -> None:
    gi = load_register(rules).gi("hlj-wuchang-dami")
    with pytest.raises(InputError, match=r"unverified: .*standards\.0\.code"):
        verify_fact(rules, gi, "standards.7.code", CHECKED)


def test_every_unverified_fact_of_the_shipped_files_can_be_marked(shipped: Register, shipped_copy: Path) -> None:
    marked = 0
    for gi in shipped.gis[::7]:
        for place, fact in facts_of(gi):
            if fact.certainty is Certainty.UNVERIFIED:
                verify_fact(shipped_copy, gi, place, CHECKED, write=False)
                marked += 1
    assert marked > 100


@pytest.mark.parametrize(
    "text", ["no", "012", "a: b", "a, b", "[x]", "#x", " x", "x ", "'x", '"', "- x", "五常", "GB/T 1", "1"]
)
def test_quoted_text_is_the_same_text_for_every_yaml_reader(text: str) -> None:
    import yaml

    assert yaml.safe_load(f"{{a: {quote(text)}}}") == {"a": text}


def test_a_sign_and_an_article_are_marked_verified_in_place(shipped: Register, shipped_copy: Path) -> None:
    sign = next(s for s in shipped.signs if s.id == "agi-mark")
    verify_sign(shipped_copy, sign, CHECKED)
    for article in shipped.articles:
        if article.key in ("special-signs:validity", "anti-unfair-competition:confusion"):
            verify_article(shipped_copy, article, CHECKED, again=True)
    after = load_register(shipped_copy)
    marked = next(s for s in after.signs if s.id == "agi-mark")
    assert (marked.certainty, marked.checked_by, marked.claims) == (Certainty.FOUND, CHECKED.by, sign.claims)
    found = [a for a in after.articles if a.checked_by]
    assert {a.key for a in found} == {"special-signs:validity", "anti-unfair-competition:confusion"}
    assert len(found) == 3
    assert {(a.certainty, a.source) for a in found} == {(Certainty.FOUND, CHECKED.source)}
    assert {a.key: a.text for a in after.articles if a.key == "special-signs:validity"} == {
        a.key: a.text for a in shipped.articles if a.key == "special-signs:validity"
    }
    with pytest.raises(InputError, match="verified already"):
        verify_sign(shipped_copy, marked, CHECKED)


def test_a_user_is_marked_verified_in_the_file_it_stands_in(rules: Path) -> None:
    path = rules / "users/users.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",found,公告", ",unverified,"), encoding="utf-8")
    register = load_register(rules)
    verify_user(rules, register, register.users[0], CHECKED)
    (user,) = load_register(rules).users
    assert (user.certainty, user.source) == (Certainty.FOUND, CHECKED.source)
    assert (user.checked_by, user.checked_on) == (CHECKED.by, CHECKED.on)
    assert replace(user, certainty=Certainty.UNVERIFIED, source="", checked_by="", checked_on=None) == register.users[0]
    with pytest.raises(InputError, match="verified already"):
        verify_user(rules, load_register(rules), user, CHECKED)
