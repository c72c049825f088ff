"""A model's example as it is written: a title, or a listing's record as JSON, with the day and the history it is seen with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gimonitor.errors import InputError
from gimonitor.model.finding import History

_COUNTS = ("removals", "confirmed", "penalties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A title or a record. `on` is the day of the act where the example says one; `history` what the store would know."""

    record: str | Mapping[str, object]
    on: date | None = None
    history: History | None = None


def read_example(text: str) -> Example:
    """The example in a text: `on` and `history` of a record are the example's own, all else is the listing's.

    Raises InputError saying what is wrong.
    """
    if not text.startswith("{"):
        return Example(record=text)
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON record: {error}") from error
    if not isinstance(record.get("title"), str):
        raise InputError("title is missing or no text")
    day, history = record.pop("on", None), record.pop("history", None)
    return Example(record=record, on=_day(day), history=_history(history))


def example_fault(text: str) -> str:
    """What is wrong with an example, empty where it can be read."""
    try:
        read_example(text)
    except InputError as error:
        return str(error)
    return ""


def _day(value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InputError(f"on: {str(value)[:40]!r} is no day of the form 2027-01-31") from error


def _history(value: object) -> History | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not value.keys() <= set(_COUNTS):
        raise InputError(f"history: an object with numbers of {', '.join(_COUNTS)} is wanted")
    if not all(isinstance(count, int) and count >= 0 for count in value.values()):
        raise InputError("history: a count is a whole number")
    return History(**value)
