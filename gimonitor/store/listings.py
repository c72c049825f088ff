"""Listings are saved here: the one way in for what was observed and what screening said of it.

A version is kept only when what the seller shows has changed; price and sales have a row of their own when they moved.
The same input twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, select, update

from gimonitor.evidence.sealed import Sealed
from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.store.captures import save_responses
from gimonitor.store.codec import pack_bytes
from gimonitor.store.columns import clean_text, clean_texts
from gimonitor.store.database import utc_now
from gimonitor.store.keys import listing_key, shop_key
from gimonitor.store.pictures import with_pictures
from gimonitor.store.raising import Seen, raise_leads
from gimonitor.store.registers import open_registers
from gimonitor.store.screenings import Said, Screened, made_ready, save_screenings
from gimonitor.store.search import index_texts
from gimonitor.store.shops import Sight, save_shops, without_home
from gimonitor.store.tables import listing_versions, listings, prices
from gimonitor.store.upsert import (
    Columns,
    Same,
    among_asked,
    asked,
    free_numbers,
    insert_columns,
    update_columns,
    whole,
)

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A listing as observed, what screening said, and where the response it came from is sealed.

    `first_seen` is when whoever told of it first saw it, where that was before; only a new listing keeps it.
    """

    listing: Listing
    screening: Screening
    sealed: Sealed | None = None
    first_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a call of `save_listings` did; new + changed + unchanged is the number of observations."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    leads_new: int = 0
    leads_updated: int = 0

    def __add__(self, other: Saved) -> Saved:
        return Saved(**{name: getattr(self, name) + getattr(other, name) for name in Saved.__slots__})


@dataclass(slots=True, kw_only=True)
class _Entry:
    """An observation on its way in; `known` is the listing's row as it stood, locked."""

    key: str
    listing: Listing
    said: Said
    sealed: Sealed | None
    at: datetime
    first: datetime
    digest: str
    shop_key: str
    shop_id: int | None = None
    known: Any = None
    id: int = 0

    @property
    def is_late(self) -> bool:
        return self.known is not None and self.at < self.known.last_seen

    @property
    def is_changed(self) -> bool:
        return self.known is not None and self.digest != self.known.digest

    @property
    def is_rescreened(self) -> bool:
        return self.known is None or self.said.digest != self.known.screening_digest

    @property
    def came_back(self) -> bool:
        return self.known is not None and self.known.gone_at is not None and self.at >= self.known.gone_at

    @property
    def gone_at(self) -> datetime | None:
        """Since when the page is gone: an older sight does not bring it back."""
        gone: datetime | None = None if self.known is None or self.came_back else self.known.gone_at
        return gone

    @property
    def sight(self) -> Sight:
        """What the page shows of the shop. A response read again shows who is behind it as of when it came."""
        return Sight(self.shop_key, self.listing, self.at, min(self.at, self.sealed.at) if self.sealed else self.at)

    @property
    def has_moved(self) -> bool:
        """True where price or sales are not what the store knows."""
        return [self.known.price_fen, self.known.sales] != whole((self.listing.price_fen, self.listing.sales))

    @property
    def version(self) -> int:
        """The number this content has, or will have."""
        if self.known is None:
            return 1
        number: int = self.known.versions + 1 if self.is_changed else self.known.version
        return number

    @property
    def number(self) -> int:
        """The screening that stands after this observation."""
        before: int = self.known.screening if self.known else 0
        return before + 1 if self.is_rescreened and self.said.is_worth_a_row else before

    @property
    def text(self) -> str:
        listing, shop = self.listing, self.listing.shop
        return " ".join((listing.title, listing.subtitle, listing.brand, shop.name if shop else "", listing.item_id))


def save_listings(
    c: Connection,
    observations: Iterable[Observation],
    run_id: int | None,
    now: datetime | None = None,
    *,
    raised_at: datetime | None = None,
) -> Saved:
    """Store observations with their screenings and bring their leads up to date, inside the caller's transaction.

    An observation without a time counts as made `now`. One older than the newest stored is kept as history only, its
    shop only where nothing newer is known of it. Leads are raised at the time of the newest observation, or at `raised_at`.
    """
    now = now or utc_now()
    saved = Saved()
    for batch in _batches(observations, now):
        saved += _save_batch(c, batch, run_id, raised_at)
    return saved


