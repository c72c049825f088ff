"""`gimonitor user` and `gimonitor leads` as an operator calls them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gimonitor.cli import leads as leads_cli
from gimonitor.cli import user as user_cli
from gimonitor.errors import ConflictError, InputError, NotFoundError
from gimonitor.store import audit, people
from gimonitor.store.database import Store
from gimonitor.web.passwords import hash_password, is_password
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role


@pytest.fixture
def run(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    return CliRunner()


def call(run: CliRunner, app: object, *arguments: str, text: str = "") -> Result:
    return run.invoke(app, list(arguments), input=text, catch_exceptions=False)  # type: ignore[arg-type]


def test_add_list_disable_a_person(run: CliRunner, store: Store) -> None:
    call(run, user_cli.app, "add", "sun", "--name", "孙七", "--role", "officer", "--role", "approver",
         "--password-file", "-", text="a-long-enough-phrase\n")  # fmt: skip
    with store.read() as c:
        person = people.find_person(c, "sun")
        assert (
            person and person.role == "approver,officer" and is_password(person.password_hash, "a-long-enough-phrase")
        )
        assert audit.latest_audit(c, 1)[0].action == "person.add"
    call(run, user_cli.app, "disable", "sun")
    assert "sun\t孙七\tapprover,officer\tdisabled" in call(run, user_cli.app, "list").output


def test_errors_of_user(run: CliRunner) -> None:
    with pytest.raises(ConflictError, match="taken"):
        call(run, user_cli.app, "add", "wang", "--role", "officer", "--password-file", "-", text="a-long-enough-phrase")
    with pytest.raises(NotFoundError, match="nobody"):
        call(run, user_cli.app, "disable", "nemo")
    with pytest.raises(InputError, match="--password-file"):
        call(run, user_cli.app, "add", "sun", "--role", "officer")
    with pytest.raises(InputError, match="empty"):
        call(run, user_cli.app, "add", "sun", "--role", "officer", "--password-file", "-", text="\n")
    assert call(run, user_cli.app, "add", "sun", "--role", "boss").exit_code == 2


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "password2026", "wangwangwang", "x" * 257])
def test_poor_passwords_are_refused(password: str) -> None:
    with pytest.raises(InputError):
        hash_password(password, "wang")


def test_no_password_matches_nobody() -> None:
    assert not is_password("", "")
    assert not is_password("", "anything")


def test_leads_list(run: CliRunner) -> None:
    output = call(run, leads_cli.app, "list", "--top", "3").output.splitlines()
    assert output[0].startswith(" 70.0  #") and "不在保护产区内" in output[0]
    assert len(output) == 4 and output[3] == "3 of 31 leads"
    lines = call(run, leads_cli.app, "list", "--top", "40", "--json").output.splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == 31 and [f["score"] for f in found] == sorted((f["score"] for f in found), reverse=True)


def test_a_title_does_not_steer_the_terminal(run: CliRunner) -> None:
    output = call(run, leads_cli.app, "list", "--top", "40").output
    assert not set("\u202e\u2066\u200b\x1b") & set(output)


def test_leads_show(run: CliRunner) -> None:
    first = call(run, leads_cli.app, "list", "--top", "1", "--json").output
    number = str(json.loads(first)["id"])
    output = call(run, leads_cli.app, "show", number).output
    for words in (
        "1. 标题使用",
        "title 0:6",
        "第三十条",
        "clears: 出示",
        "considered: 店铺主体",
        "unverified:",
        "severity 0.90",
    ):
        assert words in output
    assert json.loads(call(run, leads_cli.app, "show", number, "--json").output)["lead"]["gi_name"] == "阳澄湖大闸蟹"
    with pytest.raises(NotFoundError):
        call(run, leads_cli.app, "show", "424242")


def test_leads_of_one_gi_by_name_or_id(run: CliRunner) -> None:
    for given in ("阳澄湖大闸蟹", "yangchenghu-crab"):
        assert "2 of 31 leads" in call(run, leads_cli.app, "list", "--top", "2", "--gi", given).output
    known = call(run, leads_cli.app, "list", "--gi", "五常大米")  # in the register, without a lead
    assert "0 of 0 leads" in known.output
    with pytest.raises(InputError, match="no GI or sign is called '不存在'"):
        call(run, leads_cli.app, "list", "--gi", "不存在")


def test_leads_show_tells_beijing_time(run: CliRunner, store: Store) -> None:
    wang = Actor(login="wang", roles=frozenset({Role.OFFICER}))
    with store.write() as c:
        decisions.claim(c, wang, 1, 1, now=datetime(2026, 11, 20, 18, 5, tzinfo=UTC))
    assert "2026-11-21 02:05:00  wang  claim" in call(run, leads_cli.app, "show", "1").output


def test_areas_of_a_person(run: CliRunner, store: Store) -> None:
    call(run, user_cli.app, "area", "wang", "--area", "3205")
    assert "wang\t王一\tofficer\tactive\t3205" in call(run, user_cli.app, "list").output
    call(run, user_cli.app, "area", "wang", "--all")
    assert "wang\t王一\tofficer\tactive\tall areas" in call(run, user_cli.app, "list").output
    for bad in (("--area", "苏州"), (), ("--all", "--area", "32")):
        with pytest.raises(InputError):
            call(run, user_cli.app, "area", "wang", *bad)
