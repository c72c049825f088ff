"""From screenings to leads: raised, raised again, no longer raised. The system appends decisions like a person does.

A lead that somebody settled comes back to the queue when the seller's words or the findings changed, or when a page
that was gone is there again. A price alone brings nothing back. A new lead that nobody took up is closed by the system
when the newest screening no longer says so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from gimonitor.model.finding import Suspicion
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Listing
from gimonitor.store.codec import pack, text_of, unpack
from gimonitor.store.columns import clean_text
from gimonitor.store.screenings import Said
from gimonitor.store.tables import decisions, leads, listing_versions
from gimonitor.store.upsert import Row, among, chunks, insert_rows, update_rows

SYSTEM = "system"
SETTLED = frozenset({State.JUDGED, State.APPROVED, State.CLOSED})
"""States that a change brings back to NEW. A lead that was sent stays where it is: its recheck sees the change."""

CHANGED = "商品链接在处理之后发生变化，重新进入待办"
BACK = "已消失的商品链接重新出现，重新进入待办"
AGAIN = "最新一次筛查再次提示疑点"
LAPSED = "最新一次筛查不再提示疑点"

_CHANGING = (
    *("state", "resolution", "version", "claimed_by", "gi_name", "score", "score_terms", "reason", "digest", "raised"),
    *("listing_version", "screening", "shop_id", "updated_at", "held_until"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A listing as the store has just taken it. `before` is the version that stood until now, None for a new listing."""

    listing_id: int
    platform: str
    shop_id: int | None
    version: int
    before: int | None
    number: int  # of the screening that stands now
    listing: Listing
    said: Said
    came_back: bool = False
    why: str = CHANGED  # what is said where the findings changed


@dataclass(slots=True)
class _Changes:
    fresh: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    notes: list[Row] = field(default_factory=list)
    updated: int = 0


def raise_leads(c: Connection, seen: list[Seen], run_id: int | None, at: datetime) -> tuple[int, int]:
    """Bring the leads of some listings up to their screenings. Returns how many are new and how many changed."""
    known = _known_leads(c, [s.listing_id for s in seen if s.before is not None])
    reworded = _reworded(c, [s for s in seen if s.listing_id in known])
    changes = _Changes()
    for s in seen:
        suspected = {one.gi_id: one for one in sorted(s.said.screening.suspicions, key=lambda one: one.score.total)}
        moved = s.listing_id in reworded
        for gi_id, suspicion in suspected.items():
            lead = known.get(s.listing_id, {}).get(clean_text(gi_id))
            if lead is None:
                changes.fresh.append(_fresh(s, suspicion, run_id, at))
            else:
                _see_again(changes, lead, s, suspicion, moved, at)
        for gi_id, lead in known.get(s.listing_id, {}).items():
            if gi_id not in suspected:
                _miss(changes, lead, s, at)
    _write(c, changes)
    return len(changes.fresh), changes.updated


def _known_leads(c: Connection, listing_ids: list[int]) -> dict[int, dict[str, Row]]:
    found: dict[int, dict[str, Row]] = defaultdict(dict)
    if not listing_ids:
        return {}
    query = select(leads).where(among(c, leads.c.listing_id, listing_ids)).order_by(leads.c.id).with_for_update()
    for row in c.execute(query).mappings():
        found[row["listing_id"]][row["gi_id"]] = dict(row)
    return dict(found)


def _reworded(c: Connection, seen: list[Seen]) -> set[int]:
    """Ids of the listings in which more than the price changed."""
    changed = {(s.listing_id, s.before): s for s in seen if s.before is not None and s.before != s.version}
    v = listing_versions.c
    rewritten = set()
    for some in chunks(list(changed)):
        query = select(v.listing_id, v.number, text_of(v.content)).where(tuple_(v.listing_id, v.number).in_(some))
        for row in c.execute(query):
            if _words(unpack(Listing, row.content)) != _words(changed[row.listing_id, row.number].listing):
                rewritten.add(row.listing_id)
    return rewritten


def _words(listing: Listing) -> str:
    as_stored = unpack(Listing, pack(listing))
    return replace(as_stored, price_fen=None).digest()


def _sight(s: Seen, suspicion: Suspicion) -> Row:
    first = suspicion.findings[0].reason if suspicion.findings else ""
    return {
        "gi_name": clean_text(suspicion.gi_name),
        "score": suspicion.score.total,
        "score_terms": pack(suspicion.score.terms),
        "reason": clean_text(first),
        "digest": s.said.suspected[suspicion.gi_id],
        "raised": True,
        "listing_version": s.version,
        "screening": s.number,
        "shop_id": s.shop_id,
    }


def _fresh(s: Seen, suspicion: Suspicion, run_id: int | None, at: datetime) -> Row:
    return _sight(s, suspicion) | {
        "listing_id": s.listing_id,
        "gi_id": clean_text(suspicion.gi_id),
        "platform": s.platform,
        "state": State.NEW,
        "resolution": None,
        "version": 1,
        "claimed_by": "",
        "run_id": run_id,
        "created_at": at,
        "updated_at": at,
    }


def _see_again(changes: _Changes, lead: Row, s: Seen, suspicion: Suspicion, moved: bool, at: datetime) -> None:
    now = lead | _sight(s, suspicion)
    moved = moved or now["digest"] != lead["digest"]
    again = not lead["raised"]
    if lead["state"] in SETTLED and (moved or s.came_back or (again and lead["resolution"] is None)):
        why = BACK if s.came_back else s.why if moved else AGAIN
        _reopen(changes, now, s, why, at)
    elif moved or again or s.came_back:
        now |= {"version": lead["version"] + 1, "updated_at": at, "held_until": None}
        changes.updated += 1
    if now != lead:
        changes.rows.append(now)


def _miss(changes: _Changes, lead: Row, s: Seen, at: datetime) -> None:
    if not lead["raised"]:
        return
    now = lead | {"raised": False}
    if lead["state"] in (State.JUDGED, State.APPROVED):
        _reopen(changes, now, s, LAPSED, at)
    else:
        now |= {"version": lead["version"] + 1, "updated_at": at}
        changes.updated += 1
    if lead["state"] is State.NEW:
        now |= {"state": State.CLOSED, "resolution": None}
        changes.notes.append(_note(now, s, "close", LAPSED, at))
    changes.rows.append(now)


def _reopen(changes: _Changes, now: Row, s: Seen, why: str, at: datetime) -> None:
    now |= {"version": now["version"] + 1, "updated_at": at, "state": State.NEW, "resolution": None, "claimed_by": ""}
    now |= {"held_until": None}
    changes.notes.append(_note(now, s, "reopen", why, at))
    changes.updated += 1


def _note(now: Row, s: Seen, action: str, why: str, at: datetime) -> Row:
    nothing: Resolution | None = None
    return {
        "lead_id": now["id"],
        "version": now["version"],
        "listing_version": s.version,
        "at": at,
        "who": SYSTEM,
        "action": action,
        "state": now["state"],
        "resolution": nothing,
        "why": why,
    }


def _write(c: Connection, changes: _Changes) -> None:
    insert_rows(c, leads, changes.fresh)
    update_rows(c, leads, [{"id": row["id"]} | {name: row[name] for name in _CHANGING} for row in changes.rows])
    insert_rows(c, decisions, changes.notes)
