"""Values of the register as plain JSON lists and back, field by field in the order of declaration, fast for 100,000 of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Decoder = Callable[[Any], Any]


def encode(value: object) -> object:
    """A value of the register as what JSON can hold. Raises TypeError for anything that is none."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if dataclasses.is_dataclass(value):
        return [encode(getattr(value, name)) for name in _names(value.__class__)]
    raise TypeError(f"{type(value).__name__} is no value of the register")


def decoder_for(kind: Any) -> Decoder:
    """The function that makes a `kind` (a dataclass, or a tuple of them) again of what `encode` made of it.

    It raises ValueError, TypeError or KeyError where its argument is something else.
    """
    return _decoder(kind) or _same


@lru_cache(maxsize=256)
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(kind) if f.init and not f.name.startswith("_"))


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> Decoder | None:
    """What turns JSON into `kind`, or None where JSON holds it as it is."""
    if kind in (str, int, bool, NoneType):
        return None
    if kind is float:
        return float
    if kind is date:
        return date.fromisoformat
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _decoder(next(a for a in arguments if a is not NoneType))  # None never gets there: see `_may_be_empty`
    if origin is tuple:
        return _tuple(arguments)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {str(member): member for member in kind}.__getitem__
    if dataclasses.is_dataclass(origin or kind):
        return _dataclass(origin or kind, arguments)
    raise TypeError(f"{kind} is no value of the register")


def _tuple(arguments: tuple[Any, ...]) -> Decoder:
    if arguments[-1] is Ellipsis:
        inner = _decoder(arguments[0])
        return tuple if inner is None else lambda data: tuple(map(inner, data)) if data else ()
    inners = [_decoder(argument) or _same for argument in arguments]
    return lambda data: tuple(inner(item) for inner, item in zip(inners, data, strict=True))


def _same(data: object) -> object:
    return data


def _dataclass(kind: Any, arguments: tuple[Any, ...]) -> Decoder:
    """A function that fills the slots of a new value one by one, written out as dataclasses write their `__init__`.

    That of a frozen class takes three times as long, and there are 100,000 of them.
    """
    hints = get_type_hints(kind)
    parameters = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=True))
    names = _names(kind)
    known: dict[str, object] = {"_new": object.__new__, "_kind": kind}
    lines = [f"def build(_data):\n {', '.join(names)}, = _data\n _value = _new(_kind)"]
    for name in names:
        hint = parameters.get(hints[name], hints[name])
        known[f"set_{name}"] = getattr(kind, name).__set__
        known[f"read_{name}"] = decoder = _decoder(hint)
        nothing = "()" if get_origin(hint) is tuple else "None"
        read = f"read_{name}({name}) if {name} else {nothing}" if _may_be_empty(hint) else f"read_{name}({name})"
        lines.append(f" set_{name}(_value, {read if decoder else name})")
    exec("\n".join([*lines, " return _value"]), known)  # noqa: S102 -- made of our own field names only
    build = known["build"]
    assert callable(build)
    return build


def _may_be_empty(hint: Any) -> bool:
    return get_origin(hint) in (tuple, Union, UnionType)
