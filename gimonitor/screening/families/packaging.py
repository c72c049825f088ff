"""Boxes, bags, labels and tags with a protected name or the mark, sold by themselves. P09; 局令第80号第三十条第八项."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.goods import Likeness
from gimonitor.screening.mentions import How

_NAMING = frozenset(How) - {How.PLACE, How.APART, How.INVERTED}


def packaging_sale(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """Packaging offered with the name, or with a claim of the mark, on it."""
    if case.goods.likeness is not Likeness.PACKAGING:
        return
    mention = case.best(_NAMING, (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT))
    if mention is not None:
        place = case.sheet.place(mention.start, mention.end)
        about = f"印有或者指明地理标志“{case.profile.gi.name}”"
    elif case.claims:
        place = case.sheet.place(case.claims[0].start, case.claims[0].end)
        about = "印有或者指明地理标志的专用标志、保护名义"
    else:
        return
    trade = case.shelf.has("packaging-trade")
    confidence = rule.number("trade", 0.65) if trade else rule.number("confidence", 0.5)
    reason = f"{said(place)}：所售为“{case.goods.word}”等包装或者标签，{about}；需核对是否受合法使用人委托。"
    yield finding(rule, case, law, place, reason, confidence, mention=mention)
