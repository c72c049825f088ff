"""Shops and the legal persons behind them, as far as the law lets them be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.store.columns import clean_text
from gimonitor.store.keys import shop_key, subject_key
from gimonitor.store.tables import shops, subjects
from gimonitor.store.upsert import Row, chunks, insert_new

_AREA = re.compile(r"(?:[^省市区县旗州盟\d]{1,12}?(?:特别行政区|自治[区州县旗]|地区|省|市|区|县|旗|州|盟)){1,4}")


def area_of(address: str) -> str:
    """Province, city and county at the beginning of an address. The rest may be somebody's home and is not kept."""
    found = _AREA.match(clean_text(address.strip()[:100]))
    return found.group() if found else ""


def without_home(listing: Listing) -> Listing:
    """The listing as it may be kept: its subject's address down to the county only. The sealed response has the rest."""
    if listing.shop is None or listing.shop.subject is None or not listing.shop.subject.address:
        return listing
    subject = replace(listing.shop.subject, address=area_of(listing.shop.subject.address))
    return replace(listing, shop=replace(listing.shop, subject=subject))


def save_shops(c: Connection, listings: Iterable[Listing], at: datetime) -> dict[str, int]:
    """Store the shops of some listings and who stands behind them. Returns shop ids by key.

    What a page does not show never wipes out what an earlier one showed.
    """
    wanted: dict[str, tuple[str, Shop]] = {}
    for listing in listings:
        if listing.shop and (listing.shop.name or listing.shop.shop_id):
            _keep_fuller(wanted, shop_key(listing.platform, listing.shop), listing.platform, listing.shop)
    if not wanted:
        return {}
    known = _known_shops(c, sorted(wanted))
    people = _save_subjects(c, [shop.subject for _, shop in wanted.values() if shop.subject], at)
    rows = {key: _shop_row(key, platform, shop, people, at) for key, (platform, shop) in sorted(wanted.items())}
    if fresh := [row for key, row in rows.items() if key not in known]:
        c.execute(insert_new(c, shops), fresh)
        known |= _known_shops(c, [row["key"] for row in fresh])
    for key, row in rows.items():
        _update_shop(c, known[key], row)
    return {key: row["id"] for key, row in known.items()}


def _keep_fuller(wanted: dict[str, tuple[str, Shop]], key: str, platform: str, shop: Shop) -> None:
    if key not in wanted or shop.subject or not wanted[key][1].subject:
        wanted[key] = (platform, shop)


def _known_shops(c: Connection, keys: list[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for some in chunks(keys):
        found |= {row["key"]: dict(row) for row in c.execute(select(shops).where(shops.c.key.in_(some))).mappings()}
    return found


def _shop_row(key: str, platform: str, shop: Shop, people: dict[str, int], at: datetime) -> Row:
    return {
        "key": key,
        "platform": clean_text(platform),
        "shop_id": clean_text(shop.shop_id),
        "name": clean_text(shop.name),
        "url": clean_text(shop.url),
        "region": clean_text(shop.region),
        "subject_id": people.get(subject_key(shop.subject)) if shop.subject else None,
        "first_seen": at,
    }


def _update_shop(c: Connection, known: Row, row: Row) -> None:
    newer = {
        name: row[name] for name in ("name", "url", "region", "subject_id") if row[name] and row[name] != known[name]
    }
    if newer:
        c.execute(update(shops).where(shops.c.id == known["id"]).values(newer))


def _save_subjects(c: Connection, found: list[Subject], at: datetime) -> dict[str, int]:
    rows = {
        subject_key(subject): {
            "key": subject_key(subject),
            "uscc": clean_text(subject.uscc.strip().upper()),
            "name": clean_text(subject.name),
            "area": area_of(subject.address),
            "first_seen": at,
        }
        for subject in found
        if subject.name or subject.uscc.strip()
    }
    if not rows:
        return {}
    c.execute(insert_new(c, subjects), [rows[key] for key in sorted(rows)])
    ids: dict[str, int] = {}
    for some in chunks(sorted(rows)):
        ids |= {
            row.key: row.id for row in c.execute(select(subjects.c.key, subjects.c.id).where(subjects.c.key.in_(some)))
        }
    return ids
