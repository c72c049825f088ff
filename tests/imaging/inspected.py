"""A mark and what is said around it, as the inspector is given it: a small register, print, and ways to look."""

from __future__ import annotations

from datetime import date

from gimonitor.imaging.inspector import Inspection, inspect
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.reading import Line
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.imaging.sight import FaultKind
from gimonitor.model.register import (
    GI,
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


FAR = Box(x=100, y=700, width=240, height=16)
STRANGERS = said(Saying.USCC, NOBODYS, valid=True)
