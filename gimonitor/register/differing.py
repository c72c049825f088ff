"""What differs between our record and that of another bureau, field by field, each as `place: ours -> theirs`."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.register import GI, AuthorisedUser, Fact
from gimonitor.register.facts import facts_of
from gimonitor.register.usermerge import COMPARED

PLAIN_FIELDS = (
    "name", "source", "province", "city", "core", "product_words", "like_words", "not_goods", "generic_words", "needs_near",
    "nice_classes", "sc_categories", "notes",
)  # fmt: skip
NOTHING = "nothing"
_USER_FIELDS = (*COMPARED, "certainty")


def gi_differences(ours: GI, theirs: GI) -> Iterator[str]:
    """Each fact, plain field, note and year that the two files of a GI tell otherwise."""
    old, new = dict(facts_of(ours)), dict(facts_of(theirs))
    for place in sorted(old.keys() | new.keys()):
        before, after = old.get(place), new.get(place)
        if before != after:
            yield f"{place}: {_fact(before, after)} -> {_fact(after, before)}"
    for name in PLAIN_FIELDS:
        yield from _line(name, getattr(ours, name), getattr(theirs, name))
    before_frame, after_frame = dict(_frame(ours)), dict(_frame(theirs))
    for place in sorted(before_frame.keys() | after_frame.keys()):
        yield from _line(place, before_frame.get(place, ""), after_frame.get(place, ""))


def user_differences(ours: AuthorisedUser, theirs: AuthorisedUser) -> Iterator[str]:
    """Each field that is told otherwise of a user, whoever says it and checked it."""
    for name in _USER_FIELDS:
        yield from _line(name, getattr(ours, name), getattr(theirs, name))


def _line(place: str, ours: object, theirs: object) -> Iterator[str]:
    if ours != theirs:
        yield f"{place}: {_text(ours)} -> {_text(theirs)}"


def _frame(gi: GI) -> Iterator[tuple[str, str]]:
    """What stands around the facts of a GI: notes of protections, and the years of what is told by year."""
    for i, protection in enumerate(gi.protections):
        yield f"protections.{i}.note", protection.note
    for i, (year, _) in enumerate(gi.price_floors_fen):
        yield f"price_floors.{i}.year", str(year)
    for i, (year, _) in enumerate(gi.output_tonnes):
        yield f"outputs.{i}.year", str(year)
    for i, (year, _) in enumerate(gi.season.opening_dates if gi.season else ()):
        yield f"season.opening_dates.{i}.year", str(year)


def _fact(fact: Fact[object] | None, other: Fact[object] | None) -> str:
    """A fact with its certainty; where the other says the same, with its source and who checked it."""
    if fact is None:
        return NOTHING
    told = [str(fact.certainty)]
    if other and (fact.value, fact.certainty) == (other.value, other.certainty):
        told += [f"source: {fact.source or NOTHING}"]
        told += [f"checked by {fact.checked_by} on {fact.checked_on}"] if fact.checked_by else ["not checked"]
    return f"{_text(fact.value)} ({'; '.join(told)})"


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return (
            "、".join(":".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in value) or NOTHING
        )
    return str(value) if value not in (None, "") else NOTHING
