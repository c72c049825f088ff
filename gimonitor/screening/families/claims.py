"""Claims of protection in words: 国家地理标志保护产品, the abolished marks and names, the agriculture ministry's mark. P07, P08, C1 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding, Origin
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, clip, finding, origin_words, said
from gimonitor.screening.goods import Likeness
from gimonitor.screening.mentions import Claim
from gimonitor.screening.names import Kind
from gimonitor.screening.transition import agi_clearing, made_late

_TOLD, _TELLING = 24, 6  # characters before a claim: in which the name stands, and the word that tells of it
_MARK = "专用标志"
MARK, WORDS = "mark", "words"
"""What a model may ask for: claims of the special mark itself, or of protection in words."""


def mark_claim(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A claim of protection in words, or of the special mark itself, by somebody the register does not know as an authorised user.

    `of` says which of the two a model asks for. Who sells labels and packaging claims nothing of goods: see `packaging`.
    """
    wanted = rule.words("of") or (WORDS, MARK)
    claims = (c for c in case.claims if c.kind is Kind.CLAIM and not _is_true_of_the_name(case, c))
    claim = next((c for c in claims if _shown(case, c)[0] in wanted), None)
    if claim is None or case.goods.likeness is Likeness.PACKAGING:
        return
    place = case.sheet.place(claim.start, claim.end)
    known, confidence = _known(case, rule)
    if claim.end - claim.start < 6:
        confidence *= 0.7
    yield finding(rule, case, law, place, f"{said(place)}{_shown(case, claim)[1]}；{known}。", confidence)


def _shown(case: Case, claim: Claim) -> tuple[str, str]:
    """Whether the mark itself or words alone are claimed, and that in words. Of a picture only the text is known."""
    if names_mark(case, claim):
        return MARK, "提到专用标志，疑似称商品使用专用标志"
    if case.sheet.segment_at(claim.start).field is Field.IMAGE_TEXT and is_legend(case, claim):
        return MARK, "是专用标志上的字样，图片中疑似有专用标志"
    return WORDS, "自称受地理标志保护"


def names_mark(case: Case, claim: Claim) -> bool:
    """True for a claim that calls the special mark by its name."""
    return _MARK in case.sheet.text[claim.start : claim.end]


def is_legend(case: Case, claim: Claim) -> bool:
    """True for what stands in the special mark: 中华人民共和国地理标志; not where it only begins 中华人民共和国地理标志产品."""
    goes_on = any(other.start < claim.end < other.end for other in case.claims)
    text = case.sheet.text[claim.start : claim.end]
    return not goes_on and case.words.pattern("mark-legends").search(text) is not None


def _known(case: Case, rule: Rule) -> tuple[str, float]:
    """What the register says of the seller, or why it says nothing, and how sure that makes."""
    if case.is_sign:
        return "没有写明可以在档案中核对的地理标志名称", rule.number("no_record", 0.3)
    confidence = rule.number("confidence", 0.45)
    if case.origin.value is Origin.OUTSIDE:
        confidence = rule.number("outside", 0.8)
    elif case.is_inside:
        confidence = rule.number("inside", 0.25)
    about = f"所涉地理标志为“{case.profile.gi.name}”，"
    if case.user is not None and case.user.own:
        return f"{about}档案中该商家的使用资格不在有效期内", confidence
    if not case.users.has_any(case.profile.gi.id):
        return f"{about}档案尚未录入其合法使用人名单，须核对使用资格", confidence * rule.number("unchecked", 0.7)
    if not _names_seller(case):
        return f"{about}没有采集到商家，无法与合法使用人名单核对", confidence * rule.number("unchecked", 0.7)
    return f"{about}档案的合法使用人名单中没有该商家", confidence


def _names_seller(case: Case) -> bool:
    """True where the listing tells the shop or who runs it, so that they can be looked up."""
    shop = case.sheet.listing.shop
    return shop is not None and bool(shop.name.strip() or (shop.subject and (shop.subject.name or shop.subject.uscc)))


def abolished_claim(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A claim by one of the two marks whose transition has ended, or by a name that is no longer used."""
    claim = _first(case, Kind.ABOLISHED) or _first(case, Kind.FORMER)
    if claim is None or case.goods.likeness is Likeness.PACKAGING:
        return
    place, confidence = case.sheet.place(claim.start, claim.end), rule.number("confidence", 0.4)
    late = made_late(case.sheet) if claim.kind is Kind.ABOLISHED else None
    if late is not None:
        reason = (
            f"{said(place)}使用已经停用的标志，过渡期于2020年12月31日届满；标明的生产时间“{clip(late.text)}”在此之后。"
        )
        confidence = rule.number("late", 0.65)
    elif claim.kind is Kind.ABOLISHED:
        reason = f"{said(place)}使用已经停用的标志，过渡期于2020年12月31日届满；此前生产的商品可以继续流通。"
    else:
        reason = f"{said(place)}使用已经停用的名义；停用以前生产的商品可以继续流通。"
    yield finding(rule, case, law, place, reason, confidence)


def agi_claim(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A claim of the agriculture ministry's mark. No end of its use is known, so only what needs to be checked is said.

    Nothing about goods that may bear it: from the area, or under a name that the register knows by this protection.
    """
    claim = _first(case, Kind.AGI)
    if claim is None or case.goods.likeness is Likeness.PACKAGING or agi_clearing(case) is not None:
        return
    place = case.sheet.place(claim.start, claim.end)
    if case.origin.value is Origin.OUTSIDE and not case.is_sign:
        reason = f"{said(place)}自称农产品地理标志；{origin_words(case)}，须核对登记证书和持有人授权。"
        yield finding(rule, case, law, place, reason, rule.number("outside", 0.6))
    else:
        reason = f"{said(place)}自称农产品地理标志；登记已停止，可否继续使用须核对登记证书和持有人授权。"
        yield finding(rule, case, law, place, reason, rule.number("confidence", 0.3))


def _is_true_of_the_name(case: Case, claim: Claim) -> bool:
    """富平柿饼2008年获批国家地理标志保护产品: told of the name, by a seller of goods from the area; not the mark itself."""
    if case.is_sign or not case.is_inside or case.profile.gi.has_lapsed(case.on):
        return False
    text, start = case.sheet.text, case.sheet.segment_at(claim.start).start
    before = text[max(start, claim.start - _TOLD) : claim.start]
    named = any(name in before for name in case.profile.names)
    said = case.words.pattern("claim-tellings").search(before[-_TELLING:])
    return named and said is not None and _MARK not in text[claim.start : claim.end]


def _first(case: Case, kind: Kind) -> Claim | None:
    return next((c for c in case.claims if c.kind is kind), None)
