"""人员: changing who may do what and where, with its audit entry; the console and the operators' screen do it alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from gimonitor.errors import NotFoundError
from gimonitor.store import audit, people
from gimonitor.store.people import StoredPerson
from gimonitor.workflow.roles import Role


def add(
    c: Connection,
    by: str,
    login: str,
    name: str,
    roles: Sequence[Role],
    password_hash: str,
    areas: tuple[str, ...],
    *,
    now: datetime,
) -> None:
    """Add a person. Raises ConflictError where the login is taken, InputError where it is unusable."""
    names = sorted({role.value for role in roles})
    people.add_person(c, login, name.strip() or login, ",".join(names), password_hash, areas=areas, now=now)
    audit.append_audit(c, by, "person.add", f"person:{login}", {"roles": names, "areas": list(areas)}, at=now)


def change(
    c: Connection,
    by: str,
    login: str,
    action: str,
    *,
    now: datetime,
    active: bool | None = None,
    role: str | None = None,
    password_hash: str | None = None,
    areas: tuple[str, ...] | None = None,
) -> None:
    """Change what is given. A new password or an end of service ends all sessions and tokens. Raises NotFoundError."""
    person = found(c, login)
    people.change_person(c, person.id, active=active, role=role, password_hash=password_hash, areas=areas)
    detail = {"role": role or person.role, "areas": list(person.areas if areas is None else areas)}
    audit.append_audit(c, by, action, f"person:{login}", detail, at=now)


def unlock(c: Connection, by: str, login: str, *, now: datetime) -> None:
    """Let somebody try again whose wrong passwords closed the account."""
    people.note_success(c, found(c, login).id)
    audit.append_audit(c, by, "person.unlock", f"person:{login}", {}, at=now)


def found(c: Connection, login: str) -> StoredPerson:
    """The person with this login. Raises NotFoundError."""
    person = people.find_person(c, login)
    if person is None:
        raise NotFoundError(f"nobody has the login {login}")
    return person
