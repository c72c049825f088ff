"""The register is read again when its files change, without a restart; a file that breaks leaves what stood before."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from gimonitor.model.register import Register
from gimonitor.register.files import rules_dir
from gimonitor.register.loader import load_register
from gimonitor.web.rules import LOOK_SECONDS, Rules


@pytest.fixture(scope="module")
def whole() -> Register:
    """The register that comes with gimonitor."""
    return load_register()


def read(monkeypatch: pytest.MonkeyPatch, registers: list[Register | Exception]) -> list[int]:
    """Have the loader give one register after another, and count how often it is asked."""
    from gimonitor.web import rules

    asked: list[int] = []

    def load(folder: Path | None, *, cache_dir: Path | None = None) -> Register:
        asked.append(1)
        found = registers[min(len(asked), len(registers)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(rules, "load_register", load)
    return asked


def test_a_changed_file_is_seen_within_seconds(tmp_path: Path) -> None:
    """Real files: a GI is taken out of the folder and is gone from the screens after the next look."""
    shipped = rules_dir()
    folder = tmp_path / "rules"
    shutil.copytree(shipped, folder)
    now = [0.0]
    rules = Rules(folder, clock=lambda: now[0])
    before = rules.register
    assert before is not None
    users = folder / "users" / "practice.csv"
    users.write_text("".join(users.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")
    assert rules.register is before  # looked at just now
    rules.look()
    after = rules.register
    assert after is not None and after.digest != before.digest and len(after.users) == len(before.users) - 1


def test_broken_rules_leave_what_stood_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, whole: Register
) -> None:
    from gimonitor.errors import RulesError

    asked = read(monkeypatch, [whole, RulesError(["law/x.yml:1:1: error: broken"])])
    (tmp_path / "law").mkdir()
    file = tmp_path / "law" / "x.yml"
    file.write_text("a", "utf-8")
    rules = Rules(tmp_path)
    file.write_text("ab", "utf-8")
    with caplog.at_level(logging.ERROR):
        rules.look()
        rules.look()  # the same broken file is not read twice
    assert rules.register is whole and len(asked) == 2
    assert "stood before stays" in caplog.text


def test_nothing_is_read_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: Register
) -> None:
    asked = read(monkeypatch, [whole])
    (tmp_path / "x.yml").write_text("a", "utf-8")
    now = [0.0]
    rules = Rules(tmp_path, clock=lambda: now[0])
    for _ in range(3):
        now[0] += LOOK_SECONDS
        rules.look()
        assert rules.register is whole
    assert asked == [1]


def test_a_folder_that_is_not_there_gives_no_register(tmp_path: Path) -> None:
    assert Rules(tmp_path / "nowhere").register is None
