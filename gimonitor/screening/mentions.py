"""From raw hits to mentions: how a listing names each GI, with overlaps settled in favour of the longer name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from gimonitor.model.enums import quick
from gimonitor.model.listing import Field
from gimonitor.screening.automaton import Hit
from gimonitor.screening.names import CLAIMS, FULL, Entry, Kind, Names, Profile
from gimonitor.screening.sheet import Pile, Segment, Sheet


@quick
class How(StrEnum):
    """In what form a listing names a GI, from the plain name to what needs other words beside it."""

    NAME = "name"
    ALIAS = "alias"
    SPLIT = "split"  # characters parted by signs, emoji or invisible characters
    TRANSLATION = "translation"
    NEAR = "near"  # listed in the register
    TAG = "tag"  # listed too: no name, but what hangs on the goods and tells their place
    SOUND = "sound"  # characters of the same sound
    SHAPE = "shape"  # characters of a like shape
    PINYIN = "pinyin"
    MIXED = "mixed"  # pinyin and characters
    INITIALS = "initials"
    INSERTED = "inserted"  # 安吉珍稀白茶
    SUFFIXED = "suffixed"  # 阳澄湖镇大闸蟹
    ADDRESSED = "addressed"  # 五常市大米, 绍兴产黄酒: a true address with the goods
    INVERTED = "inverted"  # 大米 五常
    APART = "apart"  # place and goods, far from each other
    PLACE = "place"  # the place alone
    SHORT = "short"  # the place alone, meaning the goods: 53°茅台 500ml
    PICTURED = "pictured"  # a picture of the goods beside the place: 丹东🍓


_HOW = {
    Kind.NAME: How.NAME,
    Kind.ALIAS: How.ALIAS,
    Kind.TRANSLATION: How.TRANSLATION,
    Kind.NEAR: How.NEAR,
    Kind.TAG: How.TAG,
    Kind.CORE: How.PLACE,
    Kind.SPELT: How.PINYIN,
    Kind.INITIALS: How.INITIALS,
}


_PARTED = frozenset({How.NAME, How.ALIAS, How.NEAR, How.TAG, How.PLACE})
"""Forms that what stands between their characters changes."""


class Mention(NamedTuple):  # made for every hit: a tuple is built in a third of the time
    """One naming of a GI: folded span, how, and the segment it stands in. `detail` says what was between or instead."""

    owner: int
    how: How
    start: int
    end: int
    segment: Segment
    unverified: bool = False
    detail: str = ""


_CORE = Kind.CORE  # a look-up each costs a call


class Claim(NamedTuple):
    """A hit of a claim of protection."""

    kind: Kind
    owner: int
    start: int
    end: int


class Sorted(NamedTuple):
    """Mentions, and claims of protection."""

    mentions: list[Mention]
    claims: list[Claim]


def telling_hits(names: Names, hits: list[Hit], pile: Pile, number: int, styles: re.Pattern[str]) -> list[Hit]:
    """The hits of a listing without the places that say nothing.

    A place among the keywords counts by itself, before them where goods of one of its GIs are named in a loud text too, or
    one of the `styles` follows: 洛川同款红富士.
    """
    places = names.places
    found = {pattern for _, _, pattern in hits if pattern >= places}
    if not found:
        return hits
    loud, keywords = pile.loud_text(number), pile.keywords(number)
    silent = set(found)
    for place in found:
        for goods in names.goods[place - places]:
            if goods in loud:
                silent.discard(place)
                break
    silent -= {p for _, end, p in hits if p in silent and styles.match(loud, end)}
    if silent:
        shown = pile.listings[number].title
        silent -= {p for p in silent if any(picture in shown for picture in names.pictures[p - places])}
    return [hit for hit in hits if hit[2] not in silent or hit[0] >= keywords]


def sort_hits(names: Names, hits: Sequence[Hit], sheet: Sheet) -> Sorted:
    """What the hits of a listing mean, without names that are only part of a longer one."""
    found: list[tuple[int, int, Entry]] = []
    claims: list[Claim] = []
    for start, end, pattern in hits:
        for entry in names.entries[pattern]:
            if entry.kind in CLAIMS:
                claims.append(Claim(entry.kind, entry.owner, start, end))
            else:
                found.append((start, end, entry))
    if not found:
        return Sorted([], _outermost(claims))
    if len(found) > 1:
        found.sort(key=lambda f: (f[0], -f[1], f[2].kind is _CORE))
    mentions = []
    spans: list[tuple[int, int, int]] = []  # full names kept so far
    for start, end, entry in found:
        while spans and spans[-1][1] <= start:
            spans.pop()
        if spans and _is_inside(spans, start, end, entry.owner):
            continue
        mention = _mention(names.profiles[entry.owner], sheet, start, end, entry)
        if mention is None:
            continue
        if entry.kind in FULL:
            spans.append((start, end, entry.owner))
            if len(spans) > 1:
                spans.sort(key=lambda s: -s[1])
        mentions.append(mention)
    return Sorted(mentions, _outermost(claims))


def _is_inside(spans: Sequence[tuple[int, int, int]], start: int, end: int, owner: int) -> bool:
    """True where a name lies in one of the spans; another GI's name of the very same span does not hide it."""
    for first, last, other in spans:
        if first <= start and end <= last and (other == owner or first != start or last != end):
            return True
    return False


