"""What was sealed and captured of a listing, the packs made of it, and the notices they went out with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from gimonitor.errors import NotFoundError
from gimonitor.evidence.sealed import Sealed
from gimonitor.store.columns import NOTHING, clean_text, clean_texts
from gimonitor.store.keys import key_of
from gimonitor.store.tables import captures, notices, pack_leads, packs
from gimonitor.store.upsert import Columns, Row, Same, insert_columns, insert_new

Detail = dict[str, object]

RESPONSE, SAVED = "response", "saved"
"""Kinds of captures that a crawl sealed, and of files as somebody handed them in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """One sealed file, or one record in a WARC file. `file` is relative to the folder of its kind."""

    listing_id: int
    kind: str
    file: str
    sha256: str
    at: datetime
    url: str = ""
    listing_version: int = 0
    lead_id: int | None = None
    offset: int | None = None
    length: int | None = None
    who: str = ""
    run_id: int | None = None
    detail: Detail = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPack:
    """A pack that is whole. `sha256` is of its manifest; `lead_ids` are the leads it is about."""

    kind: str
    file: str
    sha256: str
    size: int
    at: datetime
    who: str
    lead_ids: tuple[int, ...]
    detail: Detail = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A pack that was sent for a lead, and what came back."""

    lead_id: int
    channel: str
    sent_at: datetime
    who: str
    pack_id: int | None = None
    receipt: str = ""
    due_at: datetime | None = None
    withdrawn_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    detail: Detail = field(default_factory=dict)
    id: int = 0


def save_responses(c: Connection, sealed: Sequence[tuple[int, int, Sealed]], run_id: int | None) -> None:
    """Note where the responses lie that (listing id, version) came from."""
    records = [record for _, _, record in sealed]
    columns: Columns = {
        "key": [key_of(i, version, None, RESPONSE, r.file, r.offset, r.sha256) for i, version, r in sealed],
        "listing_id": [listing_id for listing_id, _, _ in sealed],
        "lead_id": Same(None),
        "listing_version": [version for _, version, _ in sealed],
        "kind": Same(RESPONSE),
        "url": clean_texts([record.url for record in records]),
        "file": [record.file for record in records],
        "offset": [record.offset for record in records],
        "length": [record.length for record in records],
        "sha256": [record.sha256 for record in records],
        "at": [record.at for record in records],
        "who": Same(""),
        "run_id": Same(run_id),
        "detail": Same(NOTHING),
    }
    insert_columns(c, captures, columns, ignore=True)


def save_capture(c: Connection, capture: StoredCapture) -> int:
    """Store a capture and return its id; the same capture again gives the same id."""
    row = _capture_row(capture)
    c.execute(insert_new(c, captures), row)
    stored: int = c.execute(select(captures.c.id).where(captures.c.key == row["key"])).scalar_one()
    return stored


def _capture_row(capture: StoredCapture) -> Row:
    identity = (capture.listing_id, capture.listing_version, capture.lead_id, capture.kind, capture.file)
    return {
        "key": key_of(*identity, capture.offset, capture.sha256),
        "listing_id": capture.listing_id,
        "lead_id": capture.lead_id,
        "listing_version": capture.listing_version,
        "kind": capture.kind,
        "url": clean_text(capture.url),
        "file": capture.file,
        "offset": capture.offset,
        "length": capture.length,
        "sha256": capture.sha256,
        "at": capture.at,
        "who": clean_text(capture.who),
        "run_id": capture.run_id,
        "detail": capture.detail or NOTHING,
    }


def captures_of(c: Connection, listing_id: int, lead_id: int | None = None) -> tuple[StoredCapture, ...]:
    """Captures of a listing, oldest first; with `lead_id` without those made for its other leads."""
    query = select(captures).where(captures.c.listing_id == listing_id)
    if lead_id is not None:
        query = query.where(or_(captures.c.lead_id.is_(None), captures.c.lead_id == lead_id))
    rows = c.execute(query.order_by(captures.c.at, captures.c.id)).mappings()
    return tuple(StoredCapture(**{name: row[name] for name in StoredCapture.__slots__}) for row in rows)


def save_pack(c: Connection, pack: StoredPack) -> int:
    """Store a pack with its leads and return its id; the same pack again gives the same id."""
    row = {name: getattr(pack, name) for name in StoredPack.__slots__ if name not in ("lead_ids", "id")}
    c.execute(insert_new(c, packs), row)
    pack_id: int = c.execute(select(packs.c.id).where(packs.c.sha256 == pack.sha256)).scalar_one()
    if pack.lead_ids:
        c.execute(insert_new(c, pack_leads), [{"pack_id": pack_id, "lead_id": lead_id} for lead_id in pack.lead_ids])
    return pack_id


def packs_of(c: Connection, lead_id: int) -> tuple[StoredPack, ...]:
    """Packs that a lead is part of, oldest first."""
    mine = select(pack_leads.c.pack_id).where(pack_leads.c.lead_id == lead_id)
    rows = c.execute(select(packs).where(packs.c.id.in_(mine)).order_by(packs.c.at, packs.c.id)).mappings().all()
    return tuple(_pack(c, row) for row in rows)


def load_pack(c: Connection, pack_id: int) -> StoredPack:
    """The pack with this id. Raises NotFoundError."""
    row = c.execute(select(packs).where(packs.c.id == pack_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no pack {pack_id} is stored")
    return _pack(c, row)


def _pack(c: Connection, row: Any) -> StoredPack:
    about = select(pack_leads.c.lead_id).where(pack_leads.c.pack_id == row["id"]).order_by(pack_leads.c.lead_id)
    values = {name: row[name] for name in StoredPack.__slots__ if name != "lead_ids"}
    return StoredPack(lead_ids=tuple(c.execute(about).scalars()), **values)


def save_notice(c: Connection, notice: Notice) -> int:
    """Store that something was sent; returns its id."""
    row = {name: getattr(notice, name) for name in Notice.__slots__ if name != "id"}
    made: int = c.execute(insert(notices).values(row).returning(notices.c.id)).scalar_one()
    return made


def notices_of(c: Connection, lead_id: int) -> tuple[Notice, ...]:
    """Notices about a lead, oldest first."""
    rows = c.execute(select(notices).where(notices.c.lead_id == lead_id).order_by(notices.c.sent_at, notices.c.id))
    return tuple(Notice(**{name: row[name] for name in Notice.__slots__}) for row in rows.mappings())
