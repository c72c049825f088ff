"""The child that opens a workbook: `python -m gimonitor.tables.sheet PATH SHEET MEMORY CPU` prints a JSON line a row."""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

EXACT = 1e15
"""From here on a workbook has rounded a number: an item id of 16 digits is no longer the one that was typed."""
ROUNDED = "\ue000"
"""Leads in a rounded number."""


def main(path: str, sheet: str, memory: int, cpu: int) -> None:
    """Print `[sheet name, []]`, then `[row number, [cells]]` for each row with a filled cell. Ends with 1 and a reason."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
        visible = [m.name for m in book.sheets_metadata if m.visible == calamine.SheetVisibleEnum.Visible]
        if sheet and sheet not in book.sheet_names:
            sys.exit(f"no sheet {sheet!r}; there are: {', '.join(book.sheet_names)}")
        for name in [sheet] if sheet else visible:
            if _print_sheet(name, book.get_sheet_by_name(name)) or name == sheet:
                return
    except (calamine.CalamineError, OSError, ValueError) as error:
        sys.exit(str(error) or type(error).__name__)
    sys.exit("no visible sheet has a filled cell")


def _print_sheet(name: str, sheet: object) -> bool:
    found = False
    for number, row in enumerate(sheet.iter_rows(), 1):  # type: ignore[attr-defined]  # calamine ships no types
        cells = [_text(cell) for cell in row]
        if any(cells):
            if not found:
                print(json.dumps([name, []], ensure_ascii=False))
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
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
