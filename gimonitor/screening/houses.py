"""Names that are a firm's brand too: where the short one means the liquor itself, where another of its liquors is meant, and
what trade name stands between place and goods.

53°茅台 生肖 500ml is 贵州茅台酒; 茅台王子酒 and Moutai/茅台1935 are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gimonitor.model.finding import Clearing
from gimonitor.model.listing import Field
from gimonitor.model.register import text_of
from gimonitor.register.regions import find_regions, is_within
from gimonitor.screening.clearings import clear
from gimonitor.screening.dictionary import last_word
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.users import names_in
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.keys import is_one_of

_DEGREES = re.compile(r"[3-7]\d(?:\.\d)?\s?(?:度|°|º|%\s?vol)", re.IGNORECASE)
_VOLUME = re.compile(r"\d\s?(?:ml|毫升|l(?![a-z]))", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[镇县市区乡村]|产[地区]|原产|特产)")
_BRAND = Field.BRAND  # a look-up each time costs a call
_PLAIN = frozenset({How.NAME, How.ALIAS, How.ADDRESSED})
_LIKE = frozenset({How.NEAR, How.SHORT, How.INSERTED, How.SUFFIXED})
_SPELT = frozenset({How.TRANSLATION, How.PINYIN})
_LETTERS = _SPELT | {How.MIXED}
_FIRM = re.compile(r"(?:酒[厂业]|股份|有限|责任|集团|总?公司|总厂)+")  # what a firm's name ends with
_LONGEST_FIRM = 8  # characters of a firm's name before that
_LONGEST_SIGN = 4  # characters after a place in which a trade name ends, where goods stand elsewhere


def is_liquor(profile: Profile, words: Vocabulary) -> bool:
    """True for goods whose GI names are brands of the house that makes them as well."""
    return text_of(profile.gi.goods) in words.words("house-goods")


def is_house_name(profile: Profile, words: Vocabulary) -> bool:
    """True for 五粮液, 东阿阿胶: names that a firm holds as its brand as well."""
    return is_liquor(profile, words) or any(brand in name for brand in profile.brands for name in profile.names[:1])


def is_measured(profile: Profile, sheet: Sheet, words: Vocabulary) -> bool:
    """True where the title gives strength and measure, which say that a liquor is sold: Moutai 53度 500ml."""
    return is_liquor(profile, words) and _measures(sheet) == 2


def _measures(sheet: Sheet) -> int:
    title = sheet.listing.title[:400]
    return bool(_DEGREES.search(title)) + bool(_VOLUME.search(title))


def short_name(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Mention | None:
    """The place alone as the short name of the liquor: with its strength and measure, or one of them and a form that only
    this liquor has, and no town in the title. Whether it is another liquor of the house, `series` tells."""
    if profile.core not in words.words("house-short") or mention.segment is not sheet.title:
        return None
    measures = _measures(sheet)
    if not measures or (measures == 1 and not words.pattern("house-own").search(sheet.title_text)):
        return None
    if address_in(profile, sheet.title_text):
        return None
    return mention._replace(how=How.SHORT)


def series(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """The short name in a title that names a firm, or another liquor of the house: 茅台王子酒, 茅台集团."""
    found = words.pattern("house-series").search(sheet.text, mention.segment.start, mention.segment.end)
    if found is None:
        return None
    start, end = _firm(profile, found, sheet) if _FIRM.match(found.group()) else found.span()
    name = sheet.place(start, end).text[:40]
    reason = f"标题写有企业或者系列的名称“{name}”，“{profile.core}”不单独指“{profile.gi.name}”"
    return clear("N17", profile, reason, sheet, start, end)


def _firm(profile: Profile, found: re.Match[str], sheet: Sheet) -> tuple[int, int]:
    """The folded span of a firm's whole name, from the GI's place on where that stands in it: 贵州茅台集团, 茅台股份有限公司."""
    left = sheet.unparted(found.start(), found.start(), _LONGEST_FIRM)[0]
    before = sheet.text[left : found.start()]
    at = before.rfind(profile.core)
    if at >= 0:
        province = profile.gi.province
        start = left + at - (len(province) if province and before.endswith(province, 0, at) else 0)
    else:
        start = left if len(before) < _LONGEST_FIRM else found.start() - len(last_word(before))
    ends = _FIRM.match(sheet.text, found.start(), sheet.unparted(found.start(), found.end(), _LONGEST_FIRM)[1])
    return start, ends.end() if ends else found.end()


def firm_end(start: int, sheet: Sheet) -> int:
    """Where what a firm's name ends with is over, where more of it joins: 股份|有限公司."""
    found = _FIRM.match(sheet.text, start)
    return found.end() if found and not sheet.is_parted(start) else start


