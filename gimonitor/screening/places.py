"""What the place part of a name says by what stands around it: 安吉珍稀白茶, 阳澄湖镇大闸蟹, 大米 五常, or nothing but a place."""

from __future__ import annotations

from gimonitor.model.finding import Origin
from gimonitor.model.listing import Field
from gimonitor.register.regions import origin_of
from gimonitor.screening.dictionary import cuts_through
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.origin import regions_in
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

WIDEST_GAP = 8
_BESIDE = (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.KEYWORDS)


def resolve(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, taken: tuple[tuple[int, int], ...]
) -> Mention | None:
    """The mention as a near name, or None where it is only a place. `taken` are spans of other GIs' names."""
    if mention.segment.field not in _BESIDE:
        return None
    found = _beside(profile, mention, sheet, words, taken)
    if found is None or found is mention:
        return found
    if sheet.text[found.start : found.end] in profile.generic:
        return None
    suffix = found.detail if found.how is How.SUFFIXED else ""
    return None if _is_cut(mention._replace(end=mention.end + len(suffix)), sheet) else found


def _beside(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, taken: tuple[tuple[int, int], ...]
) -> Mention | None:
    after = _product_after(profile, mention, sheet, words)
    if after:
        start, end = after
        between = sheet.text[mention.end : start]
        if _taken(start, end, taken) or _elsewhere(profile, words.pattern("variety-words").sub("", between)):
            return None
        suffixed = between in words.words("admin-suffixes")
        return mention._replace(how=How.SUFFIXED if suffixed else How.INSERTED, end=end, detail=between)
    before = _product_before(profile, mention, sheet)
    if before:
        start, end = before
        between = sheet.text[end : mention.start]
        if _taken(start, end, taken) or _elsewhere(profile, between):
            return None
        return mention._replace(how=How.INVERTED, start=start, detail=between)
    return mention


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


def _is_cut(mention: Mention, sheet: Sheet) -> bool:
    """True where another word reaches into the place: 东阿 in 山东阿胶."""
    return mention.end - mention.start <= 3 and cuts_through(sheet.text, mention.start, mention.end)


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
    return None


def _taken(start: int, end: int, taken: tuple[tuple[int, int], ...]) -> bool:
    return any(a < end and start < b for a, b in taken)


def _elsewhere(profile: Profile, between: str) -> bool:
    """True where the words between name a place outside the area: 烟台栖霞苹果 stays, 五常 射阳大米 does not count."""
    regions = regions_in(between) if len(between) >= 2 else ()
    return bool(regions) and origin_of(regions, profile.area) is Origin.OUTSIDE
