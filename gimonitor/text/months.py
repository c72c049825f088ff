"""Months named in the words in which a time of the year is given: 8—11月, 11—2月, 5月、9月."""

from __future__ import annotations

import re

_MONTHS = re.compile(r"(\d{1,2})\s*[—–\-~～至到]\s*(?:次年)?(\d{1,2})\s*月|(\d{1,2})\s*月")


def months_named(text: str) -> frozenset[int]:
    """Months of a range, which may go past the end of the year, and single ones; none for words that name no month."""
    found: set[int] = set()
    for first, last, single in _MONTHS.findall(text):
        months = (int(first), int(last)) if first else (int(single), int(single))
        if all(1 <= month <= 12 for month in months):
            found.update((months[0] - 1 + n) % 12 + 1 for n in range((months[1] - months[0]) % 12 + 1))
    return frozenset(found)
