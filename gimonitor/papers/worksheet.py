"""经营额估算: price × shown sales over the captured versions of a listing, with every assumption said.

A worksheet for the officer, no finding: shown sales are the platform's own figure, of whatever period it means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from gimonitor.store.loading import Price

ASSUMPTIONS = (
    "单价取该版本{}标价，未扣除优惠券、满减和退款。",
    "销量取{}显示的数字，其统计期间和口径由平台决定；“1000+”之类按下限计。",
    "相邻两次观察之间的销量差，按前一次观察到的单价计算。",
    "销量显示减少时（平台重新统计等），该段计为零并注明。",
    "第一次观察之前的销量，按第一次观察到的单价计算，单列，不并入期间合计。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnoverRow:
    """One stretch between two observations. `sold` and `fen` are None where the page did not show enough."""

    starts: datetime | None
    ends: datetime
    price_fen: int | None
    sold: int | None
    fen: int | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Estimated turnover. `fen` is the sum of the stretches that can be computed, `before_fen` what the first
    observation implies for the time before; `gaps` counts stretches that could not be computed."""

    rows: tuple[TurnoverRow, ...]
    fen: int
    before_fen: int | None
    gaps: int
    assumptions: tuple[str, ...]


def estimate_turnover(observed: Sequence[Price], told: str = "页面") -> Turnover:
    """Estimate from observations in order of time; only CNY counts, other currencies are gaps. `told` names what told of them."""
    points = sorted(observed, key=lambda p: p.observed_at)
    rows = [_stretch(before, after) for before, after in pairwise(points)]
    assumptions = tuple(each.format(told) for each in ASSUMPTIONS)
    first = points[0] if points else None
    before, fen, gaps = None, _sum(rows), _gaps(rows)
    if first and first.sales is not None and first.price_fen is not None and first.currency == "CNY":
        before = first.sales * first.price_fen
        row = TurnoverRow(
            starts=None,
            ends=first.observed_at,
            price_fen=first.price_fen,
            sold=first.sales,
            fen=before,
            note="首次观察之前，单列",
        )
        rows.insert(0, row)
    return Turnover(rows=tuple(rows), fen=fen, before_fen=before, gaps=gaps, assumptions=assumptions)


def _stretch(before: Price, after: Price) -> TurnoverRow:
    row = TurnoverRow(
        starts=before.observed_at, ends=after.observed_at, price_fen=before.price_fen, sold=None, fen=None
    )
    if before.sales is None or after.sales is None or before.price_fen is None:
        return _noted(row, None, "没有采集到单价或者销量")
    if before.currency != "CNY":
        return _noted(row, None, f"币种为 {before.currency}，未折算")
    if after.sales < before.sales:
        return _noted(row, 0, f"显示销量由 {before.sales} 变为 {after.sales}")
    return _noted(row, after.sales - before.sales, "")


def _noted(row: TurnoverRow, sold: int | None, note: str) -> TurnoverRow:
    fen = sold * row.price_fen if sold is not None and row.price_fen is not None else None
    return TurnoverRow(starts=row.starts, ends=row.ends, price_fen=row.price_fen, sold=sold, fen=fen, note=note)


def _sum(rows: Sequence[TurnoverRow]) -> int:
    return sum(row.fen or 0 for row in rows)


def _gaps(rows: Sequence[TurnoverRow]) -> int:
    return sum(row.fen is None for row in rows)
