"""Compares a register received from another bureau with our own, and takes over what was chosen, with its origin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gimonitor.errors import InputError, RulesError
from gimonitor.model.register import GI, AuthorisedUser, Certainty, Register
from gimonitor.register.cells import fold_name
from gimonitor.register.convert import to_gi
from gimonitor.register.differing import gi_differences, user_differences
from gimonitor.register.exchange import Exchange
from gimonitor.register.facts import facts_of
from gimonitor.register.issues import Issue
from gimonitor.register.loader import change_rules, validate
from gimonitor.register.nodes import parse_document
from gimonitor.register.schema import GIFile
from gimonitor.register.userfile import parse_users
from gimonitor.register.usermerge import format_users
from gimonitor.register.verifying import set_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A GI or user that both have, and differently: each line says one difference as `place: ours -> theirs`.

    `why` says what keeps it from being taken. `mark` is a digest of all that, and of the sender: once something changes on
    either side it is another one.
    """

    gi_id: str
    name: str
    lines: tuple[str, ...]
    mark: str
    why: str = ""

    @property
    def title(self) -> str:
        """Which one, and why it is left alone."""
        return f"{self.name} ({self.gi_id}){f': {self.why}' if self.why else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePlan:
    """What taking over a received register would do. Nothing has been written."""

    origin: str
    new: tuple[str, ...]  # names of GIs we do not have
    same: int
    changed: tuple[Difference, ...]
    conflicts: tuple[
        Difference, ...
    ]  # another id, users of it, or facts that would lose their verification: a person decides
    refused: tuple[Difference, ...]  # of these and of `users_differ` what was looked at before and left as it is
    users_new: tuple[str, ...]
    users_same: int
    users_differ: tuple[Difference, ...]  # ours differ, and are left as they are
    users_gone: tuple[str, ...]  # came from this bureau before and are no more in its file
    files_new: dict[str, bytes]
    files_changed: dict[str, dict[str, bytes]]  # by the id of a GI that is changed, looked at before or not

    def left(self, taken: Iterable[str] = ()) -> tuple[Difference, ...]:
        """What a person has now looked at and not taken; `taken` holds ids of GIs."""
        taken = frozenset(taken)
        return (*(d for d in self.changed if d.gi_id not in taken), *self.conflicts, *self.users_differ)


def plan_merge(register: Register, exchange: Exchange, *, refused: frozenset[str] = frozenset()) -> MergePlan:
    """Compare. `refused` holds the marks of what a person has looked at before and left.

    Raises RulesError with every problem when the received files are no valid rule files.
    """
    theirs, users = _parse(exchange)
    gis = _GIs(register, exchange)
    for name, gi in theirs.items():
        gis.take(name, gi)
    known = gis.by_id.keys() | {gi.id for gi in theirs.values() if gi.name in gis.new}
    for user in users:
        if user.gi_id not in known:
            gis.conflicts.append(_difference(exchange, user.gi_id, user.name, (), "user of a GI that we do not have"))
    taken = _Users(register, exchange, [user for user in users if user.gi_id in known])
    files_new = gis.files_new | ({taken.path: format_users(taken.result)} if taken.result != taken.before else {})
    differing = (*gis.changed, *gis.conflicts, *taken.differ)
    return MergePlan(
        origin=exchange.origin,
        new=tuple(gis.new),
        same=gis.same,
        changed=tuple(d for d in gis.changed if d.mark not in refused),
        conflicts=tuple(d for d in gis.conflicts if d.mark not in refused),
        refused=tuple(d for d in differing if d.mark in refused),
        users_new=tuple(taken.new),
        users_same=taken.same,
        users_differ=tuple(d for d in taken.differ if d.mark not in refused),
        users_gone=tuple(taken.gone),
        files_new=files_new,
        files_changed=gis.files_changed,
    )


def chosen_gis(plan: MergePlan, names: Iterable[str], *, all_changed: bool = False) -> frozenset[str]:
    """The ids of the changed GIs to take: those named (by id or name), and with `all_changed` all not refused before.

    Raises InputError for a name that is none of the changed ones.
    """
    by_name = {gi_id: gi_id for gi_id in plan.files_changed}
    by_name |= {d.name: d.gi_id for d in (*plan.changed, *plan.refused) if d.gi_id in plan.files_changed}
    for name in names:
        if name not in by_name:
            raise InputError(
                f"{name}: not among the changed GIs of this file; a conflict is settled by a person, in the rule file"
            )
    return frozenset(by_name[name] for name in names) | {d.gi_id for d in plan.changed if all_changed}


