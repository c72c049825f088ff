"""What stands around the leads: listings, complaints that came in, packs, runs, what they covered, and tasks they left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field

from gimonitor.errors import InputError
from gimonitor.model.finding import Stage
from gimonitor.model.run import Coverage
from gimonitor.model.task import Task
from gimonitor.store import audit, captures, complaints, runs, tasks
from gimonitor.store.captures import StoredPack
from gimonitor.store.complaints import Complaint
from gimonitor.store.offers import OfferFilter, OfferRow, find_offers
from gimonitor.store.runs import StoredRun
from gimonitor.web import handtasks
from gimonitor.web.api.common import Anybody, Body, Decider, EvidenceReader, Id, Reader, TaskWorker
from gimonitor.web.files import attachment, inside
from gimonitor.workflow import inbox
from gimonitor.workflow.terms import terms
from gimonitor.workflow.vocabulary import ComplaintKind, ComplaintSource

router = APIRouter()


class Report(Body):
    """A complaint, report or tip as it came in. `workdays` is the term for the answer, the usual one where it is null."""

    kind: ComplaintKind
    source: ComplaintSource
    text: str = Field(max_length=4000)
    number: str = Field(default="", max_length=300)
    gi: str = Field(default="", max_length=100)
    url: str = Field(default="", max_length=2000)
    received: AwareDatetime | None = None
    workdays: int | None = None


class Linked(Body):
    """The lead that a complaint is about."""

    lead: int = Field(ge=1, lt=1 << 62)


class Reply(Body):
    """What was answered."""

    text: str = Field(max_length=4000)


class Note(Body):
    """How it was done; empty says that the pages were captured by hand."""

    note: str = Field(default="", max_length=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """A page of listings, the newest first; `next` is passed back as `before`, null at the end."""

    rows: tuple[OfferRow, ...]
    next: int | None


@router.get("/listings", tags=["listings"])
def list_listings(
    page: Reader,
    text: Annotated[str, Query(max_length=100)] = "",
    platform: Annotated[str, Query(max_length=60)] = "",
    stage: Stage | None = None,
    before: Annotated[int | None, Query(ge=1, lt=1 << 62)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Offers:
    """Stored listings by title, brand, shop or item id, with their leads."""
    wanted = OfferFilter(text=text, platform=platform, stage=stage, within=page.within)
    with page.services.store.read() as c:
        rows = find_offers(c, wanted, before, limit + 1)
    return Offers(rows=tuple(rows[:limit]), next=rows[limit - 1].id if len(rows) > limit else None)


@router.get("/complaints", tags=["complaints"])
def list_complaints(page: Reader, is_open: bool | None = None) -> list[Complaint]:
    """The newest 200 that came in; with `is_open` true those that wait for an answer, the first due first."""
    with page.services.store.read() as c:
        return complaints.list_complaints(c, is_open=is_open, within=page.within)


@router.get("/complaints/{complaint_id}", tags=["complaints"])
def show_complaint(page: Reader, complaint_id: Id) -> Complaint:
    """One that came in."""
    with page.services.store.read() as c:
        return complaints.load_complaint(c, complaint_id)


@router.post("/complaints", tags=["complaints"])
def add_complaint(page: Decider, what: Report) -> Complaint:
    """Register what came in; the same sent again within a minute gives what is registered already."""
    gi = page.services.gi(what.gi) if what.gi else None
    if what.gi and gi is None:
        raise InputError(f"no GI {what.gi!r} is in the register")
    received = what.received or page.now
    with page.services.store.write() as c:
        made = inbox.register(
            c,
            page.person.actor,
            kind=what.kind,
            source=what.source,
            number=what.number,
            gi_id=what.gi,
            gi_name=gi.name if gi else "",
            text=what.text,
            url=what.url,
            received_at=received,
            workdays=what.workdays if what.workdays is not None else terms().complaint_workdays[what.kind].value,
            now=page.now,
        )
        return complaints.load_complaint(c, made.id)


@router.post("/complaints/{complaint_id}/answer", tags=["complaints"])
def answer_complaint(page: Decider, complaint_id: Id, what: Reply) -> Complaint:
    """Note what was answered, once."""
    with page.services.store.write() as c:
        inbox.answer(c, page.person.actor, complaint_id, what.text, now=page.now)
        return complaints.load_complaint(c, complaint_id)


@router.post("/complaints/{complaint_id}/link", tags=["complaints"])
def link_lead(page: Decider, complaint_id: Id, what: Linked) -> Complaint:
    """Link a lead that exists."""
    with page.services.store.write() as c:
        complaints.load_complaint(c, complaint_id)
        inbox.link(c, page.person.actor, complaint_id, what.lead, now=page.now)
        return complaints.load_complaint(c, complaint_id)


@router.get("/packs/{pack_id}", tags=["packs"])
def show_pack(page: EvidenceReader, pack_id: Id) -> StoredPack:
    """What is known of a pack: its leads, its SHA-256."""
    with page.services.store.read() as c:
        return captures.load_pack(c, pack_id)


@router.get("/packs/{pack_id}/file", tags=["packs"], response_class=Response)
def download_pack(page: EvidenceReader, pack_id: Id) -> Response:
    """The pack itself, a ZIP file."""
    with page.services.store.write() as c:
        stored = captures.load_pack(c, pack_id)
        detail: dict[str, object] = {"sha256": stored.sha256, "api": True}
        audit.append_audit(c, page.person.login, "pack.download", f"pack:{pack_id}", detail, at=page.now)
    path = inside(page.services.configuration.packs_dir, stored.file)
    return attachment(path, path.name)


@router.get("/runs", tags=["coverage"])
def list_runs(page: Anybody, limit: Annotated[int, Query(ge=1, le=200)] = 30) -> tuple[StoredRun, ...]:
    """The last runs, the newest first."""
    with page.services.store.read() as c:
        return runs.latest_runs(c, limit)


@router.get("/coverage", tags=["coverage"])
def last_coverage(page: Anybody) -> tuple[Coverage, ...]:
    """What each query of the last night asked and got."""
    with page.services.store.read() as c:
        last = runs.last_night(c)
        return page.covered(runs.load_coverage(c, last.id)) if last else ()


@router.get("/coverage/{run_id}", tags=["coverage"])
def coverage_of(page: Anybody, run_id: Id) -> tuple[Coverage, ...]:
    """What each query of a run asked and got."""
    with page.services.store.read() as c:
        runs.load_run(c, run_id)
        return page.covered(runs.load_coverage(c, run_id))


@router.get("/tasks", tags=["coverage"])
def list_tasks(page: Anybody) -> list[Task]:
    """Open tasks for people: pages that no machine may read, to be captured by hand and imported."""
    with page.services.store.read() as c:
        return page.tasks(tasks.list_tasks(c))


@router.post("/tasks/{task_id}/close", tags=["coverage"])
def close_task(page: TaskWorker, task_id: Id, what: Note) -> Task:
    """Say that a task is done; 409 where somebody said so before."""
    return handtasks.close_task(page, task_id, what.note)