def _outermost(claims: list[Claim]) -> list[Claim]:
    if len(claims) < 2:
        return claims
    claims.sort(key=lambda c: (c.start, -c.end, c.owner < 0))
    kept: list[Claim] = []
    for claim in claims:
        if not kept or claim.end > kept[-1].end:
            kept.append(claim)
    return kept


def _mention(profile: Profile, sheet: Sheet, start: int, end: int, entry: Entry) -> Mention | None:
    how = _HOW[entry.kind]
    text = sheet.text
    if text[start].isascii() and _is_cut_from_latin(text, start, end):
        return None
    if sheet.folded.is_parted(start, end) and how in _PARTED:
        shown = sheet.folded.shown(start, end)
        if not _is_natural(profile, shown):
            if end - start <= 3 and not _stands_alone(sheet, start, end, shown):
                return None
            if how in (How.NAME, How.ALIAS):
                how = How.SPLIT
    return Mention(entry.owner, how, start, end, sheet.segment_at(start), entry.unverified)


def _is_cut_from_latin(text: str, start: int, end: int) -> bool:
    """True where a Latin name is only part of a longer word; a measure may follow it at once: Champagne750ml."""
    if start and text[start - 1].isascii() and text[start - 1].isalnum():
        return True
    return end < len(text) and text[end - 1].isascii() and text[end].isascii() and text[end].isalpha()


def _is_natural(profile: Profile, shown: str) -> bool:
    """True where only one blank or dot parts the name, and it parts place from goods: `五常 大米`."""
    shown = shown.replace("&nbsp;", " ")
    parts = [p for p in shown.replace("·", " ").replace("　", " ").replace("-", " ").split(" ") if p]
    return (
        len(parts) == 2
        and len(shown) <= len(parts[0]) + len(parts[1]) + 1
        and (parts[0] == profile.core or (len(parts[0]) >= 2 and len(parts[1]) >= 2) or parts[1] in profile.products)
    )


def _stands_alone(sheet: Sheet, start: int, end: int, shown: str) -> bool:
    """True where a short name that is parted inside is also parted from its neighbours, or parted by what nobody types by chance."""
    if any(not (c.isspace() or c.isalnum() or c in ",，、/|.。") for c in shown):
        return True
    if end - start >= 3 and len(shown) >= 2 * (end - start) - 1:
        return True
    raw = sheet.folded.raw
    first, last = sheet.folded.place(start, end)
    return not (first and raw[first - 1].isalnum()) and not (last < len(raw) and raw[last].isalnum())


TITLE_LIKE = (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.BRAND, Field.KEYWORDS)
