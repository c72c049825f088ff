"""What came of each GI in a listing, and what that comes to for the listing: stage, suspicions, clearings of the listing as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from gimonitor.model.finding import Clearing, Finding, History, Origin, Place, Stage, Suspicion
from gimonitor.model.listing import Field, Listing
from gimonitor.model.register import GI, Certainty, text_of
from gimonitor.register.regions import is_within
from gimonitor.screening.case import Case
from gimonitor.screening.explain import INSIDE_ABROAD
from gimonitor.screening.goods import Goods, Likeness
from gimonitor.screening.houses import address_in, house_reading, is_house_name, is_liquor
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.score import score_of
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.users import UserMatch
from gimonitor.screening.vocabulary import Spotted, Vocabulary

OWN_SHOP, RESALE = "N20", "N07"
"""Codes of the clearings that speak for an authorised user."""
NAMED = frozenset({"name-outside", "name-unknown", "near-name"})
"""Families that find the name of a GI on goods."""

_CHINA, _CHINESE = "cn", re.compile(r"[\u4e00-\u9fff]")
_ASIDE = frozenset({"N13", "N15"})  # readings by which a name is not said of the goods at all
_COUPON = 2000  # fen; what costs more is no coupon but the goods
_BY_PLACE = frozenset({How.INSERTED, How.SUFFIXED, How.INVERTED, How.APART, How.PLACE})
_ADDRESS, _SUFFIX = 4, 2  # characters of an address before and after a place
_CONTRADICTION = "contradiction"
_ORDER = (Stage.NO_NAME, Stage.NOT_GOODS, Stage.CLEARED, Stage.UNASKED, Stage.FLAGGED)


class Verdict(NamedTuple):  # made for every GI named: a tuple is built in a third of the time
    """What came of one GI: findings, what cleared, reminders, and how far it came."""

    gi: GI
    stage: Stage
    findings: tuple[Finding, ...] = ()
    clearings: tuple[Clearing, ...] = ()
    reminders: tuple[Finding, ...] = ()
    origin: Origin = Origin.UNKNOWN


def stage_of(verdicts: Iterable[Verdict]) -> Stage:
    """How far a listing came: as far as the GI that came farthest."""
    stages = [v.stage for v in verdicts]
    return max(stages, key=_ORDER.index) if len(stages) > 1 else stages[0] if stages else Stage.NO_NAME


def is_named(verdict: Verdict) -> bool:
    """True where a claim of protection beside it may be about the GI: its name is not only denied of the goods, or told beside them."""
    if verdict.stage in (Stage.FLAGGED, Stage.UNASKED):
        return True
    return verdict.stage is Stage.CLEARED and any(c.code not in _ASIDE for c in verdict.clearings)


def suspicions_of(verdicts: Iterable[Verdict], listing: Listing, history: History) -> tuple[Suspicion, ...]:
    """What was found over each GI with its score, the highest first; of each the weightiest finding first."""
    found = [
        Suspicion(
            gi_id=v.gi.id,
            gi_name=v.gi.name,
            findings=_by_weight(v.findings),
            score=score_of(v.findings, listing, history),
        )
        for v in verdicts
        if v.findings
    ]
    return tuple(sorted(found, key=lambda s: (-s.score.total, s.gi_id)))


def _by_weight(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=_lightness)) if len(findings) > 1 else findings


def _lightness(finding: Finding) -> float:
    return -finding.severity * finding.confidence


def without_wider_names(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """陕西延安洛川县苹果: a wider place whose name is found only around that of another GI for the same goods."""
    kept = []
    for verdict in verdicts:
        inner = _inner(verdict, verdicts)
        if inner:
            place = next(f.place for f in verdict.findings if f.family in NAMED)
            reason = f"“{inner.place.text[:40]}”指另一地理标志“{inner.gi_name}”，前面的地名说明其所在地"
            clearing = Clearing(code="N19", reason=reason, decisive=True, place=place, gi_id=verdict.gi.id)
            verdict = Verdict(verdict.gi, Stage.CLEARED, clearings=(*verdict.clearings, clearing))
        kept.append(verdict)
    return kept


def _inner(verdict: Verdict, verdicts: Iterable[Verdict]) -> Finding | None:
    """What is found of another GI of its area, for the same goods, within every place in which the GI of a verdict is named."""
    named = [f.place for f in verdict.findings if f.family in NAMED]
    others = [f for v in verdicts if v is not verdict and lies_within(v.gi, verdict.gi) for f in v.findings]
    found = [next((f for f in others if _is_part(f.place, place)), None) for place in named]
    return found[0] if found and all(found) else None


def lies_within(inner: GI, outer: GI) -> bool:
    """True for a GI whose goods are those of another, and whose area lies in that of the other."""
    if inner.area is None or outer.area is None or text_of(inner.goods) != text_of(outer.goods):
        return False
    return all(is_within(code, outer.area.adcodes.value) for code in inner.area.adcodes.value)


def _is_part(inner: Place, outer: Place) -> bool:
    """True for a part of a place that is less than all of it."""
    if inner.field is not outer.field or inner.key != outer.key:
        return False
    return outer.start <= inner.start and inner.end <= outer.end and inner.end - inner.start < outer.end - outer.start


def address_clearing(gi: GI, mention: Mention, sheet: Sheet) -> Clearing:
    """Place and goods, with words between that only tell the place: lowers only, for they may be untrue."""
    place = sheet.place(mention.start, mention.end)
    reason = f"“{place.text[:40]}”是地址加商品名，可能是如实标注产地"
    return Clearing(code="N03", reason=reason, decisive=False, place=place, gi_id=gi.id)


def abroad_clearing(gi: GI, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Goods on a foreign platform that only buyers abroad are offered, by what is said of delivery or by a title without
    Chinese: lowers only, for the maker may sit here. Nothing where delivery to China is said."""
    listing = sheet.listing
    platform = listing.platform or listing.url.partition("://")[2].partition("/")[0]
    if not _is_foreign(platform, words):
        return None
    only_abroad = words.pattern("abroad-deliveries").search(sheet.text)
    if not only_abroad and (_CHINESE.search(listing.title) or words.pattern("china-deliveries").search(sheet.text)):
        return None
    how = "写明只向境外发货" if only_abroad else "标题没有中文"
    place = sheet.place(only_abroad.start(), only_abroad.end()) if only_abroad else None
    reason = f"在境外平台“{platform[:40]}”出售，{how}，可能不面向中国境内的买家"
    return Clearing(code="N25", reason=reason, decisive=False, place=place, gi_id=gi.id)


