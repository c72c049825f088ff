"""What is missing or wrong beside a mark: each duty, and each picture too poor to tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gimonitor.imaging.beside import code_places
from gimonitor.imaging.inspector import Verdict, inspect
from gimonitor.imaging.marks import Box, Mark
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.imaging.sight import FaultKind
from gimonitor.model.register import (
    Area,
    Fact,
    Word,
)
from tests.imaging.inspected import (
    FAR,
    FOUND,
    NAME,
    NOBODYS,
    ON,
    PLACE,
    PRINT,
    REGISTER,
    STANDARD,
    STRANGERS,
    USCC,
    WHOLE,
    found,
    kinds,
    line,
    look,
    said,
)

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


def test_a_name_that_may_be_there_is_not_absent() -> None:
    assert kinds(look(USCC, STANDARD, said(Saying.DOUBTFUL_NAME, "汾酒", key="rice"))) == set()
    assert look(USCC, said(Saying.DOUBTFUL_NAME, "香槟", key="cheese")).gi_ids == ("rice",), "it names nothing"


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


def test_a_turned_picture_with_room_at_the_sides_of_its_mark_can_be_judged() -> None:
    upright = (line(box=Box(x=200, y=200, width=16, height=240)),)
    under = code_places(TURNED.box)[:1]
    assert kinds(look(NAME, STANDARD, mark=TURNED, lines=upright, unread=under)) == {FaultKind.USCC_ABSENT}


@pytest.mark.parametrize("poor", POOR)
def test_nothing_is_called_absent_where_it_could_not_have_been_read(poor: str) -> None:
    inspection = look(**POOR[poor])  # type: ignore[arg-type]
    assert inspection.verdict is Verdict.NEED_PROOF
    assert kinds(inspection) == {FaultKind.PROOF}


def test_beside_print_read_in_part_nothing_is_absent() -> None:
    assert kinds(look(NAME, said(Saying.NUMBER_PART, "57-2005"))) == {FaultKind.PROOF}
    apart = replace(said(Saying.NUMBER_PART, "57-2005"), box=FAR)
    assert kinds(look(NAME, apart)) == {FaultKind.USCC_ABSENT, FaultKind.PROOF}


def test_print_that_stands_upright_has_its_neighbours_at_its_sides() -> None:
    upright = Box(x=200, y=100, width=16, height=240)
    printer = line("印制：某厂", replace(upright, x=225))
    code_said = replace(STRANGERS, box=upright)
    (fault,) = look(NAME, STANDARD, code_said, lines=(line(NOBODYS, upright), printer)).faults
    assert fault.kind is FaultKind.PROOF


def test_large_print_read_says_nothing_about_small_print() -> None:
    large = (line("五常大米", Box(x=10, y=420, width=300, height=120)),)
    assert kinds(look(NAME, STANDARD, mark=found(side=400), lines=large)) == {FaultKind.PROOF}


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
