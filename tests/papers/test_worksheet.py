"""The worksheet adds up what the page showed and says what it did not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gimonitor.papers.worksheet import estimate_turnover
from gimonitor.store.loading import Price

START = datetime(2026, 11, 1, tzinfo=UTC)


def seen(day: int, price: int | None, sales: int | None, currency: str = "CNY") -> Price:
    return Price(observed_at=START + timedelta(days=day), price_fen=price, currency=currency, sales=sales)


def test_sales_between_two_looks_count_at_the_earlier_price() -> None:
    turnover = estimate_turnover([seen(2, 6000, 130), seen(0, 5000, 100), seen(1, 6000, 110)])
    assert turnover.before_fen == 500_000
    assert [(row.sold, row.fen) for row in turnover.rows] == [(100, 500_000), (10, 50_000), (20, 120_000)]
    assert (turnover.fen, turnover.gaps) == (170_000, 0)
    assert "页面标价" in turnover.assumptions[0]
    told = estimate_turnover([], "所收的商品表").assumptions
    assert "所收的商品表标价" in told[0] and not any("页面" in each or "{" in each for each in told)


def test_figures_that_fell_count_nothing_and_are_noted() -> None:
    turnover = estimate_turnover([seen(0, 5000, 100), seen(1, 5000, 40)])
    assert turnover.fen == 0
    assert "100 变为 40" in turnover.rows[-1].note


def test_what_the_page_did_not_show_is_a_gap() -> None:
    turnover = estimate_turnover([seen(0, None, 100), seen(1, 5000, None), seen(2, 5000, 7, "USD"), seen(3, 1, 9)])
    assert (turnover.fen, turnover.gaps, turnover.before_fen) == (0, 3, None)
    assert "USD" in turnover.rows[-1].note


def test_nothing_observed_is_nothing() -> None:
    turnover = estimate_turnover([])
    assert (turnover.rows, turnover.fen, turnover.before_fen) == ((), 0, None)
