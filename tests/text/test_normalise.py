"""Folding: what matching sees, and the way back to what the listing shows."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.text.normalise import BREAK, fold, fold_text


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("五常大米", "五常大米"),
        ("五 常·大\u200b米", "五常大米"),
        ("五\u202e常\u2066大\ufeff米", "五常大米"),
        ("陽澄湖大閘蟹", "阳澄湖大闸蟹"),
        ("㊣五🍚常大米", "正五常大米"),
        ("５００ｇ ㎏ ⑩斤", "500g kg 10斤"),
        ("Anji  White-Tea", "anji white tea"),
        ("Münchener Pu'er PU’ER", "munchener puer puer"),
        ("𝐖𝐮𝐜𝐡𝐚𝐧𝐠", "wuchang"),
        ("五，常【大】米", "五常大米"),
        ("大米 5kg", "大米 5kg"),
        ("五\n常\t大\r\n米", "五常大米"),
        ("🍚🍚", ""),
        (" ·· ", ""),
        ("a\u200b b", "a b"),
        ("五\u3164常\u115f大\uffa0米\u1160", "五常大米"),
        ("五\u0345常\ud83d大\U0001faef米", "五常大米"),
        ("⺡工 ⺾平果", "氵工艹平果"),
        ("郫县&nbsp;豆瓣", "郫县豆瓣"),
        ("<p>郫县</p><p style='margin:0'>豆瓣</p>", "郫县豆瓣"),
        ("五&#24120;大&#x7c73;", "五常大米"),
        ("&#20116&#24120大&#x7c73 5kg", "五常大米 5kg"),  # a browser shows it without the semicolon, too
        ("\u0421ognac \u0441ognac", "cognac cognac"),
        ("A&B 5<6 R&amp;D", "a b 5 6 r d"),
        ("大米<A级>", "大米 a级"),
        ("<img alt='五常大米'>", "img alt 五常大米"),
    ],
)
def test_folding(raw: str, folded: str) -> None:
    assert fold_text(raw) == folded


def test_every_place_leads_back_to_the_raw_text() -> None:
    raw = "【正宗】五🍚常\u200b大 米 ㎏"
    folded = fold(raw)
    start = folded.text.index("五常大米")
    assert folded.shown(start, start + 4) == "五🍚常\u200b大 米"
    kilogram = folded.text.index("kg")
    assert folded.shown(kilogram, kilogram + 2) == "㎏"


def test_what_is_shown_of_an_entity_leads_back_to_it() -> None:
    raw = "特产郫县&nbsp;<b>豆瓣</b>酱"
    folded = fold(raw)
    assert folded.shown(*(folded.text.index("郫"), folded.text.index("酱"))) == "郫县&nbsp;<b>豆瓣"


def test_texts_joined_by_a_break_do_not_grow_together() -> None:
    assert "五常" not in fold(f"五{BREAK}常").text


@given(st.text(alphabet=st.characters(), max_size=300))
def test_fold_never_raises_and_keeps_its_map(raw: str) -> None:
    folded = fold(raw)
    places = [folded.raw_at(i) for i in range(len(folded.text))]
    assert len(places) == len(folded.units) // 2
    assert all(0 <= p < len(raw) for p in places)
    assert places == sorted(places)
    for i in range(len(folded.text)):
        start, end = folded.place(i, i + 1)
        assert 0 <= start < end <= len(raw)


@given(st.text(alphabet="五常大米阳澄湖abc 12·\u200b🍚", max_size=60))
def test_folding_twice_changes_nothing(raw: str) -> None:
    assert fold_text(fold_text(raw)) == fold_text(raw)


@given(
    st.text(alphabet="五常大米阳澄湖", min_size=1, max_size=8),
    st.sampled_from([" ", "·", "\u200b", "🍚", "*", "\u202e", "　", "—"]),
)
def test_separators_between_han_do_not_hide_a_name(name: str, separator: str) -> None:
    assert fold_text(separator.join(name)) == name


@pytest.mark.parametrize(
    "unit", ["\x00", "\ud800", "🍚", " ", "五 ", "\u200b", "ﷺ", "五\ud83d", "&", "<a ", "<b>", "&#20116;"]
)
def test_a_megabyte_is_folded_in_bounded_time(unit: str) -> None:
    raw = unit * (1_000_000 // len(unit))
    began = time.process_time()
    folded = fold(raw)
    assert time.process_time() - began < 10
    assert folded.place(0, len(folded.text))[1] <= len(raw)


def test_width_agrees_with_unicode() -> None:
    raw = "ＧＢ／Ｔ　１９２６６"
    assert fold_text(raw).replace(" ", "") == unicodedata.normalize("NFKC", raw).casefold().replace(" ", "").replace(
        "/", ""
    )
