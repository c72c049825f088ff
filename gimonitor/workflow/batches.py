"""成批处理: many leads judged, claimed or put aside alike in one transaction, found again by the audit entry it made,
undone as a whole.

All of a batch is done or none: a lead that changed in the meantime stops it. Undoing takes back what still stands as
the batch left it and says what did not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from gimonitor.errors import ConflictError, InputError, NotFoundError
from gimonitor.model.lead import Resolution
from gimonitor.store import audit, leads
from gimonitor.store.leads import StoredLead
from gimonitor.workflow import decisions, holds
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.vocabulary import Action

MOST = 500
UNDONE = "batch.undo"
Item = tuple[int, int]
"""A lead's id and the version that the person saw."""


class Deed(StrEnum):
    """What may be done to many leads at once."""

    JUDGE = "judge"
    CLAIM = "claim"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do to every lead of a batch; judging needs `resolution`, putting aside `until` (None: till released)."""

    deed: Deed
    why: str
    resolution: Resolution | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as the audit knows it. `items` are the leads with the version the batch left them at."""

    id: int
    who: str
    at: datetime
    deed: Deed
    resolution: Resolution | None
    why: str
    items: tuple[Item, ...]


class After(StrEnum):
    """What happened to a lead after its batch: `undone` by the person of the batch, or `changed` in another way."""

    NOTHING = ""
    UNDONE = "undone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What undoing did: leads taken back, and those that somebody has changed since, which stay as they are."""

    undone: tuple[int, ...]
    kept: tuple[int, ...]


def do_many(c: Connection, actor: Actor, items: Sequence[Item], order: Order, *, now: datetime) -> Batch:
    """Do the same to every item.

    Raises InputError (none, too many, or no reason), and as the act does for the first lead that it cannot be done to,
    naming it; the caller's transaction must then be given up.
    """
    _require_some(items)
    if order.deed is not Deed.CLAIM and not order.why.strip():
        raise InputError("成批处理须填写理由")
    after = []
    for lead_id, version in dict(items).items():
        try:
            new = _do(c, actor, lead_id, version, order, now)
        except ConflictError as error:
            raise ConflictError(f"整批未执行。线索 {lead_id}：{error}") from error
        after.append((lead_id, new))
    detail: dict[str, Any] = {
        "resolution": order.resolution.value if order.resolution else "",
        "why": order.why,
        "items": [list(item) for item in after],
    }
    batch_id = audit.append_audit(c, actor.login, f"batch.{order.deed}", f"batch:{len(after)}", detail, at=now)
    return load_batch(c, batch_id)


def look_over(c: Connection, actor: Actor, items: Sequence[Item]) -> list[StoredLead]:
    """The leads of a batch before anything is done to them. Raises InputError (none, too many), PermissionDeniedError."""
    _require_some(items)
    rows = [leads.load_lead_row(c, lead_id) for lead_id, _ in items]
    for row in rows:
        decisions.require_within(actor, row.gi_id)
    return rows


def _require_some(items: Sequence[Item]) -> None:
    if not items or len(items) > MOST:
        raise InputError(f"一次可处理 1–{MOST} 条线索，选中 {len(items)} 条")


def _do(c: Connection, actor: Actor, lead_id: int, version: int, order: Order, now: datetime) -> int:
    if order.deed is Deed.HOLD:
        return holds.hold(c, actor, lead_id, version, now=now, until=order.until, why=order.why)
    if order.deed is Deed.CLAIM:
        return decisions.claim(c, actor, lead_id, version, now=now, why=order.why)
    if order.resolution is None:
        raise InputError("请选择结论")
    return decisions.judge(c, actor, lead_id, version, order.resolution, now=now, why=order.why)


def load_batch(c: Connection, batch_id: int) -> Batch:
    """The batch behind an audit entry. Raises NotFoundError."""
    found = audit.latest_audit(c, 1, before=batch_id + 1)
    deed = found[0].action.removeprefix("batch.") if found and found[0].id == batch_id else ""
    if deed not in set(Deed):
        raise NotFoundError(f"没有这个批次：{batch_id}")
    entry = found[0]
    resolution = entry.detail["resolution"]
    return Batch(
        id=batch_id,
        who=entry.who,
        at=entry.at,
        deed=Deed(deed),
        resolution=Resolution(resolution) if resolution else None,
        why=entry.detail["why"],
        items=tuple((lead_id, version) for lead_id, version in entry.detail["items"]),
    )


def now_of(c: Connection, batch: Batch) -> list[tuple[StoredLead, After]]:
    """The leads of a batch as they stand, and what happened to each since."""
    return [
        (lead, _after(c, batch, lead, v)) for lead_id, v in batch.items for lead in [leads.load_lead_row(c, lead_id)]
    ]


def _after(c: Connection, batch: Batch, lead: StoredLead, version: int) -> After:
    if lead.version == version:
        return After.NOTHING
    last = leads.decisions_of(c, lead.id)[-1]
    is_undone = lead.version == version + 1 and last.action in (Action.UNDO, Action.RELEASE) and last.who == batch.who
    return After.UNDONE if is_undone else After.CHANGED


def undo_many(c: Connection, actor: Actor, batch_id: int, *, now: datetime) -> Undone:
    """Take a batch of one's own back, as far as nobody has touched its leads since."""
    batch = load_batch(c, batch_id)
    undone, kept = [], []
    for lead_id, version in batch.items:
        try:
            if batch.deed is Deed.HOLD:
                decisions.act(c, actor, lead_id, version, Action.RELEASE, now=now)
            else:
                decisions.undo(c, actor, lead_id, version, now=now)
        except ConflictError:
            kept.append(lead_id)
        else:
            undone.append(lead_id)
    audit.append_audit(c, actor.login, UNDONE, f"batch:{batch_id}", {"undone": undone, "kept": kept}, at=now)
    return Undone(undone=tuple(undone), kept=tuple(kept))