@lru_cache(maxsize=1024)
def _is_foreign(platform: str, words: Vocabulary) -> bool:
    parts = platform.lower().split(".")
    return parts[-1] != _CHINA and not words.words("foreign-platforms").isdisjoint(parts)


def user_clearing(case: Case, user: UserMatch) -> Clearing:
    who = f"合法使用人“{user.user.name}”"
    active = "" if user.active else "（使用资格不在有效期内）"
    active += "（名单未核实）" if user.user.certainty is Certainty.UNVERIFIED else ""
    code, what = (OWN_SHOP, "本人的店铺") if user.own else (RESALE, "商品的转售")
    decisive = user.active and user.certain and (user.own or case.origin.value.value != "outside")
    return Clearing(
        code=code, reason=f"{user.by}指向{who}{active}，按{what}考虑", decisive=decisive, gi_id=case.profile.gi.id
    )


def goods_clearing(case: Case) -> Clearing:
    goods, place = case.goods, case.goods.place
    if case.mentions and goods.word in case.words.words("foodstuffs"):  # what is cleared is the name of the vessel
        place = case.sheet.place(case.mentions[0].start, case.mentions[0].end)
    reason = goods.reason
    if goods.word in case.words.words("other-goods") and is_house_name(case.profile, case.words):
        reason = f"另一种商品（“{goods.word}”），名称可能指企业，也可能表示口味、香型或者原料"
    return Clearing(code=goods.code, reason=reason, decisive=True, place=place, gi_id=case.profile.gi.id)


def doubtful_clearing(gi: GI, goods: Goods) -> Clearing:
    """Other goods that the title names, where it may say only what these are used for or served with: lowers only."""
    return Clearing(
        code=goods.code, reason=f"{goods.reason}，也可能只说明用途", decisive=False, place=goods.place, gi_id=gi.id
    )


