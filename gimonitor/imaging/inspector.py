"""What is missing or wrong beside a mark, from marks, what the text says, and the register. Pure; never more than a suspicion.

Source: 国家知识产权局公告第354号 art. 6 (what must stand beside the mark), art. 10; the transition of the abolished marks ended
on 2020-12-31. Each fault quotes the duty as the register holds it. What a picture is too poor to tell is said to need proof:
nothing is called absent where print beside the mark could not have been read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gimonitor.imaging.abolished import made_late
from gimonitor.imaging.beside import stands_beside, why_unreadable
from gimonitor.imaging.creditcode import authorisation, credit_code
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.numbers import numbers, shows_number, wanted
from gimonitor.imaging.reading import Line
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.imaging.sight import Fault, FaultKind, Sight
from gimonitor.model.finding import Origin
from gimonitor.model.register import Register
from gimonitor.register.regions import find_regions, origin_of

_COUNTRIES = "countries"  # the group of words for origins abroad
_STYLES = ("style-words", "flavour-words")  # groups of words after a name that say it is only like


class Verdict(StrEnum):
    """What a picture comes to. `faults` and `abolished` are suspicions for a person to judge."""

    NO_MARK = "no_mark"
    SIMILAR = "similar"  # only something alike
    IN_ORDER = "in_order"
    FAULTS = "faults"
    NEED_PROOF = "need_proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The verdict on a picture with every fault, and the GIs that it names or whose user it shows."""

    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    gi_ids: tuple[str, ...] = ()


def inspect(
    marks: Sequence[FoundMark],
    said: Sequence[Said],
    register: Register,
    on: date,
    *,
    lines: Sequence[Line],
    size: tuple[int, int],
    unread: Sequence[Box] = (),
    elsewhere: Sequence[Said] = (),
    seen_on: date | None = None,
) -> Inspection:
    """Judge one picture on a day. `lines` are those read in it, `size` is its width and height in pixels, `unread` are places with
    print that was not read.

    `elsewhere` is said in the listing's other pictures: what stands there of an authorised user is not missing in this one.
    No day of production lies after `seen_on`, on which the last picture of the goods was first seen; None: it is the day `on`.
    """
    true = [m for m in marks if not m.similar]
    here, others, read = tuple(said), tuple(elsewhere), tuple(lines)
    seen = min(on, seen_on or on)
    poor = [why_unreadable(m.box, read, size, unread) or _half_read(m, here) for m in true]
    current = any(mark.mark is Mark.GI_2019 for mark in true)
    sights = [Sight(m, here, others, register, on, seen, read, why, current) for m, why in zip(true, poor, strict=True)]
    faults = [fault for sight in sights for fault in [*_faults(sight)] or _left_open(sight)]
    faults += [_alike(mark) for mark in marks if mark.similar and not true]
    gi_ids = tuple(dict.fromkeys(gi.id for sight in sights for gi in sight.gis))
    return Inspection(verdict=_verdict(true, faults), faults=tuple(faults), gi_ids=gi_ids)


def _half_read(mark: FoundMark, here: Sequence[Said]) -> str:
    """Why nothing is absent beside a mark where pieces of a code or number stand, in Chinese; "" where none does."""
    pieces = (s for s in here if s.kind in (Saying.USCC_PART, Saying.NUMBER_PART) and s.value)
    return next((f"标志旁的“{s.text}”没有读全" for s in pieces if stands_beside(s.box, mark.box)), "")


def _faults(sight: Sight) -> Iterator[Fault]:
    if sight.mark.mark.is_abolished:
        yield from made_late(sight)
    elif sight.mark.mark is Mark.AGI:
        reason = "图中有农产品地理标志公共标识；登记已停止，可否继续使用须核对登记证书和持有人授权。"
        yield sight.fault(FaultKind.PROOF, reason, 0.5, "授权")
    else:
        for check in _CHECKS:
            yield from check(sight)


def _name(sight: Sight) -> Iterator[Fault]:
    if not sight.unreadable and not sight.saying(Saying.GI_NAME, Saying.DOUBTFUL_NAME):
        reason = "图中有地理标志专用标志，图中文字里没有读到档案所列的地理标志名称。"
        yield sight.fault(FaultKind.NAME_ABSENT, reason, 0.35, "名称")


def _left_open(sight: Sight) -> Iterator[Fault]:
    """What is not known to be in order beside a mark that nothing is said against: a name or number that could not be read, another
    origin, a name that only tells the style.
    """
    yield from _other_origin(sight)
    yield from _styled(sight)
    missing = [] if sight.saying(Saying.GI_NAME, Saying.DOUBTFUL_NAME) else ["地理标志名称"]
    if not shows_number(sight) and not sight.may_be_foreign:
        missing.append(wanted(sight))
    if sight.mark.mark is Mark.GI_2019 and sight.unreadable and missing:
        reason = f"图中有地理标志专用标志，{sight.unreadable}，没有读到{'、'.join(missing)}，是否标注需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4)


def _other_origin(sight: Sight) -> Iterator[Fault]:
    for gi in sight.gis if len(sight.gis) == 1 and not sight.is_foreign else ():
        area = gi.area.adcodes.value if gi.area else ()
        for said in sight.saying(Saying.ORIGIN):
            is_abroad = any(word.text in said.value for word in sight.register.words if word.group == _COUNTRIES)
            if is_abroad or (area and origin_of(find_regions(said.value), area) is Origin.OUTSIDE):
                reason = f"图中标示的产地“{said.value}”不在“{gi.name}”的保护范围内，需要补充证据。"
                yield sight.fault(FaultKind.PROOF, reason, 0.4, "", said)
                return


def _styled(sight: Sight) -> Iterator[Fault]:
    for said in sight.saying(Saying.GI_NAME):
        after = said.text.partition(said.value)[2]
        styles = (w.text for w in sight.register.words if w.group in _STYLES and len(w.text) > 1)  # no 种 of 种植
        if any(map(after.startswith, styles)):
            reason = f"图中写的是“{said.text}”，是否为“{said.value}”本身，需要补充证据。"
            yield sight.fault(FaultKind.PROOF, reason, 0.4, "名称", said)
            return


def _verdict(true: list[FoundMark], faults: list[Fault]) -> Verdict:
    kinds = {fault.kind for fault in faults}
    if not true:
        return Verdict.SIMILAR if kinds else Verdict.NO_MARK
    if kinds - {FaultKind.PROOF, FaultKind.SIMILAR}:
        return Verdict.FAULTS
    return Verdict.NEED_PROOF if kinds else Verdict.IN_ORDER


def _alike(mark: FoundMark) -> Fault:
    reason = "图中有与地理标志专用标志相似的图形，是否为该标志需要人工辨认。"
    return Fault(
        kind=FaultKind.SIMILAR,
        mark=mark.mark,
        reason=reason,
        box=mark.box,
        confidence=round(0.3 * mark.confidence, 3),
    )


_CHECKS: tuple[Callable[[Sight], Iterator[Fault]], ...] = (credit_code, authorisation, _name, numbers)
