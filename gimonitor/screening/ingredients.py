"""A name that says what other goods are made of, or taste of: N02, N09 of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gimonitor.model.finding import Clearing, Origin
from gimonitor.model.listing import Field
from gimonitor.screening.areas import says_of
from gimonitor.screening.clearings import clear
from gimonitor.screening.compounds import amount_grown, goods_made
from gimonitor.screening.mentions import Mention
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_MADE_OF = re.compile(r"(?:为|作为?|做)?(?:原料|主料|配料|制成|制作而成|磨粉|浸泡|调制|萃取)")
_FEW = re.compile(r"[\u4e00-\u9fff]{0,3}")  # between a name and what is done with it: 枸杞|鲜果|压榨
_VERB = 5  # characters of the longest verb before an ingredient
_PART = re.compile(r"[丁仁肉碎片丝粒泥粉末]?的?[是用]$")  # 火腿|丁是|金华火腿
_LABELLED = frozenset({Field.DESCRIPTION, Field.IMAGE_TEXT, Field.ATTRIBUTES, Field.SUBTITLE})
_ATTRIBUTES = Field.ATTRIBUTES  # a look-up each costs a call
_COLON = re.compile(r"\s*[:：]")
_STATED = 16  # attributes that state ingredients, looked at in one listing
_LISTED = re.compile(r"[、，,；;+＋]")
_FROM = re.compile(r"([\u4e00-\u9fff]+)[（(]([^（()）]+)[）)]")  # 苹果（陕西洛川）


def ingredient(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Named as raw material, colour, taste or use."""
    segment = mention.segment
    use = _MADE_OF.match(sheet.text, mention.end, min(segment.end, mention.end + 6))
    if use and not _is_blank(sheet, mention.end, mention.end):
        return clear("N02", profile, f"名称之后有“{use.group()}”，说明原料", sheet, mention.start, mention.end)
    verb = words.ending("ingredient-verbs").search(
        sheet.text[max(segment.start, mention.start - _VERB) : mention.start]
    )
    if verb:
        return clear("N02", profile, f"名称之前有“{verb.group()}”，说明原料", sheet, mention.start, mention.end)
    made = _made_into(profile, mention, sheet, words)
    if made:
        return made
    tasting = _flavour(profile, mention, sheet, words)
    if tasting:
        return tasting
    keys = words.words("ingredient-keys")
    stated = [text for _, key, text in sheet.parts[sheet.attributes :] if key in keys][:_STATED]
    if stated:
        of_others = _stated(profile, mention, sheet, words, stated)
        if of_others:
            return of_others
        if _is_one_of_several(profile, sheet, mention, stated):
            return clear("N02", profile, "配料中与其他原料并列", sheet, mention.start, mention.end)
    if segment.field is _ATTRIBUTES and folded(segment.key) in words.words("ingredient-keys"):
        return clear("N02", profile, f"属性“{segment.key}”说明配料、口味或者用途", sheet, mention.start, mention.end)
    if segment.field in _LABELLED or "：" in sheet.listing.title or ":" in sheet.listing.title:
        left = max(segment.start, mention.start - 24)
        before = sheet.text[left : mention.start]
        labels = list(words.pattern("ingredient-labels").finditer(before))
        if (
            labels
            and segment.field is Field.TITLE
            and not _COLON.match(sheet.folded.shown(left + labels[-1].end() - 1, mention.end), 1)
        ):
            return None
        if labels and words.ending("ingredient-passings").search(before):
            return None  # 做成扁片当作|西湖龙井|卖
        if labels and not re.search(r"[。；;\n]", sheet.folded.shown(left + labels[-1].start(), mention.end)):
            return clear("N02", profile, f"“{labels[-1].group()}”之后说明原料", sheet, mention.start, mention.end)
    return None


