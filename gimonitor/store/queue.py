"""Pages of the lead queue: highest score first, by keyset, so that page 1,000 costs what page 1 does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gimonitor.model.lead import Resolution, State
from gimonitor.store.columns import dump_json
from gimonitor.store.ignores import ignored_at
from gimonitor.store.search import matching
from gimonitor.store.tables import leads, listings, picture_uses, pictures, shops
from gimonitor.store.upsert import among

Cursor = tuple[float, int]
"""Score and id of the last lead of a page."""

MOST_BRANCHES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which leads. An empty tuple or None asks for all. `text` is searched in title, brand, shop name and item id."""

    states: tuple[State, ...] = ()
    gi_ids: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    claimed_by: str | None = None  # "" asks for those nobody has taken
    shop_id: int | None = None
    subject_id: int | None = None
    run_id: int | None = None  # raised first in this run
    raised: bool | None = None
    text: str = ""
    picture: str = ""  # whose listing shows the picture with this SHA-256 or one grouped under it
    within: frozenset[str] | None = None  # a person's area: only leads over these GIs, whatever else is asked
    awake_at: datetime | None = None  # without those put aside or ignored at this moment
    held_at: datetime | None = None  # only those put aside at this moment

    @property
    def gis(self) -> tuple[str, ...] | None:
        """The GIs asked for within the person's area; None for all."""
        if self.within is None:
            return self.gi_ids or None
        return tuple(sorted(self.within & set(self.gi_ids) if self.gi_ids else self.within))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A lead as a list shows it."""

    id: int
    listing_id: int
    platform: str
    item_id: str
    title: str
    url: str
    price_fen: int | None
    currency: str
    sales: int | None
    shop_id: int | None
    shop_name: str
    gi_id: str
    gi_name: str
    score: float
    reason: str
    state: State
    resolution: Resolution | None
    raised: bool
    claimed_by: str
    version: int
    created_at: datetime
    updated_at: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """Rows of a page, and where the next begins; None at the end."""

    rows: tuple[QueueRow, ...]
    next: Cursor | None


def queue_page(c: Connection, wanted: QueueFilter, after: Cursor | None = None, limit: int = 50) -> QueuePage:
    """The next `limit` leads by falling score behind the cursor."""
    ids = _page_ids(c, wanted, after, limit + 1)
    rows = rows_of(c, ids[:limit])
    return QueuePage(rows=rows, next=(rows[-1].score, rows[-1].id) if len(ids) > limit else None)


def rows_of(c: Connection, ids: Sequence[int]) -> tuple[QueueRow, ...]:
    """The rows of some leads, in their order."""
    by_id = {row.id: row for row in map(_row, c.execute(_rows_query(c.dialect.name), {"ids": _as_list(c, list(ids))}))}
    return tuple(by_id[i] for i in ids)


def _row(row: Row[Any]) -> QueueRow:
    return QueueRow(**row._mapping)


def _as_list(c: Connection, ids: list[int]) -> object:
    return dump_json(ids) if c.dialect.name == "sqlite" else ids


@cache
def _rows_query(dialect: str) -> Select[Any]:
    """The rows of a page by their ids; built once, since building it costs more than running it."""
    shop_name = func.coalesce(shops.c.name, "").label("shop_name")
    joined = leads.join(listings, listings.c.id == leads.c.listing_id).outerjoin(shops, shops.c.id == leads.c.shop_id)
    columns = [leads.c[n] for n in _OF_LEAD] + [listings.c[n] for n in _OF_LISTING] + [shop_name]
    wanted: ColumnElement[bool]
    if dialect == "sqlite":
        wanted = leads.c.id.in_(select(func.json_each(bindparam("ids", type_=Text)).table_valued("value").c.value))
    else:
        wanted = leads.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    return select(*columns).select_from(joined).where(wanted)


_OF_LISTING = ("item_id", "title", "url", "price_fen", "currency", "sales", "last_seen")
_OF_LEAD = tuple(n for n in QueueRow.__slots__ if n not in (*_OF_LISTING, "shop_name"))


def _page_ids(c: Connection, wanted: QueueFilter, after: Cursor | None, limit: int) -> list[int]:
    """Ids of a page. Each branch is one walk down one index; together they are merged by score."""
    rest = _conditions(c, wanted)
    if after is not None:
        rest.append(tuple_(leads.c.score, leads.c.id) < tuple_(*after))
    newest = (leads.c.score.desc(), leads.c.id.desc())
    branches = [
        select(leads.c.score, leads.c.id).where(*branch, *rest).order_by(*newest).limit(limit)
        for branch in _branches(wanted)
    ]
    if len(branches) == 1:
        return [row.id for row in c.execute(branches[0])]
    walks = [select(branch.subquery()) for branch in branches]
    merged = union_all(*walks).subquery()
    query = select(merged.c.id).order_by(merged.c.score.desc(), merged.c.id.desc()).limit(limit)
    return list(c.execute(query).scalars())


def _branches(wanted: QueueFilter) -> list[list[ColumnElement[bool]]]:
    """The filter by state, GI and platform as pairs of equalities an index serves, or as lists where there are too many."""
    gis = wanted.gis
    if gis == ():
        return [[false()]]
    choices = (
        (leads.c.state, wanted.states or (tuple(State) if gis or wanted.platforms else ())),
        (leads.c.gi_id, gis),
        (leads.c.platform, wanted.platforms),
    )
    asked = [(column, values) for column, values in choices if values]
    count = 1
    for _, values in asked:
        count *= len(values)
    if count > MOST_BRANCHES:
        return [[column.in_(values) for column, values in asked]]
    return [
        [column == value for (column, _), value in zip(asked, chosen, strict=True)]
        for chosen in product(*(values for _, values in asked))
    ]


def _conditions(c: Connection, wanted: QueueFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.resolutions:
        found.append(leads.c.resolution.in_(wanted.resolutions))
    for column, value in (
        (leads.c.claimed_by, wanted.claimed_by),
        (leads.c.shop_id, wanted.shop_id),
        (leads.c.run_id, wanted.run_id),
        (leads.c.raised, wanted.raised),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.subject_id is not None:
        found.append(leads.c.shop_id.in_(select(shops.c.id).where(shops.c.subject_id == wanted.subject_id)))
    if wanted.picture:
        shown = select(picture_uses.c.listing_id).where(showing(wanted.picture))
        found.append(leads.c.listing_id.in_(shown))
    if wanted.awake_at is not None:
        found += awake(c, wanted.awake_at)
    if wanted.held_at is not None:
        found.append(leads.c.held_until > wanted.held_at)
    if wanted.text.strip():
        found.append(matching(c, leads.c.listing_id, wanted.text))
    return found


def showing(digest: str) -> ColumnElement[bool]:
    """The condition that a use is of a picture or of a near-duplicate that is grouped under it."""
    alike = select(pictures.c.digest).where(pictures.c.alike == digest)
    return or_(picture_uses.c.digest == digest, picture_uses.c.digest.in_(alike))


def within_gis(c: Connection, within: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """The condition that a lead is over one of some GIs; none where all may be seen."""
    return [] if within is None else [among(c, leads.c.gi_id, sorted(within))]


def awake(c: Connection, at: datetime) -> list[ColumnElement[bool]]:
    """The conditions that a lead is neither put aside nor ignored by rule."""
    found: list[ColumnElement[bool]] = [or_(leads.c.held_until.is_(None), leads.c.held_until <= at)]
    ignored = [
        and_(leads.c.gi_id == gi_id, among(c, leads.c.shop_id, shop_ids)) for gi_id, shop_ids in ignored_at(c, at)
    ]
    if ignored:
        found.append(or_(leads.c.shop_id.is_(None), not_(or_(*ignored))))
    return found


def gi_named(c: Connection, given: str) -> str | None:
    """The id of a GI or sign over which there are leads, by its id or name."""
    for column in (leads.c.gi_id, leads.c.gi_name):
        found: str | None = c.execute(select(leads.c.gi_id).where(column == given).limit(1)).scalar()
        if found is not None:
            return found
    return None


def count_leads(c: Connection, wanted: QueueFilter, cap: int = 10_001) -> int:
    """How many leads there are, counted no further than `cap`."""
    conditions = [*_conditions(c, wanted)]
    if wanted.gis == ():
        return 0
    for column, values in (
        (leads.c.state, wanted.states),
        (leads.c.gi_id, wanted.gis),
        (leads.c.platform, wanted.platforms),
    ):
        if values:
            conditions.append(column.in_(values))
    capped: Select[Any] = select(leads.c.id).where(*conditions).limit(cap)
    return c.execute(select(func.count()).select_from(capped.subquery())).scalar_one()
