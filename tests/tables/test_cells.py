"""Formulas in cells that leave the house."""

import pytest

from gimonitor.tables import harmless


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a", "\u200b=1", " =1", "\u3000=cmd|x"],
)
def test_what_looks_like_a_formula_is_led_in(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["五常大米", "a=b", "", "1-2", "'=1"])
def test_anything_else_stays(cell: str) -> None:
    assert harmless(cell) == cell
