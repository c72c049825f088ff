"""People and sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gimonitor.errors import ConflictError, InputError, NotFoundError
from gimonitor.store.database import Store
from gimonitor.store.people import (
    add_person,
    change_person,
    end_session,
    find_person,
    find_session,
    list_people,
    note_failure,
    note_success,
    open_session,
    touch_session,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def zhang(store: Store, night: datetime) -> int:
    with store.write() as c:
        return add_person(c, "zhang", "张三", "officer", "$argon2id$x", areas=("2301",), now=night)


def test_a_person_is_found_and_the_hash_is_not_printed(store: Store, zhang: int) -> None:
    with store.read() as c:
        person = find_person(c, " zhang ")
        assert person and (person.id, person.areas, person.active) == (zhang, ("2301",), True)
        assert "argon2" not in repr(person)
        assert find_person(c, "nobody") is None
        assert list_people(c) == (person,)


@pytest.mark.parametrize("login", ["", "   ", "a" * 65, "a\x00b"])
def test_unusable_logins_are_refused(store: Store, login: str) -> None:
    with pytest.raises(InputError), store.write() as c:
        add_person(c, login, "", "officer", "x")


def test_a_taken_login_is_refused(store: Store, zhang: int) -> None:
    with pytest.raises(ConflictError), store.write() as c:
        add_person(c, "zhang", "", "officer", "x")


def test_failures_are_counted_and_forgotten(store: Store, zhang: int, night: datetime) -> None:
    with store.write() as c:
        assert [note_failure(c, zhang, None), note_failure(c, zhang, night + HOUR)] == [1, 2]
        locked = find_person(c, "zhang")
        assert locked and locked.locked_until == night + HOUR
        note_success(c, zhang)
        free = find_person(c, "zhang")
        assert free and (free.failures, free.locked_until) == (0, None)
        with pytest.raises(NotFoundError):
            note_failure(c, 99, None)


def test_sessions_end_by_themselves_and_with_their_person(store: Store, zhang: int, night: datetime) -> None:
    with store.write() as c:
        open_session(c, "t1", zhang, now=night, ends_at=night + HOUR)
        touch_session(c, "t1", night + HOUR / 2)
        session = find_session(c, "t1")
        assert session and (session.person.login, session.seen_at) == ("zhang", night + HOUR / 2)
        assert session.person.created_at == night and session.created_at == night
        open_session(c, "t2", zhang, now=night + 2 * HOUR, ends_at=night + 3 * HOUR)
        assert find_session(c, "t1") is None
        end_session(c, "t2")
        assert find_session(c, "t2") is None
        open_session(c, "t3", zhang, now=night, ends_at=night + HOUR)
        change_person(c, zhang, active=False)
        assert find_session(c, "t3") is None
        person = find_person(c, "zhang")
        assert person and not person.active
