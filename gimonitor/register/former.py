"""Divisions by other names: the codes and names that old tables and labels still bear, what took their place, and what people say.

Read from `divisions/former.csv`, `divisions/spoken.csv` and `divisions/latin.csv` of the rule files that come with gimonitor.
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
SPOKEN = "divisions/spoken.csv"
LATIN = "divisions/latin.csv"
_COLUMNS = ["code", "name", "successor", "certainty", "source"]
_SPOKEN_COLUMNS = ["name", "code", "certainty", "source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A code and its name then, the code of the same place today (the same one where only the name ended), how that is known."""

    code: str
    name: str
    successor: str
    certainty: Certainty
    source: str


@lru_cache(maxsize=1)
def former_divisions() -> dict[str, Former]:
    """All known ones by their former code. Raises RulesError with the line of a row that cannot be read."""
    return read_former(rules_dir() / FILE)


@lru_cache(maxsize=1)
def spoken_names() -> dict[str, str]:
    """Names that people use and no list of divisions has, with the code of what they mean. Raises RulesError as `former_divisions`."""
    return {row["name"]: row["code"] for row in _read(rules_dir() / SPOKEN, _SPOKEN_COLUMNS, "name")}


@lru_cache(maxsize=1)
def latin_names() -> dict[str, str]:
    """Names in Latin letters that are no pinyin (Inner Mongolia), with the code of what they mean. Raises RulesError as `former_divisions`."""
    return {row["name"]: row["code"] for row in _read(rules_dir() / LATIN, _SPOKEN_COLUMNS, "name")}


def read_former(path: Path) -> dict[str, Former]:
    """The rows of such a file by former code. Raises RulesError naming the line of each bad row."""
    return {
        row["code"]: Former(
            code=row["code"],
            name=row["name"],
            successor=row["successor"],
            certainty=Certainty(row["certainty"]),
            source=row["source"],
        )
        for row in _read(path, _COLUMNS, "code")
    }


def _read(path: Path, columns: list[str], key: str) -> list[dict[str, str]]:
    """The rows of a table of divisions with exactly these columns; no two have the same `key`."""
    good: list[dict[str, str]] = []
    problems: list[str] = []
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if rows.fieldnames != columns:
            raise RulesError([f"{path}:1:1: error bad-columns: must be {','.join(columns)}"])
        for row in rows:
            if problem := _problem(row, key, seen):
                problems.append(f"{path}:{rows.line_num}:1: error bad-row: {problem}")
                continue
            seen.add(row[key])
            good.append(row)
    if problems:
        raise RulesError(problems)
    return good


def _problem(row: dict[str, str], key: str, seen: set[str]) -> str:
    if None in row or None in row.values():
        return "wrong number of cells"
    codes = [row[name] for name in ("code", "successor") if name in row]
    if not all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes):
        return f"{' and '.join(codes)} must be codes of six digits"
    if row[key] in seen:
        return f"{row[key]} stands twice"
    if len(row["name"]) < 2 or row["certainty"] not in (Certainty.FOUND, Certainty.UNVERIFIED):
        return "a name and a certainty (found, unverified) are needed"
    return "" if row["source"] else "a source is needed, or a word on how it is recalled"
