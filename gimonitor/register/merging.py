"""Compares a register received from another bureau with our own, and takes over what was chosen, with its origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gimonitor.errors import RulesError
from gimonitor.model.register import GI, AuthorisedUser, Certainty, Register
from gimonitor.register.cells import fold_name
from gimonitor.register.convert import to_gi
from gimonitor.register.exchange import Exchange
from gimonitor.register.facts import facts_of
from gimonitor.register.issues import Issue
from gimonitor.register.loader import change_rules, validate
from gimonitor.register.nodes import parse_document
from gimonitor.register.schema import GIFile
from gimonitor.register.userfile import parse_users
from gimonitor.register.usermerge import format_users
from gimonitor.register.verifying import set_key

_PLAIN_FIELDS = (
    "name", "source", "province", "city", "core", "product_words", "like_words", "not_goods", "generic_words", "needs_near",
    "nice_classes", "sc_categories", "notes",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A GI that both have, and differently: each line says one difference as `place: ours -> theirs`."""

    gi_id: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePlan:
    """What taking over a received register would do. Nothing has been written."""

    origin: str
    new: tuple[str, ...]  # names of GIs we do not have
    same: int
    changed: tuple[Difference, ...]
    conflicts: tuple[str, ...]  # another id, users of it, or facts that would lose their verification: a person decides
    users_new: tuple[str, ...]
    users_same: int
    users_differ: tuple[str, ...]  # ours differ, and are left as they are
    users_gone: tuple[str, ...]  # came from this bureau before and are no more in its file
    files_new: dict[str, bytes]
    files_changed: dict[str, bytes]


def plan_merge(register: Register, exchange: Exchange) -> MergePlan:
    """Compare. Raises RulesError with every problem when the received files are no valid rule files."""
    theirs, users = _parse(exchange)
    new: list[str] = []
    changed: list[Difference] = []
    conflicts: list[str] = []
    same = 0
    files_new: dict[str, bytes] = {}
    files_changed: dict[str, bytes] = {}
    by_id = {gi.id: gi for gi in register.gis}
    by_name = {fold_name(gi.name): gi for gi in register.gis}
    for name, gi in theirs.items():
        ours = by_id.get(gi.id)
        twin = by_name.get(fold_name(gi.name))
        content = _with_origin(exchange.files[name], name, gi, exchange.origin)
        if ours is None and twin is None:
            new.append(gi.name)
            files_new[name] = content
        elif ours is None or (twin is not None and twin.id != gi.id):
            other = twin or ours
            conflicts.append(f"{gi.name} ({gi.id}): we have it as {other.id if other else '?'}")
        elif lost := tuple(_losses(ours, gi)):
            places = ", ".join(lost)
            conflicts.append(f"{gi.name} ({gi.id}): verified with us and not with theirs: {places}")
        elif lines := tuple(_differences(ours, gi)):
            changed.append(Difference(gi_id=gi.id, name=gi.name, lines=lines))
            files_changed[ours.path.rpartition(":")[0]] = content
        else:
            same += 1
    known = by_id.keys() | {gi.id for gi in theirs.values() if gi.name in new}
    conflicts += [
        f"{user.name}: user of {user.gi_id}, which we do not have" for user in users if user.gi_id not in known
    ]
    taken = _Users(register, exchange, [user for user in users if user.gi_id in known])
    if taken.result != taken.before:
        files_new[taken.path] = format_users(taken.result)
    return MergePlan(
        origin=exchange.origin,
        new=tuple(new),
        same=same,
        changed=tuple(changed),
        conflicts=tuple(conflicts),
        users_new=tuple(taken.new),
        users_same=taken.same,
        users_differ=tuple(taken.differ),
        users_gone=tuple(taken.gone),
        files_new=files_new,
        files_changed=files_changed,
    )


def apply_merge(folder: Path, plan: MergePlan, *, take_changed: bool = False) -> int:
    """Take over new GIs and users, and with `take_changed` their version of changed ones; return the number of files.

    All or none; raises RulesError.
    """
    files = plan.files_new | (plan.files_changed if take_changed else {})
    change_rules(folder, files)
    return len(files)


def _parse(exchange: Exchange) -> tuple[dict[str, GI], list[AuthorisedUser]]:
    gis: dict[str, GI] = {}
    users: list[AuthorisedUser] = []
    issues: list[Issue] = []
    for name, raw in exchange.files.items():
        if name.endswith(".csv"):
            found, problems = parse_users(raw, name)
            users += found
            issues += problems
            continue
        document = parse_document(raw, name)
        form = validate(document, GIFile) if document.data is not None else None
        issues += document.issues
        if isinstance(form, GIFile):
            gis[name] = to_gi(form, f"{name}:1")
    if issues:
        raise RulesError([str(issue) for issue in issues])
    return gis, users


