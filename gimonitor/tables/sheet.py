"""The child that opens a workbook: `python -m gimonitor.tables.sheet PATH SHEET MEMORY CPU ROWS` prints a JSON line a row."""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

EXACT = 1e15
"""From here on a workbook has rounded a number: an item id of 16 digits is no longer the one that was typed."""
ROUNDED = "\ue000"
"""Leads in a rounded number."""
ERROR = "\ue001"
"""Leads in an error value, and what stands for a formula without a result."""
LINK = "\ue002"
"""Stands between what a cell shows and the web address behind it."""


def main(path: str, sheet: str, memory: int, cpu: int, most: int) -> None:
    """Print `[sheet name, [hidden sheets], [other sheets], [filled rows that are hidden]]`, then `[row number, [cells]]` for each row with a filled cell.

    Ends with 1 and a reason; over more than `most` rows below the head before a row is printed.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
        visible = [m.name for m in book.sheets_metadata if m.visible == calamine.SheetVisibleEnum.Visible]
        hidden = [name for name in book.sheet_names if name not in visible]
        if sheet and sheet not in book.sheet_names:
            sys.exit(f"no sheet {sheet!r}; there are: {', '.join(book.sheet_names)}")
        for name in [sheet] if sheet else visible:
            others = [[other for other in group if other != name] for group in (hidden, visible)]
            if _print_sheet(path, name, book.get_sheet_by_name(name), others, most):
                return
    except calamine.PasswordError:
        sys.exit("it is locked with a password; open it with the password, take the password away and save it")
    except (calamine.CalamineError, OSError, ValueError) as error:
        sys.exit(str(error) or type(error).__name__)
    if sheet:
        sys.exit(f"the sheet {sheet!r} has no filled cell")
    sys.exit(f"no visible sheet has a filled cell{'; hidden: ' + ', '.join(hidden) + ' (--sheet)' if hidden else ''}")


def _print_sheet(path: str, name: str, sheet: object, others: list[list[str]], most: int) -> bool:
    from gimonitor.tables.errorcells import error_cells
    from gimonitor.tables.hiddenrows import hidden_rows
    from gimonitor.tables.links import cell_links

    if sheet.start is None:  # type: ignore[attr-defined]  # a sheet of calamine, or None
        return False
    if sheet.height > most + 1 and sum(any(map(_text, row)) for row in sheet.iter_rows()) > most + 1:  # type: ignore[attr-defined]  # as above
        sys.exit(f"the sheet {name!r} has more than {most} rows; save it as CSV")
    errors, left = error_cells(path, name), sheet.start[1]  # type: ignore[attr-defined]  # as above
    wrong: dict[int, dict[int, str]] = {}
    for (row, column), text in errors.items():
        wrong.setdefault(row + 1, {})[column - left] = text
    links: dict[int, dict[int, str]] = {}
    for (row, column), address in cell_links(path, name).items():
        links.setdefault(row + 1, {})[column - left] = address
    hidden = frozenset(hidden_rows(path, name))
    rows = enumerate(sheet.iter_rows(), 1) if hidden else ()  # type: ignore[attr-defined]  # as above
    filled = [number for number, row in rows if number in hidden and any(map(_text, row))]
    found = False
    for number, row in enumerate(sheet.iter_rows(), 1):  # type: ignore[attr-defined]  # as above
        cells = [_text(cell) for cell in row]
        for column, text in wrong.get(number, {}).items():
            if 0 <= column < len(cells) and not cells[column]:
                cells[column] = ERROR + text
        for column, address in links.get(number, {}).items():
            if 0 <= column < len(cells) and cells[column]:
                cells[column] += LINK + address
        if any(cells):
            if not found:
                print(json.dumps([name, *others, filled], ensure_ascii=False))
            found = True
            print(json.dumps([number, cells], ensure_ascii=False))
    return found


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return ROUNDED * (abs(cell) >= EXACT) + str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell).strip()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