def _batches(observations: Iterable[Observation], now: datetime) -> Iterator[list[_Entry]]:
    """Pieces in which each listing stands once, ordered by key so that two writers lock rows in one order."""
    batch: dict[str, _Entry] = {}
    for o in observations:
        key = listing_key(o.listing.platform, o.listing.item_id)
        if key in batch or len(batch) == BATCH:
            yield [batch[k] for k in sorted(batch)]
            batch = {}
        at = o.listing.observed_at or now
        batch[key] = _Entry(
            key=key,
            listing=o.listing,
            said=made_ready(o.screening),
            sealed=o.sealed,
            at=at,
            first=min(at, o.first_seen or at),
            digest=o.listing.digest(),
            shop_key=shop_key(o.listing.platform, o.listing.shop) if o.listing.shop else "",
        )
    if batch:
        yield [batch[k] for k in sorted(batch)]


def _add_pictures(c: Connection, entries: list[_Entry]) -> None:
    """Put what the store knows from a listing's pictures to what was said of it; of a new one it knows none."""
    if not entries:
        return
    added = with_pictures(c, [(e.listing, e.said.screening) for e in entries])
    for e, screening in zip(entries, added, strict=True):
        if screening is not e.said.screening:
            e.said = made_ready(screening)


def _save_batch(c: Connection, entries: list[_Entry], run_id: int | None, raised_at: datetime | None) -> Saved:
    shop_ids = save_shops(c, [e.sight for e in entries if e.shop_key], entries[0].at)
    for e in entries:
        e.shop_id = shop_ids.get(e.shop_key)
    open_registers(c, {e.said.screening.register_digest for e in entries})
    _find(c, entries)
    _add_pictures(c, [e for e in entries if e.known is not None])
    _insert_new(c, [e for e in entries if e.known is None], run_id)
    late = [e for e in entries if e.is_late]
    current = [e for e in entries if not e.is_late]
    _save_late(c, [e for e in late if e.is_changed], run_id)
    changed = [e for e in current if e.known is None or e.is_changed]
    _save_versions(c, changed, run_id)
    _save_prices(c, current)
    _save_said(c, [e for e in current if e.is_rescreened and e.said.is_worth_a_row], run_id)
    index_texts(c, [(e.id, e.text) for e in changed if e.known is None], fresh=True)
    index_texts(c, [(e.id, e.text) for e in changed if e.known is not None])
    _update(c, [e for e in current if e.known is not None], run_id)
    leads_new, leads_updated = raise_leads(
        c, [_seen(e) for e in current if _concerns_leads(e)], run_id, raised_at or _newest(entries)
    )
    new = sum(e.known is None for e in entries)
    return Saved(
        new=new,
        changed=len(changed) - new,
        unchanged=len(entries) - len(changed),
        leads_new=leads_new,
        leads_updated=leads_updated,
    )


def _newest(entries: list[_Entry]) -> datetime:
    return max(e.at for e in entries)


_KNOWN = (
    *("id", "key", "digest", "version", "versions", "screening", "screening_digest"),
    *("price_fen", "sales", "shop_id", "last_seen", "gone_at"),
)


def _find(c: Connection, entries: list[_Entry]) -> None:
    """Read and lock the rows of those that are known."""
    found = c.execute(_knowing(c.dialect.name), asked(c, [e.key for e in entries]))
    rows = {row.key: row for row in found.all()}
    for e in entries:
        e.known = rows.get(e.key)
        e.id = e.known.id if e.known else 0


@cache
def _knowing(dialect: str) -> Select[Any]:
    query = select(*(listings.c[name] for name in _KNOWN)).where(among_asked(dialect, listings.c.key))
    return query.order_by(listings.c.key).with_for_update()


def _insert_new(c: Connection, fresh: list[_Entry], run_id: int | None) -> None:
    """Insert rows under numbers taken before; what another writer put in between is known from then on."""
    if not fresh:
        return
    for e, number in zip(fresh, free_numbers(c, listings, len(fresh)), strict=True):
        e.id = number
    columns: Columns = {
        **_columns(fresh, run_id),
        "key": [e.key for e in fresh],
        "versions": Same(1),
        "first_seen": [e.first for e in fresh],
    }
    if insert_columns(c, listings, columns, ignore=c.dialect.name != "sqlite") < len(fresh):
        taken = {e.id for e in fresh}
        _find(c, fresh)
        for e in fresh:
            e.known = None if e.id in taken else e.known


def _columns(entries: list[_Entry], run_id: int | None) -> Columns:
    """What is written where something changed."""
    shown = [e.listing for e in entries]
    return {
        **_touched(entries, run_id),
        "id": [e.id for e in entries],
        "platform": clean_texts([listing.platform for listing in shown]),
        "item_id": clean_texts([listing.item_id for listing in shown]),
        "title": clean_texts([listing.title for listing in shown]),
        "url": clean_texts([listing.url for listing in shown]),
        "shop_id": [e.shop_id for e in entries],
        "price_fen": whole(listing.price_fen for listing in shown),
        "currency": clean_texts([listing.currency for listing in shown]),
        "digest": [e.digest for e in entries],
        "version": [e.version for e in entries],
        "stage": [e.said.screening.stage for e in entries],
        "screening": [e.number for e in entries],
        "screening_digest": [e.said.digest for e in entries],
        "gone_at": [e.gone_at for e in entries],
    }


