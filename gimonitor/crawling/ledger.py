"""What each query of a crawl asked, got, was refused or lost. Pure counting; the session saves it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gimonitor.crawling.fields import given_by, load_expected
from gimonitor.model.listing import Listing
from gimonitor.model.run import BlockKind, Coverage, Example
from gimonitor.parsing.page import not_found

KINDS = 40
"""Kinds of remarks that a query keeps; of what is beyond, the number."""

_ABOUT = re.compile(r"(.+?): (https?://.*|\S+)", re.DOTALL)


@dataclass(slots=True)
class Count:
    """Counters of one query, as in Coverage; `found` counts links to goods on result pages, `waiting` requests that were
    made and have not come back, `repeated` goods that stood in an answer once more. `lacking` counts listings read without a field, `without` holds the first answer of them."""

    pages_asked: int = 0
    pages_answered: int = 0
    announced: int | None = None
    found: int = 0
    waiting: int = 0
    seen: int = 0
    repeated: int = 0
    stored: int = 0
    unchanged: int = 0
    rejected: int = 0
    failed: int = 0
    cut_off: bool = False
    blocked: BlockKind | None = None
    over_budget: int = 0
    unread: int = 0
    example: Example | None = None
    read: int = 0
    lacking: Counter[str] = field(default_factory=Counter)
    without: dict[str, Example | None] = field(default_factory=dict)
    noted: dict[str, tuple[int, str]] = field(default_factory=dict)
    beyond: int = 0
    goods: dict[tuple[str, str], None] = field(default_factory=dict)
    same_as: str = ""

    def note(self, remark: str) -> None:
        """Count a remark under its kind: `kind: address`, or `kind: word`; of each kind the first address stays."""
        if not remark:
            return
        told = _ABOUT.fullmatch(remark)
        kind, about = (told[1], told[2]) if told else (remark, "")
        kind = kind[:200]
        if kind in self.noted:
            times, first = self.noted[kind]
            self.noted[kind] = times + 1, first
        elif len(self.noted) < KINDS:
            self.noted[kind] = 1, about[:400]
        else:
            self.beyond += 1

    @property
    def detail(self) -> str:
        """All remarks in words: each kind, how often when not once, and one example."""
        told = [
            (f"{kind} ({times} times)" if times > 1 else kind) + (f": {about}" if about else "")
            for kind, (times, about) in self.noted.items()
        ]
        return "; ".join([*told, f"{self.beyond} more remarks of other kinds"] if self.beyond else told)

    def take(self, listing: Listing) -> tuple[str, ...]:
        """Count a listing that was read; returns the fields that it is the first to lack."""
        self.seen += 1
        self.read += 1
        lacking = not_found(listing, load_expected().fields)
        first = tuple(name for name in lacking if not self.lacking[name])
        self.lacking.update(lacking)
        return first

    @property
    def fields(self) -> dict[str, int]:
        """In how many of the listings read each field stood."""
        return {name: self.read - self.lacking[name] for name in load_expected().fields} if self.read else {}

    def shown(self, source: str) -> Example | None:
        """The example, else the first answer without a field that the source gives and that no listing of the query had."""
        gone = (name for name in sorted(given_by(source)) if self.read and self.lacking[name] == self.read)
        return self.example or next((self.without.get(name) for name in gone), None)

    def block(self, kind: BlockKind, detail: str) -> None:
        """Record a refusal. The first kind stays; all are counted."""
        self.blocked = self.blocked or kind
        self.note(detail)

    def reject(self, why: str, example: Example | None) -> None:
        """Count a listing that cannot be kept."""
        self.rejected += 1
        self.note(why)
        self.example = self.example or example

    @property
    def is_blind(self) -> bool:
        """True when half of what was seen or more had to be rejected: the source has changed, or the parser is wrong."""
        return self.rejected > 0 and 2 * self.rejected >= self.seen

    @property
    def is_accounted(self) -> bool:
        """True when everything seen became something."""
        return self.seen == self.stored + self.unchanged + self.rejected + self.failed


class Ledger:
    """One Count for each query of a slice; a query nobody planned gets its own line."""

    def __init__(self, queries: Iterable[str] = ()) -> None:
        self._counts = {query: Count() for query in queries}

    def __getitem__(self, query: str) -> Count:
        return self._counts.setdefault(query, Count())

    @property
    def is_whole(self) -> bool:
        """True when everything seen is stored, or was rejected with a reason."""
        return self.is_accounted and not self.totals()["failed"]

    @property
    def is_accounted(self) -> bool:
        """True when it is known of everything seen what became of it."""
        return all(count.is_accounted for count in self._counts.values())

    @property
    def is_refused(self) -> bool:
        """True when the source refused every query and gave nothing: for a quota, a signature or a login alike."""
        counts = self._counts.values()
        return bool(counts) and all(count.blocked is not None and not count.seen for count in counts)

    def totals(self) -> dict[str, int]:
        """Sums over all queries."""
        names = ("pages_asked", "pages_answered", "seen", "stored", "unchanged", "rejected", "failed")
        return {name: sum(getattr(count, name) for count in self._counts.values()) for name in names}

    def coverage(self, run_id: int, source: str, at: datetime) -> list[Coverage]:
        """The records to save."""
        return [
            Coverage(
                run_id=run_id,
                source=source,
                query=query,
                pages_asked=count.pages_asked,
                pages_answered=count.pages_answered,
                announced=count.announced,
                seen=count.seen,
                stored=count.stored,
                unchanged=count.unchanged,
                rejected=count.rejected,
                failed=count.failed,
                cut_off=count.cut_off,
                blocked=count.blocked,
                detail=count.detail,
                at=at,
                over_budget=count.over_budget,
                unread=count.unread + count.is_blind,
                example=count.shown(source),
                read=count.read,
                fields=count.fields,
                goods=tuple(count.goods),
                same_as=count.same_as,
            )
            for query, count in self._counts.items()
        ]
