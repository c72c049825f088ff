"""Months read from the words of a register."""

import pytest

from gimonitor.text.months import months_named


@pytest.mark.parametrize(
    ("text", "months"),
    [("8—10月", {8, 9, 10}), ("11—2月", {11, 12, 1, 2}), ("5月、9月", {5, 9}), ("3月下旬—谷雨前后", {3}), ("全年", set()), ("13月", set())],
)  # fmt: skip
def test_months_of_harvest_are_read_from_words(text: str, months: set[int]) -> None:
    assert months_named(text) == months
