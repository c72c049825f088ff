"""Compares a table of authorised users with the register, and writes the outcome into one file of rules/users/, whole or not."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from gimonitor.errors import InputError
from gimonitor.model.register import AuthorisedUser, Certainty, Register
from gimonitor.register.cells import fold_name
from gimonitor.register.loader import change_rules
from gimonitor.register.userfile import COLUMNS
from gimonitor.register.usertable import Reject, UserTable
from gimonitor.register.verifying import Verification, refuse_again
from gimonitor.tables import harmless

COMPARED = ("name", "uscc", "basis", "number", "starts", "ends", "scope", "brands", "shops")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A user that the table has otherwise than the register: what was, what will be, in which fields."""

    before: AuthorisedUser
    after: AuthorisedUser
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPlan:
    """What an import would do to the file `into`. Nothing has been written."""

    into: str
    new: tuple[AuthorisedUser, ...]
    changed: tuple[Change, ...]
    ended: tuple[Change, ...]
    unchanged: tuple[AuthorisedUser, ...]
    held_elsewhere: tuple[Change, ...]  # differs, but stands in another file: left alone
    suspicious: tuple[str, ...]
    rejects: tuple[Reject, ...]
    result: tuple[AuthorisedUser, ...]  # the whole content of the file afterwards


def plan_users(
    register: Register, table: UserTable, *, into: str, on: date, complete_for: Iterable[str] = ()
) -> UserPlan:
    """Compare. `complete_for` names GIs of which the table holds every user: who is missing there has ended the day before `on`.

    Raises InputError for a file name that is no plain CSV name, or the practice file.
    """
    if not into.endswith(".csv") or "/" in into or into.startswith(".") or "practice" in into:
        raise InputError(f"{into}: give a plain name such as shanxi.csv (practice.csv is for invented users)")
    path = f"users/{into}"
    known = [user for user in register.users if user.certainty is not Certainty.PRACTICE]
    by_key = _index(known)
    names = {number: user.name for number, user in table.users}
    doubts = [
        f"row {number}: {names[number]}: {text}"
        for number, texts in sorted(table.doubts.items())
        for text in texts
        if number in names
    ]
    new: list[AuthorisedUser] = []
    changed: list[Change] = []
    elsewhere: list[Change] = []
    unchanged: list[AuthorisedUser] = []
    matched: set[int] = set()
    for number, user in table.users:
        before = _find(by_key, user)
        if before is None:
            new.append(user)
            continue
        matched.add(id(before))
        change = _change(before, user)
        doubts += [f"row {number}: {text}" for text in _odd(change)]
        if not change.fields:
            unchanged.append(before)
        else:
            (changed if before.path.startswith(f"{path}:") else elsewhere).append(change)
    doubts += _of_two_names(known, table)
    ended = _ended(known, matched, frozenset(complete_for), path, on)
    swaps = {id(change.before): change.after for change in (*changed, *ended)}
    kept = [swaps.get(id(user), user) for user in known if user.path.startswith(f"{path}:")]
    return UserPlan(
        into=path,
        new=tuple(new),
        changed=tuple(changed),
        ended=ended,
        unchanged=tuple(unchanged),
        held_elsewhere=tuple(elsewhere),
        suspicious=tuple(doubts),
        rejects=table.rejects,
        result=(*kept, *new),
    )


def _index(users: Iterable[AuthorisedUser]) -> dict[tuple[str, str], AuthorisedUser]:
    index: dict[tuple[str, str], AuthorisedUser] = {}
    for user in users:
        for mark in (user.uscc, fold_name(user.name)):
            if mark:
                index[user.gi_id, mark] = user  # the latest period counts: files are in order of time
    return index


def _find(index: Mapping[tuple[str, str], AuthorisedUser], user: AuthorisedUser) -> AuthorisedUser | None:
    by_code = index.get((user.gi_id, user.uscc)) if user.uscc else None
    return by_code or index.get((user.gi_id, fold_name(user.name)))


