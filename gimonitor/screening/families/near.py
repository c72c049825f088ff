"""Names close to the protected one: listed variants, word games, sound and shape, pinyin, inserted words, inverted order.

P03 of the catalogue. A model says by `kinds` which forms it covers and by `outside` and `unknown` how sure it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from gimonitor.model.finding import Finding, Origin
from gimonitor.model.listing import Field
from gimonitor.model.register import text_of
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, clip, finding, origin_words, said
from gimonitor.screening.families.style import style_within
from gimonitor.screening.goods import Likeness
from gimonitor.screening.houses import address_in, house_reading, house_sign, is_of_house, other_brand
from gimonitor.screening.mentions import How, Mention

_FIELDS = frozenset({Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.BRAND, Field.ATTRIBUTES, Field.DESCRIPTION})
_SAYINGS: Mapping[How, str] = MappingProxyType(
    {
        How.SHORT: "是“{name}”的简称，没有写另一系列的名称",
        How.PICTURED: "旁以图形“{detail}”代替商品名，与“{name}”近似",
        How.NEAR: "是档案所列与“{name}”近似的写法",
        How.TAG: "是标示产地的标识，指向“{name}”，不是商品名",
        How.SPLIT: "在字间插入符号或者不可见字符后仍读作“{name}”",
        How.SOUND: "与“{name}”读音相同而用字不同",
        How.SHAPE: "与“{name}”字形近似",
        How.PINYIN: "是“{name}”的拼音",
        How.MIXED: "用拼音与汉字混写“{name}”",
        How.INITIALS: "用拼音首字母指“{name}”",
        How.INSERTED: "在“{name}”的“{core}”与商品名之间插入“{detail}”",
        How.SUFFIXED: "在“{name}”的“{core}”后加“{detail}”",
        How.INVERTED: "把“{name}”的“{core}”与商品名颠倒",
        How.APART: "把“{name}”的“{core}”与商品名“{detail}”分开写",
    }
)
_TELLING = 9  # letters of pinyin that hardly mean anything else: xinhui chenpi
_BY_PLACE = frozenset({How.INSERTED, How.SUFFIXED, How.INVERTED, How.APART})


def near_name(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """The weightiest mention of the forms the model covers, unless the goods come from the area; what is only a style word is told as such."""
    if case.hows.isdisjoint(rule.kinds) or case.is_inside or not case.is_like:
        return
    mention = case.best(rule.kinds, _FIELDS)
    if mention is None or (mention.detail and mention.detail == style_within(case, mention)):
        return
    if _needs_goods(case, mention) and case.goods.likeness is not Likeness.LIKE:
        return
    brand = ""
    if mention.how in _BY_PLACE and _may_be_of_house(case, mention, rule):
        brand = _other_brand(case, mention)
        if mention.how is How.APART or not (brand or case.origin.value is Origin.OUTSIDE):
            return
        if is_of_house(case.profile, case.sheet, case.words):
            return
        reading = house_reading(case.profile, mention, case.sheet, case.words, decisive=False)
        case = case._replace(considered=(*case.considered, reading))
    place = case.sheet.place(mention.start, mention.end)
    is_outside = case.origin.value is Origin.OUTSIDE
    using = f"{said(place)}{_saying(case, mention)}，可能误导公众"
    told = "；".join([origin_words(case), *([f"品牌写作“{clip(brand)}”"] if brand else [])])
    reason = f"{using}；{told}。" if is_outside else f"{using}；{told}，需要提供产地证明。"
    share = rule.number("outside", 0.7) if is_outside else rule.number("unknown", 0.4)
    yield finding(rule, case, law, place, reason, share, mention=mention)


def _needs_goods(case: Case, mention: Mention) -> bool:
    """True for forms that say too little by themselves: short pinyin, letters alone or two of them, place and goods apart, any in running text."""
    if mention.segment.field is Field.DESCRIPTION:
        return True
    if mention.how is How.INITIALS:
        return mention.end - mention.start <= 3 or case.sheet.text[mention.start : mention.end].isascii()
    long = mention.end - mention.start >= _TELLING
    return mention.how is How.APART or (mention.how is How.PINYIN and not long)


def _may_be_of_house(case: Case, mention: Mention, rule: Rule) -> bool:
    """True where the place may be a trade name or a series: of liquors, and where a trade name stands between place and goods."""
    if text_of(case.profile.gi.goods) in rule.words("brand_goods"):
        return not _describes(case, mention, rule.words("beside"))
    return bool(house_sign(case.profile, mention, case.sheet, case.words))


def _other_brand(case: Case, mention: Mention) -> str:
    """The brand of another house, on a liquor that nothing says to come from where the GI does; else an empty text."""
    told = (case.sheet.title_text, *(evidence.text for evidence in case.origin.saying(Origin.UNKNOWN)))
    if any(case.profile.gi.province in text for text in told):
        return ""
    if address_in(case.profile, case.sheet.title_text) or house_sign(case.profile, mention, case.sheet, case.words):
        return ""
    return other_brand(case.profile, case.sheet, case.words)


def _describes(case: Case, mention: Mention, beside: Collection[str]) -> bool:
    """True where only common descriptions, or words `beside` that no division is called by, stand between place and goods: no brand, no series."""
    if mention.how is How.SUFFIXED:
        return mention.detail in beside and not case.profile.core.endswith(mention.detail)  # 杏花村村 is an address
    if mention.how is not How.INSERTED or not mention.detail:
        return False
    return mention.detail in beside or not case.words.pattern("variety-words").sub("", mention.detail)


def _saying(case: Case, mention: Mention) -> str:
    name, core, detail = case.profile.gi.name, case.profile.core, clip(mention.detail)
    if mention.how is How.INSERTED and not detail:
        goods = case.sheet.text[mention.start + len(core) : mention.end]
        if goods in case.profile.own_products:
            return f"以“{core}”与档案所列商品名“{goods}”组成与“{name}”近似的名称"
        return f"以“{core}”与近似的商品名“{goods}”组成与“{name}”近似的名称"
    if mention.how is How.INVERTED and mention.detail.strip():
        return f"把“{name}”的商品名写在“{core}”之前，中间隔有“{detail.strip()}”"
    if mention.how is How.PINYIN and not detail:
        return f"是“{name}”中“{core}”的拼音"
    return _SAYINGS[mention.how].format(name=name, core=core, detail=detail)
