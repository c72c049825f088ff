"""What the store knows of a seller before a listing is screened: earlier leads of the same legal person or shop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, exists, func, select

from gimonitor.model.finding import History
from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Listing
from gimonitor.store.keys import listing_key, shop_key
from gimonitor.store.tables import leads, listings, notices, shops
from gimonitor.store.upsert import among_asked, asked

_Counts = tuple[
    int, int, int, int
]  # leads, confirmed ones, those of which the page is gone, and with a penalty as answer
_NOBODY: _Counts = (0, 0, 0, 0)
_PENALTY = "penalty"  # the answer to a notice, as `workflow.vocabulary` writes it


def load_histories(c: Connection, wanted: Sequence[Listing]) -> list[History]:
    """The history of each listing, in order, without its own leads. At most 500 at a time."""
    if not wanted:
        return []
    keys = [shop_key(one.platform, one.shop) if one.shop else "" for one in wanted]
    of_shop = _by_shop(c, sorted({key for key in keys if key}))
    if not of_shop:
        return [History()] * len(wanted)
    own = _own(c, [listing_key(one.platform, one.item_id) for one in wanted])
    return [
        _history(of_shop.get(key), own.get(listing_key(o.platform, o.item_id)))
        for o, key in zip(wanted, keys, strict=True)
    ]


def _history(seller: _Counts | None, own: _Counts | None) -> History:
    if not seller:
        return History()
    others = [total - mine for total, mine in zip(seller, own or _NOBODY, strict=True)]
    found, confirmed, removals, penalties = (max(0, count) for count in others)
    return History(leads=found, confirmed=confirmed, removals=removals, penalties=penalties)


@cache
def _counting(dialect: str, by: ColumnElement[Any]) -> Select[Any]:
    confirmed = leads.c.resolution == Resolution.CONFIRMED
    gone = confirmed & listings.c.gone_at.is_not(None)
    penalised = exists().where((notices.c.lead_id == leads.c.id) & (notices.c.answer == _PENALTY))
    joined = leads.join(listings, listings.c.id == leads.c.listing_id)
    counts = (func.count(), *(func.sum(case((met, 1), else_=0)) for met in (confirmed, gone, penalised)))
    return select(by, *counts).select_from(joined).where(among_asked(dialect, by)).group_by(by)


def _by_shop(c: Connection, keys: list[str]) -> dict[str, _Counts]:
    """Counts by shop key, over all shops of the same legal person where one is known."""
    dialect = c.dialect.name
    found = c.execute(_shops_by(dialect, shops.c.key), asked(c, keys)).all()
    subject_of = {shop_id: subject_id for _, shop_id, subject_id in found}
    if subjects := sorted({subject_id for subject_id in subject_of.values() if subject_id is not None}):
        others = c.execute(_shops_by(dialect, shops.c.subject_id), asked(c, subjects))
        subject_of |= {shop_id: subject_id for _, shop_id, subject_id in others}
    counted: dict[tuple[str, int], _Counts] = defaultdict(lambda: _NOBODY)
    for shop_id, *counts in c.execute(_counting(dialect, leads.c.shop_id), asked(c, list(subject_of))):
        who = _seller(shop_id, subject_of[shop_id])
        before = counted[who]
        counted[who] = (before[0] + counts[0], before[1] + counts[1], before[2] + counts[2], before[3] + counts[3])
    return {key: counted[_seller(shop_id, subject_id)] for key, shop_id, subject_id in found} if counted else {}


@cache
def _shops_by(dialect: str, column: ColumnElement[Any]) -> Select[Any]:
    return select(shops.c.key, shops.c.id, shops.c.subject_id).where(among_asked(dialect, column))


def _seller(shop_id: int, subject_id: int | None) -> tuple[str, int]:
    return ("shop", shop_id) if subject_id is None else ("subject", subject_id)


def _own(c: Connection, keys: list[str]) -> dict[str, _Counts]:
    rows = c.execute(_counting(c.dialect.name, listings.c.key), asked(c, keys))
    return {key: (found, confirmed, removals, penalties) for key, found, confirmed, removals, penalties in rows}
