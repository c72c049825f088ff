"""疑似重新上架: leads that look like one whose page was acted on, offered again by the same seller or under another name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from gimonitor.model.lead import State
from gimonitor.model.listing import Listing
from gimonitor.store.codec import decode
from gimonitor.store.groups import subject_of
from gimonitor.store.leads import LeadRecord
from gimonitor.store.queue import within_gis
from gimonitor.store.search import matching, search_forms
from gimonitor.store.tables import leads, listing_versions, listings, picture_uses, pictures, shops
from gimonitor.store.upsert import among

MOST = 50
_LONGEST = 60  # characters of a title that candidates are looked up by


@dataclass(frozen=True, slots=True, kw_only=True)
class Relisted:
    """A lead that may be the same offer again; `same` says what it shares: title, seller, picture."""

    lead_id: int
    title: str
    shop: str
    state: State
    first_seen: datetime
    same: tuple[str, ...]


def relisted_as(c: Connection, record: LeadRecord, within: frozenset[str] | None = None) -> tuple[Relisted, ...]:
    """Later leads over the same GI that share the title and the seller, the title and a picture, or seller and picture.

    Titles are compared as they are searched: folded, letters and digits only; pictures by their digest where they were
    looked at, else by address.
    """
    mine = record.suspected
    form = search_forms([mine.title])[0]
    if len(form) < 4:
        return ()
    subject_id = subject_of(c, record.lead.shop_id) if record.lead.shop_id is not None else None
    alike = _showing_the_same(c, record.lead.listing_id)
    candidates = _candidates(c, record, form, subject_id, alike, within)
    found = [_compared(row, form, mine, record, subject_id, alike) for row in candidates]
    return tuple(one for one in found if len(one.same) > 1)


def _candidates(
    c: Connection,
    record: LeadRecord,
    form: str,
    subject_id: int | None,
    alike: frozenset[int],
    within: frozenset[str] | None,
) -> list[Any]:
    """Later leads over the GI by title, those of the same seller, and those with one of its pictures."""
    v = listing_versions.c
    joined = (
        leads.join(listings, listings.c.id == leads.c.listing_id)
        .join(listing_versions, (v.listing_id == listings.c.id) & (v.number == listings.c.version))
        .outerjoin(shops, shops.c.id == leads.c.shop_id)
    )
    query = (
        select(
            leads.c.id,
            leads.c.state,
            leads.c.shop_id,
            leads.c.listing_id,
            listings.c.first_seen,
            listings.c.title,
            shops.c.subject_id,
            shops.c.name,
            v.content,
        )
        .select_from(joined)
        .where(
            leads.c.gi_id == record.lead.gi_id,
            leads.c.listing_id != record.lead.listing_id,
            listings.c.first_seen > record.listing.first_seen,
            *within_gis(c, within),
        )
        .order_by(leads.c.id.desc())
        .limit(MOST)
    )
    by_title = query.where(matching(c, leads.c.listing_id, form[:_LONGEST]))
    rows = {row.id: row for row in c.execute(by_title)}
    if record.lead.shop_id is not None:
        seller = shops.c.subject_id == subject_id if subject_id is not None else leads.c.shop_id == record.lead.shop_id
        rows |= {row.id: row for row in c.execute(query.where(seller))}
    if alike:
        rows |= {row.id: row for row in c.execute(query.where(among(c, leads.c.listing_id, sorted(alike))))}
    return [rows[lead_id] for lead_id in sorted(rows)]


def _compared(
    row: Any, form: str, mine: Listing, record: LeadRecord, subject_id: int | None, alike: frozenset[int]
) -> Relisted:
    theirs = decode(Listing, row.content)
    same = []
    if search_forms([theirs.title])[0] == form:
        same.append("title")
    if row.shop_id is not None and row.shop_id == record.lead.shop_id:
        same.append("shop")
    elif subject_id is not None and row.subject_id == subject_id:
        same.append("subject")
    if set(theirs.image_urls) & set(mine.image_urls) or row.listing_id in alike:
        same.append("picture")
    return Relisted(
        lead_id=row.id,
        title=theirs.title,
        shop=row.name or "",
        state=row.state,
        first_seen=row.first_seen,
        same=tuple(same),
    )


def _showing_the_same(c: Connection, listing_id: int) -> frozenset[int]:
    """Listings that show a picture of this one or a near-duplicate of it, itself left out."""
    shown = select(pictures.c.digest, pictures.c.alike).join(picture_uses, picture_uses.c.digest == pictures.c.digest)
    names: set[str] = set()
    for row in c.execute(shown.where(picture_uses.c.listing_id == listing_id)):
        names |= {row.digest, row.alike or row.digest}
    if not names:
        return frozenset()
    alike = select(pictures.c.digest).where(among(c, pictures.c.alike, sorted(names)))
    digests = sorted(names | set(c.execute(alike.limit(10 * MOST)).scalars()))
    found = select(picture_uses.c.listing_id).where(among(c, picture_uses.c.digest, digests)).limit(10 * MOST)
    return frozenset(c.execute(found).scalars()) - {listing_id}
