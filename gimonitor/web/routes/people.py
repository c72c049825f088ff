"""人员: who may do what, for the operator; one's own account, for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError, PermissionDeniedError
from gimonitor.register.regions import is_within
from gimonitor.store import people
from gimonitor.web.access import AnyPage, OperatorPage, Page, open_session, set_cookie
from gimonitor.web.passwords import LEAST, hash_password, is_password
from gimonitor.web.routes.login import TRIES, note_failure
from gimonitor.web.views import Flash
from gimonitor.workflow import persons
from gimonitor.workflow.areas import read_areas
from gimonitor.workflow.roles import Role, roles_of

router = APIRouter()
Login = Annotated[str, Form(max_length=64)]
Secret = Annotated[str, Form(max_length=256)]
Roles = Annotated[tuple[Role, ...], Form()]
Line = Annotated[str, Form(max_length=300)]
DONE = {"add": "人员已添加", "change": "人员已更改", "password": "密码已更改；其他登录和接口令牌已全部失效"}


@router.get("/people")
def overview(page: OperatorPage, did: str = "") -> Response:
    """Everybody with roles, area and whether they may log in."""
    with page.services.store.read() as c:
        found = people.list_people(c)
    return page.render(
        "people.html",
        "/people",
        flash=Flash(text=DONE[did]) if did in DONE else None,
        people=[(one, roles_of(one.role), _is_locked(page, one.locked_until)) for one in found],
        all_roles=list(Role),
        least=LEAST,
    )


def _is_locked(page: Page, until: datetime | None) -> bool:
    return until is not None and until > page.now


@router.post("/people")
def add(
    page: OperatorPage,
    login: Login,
    password: Secret,
    role: Roles = (),
    name: Line = "",
    area: Line = "",
) -> Response:
    """Add a person."""
    add_person(page, login, password, role, name, _areas(area))
    return RedirectResponse("/people?did=add", 303)


def add_person(page: Page, login: str, password: str, roles: Sequence[Role], name: str, areas: tuple[str, ...]) -> None:
    """Add a person. Raises InputError without a role, for a password that is too weak and a login that cannot be one;
    PermissionDeniedError for an area that is not the operator's."""
    _require_role(roles)
    _require_reach(page, areas)
    password_hash = hash_password(password, login)
    with page.services.store.write() as c:
        persons.add(c, page.person.login, login, name, roles, password_hash, areas, now=page.now)


def _require_role(roles: Sequence[Role]) -> None:
    if not roles:
        raise InputError("须选择至少一个角色")


@router.post("/people/change")
def change(page: OperatorPage, login: Login, role: Roles = (), area: Line = "") -> Response:
    """Set the roles and the area of somebody else."""
    change_person(page, login, role, _areas(area))
    return RedirectResponse("/people?did=change", 303)


def change_person(page: Page, login: str, roles: Sequence[Role], areas: tuple[str, ...]) -> None:
    """Set the roles and the area of somebody else. Raises PermissionDeniedError for oneself, and beyond one's area."""
    _require_other(page, login)
    _require_role(roles)
    _require_reach(page, areas)
    names = ",".join(sorted({one.value for one in roles}))
    with page.services.store.write() as c:
        persons.change(c, page.person.login, login, "person.role", now=page.now, role=names, areas=areas)


@router.post("/people/service")
def service(page: OperatorPage, login: Login, active: Annotated[bool, Form()]) -> Response:
    """Let somebody else in no longer, or again."""
    let_in(page, login, active=active)
    return RedirectResponse("/people?did=change", 303)


def let_in(page: Page, login: str, *, active: bool) -> None:
    """Let somebody else in no longer, or again. Raises PermissionDeniedError for oneself, and beyond one's area."""
    _require_other(page, login)
    action = "person.enable" if active else "person.disable"
    with page.services.store.write() as c:
        persons.change(c, page.person.login, login, action, now=page.now, active=active)


@router.post("/people/unlock")
def unlock(page: OperatorPage, login: Login) -> Response:
    """Let somebody try again who gave too many wrong passwords."""
    let_try_again(page, login)
    return RedirectResponse("/people?did=change", 303)


def let_try_again(page: Page, login: str) -> None:
    """Open an account that wrong passwords closed. Raises PermissionDeniedError beyond one's area."""
    _require_theirs(page, login)
    with page.services.store.write() as c:
        persons.unlock(c, page.person.login, login, now=page.now)


def _require_other(page: Page, login: str) -> None:
    if login == page.person.login:
        raise PermissionDeniedError("不能更改自己的角色、辖区或停用自己，请由另一名运维员办理")
    _require_theirs(page, login)


def _require_theirs(page: Page, login: str) -> None:
    with page.services.store.read() as c:
        _require_reach(page, persons.found(c, login).areas)


def _require_reach(page: Page, areas: tuple[str, ...]) -> None:
    """Whoever has an area gives none that reaches beyond it, and changes nobody whose area does."""
    mine = page.person.areas
    if mine and not (areas and all(is_within(area, mine) for area in areas)):
        raise PermissionDeniedError("不在您的辖区内")


def _areas(text: str) -> tuple[str, ...]:
    """Adcodes as typed, with commas or blanks between them."""
    return read_areas(text.replace("，", " ").replace("、", " ").replace(",", " ").split())


@router.get("/account")
def account(page: AnyPage, did: str = "") -> Response:
    """One's own account."""
    return page.render("account.html", "", flash=Flash(text=DONE[did]) if did in DONE else None, least=LEAST)


@router.post("/account/password")
def new_password(page: AnyPage, old: Secret, new: Secret, again: Secret) -> Response:
    """Change one's own password; every other session of one's own ends, and every token."""
    services, login = page.services, page.person.login
    with services.store.read() as c:
        person = persons.found(c, login)
    is_locked = _is_locked(page, person.locked_until)
    if is_locked or not is_password(person.password_hash, old):
        note_failure(services, person, is_locked=is_locked)
        raise PermissionDeniedError(f"原密码不正确；连续 {TRIES} 次错误将锁定")
    if new != again:
        raise InputError("两次填写的新密码不一致")
    if new == old:
        raise InputError("新密码与原密码相同")
    hashed = hash_password(new, login)
    with services.store.write() as c:
        persons.change(c, login, login, "person.password", now=page.now, password_hash=hashed)
    answer = RedirectResponse("/account?did=password", 303)
    set_cookie(page.request, answer, open_session(services, person.id, page.now))
    return answer
