"""The command table: every command has help and an example, errors end with their exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gimonitor.cli.main import COMMANDS, main, said_in_english
from gimonitor.errors import PartialError


def commands() -> list[tuple[str, click.Command]]:
    """All commands with their path, groups left out."""
    found = []
    with click.Context(main) as context:
        for name in COMMANDS:
            command = main.get_command(context, name)
            assert command is not None
            if isinstance(command, click.Group):
                found += [(f"{name} {sub}", command.commands[sub]) for sub in command.commands]
            else:
                found.append((name, command))
    return found


@pytest.mark.parametrize(("path", "command"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_says_what_it_does_with_an_example(path: str, command: click.Command) -> None:
    group = path.split()[:1]
    text = "".join(CliRunner().invoke(main, [*words, "--help"]).output for words in (path.split(), group))
    assert command.help
    assert f"gimonitor {path}" in text, f"{path}: no example in its help, nor in that of its group"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIMONITOR_")}
    command = [sys.executable, "-P", "-m", "gimonitor", *arguments]
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=False, timeout=60)


def test_what_the_screens_say_in_chinese_is_english_in_the_terminal() -> None:
    assert (
        said_in_english("style：起草人不能发布自己的草稿，须由另一人发布") == "style: nobody releases their own draft"
    )
    assert said_in_english("须填写随机种子\n抽样 1 没有第 9 件") == "Give a seed\nSample 1 has no item 9"
    assert said_in_english("rules/gi/五常大米.yml:3:1: area is missing") == "rules/gi/五常大米.yml:3:1: area is missing"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["screen", "-"], "`screen` was stopped before its end; it stores nothing, and the same command begins again"),
        (["models", "backtest", "x"], "`models backtest` was stopped before its end; what it had stored is kept"),
        (["rescreen"], "`rescreen` was stopped before its end; what it had stored is kept"),
    ],
)
def test_a_command_that_is_stopped_says_what_it_leaves(
    words: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: click.Command, ctx: click.Context) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(click.Command, "invoke", stop)
    result = CliRunner().invoke(main, words)
    assert isinstance(result.exception, PartialError) and told in str(result.exception)


def test_an_unknown_setting_is_named_and_ends_with_2(tmp_path: Path) -> None:
    done = run("run", "nightly", GIMONITOR_DATA_DIR=str(tmp_path), GIMONITOR_COLOUR="red")
    assert done.returncode == 2
    assert "GIMONITOR_COLOUR" in done.stderr


def test_a_store_that_is_not_there_stops_the_run_before_anything_is_asked(tmp_path: Path) -> None:
    done = run("run", "nightly", GIMONITOR_DATA_DIR=str(tmp_path), GIMONITOR_PRACTICE_URL="http://127.0.0.1:9")
    assert done.returncode == 6
    assert "gimonitor store upgrade" in done.stderr
    assert "127.0.0.1:9" not in done.stdout + done.stderr


def test_bad_rules_are_listed_with_file_and_line_and_nothing_starts(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    (rules / "gi" / "shanxi").mkdir(parents=True)
    (rules / "gi" / "shanxi" / "a.yml").write_text("id: a\nname: 甲\ncolour: red\n", encoding="utf-8")
    (rules / "gi" / "shanxi" / "b.yml").write_text("id: [b\n", encoding="utf-8")
    done = run("rules", "check", GIMONITOR_RULES_DIR=str(rules), GIMONITOR_DATA_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "a.yml:3" in done.stdout + done.stderr
    assert "b.yml:" in done.stdout + done.stderr
    nightly = run("run", "nightly", GIMONITOR_RULES_DIR=str(rules), GIMONITOR_DATA_DIR=str(tmp_path))
    assert nightly.returncode == 2
