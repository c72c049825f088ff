"""One look at a picture: marks, text, codes, what the text says, and the verdict. The same value for the command, the queue and the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

import cv2

from gimonitor.errors import InputError
from gimonitor.imaging.beside import code_places
from gimonitor.imaging.decode import Picture, Pixels
from gimonitor.imaging.finder import find_marks
from gimonitor.imaging.inspector import Inspection, inspect
from gimonitor.imaging.marks import Box, FoundMark
from gimonitor.imaging.names import Names
from gimonitor.imaging.reading import (
    Line,
    ScannedCode,
    is_burnt_out,
    looks_lettered,
    read_lines,
    reread,
    scan_codes,
    shows_unread_print,
)
from gimonitor.imaging.references import Reference
from gimonitor.imaging.sayings import Said, Saying, begins_like_a_code, put_together, what_is_said
from gimonitor.model.register import Register

VERSION = 8  # of what a look gives: a kept look of another version is made again


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that was seen in a picture. `was_read` is False where neither the finder nor the text detector asked for reading.

    `unread` are places for the code of a mark that show print which no line accounts for, or gloss.
    """

    width: int
    height: int
    digest: str
    marks: tuple[FoundMark, ...]
    lines: tuple[Line, ...]
    codes: tuple[ScannedCode, ...]
    said: tuple[Said, ...]
    was_read: bool
    notes: tuple[str, ...] = ()
    unread: tuple[Box, ...] = ()

    def text(self) -> str:
        """The lines, joined."""
        return "\n".join(line.text for line in self.lines)


class Looker:
    """Looks at pictures with one register's names and the references of one installation."""

    def __init__(self, register: Register, references: Sequence[Reference] = ()) -> None:
        self.register, self.references = register, references
        self.names = Names(register)

    def look(self, picture: Picture, *, always_read: bool = False) -> Look:
        """Find, and read where the finder or the text detector asks for it. Raises InputError where the libraries fail on a picture."""
        try:
            return self._look(picture, always_read)
        except cv2.error as error:
            raise InputError(f"the picture cannot be looked at: {error}") from error

    def _look(self, picture: Picture, always_read: bool) -> Look:
        marks = find_marks(picture.pixels, self.references)
        wanted = always_read or bool(marks) or looks_lettered(picture.pixels)
        lines = read_lines(picture.pixels) if wanted else ()
        places = [place for found in marks if not found.similar for place in code_places(found.box)]
        return Look(
            width=picture.width,
            height=picture.height,
            digest=picture.digest,
            marks=marks,
            lines=lines,
            codes=scan_codes(picture.pixels) if wanted else (),
            said=_settled(picture.pixels, put_together(lines, self.names.codes), self.names),
            was_read=wanted,
            notes=picture.notes,
            unread=tuple(
                place
                for place in places
                if shows_unread_print(picture.pixels, place, lines) or is_burnt_out(picture.pixels, place, lines)
            ),
        )


def inspected(
    look: Look, register: Register, on: date, elsewhere: Sequence[Said] = (), seen_on: date | None = None
) -> Inspection:
    """The verdict on a look, on a day, as `inspect` gives it."""
    return inspect(
        look.marks,
        look.said,
        register,
        on,
        lines=look.lines,
        size=(look.width, look.height),
        unread=look.unread,
        elsewhere=elsewhere,
        seen_on=seen_on,
    )


def _settled(pixels: Pixels, lines: Sequence[Line], names: Names) -> tuple[Said, ...]:
    """What lines say; one with a credit code whose check character fails, or was made to hold, is read once more, larger."""
    said: list[Said] = []
    for line in lines:
        found = what_is_said((line,), names)
        if any(s.kind is Saying.USCC and (s.repaired or not s.valid) for s in found) or _nearly_a_code(line, found):
            again = reread(pixels, line)
            second = what_is_said((again,), names) if again else ()
            found = _agreed(found, second)
        said += found
    return tuple(said)


def _agreed(first: Sequence[Said], second: Sequence[Said]) -> tuple[Said, ...]:
    """What two readings of a line say. A code that both read alike stands as first read; else one that holds in the second takes its
    place, and where none does, a code is half as sure.
    """
    codes = [s for s in first if s.kind is Saying.USCC]
    again = [s for s in second if s.kind is Saying.USCC]
    right = [s for s in again if s.valid and not (s.repaired and any(code.valid for code in codes))]
    if {s.shown for s in codes} & {s.shown for s in again}:
        return tuple(first)
    if right:
        return (*(s for s in first if s.kind not in (Saying.USCC, Saying.USCC_PART)), *right)
    return tuple(replace(s, confidence=round(s.confidence / 2, 4)) if s in codes else s for s in first)


def _nearly_a_code(line: Line, found: Sequence[Said]) -> bool:
    """True for a line that holds what looks like a credit code of which characters were lost or doubled, or says that it holds one."""
    if any(s.kind is Saying.USCC_PART for s in found):
        return True
    wanted = "信用代码" in line.text or begins_like_a_code(line.text)
    return wanted and not any(s.kind is Saying.USCC for s in found)


def as_record(look: Look, inspection: Inspection) -> dict[str, object]:
    """A look and its verdict as plain values for JSON."""
    return {
        "width": look.width,
        "height": look.height,
        "sha256": look.digest,
        "marks": [asdict(mark) for mark in look.marks],
        "texts": [{"text": x.text, "box": asdict(x.box), "confidence": x.confidence} for x in look.lines],
        "said": [asdict(said) for said in look.said],
        "codes": [asdict(code) for code in look.codes],
        "verdict": inspection.verdict.value,
        "faults": [asdict(fault) for fault in inspection.faults],
        "was_read": look.was_read,
        "notes": list(look.notes),
    }
