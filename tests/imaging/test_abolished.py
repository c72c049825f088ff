"""What an abolished mark comes to, by the day of production."""

from __future__ import annotations

import pytest

from gimonitor.imaging.inspector import Verdict, inspect
from gimonitor.imaging.marks import Mark
from gimonitor.imaging.sayings import Saying
from gimonitor.imaging.sight import FaultKind
from tests.imaging.inspected import ON, PLACE, PRINT, REGISTER, WHOLE, found, kinds, look, said


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
