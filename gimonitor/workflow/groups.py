"""线索组: open leads of one legal person, of one shop where the person behind it is not known, or with one picture."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gimonitor.model.lead import State
from gimonitor.store.groups import Group, GroupKind, load_groups, load_picture_groups, number_of
from gimonitor.store.queue import QueueFilter
from gimonitor.workflow.areas import Within

OPEN = (State.NEW, State.CLAIMED)
MOST = 500
"""Leads of a group that are shown and decided at a time."""


def list_groups(c: Connection, now: datetime, within: Within = None, limit: int = 100) -> tuple[Group, ...]:
    """Groups of at least two open leads by seller, the highest score first."""
    return load_groups(c, OPEN, limit, awake_at=now, within=within)


def list_picture_groups(c: Connection, now: datetime, within: Within = None, limit: int = 50) -> tuple[Group, ...]:
    """Groups of open leads whose listings show the same picture."""
    return load_picture_groups(c, OPEN, limit, awake_at=now, within=within)


def group_filter(kind: GroupKind, group_id: str, *, only_open: bool = True) -> QueueFilter:
    """The queue's filter for the leads of a group."""
    states = OPEN if only_open else ()
    if kind is GroupKind.PICTURE:
        return QueueFilter(states=states, picture=group_id)
    if kind is GroupKind.SUBJECT:
        return QueueFilter(states=states, subject_id=number_of(group_id))
    return QueueFilter(states=states, shop_id=number_of(group_id))