def _made_into(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """What the goods that end a clause of the title are made of: 苹果汁 阿克苏苹果榨, 秋梨膏 选用砀山酥梨."""
    verb = words.soon("ingredient-makings").match(sheet.text, mention.end, mention.segment.end)
    end = verb.end() if verb else mention.end
    if verb is None or not _FEW.fullmatch(verb[1]):
        before = sheet.text[max(mention.segment.start, mention.start - _VERB) : mention.start]
        verb = words.ending("ingredient-choices").search(before) or _is_called(profile, before)
        verb = None if verb and amount_grown(sheet.after(mention.end, _VERB)) else verb
        end = mention.segment.end
    goods = goods_made(profile, mention, sheet, words, end) if verb else ""
    if not verb or not goods:
        return None
    reason = f"标题所售是“{goods}”，与名称相连的“{verb.group()}”说明原料"
    return clear("N02", profile, reason, sheet, mention.start, mention.end)


def _is_called(profile: Profile, before: str) -> re.Match[str] | None:
    """The word by which a part of what is sold is called by a name after it: 枸杞|是|宁夏枸杞, 火腿|丁是|金华火腿."""
    found = _PART.search(before)
    return found if found and before.endswith(profile.products, 0, found.start()) else None


def _flavour(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """The taste of other goods that the title names by themselves: 陈皮糖 新会陈皮味."""
    if not sheet.text.startswith(("味", "风味"), mention.end) or mention.segment is not sheet.title:
        return None
    flavour = words.pattern("flavour-words").match(sheet.text, mention.end, mention.segment.end)
    end = flavour.end() if flavour else mention.end
    if flavour is None or (end < mention.segment.end and not sheet.is_parted(end) and sheet.text[end] != " "):
        return None
    goods = goods_made(profile, mention, sheet, words, mention.end, apart=True)
    reason = f"标题所售是“{goods}”，名称与“{flavour.group()}”连用，说明口味"
    return clear("N09", profile, reason, sheet, mention.start, mention.end) if goods else None


def _stated(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, stated: Iterable[str]
) -> Clearing | None:
    """What the title's other goods are made of, where the stated ingredients say so: 苹果脆片 洛川苹果, 配料 苹果（陕西洛川）."""
    told = next((text for text in stated if _is_of_it(profile, text[:400])), "")
    goods = goods_made(profile, mention, sheet, words, mention.end, apart=True) if told else ""
    reason = f"标题所售是“{goods}”，配料写有“{told[:20]}”，名称说明原料"
    return clear("N02", profile, reason, sheet, mention.start, mention.end) if goods else None


def _is_of_it(profile: Profile, text: str) -> bool:
    """True for ingredients that are the goods of a GI by name, or by kind and place."""
    if any(name in folded(text) for name in profile.names):
        return True
    return any(
        says_of(profile, found[2]) is Origin.INSIDE and any(product in found[1] for product in profile.own_products)
        for found in _FROM.finditer(text)
    )


def _is_one_of_several(profile: Profile, sheet: Sheet, mention: Mention, stated: Iterable[str]) -> bool:
    """True where the stated ingredients name it, or its place, after another one: 配料：新会柑、云南普洱茶."""
    name, told = sheet.text[mention.start : mention.end], sheet.told
    if name not in told:  # asked for every mention, so each name is looked up once
        parts = (name, profile.core) if profile.core else (name,)
        told[name] = _is_listed(parts, stated)
    return told[name]


def _is_listed(names: Sequence[str], stated: Iterable[str]) -> bool:
    for text in stated:
        others = [folded(part) for part in _LISTED.split(text[:400]) if part.strip()]
        first = any(name in others[0] for name in names) if others else True
        if not first and any(name in other for other in others[1:] for name in names):
            return True
    return False


def _is_blank(sheet: Sheet, start: int, end: int) -> bool:
    """True where a blank stands between two folded places, those right before them among them."""
    if not start or end >= len(sheet.text):
        return False
    return any(c.isspace() for c in sheet.folded.raw[sheet.folded.raw_at(start - 1) : sheet.folded.raw_at(end)])
