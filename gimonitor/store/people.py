"""People who may log in, and their sessions. What a role may do is the business of `gimonitor.workflow`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from gimonitor.errors import ConflictError, InputError, NotFoundError
from gimonitor.store.columns import clean_text
from gimonitor.store.database import utc_now
from gimonitor.store.tables import people, sessions, tokens
from gimonitor.store.upsert import Row, insert_new

LONGEST_LOGIN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    """A person. `role` is one role or several parted by commas; `areas` are adcode prefixes, empty for all."""

    id: int
    login: str
    name: str
    role: str
    areas: tuple[str, ...]
    active: bool
    failures: int
    locked_until: datetime | None
    created_at: datetime
    password_hash: str

    def __repr__(self) -> str:
        return f"StoredPerson({self.login!r}, role={self.role!r}, active={self.active})"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A session and whose it is."""

    person: StoredPerson
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


def add_person(
    c: Connection,
    login: str,
    name: str,
    role: str,
    password_hash: str,
    *,
    areas: Sequence[str] = (),
    now: datetime | None = None,
) -> int:
    """Add a person and return the id. Raises ConflictError when the login is taken, InputError when it is unusable."""
    login = login.strip()
    if not login or len(login) > LONGEST_LOGIN or clean_text(login) != login:
        raise InputError(f"a login has 1 to {LONGEST_LOGIN} characters: {login!r}")
    row = {
        "login": login,
        "name": clean_text(name),
        "role": role,
        "areas": list(areas),
        "password_hash": password_hash,
        "active": True,
        "failures": 0,
        "created_at": now or utc_now(),
    }
    made: int | None = c.execute(insert_new(c, people).values(row).returning(people.c.id)).scalar()
    if made is None:
        raise ConflictError(f"the login {login} is taken")
    return made


def find_person(c: Connection, login: str) -> StoredPerson | None:
    """The person with this login, active or not."""
    row = c.execute(select(people).where(people.c.login == clean_text(login.strip()))).mappings().first()
    return person_in(row) if row else None


def active_person(c: Connection, login: str) -> StoredPerson:
    """The active person with this login, in whose name something is done. Raises NotFoundError."""
    person = find_person(c, login)
    if person is None or not person.active:
        raise NotFoundError(f"nobody active has the login {login!r} (gimonitor user list)")
    return person


def list_people(c: Connection) -> tuple[StoredPerson, ...]:
    """Everybody by login."""
    return tuple(person_in(row) for row in c.execute(select(people).order_by(people.c.login)).mappings())


def person_in(row: Any) -> StoredPerson:
    """The person in a row that holds the columns of `people`."""
    values = {name: row[name] for name in StoredPerson.__slots__ if name != "areas"}
    return StoredPerson(areas=tuple(row["areas"]), **values)


def change_person(
    c: Connection,
    person_id: int,
    *,
    name: str | None = None,
    role: str | None = None,
    areas: Sequence[str] | None = None,
    password_hash: str | None = None,
    active: bool | None = None,
) -> None:
    """Change what is given. A new password or an end of service ends all sessions and tokens. Raises NotFoundError."""
    given: Row = {"name": name, "role": role, "password_hash": password_hash, "active": active}
    given["areas"] = list(areas) if areas is not None else None
    values = {key: value for key, value in given.items() if value is not None}
    _update(c, person_id, values)
    if password_hash is not None or active is False:
        end_sessions(c, person_id)


def note_failure(c: Connection, person_id: int, locked_until: datetime | None) -> int:
    """Count a failed log-in and lock until a time, if given. Returns the failures in a row."""
    counted = update(people).where(people.c.id == person_id).values(failures=people.c.failures + 1)
    if locked_until is not None:
        counted = counted.values(locked_until=locked_until)
    failures: int | None = c.execute(counted.returning(people.c.failures)).scalar()
    if failures is None:
        raise NotFoundError(f"no person {person_id} is stored")
    return failures


def note_success(c: Connection, person_id: int) -> None:
    """Forget failed log-ins."""
    _update(c, person_id, {"failures": 0, "locked_until": None})


def _update(c: Connection, person_id: int, values: Row) -> None:
    if values and c.execute(update(people).where(people.c.id == person_id).values(values)).rowcount != 1:
        raise NotFoundError(f"no person {person_id} is stored")


# --- sessions -------------------------------------------------------------------------------------------------------


def open_session(
    c: Connection, token_hash: str, person_id: int, *, now: datetime, ends_at: datetime, most: int = 100
) -> None:
    """Begin a session; the store knows only a digest of its token. Sessions that are over go, and of the person's own
    those used longest ago, so that there are `most` with this one."""
    c.execute(delete(sessions).where(sessions.c.ends_at < now))
    mine = select(sessions.c.token_hash).where(sessions.c.person_id == person_id)
    used = mine.order_by(sessions.c.seen_at.desc(), sessions.c.created_at.desc())
    extra = c.execute(used.offset(most - 1).limit(1000)).scalars().all()
    c.execute(delete(sessions).where(sessions.c.token_hash.in_(extra)))
    row = {"token_hash": token_hash, "person_id": person_id, "created_at": now, "seen_at": now, "ends_at": ends_at}
    c.execute(sessions.insert().values(row))


def find_session(c: Connection, token_hash: str) -> StoredSession | None:
    """The session of a token; whether it is over is for the caller to say."""
    joined = sessions.join(people, people.c.id == sessions.c.person_id)
    s = sessions.c
    query = select(people, s.created_at.label("began"), s.seen_at, s.ends_at).select_from(joined)
    row = c.execute(query.where(s.token_hash == token_hash)).mappings().first()
    if row is None:
        return None
    return StoredSession(person=person_in(row), created_at=row["began"], seen_at=row["seen_at"], ends_at=row["ends_at"])


def touch_session(c: Connection, token_hash: str, now: datetime) -> None:
    """Note that a session is in use."""
    c.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now))


def end_session(c: Connection, token_hash: str) -> None:
    """End one session."""
    c.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def end_sessions(c: Connection, person_id: int) -> int:
    """End all sessions and tokens of a person; returns how many sessions there were."""
    open_tokens = (tokens.c.person_id == person_id) & tokens.c.revoked_at.is_(None)
    c.execute(update(tokens).where(open_tokens).values(revoked_at=utc_now()))
    return c.execute(delete(sessions).where(sessions.c.person_id == person_id)).rowcount
