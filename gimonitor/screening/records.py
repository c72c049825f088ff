"""Listings from and screenings to JSON records, as `gimonitor screen` reads and writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from gimonitor.errors import InputError
from gimonitor.model.finding import Clearing, Finding, Place, Screening, Suspicion
from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.text.prices import fen

_TEXTS = (
    "subtitle", "description", "brand", "origin", "ship_from", "category", "platform", "url", "specification", "image_text",
    "item_id",
)  # fmt: skip
_KNOWN = frozenset(
    (*_TEXTS, "title", "attrs", "attributes", "keywords", "shop", "price", "sales", "rank", "uscc", "observed_at")
)


def listing_of(record: object) -> Listing:
    """A listing from one record: `title`, and where known the other fields. Raises InputError naming the field at fault."""
    if isinstance(record, str):
        return Listing(platform="", item_id="", title=record)
    if not isinstance(record, Mapping):
        raise InputError("a record is a JSON object")
    title = record.get("title")
    if not isinstance(title, str):
        raise InputError("title is missing or no text")
    texts = {name: _text(record, name) for name in _TEXTS}
    return Listing(
        title=title,
        platform=texts["platform"],
        item_id=texts["item_id"] or texts["url"],
        attributes=_attributes(record.get("attrs", record.get("attributes"))),
        keywords=_keywords(record.get("keywords")),
        shop=_shop(record),
        price_fen=_price(record.get("price")),
        sales=_count(record, "sales"),
        rank=_count(record, "rank"),
        observed_at=_moment(record.get("observed_at")),
        subtitle=texts["subtitle"],
        description=texts["description"],
        brand=texts["brand"],
        origin=texts["origin"],
        ship_from=texts["ship_from"],
        category=texts["category"],
        url=texts["url"],
        specification=texts["specification"],
        image_text=texts["image_text"],
    )


def warnings_of(record: Mapping[str, object], listing: Listing) -> tuple[str, ...]:
    """What of a record was passed over: fields that are not read, and numbers that are none. `listing` was made of it."""
    unread = [f"{name}: not read" for name in sorted(str(k) for k in record if k not in _KNOWN)]
    numbers = {"price": listing.price_fen, "sales": listing.sales, "rank": listing.rank}
    unread += [
        f"{name}: not understood, passed over: {str(record[name])[:40]!r}"
        for name, value in numbers.items()
        if value is None and record.get(name) not in (None, "")
    ]
    return tuple(unread)


def example_of(text: str) -> Listing:
    """A model's example: a title, or a record as JSON."""
    return listing_of(json.loads(text)) if text.startswith("{") else listing_of(text)


def record_of(screening: Screening) -> dict[str, object]:
    """A screening as plain values: `stage`, `score` (the highest), `suspicions` with their terms, `findings`, `clearings`."""
    findings = [_finding(f) for s in screening.suspicions for f in s.findings]
    return {
        "stage": screening.stage.value,
        "score": max((s.score.total for s in screening.suspicions), default=0.0),
        "findings": findings,
        "clearings": [_clearing(c) for c in screening.clearings],
        "reminders": [_finding(f) for f in screening.reminders],
        "suspicions": [_suspicion(s) for s in screening.suspicions],
        "on": screening.on.isoformat(),
        "register": screening.register_digest,
    }


def _finding(found: Finding) -> dict[str, object]:
    return {
        "model": found.model_id,
        "version": found.model_version,
        "family": found.family,
        "gi": found.gi_name,
        "gi_id": found.gi_id,
        **_place(found.place),
        "reason": found.reason,
        "legal_basis": [f"{c.instrument}{c.article}" + ("（待核）" if c.unverified else "") for c in found.law],
        "severity": found.severity,
        "confidence": found.confidence,
        "origin": found.origin.value,
        "clears": found.clears,
        "considered": [_clearing(c) for c in found.considered],
        "unverified": list(found.unverified),
    }


def _clearing(clearing: Clearing) -> dict[str, object]:
    place = _place(clearing.place) if clearing.place else {}
    return {
        "code": clearing.code,
        "reason": clearing.reason,
        "decisive": clearing.decisive,
        "gi_id": clearing.gi_id,
        **place,
    }


def _place(place: Place) -> dict[str, object]:
    known: dict[str, object] = {"field": place.field.value, "start": place.start, "end": place.end, "text": place.text}
    return {**known, "key": place.key} if place.key else known


def _suspicion(suspicion: Suspicion) -> dict[str, object]:
    return {"gi": suspicion.gi_name, "gi_id": suspicion.gi_id, "score": suspicion.score.total,
            "terms": [asdict(t) for t in suspicion.score.terms]}  # fmt: skip


def _text(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"{name} is no text")


def _attributes(value: object) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    pairs: list[object] = list(value.items()) if isinstance(value, Mapping) else []
    if isinstance(value, Sequence) and not isinstance(value, str):
        pairs = list(value)
    elif not isinstance(value, Mapping):
        raise InputError("attrs is neither an object nor a list of pairs")
    found = []
    for pair in pairs:
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise InputError("attrs holds something that is no pair of name and value")
        found.append((str(pair[0]), "" if pair[1] is None else str(pair[1])))
    return tuple(found)


def _keywords(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(w for w in value.replace("，", ",").split(",") if w.strip())
    if isinstance(value, Sequence) and all(isinstance(v, str) for v in value):
        return tuple(str(v) for v in value)
    raise InputError("keywords is neither a text nor a list of texts")


def _shop(record: Mapping[str, object]) -> Shop | None:
    value, uscc = record.get("shop"), _text(record, "uscc")
    if isinstance(value, Mapping):
        subject = Subject(
            name=_text(value, "subject"), uscc=_text(value, "uscc") or uscc, address=_text(value, "address")
        )
        return Shop(
            name=_text(value, "name"), shop_id=_text(value, "id"), region=_text(value, "region"), subject=subject
        )
    name = _text(record, "shop")
    return Shop(name=name, subject=Subject(name="", uscc=uscc) if uscc else None) if name or uscc else None


def _price(value: object) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return fen(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11:
        return round(value * 100)
    raise InputError("price is neither a number of yuan nor a text")


def _count(record: Mapping[str, object], name: str) -> int | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if number >= 0 else None


def _moment(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InputError(f"observed_at is no ISO date: {value}") from error
    if moment.tzinfo is None:
        raise InputError("observed_at has no time zone")
    return moment
