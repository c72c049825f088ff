"""The register, the models with their lab and their way into force by two people, and bundles between bureaus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile
from fastapi import Path as PathParameter
from pydantic import Field

from gimonitor.errors import NotFoundError
from gimonitor.model.finding import Screening
from gimonitor.model.register import GI, AuthorisedUser, Model
from gimonitor.model.zone import BEIJING
from gimonitor.store import models as store
from gimonitor.store.bundles import SharedLead, latest_shared
from gimonitor.store.models import ModelVersion, StoredBacktest
from gimonitor.web import lab
from gimonitor.web.access import Page
from gimonitor.web.api.common import Anybody, Body, Decider, Id, Reader, allow
from gimonitor.web.files import attached_bytes
from gimonitor.web.ownleads import screen_for
from gimonitor.web.routes.bundles import LISTED, exported, read_kept
from gimonitor.web.routes.models import offer_of, put_back, put_in_force, require_own, require_writer, tried
from gimonitor.web.uploads import keep_bundle
from gimonitor.workflow import releasing
from gimonitor.workflow.bundles import Merged, merge, preview
from gimonitor.workflow.releasers import DRAFTERS, RELEASERS
from gimonitor.workflow.roles import Role
from gimonitor.workflow.sharing import Policy, policies

router = APIRouter()
Author = Annotated[Page, Depends(allow(DRAFTERS))]
Tester = Annotated[Page, Depends(allow(DRAFTERS | {Role.APPROVER}))]
Releaser = Annotated[Page, Depends(allow(RELEASERS))]
Name = Annotated[str, PathParameter(max_length=100)]


class Offer(Body):
    """An offer to try the models on; with a draft in force where one is named. It is stored nowhere."""

    title: str = Field(default="", max_length=500)
    origin: str = Field(default="", max_length=500)
    shop: str = Field(default="", max_length=500)
    standard: str = Field(default="", max_length=500)
    description: str = Field(default="", max_length=20_000)
    draft: int = Field(default=0, ge=0, lt=1 << 62)


class Text(Body):
    """A model's rule file."""

    text: str = Field(max_length=200_000)


class Why(Body):
    """A reason."""

    why: str = Field(max_length=2000)


class Export(Body):
    """A bundle for another bureau: confirmed leads since a day by a policy, with the models where they are asked for."""

    to: str = Field(max_length=200)
    policy: str = Field(max_length=200)
    since: date
    gi: str = Field(default="", max_length=100)
    models: bool = False


