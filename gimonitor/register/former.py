"""Divisions that are no more: the codes and names that old tables and labels still bear, and what took their place.

Read from `divisions/former.csv` of the rule files that come with gimonitor.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gimonitor.errors import RulesError
from gimonitor.model.register import Certainty
from gimonitor.register.files import rules_dir

FILE = "divisions/former.csv"
_COLUMNS = ["code", "name", "successor", "certainty", "source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A code that has ended, its name then, the code of the same place today, and how that is known."""

    code: str
    name: str
    successor: str
    certainty: Certainty
    source: str


@lru_cache(maxsize=1)
def former_divisions() -> dict[str, Former]:
    """All known ones by their former code. Raises RulesError with the line of a row that cannot be read."""
    return read_former(rules_dir() / FILE)


def read_former(path: Path) -> dict[str, Former]:
    """The rows of such a file by former code. Raises RulesError naming the line of each bad row."""
    found: dict[str, Former] = {}
    problems: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if rows.fieldnames != _COLUMNS:
            raise RulesError([f"{path}:1:1: error bad-columns: must be {','.join(_COLUMNS)}"])
        for row in rows:
            if problem := _problem(row, found):
                problems.append(f"{path}:{rows.line_num}:1: error bad-row: {problem}")
                continue
            found[row["code"]] = Former(
                code=row["code"],
                name=row["name"],
                successor=row["successor"],
                certainty=Certainty(row["certainty"]),
                source=row["source"],
            )
    if problems:
        raise RulesError(problems)
    return found


def _problem(row: dict[str, str], found: dict[str, Former]) -> str:
    if None in row or None in row.values():
        return "wrong number of cells"
    codes = (row["code"], row["successor"])
    if not all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes):
        return f"{' and '.join(codes)} must be codes of six digits"
    if row["code"] in found:
        return f"{row['code']} stands twice"
    if len(row["name"]) < 2 or row["certainty"] not in (Certainty.FOUND, Certainty.UNVERIFIED):
        return "a name and a certainty (found, unverified) are needed"
    return "" if row["source"] else "a source is needed, or a word on how it is recalled"
