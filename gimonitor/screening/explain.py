"""Findings from what a family saw: the reason in Chinese, the law by date, what was considered, what is unverified."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from types import MappingProxyType

from gimonitor.model.finding import Citation, Clearing, Finding, Origin, Place
from gimonitor.model.listing import Field
from gimonitor.model.register import Certainty, Model, Register
from gimonitor.screening.areas import holds_area, says_of
from gimonitor.screening.case import FIELD_WEIGHTS, Case
from gimonitor.screening.clearings import FIRM
from gimonitor.screening.divisions import regions_in
from gimonitor.screening.houses import is_house_name
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile, folded
from gimonitor.text.normalise import BREAK

INSIDE_ABROAD = "原产国一致，保护范围未录入"
"""What a stated origin comes to that speaks for a name from abroad, of whose area nothing more is known."""

FIELD_NAMES: Mapping[Field, str] = MappingProxyType(
    {
        Field.TITLE: "标题",
        Field.SUBTITLE: "副标题",
        Field.ATTRIBUTES: "商品属性",
        Field.DESCRIPTION: "商品详情",
        Field.KEYWORDS: "关键词",
        Field.SHOP: "店铺名称",
        Field.BRAND: "品牌",
        Field.IMAGE_TEXT: "图片文字",
    }
)
LOWERED, UNVERIFIED_FACTOR, _LAPSED = (
    0.8,
    0.85,
    0.5,
)  # what a legitimate reading that did not hold leaves of a confidence; what each fact nobody checked does; what no protection in force does
_OUTSIDE, _UNKNOWN, _UNVERIFIED = Origin.OUTSIDE, Origin.UNKNOWN, Certainty.UNVERIFIED  # a look-up each costs a call
_SHOP, _NUMBERS = Field.SHOP, frozenset({"standard", "uscc", "sc-region"})
_BEFORE = 12  # characters before a name in which a wider place stands


@dataclass(frozen=True, slots=True)
class Rule:
    """A model ready to run: its numbers read once, its law resolved by date when asked."""

    model: Model
    numbers: Mapping[str, float]
    texts: Mapping[str, tuple[str, ...]]
    kinds: frozenset[How]
    family: Callable[..., Iterator[Finding]]
    needs: str = ""

    def number(self, name: str, default: float) -> float:
        """A numeric parameter."""
        return self.numbers.get(name, default)

    def words(self, name: str) -> tuple[str, ...]:
        """A parameter that lists words, separated by blanks."""
        return self.texts.get(name, ())


def rule_of(
    model: Model, family: Callable[..., Iterator[Finding]], needs: str = "", kinds: frozenset[How] = frozenset()
) -> Rule:
    """Read a model's parameters: what looks like a number is one, everything else a list of words.

    `kinds`: the forms of a name that its family looks at, where a parameter does not say it.
    """
    numbers: dict[str, float] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for name, text in model.parameters:
        try:
            numbers[name] = float(text)
        except ValueError:
            texts[name] = tuple(text.split())
    told = frozenset(How(kind) for kind in texts.get("kinds", ()))
    return Rule(model, MappingProxyType(numbers), MappingProxyType(texts), told or kinds, family, needs)


class Law:
    """Citations of a register, resolved by the date of the act and kept."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self.cite = lru_cache(maxsize=65_536)(self._cite)

    def _cite(self, keys: tuple[str, ...], on: date, origin: Origin, gi_id: str) -> tuple[Citation, ...]:
        """The articles, without those that speak only of goods from elsewhere than these are, or of protections of another
        kind than the GI has. One rests on what nobody has checked where only such protections of the GI are of its kinds."""
        found, gi = [], self._register.find_gi(gi_id)
        for key in keys:
            article = self._register.article(key, on)
            if article is None or {article.goods_from, origin} == {Origin.INSIDE, Origin.OUTSIDE}:
                continue
            if (known := article.protects(gi, on)) is not None:
                found.append(
                    Citation(
                        key=key,
                        instrument=article.instrument,
                        article=article.article,
                        text=article.text,
                        url=article.url,
                        unverified=_UNVERIFIED in (article.certainty, known),
                    )
                )
        return tuple(found)


def finding(
    rule: Rule,
    case: Case,
    law: Law,
    place: Place,
    reason: str,
    confidence: float,
    *,
    mention: Mention | None = None,
    unverified: tuple[str, ...] = (),
) -> Finding:
    """A finding of one model over one case. Facts nobody checked lower `confidence` and are named."""
    unchecked = (*open_facts(case, mention), *unverified)
    weight = FIELD_WEIGHTS[place.field] if mention else 1.0
    lowering = tuple([c for c in case.considered if not c.decisive and _bears_on(c, rule, case, place)])
    for _ in lowering:
        weight *= LOWERED
    weight *= UNVERIFIED_FACTOR ** len(unchecked)
    if case.profile.gi.has_lapsed(case.on):
        weight *= _LAPSED
    model = rule.model
    return Finding(
        model_id=model.id,
        model_version=model.version,
        family=model.family,
        gi_id=case.profile.gi.id,
        gi_name=case.profile.gi.name,
        place=place,
        reason=reason,
        clears=model.clears,
        severity=model.severity,
        confidence=round(min(confidence * weight, 0.98), 3),
        origin=case.origin.value,
        law=law.cite(model.law, case.on, case.origin.value, case.profile.gi.id),
        considered=lowering,
        unverified=unchecked,
    )


