"""Reads a bureau's table of authorised users: which column is what, and each row as a user or as a reject with its reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources

import yaml

from gimonitor.errors import InputError
from gimonitor.model.register import GI, AuthorisedUser, Basis, Certainty, Register
from gimonitor.register.cells import clean, clean_name, fold_name, parse_basis, parse_day
from gimonitor.register.convert import split_list
from gimonitor.tables import Row, Table, harmless
from gimonitor.text.codes import repair_uscc, uscc_is_valid

NEEDED = ("gi", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOptions:
    """How a table is read. `columns` names headings for fields where the usual ones do not fit; `on` is today."""

    source: str
    on: date
    columns: Mapping[str, str] = field(default_factory=dict)
    basis: Basis | None = None
    fill_down: bool = False  # an empty GI name repeats the one above: merged cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that is not taken, with what was wrong in it, all of it."""

    number: int
    reasons: tuple[str, ...]
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTable:
    """What a table gave. `doubts` by row number are reasons to look twice; they do not keep the row out."""

    users: tuple[tuple[int, AuthorisedUser], ...]
    rejects: tuple[Reject, ...]
    doubts: Mapping[int, tuple[str, ...]]
    used: Mapping[str, str]  # field: heading
    unused: tuple[str, ...]


def error_reasons(row: Row, used: Iterable[str]) -> list[str]:
    """Why a row cannot be taken that holds error values in columns that are used."""
    return [
        f"{heading}: the spreadsheet has an error there ({row.cells[heading]}); mend the cell, or empty it"
        for heading in used
        if heading in row.errors
    ]


def read_user_table(table: Table, register: Register, options: UserOptions) -> UserTable:
    """Read all rows. Raises InputError when a needed column cannot be told or one that was named is not there."""
    used = match_columns(table.header, options.columns)
    reader = _Reader(register, options, used)
    for row in table.rows:
        reader.take(row)
    return UserTable(
        users=tuple(reader.users),
        rejects=tuple(reader.rejects),
        doubts={number: tuple(doubts) for number, doubts in reader.doubts.items()},
        used=used,
        unused=tuple(name for name in table.header if name and name not in used.values()),
    )


@lru_cache(maxsize=1)
def usual_columns() -> dict[str, tuple[str, ...]]:
    """The usual headings of each field, the surest first. They stand in `usercolumns.yml` beside this file."""
    text = resources.files("gimonitor.register").joinpath("usercolumns.yml").read_text(encoding="utf-8")
    return {name: tuple(headings) for name, headings in yaml.safe_load(text).items()}


def match_columns(header: tuple[str, ...], named: Mapping[str, str]) -> dict[str, str]:
    """The heading of each field, by the names given, else by the usual ones."""
    for name, heading in named.items():
        if name not in usual_columns():
            raise InputError(f"no field {name!r}; fields: {', '.join(usual_columns())}")
        if heading not in header:
            raise InputError(f"no column {heading!r}; columns: {', '.join(header)}")
    used = dict(named)
    by_folded = {clean(heading).casefold(): heading for heading in header}
    for name, usual in usual_columns().items():
        found = next((by_folded[word] for word in usual if word in by_folded), None)
        if name not in used and found and found not in used.values():
            used[name] = found
    missing = [name for name in NEEDED if name not in used]
    if missing:
        raise InputError(
            f"no column for {', '.join(missing)}; columns: {', '.join(header)}; say which: --column {missing[0]}=HEADING"
        )
    return used


