"""Samples of listings that raised nothing, each with what a reviewer said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from gimonitor.errors import NotFoundError
from gimonitor.model.finding import Stage
from gimonitor.model.listing import Listing
from gimonitor.store.codec import text_of, unpack
from gimonitor.store.columns import clean_text
from gimonitor.store.tables import dropped_items, dropped_samples, listing_versions, listings
from gimonitor.store.upsert import insert_rows

DROPPED = (Stage.UNASKED, Stage.CLEARED, Stage.NOT_GOODS, Stage.NO_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedSample:
    """A sample: `population` is how many listings stood at each stage when it was drawn."""

    id: int
    seed: str
    size: int
    population: dict[str, int]
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedItem:
    """A listing of a sample as it was drawn. `verdict` is empty until somebody looked."""

    sample_id: int
    position: int
    listing_id: int
    version: int
    stage: Stage
    verdict: str
    gi_id: str
    why: str
    who: str
    at: datetime | None
    lead_id: int | None
    listing: Listing


def count_stages(c: Connection) -> dict[Stage, int]:
    """How many listings screening left at each stage."""
    query = select(listings.c.stage, func.count()).group_by(listings.c.stage)
    return {stage: int(count) for stage, count in c.execute(query)}


def keys_at(c: Connection, stage: Stage) -> Iterator[tuple[str, int, int]]:
    """(key, id, version) of every listing at a stage."""
    query = select(listings.c.key, listings.c.id, listings.c.version).where(listings.c.stage == stage)
    for row in c.execute(query):
        yield row.key, row.id, row.version


def save_sample(
    c: Connection,
    *,
    seed: str,
    population: dict[str, int],
    drawn: Sequence[tuple[Stage, int, int]],
    who: str,
    now: datetime,
) -> int:
    """Keep a sample of (stage, listing id, version) in their order. Returns its id."""
    row = {"seed": clean_text(seed), "size": len(drawn), "population": population, "who": clean_text(who), "at": now}
    made: int = c.execute(insert(dropped_samples).values(row).returning(dropped_samples.c.id)).scalar_one()
    nothing = {"verdict": "", "gi_id": "", "why": "", "who": "", "at": None, "lead_id": None}
    rows = [
        {"sample_id": made, "position": i, "listing_id": listing_id, "version": version, "stage": stage} | nothing
        for i, (stage, listing_id, version) in enumerate(drawn, start=1)
    ]
    insert_rows(c, dropped_items, rows)
    return made


def list_dropped_samples(c: Connection) -> tuple[DroppedSample, ...]:
    """Samples, the newest first."""
    query = select(dropped_samples).order_by(dropped_samples.c.id.desc())
    return tuple(DroppedSample(**row) for row in c.execute(query).mappings())


def load_dropped_sample(c: Connection, sample_id: int) -> DroppedSample:
    """The sample with this id. Raises NotFoundError."""
    row = c.execute(select(dropped_samples).where(dropped_samples.c.id == sample_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no sample {sample_id} of dropped listings is stored")
    return DroppedSample(**row)


def load_dropped_items(c: Connection, sample_id: int, position: int | None = None) -> tuple[DroppedItem, ...]:
    """Items of a sample in their order, or one of them."""
    d, v = dropped_items.c, listing_versions.c
    joined = dropped_items.join(listing_versions, (v.listing_id == d.listing_id) & (v.number == d.version))
    query = select(dropped_items, text_of(v.content)).select_from(joined).where(d.sample_id == sample_id)
    if position is not None:
        query = query.where(d.position == position)
    return tuple(_item(row) for row in c.execute(query.order_by(d.position)).mappings())


def _item(row: Any) -> DroppedItem:
    values = {name: row[name] for name in DroppedItem.__slots__ if name != "listing"}
    return DroppedItem(**values, listing=unpack(Listing, row["content"]))


def save_verdict(
    c: Connection, sample_id: int, position: int, *, verdict: str, gi_id: str, why: str, who: str, lead_id: int | None,
    now: datetime,
) -> None:  # fmt: skip
    """Keep what a reviewer said; who says it again replaces it. Raises NotFoundError."""
    d = dropped_items.c
    values = {
        "verdict": verdict,
        "gi_id": clean_text(gi_id),
        "why": clean_text(why),
        "who": clean_text(who),
        "at": now,
        "lead_id": lead_id,
    }
    own = (d.sample_id == sample_id) & (d.position == position)
    if c.execute(update(dropped_items).where(own).values(values)).rowcount != 1:
        raise NotFoundError(f"sample {sample_id} has no listing {position}")
