"""Signs that what bears a name is an accessory, a print, a toy or a tool that no list of goods names: the head of a clause,
what it is made of, its category, and words such as 图案, 仿真 and 修补 beside the name.

One sign leaves it open; two tell it, and so does a head that the name runs into: 景德镇瓷器|冰箱贴.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from gimonitor.model.register import text_of
from gimonitor.screening.heads import FOODS, Heads, Role, Span
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Spotted, Vocabulary
from gimonitor.text.keys import is_one_of

CRAFTS = "手工艺品"
_PAPER = "纸"
_HEADS, _BESIDES, _AFTER, _BEFORE = "accessory-heads", "accessory-besides", "accessory-after", "accessory-before"
_IMITATIONS = "accessory-imitations"
SIGNS = frozenset((_HEADS, _BESIDES, _AFTER, _BEFORE, _IMITATIONS))
"""Groups of words that are signs by themselves."""

_PARTS = re.compile(r"[、,，/+＋;；\s]+")  # of what goods are made of
_JOINED = 10  # characters between a name and the end of what it qualifies
_BESIDE = 4  # characters between a name and a word that says how the goods bear it
_SHOWN = 60  # characters of an attribute that are read


class Title(NamedTuple):
    """A title as the signs see it: the words spotted in it by group, their parts in it, and what part a word plays beside a GI."""

    sheet: Sheet
    words: Vocabulary
    heads: Heads
    groups: Mapping[str, Sequence[Spotted]]
    plays: Callable[[Spotted], Role]


class Told(NamedTuple):
    """What the signs tell, in words, the spot of the first among them in the title, and whether they are enough."""

    reason: str
    spotted: Spotted
    is_sure: bool


class _Sign(NamedTuple):
    """One sign in the title, in words; it is enough where the name runs into it."""

    reason: str
    spotted: Spotted
    is_enough: bool = False


def told_by_signs(profile: Profile, spans: tuple[Span, ...], title: Title, listed: Spotted | None) -> Told | None:
    """Whether the title sells something else than what it names at `spans`; `listed` is a word of other goods that leaves it open."""
    if is_made_into_anything(profile, title.words):
        return None
    known = listed if listed and listed.group not in FOODS else None
    if known is None and title.groups.keys().isdisjoint(SIGNS):
        return None
    head, likeness = _by_head(profile, spans, title, known), _by_likeness(profile, spans, title)
    if head and likeness and head.spotted.start < likeness.spotted.end and likeness.spotted.start < head.spotted.end:
        likeness = None  # 清洗 of 清洗剂
    signs = [sign for sign in (head, likeness) if sign]
    if known:
        signs.append(_Sign(f"标题中有“{known.word}”", known))
    if not signs:
        return None
    reasons = [sign.reason for sign in signs]
    reasons += filter(None, (_material(profile, title), _category(title)))  # alone they say too little
    is_sure = len(reasons) > 1 or signs[0].is_enough
    if listed and not is_sure:
        return None  # it is said to be open by that word
    return Told("；".join(reasons), signs[0].spotted, is_sure)


def is_vessel_craft(profile: Profile, words: Vocabulary) -> bool:
    """True for handicraft of which vessels are made: porcelain, not paper and brocade."""
    return text_of(profile.gi.category) == CRAFTS and any(
        words.pattern("vessel-crafts").search(own) for own in profile.own_words
    )


def is_made_into_anything(profile: Profile, words: Vocabulary) -> bool:
    """True for handicraft such as brocade, whose goods are bags, cushions and toys too."""
    is_craft = text_of(profile.gi.category) == CRAFTS
    return is_craft and _PAPER not in profile.gi.name and not is_vessel_craft(profile, words)


def _by_head(profile: Profile, spans: tuple[Span, ...], title: Title, known: Spotted | None) -> _Sign | None:
    """What a clause of the title ends with, where that is no goods of the GI's: 收纳包, 画毡, 靠垫. The last counts."""
    heads = title.heads
    ends = [s for group in (_HEADS, _BESIDES) for s in title.groups.get(group, ()) if heads.is_end(s.end)]
    for found in sorted(ends, key=lambda s: -s.end):
        if known and known.start < found.end and found.start < known.end:
            continue
        if any(own.endswith(found.word) for own in profile.own_words):
            continue
        shown = heads.shown(found.end, spans)
        shown = shown if shown.endswith(found.word) else found.word
        if title.words.ending("compound-exceptions").search(shown):
            continue
        if title.plays(Spotted("utensils", shown, found.start, found.end)) is Role.NONE:
            continue
        start = found.end - len(heads.run_before(found.end, _JOINED, spans))
        is_joined = found.group == _HEADS and heads.is_joined(start) and any(last == start for _, last in spans)
        spotted = Spotted("utensils", shown, found.end - len(shown), found.end)
        return _Sign(f"标题以“{shown}”说明所售的商品", spotted, is_joined)
    return None


def _by_likeness(profile: Profile, spans: tuple[Span, ...], title: Title) -> _Sign | None:
    """A word by which the goods only bear the likeness of what is named, or are there to mend and keep it; beside the name, or
    anywhere where it says of food that it is none."""
    if text_of(profile.gi.category) != CRAFTS and (imitated := title.groups.get(_IMITATIONS)):
        return _Sign(f"标题中有“{imitated[0].word}”", imitated[0])
    for found in title.groups.get(_AFTER, ()):
        if title.plays(found) is not Role.NONE and any(
            last <= found.start <= last + _BESIDE and _is_run(range(last, found.start + 1), title) for _, last in spans
        ):
            return _Sign(f"名称之后有“{found.word}”", found)
    for found in title.groups.get(_BEFORE, ()):
        if any(found.end == first and title.heads.is_joined(first) for first, _ in spans):
            return _Sign(f"名称之前有“{found.word}”", found)
    return None


def _is_run(places: Iterable[int], title: Title) -> bool:
    return all(map(title.heads.is_joined, places))


def _material(profile: Profile, title: Title) -> str:
    """What the goods are made of by their attributes, where none of it is what the GI's goods are made of, nor packed in."""
    groups = ("other-materials", "packing-materials")[: 1 + (text_of(profile.gi.category) == CRAFTS)]
    for key, value in title.sheet.listing.attributes:
        if not is_one_of(key, title.words.words("material-keys")):
            continue
        parts = [folded(part) for part in _PARTS.split(value[:_SHOWN]) if part]
        if parts and all(any(title.words.ending(group).search(part) for group in groups) for part in parts):
            return f"“{key}”为“{value[:20]}”"
    return ""


def _category(title: Title) -> str:
    category = title.sheet.listing.category
    is_other = category and title.words.pattern("accessory-categories").search(folded(category))
    return f"类目为“{category[:40]}”" if is_other else ""
