"""Tokens of programs: made for a person, shown once, kept as a digest that no browser session can match."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.store import audit, tokens
from gimonitor.store.people import StoredPerson
from gimonitor.web.access import LoginNeeded, Person, as_person, token_digest
from gimonitor.web.services import Services
from gimonitor.workflow.areas import gis_within, read_areas
from gimonitor.workflow.roles import Role, roles_of

MOST_DAYS = 366
_TOUCH = timedelta(minutes=1)


def open_token(
    c: Connection,
    person: StoredPerson,
    *,
    name: str,
    now: datetime,
    days: int,
    roles: Sequence[Role] = (),
    areas: Sequence[str] = (),
    by: str = "",
) -> str:
    """Make a token and note it in the audit. Raises InputError for a role or an area that the person does not have."""
    if not name.strip():
        raise InputError("请写明令牌的用途")
    if not 1 <= days <= MOST_DAYS:
        raise InputError(f"有效期须为 1–{MOST_DAYS} 天")
    if not set(roles) <= roles_of(person.role):
        raise InputError("令牌的角色不能超出本人的角色")
    kept = read_areas(areas)
    if person.areas and not all(any(area.startswith(own) for own in person.areas) for area in kept):
        raise InputError("令牌的辖区不能超出本人的辖区")
    token = secrets.token_urlsafe(32)
    made = tokens.add_token(
        c,
        _digest(token),
        person.id,
        name=name.strip(),
        roles=sorted(roles),
        areas=kept,
        now=now,
        ends_at=now + timedelta(days=days),
    )
    detail: dict[str, object] = {"name": name.strip(), "days": days, "roles": sorted(roles), "areas": list(kept)}
    audit.append_audit(c, by or person.login, "person.token", f"token:{made}", detail, at=now)
    return token


def _digest(token: str) -> str:
    return token_digest(f"api:{token}")


def bearer(request: Request, services: Services) -> Person:
    """The person behind a request's token, with what the token leaves them. Raises LoginNeeded for none that is open."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise LoginNeeded
    now = services.clock()
    with services.store.read() as c:
        found = tokens.find_token(c, _digest(token.strip()))
    if found is None or not found[0].is_open(now) or not found[1].active:
        raise LoginNeeded
    stored, owner = found
    if stored.used_at is None or now - stored.used_at >= _TOUCH:
        with services.store.write() as c:
            tokens.touch_token(c, stored.id, now)
    return _narrowed(as_person(owner, services), stored.roles, stored.areas, services)


def _narrowed(person: Person, roles: Sequence[str], areas: Sequence[str], services: Services) -> Person:
    kept = person.roles & {Role(role) for role in roles} if roles else person.roles
    if not areas:
        return replace(person, roles=kept)
    within = gis_within(services.register, areas) or frozenset()
    return replace(
        person, roles=kept, areas=tuple(areas), within=within if person.within is None else within & person.within
    )
