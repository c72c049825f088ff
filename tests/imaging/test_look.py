"""What two readings of a line say together, and a picture on which a library fails."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gimonitor.errors import InputError
from gimonitor.imaging import look
from gimonitor.imaging.decode import Picture
from gimonitor.imaging.marks import Box
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.model.register import Register

BOX = Box(x=0, y=0, width=400, height=24)
EMPTY = Register(gis=(), users=(), signs=(), articles=(), words=(), models=(), digest="")


def read(shown: str, confidence: float, *, valid: bool = False, value: str = "") -> Said:
    """A code as it was read; `value`: what it was put right to."""
    return Said(
        kind=Saying.USCC,
        value=value or shown,
        text=shown,
        box=BOX,
        confidence=confidence,
        valid=valid,
        repaired=bool(value),
        shown=shown,
    )


MISPRINT, RIGHT = "91140100MAJC771RGL", "91140100MAJC7T1RGL"


def test_what_both_readings_say_stands_and_is_put_right_by_neither() -> None:
    """The second reading, less sure, had made of a misprint read surely a code that holds."""
    first = read(MISPRINT, 0.99)
    assert look._agreed((first,), (read(MISPRINT, 0.74, valid=True, value=RIGHT),)) == (first,)


def test_a_code_that_the_second_reading_does_not_confirm_is_half_as_sure() -> None:
    first = read(MISPRINT, 0.98)
    for second in ((), (read("91140100MAJC7Y1RGL", 0.99),)):
        (left,) = look._agreed((first,), second)
        assert (left.value, left.confidence) == (MISPRINT, 0.49)


def test_a_code_that_holds_in_the_second_reading_takes_the_place_of_one_that_does_not_and_of_a_guess() -> None:
    right = read(RIGHT, 0.97, valid=True)
    assert look._agreed((read(MISPRINT, 0.98),), (right,)) == (right,)
    assert look._agreed((read(MISPRINT, 0.98, valid=True, value=RIGHT),), (right,)) == (right,)


def test_a_picture_on_which_a_library_fails_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise cv2.error("dsize is empty")

    monkeypatch.setattr(look, "find_marks", fail)
    with pytest.raises(InputError, match="cannot be looked at: dsize is empty"):
        look.Looker(EMPTY).look(Picture(np.zeros((40, 40, 3), np.uint8), "PNG", ""))
