"""Compares what tables say of GIs with the register: new files for new names, additions for known ones, differences for people."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pypinyin import lazy_pinyin

from gimonitor.errors import InputError
from gimonitor.model.register import GI, Certainty, Fact, Kind, Register
from gimonitor.register.cells import clean, fold_name
from gimonitor.register.facts import facts_of
from gimonitor.register.gidraft import draft_text, found, protection_lines, provinces, standard_lines
from gimonitor.register.gitable import GIRow
from gimonitor.register.loader import change_rules, check_change
from gimonitor.register.nodes import Node, parse_document
from gimonitor.register.verifying import read_file, set_key


@dataclass(frozen=True, slots=True, kw_only=True)
class GIPlan:
    """What an import of tables would do. `files` are whole new contents by name; nothing has been written."""

    new: tuple[str, ...]  # names of GIs that get a file
    added: tuple[str, ...]  # additions to known GIs, in words
    differences: tuple[str, ...]  # what a person has to settle, in words
    unchanged: int
    files: dict[str, bytes]
    agreed: tuple[str, ...] = ()  # unverified facts of ours that the tables say too: a person may mark them verified


def plan_gis(folder: Path, register: Register, rows: Iterable[GIRow], *, source: str) -> GIPlan:
    """Compare. `source` says whose table it is; it becomes the source of every fact taken from it."""
    planner = _Planner(folder, register, source)
    for row in rows:
        planner.take(row)
    return planner.plan()


def check_gis(folder: Path, plan: GIPlan) -> None:
    """Raise RulesError when the register would not load with the files of a plan. Nothing is written."""
    check_change(folder, plan.files)


def apply_gis(folder: Path, plan: GIPlan) -> None:
    """Write the files of a plan, all or none. Raises RulesError, and writes nothing, when the register would not load."""
    change_rules(folder, plan.files)


class _Planner:
    def __init__(self, folder: Path, register: Register, source: str) -> None:
        self.folder = folder
        self.source = source
        self.known = {fold_name(gi.name): gi for gi in register.gis}
        self.by_number = {n.value: gi for gi in register.gis for p in gi.protections for n in p.numbers}
        self.taken = {gi.id for gi in register.gis}
        self.drafts: dict[str, list[GIRow]] = {}
        self.announcements: list[GIRow] = []
        self.texts: dict[str, str] = {}
        self.added: list[str] = []
        self.differences: list[str] = []
        self.agreed: list[str] = []
        self.unchanged = 0

    def take(self, row: GIRow) -> None:
        gi = self.known.get(fold_name(row.name))
        if row.kind is None and not row.standard:
            self.announcements.append(row)  # it tells of what the other rows say
        elif gi is None:
            self.drafts.setdefault(fold_name(row.name), []).append(row)
        else:
            self._known(self._now(gi), row)

    def _now(self, gi: GI) -> GI:
        """The GI with what earlier rows have added to its file."""
        name = gi.path.rpartition(":")[0]
        if name not in self.texts:
            return gi
        found = read_file(self.texts[name].encode(), name)[1]
        assert isinstance(found, GI)
        return found

    def _announcement(self, row: GIRow) -> None:
        number = row.numbers[0]
        gi = self.by_number.get(number)
        drafted = [
            (rows, i) for rows in self.drafts.values() for i, draft in enumerate(rows) if number in draft.numbers
        ]
        if "受理" in row.goods:
            self.unchanged += 1
        elif gi is not None:
            self._day_of(self._now(gi), row, number)
        elif drafted:
            for rows, i in drafted:
                rows[i] = replace(rows[i], starts=rows[i].starts or row.starts)
        else:
            self.differences.append(
                f"{row.place}: no GI has the announcement {number}; import the table of products before, or with it"
            )

    def _day_of(self, gi: GI, row: GIRow, number: str) -> None:
        index = next(i for i, p in enumerate(gi.protections) if number in {n.value for n in p.numbers})
        starts = _day(gi.protections[index].starts)
        if starts == row.starts or row.starts is None:
            self.unchanged += 1
        elif starts is None:
            self._add_to_protection(gi, index, f"starts: {found(row.starts.isoformat(), self.source)}")
            self.added.append(f"{gi.name}: {number} is of {row.starts}")
        else:
            self.differences.append(f"{row.place}: {gi.name}: {number} is of {row.starts}, the file has {starts}")

    def _known(self, gi: GI, row: GIRow) -> None:
        before = len(self.added) + len(self.differences)
        if row.kind is not None:
            self._protection(gi, row, row.kind)
        if row.standard:
            self._standard(gi, row)
        ours = gi.area.adcodes.value if gi.area else ()
        if row.area_doubt and set(row.adcodes) != set(ours):
            self._differs(gi, row, f"{row.area_doubt}; the file has {'、'.join(ours) or 'none'}")
        elif row.adcodes and {_full(code) for code in row.adcodes} != {_full(code) for code in ours}:
            self._differs(gi, row, f"area {'、'.join(row.adcodes)}, the file has {'、'.join(ours) or 'none'}")
        self._words(gi, row)
        self._agree(gi, row)
        self.unchanged += before == len(self.added) + len(self.differences)

    def _agree(self, gi: GI, row: GIRow) -> None:
        """Unverified facts that the row says too, by their places."""
        told: set[object] = {row.kind, *row.numbers, re.sub(r"\s", "", row.standard), tuple(map(_full, row.adcodes))}
        for place, fact in facts_of(gi):
            name = place.split(".")[-1]
            value = fact.value
            if name == "adcodes" and isinstance(value, tuple):
                value = tuple(map(_full, value))
            elif name == "code" and isinstance(value, str):
                value = re.sub(r"\s", "", value)
            stands = name in ("kind", "adcodes", "code") or ".numbers." in place
            if stands and fact.certainty is Certainty.UNVERIFIED and value and value in told:
                self.agreed.append(f"{gi.name} {place}")

    def _words(self, gi: GI, row: GIRow) -> None:
        """Area in words, and goods: added where the file has none, else left to a person where they differ."""
        townships = gi.area.townships if gi.area else None
        if row.area_text and gi.area and townships is None:
            self._edit(
                gi, lambda text, name: _add_to_area(text, f"townships: {found(row.area_text, self.source)}", name)
            )
            self.added.append(f"{gi.name}: area in words")
        elif row.area_text and townships and clean(townships.value) != clean(row.area_text):
            self._differs(gi, row, f"area in words {row.area_text!r}, the file has {townships.value!r}")
        if row.goods and gi.goods is None:
            self._set(gi, "goods", found(row.goods, self.source))
            self.added.append(f"{gi.name}: goods {row.goods}")
        for key in ("category", "product_group"):
            if (said := getattr(row, key)) and getattr(gi, key) is None:
                self._set(gi, key, said)
                self.added.append(f"{gi.name}: {key} {said}, unverified")

    def _protection(self, gi: GI, row: GIRow, kind: Kind) -> None:
        same = [p for p in gi.protections if p.kind.value is kind]
        if not same:
            lines = protection_lines(row, kind, self.source)
            self._edit(gi, lambda text, name: append_item(text, "protections", lines, name))
            self.added.append(f"{gi.name}: {kind} {'、'.join(row.numbers)}")
            return
        numbers = {n.value for p in same for n in p.numbers}
        index = gi.protections.index(same[0])
        if row.numbers and not numbers:
            told = ", ".join(found(number, self.source) for number in row.numbers)
            self._add_to_protection(gi, index, f"numbers: [{told}]")
            self.added.append(f"{gi.name}: {kind} {'、'.join(row.numbers)}")
        elif row.numbers and not set(row.numbers) <= numbers:
            self._differs(
                gi, row, f"{kind} number {'、'.join(row.numbers)}, the file has {'、'.join(numbers) or 'none'}"
            )
            return
        self._term(gi, row, index)

    def _term(self, gi: GI, row: GIRow, index: int) -> None:
        """Day, holder and note of a protection that is there."""
        protection = gi.protections[index]
        starts = _day(protection.starts)
        if row.starts and starts is None:
            self._add_to_protection(gi, index, f"starts: {found(row.starts.isoformat(), self.source)}")
            self.added.append(f"{gi.name}: {protection.kind.value} from {row.starts}")
        elif row.starts and starts != row.starts:
            self._differs(gi, row, f"{protection.kind.value} from {row.starts}, the file has {starts}")
        if row.holder and protection.holder is None:
            self._add_to_protection(gi, index, f"holder: {found(row.holder, self.source)}")
            self.added.append(f"{gi.name}: holder {row.holder}")
        elif row.holder and protection.holder and fold_name(protection.holder.value) != fold_name(row.holder):
            self._differs(gi, row, f"holder {row.holder}, the file has {protection.holder.value}")

        if row.note and not protection.note:
            self._add_to_protection(gi, index, f"note: {json.dumps(row.note, ensure_ascii=False)}")
            self.added.append(f"{gi.name}: {row.note}")

    def _add_to_protection(self, gi: GI, index: int, line: str) -> None:
        self._edit(gi, lambda text, name: _insert_line(text, ("protections", index), "kind", line, name))

    def _standard(self, gi: GI, row: GIRow) -> None:
        codes = [s.code.value for s in gi.standards]
        wanted = re.sub(r"\s", "", row.standard)
        if wanted in {re.sub(r"\s", "", code) for code in codes}:
            return
        if row.standard_ended:
            self._differs(gi, row, f"{row.standard} has ended")
        elif any(_undated(code) == _undated(row.standard) for code in codes):
            self._differs(gi, row, f"{row.standard}, the file has {'、'.join(codes)}")
        else:
            lines = standard_lines(row, self.source)
            self._edit(gi, lambda text, name: append_item(text, "standards", lines, name))
            self.added.append(f"{gi.name}: {row.standard}")

    def _differs(self, gi: GI, row: GIRow, what: str) -> None:
        self.differences.append(f"{row.place}: {gi.name}: the table has {what}")

    def _set(self, gi: GI, key: str, value: str) -> None:
        self._edit(gi, lambda text, name: set_key(text, name, (), key, value))

    def _edit(self, gi: GI, change: Callable[[str, str], str]) -> None:
        name = gi.path.rpartition(":")[0]
        text = self.texts.get(name) or (self.folder / name).read_text(encoding="utf-8-sig")
        self.texts[name] = change(text, name)

    def plan(self) -> GIPlan:
        new = []
        for row in self.announcements:
            self._announcement(row)
        for rows in self.drafts.values():
            name, text = self._draft(rows)
            if text:
                self.texts[name] = text
                new.append(rows[0].name)
        return GIPlan(
            new=tuple(new),
            added=tuple(self.added),
            differences=tuple(self.differences),
            unchanged=self.unchanged,
            files={name: text.encode() for name, text in self.texts.items()},
            agreed=tuple(dict.fromkeys(self.agreed)),
        )

    def _draft(self, rows: list[GIRow]) -> tuple[str, str]:
        province = next((provinces()[row.province] for row in rows if row.province in provinces()), None)
        if province is None:
            self.differences.append(
                f"{rows[0].place}: {rows[0].name}: not in the register, and this table does not say where it lies; "
                "import the table of products or AGI before, or with it"
            )
            return "", ""
        codes = self._draft_area(rows)
        base = f"{province.short}-{re.sub(r'[^a-z0-9]', '', ''.join(lazy_pinyin(rows[0].name)))}"[:56]
        identity = next(i for i in (base, *(f"{base}-{n}" for n in range(2, 99))) if i not in self.taken)
        self.taken.add(identity)
        return f"gi/{province.folder}/{identity}.yml", draft_text(identity, rows, codes, self.source)

    def _draft_area(self, rows: list[GIRow]) -> tuple[str, ...]:
        """The area that all rows give; where they do not agree none, and a person settles it."""
        for row in rows:
            if row.area_doubt:
                self.differences.append(f"{row.place}: {row.name}: {row.area_doubt}")
        given = {frozenset(row.adcodes) for row in rows if row.adcodes}
        if len(given) > 1:
            told = "; ".join(f"{row.place} {'、'.join(row.adcodes)}" for row in rows if row.adcodes)
            self.differences.append(f"{rows[0].place}: {rows[0].name}: the rows differ in area ({told}); left out")
            return ()
        return next((row.adcodes for row in rows if row.adcodes), ())


def append_item(text: str, key: str, lines: list[str], name: str) -> str:
    """A rule file's text with one more item in the block list `key`. Raises InputError when that list is written in []."""
    node = parse_document(text.encode(), name).root.items.get(key)
    block = "\n".join(lines) + "\n"
    if node is None:
        return f"{text.rstrip()}\n{key}:\n{block}"
    if node.is_flow:
        raise InputError(
            f"{name}:{node.line}: write {key} as a list of lines, each with a dash, so that it can be added to"
        )
    end = text.find("\n", _last(node))
    head, tail = (text + "\n", "") if end < 0 else (text[: end + 1], text[end + 1 :])
    return head + block + tail


def _insert_line(text: str, place: tuple[str | int, ...], after: str, line: str, name: str) -> str:
    """A rule file's text with one more line behind the key `after` of the mapping at `place`."""
    node = parse_document(text.encode(), name).node(place)
    first = node.items[after]
    if node.is_flow or first.key is None:
        raise InputError(f"{name}:{node.line}: write it over several lines, so that it can be added to")
    end = text.find("\n", _last(first))
    end = len(text) if end < 0 else end
    return f"{text[:end]}\n{' ' * (first.key.column - 1)}{line}{text[end:]}"


def _add_to_area(text: str, line: str, name: str) -> str:
    return _insert_line(text, ("area",), "adcodes", line, name)


def _last(node: Node) -> int:
    return max((_last(child) for child in node.items.values()), default=node.end) if not node.is_flow else node.end


def _day(fact: Fact[date] | None) -> date | None:
    return fact.value if fact else None


def _undated(code: str) -> str:
    return re.sub(r"\s|[-—]\d{2,4}$", "", code).upper()


def _full(code: str) -> str:
    return code.ljust(6, "0")
