"""The other door: to the issuer and back. Nobody is let in whom the issuer does not vouch for with a role of ours."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from gimonitor.errors import ConflictError, NotFoundError, PermissionDeniedError
from gimonitor.store import audit, identities, people
from gimonitor.store.people import StoredPerson
from gimonitor.web.access import error_page, local_path, open_session, set_cookie
from gimonitor.web.oidc import WAITS, Identity, Provider
from gimonitor.web.services import Services

router = APIRouter()
log = logging.getLogger(__name__)
COOKIE = "gimonitor-oidc"
_PATH = "/login/oidc"


@router.get("/login/oidc")
def leave_for(request: Request, next: Annotated[str, Query(max_length=600)] = "/") -> Response:
    """Send the browser to the issuer."""
    services: Services = request.app.state.services
    try:
        url, pending = _provider(request).begin(_return_address(request), local_path(next), services.clock())
    except PermissionDeniedError as error:
        return _refused(request, error)
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        COOKIE,
        pending.browser,
        max_age=int(WAITS.total_seconds()),
        path=_PATH,
        httponly=True,
        samesite="lax",  # it must come along on the way back, which begins at the issuer
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/login/oidc/return")
def come_back(request: Request) -> Response:
    """Check what the issuer says, and let the person in."""
    services: Services = request.app.state.services
    now, browser = services.clock(), request.cookies.get(COOKIE, "")
    try:
        identity, pending = _provider(request).finish(_return_address(request), request.query_params, browser, now)
        with services.store.write() as c:
            person = _person(c, identity, services)
            detail = {"issuer": identity.issuer, "roles": sorted(identity.roles), "areas": list(identity.areas)}
            audit.append_audit(c, person.login, "login", f"person:{person.login}", detail, at=now)
    except PermissionDeniedError as error:
        return _refused(request, error)
    # the session's cookie is strict: it only goes along on a way that begins at a page of ours
    answer = services.screens.page(request, "entering.html", {"next": pending.next})
    set_cookie(request, answer, open_session(services, person.id, now))
    answer.delete_cookie(COOKIE, path=_PATH)
    return answer


def _refused(request: Request, error: PermissionDeniedError) -> Response:
    """Say why, and tell the operator what lay behind it: a silent issuer is theirs to mend."""
    log.warning("log-in by OpenID Connect did not succeed: %s; %r", error, error.__cause__)
    return error_page(request, 403, "登录没有成功", str(error))


def _person(c: Connection, identity: Identity, services: Services) -> StoredPerson:
    """The person, new or as the issuer has them today. Raises ConflictError where the login is a local account's."""
    known = identities.login_of(c, identity.issuer, identity.subject)
    role = ",".join(sorted(identity.roles))
    if known is None:
        if people.find_person(c, identity.login) is not None:
            raise ConflictError(f"用户名 {identity.login} 已由本地账号使用，请联系管理员")
        now = services.clock()
        made = people.add_person(c, identity.login, identity.name, role, "", areas=identity.areas, now=now)
        identities.add_identity(c, identity.issuer, identity.subject, made, now)
        audit.append_audit(c, "oidc", "person.add", f"person:{identity.login}", {"roles": role}, at=now)
        known = identity.login
    person = people.find_person(c, known)
    if person is None or not person.active:
        raise PermissionDeniedError("您的账号已停用，请联系管理员")
    if person.role != role or (identity.areas and person.areas != identity.areas):
        people.change_person(c, person.id, role=role, areas=identity.areas or None)
        audit.append_audit(c, "oidc", "person.role", f"person:{known}", {"roles": role}, at=services.clock())
    return person


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFoundError("没有设置统一身份认证")
    return provider


def _return_address(request: Request) -> str:
    return str(request.url_for("come_back"))
