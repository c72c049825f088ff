"""What is handed to a machine: the units run commands that exist, systemd accepts them, the container's steps are the script's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest

from gimonitor.cli.main import main
from gimonitor.configuration import load_configuration

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "docs/install"
UNITS = sorted((INSTALL / "systemd").iterdir())


def commands_of(unit: Path) -> list[list[str]]:
    lines = re.findall(r"^Exec\w+=(.*)$", unit.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_takes_its_arguments(unit: Path) -> None:
    for arguments in commands_of(unit):
        command: click.Command = main
        context = click.Context(main)
        while isinstance(command, click.Group):
            name, *arguments = arguments
            found = command.get_command(context, name)
            assert found is not None, f"{unit.name}: gimonitor {name}"
            command, context = found, click.Context(found, parent=context)
        command.make_parser(context).parse_args(list(arguments))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_service_cannot_write_elsewhere_nor_gain_rights(unit: Path) -> None:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit.read_text(encoding="utf-8"))
    if unit.suffix == ".service":
        assert parser["Service"]["ProtectSystem"] == "strict"
        assert parser["Service"]["NoNewPrivileges"] == "yes"
        assert parser["Service"]["User"] == "gimonitor"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/gimonitor/bin/gimonitor", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Unknown" not in done.stderr, done.stderr


def test_the_example_environment_is_one_that_loads() -> None:
    lines = (INSTALL / "environment.example").read_text(encoding="utf-8").splitlines()
    values = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?[A-Z_]+=", line))
    assert load_configuration(values).data_dir == Path("/var/lib/gimonitor")


def test_the_container_is_built_by_the_script_and_runs_without_root() -> None:
    text = (INSTALL / "Containerfile").read_text(encoding="utf-8")
    script = (ROOT / "run").read_text(encoding="utf-8")
    steps = re.findall(r"^RUN \./run (\w+)", text, flags=re.MULTILINE)
    assert steps == ["packages", "install"]
    assert all(re.search(rf"^    {step}\) ", script, flags=re.MULTILINE) for step in steps)
    assert text.index("\nUSER 10001") < text.index("\nENTRYPOINT")
