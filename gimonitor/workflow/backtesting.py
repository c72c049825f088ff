"""Back-tests: a candidate held against the register in force over all that is stored, and what was decided.

How far it came is stored with the counts, so that one that was stopped goes on where it was. It changes no lead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from gimonitor.errors import ConflictError
from gimonitor.model.listing import Listing
from gimonitor.model.register import Register
from gimonitor.screening.lab import Backtest, Change, Comparison
from gimonitor.store.columns import clean_text
from gimonitor.store.database import Store
from gimonitor.store.histories import load_histories
from gimonitor.store.loading import StoredListing, count_listings, iterate_listings
from gimonitor.store.models import (
    StoredBacktest,
    backtests_of,
    load_backtest,
    resolutions_of,
    save_progress,
    start_backtest,
)
from gimonitor.workflow.rescreening import day_of

BATCH = 500


def report_of(stored: StoredBacktest) -> Backtest:
    """The counts of a stored back-test."""
    values = ({"weighed": None} if stored.report else {}) | stored.report  # earlier ones did not count it
    changes = [
        Change(**(one | {"gained": _triples(one["gained"]), "lost": _triples(one["lost"])}))
        for one in values.pop("changes", [])
    ]
    return Backtest(**values, changes=changes)


def _triples(values: list[list[str]]) -> tuple[tuple[str, str, str], ...]:
    return tuple((a, b, c) for a, b, c in values)


def run_backtest(
    store: Store,
    current: Register,
    candidate: Register,
    *,
    name: str,
    digest: str,
    who: str,
    broken: Sequence[str] = (),
    before: Sequence[str] = (),
    elsewhere: Sequence[str] = (),
    start: Callable[[int], Callable[[int], None]] = lambda total: lambda done: None,
) -> StoredBacktest:
    """Hold `candidate` against `current` over every stored listing. `start` is told how many are left.

    `broken`, `before` and `elsewhere` tell which examples fail (`lab.Judged`); they are kept with the counts.

    `digest` says what exactly is tried. One of the same against the same, by the same person, that was stopped goes on.
    """
    comparison = Comparison(current, candidate)
    with store.write() as c:
        backtest_id = _begun(c, digest, current.digest, who) or start_backtest(
            c,
            candidate=name,
            digest=digest,
            current_digest=current.digest,
            who=who,
            total=count_listings(c),
            now=datetime.now(UTC),
        )
        stored = load_backtest(c, backtest_id)
    report = report_of(stored)
    report.broken, report.before, report.elsewhere = list(broken), list(before), list(elsewhere)
    progress = start(max(0, stored.total - report.screened))
    after: int | None = stored.last_listing
    while after is not None:
        after = _step(store, comparison, stored.id, report, after, progress)
    with store.read() as c:
        return load_backtest(c, stored.id)


def _begun(c: Connection, digest: str, current_digest: str, who: str) -> int | None:
    same = (b for b in backtests_of(c, digest) if b.ended_at is None and b.current_digest == current_digest)
    return next((b.id for b in same if b.who == who), None)


def _step(
    store: Store,
    comparison: Comparison,
    backtest_id: int,
    report: Backtest,
    after: int,
    progress: Callable[[int], None],
) -> int | None:
    """Take the next listings and store the counts. Returns the last id, None at the end."""
    with store.read() as c:
        batch = iterate_listings(c, after, BATCH)
        histories = load_histories(c, [one.listing for one in batch])
        decided = resolutions_of(c, [one.id for one in batch])
    for one, history in zip(batch, histories, strict=True):
        comparison.add(report, _as_shown_last(one), day_of(one), history, decided.get(one.id))
    last = batch[-1].id if batch else after
    ended = None if batch else datetime.now(UTC)
    values = _plain(report)

    def save(c: Connection) -> None:
        if load_backtest(c, backtest_id).last_listing != after:
            raise ConflictError(f"back-test {backtest_id} is being worked on by somebody else")
        save_progress(c, backtest_id, last, values, ended)

    store.attempt(save)
    progress(len(batch))
    return last if batch else None


def _as_shown_last(stored: StoredListing) -> Listing:
    return replace(stored.listing, sales=stored.sales)


def _plain(report: Backtest) -> dict[str, Any]:
    values = asdict(report)
    for change in values["changes"]:
        change["title"] = clean_text(change["title"])
    for kept in ("broken", "before", "elsewhere"):
        values[kept] = [clean_text(line) for line in values[kept]]
    return values
