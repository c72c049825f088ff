"""Views of the queue that people saved for themselves, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from gimonitor.errors import InputError, NotFoundError
from gimonitor.store.columns import clean_text
from gimonitor.store.tables import people, views

MOST = 20
LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A person's view: `query` is that of the queue's address."""

    id: int
    name: str
    query: str


def views_of(c: Connection, login: str) -> list[SavedView]:
    """The views of a person, the oldest first."""
    v = views.c
    query = select(v.id, v.name, v.query).join(people, people.c.id == v.person_id).where(people.c.login == login)
    return [SavedView(**row) for row in c.execute(query.order_by(v.id)).mappings()]


def save_view(c: Connection, login: str, name: str, query: str, now: datetime) -> None:
    """Keep a view under a name; one of the same name is replaced. Raises InputError without a name or of too many."""
    name = clean_text(name.strip())
    if not name or len(name) > LONGEST:
        raise InputError(f"视图名称须为 1–{LONGEST} 个字符")
    person_id = c.execute(select(people.c.id).where(people.c.login == login)).scalar_one()
    mine = views.c.person_id == person_id
    c.execute(delete(views).where(mine, views.c.name == name))
    if c.execute(select(func.count()).select_from(views).where(mine)).scalar_one() >= MOST:
        raise InputError(f"每人最多保存 {MOST} 个视图，请先删除不用的")
    row = {"person_id": person_id, "name": name, "query": clean_text(query), "created_at": now}
    c.execute(views.insert().values(row))


def drop_view(c: Connection, login: str, view_id: int) -> None:
    """Forget a view of one's own. Raises NotFoundError."""
    own = select(people.c.id).where(people.c.login == login).scalar_subquery()
    if not c.execute(delete(views).where(views.c.id == view_id, views.c.person_id == own)).rowcount:
        raise NotFoundError(f"没有编号为 {view_id} 的视图")
