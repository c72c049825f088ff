"""Goods made while the abolished marks could still be used may be sold on: N22 of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from gimonitor.model.finding import Clearing, Place
from gimonitor.model.listing import Field
from gimonitor.model.register import GI
from gimonitor.screening.mentions import Claim
from gimonitor.screening.names import Kind
from gimonitor.screening.sheet import Sheet
from gimonitor.text.plain import plain

LAST_DAY = date(2020, 12, 31)
"""The last day of the transition, as the model `abolished-claim` cites it."""

_DAY = r"((?:19|20)\d\d)(?:\s*[年./-]\s*(\d{1,2}))?(?:\s*[月./-]\s*(\d{1,2}))?"
_LABELLED = re.compile(rf"(?:生产|出厂|灌装|制造)(?:日期|年份|时间)[^\d\uffff]{{0,6}}{_DAY}")
_SAID = re.compile(rf"(?<!\d){_DAY}[年月日号]?\s*(?:生产|出厂|灌装|酿造)(?!许可|标准)")
_FIRST = re.compile(rf"\s*{_DAY}")
_KEYS = re.compile(r"(?:生产|出厂|灌装|制造)(?:日期|年份|时间)")


def transition_clearing(gi: GI, claims: Sequence[Claim], sheet: Sheet) -> Clearing | None:
    """Where an abolished mark is claimed for goods that the listing says were made in time."""
    if not any(claim.kind is Kind.ABOLISHED for claim in claims):
        return None
    place = next(_made_in_time(sheet), None)
    if place is None:
        return None
    reason = (
        f"标明生产时间“{place.text}”，在过渡期届满（{LAST_DAY.isoformat()}）以前；使用旧标志、旧名义的商品可以继续流通"
    )
    return Clearing(code="N22", reason=reason, decisive=True, place=place, gi_id=gi.id)


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
