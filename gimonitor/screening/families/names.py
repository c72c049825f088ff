"""The protected name itself, or a listed alias or translation, on goods of the same kind from outside or of unknown origin.

P01 and N1c of the catalogue; P17 for translations. Goods that the listing says come from the area raise nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding, Origin, Place
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, origin_words, said
from gimonitor.screening.goods import Likeness
from gimonitor.screening.houses import is_measured
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import spells_out

PLAIN = frozenset({How.NAME, How.ALIAS, How.SPLIT, How.ADDRESSED})
"""Forms that say the name itself."""

_DESCRIPTION = Field.DESCRIPTION  # a look-up each time costs a call
_SHOWN = frozenset({Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.BRAND, Field.ATTRIBUTES, Field.DESCRIPTION})


def outside(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """The name on like goods that the listing itself says come from elsewhere."""
    mention = _named(case)
    if mention is None:
        return
    place = case.sheet.place(mention.start, mention.end)
    reason = f"{_saying(case, mention, place)}，商品相同或者类似；{origin_words(case)}。"
    confidence = rule.number("confidence", 0.9) * (0.6 + 0.4 * case.origin.strength)
    yield finding(rule, case, law, place, reason, confidence, mention=mention)


def unknown(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """The name on like goods, and nothing that tells where they come from: a reason to ask for proof of origin."""
    mention = _named(case)
    if mention is None:
        return
    place = case.sheet.place(mention.start, mention.end)
    reason = f"{_saying(case, mention, place)}；{origin_words(case)}，需要提供产地证明。"
    confidence = rule.number("confidence", 0.4)
    if case.origin.saying(Origin.OUTSIDE):
        confidence += rule.number("sent_from_elsewhere", 0.15)
    yield finding(rule, case, law, place, reason, confidence, mention=mention)


def translated(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A listed translation or Latin name on like goods that are not known to come from the area."""
    if How.TRANSLATION not in case.hows or case.is_inside or not case.is_like:
        return
    mention = case.best((How.TRANSLATION,), _SHOWN)
    if mention is None:
        return
    name = case.sheet.text[mention.start : mention.end]
    if (
        " " not in name
        and case.goods.likeness is not Likeness.LIKE
        and not spells_out(case.profile, name)
        and not is_measured(case.profile, case.sheet, case.words)
    ):
        return
    place = case.sheet.place(mention.start, mention.end)
    reason = (
        f"{said(place)}是地理标志“{case.profile.gi.name}”的译名或者外文名称，商品相同或者类似；{origin_words(case)}。"
    )
    share = rule.number("outside", 0.85) if case.origin.value is Origin.OUTSIDE else rule.number("unknown", 0.4)
    yield finding(rule, case, law, place, reason, share, mention=mention)


def _saying(case: Case, mention: Mention, place: Place) -> str:
    """How the words that stand there are the name: letter by letter, written otherwise, or as another name for it."""
    name, text = case.profile.gi.name, case.sheet.text[mention.start : mention.end]
    if mention.how is How.ADDRESSED:
        return f"{said(place)}以地址和商品名写出地理标志“{name}”"
    alike = "" if place.text in (name, text) else "不计字体和间隔，"
    if text in case.profile.names[:1]:
        return f"{said(place)}{alike}与地理标志“{name}”相同"
    return f"{said(place)}{alike}是档案所列地理标志“{name}”的别称"


def _named(case: Case) -> Mention | None:
    if not case.is_like:
        return None
    if case.profile.is_short and case.goods.likeness is not Likeness.LIKE:
        return None
    mention = case.best(PLAIN, _SHOWN)
    if mention is None or mention.segment.field is not _DESCRIPTION:
        return mention
    return mention if case.goods.likeness is Likeness.LIKE else None