def _touched(entries: list[_Entry], run_id: int | None) -> dict[str, Any]:
    """What is written even where nothing changed."""
    return {
        "sales": whole(e.listing.sales for e in entries),
        "screened_on": [e.said.screening.on for e in entries],
        "register_digest": [e.said.screening.register_digest for e in entries],
        "last_seen": [e.at for e in entries],
        "run_id": Same(run_id),
    }


def _update(c: Connection, known: list[_Entry], run_id: int | None) -> None:
    """Write what moved: a whole row where something changed, a few columns where nothing did."""
    rewritten: list[_Entry] = []
    touched: list[_Entry] = []
    for e in known:
        moved = e.is_changed or e.is_rescreened or e.came_back or e.shop_id != e.known.shop_id
        (rewritten if moved else touched).append(e)
    versions = {"versions": [e.known.versions + e.is_changed for e in rewritten]}
    update_columns(c, listings, {**_columns(rewritten, run_id), **versions})
    update_columns(c, listings, _touched(touched, run_id) | {"id": [e.id for e in touched]})


def _save_versions(c: Connection, changed: list[_Entry], run_id: int | None) -> None:
    columns: Columns = {
        "listing_id": [e.id for e in changed],
        "number": [e.version for e in changed],
        "digest": [e.digest for e in changed],
        "content": [pack_bytes(without_home(e.listing)) for e in changed],
        "observed_at": [e.at for e in changed],
        "run_id": Same(run_id),
    }
    insert_columns(c, listing_versions, columns)
    save_responses(c, [(e.id, e.version, e.sealed) for e in changed if e.sealed], run_id)


def _save_late(c: Connection, late: list[_Entry], run_id: int | None) -> None:
    """Keep versions that are older than the one that stands, unless they are there already."""
    v = listing_versions.c
    for e in late:
        same = select(v.number).where(v.listing_id == e.id, v.digest == e.digest, v.observed_at == e.at)
        if c.execute(same).first() is None:
            _save_versions(c, [e], run_id)
            c.execute(update(listings).where(listings.c.id == e.id).values(versions=e.version))


def _save_prices(c: Connection, current: list[_Entry]) -> None:
    """A row where the price or the sales moved; a new listing has none yet, so that nothing need be compared."""
    _insert_prices(c, [e for e in current if e.known is None], keys=())
    moved = [e for e in current if e.known is not None and e.has_moved]
    _insert_prices(c, moved, keys=("listing_id", "observed_at"))


def _insert_prices(c: Connection, entries: list[_Entry], keys: tuple[str, ...]) -> None:
    columns: Columns = {
        "listing_id": [e.id for e in entries],
        "observed_at": [e.at for e in entries],
        "price_fen": whole(e.listing.price_fen for e in entries),
        "currency": clean_texts([e.listing.currency for e in entries]),
        "sales": whole(e.listing.sales for e in entries),
    }
    insert_columns(c, prices, columns, keys=keys)


def _save_said(c: Connection, rescreened: list[_Entry], run_id: int | None) -> None:
    save_screenings(c, [Screened(e.id, e.number, e.version, e.said) for e in rescreened], run_id)


def _concerns_leads(e: _Entry) -> bool:
    if e.said.suspected:
        return True
    return e.known is not None and (e.is_changed or e.is_rescreened or e.came_back)


def _seen(e: _Entry) -> Seen:
    return Seen(
        listing_id=e.id,
        platform=clean_text(e.listing.platform),
        shop_id=e.shop_id,
        version=e.version,
        before=e.known.version if e.known else None,
        number=e.number,
        listing=e.listing,
        said=e.said,
        came_back=e.came_back,
    )


def mark_gone_at(c: Connection, platform: str, url: str, item_id: str, at: datetime) -> int:
    """Note that a page is gone by the item number of its good, or where none is known by its address; returns how many.

    A listing that was gone before keeps its first day.
    """
    known = listings.c.key == listing_key(platform, item_id) if item_id else listings.c.url == clean_text(url)
    standing = listings.c.gone_at.is_(None) & (listings.c.last_seen <= at)
    return c.execute(update(listings).where(known, standing).values(gone_at=at)).rowcount


def mark_gone(c: Connection, listing_id: int, at: datetime) -> None:
    """Note that the page is gone; an observation after it counts as come back."""
    c.execute(update(listings).where(listings.c.id == listing_id).values(gone_at=at))
