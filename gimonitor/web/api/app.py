"""The interface for programs, under /api: what the screens do with leads, as JSON, documented by /api/openapi.json.

Only bearer tokens count here, never a browser's cookie. A token belongs to a person and may do what the person may.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import JSONResponse

from gimonitor import __version__
from gimonitor.errors import GimonitorError, PermissionDeniedError
from gimonitor.model.lead import Resolution, State
from gimonitor.model.run import Coverage
from gimonitor.store import audit, leads, people, runs
from gimonitor.store.leads import LeadRecord, QueueFilter, QueueRow
from gimonitor.web.access import ACTORS, ALL, READERS, LoginNeeded, Page, Person, as_person, token_digest
from gimonitor.web.areas import require_area
from gimonitor.web.problems import status_of
from gimonitor.web.services import Services
from gimonitor.workflow import decisions
from gimonitor.workflow.roles import Role
from gimonitor.workflow.states import Action

_scheme = HTTPBearer(auto_error=False, description="A token of `gimonitor user token`.")


LeadId = Annotated[int, PathParameter(ge=1, lt=1 << 62)]


class Plain(StrEnum):
    """Acts that need nothing but a reason and a resolution; sending and what follows is recorded on the screens."""

    CLAIM = Action.CLAIM.value
    JUDGE = Action.JUDGE.value
    APPROVE = Action.APPROVE.value
    RETURN = Action.RETURN.value
    CLOSE = Action.CLOSE.value
    REOPEN = Action.REOPEN.value
    UNDO = Action.UNDO.value
    ASK = Action.ASK.value
    REPLY = Action.REPLY.value


class Act(BaseModel):
    """What to do to a lead; `version` is the one that was read."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, lt=1 << 31)
    resolution: Resolution | None = None
    why: str = Field(default="", max_length=2000)


class Done(BaseModel):
    """The lead after an act."""

    id: int
    version: int
    state: State
    resolution: Resolution | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """A page of leads, highest score first; `next` is passed back as `after`, null at the end."""

    rows: tuple[QueueRow, ...]
    next: str | None


class Problem(BaseModel):
    """Why something was not done."""

    error: str


def allow(roles: frozenset[Role]) -> Callable[..., Page]:
    """Dependency: the page of the token's person, if they have one of `roles`."""

    def page(request: Request, _: Annotated[object, Depends(_scheme)]) -> Page:
        services: Services = request.app.state.services
        person = _person(request, services)
        if not person.roles & roles:
            raise PermissionDeniedError("the role of this token does not allow it")
        require_area(services.store, person.within, request.path_params)
        return Page(request=request, services=services, person=person)

    return page


def build_api(services: Services) -> FastAPI:
    """The sub-application to mount under /api."""
    problems: dict[int | str, dict[str, object]] = {code: {"model": Problem} for code in (401, 403, 404, 409, 422, 503)}
    api = FastAPI(
        title="gimonitor",
        version=__version__,
        description="Leads (线索) of suspected misuse of geographical indications. A lead is a suspicion; a person decides.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=problems,
    )
    api.state.services = services
    _add_routes(api)
    _answer_errors(api)
    return api


def _add_routes(api: FastAPI) -> None:
    @api.get("/leads")
    def list_leads(
        page: Annotated[Page, Depends(allow(READERS))],
        state: Annotated[list[State] | None, Query(max_length=8)] = None,
        gi: Annotated[str, Query(max_length=100)] = "",
        platform: Annotated[str, Query(max_length=60)] = "",
        text: Annotated[str, Query(max_length=100)] = "",
        after: Annotated[str, Query(max_length=60, pattern=r"^(\d{1,3}(\.\d{1,17})?_\d{1,18})?$")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Leads:
        """A page of the queue."""
        wanted = QueueFilter(
            states=tuple(state or ()),
            gi_ids=(gi,) if gi else (),
            platforms=(platform,) if platform else (),
            text=text,
        )
        score, _, last = after.partition("_")
        with page.services.store.read() as c:
            found = leads.queue_page(c, page.area(wanted), (float(score), int(last)) if after else None, limit)
        return Leads(rows=found.rows, next=f"{found.next[0]!r}_{found.next[1]}" if found.next else None)

    @api.get("/leads/{lead_id}")
    def show_lead(page: Annotated[Page, Depends(allow(READERS))], lead_id: LeadId) -> LeadRecord:
        """One lead with its listing, findings, decisions, captures, packs and notices."""
        with page.services.store.write() as c:
            record = leads.load_lead(c, lead_id)
            audit.append_audit(c, page.person.login, "lead.view", f"lead:{lead_id}", {"api": True}, at=page.now)
        return record

    @api.post("/leads/{lead_id}/{action}")
    def act(page: Annotated[Page, Depends(allow(ACTORS))], lead_id: LeadId, action: Plain, what: Act) -> Done:
        """Do one act; 409 when somebody else was first."""
        with page.services.store.write() as c:
            decisions.act(
                c,
                page.person.actor,
                lead_id,
                what.version,
                Action(action.value),
                now=page.now,
                resolution=what.resolution,
                why=what.why,
            )
            lead = leads.load_lead_row(c, lead_id)
        return Done(id=lead.id, version=lead.version, state=lead.state, resolution=lead.resolution)

    @api.get("/coverage")
    def coverage(page: Annotated[Page, Depends(allow(ALL))]) -> tuple[Coverage, ...]:
        """What each query of the last run asked and got."""
        with page.services.store.read() as c:
            last = runs.latest_runs(c, 1)
            return runs.load_coverage(c, last[0].id) if last else ()

    @api.get("/openapi.json", include_in_schema=False)
    def openapi(page: Annotated[Page, Depends(allow(ALL))]) -> Response:
        """This interface described."""
        described = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            servers=[{"url": "/api"}],
        )
        return JSONResponse(described)


def _answer_errors(api: FastAPI) -> None:
    @api.exception_handler(GimonitorError)
    def known(_: Request, error: Exception) -> Response:
        if isinstance(error, LoginNeeded):
            return JSONResponse({"error": "a token is needed"}, 401, {"www-authenticate": "Bearer"})
        return JSONResponse({"error": str(error)}, status_of(cast(GimonitorError, error)))

    @api.exception_handler(RequestValidationError)
    def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return JSONResponse({"error": wrong}, 422)


# --- tokens -----------------------------------------------------------------------------------------------------------


def open_token(c: Connection, person_id: int, *, now: datetime, days: int) -> str:
    """Make a token for a person. It is shown once; the store keeps a digest that no browser session can match."""
    token = secrets.token_urlsafe(32)
    people.open_session(c, _api_digest(token), person_id, now=now, ends_at=now + timedelta(days=days))
    return token


def _api_digest(token: str) -> str:
    return token_digest(f"api:{token}")


def _person(request: Request, services: Services) -> Person:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise LoginNeeded
    with services.store.read() as c:
        session = people.find_session(c, _api_digest(token.strip()))
    if session is None or not session.person.active or services.clock() >= session.ends_at:
        raise LoginNeeded
    return as_person(session.person, services)