def _bears_on(clearing: Clearing, rule: Rule, case: Case, place: Place) -> bool:
    """False for the reading that a name is a firm's, where that says nothing: of numbers that are stated, and of a name that
    stands outside the shop's name too, unless a firm holds it as its own: 五常大米 in 五常大米专营店."""
    if clearing.code != FIRM:
        return True
    if rule.model.family in _NUMBERS:
        return False
    shops = clearing.place is not None and clearing.place.field is _SHOP
    return not shops or place.field is _SHOP or is_house_name(case.profile, case.words)


def open_facts(case: Case, mention: Mention | None) -> tuple[str, ...]:
    """The facts about a GI that a finding rests on and nobody has checked."""
    found = []
    gi = case.profile.gi
    if gi.certainty is _UNVERIFIED:
        found.append(f"地理标志“{gi.name}”的档案条目尚未核实")
    elif mention and mention.unverified:
        found.append(f"“{gi.name}”的这一写法尚未核实")
    if gi.has_lapsed(case.on):
        found.append(f"“{gi.name}”在档案中没有现行有效的保护，权利状态须先核实")
    if case.origin.value is _OUTSIDE and not case.profile.foreign:
        if gi.area is None:
            found.append(f"“{gi.name}”的保护范围尚未录入，按所在省市判断")
        elif gi.area.adcodes.certainty is _UNVERIFIED:
            found.append(f"“{gi.name}”的保护范围代码尚未核实")
    return tuple(found)


def said(place: Place) -> str:
    """`标题中的“五常大米”`: where something stands and what."""
    return f"{FIELD_NAMES[place.field]}中的“{clip(place.text)}”"


def clip(text: str, width: int = 40) -> str:
    """A shown text, shortened for a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= width else text[:width] + "…"


def origin_words(case: Case) -> str:
    """What the listing says about origin, in words."""
    value = case.origin.value
    if value is _UNKNOWN:
        sent, inside = case.origin.saying(_OUTSIDE), case.origin.saying(Origin.INSIDE)
        if sent and inside:
            one, other = inside[0], sent[0]
            return f"所标产地说法不一，{one.label}为“{clip(one.text)}”，{other.label}为“{clip(other.text)}”"
        vague = next((e for e in case.origin.saying(_UNKNOWN) if e.is_stated), None)
        if vague is None and sent:
            if len(sent) > 1:
                one, other = sent[:2]
                return f"没有采集到产地，{one.label}为“{clip(one.text)}”，{other.label}为“{clip(other.text)}”"
            return f"没有采集到产地，{sent[0].label}为“{clip(sent[0].text)}”"
        if vague is None:
            spoken = _speaking_for_area(case)
            return f"没有标明具体产地，{spoken}" if spoken else "没有采集到具体产地"
        beside = f"，{sent[0].label}为“{clip(sent[0].text)}”" if sent else ""
        return f"{vague.label}为“{clip(vague.text)}”，不足以判断是否在保护范围内{beside}"
    first = case.origin.saying(value)[0]
    if value is _OUTSIDE:
        return f"{first.label}为“{clip(first.text)}”，不在保护范围内"
    return f"{first.label}为“{clip(first.text)}”，{INSIDE_ABROAD if case.profile.foreign else '在保护范围内'}"


def _speaking_for_area(case: Case) -> str:
    """What speaks for the area where no origin is stated: a wider place before the name, the seller's name, where goods are sent from."""
    profile, sheet = case.profile, case.sheet
    agreeing = [f"名称前写有“{wider}”" for wider in _wider_places(case)[:1]]
    agreeing += [f"{e.label}为“{clip(e.text)}”" for e in case.origin.evidence if holds_area(profile, e.text)]
    told = ["、".join(agreeing), "与该地理标志所在的省市一致"] if agreeing else []
    shop = sheet.listing.shop
    sellers = (shop.subject.name if shop.subject else "", shop.name) if shop else ()
    homely = (s for s in sellers if s and says_of(profile, _without_names(profile, s)) is Origin.INSIDE)
    told += [f"商家名称“{clip(seller)}”带有该地理标志所在地的地名" for seller in islice(homely, 1)]
    return "，".join(told)


def _wider_places(case: Case) -> list[str]:
    """Places right before the name in which the whole area lies: 黑龙江 before 五常大米."""
    befores = [case.sheet.before(mention.start, _BEFORE) for mention in case.mentions]
    ends = [(before, regions_in(before)) for before in befores]
    places = [before[found[-1].start :] for before, found in ends if found and found[-1].end == len(before)]
    return [place for place in places if holds_area(case.profile, place)]


def _without_names(profile: Profile, seller: str) -> str:
    """A seller's name without that of the GI, which tells no place: 五常大米专营店."""
    shown = folded(seller)
    for name in profile.names:
        shown = shown.replace(name, BREAK)
    return shown


def considered_text(clearings: tuple[Clearing, ...]) -> str:
    """Clearings in one line."""
    return "；".join(f"{c.code} {c.reason}" for c in clearings)
