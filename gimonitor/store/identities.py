"""People known by the word of another house (OpenID Connect)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from gimonitor.store.keys import key_of
from gimonitor.store.tables import identities, people


def login_of(c: Connection, issuer: str, subject: str) -> str | None:
    """The login of whom an issuer calls by a subject; None for somebody new."""
    query = select(people.c.login).join(identities, identities.c.person_id == people.c.id)
    found: str | None = c.execute(query.where(identities.c.key == key_of(issuer, subject))).scalar()
    return found


def add_identity(c: Connection, issuer: str, subject: str, person_id: int, now: datetime) -> None:
    """Note as whom an issuer knows a person."""
    row = {"issuer": issuer, "subject": subject, "person_id": person_id, "created_at": now}
    c.execute(identities.insert().values(key=key_of(issuer, subject), **row))
