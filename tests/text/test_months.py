"""Months read from the words of a register."""

from datetime import date

import pytest

from gimonitor.text.months import first_day_named, months_named


@pytest.mark.parametrize(
    ("text", "months"),
    [("8—10月", {8, 9, 10}), ("11—2月", {11, 12, 1, 2}), ("5月、9月", {5, 9}), ("3月下旬—谷雨前后", {3}), ("全年", set()), ("13月", set())],
)  # fmt: skip
def test_months_of_harvest_are_read_from_words(text: str, months: set[int]) -> None:
    assert months_named(text) == months


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("9月下旬—10月", date(2026, 9, 21)), ("9月中下旬—10月", date(2026, 9, 11)), ("11—2月", date(2026, 11, 1)),
        ("9—10月（温室8月底起）", date(2026, 8, 1)), ("全年", None), ("1—12月", None),
    ],
)  # fmt: skip
def test_the_first_day_is_that_of_the_part_of_the_month(text: str, first: date | None) -> None:
    assert first_day_named(text, 2026) == first
