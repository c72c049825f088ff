"""One listing that says two things about where its goods come from. P14, O1 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding, Origin, Place
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.evidence import SEAT
from gimonitor.screening.explain import Law, Rule, clip, finding
from gimonitor.screening.mentions import How

_COUNTS = 0.8  # weight from which evidence counts: goods may be sent from a warehouse, and a licence says where its holder sits


def within_listing(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """One place in the listing says the goods come from the area, another one that they do not."""
    if not case.is_like:
        return
    inside = next((e for e in case.origin.saying(Origin.INSIDE) if e.weight >= _COUNTS), None)
    outside = next((e for e in case.origin.saying(Origin.OUTSIDE) if e.weight >= _COUNTS or e.weight == SEAT), None)
    if inside is None or outside is None:
        return
    place = outside.place or inside.place or _title(case)
    if place is None:
        return
    told = f"{inside.label}为“{clip(inside.text)}”，而{outside.label}为“{clip(outside.text)}”"
    if outside.weight == SEAT:
        reason = f"{told}；商品可能在区外分装，区外分装不一定违法，需要提供进货凭证。"
        yield finding(rule, case, law, place, reason, rule.number("seat", 0.3))
        return
    yield finding(rule, case, law, place, f"{told}，同一链接内产地说法矛盾。", rule.number("confidence", 0.6))


def _title(case: Case) -> Place | None:
    mention = case.best(frozenset(How), (Field.TITLE,))
    return case.sheet.place(mention.start, mention.end) if mention else None