def payment_clearing(case: Case) -> Clearing | None:
    """Where nothing is sold: a link to pay a difference, or a coupon at the price of one."""
    spotted = case.shelf.has("payments") or case.shelf.has("coupons")
    if spotted is None or (spotted.group == "coupons" and not _is_coupon(case, spotted)):
        return None
    assert case.sheet.title is not None  # the word stands there
    start = case.sheet.title.start
    place = case.sheet.place(start + spotted.start, start + spotted.end)
    reason = f"“{spotted.word}”说明是付款、补差价或者领券的链接，没有出售商品"
    return Clearing(code="N14", reason=reason, decisive=True, place=place, gi_id=case.profile.gi.id)


def _is_coupon(case: Case, spotted: Spotted) -> bool:
    """True where the title ends with the coupon, which does not only promote the goods: 五常大米 10斤 领优惠券."""
    title, price = case.shelf.title, case.sheet.listing.price_fen
    ends = not title[spotted.end :] or case.words.pattern("coupon-endings").match(title, spotted.end) is not None
    promotes = case.words.ending("coupon-promotions").search(title[max(0, spotted.start - 4) : spotted.start])
    return ends and not promotes and (price is None or price <= _COUPON)


def silent_clearing(case: Case, *, is_asked: bool) -> Clearing:
    """Why no model had anything to say about a listing that names the GI, where no legitimate reading was found before.

    Decides nothing where none of them asks about the name as it stands there (`is_asked` is False): they were retired.
    """
    mention, name = case.mentions[0], case.profile.gi.name
    place = case.sheet.place(mention.start, mention.end)
    by_place = mention.how in _BY_PLACE and is_liquor(case.profile, case.words)
    start, end = _address_at(case, mention) if by_place else (0, 0)
    if case.goods.likeness is not Likeness.LIKE and place.field is Field.DESCRIPTION:
        code, reason = (
            "N15",
            f"商品详情中提到“{place.text[:40]}”，标题等处没有写明所售是“{name}”保护的商品，可能只是叙述、做法或者搭配",
        )
    elif not is_asked:
        code, reason = "", f"没有启用的模型判断此处的“{place.text[:40]}”是否使用“{name}”的名称"
    elif case.goods.likeness is not Likeness.LIKE and not by_place:
        code, reason = "N16", f"没有写明所售是“{name}”保护的商品，“{place.text[:40]}”可能另有所指"
    elif end:
        code, reason = "N03", f"“{case.sheet.text[start:end]}”写明的是地址，不足以说明使用“{name}”的名称"
        place = case.sheet.place(min(start, mention.start), max(end, mention.end))
    elif mention.how in _BY_PLACE:
        return house_reading(case.profile, mention, case.sheet, case.words)
    else:
        code, reason = "N03", f"“{place.text[:40]}”单独不足以说明使用“{name}”的名称"
    return Clearing(code=code, reason=reason, decisive=bool(code), place=place, gi_id=case.profile.gi.id)


def _address_at(case: Case, mention: Mention) -> tuple[int, int]:
    """The folded span of the address that the place in a mention belongs to: 茅台镇; nothing where it is none."""
    left = max(mention.segment.start, mention.start - _ADDRESS)
    around = case.sheet.text[left : min(mention.segment.end, mention.end + _SUFFIX)]
    address = address_in(case.profile, around)
    start = left + around.find(address)
    return (start, start + len(address)) if address else (0, 0)


def _area_doubt(gi: GI) -> str:
    """How sure the area is that goods are said to come from."""
    if gi.area is None:
        return "（范围未录入，按所在省市）"
    return "（范围尚未核实）" if gi.area.adcodes.certainty is Certainty.UNVERIFIED else ""


def inside_clearing(case: Case, findings: Iterable[Finding]) -> Clearing:
    """Goods that are said to come from the area: decides nothing where the same listing is found to say otherwise."""
    first, gi = case.origin.saying(case.origin.value)[0], case.profile.gi
    contradicted = any(f.family == _CONTRADICTION for f in findings)
    says = INSIDE_ABROAD if case.profile.foreign else f"在保护范围内{_area_doubt(gi)}"
    rest = "，但同一链接内另有不同的产地说法" if contradicted else "；只核对标准和标志"
    return Clearing(
        code="N06",
        reason=f"{first.label}为“{first.text[:40]}”，{says}{rest}",
        decisive=not contradicted,
        place=first.place,
        gi_id=case.profile.gi.id,
    )
