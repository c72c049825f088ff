"""采集: what each run asked, got, was cut off or refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gimonitor.errors import NotFoundError, PermissionDeniedError
from gimonitor.evidence.seal import read_member
from gimonitor.evidence.sealed import Sealed
from gimonitor.model.run import Coverage, RunState
from gimonitor.store import runs
from gimonitor.store.audit import append_audit
from gimonitor.store.saved import files_of_run
from gimonitor.web.access import EVIDENCE_READERS, AnyPage, Page, allow
from gimonitor.web.files import attached_bytes
from gimonitor.workflow.roles import Role

router = APIRouter()

ExamplePage = Annotated[Page, Depends(allow(EVIDENCE_READERS | {Role.OPERATOR}))]
"""Who may look at raw responses: those who read evidence, and operators, whose parser did not understand them."""

RUN_CHIPS = {
    RunState.RUNNING: "brand",
    RunState.OK: "good",
    RunState.PARTIAL: "warn",
    RunState.BLOCKED: "bad",
    RunState.FAILED: "bad",
    RunState.INTERRUPTED: "warn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a coverage bar: its kind of answer, where it begins and how wide it is, in per cent."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """All queries of one source in one run. whole + cut + blocked + failed = queries; seen = stored + unchanged + rejected +
    lost."""

    source: str
    queries: int
    whole: int
    cut: int
    blocked: int
    failed: int
    pages_asked: int
    pages_answered: int
    seen: int
    stored: int
    unchanged: int
    rejected: int
    lost: int
    over_budget: int
    unread: int

    @property
    def pieces(self) -> list[Piece]:
        """The bar: whole, cut off, refused or failed."""
        found, x = [], 0.0
        for kind, count in (("a", self.whole), ("d", self.cut), ("c", self.blocked + self.failed)):
            width = 100 * count / self.queries if self.queries else 0.0
            if width:
                found.append(Piece(kind=kind, x=round(x, 2), width=round(width, 2)))
            x += width
        return found


def is_gap(row: Coverage) -> bool:
    """True where the answer to a query is not whole."""
    return row.has_gap or row.blocked is not None


def by_source(rows: Iterable[Coverage]) -> list[SourceLine]:
    """Sum queries up by their source, sources in order of name."""
    sources: dict[str, list[Coverage]] = {}
    for row in rows:
        sources.setdefault(row.source, []).append(row)
    return [_line(source, sources[source]) for source in sorted(sources)]


def _line(source: str, rows: list[Coverage]) -> SourceLine:
    blocked = [r for r in rows if r.blocked is not None]
    cut = [r for r in rows if r.blocked is None and r.cut_off]
    failed = [r for r in rows if r.blocked is None and not r.cut_off and (r.failed or r.unread)]
    return SourceLine(
        source=source,
        queries=len(rows),
        whole=len(rows) - len(blocked) - len(cut) - len(failed),
        cut=len(cut),
        blocked=len(blocked),
        failed=len(failed),
        pages_asked=sum(r.pages_asked for r in rows),
        pages_answered=sum(r.pages_answered for r in rows),
        seen=sum(r.seen for r in rows),
        stored=sum(r.stored for r in rows),
        unchanged=sum(r.unchanged for r in rows),
        rejected=sum(r.rejected for r in rows),
        lost=sum(r.failed for r in rows),
        over_budget=sum(r.over_budget for r in rows),
        unread=sum(r.unread for r in rows),
    )


@router.get("/coverage")
def latest(page: AnyPage) -> Response:
    """The last night."""
    with page.services.store.read() as c:
        found = runs.last_night(c)
    return show(page, found.id if found else None)


@router.get("/coverage/{run_id}")
def one(page: AnyPage, run_id: int) -> Response:
    """One run of the past."""
    return show(page, run_id)


@router.get("/coverage/{run_id}/examples/{number}")
def example(page: ExamplePage, run_id: int, number: int) -> Response:
    """The sealed response that shows what went wrong with a query; `number` counts the queries of the run from 1."""
    with page.services.store.read() as c:
        rows = runs.load_coverage(c, run_id)
    asked = rows[number - 1 : number] if number > 0 else ()
    if len(page.covered(asked)) != len(asked):
        raise PermissionDeniedError("不在您的辖区内")
    found = asked[0].example if asked else None
    if found is None:
        raise NotFoundError("该查询没有存下示例")
    place = {name: getattr(found, name) for name in ("url", "file", "offset", "length", "sha256")}
    sealed = read_member(page.services.configuration.warc_dir, Sealed(**place, at=page.now))
    with page.services.store.write() as c:
        detail: dict[str, object] = {"query": number, "sha256": found.sha256}
        append_audit(c, page.person.login, "coverage.example", f"run:{run_id}", detail, at=page.now)
    return attached_bytes(sealed, f"run-{run_id}-example-{number}.warc.gz")


def show(page: AnyPage, run_id: int | None) -> Response:
    """The page of a run, or of there being none."""
    with page.services.store.read() as c:
        recent = runs.latest_runs(c, 30)
        run = runs.load_run(c, run_id) if run_id is not None else None
        every = runs.load_coverage(c, run_id) if run_id is not None else ()
        files = files_of_run(c, run_id) if run_id is not None and page.within is None else ()
    rows = page.covered(every)
    mine = set(map(id, rows))
    numbered = [(number, row) for number, row in enumerate(every, 1) if id(row) in mine]
    lines = sorted(numbered, key=lambda pair: (not is_gap(pair[1]), pair[1].source, pair[1].query))
    return page.render(
        "coverage.html",
        "/coverage",
        run=run,
        run_class=RUN_CHIPS[run.state] if run else "",
        sources=by_source(rows),
        rows=lines,
        biases=run.config.get("bias", {}) if run else {},
        unlike=run.config.get(runs.UNLIKE, ()) if run and page.within is None else (),
        files=files,
        runs=[{"id": r.id, "started_at": r.started_at, "state": r.state, "chip": RUN_CHIPS[r.state]} for r in recent],
    )