class _Reader:
    def __init__(self, register: Register, options: UserOptions, used: Mapping[str, str]) -> None:
        self.options = options
        self.used = used
        self.gis = _gi_names(register)
        self.users: list[tuple[int, AuthorisedUser]] = []
        self.rejects: list[Reject] = []
        self.doubts: dict[int, list[str]] = defaultdict(list)
        self.seen: dict[tuple[str, str, date | None], tuple[int, str]] = {}  # row and name
        self.last_gi = ""

    def take(self, row: Row) -> None:
        wrong = [row.problem] if row.problem else error_reasons(row, self.used.values())
        if wrong:
            self._skip(row, tuple(wrong))
            return
        reasons: list[str] = []
        cells = {name: clean(row.cells.get(heading, "")) for name, heading in self.used.items()}
        gi = self._gi(cells["gi"], reasons)
        name = clean_name(cells["name"])
        if len(name) < 2:
            reasons.append(f"{self.used['name']}: no name")
        elif harmless(name) != name:
            reasons.append(f"{self.used['name']}: {name} looks like a formula")
        uscc = self._uscc(cells.get("uscc", ""), row.number, reasons)
        starts, ends = self._day(cells, "starts", reasons), self._day(cells, "ends", reasons)
        if starts and ends and ends < starts:
            reasons.append(f"ends {ends} before it starts {starts}")
        basis = self._basis(cells.get("basis", ""), gi, reasons)
        if gi and not reasons:
            key = (gi.id, uscc or fold_name(name), starts)
            if key in self.seen:
                number, other = self.seen[key]
                also = f", named {other}" if other != name else ""
                reasons.append(f"the same {'code' if also else 'user'} stands in row {number}{also}")
            self.seen.setdefault(key, (row.number, name))
        if reasons or gi is None or basis is None:
            self.rejects.append(Reject(number=row.number, reasons=tuple(reasons), cells=row.cells))
            return
        user = AuthorisedUser(
            gi_id=gi.id,
            name=name,
            uscc=uscc,
            basis=basis,
            certainty=Certainty.FOUND,
            source=self.options.source,
            number=cells.get("number", ""),
            starts=starts,
            ends=ends,
            scope=cells.get("scope", ""),
            brands=split_list(cells.get("brands", "").replace("、", ";")),
            shops=tuple(_shop(text) for text in split_list(cells.get("shops", "").replace("、", ";"))),
        )
        self.users.append((row.number, user))
        self._doubt(row.number, user, gi)

    def _skip(self, row: Row, reasons: tuple[str, ...]) -> None:
        """Refuse a row that cannot be read; an empty GI below it means the one named in it, which may be not known."""
        self.rejects.append(Reject(number=row.number, reasons=reasons, cells=row.cells))
        heading = self.used["gi"]
        if heading in row.errors or heading not in row.cells:
            self.last_gi = ""
        else:
            self.last_gi = clean(row.cells[heading]) or self.last_gi

    def _gi(self, text: str, reasons: list[str]) -> GI | None:
        if not text and self.options.fill_down:
            text = self.last_gi
        self.last_gi = text
        if not text:
            reasons.append(
                f"{self.used['gi']}: empty{', and no GI stands above it' if self.options.fill_down else ' (merged cells? --fill-down)'}"
            )
            return None
        found = self.gis.get(fold_name(text), ())
        if len(found) == 1:
            return found[0]
        which = (
            f"means several GIs: {', '.join(gi.id for gi in found)}" if found else "no GI of this name in the register"
        )
        reasons.append(f"{self.used['gi']}: {text}: {which}")
        return None

    def _uscc(self, text: str, number: int, reasons: list[str]) -> str:
        code = text.replace(" ", "").upper()
        if not code:
            self.doubts[number].append("no 统一社会信用代码")
            return ""
        if uscc_is_valid(code):
            return code
        repaired = repair_uscc(code)
        if uscc_is_valid(repaired):
            self.doubts[number].append(f"统一社会信用代码 {code} read as {repaired}")
            return repaired
        reasons.append(f"{self.used['uscc']}: {text} is no valid 统一社会信用代码 (length, letters or check digit)")
        return ""

    def _day(self, cells: Mapping[str, str], name: str, reasons: list[str]) -> date | None:
        try:
            return parse_day(cells.get(name, ""))
        except ValueError as error:
            reasons.append(f"{self.used[name]}: {error}")
            return None

    def _basis(self, text: str, gi: GI | None, reasons: list[str]) -> Basis | None:
        if text:
            try:
                return parse_basis(text)
            except ValueError as error:
                reasons.append(f"{self.used['basis']}: {error}")
                return None
        if self.options.basis is None:
            reasons.append("no basis: the table has no such column; say --basis")
        return self.options.basis

    def _doubt(self, number: int, user: AuthorisedUser, gi: GI) -> None:
        doubts = self.doubts[number]
        area = gi.area.adcodes.value if gi.area else ()
        provinces = {code[:2] for code in area}
        if user.uscc and provinces and user.uscc[2:4] not in provinces | {"10"}:
            doubts.append(f"registered outside the province of the area ({user.uscc[2:8]})")
        if user.ends and user.ends < self.options.on:
            doubts.append(f"ended already on {user.ends}")
        if user.starts and user.starts > self.options.on:
            doubts.append(f"begins only on {user.starts}")
        if any("?" in text or "\ufffd" in text for text in (user.name, *user.brands)):
            doubts.append("a character was lost (?)")
        if not doubts:
            del self.doubts[number]


def _shop(text: str) -> tuple[str, str]:
    platform, colon, name = text.partition(":")
    return (platform.strip(), name.strip()) if colon else ("", text.strip())


def _gi_names(register: Register) -> dict[str, tuple[GI, ...]]:
    names: dict[str, tuple[GI, ...]] = {}
    for gi in register.gis:
        names[fold_name(gi.id)] = names[fold_name(gi.name)] = (gi,)
    for gi in register.gis:
        for alias in {fold_name(alias.value) for alias in gi.aliases}:
            if not any(fold_name(other.name) == alias for other in names.get(alias, ())):
                names[alias] = (*names.get(alias, ()), gi)
    return names
