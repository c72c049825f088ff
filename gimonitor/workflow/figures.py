"""报表数字: what happened to leads in a period, each figure with one fixed definition.

Every figure counts leads (线索), once each, by the moment in Beijing at which it happened; an act that was undone does
not count. Holds its own read-only queries over the store's tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, select

from gimonitor.errors import InputError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.run import Coverage
from gimonitor.store import runs
from gimonitor.store.tables import decisions, leads
from gimonitor.workflow.following import BEIJING
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


def figures(c: Connection, period: Period) -> Figures:
    """Count a period."""
    counts: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_NAMES, 0))
    begin, end = period.bounds
    found = select(leads.c.gi_id, leads.c.gi_name, leads.c.platform)
    for row in c.execute(found.where(leads.c.created_at >= begin, leads.c.created_at < end)):
        counts[row.gi_id, row.gi_name, row.platform]["found"] += 1
    for key, names in _acts(c, begin, end):
        for name in names:
            counts[key][name] += 1
    rows = tuple(
        Row(gi_id=key[0], gi_name=key[1], platform=key[2], **counts[key])
        for key in sorted(counts, key=lambda key: (-counts[key]["found"], key))
    )
    total = Row(gi_id="", gi_name="合计", platform="", **{n: sum(getattr(r, n) for r in rows) for n in _NAMES})
    collected = [run for run in runs.latest_runs(c, 1000) if begin <= run.started_at < end]
    gaps = [g for run in collected for g in runs.load_coverage(c, run.id) if g.blocked or g.cut_off or g.failed]
    return Figures(period=period, rows=rows, total=total, gaps=tuple(gaps), runs=len(collected))


def _acts(c: Connection, begin: datetime, end: datetime) -> Iterable[tuple[tuple[str, str, str], set[str]]]:
    """For each lead with an act in the period: its key, and the figures it counts in."""
    touched = select(decisions.c.lead_id).where(decisions.c.at >= begin, decisions.c.at < end).distinct()
    query = (
        select(decisions, leads.c.gi_id, leads.c.gi_name, leads.c.platform)
        .join(leads, leads.c.id == decisions.c.lead_id)
        .where(decisions.c.lead_id.in_(touched))
        .order_by(decisions.c.lead_id, decisions.c.version)
    )
    history: dict[int, list[Decision]] = defaultdict(list)
    keys: dict[int, tuple[str, str, str]] = {}
    for row in c.execute(query):
        keys[row.lead_id] = (row.gi_id, row.gi_name, row.platform)
        history[row.lead_id].append(
            Decision(
                lead_id=row.lead_id,
                at=row.at,
                who=row.who,
                action=row.action,
                state=row.state,
                resolution=row.resolution,
            )
        )
    for lead_id, made in history.items():
        yield keys[lead_id], {n for d in effective(made) if begin <= d.at < end and d.who != "system" for n in _of(d)}


def _of(decision: Decision) -> set[str]:
    """The figures that one act counts in."""
    if decision.action == Action.JUDGE:
        kind = "confirmed" if decision.resolution is Resolution.CONFIRMED else "dismissed"
        return {"judged", kind} | ({"closed"} if decision.state is State.CLOSED else set())
    named = {Action.APPROVE: "approved", Action.SEND: "sent", Action.ANSWER: "answered", Action.CLOSE: "closed"}
    return {named[Action(decision.action)]} if decision.action in named else set()
