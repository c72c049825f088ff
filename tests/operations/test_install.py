"""What is handed to a machine: the units run commands that exist, systemd accepts them, the container's steps are the script's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration, load_configuration
from gimonitor.vault import FILE_VARIABLE, KEY_VARIABLE

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "docs/install"
PAGES = [ROOT / "README.md", *(p for p in sorted((ROOT / "docs").rglob("*.md")) if p.parent.name != "decisions")]
SCRIPT = (ROOT / "run").read_text(encoding="utf-8")
OWN_VARIABLES = {
    "GIMONITOR_CONFIG",
    "GIMONITOR_VENV",
    "GIMONITOR_DEMO_DIR",
    "GIMONITOR_TEST_POSTGRES",
    KEY_VARIABLE,
    FILE_VARIABLE,
}
UNITS = sorted((INSTALL / "systemd").iterdir())


def commands_of(unit: Path) -> list[list[str]]:
    lines = re.findall(r"^Exec\w+=(.*)$", unit.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [shlex.split(line)[1:] for line in lines]


def parse(arguments: list[str]) -> None:
    """Find the command as a shell would, and let it read its options. Raises click.UsageError, and LookupError for no command."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, *arguments = arguments
        found = command.get_command(context, name)
        if found is None:
            raise LookupError(f"no command {name}")
        command, context = found, click.Context(found, parent=context)
    places = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    many = any(place.nargs == -1 for place in places)
    _, rest, _ = command.make_parser(context).parse_args(list(arguments))
    if rest and not isinstance(command, click.Group) and not many:
        raise click.UsageError(f"too much: {rest}")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_takes_its_arguments(unit: Path) -> None:
    for arguments in commands_of(unit):
        parse(arguments)


def told(page: str) -> Iterator[str]:
    """The `gimonitor …` lines of a page: in its blocks of code, and between backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    for line in [*(line for block in blocks for line in block.splitlines()), *re.findall(r"`([^`\n]+)`", rest)]:
        for part in re.split(r"&&|[|;]", line.partition("# ")[0]):
            if found := re.fullmatch(r"(?:.* -- |\s*(?:[A-Z_]+=\S* )*)(?:/\S+/)?gimonitor((?: .*)?)", part.rstrip()):
                yield found[1].replace("…", "").strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_and_setting_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    wrong = []
    for line in told(text):
        try:
            parse(shlex.split(line))
        except (LookupError, click.UsageError) as error:
            wrong.append(f"gimonitor {line}: {error}")
    steps = set(re.findall(r"\./run (\w+)", text))
    wrong += [f"./run {step}" for step in sorted(steps) if not re.search(rf"^    {step}\)", SCRIPT, flags=re.MULTILINE)]
    settings = {f"GIMONITOR_{name.upper()}" for name in Configuration.model_fields} | OWN_VARIABLES
    wrong += sorted(set(re.findall(r"GIMONITOR_[A-Z_]+[A-Z]", text)) - settings)
    assert not wrong


def test_a_command_that_does_not_exist_is_found() -> None:
    lines = list(
        told(
            "```\nx | A=b /opt/bin/gimonitor leads list --top 3 # so\n```\nand `gimonitor nope`, `gimonitor run nightly --nope`"
        )
    )
    assert lines == ["leads list --top 3", "nope", "run nightly --nope"]
    parse(shlex.split(lines[0]))
    for line in lines[1:]:
        with pytest.raises((LookupError, click.UsageError)):
            parse(shlex.split(line))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_service_cannot_write_elsewhere_nor_gain_rights(unit: Path) -> None:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit.read_text(encoding="utf-8"))
    if unit.suffix == ".service":
        assert parser["Service"]["ProtectSystem"] == "strict"
        assert parser["Service"]["NoNewPrivileges"] == "yes"
        assert parser["Service"]["User"] == "gimonitor"
        assert parser["Service"]["LoadCredential"].startswith("vault-key:/etc/"), "the key is outside the data folder"


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
