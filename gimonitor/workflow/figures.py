"""报表数字: what happened to leads in a period, each figure with one fixed definition.

Every figure counts leads (线索), once each, by the moment in Beijing at which it happened; an act that was undone does
not count.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.run import Coverage
from gimonitor.model.zone import BEIJING
from gimonitor.store import runs
from gimonitor.store.figures import Cell, decided_between, found_between
from gimonitor.workflow.areas import Within
from gimonitor.workflow.states import Action, effective

DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("found", "期内首次发现的线索"),
    ("judged", "期内作出判定（含成批判定）且未撤销的线索"),
    ("confirmed", "期内判定为“疑似成立”且未撤销的线索"),
    ("dismissed", "期内判定为其他结论且未撤销的线索"),
    ("approved", "期内经第二人审批同意的线索"),
    ("sent", "期内登记报送的线索"),
    ("answered", "期内登记反馈的线索"),
    ("closed", "期内人员结案的线索（含判定即结案的）"),
)
MOST_DAYS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days in Beijing, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days <= MOST_DAYS:
            raise InputError(f"起止日期有误，或超过 {MOST_DAYS} 天")

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first moment, and the first after the end."""
        begin = datetime.combine(self.first, time(), BEIJING)
        return begin, datetime.combine(self.last + timedelta(days=1), time(), BEIJING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Figures of one GI on one platform."""

    gi_id: str
    gi_name: str
    platform: str
    found: int = 0
    judged: int = 0
    confirmed: int = 0
    dismissed: int = 0
    approved: int = 0
    sent: int = 0
    answered: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All rows with their total, the share of what was sent that got an answer, and the gaps in what was collected."""

    period: Period
    rows: tuple[Row, ...]
    total: Row
    gaps: tuple[Coverage, ...]
    runs: int

    @property
    def closed_loop(self) -> float | None:
        """反馈率: answered ÷ sent of the same period, in per cent; None where nothing was sent."""
        return round(100 * self.total.answered / self.total.sent, 2) if self.total.sent else None


_NAMES = tuple(name for name, _ in DEFINITIONS)
_NAMED = {Action.APPROVE: "approved", Action.SEND: "sent", Action.ANSWER: "answered", Action.CLOSE: "closed"}
COUNTED = (Action.JUDGE.value, *(action.value for action in _NAMED))
"""Acts that count in a figure."""


def figures(c: Connection, period: Period, within: Within = None) -> Figures:
    """Count a period, over the GIs of somebody's area."""
    counts: dict[Cell, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_NAMES, 0))
    begin, end = period.bounds
    for cell, found in found_between(c, begin, end, within):
        counts[cell]["found"] = found
    for cell, history in decided_between(c, begin, end, COUNTED, within):
        held = [d for d in effective(history) if begin <= d.at < end and d.who != "system"]
        for name in {name for decision in held for name in _of(decision)}:
            counts[cell][name] += 1
    rows = tuple(
        Row(gi_id=cell[0], gi_name=cell[1], platform=cell[2], **counts[cell])
        for cell in sorted(counts, key=lambda cell: (-counts[cell]["found"], cell))
    )
    total = Row(gi_id="", gi_name="合计", platform="", **{n: sum(getattr(r, n) for r in rows) for n in _NAMES})
    collected = [run for run in runs.latest_runs(c, 1000) if begin <= run.started_at < end]
    gaps = [g for run in collected for g in runs.load_coverage(c, run.id) if g.blocked or g.cut_off or g.failed]
    return Figures(period=period, rows=rows, total=total, gaps=tuple(gaps), runs=len(collected))


def _of(decision: Decision) -> set[str]:
    """The figures that one act counts in."""
    if decision.action == Action.JUDGE:
        kind = "confirmed" if decision.resolution is Resolution.CONFIRMED else "dismissed"
        return {"judged", kind} | ({"closed"} if decision.state is State.CLOSED else set())
    return {_NAMED[Action(decision.action)]} if decision.action in _NAMED else set()
