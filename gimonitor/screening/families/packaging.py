"""Boxes, bags, labels and tags with a protected name or the mark, sold by themselves. P09; 局令第80号第三十条第八项."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gimonitor.model.finding import Finding
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, clip, finding, said
from gimonitor.screening.families.claims import MARK, WORDS, is_legend, names_mark
from gimonitor.screening.goods import Likeness
from gimonitor.screening.mentions import Claim, How
from gimonitor.screening.names import Kind

_NAMING = frozenset(How) - {How.PLACE, How.APART, How.INVERTED}
_NAME = "name"
_SAYINGS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.CLAIM: "印有或者指明受地理标志保护的字样",
        Kind.ABOLISHED: "印有或者指明已经停用的标志",
        Kind.FORMER: "印有或者指明已经停用的名义",
        Kind.AGI: "印有或者指明农产品地理标志",
    }
)


def packaging_sale(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """Packaging offered with the name, the special mark, or other words of protection on it; `of` says which a model asks for."""
    if case.goods.likeness is not Likeness.PACKAGING:
        return
    wanted = rule.words("of") or (_NAME, MARK, WORDS)
    seen = _seen(case)
    mention = case.best(_NAMING, (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT))
    of = next((one for one in wanted if one in seen or (one == _NAME and mention)), None)
    if of is None:
        return
    if of == _NAME and mention:
        place = case.sheet.place(mention.start, mention.end)
        about = f"印有或者指明地理标志“{case.profile.gi.name}”"
    else:
        mention, claim = None, seen[of]
        place = case.sheet.place(claim.start, claim.end)
        about = "印有或者指明地理标志专用标志" if of == MARK else _SAYINGS[claim.kind]
    trade = case.shelf.has("packaging-trade")
    confidence = rule.number("trade", 0.65) if trade else rule.number("confidence", 0.5)
    sold = clip(case.goods.place.text) if case.goods.place else case.goods.word
    reason = f"{said(place)}：所售为“{sold}”等包装或者标签，{about}；需核对是否受合法使用人委托。"
    yield finding(rule, case, law, place, reason, confidence, mention=mention)


def _seen(case: Case) -> dict[str, Claim]:
    """The first claim of the special mark, named or by what stands in it, and the first of any other protection."""
    seen: dict[str, Claim] = {}
    for claim in case.claims:
        is_mark = claim.kind is Kind.CLAIM and (names_mark(case, claim) or is_legend(case, claim))
        seen.setdefault(MARK if is_mark else WORDS, claim)
    return seen