def _with_origin(raw: bytes, name: str, gi: GI, origin: str) -> bytes:
    """The file with the bureau it came from; where the sender had it from elsewhere, what it says of that stands behind."""
    text = raw.decode("utf-8-sig")
    told = json.dumps(_origin(origin, gi.origin), ensure_ascii=False)
    if gi.origin:
        return set_key(text, name, (), "origin", told).encode()
    return f"{text.rstrip()}\norigin: {told}\n".encode()


def _origin(sender: str, earlier: str) -> str:
    return f"{sender}（称来自{earlier}）" if earlier and earlier != sender else sender


def _losses(ours: GI, theirs: GI) -> Iterator[str]:
    """Facts that are found with us and would be unverified or gone with theirs; a found one of another value is no loss."""
    old, new = dict(facts_of(ours)), dict(facts_of(theirs))
    kept = {(_group(place), fact.value) for place, fact in new.items() if fact.certainty is Certainty.FOUND}
    for place, fact in old.items():
        there = new.get(place)
        replaced = there is not None and there.certainty is Certainty.FOUND and not fact.checked_by
        if fact.certainty is Certainty.FOUND and not replaced and (_group(place), fact.value) not in kept:
            yield place


def _group(place: str) -> str:
    return ".".join(step for step in place.split(".") if not step.isdigit())


def _differences(ours: GI, theirs: GI) -> Iterator[str]:
    old, new = dict(facts_of(ours)), dict(facts_of(theirs))
    for place in sorted(old.keys() | new.keys()):
        if old.get(place) != new.get(place):
            yield f"{place}: {_shown(old.get(place))} -> {_shown(new.get(place))}"
    for name in _PLAIN_FIELDS:
        if getattr(ours, name) != getattr(theirs, name):
            yield f"{name}: {_shown(getattr(ours, name))} -> {_shown(getattr(theirs, name))}"
    if _frame(ours) != _frame(theirs):
        yield "notes of protections, or years of prices, outputs or openings differ"


def _frame(gi: GI) -> object:
    """What stands around the facts of a GI."""
    return (
        [p.note for p in gi.protections],
        [year for year, _ in (*gi.price_floors_fen, *gi.output_tonnes)],
        [year for year, _ in gi.season.opening_dates] if gi.season else [],
    )


def _shown(value: object) -> str:
    inner = getattr(value, "value", value)
    mark = f" ({getattr(value, 'certainty', '')})" if hasattr(value, "certainty") else ""
    return f"{'、'.join(map(str, inner)) if isinstance(inner, tuple) else inner}{mark}"


class _Users:
    """Users received go into one file per bureau, which its next register replaces; users we hold ourselves stay ours."""

    def __init__(self, register: Register, exchange: Exchange, received: list[AuthorisedUser]) -> None:
        self.path = f"users/from-{exchange.key[:12]}.csv"
        self.before = [_plain(user) for user in register.users if user.path.startswith(f"{self.path}:")]
        own = {_key(user): user for user in register.users if not user.path.startswith(f"{self.path}:")}
        known = {_key(user): user for user in self.before}
        self.result: list[AuthorisedUser] = []
        self.new: list[str] = []
        self.differ: list[str] = []
        self.same = 0
        for user in received:
            sent = replace(_plain(user), origin=_origin(exchange.origin, user.origin))
            ours = own.get(_key(user))
            if ours is not None:
                if _told(ours) == _told(sent):
                    self.same += 1
                else:
                    self.differ.append(f"{user.name} ({user.gi_id})")
                continue
            self.result.append(sent)
            if known.pop(_key(user), None) == sent:
                self.same += 1
            else:
                self.new.append(f"{user.name} ({user.gi_id})")
        self.gone = [f"{user.name} ({user.gi_id})" for user in known.values()]


def _plain(user: AuthorisedUser) -> AuthorisedUser:
    return replace(user, path="")


def _told(user: AuthorisedUser) -> AuthorisedUser:
    """What is said of a user, whoever says it and checked it."""
    return replace(_plain(user), origin="", source="", checked_by="", checked_on=None)


def _key(user: AuthorisedUser) -> tuple[str, str]:
    return user.gi_id, user.uscc or fold_name(user.name)
