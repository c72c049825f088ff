"""Months named in the words in which a time of the year is given: 8—11月, 11—2月, 5月、9月."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_MONTHS = re.compile(r"(\d{1,2})\s*[—–\-~～至到]\s*(?:次年)?(\d{1,2})\s*月|(\d{1,2})\s*月")
_PART = re.compile(r"(\d{1,2})\s*月\s*([中下])下?旬")
_BEGINS = {"中": 11, "下": 21}  # days of a part of a month


def months_named(text: str) -> frozenset[int]:
    """Months of a range, which may go past the end of the year, and single ones; none for words that name no month."""
    found: set[int] = set()
    for first, last, single in _MONTHS.findall(text):
        months = (int(first), int(last)) if first else (int(single), int(single))
        if all(1 <= month <= 12 for month in months):
            found.update((months[0] - 1 + n) % 12 + 1 for n in range((months[1] - months[0]) % 12 + 1))
    return frozenset(found)


@lru_cache(maxsize=4096)
def first_day_named(text: str, year: int) -> date | None:
    """The first day of the times of a year named: 09-21 of 9月下旬—10月, 11-01 of 11—2月; None where none, or all the year, is."""
    months = months_named(text)
    first = next((m for m in sorted(months) if (m - 2) % 12 + 1 not in months), None)
    if first is None:
        return None
    part = next((_BEGINS[part] for month, part in _PART.findall(text) if int(month) == first), 1)
    return date(year, first, part)
