"""What an audit entry was about, in words: its object and detail as the screen shows them. The interface gives them raw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gimonitor.web import words
from gimonitor.web.words import word

LONGEST = 60
"""Characters of a value that are shown."""
LISTED = 12
"""Members of a list that are shown."""
_DIGESTS = frozenset({"sha256", "digest", "hash"})
_VALUES: dict[str, dict[str, str]] = {
    "state": words.STATES,
    "resolution": words.RESOLUTIONS,
    "seen": words.SEEN,
    "channel": words.CHANNELS,
    "topic": words.TOPICS,
    "result": words.SAMPLE_RESULTS,
    "kind": words.ANSWERS | words.COMPLAINT_KINDS,
    "source": words.COMPLAINT_SOURCES,
    "role": words.ROLES,
    "roles": words.ROLES,
    "for": words.ACTIONS,
}
"""Words for the values of a field that is of a closed vocabulary."""


def say_object(obj: str) -> str:
    """`lead:12`: 线索 12. As it stands where its kind is not known."""
    kind, colon, rest = obj.partition(":")
    if kind not in words.AUDIT_OBJECTS:
        return obj
    return f"{words.AUDIT_OBJECTS[kind]} {_cut(rest)}" if colon else words.AUDIT_OBJECTS[kind]


def say_detail(detail: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(field, value) in words, without what is empty; a field that is not known stands as it is."""
    return tuple((word(words.AUDIT_FIELDS, name), _said(name, value)) for name, value in detail.items() if _told(value))


def _told(value: object) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def _said(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        more = f"等 {len(value)} 项" if len(value) > LISTED else ""
        return "、".join(_said(name, one) for one in value[:LISTED]) + more
    if isinstance(value, dict):
        return "、".join(f"{word(words.AUDIT_FIELDS, str(k))} {_said(str(k), v)}" for k, v in value.items() if _told(v))
    text = str(value)
    if name in ("role", "roles"):
        return "、".join(word(words.ROLES, one) for one in text.split(","))
    return text[:16] + "…" if name in _DIGESTS and len(text) > 16 else _cut(word(_VALUES.get(name, {}), text))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
