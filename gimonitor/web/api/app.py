"""The sub-application under /api: its routes, its errors as JSON, its description."""

from __future__ import annotations

from typing import Any, cast

from fastapi import Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from gimonitor import __version__
from gimonitor.errors import GimonitorError, InputError
from gimonitor.web.access import LoginNeeded
from gimonitor.web.api import around, dropped, evidence, files, leads, many, people, reports, rules
from gimonitor.web.api.common import Anybody, Problem
from gimonitor.web.english import has_chinese, in_english
from gimonitor.web.problems import in_chinese, status_of
from gimonitor.web.services import Services


def build_api(services: Services) -> FastAPI:
    """The sub-application to mount under /api."""
    problems: dict[int | str, dict[str, object]] = {code: {"model": Problem} for code in (401, 403, 404, 409, 422, 503)}
    api = FastAPI(
        title="gimonitor",
        version=__version__,
        description="Leads of suspected misuse of geographical indications. A lead is a suspicion; a person decides. "
        "What the screens do is here, but for two things: a token is made, and one's own password changed, by a person on "
        "the screen alone, so that nobody who got hold of a token can prolong it.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=problems,
        dependencies=[Depends(only_known_parameters)],
    )
    api.state.services = services
    # leads takes any act that the modules before it do not
    for module in (evidence, files, many, leads, around, reports, rules, dropped, people):
        api.include_router(module.router)

    @api.get("/openapi.json", include_in_schema=False)
    def openapi(page: Anybody) -> Response:
        """This interface described."""
        return JSONResponse(described(api))

    _answer_errors(api)
    return api


def only_known_parameters(request: Request) -> None:
    """Raise InputError for a parameter of the address that an operation has not: left out of account it would give other
    things than were asked for."""
    known = _asked(request.scope["route"].dependant)
    if unknown := sorted(set(request.query_params) - known):
        raise InputError(f"没有这个参数：{'、'.join(unknown)[:100]}；可用的参数：{'、'.join(sorted(known)) or '无'}")


def _asked(dependant: Dependant) -> set[str]:
    """The parameters that an operation takes from the address, and those that what it depends on takes."""
    return {field.alias for field in dependant.query_params}.union(*map(_asked, dependant.dependencies))


def described(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of the interface."""
    return get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        servers=[{"url": "/api"}],
    )


def _answer_errors(api: FastAPI) -> None:
    @api.exception_handler(GimonitorError)
    def known(request: Request, error: Exception) -> Response:
        if isinstance(error, LoginNeeded):
            return JSONResponse(_problem(request, "须带有效的令牌"), 401, {"www-authenticate": "Bearer"})
        ours = cast(GimonitorError, error)
        return JSONResponse(_problem(request, in_chinese(ours), str(ours)), status_of(ours))

    @api.exception_handler(RequestValidationError)
    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        wrong = [(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors()]
        said = f"请求有误，请检查：{'、'.join(place for place, _ in wrong)}"
        return JSONResponse(_problem(request, said, "; ".join(f"{place}: {what}" for place, what in wrong)), 422)


def _problem(request: Request, said: str, detail: str = "") -> dict[str, str]:
    """What is said in the language that the request prefers, and what it comes from where that says more."""
    if request.headers.get("accept-language", "").lower().startswith("en"):
        said = detail if detail and not has_chinese(detail) else in_english(said)
    return {"error": said} | ({"detail": detail} if detail != said and detail else {})
