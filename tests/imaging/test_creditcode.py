"""The credit code beside a mark: missing, wrong, nobody's, of another; whose it is, and whether it runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gimonitor.imaging.beside import code_places
from gimonitor.imaging.inspector import Verdict, inspect
from gimonitor.imaging.marks import Box
from gimonitor.imaging.reading import Line
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.imaging.sight import FaultKind
from gimonitor.model.register import (
    Word,
)
from tests.imaging.inspected import (
    FAR,
    NAME,
    NOBODYS,
    OLD,
    ON,
    OTHERS,
    OWN,
    PLACE,
    PRINT,
    REGISTER,
    STANDARD,
    STRANGERS,
    USCC,
    WHOLE,
    code,
    found,
    kinds,
    line,
    look,
    said,
    user,
)


def test_a_code_whose_check_character_fails() -> None:
    assert kinds(look(NAME, STANDARD, said(Saying.USCC, OWN[:17] + "I", valid=False))) == {FaultKind.USCC_INVALID}


def test_a_code_read_badly_needs_proof_and_is_no_fault() -> None:
    dim = replace(said(Saying.USCC, OWN[:17] + "I", valid=False), confidence=0.6)
    inspection = look(NAME, STANDARD, dim)
    assert kinds(inspection) == {FaultKind.PROOF}
    assert inspection.verdict is Verdict.NEED_PROOF


def test_how_large_a_code_is_its_length_says_and_not_its_box() -> None:
    """A box grows with the tilt of its line: codes of 9 px were read wrongly, and surely, in boxes of 19 to 28 px."""
    tilted = replace(said(Saying.USCC, OWN[:17] + "I", valid=False), box=replace(PLACE, width=130, height=28))
    assert look(NAME, STANDARD, tilted).verdict is Verdict.NEED_PROOF


def test_a_code_in_tiny_print_needs_proof() -> None:
    tiny = replace(said(Saying.USCC, OWN[:17] + "I", valid=False), box=replace(PLACE, height=7))
    assert look(NAME, STANDARD, tiny).verdict is Verdict.NEED_PROOF


def test_a_code_that_the_list_of_users_does_not_hold() -> None:
    inspection = look(NAME, STANDARD, said(Saying.USCC, NOBODYS, valid=True))
    assert kinds(inspection) == {FaultKind.USCC_UNKNOWN}
    assert NOBODYS in inspection.faults[0].reason


def test_where_no_users_are_listed_an_unknown_code_needs_proof() -> None:
    plum = said(Saying.GI_NAME, "阳曲小米", key="plum")
    inspection = look(plum, STANDARD, said(Saying.USCC, NOBODYS, valid=True))
    assert inspection.verdict is Verdict.NEED_PROOF


def test_the_code_of_a_user_of_another_gi() -> None:
    inspection = look(NAME, STANDARD, said(Saying.USCC, OTHERS, valid=True))
    assert kinds(inspection) == {FaultKind.USCC_OTHER_GI}
    assert "安溪丙茶业" in inspection.faults[0].reason
    assert "安溪铁观音" in inspection.faults[0].reason


def test_an_authorisation_that_has_ended() -> None:
    inspection = look(NAME, STANDARD, said(Saying.USCC, OLD, valid=True))
    assert kinds(inspection) == {FaultKind.EXPIRED}
    assert "2025年06月30日" in inspection.faults[0].reason


def test_goods_made_while_the_authorisation_ran_are_in_order() -> None:
    """They may be sold after it; without a day of production nobody can tell, and the finding says so and is less sure."""
    code = said(Saying.USCC, OLD, valid=True)
    in_time, late = (said(Saying.MADE_ON, day) for day in ("2025-03-01", "2025-08-01"))
    assert look(NAME, STANDARD, code, in_time).verdict is Verdict.IN_ORDER
    (dated,) = look(NAME, STANDARD, code, late).faults
    (undated,) = look(NAME, STANDARD, code).faults
    assert dated.kind is undated.kind is FaultKind.EXPIRED
    assert "没有读到生产日期" in undated.reason
    assert undated.confidence < dated.confidence


def test_a_code_that_is_said_to_stand_elsewhere_needs_proof() -> None:
    lines = (*PRINT, line("统一社会信用代码：见产品合格证", Box(x=10, y=230, width=240, height=20)))
    inspection = look(NAME, STANDARD, lines=lines)
    assert inspection.verdict is Verdict.NEED_PROOF
    assert "见产品合格证" in inspection.faults[0].reason


def test_the_distributors_code_beside_a_foreign_gi_is_in_order() -> None:
    ham = said(Saying.GI_NAME, "帕尔玛火腿", key="cheese")
    assert (
        look(ham, said(Saying.ANNOUNCEMENT, "第1号"), said(Saying.USCC, NOBODYS, valid=True)).verdict
        is Verdict.IN_ORDER
    )


def test_a_distributors_code_that_does_not_hold_is_not_held_against_the_mark() -> None:
    wrong = said(Saying.USCC, f"{NOBODYS[:17]}{'A' if NOBODYS[17] != 'A' else 'B'}", valid=False)
    far = replace(USCC, box=Box(x=400, y=700, width=240, height=20))
    assert kinds(look(NAME, USCC, STANDARD, wrong)) == kinds(look(NAME, far, STANDARD, wrong)) == {FaultKind.PROOF}
    assert kinds(look(NAME, STANDARD, wrong, elsewhere=(USCC,))) == {FaultKind.USCC_INVALID}


def test_a_code_read_wrong_away_from_the_mark_is_not_absent() -> None:
    wrong = said(Saying.USCC, f"{NOBODYS[:17]}{'A' if NOBODYS[17] != 'A' else 'B'}", valid=False)
    far = replace(wrong, box=Box(x=500, y=700, width=240, height=20))
    assert kinds(look(NAME, STANDARD, far)) == {FaultKind.PROOF}
    labelled = replace(far, text=f"统一社会信用代码：{far.value}", box=Box(x=300, y=700, width=480, height=20))
    (fault,) = look(NAME, STANDARD, labelled).faults
    assert (fault.kind, fault.reason[:4]) == (FaultKind.USCC_INVALID, "同一图片")
    assert kinds(look(NAME, STANDARD, elsewhere=(labelled,))) == {FaultKind.PROOF}


def test_the_code_of_who_sells_the_goods_needs_no_word_beside_that_of_the_user() -> None:
    sold = replace(said(Saying.USCC, NOBODYS, valid=True), text=f"经销商统一社会信用代码：{NOBODYS}")
    register = replace(REGISTER, words=(Word(group="distributors", text="经销"),))
    assert look(*WHOLE, sold, register=register).verdict is Verdict.IN_ORDER
    assert kinds(look(NAME, STANDARD, sold, register=register)) == {FaultKind.USCC_UNKNOWN}


def test_what_could_not_be_read_beside_a_users_code_is_not_in_order() -> None:
    under = code_places(found().box)[0]
    (fault,) = look(USCC, unread=(under,)).faults
    assert (fault.kind, "地理标志名称、" in fault.reason) == (FaultKind.PROOF, True)
    assert look(*WHOLE, unread=(under,)).verdict is Verdict.IN_ORDER


def test_a_code_read_in_part_is_not_absent() -> None:
    part = said(Saying.USCC_PART, "93100287")
    inspection = look(NAME, STANDARD, part)
    assert kinds(inspection) == {FaultKind.PROOF}
    assert "“93100287”不完整" in inspection.faults[0].reason


def test_the_label_of_a_code_alone_needs_proof() -> None:
    label = said(Saying.USCC_PART, "")
    assert kinds(look(NAME, STANDARD, label)) == {FaultKind.PROOF}
    strangers = replace(said(Saying.USCC, NOBODYS, valid=True), box=replace(FAR, y=640))
    below = replace(label, box=replace(FAR, y=610))
    assert kinds(look(NAME, STANDARD, strangers, below)) == {FaultKind.USCC_ABSENT}, "its code was read, right below"


def test_a_code_at_the_other_end_does_not_stand_beside_the_mark() -> None:
    printer = replace(said(Saying.USCC, NOBODYS, valid=True), box=FAR)
    (fault,) = look(NAME, STANDARD, printer).faults
    assert fault.kind is FaultKind.USCC_ABSENT
    assert fault.reason.startswith("标志旁没有读到统一社会信用代码；同一图片其他位置的代码")


def test_a_code_in_another_picture_is_told_to_stand_there() -> None:
    licence = said(Saying.USCC, NOBODYS, valid=True)
    (fault,) = look(NAME, STANDARD, elsewhere=(licence,)).faults
    assert fault.kind is FaultKind.USCC_ABSENT
    assert "该商品其他图片中的代码" in fault.reason
    (ended,) = look(NAME, STANDARD, elsewhere=(said(Saying.USCC, OLD, valid=True),)).faults
    assert ended.reason.startswith("该商品其他图片中的统一社会信用代码属于")
    assert ended.box == found().box, "a place in another picture is no place in this one"


def test_a_second_code_beside_that_of_a_user_is_mentioned() -> None:
    second = replace(said(Saying.USCC, NOBODYS, valid=True), box=replace(PLACE, y=180))
    inspection = look(*WHOLE, second)
    assert inspection.verdict is Verdict.NEED_PROOF
    assert NOBODYS in inspection.faults[0].reason
    assert look(*WHOLE, replace(second, text=f"包装印刷：某印务 {NOBODYS}")).verdict is Verdict.IN_ORDER


def test_another_user_of_the_named_gi_needs_no_word() -> None:
    assert look(*WHOLE, said(Saying.USCC, code("91610009MA6TNB8X7"[:17]), valid=True)).faults
    second = replace(REGISTER, users=(*REGISTER.users, user("rice", "五常丁米业", NOBODYS)))
    other = said(Saying.USCC, NOBODYS, valid=True)
    inspection = inspect([found()], (*WHOLE, other), second, ON, lines=PRINT, size=(800, 800))
    assert inspection.verdict is Verdict.IN_ORDER


@pytest.mark.parametrize("label", ["印刷：沈阳包装厂 ", ""])
def test_a_strangers_code_beside_does_not_hide_the_users_own_apart(label: str) -> None:
    beside = replace(said(Saying.USCC, NOBODYS, valid=True), text=f"{label}{NOBODYS}")
    apart = replace(USCC, box=Box(x=500, y=700, width=240, height=16))
    told = look(NAME, STANDARD, beside, apart)
    if label:
        assert told.verdict is Verdict.IN_ORDER
    else:
        assert [fault.kind for fault in told.faults] == [FaultKind.PROOF]
        assert NOBODYS in told.faults[0].reason


def test_the_printers_code_alone_is_no_users_code() -> None:
    printers = replace(said(Saying.USCC, NOBODYS, valid=True), text=f"印刷：沈阳包装厂 {NOBODYS}")
    assert kinds(look(NAME, STANDARD, printers)) == {FaultKind.USCC_ABSENT}


@pytest.mark.parametrize("code_said", [STRANGERS, replace(STRANGERS, value=OWN[:17] + "I", valid=False)])
@pytest.mark.parametrize(
    "beside",
    [
        line("印刷单位：沈阳某公司", replace(PLACE, y=178)),
        line("包装由沈阳某公司印制", replace(PLACE, y=226)),
        line("印刷：某厂", Box(x=260, y=202, width=80, height=16)),
    ],
    ids=["above", "below", "in its row"],
)
def test_a_code_next_to_a_printers_name_may_be_the_printers(beside: Line, code_said: Said) -> None:
    (fault,) = look(NAME, STANDARD, code_said, lines=(line(NOBODYS), beside)).faults
    assert fault.kind is FaultKind.PROOF
    assert "印刷、包装或者设计企业" in fault.reason
    assert look(*WHOLE, code_said, lines=(line(NOBODYS), beside)).verdict is Verdict.IN_ORDER


def test_a_printers_name_at_a_distance_says_nothing_about_a_code() -> None:
    far = line("印刷单位：沈阳某公司", replace(PLACE, y=300))
    assert kinds(look(NAME, STANDARD, STRANGERS, lines=(line(NOBODYS), far))) == {FaultKind.USCC_UNKNOWN}


def test_a_small_mark_with_sharp_print_around_it_and_no_code() -> None:
    """Print of 20 px beside a mark of 120 to 150 px, a little tilted."""
    print_of_20 = line("净含量五千克", Box(x=10, y=200, width=128, height=34))
    for side in (120, 150):
        assert kinds(look(NAME, STANDARD, mark=found(side=side), lines=(print_of_20,))) == {FaultKind.USCC_ABSENT}


def test_a_users_code_in_one_line_with_the_printer_is_the_users() -> None:
    together = replace(USCC, text=f"统一社会信用代码 {OWN} 印刷：沈阳包装厂")
    assert look(NAME, STANDARD, together).verdict is Verdict.IN_ORDER


def test_another_code_right_beside_that_of_the_user_is_told() -> None:
    (fault,) = look(*WHOLE, said(Saying.USCC, OTHERS, valid=True)).faults
    assert (fault.kind, OTHERS in fault.reason) == (FaultKind.PROOF, True)
    bad = said(Saying.USCC, OWN[:5] + "8888888888888", valid=False)
    assert kinds(look(*WHOLE, bad)) == {FaultKind.PROOF}


def test_a_code_of_another_gis_user_is_told_with_the_gi() -> None:
    far = replace(said(Saying.USCC, OTHERS, valid=True), box=Box(x=500, y=700, width=240, height=16))
    (fault,) = look(*WHOLE, far).faults
    assert fault.kind is FaultKind.PROOF
    assert "“安溪铁观音”的使用人“安溪丙茶业”" in fault.reason


def test_an_invalid_code_beside_the_mark_is_told_though_a_users_stands_elsewhere() -> None:
    bad = said(Saying.USCC, OWN[:5] + "8888888888888", valid=False)
    assert FaultKind.USCC_INVALID in kinds(look(NAME, STANDARD, bad, elsewhere=(USCC,)))


def test_a_blurred_reading_of_the_users_own_code_is_no_second_code() -> None:
    blurred = replace(said(Saying.USCC, OWN[:-1] + ("0" if OWN[-1] != "0" else "1"), valid=False), confidence=0.6)
    assert kinds(look(NAME, STANDARD, blurred, elsewhere=(USCC,))) == kinds(look(NAME, STANDARD, elsewhere=(USCC,)))


@pytest.mark.parametrize(("put_right", "fault"), [(False, FaultKind.USCC_UNKNOWN), (True, FaultKind.PROOF)])
def test_a_code_put_right_to_nobodys_is_a_guess(put_right: bool, fault: FaultKind) -> None:
    assert kinds(look(NAME, STANDARD, said(Saying.USCC, NOBODYS, valid=True, repaired=put_right))) == {fault}


def test_a_guess_is_told_with_what_was_read_and_what_it_may_be() -> None:
    shown = NOBODYS.replace("8", "B")
    (fault,) = look(NAME, STANDARD, said(Saying.USCC, NOBODYS, valid=True, repaired=True, shown=shown)).faults
    assert f"读作“{shown}”，校验位不符" in fault.reason
    assert f"也可能是“{NOBODYS}”" in fault.reason


def test_a_guessed_code_elsewhere_is_no_absent_one() -> None:
    guess = replace(said(Saying.USCC, NOBODYS, valid=True, repaired=True), box=Box(x=500, y=700, width=240, height=16))
    (fault,) = look(NAME, STANDARD, guess).faults
    assert fault.kind is FaultKind.PROOF
    assert fault.reason.startswith("同一图片其他位置的代码读作")


def test_a_code_put_right_to_a_users_is_the_users() -> None:
    assert look(NAME, STANDARD, replace(USCC, repaired=True)).verdict is Verdict.IN_ORDER


def test_an_unknown_code_where_no_gi_is_named() -> None:
    fault = look(said(Saying.USCC, NOBODYS, valid=True), STANDARD).faults[0]
    assert fault.kind is FaultKind.PROOF
    assert "没有读到地理标志名称" in fault.reason
