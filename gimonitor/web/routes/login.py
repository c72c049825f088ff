"""The door: log in, log out. Ten wrong passwords close an account for a quarter of an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from gimonitor.store import audit, people
from gimonitor.store.people import StoredPerson
from gimonitor.web.access import cookie_name, local_path, open_session, person_of, set_cookie, token_digest
from gimonitor.web.passwords import is_password
from gimonitor.web.services import Services
from gimonitor.web.templating import LANGUAGE_COOKIE

router = APIRouter()

TRIES = 10
LOCKED = timedelta(minutes=15)
YEAR = 365 * 86400
_WRONG = "用户名或密码不正确；连续 10 次错误将锁定 15 分钟"


@router.get("/login")
def door(
    request: Request,
    next: Annotated[str, Query(max_length=600)] = "/",
    ended: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The form. `ended` says why somebody who was at work stands here again (see `access.to_login`)."""
    return _form(request, next=next, ended=ended)


@router.post("/login")
def enter(
    request: Request,
    name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=256)],
    next: Annotated[str, Form(max_length=600)] = "/",
    ended: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Check name and password; the answer is the same for a wrong name, a wrong password and somebody who is out."""
    services: Services = request.app.state.services
    now = services.clock()
    with services.store.read() as c:
        person = people.find_person(c, name)
    is_locked = bool(person and person.locked_until and now < person.locked_until)
    is_right = is_password(person.password_hash if person else "", password)  # also when locked: same time for all
    if person is None or not is_right or is_locked or not person.active:
        note_failure(services, person, is_locked=is_locked)
        return _form(request, problem=_WRONG, name=name, next=next, ended=ended, status=401)
    with services.store.write() as c:
        people.note_success(c, person.id)
        audit.append_audit(c, person.login, "login", f"person:{person.login}", {}, at=now)
    answer = RedirectResponse(local_path(next), 303)
    set_cookie(request, answer, open_session(services, person.id, now))
    return answer


@router.post("/logout")
def leave(request: Request) -> Response:
    """End the session, here and in the store."""
    services: Services = request.app.state.services
    token = request.cookies.get(cookie_name(request))
    if token:
        person = person_of(request, services)
        with services.store.write() as c:
            people.end_session(c, token_digest(token))
            audit.append_audit(c, person.login, "logout", f"person:{person.login}", {}, at=services.clock())
    answer = RedirectResponse("/login", 303)
    answer.headers["clear-site-data"] = '"cache"'  # what was fetched ahead
    answer.delete_cookie(cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True)
    return answer


@router.post("/language")
def language(
    request: Request, to: Annotated[str, Form(max_length=2)], back: Annotated[str, Form(max_length=600)] = "/"
) -> Response:
    """Show the screens in Chinese or in English from now on, in this browser."""
    answer = RedirectResponse(local_path(back), 303)
    if to == "en":
        answer.set_cookie(LANGUAGE_COOKIE, "en", max_age=YEAR, httponly=True, samesite="strict", path="/")
    else:
        answer.delete_cookie(LANGUAGE_COOKIE, path="/")
    return answer


def note_failure(services: Services, person: StoredPerson | None, *, is_locked: bool) -> None:
    """Count it, unless the account is closed anyway: nobody can keep an account closed by going on trying."""
    now = services.clock()
    with services.store.write() as c:
        if person is not None and not is_locked:
            since_lock = person.failures % TRIES
            people.note_failure(c, person.id, now + LOCKED if since_lock == TRIES - 1 else None)
        detail = {"known": person is not None, "locked": is_locked}
        audit.append_audit(
            c,
            person.login if person else "?",
            "login.failed",
            f"person:{person.login if person else '?'}",
            detail,
            at=now,
        )


def _form(
    request: Request, *, problem: str = "", name: str = "", next: str = "/", ended: str = "", status: int = 200
) -> Response:
    services: Services = request.app.state.services
    values: dict[str, object] = {
        "problem": problem,
        "name": name,
        "next": local_path(next),
        "ended": ended,
        "organisation": services.configuration.organisation,
        "single_sign_on": services.configuration.oidc_label if services.configuration.oidc_issuer else "",
    }
    return services.screens.page(request, "login.html", values, status)