def house_sign(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """The trade name between place and goods, or right after the place: 百年堂 in 东阿百年堂速溶阿胶; else an empty text."""
    start = mention.end
    limit = min(mention.segment.end, start + _LONGEST_SIGN)
    if mention.how is How.INSERTED:
        start, limit = mention.start + len(profile.core), mention.end
    found = words.pattern("house-names").search(sheet.text, start, limit)
    if found is None:
        return ""
    start = max((at for at in range(start + 1, found.end()) if sheet.is_parted(at)), default=start)
    while told := words.pattern("variety-words").match(sheet.text, start, found.start()):
        start = told.end()
    return sheet.text[start : found.end()] if start < found.start() or len(found.group()) > 1 else ""


def house_reading(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, decisive: bool = True
) -> Clearing:
    """What stands in the place of a name may be a trade name, a brand or a series, and a division of the area but a place."""
    core, name = profile.core, profile.gi.name
    sign = house_sign(profile, mention, sheet, words)
    if sign:
        reason = f"“{sign}”是字号或者商标"
    elif _is_region(core):
        reason = f"“{core}”是地名，没有与商品名连成“{name}”，可能只说明产地，也可能是字号、商标或者系列名"
    else:
        reason = f"“{core}”没有与商品名连成“{name}”，可能是字号、商标或者系列名"
    return clear("N17", profile, reason, sheet, mention.start, mention.end, decisive)


def is_of_house(profile: Profile, sheet: Sheet, words: Vocabulary) -> bool:
    """True where the listing gives a name of the house as brand, or the house sells: its firm, or its own shop."""
    if any(_is_own(brand, profile, words) for brand in _brands(sheet, words)):
        return True
    shop = sheet.listing.shop
    if shop is None:
        return False
    names = (*profile.names, *profile.brands, *(() if _is_region(profile.core) else (profile.core,)))
    firm = folded(shop.subject.name) if shop.subject and shop.subject.name else ""
    ends = words.pattern("house-shops").search(folded(shop.name))
    shown = folded(shop.name)[: ends.start()] if ends else ""
    return any(name in firm or name in shown for name in names) or (len(shown) > 1 and _is_own(shown, profile, words))


def brand_reading(profile: Profile, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Part of the name given as brand, which may be the house's short name: 茅台 for 贵州茅台酒; lowers only."""
    keys = words.words("brand-keys")
    for number, (field, key, text) in enumerate(sheet.parts):
        if field is not _BRAND and not (key and is_one_of(key, keys)):
            continue
        short = [b for b in names_in(text) if len(b) > 1 and b not in profile.names and b in profile.names[0]]
        if short:
            segment, name = sheet.segment(number), profile.gi.name
            reason = f"品牌写作“{text[:40]}”，“{min(short)}”是“{name}”的一部分，可能是企业自己的商品"
            return clear("N17", profile, reason, sheet, segment.start, segment.end, decisive=False)
    return None


def other_brand(profile: Profile, sheet: Sheet, words: Vocabulary) -> str:
    """The brand that the listing gives, as written, where nothing in it is of the house; else an empty text."""
    brands = _brands(sheet, words)
    known = any(_is_own(brand, profile, words) or profile.core in brand for brand in brands)
    return "" if known else next(iter(brands.values()), "")


def _brands(sheet: Sheet, words: Vocabulary) -> dict[str, str]:
    """What the listing states as brand: each name folded, one that is written in two ways as two, with the text it stands in."""
    keys = words.words("brand-keys")
    stated = (text for _, key, text in sheet.parts[sheet.attributes :] if is_one_of(key, keys))
    named = {name: text for text in (sheet.listing.brand, *stated) for name in sorted(names_in(text))}
    return {name: text for name, text in named.items() if len(name) > 1 and name not in words.words("no-brands")}


def _is_own(brand: str, profile: Profile, words: Vocabulary) -> bool:
    return any(brand in name for name in _house_names(profile, words))


def _overlap(one: str, other: str) -> bool:
    return is_within(one, (other,)) or is_within(other, (one,))


@lru_cache(maxsize=1024)
def _house_names(profile: Profile, words: Vocabulary) -> tuple[str, ...]:
    """Names of a GI in every script, brands that the register has of it, and names of others from the same place."""
    spelt = (folded(fact.value) for fact in profile.gi.translations)
    there = (name for name, codes in words.homes.items() if any(_overlap(a, b) for a in codes for b in profile.area))
    return tuple(dict.fromkeys((*profile.names, *spelt, *profile.brands, *there)))


def address_in(profile: Profile, text: str) -> str:
    """The place with what makes it an address, in a folded text: 茅台镇, 杏花村产地, 青海互助; else an empty text."""
    core, province = profile.core, profile.gi.province
    if not core:
        return ""
    at = text.find(core)
    while at >= 0:
        end = at + len(core)
        tail = _ADDRESS.match(text, end)
        if tail:
            return text[at : tail.end()]
        if province and text.startswith(province, at - len(province)) and at >= len(province) and _is_region(core):
            return province + core
        at = text.find(core, end)
    return ""


@lru_cache(maxsize=1024)
def _is_region(name: str) -> bool:
    return any(region.name.startswith(name) for region in find_regions(name))


def one_sign(
    profile: Profile, live: Sequence[Mention], sheet: Sheet, words: Vocabulary
) -> tuple[list[Mention], list[Clearing]]:
    """The mentions without those that only repeat another in the same text, and what that clears.

    五粮液（WULIANGYE）and 贵州茅台酒 飞天茅台 are one sign each; in Moutai/茅台王子酒 the Chinese says which liquor it is.
    """
    if all(m.how in _PLAIN for m in live):
        return [*live], []
    plain = {m.segment for m in live if m.how in _PLAIN}
    chinese = plain | {m.segment for m in live if m.how not in _LETTERS}
    kept, cleared = [], []
    for mention in live:
        if mention.segment in chinese if mention.how in _SPELT else mention.segment in plain and mention.how in _LIKE:
            continue
        name = _chinese(profile, mention, sheet) if mention.how in _LETTERS and is_liquor(profile, words) else ""
        if name:
            reason = f"外文或者拼音与中文“{name}”并写，所指按中文判断"
            place = sheet.place(mention.start, mention.end)
            cleared.append(Clearing(code="N17", reason=reason, decisive=True, place=place, gi_id=profile.gi.id))
        else:
            kept.append(mention)
    return kept, cleared


def _chinese(profile: Profile, mention: Mention, sheet: Sheet) -> str:
    """The brand in Chinese, where it stands in the same text as its spelling; empty where it does not.

    Right before letters that run into the next word: 酒鬼（JIUGUI） 酒鬼馥郁.
    """
    name, segment = profile.core or "".join(profile.names[:1]), mention.segment
    if mention.how is How.MIXED:
        stands = sheet.text[segment.start : mention.start].rstrip().endswith(name)
    else:
        stands = name in sheet.text[segment.start : mention.start] or name in sheet.text[mention.end : segment.end]
    return name if stands else ""
