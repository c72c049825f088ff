"""Small records that processes of several machines change in turn: when a site may be asked next, calls of a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, select, update

from gimonitor.store.tables import shared_records
from gimonitor.store.upsert import insert_new

T = TypeVar("T")


def change_record(c: Connection, name: str, work: Callable[[str], tuple[str, T]]) -> T:
    """Give `work` the record's text, "" at first, and store what it returns; nobody else comes between."""
    c.execute(insert_new(c, shared_records).values(name=name, text=""))
    mine = shared_records.c.name == name
    before = c.execute(select(shared_records.c.text).where(mine).with_for_update()).scalar_one()
    after, result = work(before)
    c.execute(update(shared_records).where(mine).values(text=after))
    return result


def read_record(c: Connection, name: str) -> str:
    """The record's text, "" where there is none."""
    return c.execute(select(shared_records.c.text).where(shared_records.c.name == name)).scalar() or ""
