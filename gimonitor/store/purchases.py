"""Test purchases and the steps of their chain of custody, appended and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.store.columns import clean_text
from gimonitor.store.tables import purchase_steps, purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The goods passed from `giver` to `holder`, or something was done to them. `sha256` is of a stored document."""

    number: int
    at: datetime
    act: str
    giver: str
    holder: str
    who: str
    place: str = ""
    seal: str = ""
    note: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Goods bought of a lead's offer. `account` is the house's own at the platform; `steps` in order."""

    lead_id: int
    who: str
    account: str
    order_number: str
    goods: str
    created_at: datetime
    paid_fen: int | None = None
    steps: tuple[Step, ...] = ()
    id: int = 0


_OWN = tuple(name for name in Purchase.__slots__ if name != "steps")


def save_purchase(c: Connection, purchase: Purchase) -> int:
    """Store a purchase without its steps and return its id."""
    row = {name: _clean(getattr(purchase, name)) for name in _OWN if name != "id"}
    made: int = c.execute(insert(purchases).values(row).returning(purchases.c.id)).scalar_one()
    return made


def append_step(c: Connection, purchase_id: int, step: Step) -> None:
    """Append a step. Raises ConflictError where somebody else appended one of the same number first."""
    row = {name: _clean(getattr(step, name)) for name in Step.__slots__}
    try:
        c.execute(insert(purchase_steps).values(purchase_id=purchase_id, **row))
    except IntegrityError as error:
        raise ConflictError(f"购样 {purchase_id} 的第 {step.number} 步刚由他人登记，请刷新后再登记") from error


def load_purchase(c: Connection, purchase_id: int) -> Purchase:
    """The purchase with its steps. Raises NotFoundError."""
    row = c.execute(select(purchases).where(purchases.c.id == purchase_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no purchase {purchase_id} is stored")
    return Purchase(**{name: row[name] for name in _OWN}, steps=_steps(c, purchase_id))


def purchases_of(c: Connection, lead_id: int) -> tuple[Purchase, ...]:
    """The purchases of a lead, oldest first."""
    ids = c.execute(select(purchases.c.id).where(purchases.c.lead_id == lead_id).order_by(purchases.c.id)).scalars()
    return tuple(load_purchase(c, each) for each in ids.all())


def _steps(c: Connection, purchase_id: int) -> tuple[Step, ...]:
    query = select(purchase_steps).where(purchase_steps.c.purchase_id == purchase_id)
    rows = c.execute(query.order_by(purchase_steps.c.number)).mappings()
    return tuple(Step(**{name: row[name] for name in Step.__slots__}) for row in rows)


def _clean(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value
