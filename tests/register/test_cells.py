"""What bureaus write into cells: days in all their spellings, names, kinds of basis, numbers of approvals."""

from __future__ import annotations

from datetime import date

import pytest

from gimonitor.model.register import Basis
from gimonitor.register.cells import clean_name, fold_name, is_number, parse_basis, parse_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2015-03-01", date(2015, 3, 1)),
        ("2015/3/1", date(2015, 3, 1)),
        ("2015.3.1", date(2015, 3, 1)),
        ("2015年3月1日", date(2015, 3, 1)),
        ("２０１５年３月１日", date(2015, 3, 1)),
        ("20150301", date(2015, 3, 1)),
        ("42064", date(2015, 3, 1)),
        ("42064.0", date(2015, 3, 1)),
        ("2015-03-01 00:00:00", date(2015, 3, 1)),
        ("长期", None),
        ("", None),
    ],
)
def test_days_as_bureaus_write_them(text: str, day: date | None) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize("text", ["2015", "2015-3", "3/1/2015", "1234", "2015-13-01", "明年", "0"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_day(text)


def test_names_are_made_alike() -> None:
    assert clean_name(" 五常市 甲 米业(集团)有限公司\u200b ") == "五常市甲米业（集团）有限公司"
    assert fold_name("ABC 米业（集团）") == fold_name("abc米业(集团)")
    assert parse_basis("证明商标被许可人") is Basis.LICENSEE
    assert parse_basis("集体成员") is Basis.MEMBER
    assert parse_basis("公告核准") is Basis.ANNOUNCEMENT
    with pytest.raises(ValueError, match="not a basis"):
        parse_basis("朋友")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2003年第75号", True), ("国家知识产权局公告第640号", True), ("AGI00054", True),
        ("1607996", True), ("第三五四号", True), ("2018年第三批公示", False), ("2018年第四批评审", False),
        ("第577号（初步认定）", False), ("2011年第102号（受理）", False), ("2008年", False), ("2008", False),
        ("2011年第一批", False), ("", False),
    ],
)  # fmt: skip
def test_only_numbers_of_approvals_and_registrations_are_numbers(text: str, answer: bool) -> None:
    assert is_number(text) is answer
