"""退回: leads that came back after a decision, to the person who decided or to the queue, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gimonitor.model.lead import Decision, State
from gimonitor.store import clocks as store
from gimonitor.store import leads
from gimonitor.store.leads import QueueFilter, QueueRow
from gimonitor.workflow.areas import Within
from gimonitor.workflow.clocks import MOST, TOLD_DAYS
from gimonitor.workflow.states import Action, Standing, effective

BACK = frozenset({Action.RETURN, Action.WITHDRAW, Action.REOPEN})
"""Acts that give a lead back to be judged again."""
_TO_JUDGE = frozenset({State.NEW, State.CLAIMED})


def came_back(c: Connection, rows: Iterable[QueueRow]) -> dict[int, Decision]:
    """Of some leads those that wait to be judged again, by number, each with the act that gave it back."""
    found = leads.histories_of(c, [row.id for row in rows if row.state in _TO_JUDGE and row.version > 1])
    return {lead_id: back for lead_id, history in found.items() if (back := _back(history))}


def returned_to(c: Connection, login: str, now: datetime, within: Within = None) -> tuple[Decision, ...]:
    """What others gave back to somebody, the newest first: claimed leads until they are judged again, and for some days
    leads of the person's judging that were opened anew."""
    mine = QueueFilter(states=(State.CLAIMED,), claimed_by=login, within=within)
    held = came_back(c, leads.queue_page(c, mine, None, MOST).rows)
    opened = store.looks_between(
        c, now - timedelta(days=TOLD_DAYS), now + timedelta.resolution, Action.REOPEN.value, within
    )
    for lead_id, history in leads.histories_of(c, [one.lead_id for one in opened[:MOST]]).items():
        if (back := _back(history)) and back.state is State.NEW and _judged_by(history) == login:
            held[lead_id] = back
    return tuple(sorted((one for one in held.values() if one.who != login), key=lambda one: one.at, reverse=True))


def _back(history: list[Decision]) -> Decision | None:
    acts = effective(history)
    return acts[-1] if acts and acts[-1].action in BACK else None


def _judged_by(history: list[Decision]) -> str:
    return Standing(state=history[-1].state, resolution=None, history=tuple(history)).judged_by
