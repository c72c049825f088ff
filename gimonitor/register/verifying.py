"""Marks a fact of a rule file as verified: who, when, by what source. The rest of the file stays as it was written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gimonitor.errors import InputError, RulesError
from gimonitor.model.register import GI, Certainty
from gimonitor.register.checks import facts_of
from gimonitor.register.convert import to_gi
from gimonitor.register.loader import change_rules, validate
from gimonitor.register.nodes import Data, Document, Node, parse_document
from gimonitor.register.schema import GIFile

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`][^,\[\]{}#:'\"\n]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "~"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Who checked a fact, when, and in what source."""

    by: str
    on: date
    source: str


def quote(text: str) -> str:
    """A scalar as YAML text that stays the same text, for this loader and for others."""
    if _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _WORDS and not text[0].isdigit():
        return text
    return json.dumps(text, ensure_ascii=False)


def verify_fact(folder: Path, gi: GI, place: str, verification: Verification, *, write: bool = True) -> str:
    """Mark the fact of `gi` at `place` (`standards.0.code`) verified in its file and return the file's new text.

    Raises InputError when the GI has no such fact or the file changed since it was loaded.
    """
    places = dict(facts_of(gi))
    if place not in places:
        left = [name for name, fact in places.items() if fact.certainty is Certainty.UNVERIFIED]
        raise InputError(f"{gi.name}: no fact at {place!r}; unverified: {', '.join(left) or 'none'}")
    name = gi.path.rpartition(":")[0]
    raw = (folder / name).read_bytes()
    text = raw.decode("utf-8-sig")
    before = _load(raw, name)
    node = before[0].node(_steps(place))
    value = _value(before[0].data, _steps(place))
    edited = text[: node.start] + _fact(value, verification) + text[_end(node) :]
    after = _load(edited.encode(), name)
    _compare(before[1], after[1], place)
    if write:
        change_rules(folder, {name: edited.encode()})
    return edited


def _steps(place: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in place.split("."))


def _load(raw: bytes, name: str) -> tuple[Document, GI]:
    document = parse_document(raw, name)
    form = validate(document, GIFile) if document.data is not None else None
    if document.issues or not isinstance(form, GIFile):
        raise RulesError([str(issue) for issue in document.issues])
    return document, to_gi(form, f"{name}:1")


def _value(data: Data | None, steps: tuple[str | int, ...]) -> str | list[str]:
    for step in steps:
        data = data[step] if isinstance(data, dict) else data[int(step)] if isinstance(data, list) else None  # type: ignore[index]  # keys of a mapping are text
    if isinstance(data, dict):
        data = data["value"]
    if isinstance(data, list):
        return [str(item) for item in data]
    if not isinstance(data, str):
        raise InputError("the fact is not written as text or a list")
    return data


def _fact(value: str | list[str], verification: Verification) -> str:
    shown = f"[{', '.join(quote(item) for item in value)}]" if isinstance(value, list) else quote(value)
    return (
        f"{{value: {shown}, certainty: found, source: {json.dumps(verification.source, ensure_ascii=False)}, "
        f"checked_by: {json.dumps(verification.by, ensure_ascii=False)}, checked_on: {verification.on.isoformat()}}}"
    )


def _end(node: Node) -> int:
    """Where a value really ends: a block collection's own end lies beyond the line breaks and comments after it."""
    ends = [_end(child) for child in node.items.values()]
    return max(ends) if ends and not node.is_flow else node.end


def _compare(before: GI, after: GI, place: str) -> None:
    old, new = dict(facts_of(before)), dict(facts_of(after))
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if changed - {place} or old[place].value != new[place].value or new[place].certainty is not Certainty.FOUND:
        raise InputError(f"{before.name}: {place} cannot be edited in place; mark it by hand")
