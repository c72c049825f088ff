"""成批判定: many leads judged alike in one transaction, found again by the audit entry it made, undone as a whole.

All of a batch is judged or none: a lead that changed in the meantime stops it. Undoing takes back what still stands as
the batch left it and says what did not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gimonitor.errors import ConflictError, InputError, NotFoundError
from gimonitor.model.lead import Resolution
from gimonitor.store import audit
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor

MOST = 500
JUDGED, UNDONE = "batch.judge", "batch.undo"
Item = tuple[int, int]
"""A lead's id and the version that the person saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as the audit knows it. `items` are the leads with the version the batch left them at."""

    id: int
    who: str
    at: datetime
    resolution: Resolution
    why: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What undoing did: leads taken back, and those that somebody has changed since, which stay as they are."""

    undone: tuple[int, ...]
    kept: tuple[int, ...]


def judge_many(
    c: Connection, actor: Actor, items: Sequence[Item], resolution: Resolution, *, now: datetime, why: str
) -> Batch:
    """Judge every item alike.

    Raises InputError (none, too many, or no reason), and as `decisions.judge` for the first lead that cannot be judged,
    naming it; the caller's transaction must then be given up.
    """
    if not items or len(items) > MOST:
        raise InputError(f"一次可判定 1–{MOST} 条线索，选中 {len(items)} 条")
    if not why.strip():
        raise InputError("成批判定须填写理由")
    after = []
    for lead_id, version in dict(items).items():
        try:
            new = decisions.judge(c, actor, lead_id, version, resolution, now=now, why=why)
        except ConflictError as error:
            raise ConflictError(f"整批未执行。线索 {lead_id}：{error}") from error
        after.append((lead_id, new))
    detail: dict[str, Any] = {"resolution": resolution.value, "why": why, "items": [list(item) for item in after]}
    batch_id = audit.append_audit(c, actor.login, JUDGED, f"batch:{len(after)}", detail, at=now)
    return Batch(id=batch_id, who=actor.login, at=now, resolution=resolution, why=why, items=tuple(after))


def load_batch(c: Connection, batch_id: int) -> Batch:
    """The batch behind an audit entry. Raises NotFoundError."""
    found = audit.latest_audit(c, 1, before=batch_id + 1)
    if not found or found[0].id != batch_id or found[0].action != JUDGED:
        raise NotFoundError(f"没有这个批次：{batch_id}")
    entry = found[0]
    return Batch(
        id=batch_id,
        who=entry.who,
        at=entry.at,
        resolution=Resolution(entry.detail["resolution"]),
        why=entry.detail["why"],
        items=tuple((lead_id, version) for lead_id, version in entry.detail["items"]),
    )


def undo_many(c: Connection, actor: Actor, batch_id: int, *, now: datetime) -> Undone:
    """Take a batch of one's own back, as far as nobody has touched its leads since."""
    batch = load_batch(c, batch_id)
    undone, kept = [], []
    for lead_id, version in batch.items:
        try:
            decisions.undo(c, actor, lead_id, version, now=now)
        except ConflictError:
            kept.append(lead_id)
        else:
            undone.append(lead_id)
    audit.append_audit(c, actor.login, UNDONE, f"batch:{batch_id}", {"undone": undone, "kept": kept}, at=now)
    return Undone(undone=tuple(undone), kept=tuple(kept))
