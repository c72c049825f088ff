"""Listings from and screenings to JSON records, as `gimonitor screen` reads and writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from gimonitor.errors import InputError
from gimonitor.model.finding import Clearing, Finding, Place, Screening, Suspicion
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.register.examples import read_example
from gimonitor.text.prices import STATED, fen, is_plain

_BETWEEN = re.compile(r"[;；\n|]|[,，、](?=[^,，、:：;；]{1,12}[:：])")  # attributes in one text
_NAME_KEYS, _VALUE_KEYS = ("name", "key", "k", "label", "attr"), ("value", "val", "v", "text", "values")
_FIELDS = {Field.ATTRIBUTES: "attrs"}  # called in the output as in the input
_SHOP_KEYS = frozenset({"name", "id", "region", "subject", "uscc", "address"})
_SOLD = re.compile(
    r"[^\d.\-]{0,6}(\d{1,12}(?:\.\d+)?|\d{1,3}(?:,\d{3})+)\s*([万千wk]?)\s*\+?[^\d.\-]{0,6}", re.IGNORECASE
)
_TIMES = {"": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000}
_SHOWN = 10  # unknown keys that are named
_DEEP = 5  # levels of an attribute that are read
T = TypeVar("T")
N = TypeVar("N")
_TEXTS = (
    "subtitle", "description", "brand", "origin", "ship_from", "category", "platform", "url", "specification", "image_text",
    "item_id", "source",
)  # fmt: skip
_KNOWN = frozenset(
    (*_TEXTS, "title", "attrs", "attributes", "keywords", "shop", "price", "sales", "rank", "uscc", "observed_at")
)


def listing_of(record: object) -> Listing:
    """A listing from one record. Raises InputError naming the first field that is not what it should be."""
    listing, faults = _read(record)
    if faults:
        raise InputError(faults[0])
    return listing


def told_listing_of(record: object) -> tuple[Listing, tuple[str, ...]]:
    """A listing from one record: `title`, and where known the other fields; and in words what of it was passed over.

    Raises InputError where there is no title.
    """
    listing, faults = _read(record)
    unread = _unread(record, _KNOWN) if isinstance(record, Mapping) else []
    return listing, (*unread, *faults)


def _unread(record: Mapping[str, object], known: frozenset[str], within: str = "") -> list[str]:
    """What is said of the keys of a record that nobody reads; of many only the first."""
    names = sorted(set(record) - known)
    told = [f"{within}{name[:40]}: not read" for name in names[:_SHOWN]]
    return [*told, f"{within}…: {len(names) - _SHOWN} more fields not read"] if len(names) > _SHOWN else told


def _read(record: object) -> tuple[Listing, list[str]]:
    if isinstance(record, str):
        return Listing(platform="", item_id="", title=record), []
    if not isinstance(record, Mapping):
        raise InputError("a record is a JSON object")
    title = record.get("title")
    if not isinstance(title, str):
        raise InputError("title is missing or no text")
    fields = _Fields(record)
    texts = {name: fields.text(name) for name in _TEXTS}
    given = "attrs" if record.get("attrs") is not None else "attributes"
    price, stated = fields.read("price", _price, None), record.get("price")
    in_words = (
        ((STATED, stated[:100]),) if price is not None and isinstance(stated, str) and not is_plain(stated) else ()
    )
    listing = Listing(
        title=title,
        platform=texts["platform"],
        item_id=texts["item_id"] or texts["url"],
        attributes=(*fields.read(given, _attributes, ()), *in_words),
        keywords=fields.read("keywords", _keywords, ()),
        shop=_shop(fields),
        price_fen=price,
        sales=fields.read("sales", _sold, None),
        rank=fields.read("rank", _count, None),
        observed_at=fields.read("observed_at", _moment, None),
        subtitle=texts["subtitle"],
        description=texts["description"],
        brand=texts["brand"],
        origin=texts["origin"],
        ship_from=texts["ship_from"],
        category=texts["category"],
        url=texts["url"],
        specification=texts["specification"],
        image_text=texts["image_text"],
        source=texts["source"],
    )
    return listing, [*fields.faults, *_nested(given, record.get(given)), *_odd_keywords(record.get("keywords"))]


def example_of(text: str) -> Listing:
    """The listing of a model's example: a title, or a record as JSON. Raises InputError."""
    return listing_of(read_example(text).record)


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
    known: dict[str, object] = {
        "field": _FIELDS.get(place.field, place.field.value),
        "start": place.start,
        "end": place.end,
        "text": place.text,
    }
    return {**known, "key": place.key} if place.key else known


def _suspicion(suspicion: Suspicion) -> dict[str, object]:
    return {"gi": suspicion.gi_name, "gi_id": suspicion.gi_id, "score": suspicion.score.total,
            "terms": [asdict(t) for t in suspicion.score.terms]}  # fmt: skip


