"""Small readings: money, counts, addresses, clean text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.parsing.values import address, addresses, clean, count, minor_units


@pytest.mark.parametrize(
    ("value", "fen"),
    [
        ("48.00", 4800), (48, 4800), (48.5, 4850), ("¥1,280.00", 128000), ("￥9.9", 990), ("1.2万", 1_200_000),
        ("99-199元", 9900), ("$1,299.00", 129900), ("US $12.5", 1250), ("1.280,50 €", 128050), ("EUR 1280", 128000),
        ("1,280", 128000), ("0", 0), ("到手价¥39.9", 3990), ("", None), (None, None), ("面议", None), (True, None),
        (-5, None), ("-5", None), ("1e999", None), (float("nan"), None), (float("inf"), None), (10**30, None), ([], None),
        ("¥99999999999999.00", None), ("99999999999999元", None), ("99999999999.50元", None), ("￥99,999,999,999,999", None),
        ("99999999999,999元", None), ("价格 12345678901", None), ("¥999999999.99", 99999999999),
    ],
)  # fmt: skip
def test_money(value, fen):
    assert minor_units(value) == fen


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (8, 8), ("8人付款", 8), ("11623人付款", 11623), ("已售1000+件", 1000), ("月销1.2万", 12000), ("3.5万+", 35000),
        ("2千", 2000), ("1,234", 1234), ("无", None), (None, None), (True, None), (-1, None), ("9" * 40, None),
    ],
)  # fmt: skip
def test_count(value, number):
    assert count(value) == number


@pytest.mark.parametrize(
    ("value", "absolute"),
    [
        ("/item/1", "https://a.test/item/1"), ("//b.test/x", "https://b.test/x"), ("http://c.test", "http://c.test"),
        ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("file:///etc/passwd", ""), ("mailto:a@b", ""), ("", ""),
        (None, ""), ("http://[::1", ""), ("http://", ""), (17, "https://a.test/17"),
    ],
)  # fmt: skip
def test_address(value, absolute):
    assert address("https://a.test/list", value) == absolute


def test_addresses_are_bounded_and_unique():
    assert addresses("https://a.test/", ["/1", "/1", "javascript:1"]) == ("https://a.test/1",)
    assert len(addresses("https://a.test/", [f"/{n}" for n in range(100)])) == 40


@given(st.text(alphabet=st.characters()) | st.integers() | st.floats() | st.none() | st.lists(st.text()))
def test_nothing_raises(value):
    text = clean(value)
    assert "\x00" not in text and text.encode() is not None
    assert minor_units(value) is None or minor_units(value) >= 0
    assert count(value) is None or count(value) >= 0
    assert address("https://a.test/", value) == "" or address("https://a.test/", value).startswith("http")
