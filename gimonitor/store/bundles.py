"""Leads that go to other bureaus, and what other bureaus said of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from gimonitor.model.lead import Resolution
from gimonitor.store.keys import key_of, listing_key
from gimonitor.store.queue import within_gis
from gimonitor.store.tables import leads, listings, shared_leads

Within = frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLead:
    """What a bureau said of a lead of its own, numbered as there; `lead_id` is ours over the same listing and GI."""

    sender: str
    origin: str
    number: int
    lead_id: int
    made: datetime
    received_at: datetime
    who: str
    bundle: str
    content: dict[str, Any]


def confirmed_since(
    c: Connection, since: datetime, gi_ids: Sequence[str], limit: int, within: Within = None
) -> list[int]:
    """Confirmed leads that anything happened to since a moment, oldest first."""
    t = leads.c
    wanted = [t.updated_at >= since, t.resolution == Resolution.CONFIRMED, *within_gis(c, within)]
    if gi_ids:
        wanted.append(t.gi_id.in_(gi_ids))
    return list(c.execute(select(t.id).where(*wanted).order_by(t.id).limit(limit)).scalars())


def lead_over(c: Connection, platform: str, item_id: str, gi_id: str) -> int | None:
    """Our lead over a listing and a GI."""
    query = select(leads.c.id).join(listings, listings.c.id == leads.c.listing_id)
    here = listings.c.key == listing_key(platform, item_id), leads.c.gi_id == gi_id
    found: int | None = c.execute(query.where(*here)).scalar()
    return found


def shared_key(sender: str, platform: str, item_id: str, gi_id: str) -> str:
    """What one sender says of one listing over one GI is kept once."""
    return key_of(sender, platform, item_id, gi_id)


def said_before(c: Connection, key: str) -> SharedLead | None:
    """What the sender said of it in the newest file that was merged; None where there was none."""
    row = c.execute(select(shared_leads).where(shared_leads.c.key == key)).mappings().first()
    return _shared(row) if row else None


def save_shared(c: Connection, key: str, lead: SharedLead) -> None:
    """Keep what was said, in place of what was said before."""
    row = {name: getattr(lead, name) for name in SharedLead.__slots__}
    known = c.execute(select(shared_leads.c.id).where(shared_leads.c.key == key)).scalar()
    if known is None:
        c.execute(shared_leads.insert().values(key=key, **row))
    else:
        c.execute(shared_leads.update().where(shared_leads.c.id == known).values(row))


def shared_of(c: Connection, lead_id: int) -> tuple[SharedLead, ...]:
    """What other bureaus said of the listing of one of our leads, oldest first."""
    query = select(shared_leads).where(shared_leads.c.lead_id == lead_id).order_by(shared_leads.c.made)
    return tuple(_shared(row) for row in c.execute(query).mappings())


def latest_shared(c: Connection, limit: int, within: Within = None) -> tuple[tuple[SharedLead, str], ...]:
    """What came in last, each with the name of the GI."""
    query = (
        select(shared_leads, leads.c.gi_name)
        .join(leads, leads.c.id == shared_leads.c.lead_id)
        .where(*within_gis(c, within))
        .order_by(shared_leads.c.received_at.desc(), shared_leads.c.id.desc())
        .limit(limit)
    )
    return tuple((_shared(row), row["gi_name"]) for row in c.execute(query).mappings())


def _shared(row: Any) -> SharedLead:
    return SharedLead(**{name: row[name] for name in SharedLead.__slots__})
