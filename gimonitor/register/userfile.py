"""CSV files of authorised users under rules/users/: read strictly, each row with its line."""

from __future__ import annotations

import csv
import io

from pydantic import ValidationError

from gimonitor.model.register import AuthorisedUser
from gimonitor.register.convert import to_user
from gimonitor.register.issues import Issue, Severity
from gimonitor.register.schema import UserRow

COLUMNS = tuple(UserRow.model_fields)
MAX_BYTES = 32 * 1024 * 1024
MAX_CELL = 4000


def parse_users(raw: bytes, path: str) -> tuple[list[AuthorisedUser], list[Issue]]:
    """The users of one CSV file and what is wrong in it. Nothing is raised."""
    if len(raw) > MAX_BYTES:
        return [], [_error(path, 1, 1, "file-too-large", f"{len(raw)} bytes; a user file holds at most {MAX_BYTES}")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return [], [
            _error(path, line, 1, "not-utf8", "not UTF-8 (saved as GBK?); use `gimonitor register import-users`")
        ]
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return [], [_error(path, line, 1, "bad-character", "NUL character")]
    return _rows(text, path)


def _rows(text: str, path: str) -> tuple[list[AuthorisedUser], list[Issue]]:
    users: list[AuthorisedUser] = []
    issues: list[Issue] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 0
    try:
        header = [cell.strip() for cell in next(reader, [])]
        problems = _header_problems(header)
        if problems:
            return [], [_error(path, 1, 1, "bad-header", p) for p in problems]
        line = reader.line_num
        for cells in reader:
            line, start = reader.line_num, line + 1
            if any(cell.strip() for cell in cells):
                _row(cells, header, path, start, users, issues)
    except csv.Error as error:
        issues.append(_error(path, line + 1, 1, "bad-csv", str(error)))
    return users, issues


def _header_problems(header: list[str]) -> list[str]:
    problems = [f"unknown column {name!r}" for name in header if name not in COLUMNS]
    problems += [f"column {name!r} stands twice" for name in sorted({n for n in header if header.count(n) > 1})]
    needed = [n for n, f in UserRow.model_fields.items() if f.is_required()]
    return problems + [f"column {name!r} is missing" for name in needed if name not in header]


def _row(
    cells: list[str], header: list[str], path: str, line: int, users: list[AuthorisedUser], issues: list[Issue]
) -> None:
    if len(cells) != len(header):
        issues.append(_error(path, line, 1, "bad-row", f"{len(cells)} cells, the header has {len(header)}"))
        return
    long = [name for name, cell in zip(header, cells, strict=True) if len(cell) > MAX_CELL]
    if long:
        issues.append(_error(path, line, 1, "bad-row", f"cell {long[0]!r} is longer than {MAX_CELL} characters"))
        return
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
    try:
        users.append(to_user(UserRow.model_validate(values), f"{path}:{line}"))
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            column = header.index(str(problem["loc"][0])) + 1 if problem["loc"][0] in header else 1
            issues.append(_error(path, line, column, "bad-value", f"{problem['loc'][0]}: {problem['msg']}"))


def _error(path: str, line: int, column: int, code: str, message: str) -> Issue:
    return Issue(path, line, column, code, Severity.ERROR, message)
