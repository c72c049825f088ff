"""Column types of the store: aware UTC times, JSON kept as text, closed vocabularies. And the one door for text."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Date, DateTime, Dialect, String, Text, TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def clean_text(text: str) -> str:
    """`text` with NUL and lone surrogates, which no database keeps, each replaced by U+FFFD.

    One character stands for one, so that offsets found in the raw text still hold. The raw bytes live in evidence only.
    """
    try:
        text.encode()  # far quicker than a search, and it nearly always succeeds
    except UnicodeEncodeError:
        return _UNSTORABLE.sub(_REPLACEMENT, text)
    return _UNSTORABLE.sub(_REPLACEMENT, text) if "\x00" in text else text


def clean_texts(texts: list[str]) -> list[str]:
    """`clean_text` of each, at the price of one where none of them needs it."""
    whole = "".join(texts)
    return texts if clean_text(whole) is whole else [clean_text(text) for text in texts]


class Json(str):
    """Text that is JSON already; a JsonText column takes it as it is. Drivers get a plain str: a subclass costs them dear."""

    __slots__ = ()


NOTHING = Json("{}")

_dump_any = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump_json(value: object) -> Json:
    """Compact JSON of plain values, cleaned by `clean_text`; keys keep their order."""
    return Json(dump_bytes(value).decode())


def dump_bytes(value: object) -> bytes:
    """What `dump_json` gives, as UTF-8."""
    try:
        packed = orjson.dumps(value)
    except TypeError:  # a lone surrogate, or a number of more than 64 bits
        return _dump_any(_cleaned(value)).encode()
    return orjson.dumps(_cleaned(value)) if b"\\u0000" in packed else packed


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC. SQLite drops the zone, so it is taken off and put back here.

    The processors are our own throughout: SQLAlchemy's for SQLite cost more than the row they are for.
    Raises ValueError for a time without a zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return _utc_text if dialect.name == "sqlite" else _utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _utc_of_text if dialect.name == "sqlite" else _utc


def _utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"a time without zone cannot be stored: {value!r}")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


@lru_cache(maxsize=4096)  # one time of observation goes into half a dozen rows
def _utc_text(value: datetime | None) -> str | None:
    found = _utc(value)
    return None if found is None else found.replace(tzinfo=None).isoformat(" ", "microseconds")


def _utc_of_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


@lru_cache(maxsize=64)  # a batch has one day
def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


class Day(TypeDecorator[date]):
    """A date."""

    impl = Date
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return _day_text if dialect.name == "sqlite" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return (lambda text: None if text is None else date.fromisoformat(text)) if dialect.name == "sqlite" else None


def _json_text(value: object) -> str | None:
    if value is None:
        return None
    if type(value) is bytes:
        return value.decode()
    return str(value if type(value) is Json else dump_json(value))


def _json_utf8(value: object) -> str | bytes | None:
    return value if type(value) is bytes else _json_text(value)


class JsonText(TypeDecorator[Any]):
    """Plain values kept as JSON text, the same bytes on every engine. What is `Json` or bytes is JSON already.

    The store's own bulk work hands SQLite bytes as they are and has it take them as text.
    """

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return _json_utf8 if dialect.name == "sqlite" else _json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return lambda value: None if value is None else json.loads(value)


class Word(TypeDecorator[StrEnum]):
    """A member of a closed vocabulary, kept as its word."""

    impl = String(24)
    cache_ok = True

    def __init__(self, vocabulary: type[StrEnum]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def bind_processor(self, dialect: Dialect) -> Any:
        words: dict[StrEnum | None, str | None] = {member: member.value for member in self.vocabulary}
        return (words | {None: None}).__getitem__

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        members = {member.value: member for member in self.vocabulary}
        return lambda value: None if value is None else members[value]
