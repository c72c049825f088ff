"""A lead with what a pack tells beside it: how it came to the house, the goods bought of it, what it may have turned over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy import Connection

from gimonitor.evidence.pages import beijing
from gimonitor.papers.origins import NOT_SAID, Learnt, account_of, learnt_of
from gimonitor.papers.purchases import purchase_values
from gimonitor.papers.rechecks import recheck_values
from gimonitor.papers.registration import Related, related_of, say_related
from gimonitor.papers.words import yuan
from gimonitor.papers.worksheet import Turnover, TurnoverRow, estimate_turnover
from gimonitor.store.leads import LeadRecord, load_lead
from gimonitor.store.loading import Price, price_history
from gimonitor.store.people import list_people
from gimonitor.store.purchases import Purchase, purchases_of
from gimonitor.store.raising import SYSTEM


@dataclass(frozen=True, kw_only=True)
class Case:
    """A lead, how it was learnt, the other leads of its seller, the prices and sales its page showed over time, and its
    test purchases.

    People stand in it by their names; `names` gives these by login.
    """

    record: LeadRecord
    learnt: Learnt = NOT_SAID
    related: Related = Related()  # noqa: RUF009  # it is frozen
    names: Mapping[str, str] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()
    purchases: tuple[Purchase, ...] = ()

    @cached_property
    def turnover(self) -> Turnover:
        """What price and shown sales come to, in words of what told of them."""
        return estimate_turnover(self.prices, account_of(self.record.suspected))


def load_case(c: Connection, lead_id: int) -> Case:
    """The lead with everything. Raises NotFoundError."""
    record = load_lead(c, lead_id)
    names = {person.login: person.name for person in list_people(c)} | {SYSTEM: "系统"}
    return Case(
        record=replace(
            record,
            decisions=tuple(replace(d, who=names.get(d.who, d.who)) for d in record.decisions),
            captures=tuple(replace(each, who=names.get(each.who, each.who)) for each in record.captures),
        ),
        learnt=learnt_of(c, record),
        related=related_of(c, record),
        names=names,
        prices=price_history(c, record.listing.id),
        purchases=tuple(_by_name(each, names) for each in purchases_of(c, lead_id)),
    )


def _by_name(purchase: Purchase, names: Mapping[str, str]) -> Purchase:
    steps = tuple(replace(step, who=names.get(step.who, step.who)) for step in purchase.steps)
    return replace(purchase, who=names.get(purchase.who, purchase.who), steps=steps)


def case_values(cases: Sequence[Case]) -> dict[str, object]:
    """Turnover and related leads of the first case, the purchases and looks of all, as papers print them."""
    return {
        "related": say_related(cases[0].related),
        "turnover": turnover_values(cases[0].turnover),
        "purchases": purchase_values(tuple(each for case in cases for each in case.purchases)),
        "rechecks": recheck_values([case.record for case in cases]),
    }


def turnover_values(turnover: Turnover) -> dict[str, object]:
    """A worksheet as text."""
    before = turnover.before_fen
    return {
        "rows": [_row(row) for row in turnover.rows],
        "sum": yuan(turnover.fen),
        "before": f"{yuan(before)} 元" if before is not None else "没有采集到单价或者销量，无法计算",
        "gaps": str(turnover.gaps),
        "assumptions": list(turnover.assumptions),
    }


def _row(row: TurnoverRow) -> dict[str, str]:
    return {
        "starts": beijing(row.starts) if row.starts else "首次观察之前",
        "ends": beijing(row.ends),
        "price": yuan(row.price_fen),
        "sold": "—" if row.sold is None else str(row.sold),
        "amount": "—" if row.fen is None else yuan(row.fen),
        "note": row.note or "—",
    }