def _change(before: AuthorisedUser, user: AuthorisedUser) -> Change:
    """What the table says otherwise; an empty cell says nothing."""
    told = {name: getattr(user, name) for name in COMPARED if getattr(user, name)}
    fields = tuple(name for name, value in told.items() if value != getattr(before, name))
    after = replace(before, source=user.source, certainty=user.certainty, **{name: told[name] for name in fields})
    return Change(before=before, after=after if fields else before, fields=fields)


def _odd(change: Change) -> list[str]:
    before, after = change.before, change.after
    odd = []
    if "uscc" in change.fields and before.uscc:
        odd.append(f"{after.name}: the same name with another 统一社会信用代码 ({before.uscc}, now {after.uscc})")
    if "name" in change.fields and fold_name(before.name) != fold_name(after.name):
        odd.append(f"{after.uscc}: the same 统一社会信用代码 with another name ({before.name}, now {after.name})")
    return odd


def _of_two_names(known: Iterable[AuthorisedUser], table: UserTable) -> Iterator[str]:
    """Rows whose code stands with another name, or whose name with another code, at another GI: here, or in a row above."""
    held: dict[str, list[tuple[AuthorisedUser, str]]] = defaultdict(list)
    rows = [(user, "in the register") for user in known]
    rows += [(user, f"in row {number}") for number, user in table.users]
    for user, where in rows:
        for other, there in [] if where == "in the register" else (*held[user.uscc], *held[fold_name(user.name)]):
            same_name = fold_name(other.name) == fold_name(user.name)
            if other.gi_id != user.gi_id and user.uscc and other.uscc and same_name != (other.uscc == user.uscc):
                said = f"{user.name} with the code {user.uscc} stands as {other.name} with {other.uscc}"
                yield f"{where.removeprefix('in ')}: {said} {there} (user of {other.gi_id})"
                break
        for mark in filter(None, (user.uscc, fold_name(user.name))):
            held[mark].append((user, where))


def _ended(
    known: list[AuthorisedUser], matched: set[int], complete: frozenset[str], path: str, on: date
) -> tuple[Change, ...]:
    last = on - timedelta(days=1)
    return tuple(
        Change(before=user, after=replace(user, ends=last), fields=("ends",))
        for user in known
        if user.gi_id in complete
        and id(user) not in matched
        and user.is_active(on)
        and user.path.startswith(f"{path}:")
    )


def apply_plan(folder: Path, plan: UserPlan) -> None:
    """Write the file, whole. Raises RulesError, and writes nothing, when the register would not load afterwards."""
    change_rules(folder, {plan.into: format_users(plan.result)})


def format_users(users: Iterable[AuthorisedUser]) -> bytes:
    """The CSV text of users in the form of rules/users/."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for user in users:
        values = {
            **{name: getattr(user, name) or "" for name in COLUMNS},
            "brands": ";".join(user.brands),
            "shops": ";".join(f"{platform}:{name}" for platform, name in user.shops),
        }
        writer.writerow([values[name] for name in COLUMNS])
    return text.getvalue().encode()


def verify_user(
    folder: Path, register: Register, user: AuthorisedUser, verification: Verification, *, again: bool = False
) -> None:
    """Mark a user's record verified in its file, all of it. Raises InputError for a practice user, or one verified already."""
    if user.certainty is Certainty.PRACTICE:
        raise InputError(f"{user.name}: invented for the practice marketplace; there is nothing to verify")
    if not again:
        refuse_again(user.name, user.certainty, user.checked_by, user.checked_on)
    name = user.path.rpartition(":")[0]
    checked = replace(
        user,
        certainty=Certainty.FOUND,
        source=verification.source,
        checked_by=verification.by,
        checked_on=verification.on,
    )
    kept = [checked if other is user else other for other in register.users if other.path.startswith(f"{name}:")]
    change_rules(folder, {name: format_users(kept)})


def format_rejects(rejects: Iterable[Reject]) -> bytes:
    """A CSV of refused rows: row number, every reason, and the cells as they were, made harmless for a spreadsheet."""
    rejects = tuple(rejects)
    headings = list(dict.fromkeys(name for reject in rejects for name in reject.cells))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["row", "reason", *(harmless(name) for name in headings)])
    for reject in rejects:
        cells = [harmless(reject.cells.get(name, "")) for name in headings]
        writer.writerow([reject.number, harmless("; ".join(reject.reasons)), *cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")
