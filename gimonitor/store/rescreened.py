"""What another screening of stored listings says is saved here, and what it did to their leads.

The listing itself is not touched: it was not seen again. Leads move by the same rules as when a listing comes in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from gimonitor.model.finding import Screening
from gimonitor.model.lead import State
from gimonitor.model.listing import Listing
from gimonitor.store.columns import clean_text
from gimonitor.store.loading import StoredListing
from gimonitor.store.pictures import with_pictures
from gimonitor.store.raising import SETTLED, Seen, raise_leads
from gimonitor.store.screenings import Said, Screened, made_ready, save_screenings
from gimonitor.store.tables import findings, lead_changes, leads, listings
from gimonitor.store.upsert import Row, among, insert_rows, update_rows

RULES_CHANGED = "档案或者监测模型变更后重新筛查，疑点有变化，重新进入待办"

_SAME_MODELS = "same models"

_Lead = Any  # a row of _LEAD
_LEAD = tuple(
    leads.c[name]
    for name in ("id", "listing_id", "gi_id", "gi_name", "state", "score", "digest", "raised", "screening")
)

_ROW = ("id", "version", "digest", "platform", "shop_id", "screening", "screening_digest")


class ChangeKind(StrEnum):
    """What a re-screening did to a lead."""

    RAISED = "raised"
    REWORDED = "reworded"  # other findings, the lead stays
    HIGHER = "higher"
    LOWER = "lower"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadChange:
    """What a re-screening did to one lead; scores are None where there was, or is, none."""

    lead_id: int
    gi_id: str
    gi_name: str
    kind: ChangeKind
    before: float | None
    after: float | None
    reopened: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GITally:
    """What a re-screening did over one GI. `same_models`: how many of the leads only weigh otherwise, by facts or history."""

    gi_id: str
    gi_name: str
    counts: dict[ChangeKind, int]
    reopened: int
    same_models: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A listing's row, locked, with its content and what is said of it now."""

    row: Any
    listing: Listing
    said: Said

    @property
    def is_moved(self) -> bool:
        return bool(self.said.digest != self.row.screening_digest)

    @property
    def is_kept(self) -> bool:
        return self.is_moved and self.said.is_worth_a_row

    @property
    def number(self) -> int:
        """The screening that stands from now on."""
        number: int = self.row.screening + self.is_kept
        return number


def save_rescreened(
    c: Connection,
    done: Sequence[tuple[StoredListing, Screening]],
    run_id: int,
    at: datetime,
    models: frozenset[str] = frozenset(),
) -> tuple[LeadChange, ...]:
    """Store screenings of listings as they stand, with their leads. A listing that has changed since is left as it is.

    `models` are the ids of those that changed since the screenings before.
    """
    entries = list(_still_current(c, done))
    screened = [Screened(e.row.id, e.number, e.row.version, e.said) for e in entries if e.is_kept]
    save_screenings(c, screened, run_id)
    update_rows(c, listings, [_listing_row(e) for e in entries])
    concerned = [e for e in entries if e.said.suspected or e.is_moved]
    if not concerned:
        return ()
    ids = [e.row.id for e in concerned]
    before = _leads_of(c, ids)
    raise_leads(c, [_seen(e) for e in concerned], run_id, at)
    changes = tuple(_changes(c, before, _leads_of(c, ids), models))
    insert_rows(c, lead_changes, [_change_row(run_id, change) for change in changes])
    return changes


def _still_current(c: Connection, done: Sequence[tuple[StoredListing, Screening]]) -> Iterator[_Entry]:
    columns = (listings.c[name] for name in _ROW)
    query = select(*columns).where(among(c, listings.c.id, [one.id for one, _ in done])).order_by(listings.c.id)
    rows = {row.id: row for row in c.execute(query.with_for_update()).all()}
    added = with_pictures(c, [(one.listing, screening) for one, screening in done])
    for (one, _), screening in zip(done, added, strict=True):
        row = rows.get(one.id)
        if row is not None and (row.version, row.digest) == (one.version, one.digest):
            yield _Entry(row, one.listing, made_ready(screening))


def _listing_row(e: _Entry) -> Row:
    return {
        "id": e.row.id,
        "stage": e.said.screening.stage,
        "screening": e.number,
        "screening_digest": e.said.digest,
        "screened_on": e.said.screening.on,
        "register_digest": e.said.screening.register_digest,
    }


def _seen(e: _Entry) -> Seen:
    return Seen(
        listing_id=e.row.id,
        platform=e.row.platform,
        shop_id=e.row.shop_id,
        version=e.row.version,
        before=e.row.version,
        number=e.number,
        listing=e.listing,
        said=e.said,
        why=RULES_CHANGED,
    )


def _leads_of(c: Connection, listing_ids: list[int]) -> dict[int, _Lead]:
    query = select(*_LEAD).where(among(c, leads.c.listing_id, listing_ids)).order_by(leads.c.id)
    return {row.id: row for row in c.execute(query)}


