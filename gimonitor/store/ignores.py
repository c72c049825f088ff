"""免提示: for a time, one seller is not asked about over one GI. Who answers for it and until when stands with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, or_, select, update

from gimonitor.errors import NotFoundError
from gimonitor.model.zone import BEIJING
from gimonitor.store.columns import clean_text
from gimonitor.store.tables import ignores, shops, subjects
from gimonitor.store.upsert import Row, among


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """A rule: leads of this legal person, or of this shop, over this GI stay out of the queue to the end of `until`."""

    id: int
    subject_id: int | None
    shop_id: int | None
    seller: str
    gi_id: str
    gi_name: str
    owner: str
    why: str
    created_at: datetime
    until: date
    ended_at: datetime | None
    ended_by: str


def add_ignore(
    c: Connection,
    *,
    subject_id: int | None,
    shop_id: int | None,
    gi_id: str,
    gi_name: str,
    owner: str,
    why: str,
    until: date,
    now: datetime,
) -> int:
    """Store a rule for a legal person or, where none is known, a shop; returns its id."""
    row: Row = {"subject_id": subject_id, "shop_id": shop_id, "gi_id": gi_id, "gi_name": gi_name, "owner": owner}
    row |= {"why": clean_text(why), "until": until, "created_at": now, "ended_at": None, "ended_by": ""}
    made: int = c.execute(insert(ignores).values(row).returning(ignores.c.id)).scalar_one()
    return made


def end_ignore(c: Connection, ignore_id: int, who: str, now: datetime) -> None:
    """End a rule before its day. Raises NotFoundError where there is none that runs."""
    running = update(ignores).where(ignores.c.id == ignore_id, ignores.c.ended_at.is_(None))
    if c.execute(running.values(ended_at=now, ended_by=who)).rowcount != 1:
        raise NotFoundError("没有这条生效中的免提示")


def list_ignores(
    c: Connection, *, running_on: date | None = None, within: frozenset[str] | None = None
) -> list[Ignore]:
    """Rules, those that end first first; only those in force on a day where given."""
    i = ignores.c
    joined = ignores.outerjoin(subjects, subjects.c.id == i.subject_id).outerjoin(shops, shops.c.id == i.shop_id)
    seller = func.coalesce(subjects.c.name, shops.c.name).label("seller")
    query = select(ignores, seller).select_from(joined).order_by(i.until, i.id)
    if running_on is not None:
        query = query.where(*_running(running_on))
    if within is not None:
        query = query.where(among(c, i.gi_id, sorted(within)))
    return [_ignore(row) for row in c.execute(query).mappings()]


def load_ignore(c: Connection, ignore_id: int) -> Ignore:
    """One rule. Raises NotFoundError."""
    found = next((one for one in list_ignores(c) if one.id == ignore_id), None)
    if found is None:
        raise NotFoundError("没有这条免提示")
    return found


def ignores_of(c: Connection, shop_id: int | None, gi_id: str, day: date) -> list[Ignore]:
    """The rules in force on a day that reach a shop's leads over a GI."""
    if shop_id is None:
        return []
    subject_id = c.execute(select(shops.c.subject_id).where(shops.c.id == shop_id)).scalar()
    return [
        rule
        for rule in list_ignores(c, running_on=day, within=frozenset({gi_id}))
        if rule.shop_id == shop_id or (subject_id is not None and rule.subject_id == subject_id)
    ]


def ignored_at(c: Connection, at: datetime) -> list[tuple[str, list[int]]]:
    """For each GI with rules in force: its id and the shops they reach."""
    i = ignores.c
    reached = or_(shops.c.id == i.shop_id, shops.c.subject_id == i.subject_id)
    query = select(i.gi_id, shops.c.id).join(shops, reached).where(*_running(at.astimezone(BEIJING).date()))
    found: dict[str, list[int]] = defaultdict(list)
    for gi_id, shop_id in c.execute(query):
        found[gi_id].append(shop_id)
    return sorted(found.items())


def _running(day: date) -> tuple[ColumnElement[bool], ...]:
    return ignores.c.ended_at.is_(None), ignores.c.until >= day


def _ignore(row: RowMapping) -> Ignore:
    return Ignore(**{name: row[name] for name in Ignore.__slots__})
