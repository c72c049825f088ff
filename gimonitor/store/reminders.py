"""Compliance reminders: what the models say of listings of authorised users, apart from leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from gimonitor.model.finding import Finding
from gimonitor.store.codec import text_of, unpack
from gimonitor.store.tables import findings, listings, shops


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A finding of a listing's newest screening that is guidance for its authorised user."""

    platform: str
    title: str
    url: str
    shop_id: int | None
    shop_name: str
    last_seen: datetime
    finding: Finding


def reminders_over(c: Connection, gi_id: str, limit: int = 100) -> tuple[Reminder, ...]:
    """Reminders over a GI or a sign, the listings seen last first. What a page that is gone showed is left out."""
    newest = (findings.c.listing_id == listings.c.id) & (findings.c.screening == listings.c.screening)
    joined = findings.join(listings, newest).outerjoin(shops, shops.c.id == listings.c.shop_id)
    of_listing = [listings.c[name] for name in ("platform", "title", "url", "shop_id", "last_seen")]
    query = (
        select(*of_listing, shops.c.name.label("shop_name"), text_of(findings.c.content).label("content"))
        .select_from(joined)
        .where(findings.c.reminder.is_(True), findings.c.gi_id == gi_id, listings.c.gone_at.is_(None))
        .order_by(listings.c.last_seen.desc(), listings.c.id.desc(), findings.c.position)
        .limit(limit)
    )
    return tuple(
        Reminder(
            platform=row.platform,
            title=row.title,
            url=row.url,
            shop_id=row.shop_id,
            shop_name=row.shop_name or "",
            last_seen=row.last_seen,
            finding=unpack(Finding, row.content),
        )
        for row in c.execute(query)
    )
