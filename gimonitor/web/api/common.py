"""What every part of the interface shares: who is asking, and the shapes that come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Path as PathParameter
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from gimonitor.errors import PermissionDeniedError
from gimonitor.model.lead import Resolution, State
from gimonitor.store import leads
from gimonitor.web import access
from gimonitor.web.access import Page
from gimonitor.web.areas import require_area, require_whole
from gimonitor.web.services import Services
from gimonitor.web.tokens import bearer
from gimonitor.workflow.roles import Role

_scheme = HTTPBearer(auto_error=False, description="A token of the page /tokens or of `gimonitor user token`.")

Id = Annotated[int, PathParameter(ge=1, lt=1 << 62)]


def allow(roles: frozenset[Role], *, whole: bool = False) -> Callable[..., Page]:
    """Dependency: the page of the token's person, if they have one of `roles` and the object lies in their area.

    `whole`: the route reaches over all GIs and is for nobody with an area.
    """

    def page(request: Request, _: Annotated[object, Depends(_scheme)]) -> Page:
        services: Services = request.app.state.services
        person = bearer(request, services)
        if not person.roles & roles:
            raise PermissionDeniedError("令牌的角色不能执行此操作")
        require_area(services.store, person.within, request.path_params)
        if whole:
            require_whole(person.within)
        return Page(request=request, services=services, person=person)

    return page


Anybody = Annotated[Page, Depends(allow(access.ALL))]
Reader = Annotated[Page, Depends(allow(access.READERS))]
Actor = Annotated[Page, Depends(allow(access.ACTORS))]
Decider = Annotated[Page, Depends(allow(access.DECIDERS))]
Operator = Annotated[Page, Depends(allow(access.OPERATORS))]
Auditor = Annotated[Page, Depends(allow(access.AUDITORS))]
TaskWorker = Annotated[Page, Depends(allow(access.DECIDERS | access.OPERATORS))]
EvidenceReader = Annotated[Page, Depends(allow(access.EVIDENCE_READERS))]


class Body(BaseModel):
    """What a request says; a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid")


class OnLead(Body):
    """An act on a lead; `version` is the one that was read."""

    version: int = Field(ge=1, lt=1 << 31)
    why: str = Field(default="", max_length=2000)


class Done(BaseModel):
    """The lead after an act."""

    id: int
    version: int
    state: State
    resolution: Resolution | None


class Problem(BaseModel):
    """Why something was not done: in Chinese, in English where the request asks for it; `detail` is what was said first-hand."""

    error: str
    detail: str = ""


def done(c: Connection, lead_id: int) -> Done:
    """The lead as it stands now."""
    lead = leads.load_lead_row(c, lead_id)
    return Done(id=lead.id, version=lead.version, state=lead.state, resolution=lead.resolution)
