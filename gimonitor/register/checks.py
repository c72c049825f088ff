"""Checks across rule files: what each file says may be right by itself and still not fit the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeAlias

from gimonitor.model.register import GI, Article, AuthorisedUser, Certainty, Register, Sign
from gimonitor.register.cells import is_number
from gimonitor.register.examples import example_fault
from gimonitor.register.facts import facts_of, with_facts
from gimonitor.register.families import faults_of
from gimonitor.register.issues import Issue, Severity
from gimonitor.text.codes import uscc_is_valid

SUPPORTED_FROM = date(2024, 2, 1)  # 局令79、80 in force; acts seen before are not screened
SOON = timedelta(days=60)


Locate: TypeAlias = Callable[[str, str], tuple[int, int]]  # file and dotted place: line and column


@dataclass(frozen=True, slots=True, order=True)
class _Placed(Issue):
    """A problem with a fact at a dotted place of its file (`standards.0.code`)."""

    place: str = ""


def check_across(
    register: Register, *, on: date | None = None, broken: frozenset[str] = frozenset(), locate: Locate | None = None
) -> list[Issue]:
    """All problems between the parts of a register. With `on`, also what has ended or ends soon on that day.

    `broken` holds the ids of GIs whose own file could not be read: who refers to them is not blamed for it. `locate`
    finds the line of a fact; without it a problem stands at the line of its file's beginning.
    """
    known = broken | {gi.id for gi in register.gis}
    issues = [
        *_duplicates(register),
        *_days(register),
        *_numbers(register.gis),
        *_goods(register.gis),
        *_sources(register),
        *_users(register, known),
        *_law(register),
        *_models(register),
    ]
    if on is not None:
        issues += _ended(register, on)
    return [_located(issue, locate) for issue in issues]


def _issue(path: str, code: str, message: str, severity: Severity = Severity.ERROR, *, place: str = "") -> Issue:
    name, _, line = path.rpartition(":")
    return _Placed(name, int(line), 1, code, severity, message, place)


def _located(issue: Issue, locate: Locate | None) -> Issue:
    place = issue.place if isinstance(issue, _Placed) else ""
    line, column = locate(issue.path, place) if locate and place else (issue.line, issue.column)
    return Issue(issue.path, line, column, issue.code, issue.severity, issue.message)


def _duplicates(register: Register) -> Iterator[Issue]:
    for kind, items in (("GI", register.gis), ("sign", register.signs), ("model", register.models)):
        first: dict[str, str] = {}
        for item in items:
            if item.id in first:
                yield _issue(item.path, "duplicate-id", f"{kind} id {item.id!r} stands already in {first[item.id]}")
            first.setdefault(item.id, item.path)
    names: dict[str, str] = {}
    for gi in register.gis:
        if gi.name in names:
            yield _issue(gi.path, "duplicate-name", f"{gi.name} stands already in {names[gi.name]}", place="name")
        names.setdefault(gi.name, gi.path)
    for gi in register.gis:
        for i, alias in enumerate(gi.aliases):
            if names.get(alias.value, gi.path) != gi.path:
                message = f"alias {alias.value} is the name of the GI in {names[alias.value]}"
                yield _issue(gi.path, "alias-is-name", message, Severity.WARNING, place=f"aliases.{i}")


def _days(register: Register) -> Iterator[Issue]:
    """Protections, standards and signs that end before they begin."""
    for gi in register.gis:
        for name in ("protections", "standards"):
            for i, item in enumerate(getattr(gi, name)):
                if item.starts and item.ends and item.ends.value < item.starts.value:
                    message = f"{gi.name}: ends {item.ends.value} before it starts {item.starts.value}"
                    yield _issue(gi.path, "bad-dates", message, place=f"{name}.{i}.ends")
    for sign in register.signs:
        if sign.starts and sign.ends and sign.ends.value < sign.starts.value:
            message = f"{sign.name}: ends {sign.ends.value} before it starts {sign.starts.value}"
            yield _issue(sign.path, "bad-dates", message, place="ends")


def _sources(register: Register) -> Iterator[Issue]:
    for item in with_facts(register):
        if item.certainty is Certainty.FOUND and not item.source:
            yield _issue(item.path, "no-source", f"{item.name}: certainty found, but no source")
        for place, fact in facts_of(item):
            if fact.certainty is Certainty.FOUND and not fact.source:
                yield _issue(item.path, "no-source", f"{item.name}: {place} is found, but has no source", place=place)
            if bool(fact.checked_by) != bool(fact.checked_on):
                message = f"{item.name}: {place} needs both checked_by and checked_on"
                yield _issue(item.path, "half-checked", message, place=place)
    for article in register.articles:
        if article.certainty is Certainty.FOUND and not article.source:
            yield _issue(article.path, "no-source", f"{article.key}: certainty found, but no source")


def _numbers(gis: Iterable[GI]) -> Iterator[Issue]:
    for gi in gis:
        for i, protection in enumerate(gi.protections):
            for j, number in enumerate(protection.numbers):
                if not is_number(number.value):
                    message = (
                        f"{gi.name}: {number.value} is no number of an approval or registration; write it as a note"
                    )
                    yield _issue(gi.path, "no-number", message, Severity.WARNING, place=f"protections.{i}.numbers.{j}")


def _goods(gis: Iterable[GI]) -> Iterator[Issue]:
    for gi in gis:
        if missing := [name for name in ("category", "goods") if not getattr(gi, name)]:
            message = f"{gi.name}: no {' and no '.join(missing)}: likeness of goods cannot be told"
            yield _issue(gi.path, "no-goods", message, Severity.WARNING, place="name")


def _users(register: Register, known: frozenset[str]) -> Iterator[Issue]:
    seen: dict[tuple[str, str, date | None], str] = {}
    for user in register.users:
        if user.gi_id not in known:
            yield _issue(user.path, "unknown-gi", f"{user.name}: no GI has the id {user.gi_id!r}")
        if not user.uscc:
            message = f"{user.name}: no 统一社会信用代码; only the name can tell this user"
            yield _issue(user.path, "no-uscc", message, Severity.WARNING)
        if user.uscc and not uscc_is_valid(user.uscc):
            yield _issue(user.path, "bad-uscc", f"{user.name}: {user.uscc} fails its check digit")
        if user.starts and user.ends and user.ends < user.starts:
            yield _issue(user.path, "bad-dates", f"{user.name}: ends {user.ends} before it starts {user.starts}")
        if user.certainty is Certainty.FOUND and not user.source:
            yield _issue(user.path, "no-source", f"{user.name}: certainty found, but no source")
        if ("practice" in user.path) != (user.certainty is Certainty.PRACTICE):
            yield _issue(
                user.path, "practice-mixed", f"{user.name}: practice users stand in practice.csv, and only they"
            )
        key = (user.gi_id, user.uscc or user.name, user.starts)
        if key in seen:
            yield _issue(user.path, "duplicate-user", f"{user.name} stands already in {seen[key]}")
        seen.setdefault(key, user.path)


def _law(register: Register) -> Iterator[Issue]:
    by_key: dict[str, list[Article]] = defaultdict(list)
    for article in register.articles:
        by_key[article.key].append(article)
    for articles in by_key.values():
        articles.sort(key=lambda a: a.starts)
        yield from _gaps(articles)
    for model in register.models:
        for key in model.law:
            if key not in by_key:
                yield _issue(model.path, "unknown-article", f"{model.id}: no article has the key {key!r}")
        cited = [article for key in model.law for article in by_key.get(key, ())]
        if (day := _without_law(cited)) and model.status == "active":
            message = f"{model.id}: no article that it cites is in force on {day}; cite one that is"
            yield _issue(model.path, "law-gap", message)


def _models(register: Register) -> Iterator[Issue]:
    """Models that ask of their family what is not there, or whose examples cannot be read."""
    for model in register.models:
        for place, message in faults_of(model.family, model.parameters):
            code = "unknown-family" if place == "family" else "bad-parameter"
            yield _issue(model.path, code, f"{model.id}: {message}", place=place)
        for key, examples in (("must_flag", model.must_flag), ("must_not_flag", model.must_not_flag)):
            for i, text in enumerate(examples):
                if fault := example_fault(text):
                    yield _issue(model.path, "bad-example", f"{model.id}: {fault}", place=f"{key}.{i}")


def _without_law(cited: list[Article]) -> date | None:
    """The first day of the supported time on which none of these articles is in force; every article may change on its day."""
    after = [article.ends + timedelta(days=1) for article in cited if article.ends]
    for day in sorted({SUPPORTED_FROM, *(d for d in after if d > SUPPORTED_FROM)}):
        if not any(a.starts <= day and (a.ends is None or day <= a.ends) for a in cited):
            return day
    return None


def _gaps(articles: list[Article]) -> Iterator[Issue]:
    first, last = articles[0], articles[-1]
    if first.starts > SUPPORTED_FROM and not first.new:
        message = f"{first.key}: no version in force from {SUPPORTED_FROM} to {first.starts - timedelta(days=1)}"
        yield _issue(first.path, "law-gap", f"{message}; add the earlier version, or say `new: true`")
    for before, after in pairwise(articles):
        if before.ends is None or before.ends >= after.starts:
            yield _issue(after.path, "law-overlap", f"{after.key}: two versions in force on {after.starts}")
        elif before.ends + timedelta(days=1) != after.starts:
            message = f"{after.key}: no version in force from {before.ends + timedelta(days=1)} to {after.starts}"
            yield _issue(after.path, "law-gap", message)
    if last.ends is not None and not last.dropped:
        yield _issue(last.path, "law-gap", f"{last.key}: no version in force after {last.ends}; or say `dropped: true`")


def _ended(register: Register, on: date) -> Iterator[Issue]:
    for gi in register.gis:
        for i, protection in enumerate(gi.protections):
            if protection.ends and gi.has_lapsed(on):
                message = f"{gi.name}: {protection.kind.value} ended on {protection.ends.value}, and none is in force"
                yield _issue(gi.path, "expired", message, Severity.WARNING, place=f"protections.{i}.ends")
            elif protection.ends:
                yield from _soon(gi, protection.ends.value, on, place=f"protections.{i}.ends")
        for i, standard in enumerate(gi.standards):
            if standard.ends and standard.ends.value < on:
                message = f"{gi.name}: standard {standard.code.value} ended on {standard.ends.value}"
                yield _issue(gi.path, "ended-standard", message, Severity.WARNING, place=f"standards.{i}.code")
            elif standard.ends:
                yield from _soon(gi, standard.ends.value, on, place=f"standards.{i}.ends")
    for user in register.users:
        if user.ends and user.ends < on:
            yield _issue(user.path, "expired", f"{user.name}: ended on {user.ends}", Severity.WARNING)
        elif user.ends:
            yield from _soon(user, user.ends, on)
    for sign in register.signs:  # one that has ended is history: it stays, so that its use after that day is seen
        if sign.ends and sign.ends.value >= on:
            yield from _soon(sign, sign.ends.value, on)


def _soon(item: GI | AuthorisedUser | Sign, ends: date, on: date, *, place: str = "") -> Iterator[Issue]:
    if timedelta() <= ends - on <= SOON:
        yield _issue(item.path, "expires-soon", f"{item.name}: ends on {ends}", Severity.WARNING, place=place)
