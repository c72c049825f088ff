"""One night's crawl, its slices, and what each query asked and got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """How a run stands; everything but `running` is an end, judged from its records."""

    RUNNING = "running"
    OK = "ok"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class SliceState(StrEnum):
    """A slice is done only when all it found is stored."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    BLOCKED = "blocked"
    FAILED = "failed"


class BlockKind(StrEnum):
    """Ways in which a page is no answer."""

    LOGIN = "login"
    CHALLENGE = "challenge"
    RATE_LIMIT = "rate_limit"
    FORBIDDEN = "forbidden"
    ROBOTS = "robots"
    UNAVAILABLE = "unavailable"
    FUZZY = "fuzzy"  # "no exact match", full of other goods: an answer of zero, recorded as such
    EMPTY_SHELL = "empty_shell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The unit of lease and retry: one source × a few queries."""

    id: int
    run_id: int
    source: str
    queries: tuple[str, ...]
    state: SliceState
    attempts: int = 0
    detail: str = ""  # why it is not done


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sealed response that shows what went wrong: where it lies among the archives, and why it is no answer."""

    why: str
    url: str
    file: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one query got from one source in one run. `announced` is the number of results the source claimed, if any.

    seen = stored + unchanged + rejected + failed, or the run is not `ok`; failed are goods that were found and whose page could
    not be had or read, or that could not be stored. `detail` counts remarks by their kind. `over_budget` counts pages that were not asked
    because the day's calls or pages were used up, `unread` answers that no parser could read, among them one where most of what
    was seen had to be rejected; `example` is the first answer that was refused, not read or rejected, or else the first without a
    field that its source gives and that stood in none of the query's listings. `read` counts the listings that a page gave in this
    run, `fields` those of them in which each field stood, by the names that parsers use. Where a query is a link, `goods` are
    the (platform, item id) that its page gave, and `same_as` is another query of the run whose page it led to.
    """

    run_id: int
    source: str
    query: str
    pages_asked: int = 0
    pages_answered: int = 0
    announced: int | None = None
    seen: int = 0
    stored: int = 0
    unchanged: int = 0
    rejected: int = 0
    failed: int = 0
    cut_off: bool = False
    blocked: BlockKind | None = None
    detail: str = ""
    at: datetime | None = None
    over_budget: int = 0
    unread: int = 0
    example: Example | None = None
    read: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)
    goods: tuple[tuple[str, str], ...] = ()
    same_as: str = ""

    @property
    def has_gap(self) -> bool:
        """True where the answer is not whole; one of zero (fuzzy) is."""
        is_refused = self.blocked not in (None, BlockKind.FUZZY)
        lost = self.failed or self.rejected or self.unread or self.over_budget
        return is_refused or self.cut_off or bool(lost) or self.pages_answered < self.pages_asked
