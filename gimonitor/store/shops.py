"""Shops and the legal persons behind them, as far as the law lets them be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.store.columns import clean_text
from gimonitor.store.keys import subject_key
from gimonitor.store.tables import listings, shops, subjects
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


@dataclass(frozen=True, slots=True)
class Sight:
    """A shop as a page showed it `at` a time. `firm_at` is when the page said who is behind it, which no version keeps."""

    key: str
    listing: Listing
    at: datetime
    firm_at: datetime


@dataclass(slots=True)
class _Shown:
    """What is known of a shop from some pages together: of each thing the newest."""

    platform: str
    shop: Shop
    at: datetime
    firm_at: datetime


def save_shops(c: Connection, sights: Iterable[Sight], at: datetime) -> dict[str, int]:
    """Store the shops that pages showed and who stands behind them. Returns shop ids by key.

    What a page does not show never wipes out what an earlier one showed; nor does a page that is older than the newest
    sight of any listing of the shop, but where nothing was known.
    """
    wanted = _together(sights)
    if not wanted:
        return {}
    known = _known_shops(c, sorted(wanted))
    subject_keys = {key: subject_key(one.shop.subject) for key, one in wanted.items() if one.shop.subject}
    otherwise = [row for key, row in known.items() if _is_otherwise(row, wanted[key].shop, subject_keys.get(key))]
    seen = _last_seen(c, [row.id for row in otherwise])
    for row in otherwise:
        wanted[row.key].shop = _not_older(row, wanted[row.key], seen.get(row.id))
    subject_keys = {key: subject_key(one.shop.subject) for key, one in wanted.items() if one.shop.subject}
    people = {row.subject_key: row.subject_id for row in known.values() if row.subject_key}
    shown = {subject_keys[key]: wanted[key].shop.subject for key in subject_keys if subject_keys[key] not in people}
    people |= _save_subjects(c, {key: subject for key, subject in shown.items() if subject}, at)
    behind = {key: people.get(subject) for key, subject in subject_keys.items()}
    fresh = [_shop_row(key, wanted[key], behind.get(key), at) for key in sorted(wanted) if key not in known]
    newer = [_newer(row, wanted[row.key].shop, behind.get(row.key)) for row in otherwise]
    update_rows(c, shops, [row for row in newer if row])
    return {key: row.id for key, row in known.items()} | _insert(c, shops, fresh)


def _together(sights: Iterable[Sight]) -> dict[str, _Shown]:
    """By key, each shop as the pages show it together: of each thing what the newest page has."""
    wanted: dict[str, _Shown] = {}
    for sight in sorted(sights, key=lambda one: one.at):
        shop = sight.listing.shop
        if not shop or not (shop.name or shop.shop_id):
            continue
        before = wanted.get(sight.key)
        if before is None:
            wanted[sight.key] = _Shown(sight.listing.platform, shop, sight.at, sight.firm_at)
            continue
        subject = before.shop.subject
        if shop.subject and (subject is None or sight.firm_at >= before.firm_at):
            subject, before.firm_at = shop.subject, sight.firm_at
        before.at = sight.at
        before.shop = _filled(shop, before.shop, subject)
    return wanted


def _filled(shop: Shop, before: Shop, subject: Subject | None) -> Shop:
    """The shop, with what it does not show taken from before."""
    if shop == before and subject is before.subject:
        return shop
    texts = {name: getattr(shop, name) or getattr(before, name) for name in ("name", "url", "region")}
    return replace(shop, **texts, subject=subject)


def _last_seen(c: Connection, shop_ids: list[int]) -> dict[int, datetime]:
    """When a listing of each shop was seen last."""
    if not shop_ids:
        return {}
    query = select(listings.c.shop_id, func.max(listings.c.last_seen).label("at")).group_by(listings.c.shop_id)
    return {row.shop_id: row.at for row in c.execute(query.where(among(c, listings.c.shop_id, shop_ids)))}


def _not_older(known: Any, shown: _Shown, seen: datetime | None) -> Shop:
    """The shop without what is older than what stands."""
    shop = shown.shop
    if seen and shown.at < seen:
        stood = {name: getattr(known, name) or getattr(shop, name) for name in ("name", "url", "region")}
        shop = replace(shop, **stood)
    if seen and shown.firm_at < seen and known.subject_id:
        shop = replace(shop, subject=None)
    return shop


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


def _shop_row(key: str, shown: _Shown, subject_id: int | None, at: datetime) -> Row:
    shop = shown.shop
    return {
        "key": key,
        "platform": clean_text(shown.platform),
        "shop_id": clean_text(shop.shop_id),
        "name": clean_text(shop.name),
        "url": clean_text(shop.url),
        "region": clean_text(shop.region),
        "subject_id": subject_id,
        "first_seen": at,
    }


def _is_otherwise(known: Any, shop: Shop, subject: str | None) -> bool:
    """True where the page shows something else than the store knows."""
    stood = (known.name, known.url, known.region, known.subject_key)
    return stood != (shop.name or stood[0], shop.url or stood[1], shop.region or stood[2], subject or stood[3])


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
