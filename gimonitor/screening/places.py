"""What the place part of a name says by what stands around it: 安吉珍稀白茶, 阳澄湖镇大闸蟹, 大米 五常, or nothing but a place."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from gimonitor.model.finding import Origin
from gimonitor.model.listing import Field
from gimonitor.register.regions import named_divisions, origin_of
from gimonitor.screening.dictionary import LONGEST_WORD, cuts_through
from gimonitor.screening.divisions import is_division, regions_in
from gimonitor.screening.houses import is_liquor, short_name
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.pictured import pictured
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

WIDEST_GAP = 8
_PRODUCED = re.compile(r"(?:原|所|出)?产的?$")
_BESIDE = (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.KEYWORDS)


def resolve(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, taken: tuple[tuple[int, int], ...]
) -> Mention | None:
    """The mention as a near name, or None where it is only a place. `taken` are spans of names, its own and those of other GIs."""
    if mention.segment.field not in _BESIDE:
        return None
    found = short_name(profile, mention, sheet, words) or _beside(profile, mention, sheet, words, taken)
    if found is None or found is mention:
        return found
    if sheet.text[found.start : found.end] in profile.generic or _is_variety(profile, mention, sheet):
        return None
    suffix = found.detail if found.how is How.SUFFIXED else ""
    if words.styles.match(sheet.text, mention.end, mention.segment.end):
        return found  # 五常|平替, where 常平 is a place too
    return None if _is_cut(mention._replace(end=mention.end + len(suffix)), sheet) else found


def _beside(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, taken: tuple[tuple[int, int], ...]
) -> Mention | None:
    styled = _styled(profile, mention, sheet, words)
    if styled and not _taken(styled.end - 1, styled.end, taken):
        return styled
    after = _product_after(profile, mention, sheet, words)
    if after:
        start, end = after
        between = sheet.text[mention.end : start]
        if _taken(start, end, taken) or _elsewhere(profile, words.pattern("variety-words").sub("", between)):
            return None
        if between and between[0] == sheet.text[end - 1] and sheet.is_parted(mention.end + 1):
            return mention._replace(how=How.INSERTED, end=mention.end + 1)  # 和田枣 大红枣
        if between and _begins_elsewhere(sheet.text[mention.start : start]):
            return None
        how = How.SUFFIXED if between in words.words("admin-suffixes") else How.INSERTED
        if between and _is_address(profile, mention, sheet, between, words):
            how = How.ADDRESSED
        return mention._replace(how=how, end=end, detail=between)
    before = _product_before(profile, mention, sheet)
    if before:
        start, end = before
        between = sheet.text[end : mention.start]
        if _taken(start, end, taken) or _elsewhere(profile, between):
            return None
        return mention._replace(how=How.INVERTED, start=start, detail=between)
    return pictured(profile, mention, sheet, words) or mention


def _styled(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Mention | None:
    """The place with a style word and goods of the kind right after it, those of like goods among them: 洛川同款红富士."""
    style = words.styles.match(sheet.text, mention.end, mention.segment.end)
    goods = (p for p in profile.products if len(p) >= 2 and style and sheet.text.startswith(p, style.end()))
    found = next(goods, "")
    return (
        mention._replace(how=How.INSERTED, end=style.end() + len(found), detail=style[0]) if style and found else None
    )


def is_apart(profile: Profile, mention: Mention, sheet: Sheet, taken: tuple[tuple[int, int], ...]) -> Mention | None:
    """Place and goods far apart in one title, or one in the title and one in the picture: weak, and only where no other place is named."""
    if mention.segment.field not in (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT):
        return None
    for segment in map(sheet.segment, range(sheet.keywords)):  # title, subtitle, image text
        text = sheet.text[segment.start : segment.end]
        for product in profile.strong:
            at = text.find(product) if len(product) >= 2 else -1
            if at >= 0 and not _taken(segment.start + at, segment.start + at + len(product), taken):
                if _elsewhere(profile, text[:400]) or _is_cut(mention, sheet):
                    return None
                return mention._replace(how=How.APART, detail=product)
    return None


def _is_variety(profile: Profile, mention: Mention, sheet: Sheet) -> bool:
    """True where the place begins the name of a variety, which is free to use: 福鼎|大白种 白茶."""
    named = (free for free in profile.generic if len(free) > len(profile.core) and free.startswith(profile.core))
    return any(sheet.text.startswith(free, mention.start) for free in named)


def _is_cut(mention: Mention, sheet: Sheet) -> bool:
    """True where another word reaches into the place, with no sign between: 东阿 in 山东阿胶, not 烟台 in 香 烟台有机葡萄酒."""
    if mention.end - mention.start > 3 or not cuts_through(sheet.text, mention.start, mention.end):
        return False
    left, right = sheet.unparted(mention.start, mention.end, LONGEST_WORD)
    return cuts_through(sheet.text[left:right], mention.start - left, mention.end - left)


def _product_after(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> tuple[int, int] | None:
    limit = min(mention.segment.end, mention.end + WIDEST_GAP + 6)
    best: tuple[int, int] | None = None
    for product in profile.strong:
        at = sheet.text.find(product, mention.end, limit)
        gap = at - mention.end
        if at < 0 or gap > WIDEST_GAP:
            continue
        if len(product) < 2 < gap and sheet.text[mention.end : at] not in words.words("admin-suffixes"):
            continue
        if best is None or at + len(product) < best[0] or (at < best[0] and len(product) > 1):
            best = (at, at + len(product))
    return best


def _product_before(profile: Profile, mention: Mention, sheet: Sheet) -> tuple[int, int] | None:
    left = max(mention.segment.start, mention.start - 8)
    for product in profile.strong:
        at = sheet.text.rfind(product, left, mention.start) if len(product) >= 2 else -1
        if at >= 0:
            return at, at + len(product)
    at = mention.start - 1
    if at < mention.segment.start or sheet.text[at] not in profile.strong or not sheet.is_parted(mention.start):
        return None
    alone = at == mention.segment.start or sheet.is_parted(at)
    return (at, at + 1) if alone else None  # one character that stands for itself: 茶·普洱


def _taken(start: int, end: int, taken: tuple[tuple[int, int], ...]) -> bool:
    return any(a < end and start < b for a, b in taken)


def _begins_elsewhere(text: str) -> bool:
    """True where a text is no division but begins the name of one: 大兴安 of 大兴安岭."""
    forms = _forms()
    at = bisect_right(forms, text)
    return at < len(forms) and forms[at].startswith(text) and (not at or forms[at - 1] != text)


@cache
def _forms() -> list[str]:
    return sorted(named_divisions())


def _is_address(profile: Profile, mention: Mention, sheet: Sheet, between: str, words: Vocabulary) -> bool:
    """True where what stands between place and goods only tells the place: 五常|市|大米, 烟台|栖霞|红富士苹果, 绍兴|产|黄酒.

    Not for liquors, whose houses bear the names of places, nor where no division of ours is the area.
    """
    if profile.foreign or not profile.area or is_liquor(profile, words):
        return False
    told = words.pattern("variety-words").sub("", between)
    rest = _PRODUCED.sub("", told)
    if not rest:
        return rest != told
    whole = sheet.text[mention.start : mention.end] + rest
    return any(
        is_division(text) and origin_of(regions_in(text), profile.area) is not Origin.OUTSIDE for text in (whole, rest)
    )


def _elsewhere(profile: Profile, between: str) -> bool:
    """True where the words between name a place outside the area: 烟台栖霞苹果 stays, 五常 射阳大米 does not count."""
    regions = regions_in(between) if len(between) >= 2 else ()
    return bool(regions) and origin_of(regions, profile.area) is Origin.OUTSIDE
