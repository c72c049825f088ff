"""Tokens of programs: made by a person, narrowed to some of their roles and areas, known by their digest only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from gimonitor.errors import NotFoundError
from gimonitor.store.columns import clean_text
from gimonitor.store.people import StoredPerson, person_in
from gimonitor.store.tables import people, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """A token as it is listed. Empty `roles` and `areas` are those of its person."""

    id: int
    login: str
    name: str
    roles: tuple[str, ...]
    areas: tuple[str, ...]
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """True while it lets somebody in."""
        return self.revoked_at is None and now < self.ends_at


def add_token(
    c: Connection,
    token_hash: str,
    person_id: int,
    *,
    name: str,
    roles: Sequence[str] = (),
    areas: Sequence[str] = (),
    now: datetime,
    ends_at: datetime,
) -> int:
    """Keep a new token and return its id."""
    row = {
        "token_hash": token_hash,
        "person_id": person_id,
        "name": clean_text(name),
        "roles": list(roles),
        "areas": list(areas),
        "created_at": now,
        "ends_at": ends_at,
    }
    return int(c.execute(tokens.insert().values(row).returning(tokens.c.id)).scalar_one())


def find_token(c: Connection, token_hash: str) -> tuple[StoredToken, StoredPerson] | None:
    """The token with this digest and whose it is, open or not."""
    row = c.execute(_query().add_columns(*people.c).where(tokens.c.token_hash == token_hash)).mappings().first()
    return None if row is None else (_token(row), person_in({column.name: row[column] for column in people.c}))


def list_tokens(c: Connection, login: str) -> list[StoredToken]:
    """A person's tokens, the newest first."""
    query = _query().where(people.c.login == login).order_by(tokens.c.id.desc())
    return [_token(row) for row in c.execute(query).mappings()]


def revoke_token(c: Connection, token_id: int, login: str, now: datetime) -> None:
    """Take a person's token back; one that was taken back stays so. Raises NotFoundError for anybody else's."""
    mine = select(people.c.id).where(people.c.login == login).scalar_subquery()
    wanted = (tokens.c.id == token_id) & (tokens.c.person_id == mine)
    if c.execute(select(tokens.c.id).where(wanted)).scalar() is None:
        raise NotFoundError(f"没有这个令牌：{token_id}")
    c.execute(update(tokens).where(wanted, tokens.c.revoked_at.is_(None)).values(revoked_at=now))


def touch_token(c: Connection, token_id: int, now: datetime) -> None:
    """Note that a token is in use."""
    c.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=now))


def _query() -> Any:
    t = tokens.c
    own = [t[name].label(f"token_{name}") for name in StoredToken.__slots__ if name != "login"]
    joined = tokens.join(people, people.c.id == t.person_id)
    return select(*own, people.c.login.label("token_login")).select_from(joined)


def _token(row: Any) -> StoredToken:
    values = {name: row[f"token_{name}"] for name in StoredToken.__slots__}
    return StoredToken(**values | {"roles": tuple(values["roles"]), "areas": tuple(values["areas"])})
