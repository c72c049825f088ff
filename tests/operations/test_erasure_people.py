"""What is erased of an officer on request, what stays, and the command. On both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import NotFoundError
from gimonitor.model.lead import Decision, State
from gimonitor.operations.erasure import (
    Person,
    plan_erasure,
)
from gimonitor.store import tables
from gimonitor.store.database import Store
from gimonitor.store.identities import add_identity
from gimonitor.store.leads import append_decision
from gimonitor.store.people import add_person, find_person, open_session

from .erasing import NOW, SECRET, House, close, go, leftovers, offer, whole


def test_of_a_person_the_login_and_what_was_decided_stay(house: House) -> None:
    _, lead = offer(house, "a-1", flagged=True)
    with house.store.write() as c:
        person = add_person(c, "wang", SECRET + "本人", "officer", "argon2-hash", areas=["32"], now=NOW)
        open_session(c, "t" * 64, person, now=NOW, ends_at=NOW)
        add_identity(c, "https://id.example", "subject-77", person, NOW)
        row = {"token_hash": "u" * 64, "person_id": person, "name": "省平台", "roles": [], "areas": []}
        c.execute(insert(tables.tokens).values(row | {"created_at": NOW, "ends_at": NOW}))
    close(house, lead)
    done = go(house, Person(login="wang"))
    assert done.rows == {"sessions": 1, "tokens": 1, "identities": 1, "people": 1}
    assert [one.what for one in done.staying] == ["the login alone", "1 decisions and 0 entries of the audit"]
    with house.store.read() as c:
        left = find_person(c, "wang")
        assert left is not None
        assert (left.name, left.password_hash, left.areas, left.active) == ("", "", (), False)
    for word in (SECRET + "本人", "argon2-hash", "subject-77"):
        assert leftovers(house, word) == []
    assert go(house, Person(login="wang")).is_empty
    whole(house)


def test_claimed_leads_of_a_person_are_said_and_nobody_is_not_found(house: House) -> None:
    _, lead = offer(house, "a-1", flagged=True)
    with house.store.write() as c:
        add_person(c, "wang", "王", "officer", "x", now=NOW)
        made = Decision(
            lead_id=lead, at=NOW, who="wang", action="claim", state=State.CLAIMED, resolution=None, why="办理"
        )
        append_decision(c, lead, 1, made)
    said = plan_erasure(house.store, house.configuration, Person(login="wang")).staying
    assert said[-1].what == "1 claimed leads"
    with pytest.raises(NotFoundError):
        go(house, Person(login="nobody"))


def test_the_command_erases_nothing_without_apply(sqlite_store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    house = House(sqlite_store, Configuration(data_dir=tmp_path, database_url=url, disk_reserve_mb=0))
    _, lead = offer(house, "a-1", flagged=True)
    offer(house, "a-2", run="mine")
    environment = {"GIMONITOR_DATA_DIR": str(tmp_path), "GIMONITOR_DATABASE_URL": url}

    def run(*words: str) -> str:
        return CliRunner().invoke(main, ["erase", *words], env=environment).output

    told = run("seller", "practice", "s-asks")
    assert "would go         1 rows   listings" in told and "nothing was erased" in told
    assert f"lead {lead} is not closed (new)" in told and house.count("listings") == 2
    told = run("seller", "practice", "s-asks", "--apply", "--who", "zhang")
    assert "erased         1 rows   listings" in told and "warc/mine/" in told
    assert house.count("listings") == 1
    assert "nothing is stored of it that could go" in run("seller", "practice", "s-asks", "--apply")
