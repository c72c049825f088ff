"""The second reading of a title, and the way back from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.text.readings import has_second_reading, second_reading


@pytest.mark.parametrize(
    ("raw", "folded", "shown"),
    [
        ("五🉐常①大1️⃣米", "五常大米", "五🉐常①大1️⃣米"),
        ("五™常○大Ⓜ️米", "五常大米", "五™常○大Ⓜ️米"),
        ("\u202e米大常五\u202c", "五常大米", "米大常五"),
        ("五\u202e米大常\u202c", "五常大米", "五\u202e米大常"),
        ("\u202e米①大②常③五", "五常大米", "米①大②常③五"),
    ],
)
def test_names_come_out_and_lead_back(raw: str, folded: str, shown: str) -> None:
    assert has_second_reading(f"新货 {raw} 5斤")
    reading = second_reading(f"新货{raw}5斤")
    start = reading.folded.text.index(folded) if "\u202e米①" not in raw else reading.folded.text.index("五")
    first, last = reading.raw_span(start, start + len(folded))
    assert f"新货{raw}5斤"[first:last] == shown


@pytest.mark.parametrize("raw", ["五常大米 5斤", "五🍚常·大\u200b米", "二零二六年 2.5kg*2", "\u200f五常"])
def test_most_texts_have_only_one(raw: str) -> None:
    assert not has_second_reading(raw)


@given(st.text(max_size=80) | st.text(alphabet="五常大米①🉐1\ufe0f\u20e3\u202e\u202c ", max_size=40))
def test_any_text_has_one_and_it_leads_back(raw: str) -> None:
    reading = second_reading(raw)
    assert sorted(reading.order) == list(range(len(raw)))
    for i in range(len(reading.folded.text)):
        start, end = reading.raw_span(i, i + 1)
        assert 0 <= start < end <= len(raw)
