"""The number beside a mark: of a standard, an announcement or a registration; absent, another, or read in part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gimonitor.imaging.sayings import Said, Saying
from gimonitor.imaging.sight import Fault, FaultKind, Sight
from gimonitor.model.register import GI, Kind
from gimonitor.text.codes import standard_key
from gimonitor.text.plain import plain

_NUMBERS = (Saying.STANDARD, Saying.ANNOUNCEMENT, Saying.REGISTRATION)
_BARE = re.compile(r"(?<![\d.])(?P<number>\d+(?:\.\d+)?)(?P<year>\s?-\s?(?:19|20)\d\d)?(?![\d-])")
_DIGITS, _YEAR, _REGISTERED = re.compile(r"\d+"), re.compile(r"-\d+$"), re.compile(r"\d{5,}")
_LEAST_DIGITS, _TELLING = 4, 6  # digits of what may be cut from a number, and of one that is no other by chance
_NUMBERED = (Kind.COLLECTIVE_MARK, Kind.CERTIFICATION_MARK, Kind.GI_MARK)


def numbers(sight: Sight) -> Iterator[Fault]:
    """A standard or announcement number for a GI product, the registration number for a mark; either where the GI is not known."""
    shown = sight.saying(*_NUMBERS)
    gis = sight.gis
    if _shows_bare(sight):
        return
    if not shown and sight.may_be_foreign:
        return  # a foreign GI shows its distributor's code only
    words = wanted(sight)
    part = _part_of_number(sight)
    if not shown and part:
        reason = f"图中读到“{part}”，没有读到完整的{words}，是否标注需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, "标准代号")
    elif not shown and not sight.unreadable:
        reason = f"图中有地理标志专用标志，图中文字里没有读到{words}。"
        yield sight.fault(FaultKind.NUMBER_ABSENT, reason, 0.4, "注册号" if words == "商标注册号" else "标准代号")
    elif shown and len(gis) == 1 and _holds_some(gis[0]) and not any(_belongs(s, gis[0]) for s in shown):
        reason = f"图中标示的“{shown[0].value}”不是档案所列“{gis[0].name}”的标准代号、批准公告号或者商标注册号"
        doubt = sight.unreadable or (f"图中读到“{part}”，可能没有读全" if part else "")
        doubt = doubt or ("" if _known(gis[0]) else "档案没有收录该地理标志的全部编号")
        if doubt:
            reason += f"；{doubt}，是否另有标注，需要补充证据。"
            yield sight.fault(FaultKind.PROOF, reason, 0.4, "标准代号", shown[0])
        else:
            yield sight.fault(FaultKind.NUMBER_OTHER, f"{reason}。", 0.45 * shown[0].confidence, "标准代号", shown[0])


def wanted(sight: Sight) -> str:
    """Which number goods of the GIs in the picture have to show, in Chinese."""
    kinds = {p.kind.value for gi in sight.gis for p in gi.protections_on(sight.on)}
    if kinds and kinds <= set(_NUMBERED):
        return "商标注册号"
    return "执行标准代号或者批准公告号" if kinds == {Kind.GI_PRODUCT} else "执行标准代号、批准公告号或者商标注册号"


def shows_number(sight: Sight) -> bool:
    """True where a number is shown, or the GI's own without the letters before it."""
    return bool(sight.saying(*_NUMBERS)) or _shows_bare(sight)


def _own_numbers(gi: GI) -> Iterator[str]:
    """The digits of a GI's standards and of its registrations."""
    yield from (standard_key(s.code.value).split()[-1] for s in gi.standards)
    for protection in gi.protections:
        for number in protection.numbers:
            yield from _REGISTERED.findall(number.value)


def _shows_bare(sight: Sight) -> bool:
    """True for a GI's own number without the letters or words before it: with a year, after the word for standards, or long."""
    return any(_is_bare(line.text, gi) for line in sight.lines for gi in sight.gis)


def _is_bare(text: str, gi: GI) -> bool:
    for run in _BARE.finditer(plain(text)):
        if run["number"] in _own_numbers(gi):
            return bool(run["year"]) or "标准" in text[: run.start()] or len(run["number"]) >= _TELLING
    return False


def _part_of_number(sight: Sight) -> str:
    """Print that could be a part of a number: of its form, its label, or a number of the GI but for a digit at either end; "" for none."""
    parts = sight.parts(Saying.NUMBER_PART, *_NUMBERS)
    own = {number for gi in sight.gis for number in _own_numbers(gi)}
    texts = [s.text for s in parts]
    texts += (s.text for s in sight.here if s.kind is Saying.STANDARD and _may_be_cut(s, own))
    texts += (line.text for line in sight.lines if _holds_nearly(line.text, own))
    return next(iter(texts), "")


def _may_be_cut(said: Said, own: set[str]) -> bool:
    """True for a standard shown without a year with whose digits a number of the GI begins."""
    shown = standard_key(said.value).split()[-1]
    return not _YEAR.search(said.value) and any(number.startswith(shown) for number in own - {shown})


def _holds_nearly(text: str, own: set[str]) -> bool:
    """True for a text with digits that are those of a number but for one at an end."""
    runs = [run for run in _DIGITS.findall(text) if len(run) >= _LEAST_DIGITS]
    return any(abs(len(run) - len(number)) <= 1 and (run in number or number in run) for run in runs for number in own)


def _known(gi: GI) -> bool:
    return bool(gi.standards) and any(p.numbers for p in gi.protections)


def _holds_some(gi: GI) -> bool:
    """True where the register has a number of a GI to compare with."""
    return bool(gi.standards) or any(p.numbers for p in gi.protections)


def _belongs(said: Said, gi: GI) -> bool:
    if said.kind is Saying.STANDARD:
        return standard_key(said.value) in {standard_key(s.code.value) for s in gi.standards}
    numbers = {number.value for p in gi.protections for number in p.numbers}
    return any(said.value in number or number in said.value for number in numbers)
