"""Check digits against codes known to hold, and extraction from running text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.text import codes

VALID = (  # noqa: SIM905
    "91110000600037341L 91330100799655058B 9144030071526726XG 914403001922038216 91110000802100433B 91110108551385082Q "
    "91140121MA0TEXT12C 93140430MA0GXM0287 92230184MA1CRXT36R 91330523MA2DEMQ47F 91320507MA1YEXA50H 91420100MA4DEMX61B"
).split()


@pytest.mark.parametrize("code", VALID)
def test_valid_uscc(code: str) -> None:
    assert codes.uscc_is_valid(code)


@pytest.mark.parametrize("code", VALID[:2])
def test_every_single_substitution_is_noticed(code: str) -> None:
    for i, shown in enumerate(code):
        for other in codes.USCC_CHARACTERS:
            if other != shown:
                assert not codes.uscc_is_valid(code[:i] + other + code[i + 1 :])


def test_uscc_is_found_and_a_misreading_repaired() -> None:
    (found,) = codes.find_uscc("统一社会信用代码：9111OOOO600037341L。")
    assert (found.value, found.valid, found.repaired) == ("91110000600037341L", True, True)
    assert "统一社会信用代码：9111OOOO600037341L。"[found.start : found.end] == "9111OOOO600037341L"


def test_uscc_with_b_for_8() -> None:
    (found,) = codes.find_uscc("9144030019220382I6".replace("8", "B"))
    assert found.value == "914403001922038216"
    assert found.valid


def test_long_words_are_no_uscc() -> None:
    assert codes.find_uscc("internationalizati abcdefghjkmnpqrtuw") == ()


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("11834020305037", True),
        ("10811310111839", True),
        ("12437010500152", True),
        ("12442011202449", False),
        ("1144", False),
    ],
)
def test_sc_check_digit(digits: str, valid: bool) -> None:
    assert codes.sc_is_valid(digits) is valid


def test_sc_number_is_found_with_its_parts() -> None:
    (found,) = codes.find_sc("生产许可证编号：ＳＣ１１４３３０５２３０００４４")
    assert found.valid
    assert (codes.sc_category(found.value), codes.sc_adcode(found.value)) == ("114", "330523")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("执行标准：GB/T 19266-2008", ["GB/T 19266-2008"]),
        ("GB1354 大米", ["GB 1354"]),
        ("GB／T１３５４—2018", ["GB/T 1354-2018"]),
        ("DB14/T 1234-2016", ["DB14/T 1234-2016"]),
        ("T/XXX 001-2021", ["T/XXX 001-2021"]),
        ("Q/YYY 0001S-2020", ["Q/YYY 0001S-2020"]),
        ("型号QB20", []),
        ("执行标准：QB 2020", ["QB 2020"]),
        ("GB/T 30357.2", ["GB/T 30357.2"]),
        ("RGB1354", []),
        ("GBT 19266-2008", ["GB/T 19266-2008"]),
        ("GB-T19266", ["GB/T 19266"]),
        ("GB\\T 19266", ["GB/T 19266"]),
        ("GB\u2215T 19266", ["GB/T 19266"]),
        ("DB23T 1234", ["DB23/T 1234"]),
        ("T/XXT 001", ["T/XXT 001"]),
        ("型号NYT844", []),
    ],
)
def test_standards(text: str, expected: list[str]) -> None:
    assert [c.value for c in codes.find_standards(text)] == expected


def test_year_and_recommendation_do_not_part_a_standard() -> None:
    assert codes.standard_key("GB 19266-2003") == codes.standard_key("ＧＢ/T19266—2008") == "GB 19266"
    assert codes.standard_key("GB/T 13738.2") != codes.standard_key("GB/T 13738.3")


def test_mark_numbers() -> None:
    found = codes.find_marks("注册商标第1607996号，公告第640号，注册号：9129815")
    assert [c.value for c in found] == ["1607996", "9129815"]
    assert [c.value for c in codes.find_marks("证明商标 No.1607996，册号14982232，手册号 123456")] == [
        "1607996",
        "14982232",
    ]


@given(st.text(max_size=200))
def test_places_are_those_of_the_raw_text(text: str) -> None:
    for finder in (codes.find_uscc, codes.find_sc, codes.find_standards, codes.find_marks):
        for code in finder(text):
            assert 0 <= code.start < code.end <= len(text)
