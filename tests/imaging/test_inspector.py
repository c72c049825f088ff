"""What is missing or wrong beside a mark: a case for each duty, and for each picture too poor to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gimonitor.imaging.beside import code_places
from gimonitor.imaging.inspector import FaultKind, Inspection, Verdict, inspect
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.reading import Line
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.model.register import (
    GI,
    Area,
    AuthorisedUser,
    Basis,
    Certainty,
    Fact,
    Kind,
    Protection,
    Register,
    Sign,
    Standard,
    Word,
)
from gimonitor.text.codes import uscc_check

ON = date(2026, 11, 22)
FOUND = Certainty.FOUND


def code(base: str) -> str:
    return base + uscc_check(base)


OWN, OTHERS, NOBODYS, OLD = (code(f"9161000{n}MA6TNB8X7"[:17]) for n in (0, 1, 2, 3))


def protection(kind: Kind, *numbers: str) -> Protection:
    return Protection(
        kind=Fact(value=kind, certainty=FOUND, source="s"),
        numbers=tuple(Fact(value=n, certainty=FOUND, source="s") for n in numbers),
    )


def gi(gi_id: str, name: str, *protections: Protection, standard: str = "") -> GI:
    standards = (Standard(code=Fact(value=standard, certainty=FOUND, source="s")),) if standard else ()
    return GI(id=gi_id, name=name, certainty=FOUND, source="s", protections=protections, standards=standards)


def user(gi_id: str, name: str, uscc: str, ends: date | None = None) -> AuthorisedUser:
    return AuthorisedUser(
        gi_id=gi_id, name=name, uscc=uscc, basis=Basis.ANNOUNCEMENT, certainty=FOUND, source="s", ends=ends
    )


REGISTER = Register(
    gis=(
        gi("rice", "五常大米", protection(Kind.GI_PRODUCT, "2003年第35号"), standard="GB/T 19266-2008"),
        gi("tea", "安溪铁观音", protection(Kind.CERTIFICATION_MARK, "1388991")),
        gi("cheese", "帕尔玛火腿", protection(Kind.FOREIGN)),
        gi("plum", "阳曲小米", protection(Kind.GI_PRODUCT)),
    ),
    users=(
        user("rice", "五常甲米业", OWN),
        user("rice", "五常乙米业", OLD, ends=date(2025, 6, 30)),
        user("tea", "安溪丙茶业", OTHERS),
    ),
    signs=(
        Sign(
            id="gi-special-mark",
            name="地理标志专用标志",
            kind="gi_special",
            certainty=FOUND,
            source="s",
            duties=tuple(Fact(value=v, certainty=FOUND, source="s") for v in ("指定位置标注使用人的统一社会信用代码", "地理标志产品：标明地理标志名称，并标明执行的标准代号或批准公告号", "证明商标：标明该商标及商标注册号")),
        ),
    ),
    articles=(),
    words=(Word(text="印刷", group="printers"), Word(text="印制", group="printers")),
    models=(),
    digest="d",
)  # fmt: skip
PLACE = Box(x=10, y=200, width=240, height=20)


def found(mark: Mark = Mark.GI_2019, side: int = 120, similar: bool = False, confidence: float = 0.97) -> FoundMark:
    return FoundMark(
        mark=mark, box=Box(x=5, y=5, width=side, height=side), outline=(), confidence=confidence, similar=similar
    )


def said(kind: Saying, value: str, **more: object) -> Said:
    return Said(kind=kind, value=value, text=f"“{value}”", box=PLACE, confidence=0.98, **more)  # type: ignore[arg-type]


NAME = said(Saying.GI_NAME, "五常大米", key="rice")
USCC = said(Saying.USCC, OWN, valid=True)
STANDARD = said(Saying.STANDARD, "GB/T 19266-2008")
WHOLE = (NAME, USCC, STANDARD)


def line(text: str = "净含量 5kg", box: Box = PLACE, confidence: float = 0.98) -> Line:
    return Line(text=text, raw=text, box=box, confidence=confidence)


PRINT = (line(),)  # small print read beside the mark


def look(
    *things: Said,
    mark: FoundMark | None = None,
    lines: tuple[Line, ...] = PRINT,
    elsewhere: tuple[Said, ...] = (),
    size: tuple[int, int] = (800, 800),
    unread: tuple[Box, ...] = (),
    register: Register = REGISTER,
) -> Inspection:
    return inspect([mark or found()], things, register, ON, lines=lines, size=size, unread=unread, elsewhere=elsewhere)


def kinds(inspection: Inspection) -> set[FaultKind]:
    return {fault.kind for fault in inspection.faults}


def test_all_that_must_stand_beside_the_mark_is_there() -> None:
    inspection = look(*WHOLE)
    assert inspection.verdict is Verdict.IN_ORDER
    assert inspection.faults == ()
    assert inspection.gi_ids == ("rice",)


@pytest.mark.parametrize(
    ("left_out", "fault"),
    [(USCC, FaultKind.USCC_ABSENT), (NAME, FaultKind.NAME_ABSENT), (STANDARD, FaultKind.NUMBER_ABSENT)],
)
def test_each_duty_left_out_is_a_fault(left_out: Said, fault: FaultKind) -> None:
    inspection = look(*(s for s in WHOLE if s is not left_out))
    assert kinds(inspection) == {fault}
    assert inspection.verdict is Verdict.FAULTS


def test_a_fault_quotes_the_duty_and_names_the_gi() -> None:
    (fault,) = look(NAME, STANDARD).faults
    assert fault.duty == "指定位置标注使用人的统一社会信用代码"
    assert fault.gi_id == "rice"
    assert 0 < fault.confidence < 0.97


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


def test_a_number_of_other_goods_beside_print_that_was_not_read_needs_proof() -> None:
    other = said(Saying.STANDARD, "GB/T 1354")
    under = code_places(found().box)[0]
    assert kinds(look(NAME, USCC, other)) == {FaultKind.NUMBER_OTHER}
    assert kinds(look(NAME, USCC, other, unread=(under,))) == {FaultKind.PROOF}


def test_a_name_that_may_be_there_is_not_absent() -> None:
    assert kinds(look(USCC, STANDARD, said(Saying.DOUBTFUL_NAME, "汾酒", key="rice"))) == set()
    assert look(USCC, said(Saying.DOUBTFUL_NAME, "香槟", key="cheese")).gi_ids == ("rice",), "it names nothing"


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


def test_another_origin_or_only_a_style_is_not_in_order() -> None:
    area = Area(adcodes=Fact(value=("230184",), certainty=FOUND, source="s"))
    words = tuple(
        Word(group=group, text=text)
        for group, text in (("countries", "泰国"), ("flavour-words", "风味"), ("style-words", "种"))
    )
    placed = replace(REGISTER, gis=(replace(REGISTER.gis[0], area=area), *REGISTER.gis[1:]), words=words)
    told = {
        place: kinds(look(*WHOLE, said(Saying.ORIGIN, place), register=placed))
        for place in ("辽宁省盘锦市", "泰国", "黑龙江省哈尔滨市", "五常市")
    }
    assert told == {
        "辽宁省盘锦市": {FaultKind.PROOF},
        "泰国": {FaultKind.PROOF},
        "黑龙江省哈尔滨市": set(),
        "五常市": set(),
    }
    styled = replace(NAME, text="五常大米风味米饼")
    assert kinds(look(styled, USCC, STANDARD, register=placed)) == {FaultKind.PROOF}
    grown = replace(NAME, text="五常大米种植基地")
    assert look(grown, USCC, STANDARD, register=placed).verdict is Verdict.IN_ORDER


def test_what_stands_in_another_picture_is_not_missing() -> None:
    assert look(NAME, elsewhere=(USCC, STANDARD)).verdict is Verdict.IN_ORDER


TURNED = replace(found(), box=Box(x=60, y=200, width=120, height=120))
EDGE = replace(found(), box=Box(x=0, y=5, width=120, height=120))
POOR = {
    "a mark too small": {"mark": found(side=80)},
    "no text read": {"lines": ()},
    "the mark's own letters": {
        "lines": (line("GI", Box(x=40, y=40, width=40, height=20)), line("中华人民共和国地理标志"))
    },
    "a banner far from it": {"lines": (line("新米上市全国包邮", Box(x=20, y=600, width=500, height=20)),)},
    "large print beside it": {"lines": (line(box=Box(x=140, y=20, width=400, height=60)),)},
    "print hardly read": {"lines": (line(confidence=0.6),)},
    "the picture ends under it": {"size": (800, 130)},
    "the picture ends in the print": {"size": (800, 216)},
    "print right under it not read": {"unread": code_places(found().box)[:1]},
    "upright print at its side not read": {
        "lines": (line(box=Box(x=200, y=200, width=16, height=240)),),
        "mark": TURNED,
        "unread": code_places(TURNED.box)[1:2],
    },
    "the picture ends at its side": {
        "lines": (line(box=Box(x=140, y=10, width=16, height=120)),),
    },
    "the picture ends in the mark": {"mark": EDGE},
    "small print beside it hardly read": {"lines": (line(), line(box=replace(PLACE, y=180), confidence=0.6))},
}


def test_a_turned_picture_with_room_at_the_sides_of_its_mark_can_be_judged() -> None:
    upright = (line(box=Box(x=200, y=200, width=16, height=240)),)
    under = code_places(TURNED.box)[:1]
    assert kinds(look(NAME, STANDARD, mark=TURNED, lines=upright, unread=under)) == {FaultKind.USCC_ABSENT}


@pytest.mark.parametrize("poor", POOR)
def test_nothing_is_called_absent_where_it_could_not_have_been_read(poor: str) -> None:
    inspection = look(**POOR[poor])  # type: ignore[arg-type]
    assert inspection.verdict is Verdict.NEED_PROOF
    assert kinds(inspection) == {FaultKind.PROOF}


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


def test_beside_print_read_in_part_nothing_is_absent() -> None:
    assert kinds(look(NAME, said(Saying.NUMBER_PART, "57-2005"))) == {FaultKind.PROOF}
    apart = replace(said(Saying.NUMBER_PART, "57-2005"), box=FAR)
    assert kinds(look(NAME, apart)) == {FaultKind.USCC_ABSENT, FaultKind.PROOF}


FAR = Box(x=100, y=700, width=240, height=16)


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


STRANGERS = said(Saying.USCC, NOBODYS, valid=True)


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


def test_print_that_stands_upright_has_its_neighbours_at_its_sides() -> None:
    upright = Box(x=200, y=100, width=16, height=240)
    printer = line("印制：某厂", replace(upright, x=225))
    code_said = replace(STRANGERS, box=upright)
    (fault,) = look(NAME, STANDARD, code_said, lines=(line(NOBODYS, upright), printer)).faults
    assert fault.kind is FaultKind.PROOF


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


def test_large_print_read_says_nothing_about_small_print() -> None:
    large = (line("五常大米", Box(x=10, y=420, width=300, height=120)),)
    assert kinds(look(NAME, STANDARD, mark=found(side=400), lines=large)) == {FaultKind.PROOF}


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


def test_a_day_of_production_still_to_come_is_none() -> None:
    old = found(Mark.AQSIQ)
    (fault,) = look(said(Saying.MADE_ON, "2027-01-01"), mark=old).faults
    assert fault.kind is FaultKind.PROOF
    assert "晚于发现图片之日" in fault.reason


def test_two_days_of_production_in_two_pictures_need_a_person() -> None:
    (fault,) = look(
        said(Saying.MADE_ON, "2019-05-01"), mark=found(Mark.AQSIQ), elsewhere=(said(Saying.MADE_ON, "2023-05-01"),)
    ).faults
    assert fault.kind is FaultKind.PROOF
    assert "2019年" in fault.reason
    assert "2023年" in fault.reason


def test_an_unknown_code_where_no_gi_is_named() -> None:
    fault = look(said(Saying.USCC, NOBODYS, valid=True), STANDARD).faults[0]
    assert fault.kind is FaultKind.PROOF
    assert "没有读到地理标志名称" in fault.reason


@pytest.mark.parametrize("word", ["包装日期", "采收日期"])
def test_only_the_day_of_production_makes_an_abolished_mark_doubtful(word: str) -> None:
    packed = said(Saying.OTHER_DATE, "2022-06-01", key=word)
    inspection = look(packed, mark=found(Mark.AQSIQ))
    assert inspection.verdict is Verdict.NEED_PROOF
    assert f"只有{word}（2022年06月01日）" in inspection.faults[0].reason
    made = said(Saying.MADE_ON, "2019-09-01")
    assert look(packed, mark=found(Mark.AQSIQ), elsewhere=(made,)).verdict is Verdict.IN_ORDER


@pytest.mark.parametrize("mark", [Mark.AQSIQ, Mark.SAIC])
def test_an_abolished_mark_on_goods_made_after_the_transition(mark: Mark) -> None:
    inspection = look(said(Saying.MADE_ON, "2023-05-11"), mark=found(mark))
    assert kinds(inspection) == {FaultKind.ABOLISHED}
    assert "2023年05月11日" in inspection.faults[0].reason
    assert inspection.faults[0].box == PLACE
    both = inspect(
        [found(mark), found()], (*WHOLE, said(Saying.MADE_ON, "2026-05-01")), REGISTER, ON, lines=PRINT, size=(800, 800)
    )
    assert both.verdict is Verdict.NEED_PROOF, "a seller explains the old mark and the new one"
    (of_month,) = look(said(Saying.MADE_IN, "2021-01-01"), mark=found(mark)).faults
    assert (of_month.kind, "生产日期为2021年01月，" in of_month.reason) == (FaultKind.ABOLISHED, True)
    assert look(said(Saying.MADE_IN, "2020-12-01"), mark=found(mark)).verdict is Verdict.IN_ORDER


@pytest.mark.parametrize("day", ["2020-12-31", "2019-03-01"])
def test_an_abolished_mark_on_goods_made_before_is_in_order(day: str) -> None:
    assert look(said(Saying.MADE_ON, day), mark=found(Mark.AQSIQ)).verdict is Verdict.IN_ORDER


def test_an_abolished_mark_on_the_first_day_after() -> None:
    assert look(said(Saying.MADE_ON, "2021-01-01"), mark=found(Mark.SAIC)).verdict is Verdict.FAULTS


def test_an_abolished_mark_without_a_date_needs_proof() -> None:
    inspection = look(mark=found(Mark.AQSIQ))
    assert inspection.verdict is Verdict.NEED_PROOF


def test_the_agi_mark_needs_proof() -> None:
    assert look(*WHOLE, mark=found(Mark.AGI)).verdict is Verdict.NEED_PROOF


def test_something_alike_is_never_taken_for_the_mark() -> None:
    inspection = look(mark=found(similar=True, confidence=0.7))
    assert inspection.verdict is Verdict.SIMILAR
    assert kinds(inspection) == {FaultKind.SIMILAR}
    assert inspection.faults[0].confidence <= 0.3


def test_nothing_found_nothing_said() -> None:
    assert inspect([], WHOLE, REGISTER, ON, lines=PRINT, size=(800, 800)).verdict is Verdict.NO_MARK
    assert inspect([], WHOLE, REGISTER, ON, lines=PRINT, size=(800, 800)).faults == ()


def test_no_sentence_judges() -> None:
    poor = look(mark=found(side=40), lines=()).faults
    worst = look(said(Saying.USCC, NOBODYS, valid=True), NAME).faults
    for fault in (*poor, *worst, *look(mark=found(Mark.AQSIQ)).faults):
        assert not {"侵权", "违法", "假冒"} & {fault.reason[i : i + 2] for i in range(len(fault.reason))}
