"""What became of a night's plan, source by source: asked and answered, refused, not asked, left out beforehand, and what it
gave. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gimonitor.model.run import Coverage, Slice
from gimonitor.operations.health import is_refused
from gimonitor.store.runs import StoredRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Queries of one source. planned = answered + refused + unanswered + unasked; `left` counts those that the plan left out, by
    the value of its reason; `seen`, `stored` and `unchanged` count listings."""

    source: str
    planned: int
    answered: int
    refused: int
    unanswered: int
    unasked: int
    left: Mapping[str, int]
    seen: int = 0
    stored: int = 0
    unchanged: int = 0


def account_for(run: StoredRun, coverage: Sequence[Coverage], slices: Sequence[Slice]) -> tuple[Account, ...]:
    """The accounts of a run, by source; none for one that had no plan."""
    planned = run.config.get("night")
    if not isinstance(planned, Mapping):
        return ()
    records = {(record.source, record.query): record for record in coverage}
    sources = sorted({piece.source for piece in slices} | set(planned))
    return tuple(_account(source, planned.get(source, {}), records, slices) for source in sources)


def _account(
    source: str,
    planned: Mapping[str, Mapping[str, int]],
    records: Mapping[tuple[str, str], Coverage],
    slices: Sequence[Slice],
) -> Account:
    queries = {query for piece in slices if piece.source == source for query in piece.queries}
    mine = [records[source, query] for query in queries if (source, query) in records]
    refused = sum(is_refused(record) for record in mine)
    answered = sum(record.pages_answered > 0 and not is_refused(record) for record in mine)
    return Account(
        source=source,
        planned=len(queries),
        answered=answered,
        refused=refused,
        unanswered=len(mine) - answered - refused,
        unasked=len(queries) - len(mine),
        left=dict(planned.get("left", {})),
        seen=sum(record.seen for record in mine),
        stored=sum(record.stored for record in mine),
        unchanged=sum(record.unchanged for record in mine),
    )
