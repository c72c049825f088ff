"""What is known of one seller: the legal person, its shops, and what was done about its leads over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from gimonitor.model.lead import Decision
from gimonitor.store.captures import Notice
from gimonitor.store.groups import GroupKind
from gimonitor.store.leads import decision_of
from gimonitor.store.queue import within_gis
from gimonitor.store.tables import decisions, leads, listings, notices, shops, subjects

MOST = 100
_TOLD = ("judge", "approve", "send", "answer", "recheck", "withdraw", "close", "reopen")


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerShop:
    """A shop of a seller, with how many of its offers are stored and how many leads they led to."""

    id: int
    platform: str
    name: str
    url: str
    region: str
    first_seen: datetime
    listings: int
    leads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A seller. `uscc` and `area` are empty where no legal person is known; `events` and `notices` newest first."""

    uscc: str
    area: str
    shops: tuple[SellerShop, ...]
    events: tuple[tuple[Decision, str], ...]
    notices: tuple[Notice, ...]
    gone: int


def load_profile(c: Connection, kind: GroupKind, group_id: int, within: frozenset[str] | None = None) -> Profile:
    """The profile of a legal person or shop, as far as leads over some GIs tell."""
    mine = shops.c.subject_id == group_id if kind is GroupKind.SUBJECT else shops.c.id == group_id
    uscc, area = "", ""
    if kind is GroupKind.SUBJECT:
        row = c.execute(select(subjects.c.uscc, subjects.c.area).where(subjects.c.id == group_id)).first()
        uscc, area = (row.uscc, row.area) if row else ("", "")
    wanted = (leads.c.shop_id.in_(select(shops.c.id).where(mine)), *within_gis(c, within))
    return Profile(
        uscc=uscc,
        area=area,
        shops=_shops(c, mine, within),
        events=_events(c, *wanted),
        notices=_notices(c, *wanted),
        gone=_gone(c, *wanted),
    )


def _shops(c: Connection, mine: ColumnElement[bool], within: frozenset[str] | None) -> tuple[SellerShop, ...]:
    offers = select(func.count()).where(listings.c.shop_id == shops.c.id).scalar_subquery()
    found = select(func.count()).where(leads.c.shop_id == shops.c.id, *within_gis(c, within)).scalar_subquery()
    query = select(shops, offers.label("listings"), found.label("leads")).where(mine).order_by(shops.c.id).limit(MOST)
    return tuple(
        SellerShop(**{name: row[name] for name in SellerShop.__slots__}) for row in c.execute(query).mappings()
    )


def _events(c: Connection, *wanted: ColumnElement[bool]) -> tuple[tuple[Decision, str], ...]:
    query = (
        select(decisions, leads.c.gi_name)
        .join(leads, leads.c.id == decisions.c.lead_id)
        .where(decisions.c.action.in_(_TOLD), *wanted)
        .order_by(decisions.c.id.desc())
        .limit(MOST)
    )
    return tuple((decision_of(row), row["gi_name"]) for row in c.execute(query).mappings())


def _notices(c: Connection, *wanted: ColumnElement[bool]) -> tuple[Notice, ...]:
    query = select(notices).join(leads, leads.c.id == notices.c.lead_id).where(*wanted)
    rows = c.execute(query.order_by(notices.c.id.desc()).limit(MOST)).mappings()
    return tuple(Notice(**{name: row[name] for name in Notice.__slots__}) for row in rows)


def _gone(c: Connection, *wanted: ColumnElement[bool]) -> int:
    joined = leads.join(listings, listings.c.id == leads.c.listing_id)
    query = select(func.count(leads.c.listing_id.distinct())).select_from(joined)
    return c.execute(query.where(listings.c.gone_at.is_not(None), *wanted)).scalar_one()
