"""By which register each listing was screened, and the registers themselves as they were.

A listing bears the digest of its register. When a change was carried out on all that it could touch, the other listings
keep their digest and the register is marked as carried to the new one. Whoever stores a listing screened by a register
that was carried already opens it again, so that nothing slips by a long crawl that began before the change.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from gimonitor.errors import InputError
from gimonitor.model.register import Register
from gimonitor.register.archive import pack_register, shape, unpack_register
from gimonitor.store.database import utc_now
from gimonitor.store.tables import listings, registers
from gimonitor.store.upsert import among, among_asked, asked, insert_new


def remember_register(c: Connection, register: Register, now: datetime | None = None) -> None:
    """Keep the register, once."""
    known = select(registers.c.digest).where(registers.c.digest == register.digest, registers.c.shape == shape())
    if c.execute(known).first():
        return
    row = {"shape": shape(), "content": pack_register(register)}
    again = update(registers).where(registers.c.digest == register.digest).values(row)
    if c.execute(again).rowcount == 0:
        fresh = {"digest": register.digest, "used_at": now or utc_now(), "carried_to": "", "carried_by": None}
        c.execute(insert_new(c, registers).values(row | fresh))


def recall_register(c: Connection, digest: str) -> Register | None:
    """The register with this digest; None where it was not kept, or by another version of the program."""
    query = select(registers.c.content).where(registers.c.digest == digest, registers.c.shape == shape())
    content = c.execute(query).scalar()
    if content is None:
        return None
    return _unpacked(content, digest)


@lru_cache(maxsize=4)
def _unpacked(content: bytes, digest: str) -> Register | None:
    """Asked for several times in one re-screening."""
    try:
        return unpack_register(content, digest)
    except InputError:
        return None


def borne_digests(c: Connection) -> tuple[str, ...]:
    """Digests that listings bear. One step in the index for each, however many listings there are."""
    found: list[str] = []
    digest = listings.c.register_digest
    last = c.execute(select(func.min(digest))).scalar()
    while last is not None:
        found.append(last)
        last = c.execute(select(func.min(digest)).where(digest > last)).scalar()
    return tuple(found)


def standing_of(c: Connection, digest: str) -> str:
    """The digest as which listings that bear this one stand, after all that was carried out on them."""
    seen = {digest}
    while True:
        to = c.execute(select(registers.c.carried_to).where(registers.c.digest == digest)).scalar()
        if not to or to in seen:
            return digest
        seen.add(to)
        digest = to


def carry(c: Connection, digest: str, to: str, run_id: int) -> None:
    """Note that all a change from `digest` to `to` could touch has been screened again. Raises InputError where the
    register is not known.

    Call it in the transaction that found nothing left to do, after `hold_register`.
    """
    values = {"carried_to": to, "carried_by": run_id}
    if c.execute(update(registers).where(registers.c.digest == digest).values(values)).rowcount != 1:
        raise InputError(f"the register {digest[:12]} is not known")


def hold_register(c: Connection, digest: str) -> None:
    """Keep others from storing listings screened by this register until the transaction ends."""
    c.execute(select(registers.c.digest).where(registers.c.digest == digest).with_for_update()).first()


def open_registers(c: Connection, digests: Collection[str]) -> None:
    """Called by who stores listings screened by these registers: they are no longer carried to another one."""
    rows = c.execute(_holding(c.dialect.name), asked(c, sorted(digests)))
    carried = [digest for digest, carried_to in rows if carried_to]
    if carried:
        values = {"carried_to": "", "carried_by": None}
        c.execute(update(registers).where(among(c, registers.c.digest, carried)).values(values))


@cache
def _holding(dialect: str) -> Select[Any]:
    r = registers.c
    query = select(r.digest, r.carried_to).where(among_asked(dialect, r.digest)).order_by(r.digest)
    return query.with_for_update(read=True)
