"""People for operators, the audit for auditors, and one's own: views of the queue, and tokens to be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, SecretStr

from gimonitor.store import audit, people, tokens, views
from gimonitor.store.audit import AuditEntry
from gimonitor.store.people import StoredPerson
from gimonitor.store.tokens import StoredToken
from gimonitor.store.views import SavedView
from gimonitor.web.access import Page
from gimonitor.web.api.common import Anybody, Auditor, Body, Id, Operator, Reader
from gimonitor.web.queue import looking_back
from gimonitor.web.routes.audit import entries_of
from gimonitor.web.routes.people import add_person, change_person, let_in, let_try_again
from gimonitor.web.routes.programs import take_back
from gimonitor.workflow import persons
from gimonitor.workflow.areas import read_areas
from gimonitor.workflow.roles import Role, roles_of

router = APIRouter()
Login = Annotated[str, Field(max_length=64)]


class View(Body):
    """What one looks through, as the query of the queue's address on the screen: `view=mine&gi=wuchang-rice`."""

    name: str = Field(max_length=100)
    query: str = Field(default="", max_length=600)


class Named(Body):
    """Somebody, by login."""

    login: Login


class Changed(Named):
    """Roles and area of a person; no area is all of them."""

    roles: list[Role] = Field(max_length=10)
    areas: list[str] = Field(default=[], max_length=50)


class Added(Changed):
    """A new person with a first password."""

    password: SecretStr = Field(max_length=256)
    name: str = Field(default="", max_length=300)


class Service(Named):
    """Whether somebody may log in."""

    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person as operators see them."""

    login: str
    name: str
    roles: tuple[Role, ...]
    areas: tuple[str, ...]
    active: bool
    locked_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Whether the chain of audit entries is whole: number and hash of the newest, to be kept outside, and `broken`, the first
    that is not as it was written or is missing, null where all is well."""

    number: int
    hash: str
    broken: int | None


@router.get("/views", tags=["own"])
def list_views(page: Reader) -> list[SavedView]:
    """One's own views of the queue."""
    with page.services.store.read() as c:
        return views.views_of(c, page.person.login)


@router.post("/views", tags=["own"])
def save_view(page: Reader, what: View) -> list[SavedView]:
    """Keep a view under a name; one of the same name is replaced."""
    with page.services.store.write() as c:
        views.save_view(c, page.person.login, what.name, looking_back(what.query).query(), page.now)
        return views.views_of(c, page.person.login)


@router.post("/views/{view_id}/drop", tags=["own"])
def drop_view(page: Reader, view_id: Id) -> list[SavedView]:
    """Forget a view of one's own."""
    with page.services.store.write() as c:
        views.drop_view(c, page.person.login, view_id)
        return views.views_of(c, page.person.login)


@router.get("/tokens", tags=["own"])
def list_tokens(page: Anybody) -> list[StoredToken]:
    """One's own tokens, without what opens the door. They are made on the screen alone."""
    with page.services.store.read() as c:
        return tokens.list_tokens(c, page.person.login)


@router.post("/tokens/{token_id}/revoke", tags=["own"])
def revoke_token(page: Anybody, token_id: Id) -> list[StoredToken]:
    """Take a token of one's own back, also the one that asks."""
    take_back(page, token_id)
    return list_tokens(page)


@router.get("/people", tags=["people"])
def list_people(page: Operator) -> list[Known]:
    """Everybody, with roles and area."""
    with page.services.store.read() as c:
        return [_known(one) for one in people.list_people(c)]


@router.post("/people", tags=["people"])
def add(page: Operator, what: Added) -> Known:
    """Add a person."""
    areas = read_areas(what.areas)
    add_person(page, what.login, what.password.get_secret_value(), what.roles, what.name, areas)
    return _now(page, what.login.strip())


@router.post("/people/change", tags=["people"])
def change(page: Operator, what: Changed) -> Known:
    """Set the roles and the area of somebody else."""
    change_person(page, what.login, what.roles, read_areas(what.areas))
    return _now(page, what.login)


@router.post("/people/service", tags=["people"])
def service(page: Operator, what: Service) -> Known:
    """Let somebody else in no longer, which ends their sessions and tokens, or again."""
    let_in(page, what.login, active=what.active)
    return _now(page, what.login)


@router.post("/people/unlock", tags=["people"])
def unlock(page: Operator, what: Named) -> Known:
    """Let somebody try again who gave too many wrong passwords."""
    let_try_again(page, what.login)
    return _now(page, what.login)


def _now(page: Page, login: str) -> Known:
    with page.services.store.read() as c:
        return _known(persons.found(c, login))


def _known(one: StoredPerson) -> Known:
    values = {name: getattr(one, name) for name in ("login", "name", "areas", "active", "locked_until")}
    return Known(roles=tuple(sorted(roles_of(one.role))), **values)


@router.get("/audit", tags=["audit"])
def list_audit(
    page: Auditor,
    before: Annotated[int | None, Query(ge=1, lt=1 << 62)] = None,
    object: Annotated[str, Query(max_length=80)] = "",
) -> tuple[AuditEntry, ...]:
    """The newest 100 entries before one, of one object where asked: who did what, when."""
    with page.services.store.read() as c:
        return entries_of(c, page, before, object)


@router.get("/audit/check", tags=["audit"])
def check_audit(page: Auditor) -> Chain:
    """Walk the whole chain."""
    with page.services.store.read() as c:
        number, newest = audit.audit_head(c)
        return Chain(number=number, hash=newest, broken=audit.verify_audit(c))
