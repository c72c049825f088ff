"""Names that are a distillery's brand too: where the short one means the liquor itself, and where another of its liquors is meant.

53°茅台 生肖 500ml is 贵州茅台酒; 茅台王子酒 and Moutai/茅台1935 are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gimonitor.model.finding import Clearing
from gimonitor.model.register import text_of
from gimonitor.register.regions import find_regions
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_DEGREES = re.compile(r"[3-7]\d(?:\.\d)?\s?(?:度|°|º|%\s?vol)", re.IGNORECASE)
_VOLUME = re.compile(r"\d\s?(?:ml|毫升|l(?![a-z]))", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[镇县市区乡村]|产[地区]|原产|特产)")
_PLAIN = frozenset({How.NAME, How.ALIAS, How.ADDRESSED})
_LIKE = frozenset({How.NEAR, How.SHORT, How.INSERTED, How.SUFFIXED})
_SPELT = frozenset({How.TRANSLATION, How.PINYIN})
_LETTERS = _SPELT | {How.MIXED}


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
    reason = f"标题写有企业或者系列的名称“{found.group()}”，“{profile.core}”不单独指“{profile.gi.name}”"
    return Clearing(code="N17", reason=reason, decisive=True, place=sheet.place(*found.span()), gi_id=profile.gi.id)


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
