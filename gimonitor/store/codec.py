"""Frozen values to plain JSON values and back, by their annotations. A field at its default is left out.

So a field added to the model later reads as its default from older rows, and a removed one is ignored.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Text, type_coerce

from gimonitor.store.columns import Json, dump_bytes

T = TypeVar("T")

_REQUIRED = object()

Coder = Callable[[Any], Any]


def encode(value: object) -> object:
    """Plain JSON values of a frozen dataclass, or of a tuple of them; a tuple of plain values stays one.

    Raises TypeError for anything else.
    """
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    kind: Any = type(value)
    coder = _encoder(kind)
    if coder is None:
        raise TypeError(f"{kind.__name__} has no JSON form")
    return coder(value)


@cache
def _encoder(kind: Any) -> Coder | None:
    """What makes plain values of a value so annotated; None where it is plain already."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (a for a in arguments if a is not type(None))
        coder = _encoder(inner)
        return None if coder is None else lambda value: None if value is None else coder(value)
    if origin is tuple:
        return _encode_tuple(arguments)
    if dataclasses.is_dataclass(kind):
        return _encode_object(kind)
    if kind is datetime or kind is date:
        return lambda value: value.isoformat()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    return None


def _encode_tuple(arguments: tuple[Any, ...]) -> Coder | None:
    """Tuples of plain values stay as they are; of others, only those of any length of one kind are known."""
    coders = [_encoder(a) for a in arguments if a is not Ellipsis]
    if not any(coders):
        return None
    if len(arguments) != 2 or arguments[1] is not Ellipsis:
        raise TypeError(f"tuple of {arguments} has no JSON form")
    item = coders[0]
    return lambda values: [item(value) for value in values]  # type: ignore[misc]  # not None: `any` has said so


def _encode_object(cls: Any) -> Coder:
    hints, fields = typing.get_type_hints(cls), dataclasses.fields(cls)
    if len(fields) < 2:
        raise TypeError(f"{cls.__name__} has less than two fields")  # attrgetter would give no tuple
    names = tuple(f.name for f in fields)
    defaults = tuple(_REQUIRED if f.default is dataclasses.MISSING else f.default for f in fields)
    values_of = attrgetter(*names)
    nested = [(name, code) for name in names if (code := _encoder(hints[name])) is not None]

    def coder(value: object) -> dict[str, object]:
        values = zip(names, defaults, values_of(value), strict=True)
        made = {name: item for name, default, item in values if item is not default and item != default}
        for name, code in nested:
            if name in made:
                made[name] = code(made[name])
        return made

    return coder


def decode(cls: type[T], value: object) -> T:
    """The value of `cls` that `encode` made `value` of. Raises ValueError where it does not fit."""
    return msgspec.convert(value, cls)


def pack(value: object) -> Json:
    """JSON text of a frozen dataclass with every field, several times faster than `encode`; cleaned by `clean_text`."""
    return Json(pack_bytes(value).decode())


def pack_bytes(value: object) -> bytes:
    """What `pack` gives, as UTF-8: a JsonText column takes it, on SQLite without decoding it."""
    try:
        packed = _pack(value)
    except UnicodeEncodeError:  # a lone surrogate
        return dump_bytes(msgspec.to_builtins(value))
    return dump_bytes(msgspec.to_builtins(value)) if b"\\u0000" in packed else packed


def unpack(cls: type[T], text: str) -> T:
    """The value of `cls` in JSON text that `pack` made, or that was made of what `encode` gave. Raises ValueError."""
    kind: Any = cls
    value: T = _reader(kind).decode(str(text))
    return value


def text_of(column: ColumnElement[object]) -> ColumnElement[str]:
    """A JSON column as the text it holds, for `unpack`."""
    return type_coerce(column, Text()).label(column.key)


_pack = msgspec.json.Encoder().encode


@cache
def _reader(cls: Any) -> Any:
    return msgspec.json.Decoder(cls)
