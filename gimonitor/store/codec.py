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

T = TypeVar("T")

_REQUIRED = object()

Coder = Callable[[Any], Any]


def encode(value: object) -> object:
    """Plain JSON values of a frozen dataclass, or of a tuple of them. Raises TypeError for anything else."""
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


def _encode_tuple(arguments: tuple[Any, ...]) -> Coder:
    kinds = {a for a in arguments if a is not Ellipsis}
    coders = {kind: _encoder(kind) for kind in kinds}
    if all(coder is None for coder in coders.values()):
        return list
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = coders[arguments[0]] or _same
        return lambda values: [item(value) for value in values]
    items = [coders[a] or _same for a in arguments]
    return lambda values: [item(value) for item, value in zip(items, values, strict=True)]


def _encode_object(cls: Any) -> Coder:
    hints = typing.get_type_hints(cls)
    plan = [
        (f.name, _REQUIRED if f.default is dataclasses.MISSING else f.default, _encoder(hints[f.name]))
        for f in dataclasses.fields(cls)
    ]

    if len(plan) < 2:
        raise TypeError(f"{cls.__name__} has less than two fields")  # attrgetter would give no tuple
    values_of = attrgetter(*(name for name, _, _ in plan))

    def coder(value: object) -> dict[str, object]:
        made = {}
        for (name, default, inner), item in zip(plan, values_of(value), strict=True):
            if item is not default and item != default:
                made[name] = item if inner is None else inner(item)
        return made

    return coder


def decode(cls: type[T], value: object) -> T:
    """The value of `cls` that `encode` made `value` of. Raises TypeError or ValueError where it does not fit."""
    kind: Any = cls
    return typing.cast(T, _decoder(kind)(value))


@cache
def _decoder(kind: Any) -> Coder:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (a for a in arguments if a is not type(None))
        return _optional(_decoder(inner))
    if origin is tuple:
        return _sequence(arguments)
    if dataclasses.is_dataclass(kind):
        return _object(kind)
    if kind is datetime or kind is date:
        return typing.cast(Coder, kind.fromisoformat)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _same


def _same(value: object) -> object:
    return value


def _optional(inner: Coder) -> Coder:
    return lambda value: None if value is None else inner(value)


def _sequence(arguments: tuple[Any, ...]) -> Coder:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _decoder(arguments[0])
        return lambda values: tuple(item(v) for v in values)
    items = tuple(_decoder(a) for a in arguments)
    return lambda values: tuple(item(v) for item, v in zip(items, values, strict=True))


def _object(cls: Any) -> Coder:
    hints = typing.get_type_hints(cls)
    decoders = {f.name: _decoder(hints[f.name]) for f in dataclasses.fields(cls)}
    return lambda value: cls(**{name: decoders[name](item) for name, item in value.items() if name in decoders})