class Shown(Body):
    """The bundle that was shown, by its SHA-256."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A GI in a list, with how many authorised users are known and in force today."""

    id: str
    name: str
    province: str
    city: str
    users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GIFile:
    """Everything known of a GI, each fact with how it is known, and its authorised users in force today."""

    gi: GI
    users: tuple[AuthorisedUser, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle that was kept, whom it is from, and what merging it would do or did."""

    sha256: str
    origin: str
    items: Merged


@router.get("/register", tags=["register"])
def list_register(
    page: Anybody, q: Annotated[str, Query(max_length=100)] = "", limit: Annotated[int, Query(ge=1, le=5000)] = 500
) -> list[Listed]:
    """Protected names, narrowed by a word in name, province or city."""
    register = page.services.register
    if register is None:
        return []
    on = page.now.astimezone(BEIJING).date()
    found = [gi for gi in register.gis if not q.strip() or q.strip() in f"{gi.name} {gi.province} {gi.city} {gi.id}"]
    return [
        Listed(id=g.id, name=g.name, province=g.province, city=g.city, users=len(register.users_of(g.id, on)))
        for g in found[:limit]
    ]


@router.get("/register/{gi_id}", tags=["register"])
def show_gi(page: Anybody, gi_id: Name) -> GIFile:
    """The file of one GI."""
    gi, register = page.services.gi(gi_id), page.services.register
    if gi is None or register is None:
        raise NotFoundError(f"档案中没有 {gi_id}")
    return GIFile(gi=gi, users=tuple(register.users_of(gi_id, page.now.astimezone(BEIJING).date())))


@router.get("/models", tags=["models"])
def list_models(page: Reader) -> tuple[Model, ...]:
    """The models as their rule files hold them."""
    return page.services.lab.models


@router.post("/models/try", tags=["models"])
def try_out(page: Reader, what: Offer) -> Screening:
    """What fires on an offer and why, and what was cleared."""
    told = what.model_dump(exclude={"draft"})
    return tried(page, offer_of(**told), what.draft)


@router.get("/models/{model_id}", tags=["models"])
def show_model(page: Reader, model_id: Name) -> releasing.Versions:
    """One model: its rule file, versions, drafts and back-tests."""
    return releasing.versions_of(page.services.store, page.services.rules_folder, model_id)


@router.post("/models/drafts", tags=["models"])
def save_draft(page: Author, what: Text) -> ModelVersion:
    """Keep a draft; 422 with every problem and its line where it cannot be one."""
    made = releasing.save_draft(
        page.services.store, page.services.rules_folder, what.text, author=page.person.login, now=page.now
    )
    return _version(page, made)


@router.post("/models/{model_id}/drafts/{draft_id}/backtest", tags=["models"])
def backtest(page: Tester, model_id: Name, draft_id: Id) -> ModelVersion:
    """Begin a back-test of a draft; its counts stand with the model."""
    require_own(page, model_id, draft_id)
    lab.start_backtest(page.services.configuration, page.services.rules_folder, draft_id, page.person.login)
    return _version(page, draft_id)


@router.post("/models/{model_id}/drafts/{draft_id}/release", tags=["models"])
def release(page: Releaser, model_id: Name, draft_id: Id) -> ModelVersion:
    """Put a draft of somebody else in force; 409 without a back-test of exactly this draft."""
    require_own(page, model_id, draft_id)
    put_in_force(page, draft_id)
    return _version(page, draft_id)


@router.post("/models/{model_id}/drafts/{draft_id}/withdraw", tags=["models"])
def withdraw(page: Author, model_id: Name, draft_id: Id) -> ModelVersion:
    """Give a draft up; officers their own."""
    require_own(page, model_id, draft_id)
    require_writer(page, draft_id)
    releasing.withdraw(page.services.store, draft_id, who=page.person.login, now=page.now)
    return _version(page, draft_id)


@router.post("/models/{model_id}/rollback", tags=["models"])
def rollback(page: Releaser, model_id: Name, what: Why) -> releasing.Versions:
    """Put the released version before back."""
    put_back(page, model_id, what.why)
    return show_model(page, model_id)


def _version(page: Page, version_id: int) -> ModelVersion:
    with page.services.store.read() as c:
        return store.load_model_version(c, version_id)


@router.get("/backtests/{backtest_id}", tags=["models"])
def show_backtest(page: Reader, backtest_id: Id) -> StoredBacktest:
    """What a back-test found, or how far it came."""
    with page.services.store.read() as c:
        return store.load_backtest(c, backtest_id)


@router.get("/bundles", tags=["bundles"])
def list_bundles(page: Decider) -> list[SharedLead]:
    """What came in last from other bureaus."""
    with page.services.store.read() as c:
        return [shared for shared, _ in latest_shared(c, LISTED, page.within)]


@router.get("/bundles/policies", tags=["bundles"])
def list_policies(page: Decider) -> tuple[Policy, ...]:
    """Which fields go to which kind of recipient."""
    return policies()


@router.post("/bundles/export", tags=["bundles"], response_class=Response)
def export(page: Decider, what: Export) -> Response:
    """The signed file for another bureau."""
    name, content = exported(page, **what.model_dump())
    return attached_bytes(content, name)


@router.post("/bundles", tags=["bundles"])
def show_bundle(page: Decider, file: Annotated[UploadFile, File()]) -> Bundle:
    """Keep a signed file and say what merging it would do; nothing is merged."""
    kept = keep_bundle(page.services.configuration, file)
    bundle = read_kept(page, kept.sha256)
    with page.services.store.read() as c:
        found = preview(c, bundle, page.services.rules_folder, page.within)
    return Bundle(sha256=kept.sha256, origin=bundle.origin, items=found)


@router.post("/bundles/merge", tags=["bundles"])
def merge_bundle(page: Decider, what: Shown) -> Bundle:
    """Do what was shown; the file is read and verified again."""
    bundle, services = read_kept(page, what.sha256), page.services
    done = merge(services.store, page.person.actor, bundle, services.rules_folder, screen_for(page), now=page.now)
    return Bundle(sha256=what.sha256, origin=bundle.origin, items=done)
