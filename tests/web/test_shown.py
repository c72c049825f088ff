"""Seller text is data: escaped, marked at exact places, with hidden characters made visible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.web.shown import Mark, marked, plain, segments, visible, web_address


def test_a_mark_stands_exactly_at_its_place() -> None:
    text = "正宗阳澄湖镇大闸蟹 现货"
    html = str(marked(text, [Mark(start=2, end=9, number=1)]))
    assert html == '正宗<mark data-findings="1">阳澄湖镇大闸蟹</mark><sup class="no">1</sup> 现货'


def test_overlapping_marks_are_cut_at_every_border() -> None:
    found = segments("abcdef", [Mark(start=0, end=4, number=1), Mark(start=2, end=6, number=2)])
    assert [(s.text, s.numbers, s.ends) for s in found] == [("ab", (1,), ()), ("cd", (1, 2), (1,)), ("ef", (2,), (2,))]


@given(st.text(), st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.integers(1, 9)), max_size=6))
def test_segments_lose_and_invent_nothing(text: str, spans: list[tuple[int, int, int]]) -> None:
    found = segments(text, [Mark(start=a, end=b, number=n) for a, b, n in spans])
    assert "".join(s.text for s in found) == text


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "'&<>"])
def test_markup_in_seller_text_is_escaped(payload: str) -> None:
    html = str(marked(payload, [Mark(start=0, end=3, number=1)]))
    rest = html.replace('<mark data-findings="1">', "").replace("</mark>", "").replace('<sup class="no">1</sup>', "")
    assert "<" not in rest and ">" not in rest and '"' not in rest


def test_bidi_zero_width_and_surrogates_are_visible() -> None:
    html = str(visible("阳\u200b澄\u202e湖\ud800"))
    assert "[U+200B]" in html and "[U+202E]" in html and "[U+D800]" in html
    html.encode("utf-8")
    assert plain("a\u2066b") == "a[U+2066]b"
    assert plain(None) == "" and plain(3) == 3


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.example/item/1", True),
        ("http://127.0.0.1:8000/item?id=1", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("//shop.example/item", False),
        (" https://shop.example", False),
        ("https://user:pw@shop.example/", False),
        ("https://shop.example/\u202e", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_plain_web_addresses_become_links(url: str, kept: bool) -> None:
    assert web_address(url) == (url if kept else "")
