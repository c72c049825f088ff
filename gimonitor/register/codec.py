"""Values of the register as plain JSON lists and back, field by field in the order of declaration, fast for 100,000 of them.

An empty tuple is written as 0, and the fields at the end of a value that hold their defaults are left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType, new_class
from typing import Any, Union, get_args, get_origin, get_type_hints

Decoder = Callable[[Any], Any]
LAYOUT = 2  # raise when values are written otherwise


def encode(value: object) -> object:
    """A value of the register as what JSON can hold. Raises TypeError for anything that is none."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [encode(item) for item in value] if value else 0
    if dataclasses.is_dataclass(value):
        fields = [encode(getattr(value, name)) for name in _names(value.__class__)]
        needed, defaults = _defaults(value.__class__)
        while len(fields) > needed and fields[-1] == defaults[len(fields) - 1]:
            fields.pop()
        return fields
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
def _defaults(kind: Any) -> tuple[int, list[object]]:
    """How many fields must be there, and the encoded default of each field that has one."""
    fields = [f for f in dataclasses.fields(kind) if f.name in _names(kind)]
    has = [f.default is not dataclasses.MISSING for f in fields]
    needed = max((i + 1 for i, one in enumerate(has) if not one), default=0)
    return needed, [encode(f.default) if one else None for f, one in zip(fields, has, strict=True)]


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
    """A function that makes one value, written out as dataclasses write their `__init__`.

    That of a frozen class takes five times as long, and there are 100,000 values: so a twin that is not frozen is filled,
    and becomes a `kind` when it is whole.
    """
    hints = get_type_hints(kind)
    parameters = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=True))
    names = _names(kind)
    needed, defaults = _defaults(kind)
    known: dict[str, object] = {"_new": object.__new__, "_twin": _twin(kind), "_kind": kind, "_defaults": defaults}
    lines = [
        "def build(_data):",
        " _size = len(_data)",
        f" if _size < {needed}: raise ValueError('fields are missing')",
        f" {', '.join(names)}, = _data + _defaults[_size:]",
        " _value = _new(_twin)",
    ]
    for name in names:
        hint = parameters.get(hints[name], hints[name])
        known[f"read_{name}"] = decoder = _decoder(hint)
        nothing = "()" if get_origin(hint) is tuple else "None"
        read = f"read_{name}({name}) if {name} else {nothing}" if _may_be_empty(hint) else f"read_{name}({name})"
        lines.append(f" _value.{name} = {read if decoder else name}")
    exec("\n".join([*lines, " _value.__class__ = _kind", " return _value"]), known)  # noqa: S102 -- our own field names
    build = known["build"]
    assert callable(build)
    return build


def _twin(kind: Any) -> type[Any]:
    """A class with the slots of `kind` that is not frozen."""
    bases = getattr(kind, "__orig_bases__", kind.__bases__)
    return new_class(kind.__name__, bases, exec_body=lambda space: space.update(__slots__=kind.__slots__))


def _may_be_empty(hint: Any) -> bool:
    return get_origin(hint) in (tuple, Union, UnionType)
