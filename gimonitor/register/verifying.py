"""Marks a fact of a rule file as verified: who, when, by what source. The rest of the file stays as it was written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gimonitor.errors import InputError, RulesError
from gimonitor.model.register import GI, Article, Certainty, Sign
from gimonitor.register.convert import to_gi, to_sign
from gimonitor.register.facts import facts_of
from gimonitor.register.loader import change_rules, validate
from gimonitor.register.nodes import SIGNS, Data, Document, Node, parse_document
from gimonitor.register.schema import GIFile, SignFile

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


def check_verification(verification: Verification, today: date) -> None:
    """Raise InputError for a day to come, an empty name or source, and signs that no text holds."""
    if verification.on > today:
        raise InputError(f"{verification.on} lies in the future; say the day on which it was checked")
    for name, text in (("by", verification.by), ("source", verification.source)):
        if not text.strip():
            raise InputError(f"--{name} is empty")
        if found := SIGNS.search(text):
            raise InputError(f"--{name}: U+{ord(found.group()):04X}: control and direction characters are not allowed")


def refuse_again(name: str, certainty: Certainty, by: str, on: date | None) -> None:
    """Raise InputError for what somebody has verified already."""
    if certainty is Certainty.FOUND and by:
        raise InputError(f"{name}: verified already by {by} on {on}; say --again to replace that")


def verify_fact(
    folder: Path, item: GI | Sign, place: str, verification: Verification, *, write: bool = True, again: bool = False
) -> str:
    """Mark the fact of a GI or a sign at `place` (`standards.0.code`) verified in its file and return the file's new text.

    Raises InputError when there is no such fact, somebody has verified it already (unless `again`), or the file
    changed since it was loaded.
    """
    places = dict(facts_of(item))
    if place not in places:
        left = [name for name, fact in places.items() if fact.certainty is Certainty.UNVERIFIED]
        raise InputError(f"{item.name}: no fact at {place!r}; unverified: {', '.join(left) or 'none'}")
    if not again:
        refuse_again(
            f"{item.name}: {place}", places[place].certainty, places[place].checked_by, places[place].checked_on
        )
    name = item.path.rpartition(":")[0]
    raw = (folder / name).read_bytes()
    text = raw.decode("utf-8-sig")
    before = read_file(raw, name)
    node = before[0].node(_steps(place))
    value = _value(before[0].data, _steps(place))
    edited = text[: node.start] + _fact(value, verification) + text[_end(node) :]
    after = read_file(edited.encode(), name)
    _compare(before[1], after[1], place)
    if write:
        change_rules(folder, {name: edited.encode()})
    return edited


def _steps(place: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in place.split("."))


def read_file(raw: bytes, name: str) -> tuple[Document, GI | Sign]:
    """The file of a GI or sign from its text. Raises RulesError with every issue of it."""
    document = parse_document(raw, name)
    form: GIFile | SignFile | None = None
    if document.data is not None:
        form = validate(document, SignFile) if name.startswith("signs/") else validate(document, GIFile)
    if document.issues or form is None:
        raise RulesError([str(issue) for issue in document.issues])
    path = f"{name}:1"
    return document, to_sign(form, path) if isinstance(form, SignFile) else to_gi(form, path)


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


def _compare(before: GI | Sign, after: GI | Sign, place: str) -> None:
    old, new = dict(facts_of(before)), dict(facts_of(after))
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if changed - {place} or old[place].value != new[place].value or new[place].certainty is not Certainty.FOUND:
        raise InputError(f"{before.name}: {place} cannot be edited in place; mark it by hand")


def verify_sign(folder: Path, sign: Sign, verification: Verification, *, again: bool = False) -> None:
    """Mark that there is a sign of this name and kind, claimed by these words, as verified in its file. Raises InputError as `verify_fact` does."""
    if not again:
        refuse_again(sign.name, sign.certainty, sign.checked_by, sign.checked_on)
    _mark_mapping(folder, sign.path, (), verification)


def verify_article(folder: Path, article: Article, verification: Verification, *, again: bool = False) -> None:
    """Mark an article with the days of its version verified in its file. Raises InputError as `verify_fact` does."""
    if not again:
        refuse_again(article.key, article.certainty, article.checked_by, article.checked_on)
    name, _, line = article.path.rpartition(":")
    document = parse_document((folder / name).read_bytes(), name)
    for v, version in document.node(("versions",)).items.items():
        for a, node in version.items["articles"].items.items():
            if str(node.line) == line:
                _mark_mapping(folder, article.path, ("versions", v, "articles", a), verification)
                return
    raise InputError(f"{article.path}: changed since it was loaded")


def _mark_mapping(folder: Path, path: str, steps: tuple[str | int, ...], verification: Verification) -> None:
    name = path.rpartition(":")[0]
    text = (folder / name).read_text(encoding="utf-8-sig")
    values = {
        "certainty": "found",
        "source": json.dumps(verification.source, ensure_ascii=False),
        "checked_by": json.dumps(verification.by, ensure_ascii=False),
        "checked_on": verification.on.isoformat(),
    }
    for key, value in values.items():
        text = set_key(text, name, steps, key, value)
    change_rules(folder, {name: text.encode()})


def set_key(text: str, name: str, steps: tuple[str | int, ...], key: str, value: str) -> str:
    """A rule file's text with `key: value` in the mapping at `steps`, in place of what stood there. `value` is YAML."""
    node = parse_document(text.encode(), name).node(steps)
    if old := node.items.get(key):
        return text[: old.start] + value + text[_end(old) :]
    last = max(node.items.values(), key=lambda child: child.start)
    if node.is_flow:
        return f"{text[: _end(last)]}, {key}: {value}{text[_end(last) :]}"
    first = next(iter(node.items.values()))
    assert first.key is not None
    at = first.key.start  # before the first key: after the last one comments and other parts may follow
    return f"{text[:at]}{key}: {value}\n{' ' * (first.key.column - 1)}{text[at:]}"