def _changes(
    c: Connection, before: dict[int, _Lead], after: dict[int, _Lead], models: frozenset[str]
) -> Iterator[LeadChange]:
    kinds = {i: kind for i, now in after.items() if (kind := _kind(before.get(i), now))}
    said = _models_of(c, [row for i in kinds for row in (before.get(i), after[i]) if row is not None])
    for lead_id, kind in kinds.items():
        was, now = before.get(lead_id), after[lead_id]
        old = said[was.listing_id, was.screening, was.gi_id] if was is not None and was.raised else frozenset()
        new = said[now.listing_id, now.screening, now.gi_id] if now.raised else frozenset()
        yield LeadChange(
            lead_id=lead_id,
            gi_id=now.gi_id,
            gi_name=now.gi_name,
            kind=kind,
            before=was.score if was is not None and was.raised else None,
            after=now.score if now.raised else None,
            reopened=was is not None and was.state in SETTLED and now.state is State.NEW,
            why=_why(old, new, models),
        )


def _kind(was: _Lead | None, now: _Lead) -> ChangeKind | None:
    was_raised = was is not None and was.raised
    if was_raised is not now.raised:
        return ChangeKind.RAISED if now.raised else ChangeKind.WITHDRAWN
    if was is None or not now.raised:
        return None
    if now.score != was.score:
        return ChangeKind.HIGHER if now.score > was.score else ChangeKind.LOWER
    return ChangeKind.REWORDED if now.digest != was.digest else None


def _models_of(c: Connection, rows: Sequence[_Lead]) -> dict[tuple[int, int, str], frozenset[str]]:
    """Models, with their versions, that fired in some screenings over some GIs."""
    f = findings.c
    query = select(f.listing_id, f.screening, f.gi_id, f.model_id, f.model_version).where(
        among(c, f.listing_id, sorted({row.listing_id for row in rows})), f.reminder.is_(False)
    )
    found: dict[tuple[int, int, str], set[str]] = defaultdict(set)
    for row in c.execute(query):
        found[row.listing_id, row.screening, row.gi_id].add(f"{row.model_id}@{row.model_version}")
    return defaultdict(frozenset, {key: frozenset(models) for key, models in found.items()})


def _why(old: frozenset[str], new: frozenset[str], changed: frozenset[str]) -> str:
    """Models that came and went; else those among the same that were changed under their number."""
    parts = [f"+{model}" for model in sorted(new - old)] + [f"-{model}" for model in sorted(old - new)]
    if parts:
        return " ".join(parts)
    edited = sorted(model for model in new if model.partition("@")[0] in changed)
    return f"models: {' '.join(edited)}" if edited else _SAME_MODELS


def _change_row(run_id: int, change: LeadChange) -> Row:
    row = {name: getattr(change, name) for name in LeadChange.__slots__}
    return row | {"run_id": run_id, "kind": change.kind.value, "gi_name": clean_text(change.gi_name)}


# --- read again -------------------------------------------------------------------------------------------------------


def tally(c: Connection, run_id: int) -> tuple[GITally, ...]:
    """What a re-screening did, GI by GI, most changes first."""
    k = lead_changes.c
    same = (k.why == _SAME_MODELS).label("same")
    columns = (k.gi_id, func.max(k.gi_name).label("gi_name"), k.kind, k.reopened, same, func.count().label("count"))
    query = select(*columns).where(k.run_id == run_id).group_by(k.gi_id, k.kind, k.reopened, same)
    names: dict[str, str] = {}
    counts: dict[str, dict[ChangeKind, int]] = defaultdict(lambda: defaultdict(int))
    reopened: dict[str, int] = defaultdict(int)
    unmoved: dict[str, int] = defaultdict(int)
    for row in c.execute(query).mappings():
        names[row["gi_id"]] = max(names.get(row["gi_id"], ""), row["gi_name"])  # it may have been renamed
        counts[row["gi_id"]][ChangeKind(row["kind"])] += row["count"]
        reopened[row["gi_id"]] += row["count"] if row["reopened"] else 0
        unmoved[row["gi_id"]] += row["count"] if row["same"] else 0
    order = sorted(counts, key=lambda gi_id: (-sum(counts[gi_id].values()), gi_id))
    return tuple(
        GITally(gi_id=i, gi_name=names[i], counts=dict(counts[i]), reopened=reopened[i], same_models=unmoved[i])
        for i in order
    )


def load_changes(c: Connection, run_id: int, limit: int = 1000) -> tuple[LeadChange, ...]:
    """Leads that a re-screening changed, in the order in which it came to them."""
    query = select(lead_changes).where(lead_changes.c.run_id == run_id).order_by(lead_changes.c.id).limit(limit)
    return tuple(
        LeadChange(**{name: row[name] for name in LeadChange.__slots__ if name != "kind"}, kind=ChangeKind(row["kind"]))
        for row in c.execute(query).mappings()
    )
