"""The number beside a mark: the right one, none, another, or one read in part."""

from __future__ import annotations

import pytest

from gimonitor.imaging.beside import code_places
from gimonitor.imaging.inspector import Verdict
from gimonitor.imaging.sayings import Saying
from gimonitor.imaging.sight import FaultKind
from tests.imaging.inspected import NAME, OTHERS, PRINT, USCC, found, kinds, line, look, said


def test_the_announcement_number_is_as_good_as_the_standard() -> None:
    assert look(NAME, USCC, said(Saying.ANNOUNCEMENT, "2003年第35号")).verdict is Verdict.IN_ORDER


def test_a_mark_needs_its_registration_number() -> None:
    tea = (said(Saying.GI_NAME, "安溪铁观音", key="tea"), said(Saying.USCC, OTHERS, valid=True))
    (other,) = look(*tea, said(Saying.STANDARD, "GB/T 1354")).faults
    assert (other.kind, "没有收录该地理标志的全部编号" in other.reason) == (FaultKind.PROOF, True)
    (fault,) = look(*tea).faults
    assert fault.kind is FaultKind.NUMBER_ABSENT
    assert "商标注册号" in fault.reason
    assert look(*tea, said(Saying.REGISTRATION, "1388991")).verdict is Verdict.IN_ORDER


def test_the_standard_of_other_goods() -> None:
    inspection = look(NAME, USCC, said(Saying.STANDARD, "GB/T 1354"))
    assert kinds(inspection) == {FaultKind.NUMBER_OTHER}
    assert "GB/T 1354" in inspection.faults[0].reason


def test_a_standard_is_the_same_without_its_year() -> None:
    assert look(NAME, USCC, said(Saying.STANDARD, "GB/T 19266")).verdict is Verdict.IN_ORDER


def test_a_number_of_other_goods_beside_print_that_was_not_read_needs_proof() -> None:
    other = said(Saying.STANDARD, "GB/T 1354")
    under = code_places(found().box)[0]
    assert kinds(look(NAME, USCC, other)) == {FaultKind.NUMBER_OTHER}
    assert kinds(look(NAME, USCC, other, unread=(under,))) == {FaultKind.PROOF}


@pytest.mark.parametrize("text", ["标准号19266-2008", "T19266-2008", "标准：19266"])
def test_the_number_of_the_gi_without_its_letters(text: str) -> None:
    part = said(Saying.NUMBER_PART, "19266-2008")
    assert look(NAME, USCC, part, lines=(*PRINT, line(text))).verdict is Verdict.IN_ORDER


@pytest.mark.parametrize("text", ["电话 0451-19266345", "19266", "1926"])
def test_digits_of_the_gis_number_alone_say_nothing_for_sure(text: str) -> None:
    near = kinds(look(NAME, USCC, lines=(*PRINT, line(text))))
    assert near == {FaultKind.NUMBER_ABSENT if "电话" in text else FaultKind.PROOF}


def test_a_number_cut_off_is_no_other_number() -> None:
    for shown in ("GB/T 1926", "GB/T 192"):
        assert kinds(look(NAME, USCC, said(Saying.STANDARD, shown))) == {FaultKind.PROOF}
    for other in ("GB/T 192-2008", "GB/T 1354"):
        assert kinds(look(NAME, USCC, said(Saying.STANDARD, other))) == {FaultKind.NUMBER_OTHER}