class _Fields:
    """Fields of a record, each by what it should be; what is not is passed over and told in `faults`."""

    def __init__(self, record: Mapping[str, object], within: str = "", faults: list[str] | None = None) -> None:
        self._record, self._within = record, within
        self.faults = [] if faults is None else faults

    def read(self, name: str, reader: Callable[[object], T], nothing: N) -> T | N:
        value = self._record.get(name)
        if value is None or value == "":
            return nothing
        try:
            return reader(value)
        except (TypeError, ValueError, RecursionError):
            self.faults.append(f"{self._within}{name}: not understood, passed over: {str(value)[:40]!r}")
            return nothing

    def text(self, name: str) -> str:
        return self.read(name, _text, "")

    def tell_unread(self, known: frozenset[str]) -> None:
        """Name the keys that nobody reads among the faults."""
        self.faults += _unread(self._record, known, self._within)

    def of(self, name: str) -> _Fields | None:
        """The fields of an object in this record."""
        value = self._record.get(name)
        return _Fields(value, f"{name}.", self.faults) if isinstance(value, Mapping) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    if not _is_text(value):
        raise TypeError
    return str(value)


def _attributes(value: object) -> tuple[tuple[str, str], ...]:
    """An object, a list of objects with name and value, of pairs or of texts `name:value`, or one text of these."""
    if isinstance(value, str):
        return tuple(_split(part) for part in _BETWEEN.split(value) if part.strip())
    if isinstance(value, Mapping):
        return tuple((str(name), _told(told)) for name, told in value.items())
    if not isinstance(value, Iterable):
        raise TypeError
    return tuple(pair for one in value for pair in _pairs(one))


def _pairs(one: object) -> Iterable[tuple[str, str]]:
    if isinstance(one, str):
        return (_split(one),)
    if isinstance(one, Mapping):
        name = next((one[key] for key in _NAME_KEYS if key in one), None)
        told = next((one[key] for key in _VALUE_KEYS if key in one), None)
        return _attributes(one) if name is None or isinstance(name, Mapping | list) else ((str(name), _told(told)),)
    if not isinstance(one, Sequence):
        raise TypeError
    name, told = one
    return ((str(name), _told(told)),)


def _split(text: str) -> tuple[str, str]:
    """`产地：吉林` in two; a text without a colon is a value without a name."""
    name, colon, told = text.replace("：", ":", 1).partition(":")
    return (name.strip(), told.strip()) if colon else ("", text.strip())


def _told(value: object, deep: int = 0) -> str:
    """The text of a value; of a list or an object those of its values, joined."""
    if deep > _DEEP:
        raise TypeError
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return "、".join(_told(one, deep + 1) for one in value)
    return "" if value is None else str(value)


def _nested(given: str, value: object) -> list[str]:
    """What is said of attributes that are objects themselves."""
    if not isinstance(value, Mapping):
        return []
    names = [str(name)[:40] for name, told in value.items() if isinstance(told, Mapping)]
    told = [f"{given}.{name}: an object; its values are read as one text, joined by 、" for name in names[:_SHOWN]]
    return [*told, f"{given}.…: {len(names) - _SHOWN} more are objects"] if len(names) > _SHOWN else told


def _keywords(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(w for w in re.split(r"[,，、;；|\n]", value) if w.strip())
    if isinstance(value, Sequence):
        return tuple(_text(one) if _is_text(one) else "" for one in value)  # each keeps its number
    raise TypeError


def _odd_keywords(value: object) -> list[str]:
    """What is said of keywords that are no text; of many only of the first."""
    if not isinstance(value, list | tuple):
        return []
    odd = [f"keywords.{i}: no text, passed over: {str(v)[:40]!r}" for i, v in enumerate(value) if not _is_text(v)]
    return [*odd[:_SHOWN], f"keywords.…: {len(odd) - _SHOWN} more are no text"] if len(odd) > _SHOWN else odd


def _shop(fields: _Fields) -> Shop | None:
    uscc, shop = fields.text("uscc"), fields.of("shop")
    if shop:
        shop.tell_unread(_SHOP_KEYS)
        subject = Subject(name=shop.text("subject"), uscc=shop.text("uscc") or uscc, address=shop.text("address"))
        return Shop(name=shop.text("name"), shop_id=shop.text("id"), region=shop.text("region"), subject=subject)
    name = fields.text("shop")
    return Shop(name=name, subject=Subject(name="", uscc=uscc) if uscc else None) if name or uscc else None


def _price(value: object) -> int:
    price = fen(value) if isinstance(value, str) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11:
        price = round(value * 100)
    if price is None:
        raise ValueError
    return price


def _count(value: object) -> int:
    number = int(str(value))
    if number < 0:
        raise ValueError
    return number


def _sold(value: object) -> int:
    """`11623`, `1.2万+`, `10000+人付款`, `月销 500+`."""
    found = _SOLD.fullmatch(str(value).strip())
    if found is None or isinstance(value, bool):
        raise ValueError
    return round(float(found[1].replace(",", "")) * _TIMES[found[2].lower()])


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment
