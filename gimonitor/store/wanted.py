"""Which listings still lack pictures that screening asks for, and where these are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from gimonitor.model.listing import Listing
from gimonitor.store import runs
from gimonitor.store.captures import RESPONSE
from gimonitor.store.codec import text_of, unpack
from gimonitor.store.keys import key_of
from gimonitor.store.pictures import ASKED, IMAGE
from gimonitor.store.tables import captures, coverage, listing_versions, listings
from gimonitor.store.upsert import among

MOST_PICTURES = 8  # of one listing
SOURCE = "pictures"
_RUNS = 50  # the runs for pictures among which it is looked up what became of one
_REMARK = re.compile(r"(?:^|; )([^:;]+?)(?: \(\d+ times\))?: (https?://[^;]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Addresses to ask for one version of a listing: its pictures, and its shop's page ("" when it is had or not known)."""

    listing_id: int
    version: int
    images: tuple[str, ...]
    shop_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A picture of a listing that was not had. `why` is the remark of the run that asked last, "" for none; `asked`: one did."""

    url: str
    why: str
    asked: bool


def lacking_pictures(c: Connection, listing_id: int, listing: Listing) -> tuple[Lacking, ...]:
    """The pictures of a listing that are asked for and were never had, with the reason as far as a run kept it."""
    query = select(captures.c.url).where(captures.c.listing_id == listing_id, captures.c.kind == IMAGE)
    had = set(c.execute(query).scalars())
    urls = [url for url in dict.fromkeys(listing.image_urls[:MOST_PICTURES]) if _is_web(url) and url not in had]
    if not urls:
        return ()
    keys = [key_of(run.id, SOURCE, str(listing_id)) for run in runs.latest_runs(c, _RUNS, runs.PICTURES)]
    told = select(coverage.c.detail).where(among(c, coverage.c.key, keys)).order_by(coverage.c.at.desc()).limit(1)
    detail = c.execute(told).scalar()
    remarks = {about: kind for kind, about in _REMARK.findall(detail or "")}
    only = next(iter(remarks.values())) if len(remarks) == 1 else ""  # of each kind one address is kept
    return tuple(Lacking(url=url, why=remarks.get(url, only), asked=detail is not None) for url in urls)


def listings_without_pictures(c: Connection, limit: int) -> list[int]:
    """Ids of standing listings that name a GI as goods and have no picture of their newest version, newest sight first."""
    mine = (captures.c.listing_id == listings.c.id) & (captures.c.kind == IMAGE)
    has_some = exists().where(mine, captures.c.listing_version == listings.c.version)
    query = select(listings.c.id).where(listings.c.stage.in_(ASKED), listings.c.gone_at.is_(None), ~has_some)
    return list(c.execute(query.order_by(listings.c.last_seen.desc(), listings.c.id).limit(limit)).scalars())


def load_wanted(c: Connection, listing_ids: Sequence[int], most: int) -> dict[int, Wanted]:
    """What to ask for each listing, `most` pictures at the most; listings with nothing to ask are left out."""
    v = listing_versions.c
    joined = listings.join(listing_versions, (v.listing_id == listings.c.id) & (v.number == listings.c.version))
    query = select(listings.c.id, listings.c.version, text_of(v.content)).select_from(joined)
    rows = c.execute(query.where(among(c, listings.c.id, list(listing_ids)))).all()
    had = _had(c, [row.id for row in rows])
    found = {}
    for row in rows:
        listing, mine = unpack(Listing, row.content), had.get(row.id, set())
        urls = [url for url in listing.image_urls if _is_web(url)]
        shop = listing.shop.url if listing.shop else ""
        wanted = Wanted(
            listing_id=row.id,
            version=row.version,
            images=tuple(url for url in dict.fromkeys(urls[:most]) if (row.version, url) not in mine),
            shop_url=shop if _is_web(shop) and not any(url == shop for _, url in mine) else "",
        )
        if wanted.images or wanted.shop_url:
            found[row.id] = wanted
    return found


def _had(c: Connection, listing_ids: list[int]) -> dict[int, set[tuple[int, str]]]:
    query = select(captures.c.listing_id, captures.c.listing_version, captures.c.url).where(
        among(c, captures.c.listing_id, listing_ids), captures.c.kind.in_((IMAGE, RESPONSE))
    )
    had: dict[int, set[tuple[int, str]]] = {}
    for row in c.execute(query):
        had.setdefault(row.listing_id, set()).add((row.listing_version, row.url))
    return had


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))