def apply_merge(folder: Path, plan: MergePlan, *, taken: Iterable[str] = ()) -> int:
    """Take over new GIs and users, and their version of the changed GIs `taken` (ids); return the number of files.

    All or none; raises RulesError.
    """
    files = dict(plan.files_new)
    for gi_id in taken:
        files |= plan.files_changed[gi_id]
    change_rules(folder, files)
    return len(files)


def _difference(exchange: Exchange, gi_id: str, name: str, lines: Iterable[str], why: str = "") -> Difference:
    lines = tuple(lines)
    said = json.dumps([exchange.key, gi_id, name, why, *lines], ensure_ascii=False)
    return Difference(gi_id=gi_id, name=name, lines=lines, why=why, mark=hashlib.sha256(said.encode()).hexdigest())


class _GIs:
    """GIs received, one by one: new, the same, changed, or in conflict with ours."""

    def __init__(self, register: Register, exchange: Exchange) -> None:
        self.exchange = exchange
        self.by_id = {gi.id: gi for gi in register.gis}
        self.by_name = {fold_name(gi.name): gi for gi in register.gis}
        self.new: list[str] = []
        self.changed: list[Difference] = []
        self.conflicts: list[Difference] = []
        self.same = 0
        self.files_new: dict[str, bytes] = {}
        self.files_changed: dict[str, dict[str, bytes]] = {}

    def take(self, name: str, gi: GI) -> None:
        ours, twin = self.by_id.get(gi.id), self.by_name.get(fold_name(gi.name))
        content = _with_origin(self.exchange.files[name], name, gi, self.exchange.origin)
        if ours is None and twin is None:
            self.new.append(gi.name)
            self.files_new[name] = content
            return
        other = ours if twin is None else twin
        assert other is not None
        lines = tuple(gi_differences(other, gi))
        if ours is None or other.id != gi.id:
            self._conflict(gi, lines, f"we have it as {other.id}")
        elif lost := ", ".join(_losses(ours, gi)):
            self._conflict(gi, lines, f"verified with us and not with theirs: {lost}")
        elif lines:
            self.changed.append(_difference(self.exchange, gi.id, gi.name, lines))
            self.files_changed[gi.id] = {ours.path.rpartition(":")[0]: content}
        else:
            self.same += 1

    def _conflict(self, gi: GI, lines: Iterable[str], why: str) -> None:
        self.conflicts.append(_difference(self.exchange, gi.id, gi.name, lines, why))


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


class _Users:
    """Users received go into one file per bureau, which its next register replaces; users we hold ourselves stay ours."""

    def __init__(self, register: Register, exchange: Exchange, received: list[AuthorisedUser]) -> None:
        self.path = f"users/from-{exchange.key[:12]}.csv"
        self.before = [_plain(user) for user in register.users if user.path.startswith(f"{self.path}:")]
        own = {_key(user): user for user in register.users if not user.path.startswith(f"{self.path}:")}
        known = {_key(user): user for user in self.before}
        self.result: list[AuthorisedUser] = []
        self.new: list[str] = []
        self.differ: list[Difference] = []
        self.same = 0
        for user in received:
            sent = replace(_plain(user), origin=_origin(exchange.origin, user.origin))
            ours = own.get(_key(user))
            if ours is not None:
                if lines := tuple(user_differences(ours, sent)):
                    self.differ.append(_difference(exchange, user.gi_id, user.name, lines))
                else:
                    self.same += 1
                continue
            self.result.append(sent)
            if known.pop(_key(user), None) == sent:
                self.same += 1
            else:
                self.new.append(f"{user.name} ({user.gi_id})")
        self.gone = [f"{user.name} ({user.gi_id})" for user in known.values()]


def _plain(user: AuthorisedUser) -> AuthorisedUser:
    return replace(user, path="")


def _key(user: AuthorisedUser) -> tuple[str, str]:
    return user.gi_id, user.uscc or fold_name(user.name)
