"""Shops and the legal persons behind them, as far as the law lets them be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.store.columns import clean_text
from gimonitor.store.keys import subject_key
from gimonitor.store.tables import shops, subjects
from gimonitor.store.upsert import Row, among, among_asked, asked, free_numbers, insert_rows, update_rows

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


def save_shops(c: Connection, offers: Iterable[tuple[str, Listing]], at: datetime) -> dict[str, int]:
    """Store the shops of (shop key, listing) pairs and who stands behind them. Returns shop ids by key.

    What a page does not show never wipes out what an earlier one showed.
    """
    wanted: dict[str, tuple[str, Shop]] = {}
    for key, listing in offers:
        shop = listing.shop
        if not shop or not (shop.name or shop.shop_id):
            continue
        if key not in wanted or shop.subject or not wanted[key][1].subject:
            wanted[key] = (listing.platform, shop)
    if not wanted:
        return {}
    known = _known_shops(c, sorted(wanted))
    subject_keys = {key: subject_key(shop.subject) for key, (_, shop) in wanted.items() if shop.subject}
    people = {row.subject_key: row.subject_id for row in known.values() if row.subject_key}
    shown = {subject_keys[key]: wanted[key][1].subject for key in subject_keys if subject_keys[key] not in people}
    people |= _save_subjects(c, {key: subject for key, subject in shown.items() if subject}, at)
    behind = {key: people.get(subject) for key, subject in subject_keys.items()}
    fresh = [_shop_row(key, *wanted[key], behind.get(key), at) for key in sorted(wanted) if key not in known]
    newer = [_newer(row, wanted[key][1], behind.get(key)) for key, row in known.items()]
    update_rows(c, shops, [row for row in newer if row])
    return {key: row.id for key, row in known.items()} | _insert(c, shops, fresh)


def _insert(c: Connection, table: Table, fresh: list[Row]) -> dict[str, int]:
    """Insert rows under numbers taken before; returns ids by key, another writer's where it was quicker."""
    if not fresh:
        return {}
    ids = {str(row["key"]): number for row, number in zip(fresh, free_numbers(c, table, len(fresh)), strict=True)}
    numbered = [row | {"id": ids[row["key"]]} for row in fresh]
    if insert_rows(c, table, numbered, ignore=c.dialect.name != "sqlite") == len(fresh):
        return ids
    rows = c.execute(select(table.c.key, table.c.id).where(among(c, table.c.key, list(ids))))
    return {row.key: row.id for row in rows}


def _known_shops(c: Connection, keys: list[str]) -> dict[str, Any]:
    """Rows by key, each with the key of its legal person."""
    return {row.key: row for row in c.execute(_knowing_shops(c.dialect.name), asked(c, keys)).all()}


@cache
def _knowing_shops(dialect: str) -> Select[Any]:
    s = shops.c
    columns = (s.id, s.key, s.name, s.url, s.region, s.subject_id, subjects.c.key.label("subject_key"))
    query = select(*columns).select_from(shops.outerjoin(subjects, subjects.c.id == s.subject_id))
    return query.where(among_asked(dialect, s.key)).order_by(s.key)


def _shop_row(key: str, platform: str, shop: Shop, subject_id: int | None, at: datetime) -> Row:
    return {
        "key": key,
        "platform": clean_text(platform),
        "shop_id": clean_text(shop.shop_id),
        "name": clean_text(shop.name),
        "url": clean_text(shop.url),
        "region": clean_text(shop.region),
        "subject_id": subject_id,
        "first_seen": at,
    }


def _newer(known: Any, shop: Shop, subject: int | None) -> Row | None:
    """The row to write where the page shows something else than the store knows."""
    stood = (known.name, known.url, known.region, known.subject_id)
    shown = (shop.name or stood[0], shop.url or stood[1], shop.region or stood[2], subject or stood[3])
    if shown == stood:
        return None
    name, url, region, subject_id = shown
    texts = {"name": clean_text(name), "url": clean_text(url), "region": clean_text(region)}
    return texts | {"subject_id": subject_id, "id": known.id}


def _save_subjects(c: Connection, found: dict[str, Subject], at: datetime) -> dict[str, int]:
    """Store legal persons by their keys; returns their ids by key."""
    by_key = {key: subject for key, subject in found.items() if subject.name or subject.uscc.strip()}
    if not by_key:
        return {}
    known = _known_subjects(c, sorted(by_key))
    fresh = [
        {
            "key": key,
            "uscc": clean_text(by_key[key].uscc.strip().upper()),
            "name": clean_text(by_key[key].name),
            "area": area_of(by_key[key].address),
            "first_seen": at,
        }
        for key in sorted(by_key)
        if key not in known
    ]
    return known | _insert(c, subjects, fresh)


def _known_subjects(c: Connection, keys: list[str]) -> dict[str, int]:
    return {row.key: row.id for row in c.execute(_knowing_subjects(c.dialect.name), asked(c, keys))}


@cache
def _knowing_subjects(dialect: str) -> Select[Any]:
    return select(subjects.c.key, subjects.c.id).where(among_asked(dialect, subjects.c.key))
