"""Tasks for people: created when a source refuses, closed by an import or by hand. A source has one open task of a kind:
what the next night adds goes into it. Links that somebody reported have one each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.model.task import Task, TaskKind
from gimonitor.store.columns import clean_text
from gimonitor.store.database import utc_now
from gimonitor.store.tables import tasks
from gimonitor.store.upsert import Row


def create_task(
    c: Connection,
    kind: TaskKind,
    source: str,
    queries: Sequence[str],
    *,
    platform: str = "",
    url: str = "",
    reason: str = "",
    run_id: int | None = None,
    now: datetime | None = None,
    is_single: bool = False,
) -> int:
    """Ask for something, and return the task's id. An open task of this kind and source takes the queries up instead; where
    `is_single` only one for the same `url`.

    Call it in a write transaction: on SQLite that is alone; on PostgreSQL the open row is locked while it is changed.
    """
    moment = now or utc_now()
    waiting = select(tasks).where(tasks.c.kind == kind, tasks.c.source == source, tasks.c.closed_at.is_(None))
    if is_single:
        waiting = waiting.where(tasks.c.url == clean_text(url))
    row = c.execute(waiting.order_by(tasks.c.id).limit(1).with_for_update()).mappings().first()
    told: Row = {"url": clean_text(url), "reason": reason, "run_id": run_id, "changed_at": moment}
    asked = [clean_text(query) for query in queries]
    if row is not None:
        told["queries"] = list(dict.fromkeys([*row["queries"], *asked]))
        c.execute(update(tasks).where(tasks.c.id == row["id"]).values(told))
        return int(row["id"])
    new: Row = {"kind": kind, "source": source, "platform": platform, "queries": list(dict.fromkeys(asked))}
    new |= {**told, "created_at": moment, "closed_at": None, "closed_by": "", "note": ""}
    return int(c.execute(tasks.insert().values(new).returning(tasks.c.id)).scalar_one())


def list_tasks(c: Connection, *, is_open: bool | None = True, source: str = "", platform: str = "") -> tuple[Task, ...]:
    """Tasks, the newest change first; `is_open` None gives closed ones as well."""
    query = select(tasks).order_by(tasks.c.changed_at.desc(), tasks.c.id.desc())
    if is_open is not None:
        query = query.where(tasks.c.closed_at.is_(None) if is_open else tasks.c.closed_at.is_not(None))
    if source:
        query = query.where(tasks.c.source == source)
    if platform:
        query = query.where(tasks.c.platform == platform)
    return tuple(_task(row) for row in c.execute(query).mappings())


def load_task(c: Connection, task_id: int) -> Task:
    """The task with this id. Raises NotFoundError."""
    row = c.execute(select(tasks).where(tasks.c.id == task_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no task {task_id} is stored")
    return _task(row)


def close_task(c: Connection, task_id: int, who: str, note: str = "", *, now: datetime | None = None) -> None:
    """Close a task. Raises NotFoundError, or ConflictError when somebody has closed it before."""
    moment = now or utc_now()
    values = {"closed_at": moment, "changed_at": moment, "closed_by": clean_text(who), "note": clean_text(note)}
    is_waiting = (tasks.c.id == task_id) & tasks.c.closed_at.is_(None)
    if c.execute(update(tasks).where(is_waiting).values(values)).rowcount != 1:
        raise ConflictError(f"task {task_id} is closed already, by {load_task(c, task_id).closed_by}")


def _task(row: Any) -> Task:
    return Task(**{name: row[name] for name in Task.__slots__ if name != "queries"}, queries=tuple(row["queries"]))
