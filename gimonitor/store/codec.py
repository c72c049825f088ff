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
from typing import Any, TypeVar

T = TypeVar("T")

_REQUIRED = object()


def encode(value: object) -> object:
    """Plain JSON values of a frozen dataclass, tuple, enum, date or scalar."""
    if value is None or isinstance(value, str | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    cls: Any = type(value)
    fields = _defaults(cls)
    return {name: encode(item) for name, default in fields if (item := getattr(value, name)) != default}


@cache
def _defaults(cls: type) -> tuple[tuple[str, object], ...]:
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__} has no JSON form")
    return tuple(
        (f.name, _REQUIRED if f.default is dataclasses.MISSING else f.default) for f in dataclasses.fields(cls)
    )


def decode(cls: type[T], value: object) -> T:
    """The value of `cls` that `encode` made `value` of. Raises TypeError or ValueError where it does not fit."""
    kind: Any = cls
    return typing.cast(T, _decoder(kind)(value))


Decoder = Callable[[Any], object]


@cache
def _decoder(kind: Any) -> Decoder:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (a for a in arguments if a is not type(None))
        return _optional(_decoder(inner))
    if origin is tuple:
        return _sequence(arguments)
    if dataclasses.is_dataclass(kind):
        return _object(kind)
    if kind is datetime or kind is date:
        return typing.cast(Decoder, kind.fromisoformat)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _same


def _same(value: object) -> object:
    return value


def _optional(inner: Decoder) -> Decoder:
    return lambda value: None if value is None else inner(value)


def _sequence(arguments: tuple[Any, ...]) -> Decoder:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _decoder(arguments[0])
        return lambda values: tuple(item(v) for v in values)
    items = tuple(_decoder(a) for a in arguments)
    return lambda values: tuple(item(v) for item, v in zip(items, values, strict=True))


def _object(cls: Any) -> Decoder:
    hints = typing.get_type_hints(cls)
    decoders = {f.name: _decoder(hints[f.name]) for f in dataclasses.fields(cls)}
    return lambda value: cls(**{name: decoders[name](item) for name, item in value.items() if name in decoders})
