"""What goods may still bear an old mark: those made before the transition of the abolished ones ended, N22 of the catalogue,
and those that the agriculture ministry registered, N23; and which claims are of an old mark at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from gimonitor.model.finding import Clearing, Origin, Place
from gimonitor.model.listing import Field
from gimonitor.model.register import GI
from gimonitor.model.register import Kind as Protection
from gimonitor.screening.case import Case
from gimonitor.screening.mentions import Claim
from gimonitor.screening.names import Kind
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.plain import plain

LAST_DAY = date(2020, 12, 31)
"""The last day of the transition of the two marks, as the model `abolished-claim` cites it."""

OLD = frozenset({Kind.ABOLISHED, Kind.FORMER})
"""Claims of what may no longer be put on goods. No such day is known of the agriculture ministry's mark."""

_TOLD = 8  # characters to each side of a claim in which it is called an old mark
_BESIDE = 40  # characters to each side of a claim in which the office stands that only an old mark bears

_DAY = r"((?:19|20)\d\d)(?:\s*[年./-]\s*(\d{1,2}))?(?:\s*[月./-]\s*(\d{1,2}))?"
_LABELLED = re.compile(rf"(?:生产|出厂|灌装|制造)(?:日期|年份|时间)[^\d\uffff]{{0,6}}{_DAY}[年月日号]?")
_SAID = re.compile(rf"(?<!\d){_DAY}[年月日号]?\s*(?:生产|出厂|灌装|酿造)(?!许可|标准)")
_FIRST = re.compile(rf"\s*{_DAY}[年月日号]?")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KEYS = re.compile(r"(?:生产|出厂|灌装|制造)(?:日期|年份|时间)")


def transition_clearing(gi: GI, claims: Sequence[Claim], sheet: Sheet) -> Clearing | None:
    """Where an abolished mark is claimed for goods that the listing says were made in time."""
    if not any(claim.kind in OLD for claim in claims):
        return None
    place = next(_made_in_time(sheet), None)
    if place is None:
        return None
    reason = (
        f"标明生产时间“{place.text}”，在过渡期届满（{LAST_DAY.isoformat()}）以前；使用旧标志、旧名义的商品可以继续流通"
    )
    return Clearing(code="N22", reason=reason, decisive=True, place=place, gi_id=gi.id)


def with_old_marks(claims: Sequence[Claim], sheet: Sheet, words: Vocabulary) -> tuple[Claim, ...]:
    """The claims; one beside the office that only an old mark bears is a claim of that mark: 中国地理标志 国家工商总局商标局.

    So are the words of an old mark read in a picture of goods that were made in time, and what is called so: 地理标志保护产品旧标.
    """
    return tuple([c._replace(kind=Kind.ABOLISHED) if _is_old(c, sheet, words) else c for c in claims])


def _is_old(claim: Claim, sheet: Sheet, words: Vocabulary) -> bool:
    """True where nothing but Latin letters, digits and signs parts claim and office: 商标局核准注册的中国地理标志 tells a history."""
    if claim.kind is not Kind.CLAIM:
        return False
    segment, text = sheet.segment_at(claim.start), sheet.text
    printed = segment.field is Field.IMAGE_TEXT and words.pattern("old-mark-words").search(text, claim.start, claim.end)
    told = words.pattern("old-mark-sayings").search(text, max(segment.start, claim.start - _TOLD), claim.end + _TOLD)
    if (printed or told) and next(_made_in_time(sheet), None) is not None:
        return True
    left, right = max(segment.start, claim.start - _BESIDE), min(segment.end, claim.end + _BESIDE)
    offices = words.pattern("old-mark-offices")
    gaps = [text[found.end() : claim.start] for found in offices.finditer(text, left, claim.start)]
    gaps += [text[claim.end : found.start()] for found in offices.finditer(text, claim.end, right)]
    return any(not _HAN.search(gap) for gap in gaps)


def agi_clearing(case: Case) -> Clearing | None:
    """Where the agriculture ministry's mark is claimed for goods that may bear it: from the area, or so registered."""
    claim = next((c for c in case.claims if c.kind is Kind.AGI), None)
    if claim is None or case.is_sign or case.origin.value is Origin.OUTSIDE:
        return None
    gi = case.profile.gi
    if any(protection.kind.value is Protection.AGI for protection in gi.protections):
        reason = f"“{gi.name}”在档案中登记为农产品地理标志，停止登记以后标志可用到何时尚待核实"
    elif case.is_inside:
        reason = "商品标示产自保护范围内，农产品地理标志停止登记以后标志可用到何时尚待核实"
    else:
        return None
    place = case.sheet.place(claim.start, claim.end)
    return Clearing(code="N23", reason=reason, decisive=True, place=place, gi_id=gi.id)


def made_late(sheet: Sheet) -> Place | None:
    """The first stated day of production where every stated one lies after the last day."""
    stated = [*_stated(sheet)]
    if not stated or not all(made is not None and made > LAST_DAY for _, _, made in stated):
        return None
    return sheet.raw_place(*stated[0][:2])


def _made_in_time(sheet: Sheet) -> Iterator[Place]:
    """Places of stated days of production, none of them after the last day."""
    found: list[Place] = []
    for start, end, made in _stated(sheet):
        if made is None or made > LAST_DAY:
            return
        found.append(sheet.raw_place(start, end))
    yield from found


def _stated(sheet: Sheet) -> Iterator[tuple[int, int, date | None]]:
    """Raw spans of days of production and the last day that each can mean; None where it is no day."""
    raw = plain(sheet.folded.raw)
    for pattern in (_LABELLED, _SAID):
        for match in pattern.finditer(raw):
            yield match.start(), match.end(), _last_day(*match.groups())
    for number, (field, key, text) in enumerate(sheet.parts):
        day = _FIRST.match(plain(text[:40])) if field is Field.ATTRIBUTES and _KEYS.search(key) else None
        if day:
            start = sheet.segment(number).raw_start
            yield start + day.start(1), start + day.end(), _last_day(*day.groups())


def _last_day(year: str, month: str | None, day: str | None) -> date | None:
    try:
        if month is None:
            return date(int(year), 12, 31)
        return date(int(year), int(month), int(day or 28))
    except ValueError:
        return None
