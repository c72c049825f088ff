"""A name in what the seller advises to do with other goods: a recipe, a way of cooking, what goes well with them. N15."""

from __future__ import annotations

import re

from gimonitor.model.finding import Clearing
from gimonitor.model.listing import Field
from gimonitor.screening.mentions import Mention
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.normalise import BREAK

_RECIPE = 60  # characters before a name in which a recipe is announced
_METHOD = 8  # characters of the same clause before a name in which a way of cooking is named
_PAIR = 6  # characters before a name that hold a word of pairing
_LONG = 2  # characters; one says too little of what is sold
_SAME = re.compile(r"的?(?:同款|同样|一样)?的?")
_DESCRIPTION = Field.DESCRIPTION  # a look-up each time costs a call


def advised(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """A name in the description that is cooked with, cooked like, or served with what is sold.

    Decisive only where title, picture and category name no goods of the GI's kind: a recipe for these may sell them.
    """
    if mention.segment.field is not _DESCRIPTION:
        return None
    reason = _recipe(mention, sheet, words) or _pairing(mention, sheet, words) or _method(mention, sheet, words)
    if not reason:
        return None
    others = not _sells_like(profile, sheet, words)
    about = "" if others else "，但标题等处写有同类商品"
    place = sheet.place(mention.start, mention.end)
    return Clearing(code="N15", reason=f"{reason}{about}", decisive=others, place=place, gi_id=profile.gi.id)


def _sells_like(profile: Profile, sheet: Sheet, words: Vocabulary) -> bool:
    """True where goods of the kind are named, and not as part of what other goods are called: 小米|辽参, 茶叶蛋."""
    shown = BREAK.join((sheet.title_text, sheet.beside, folded(sheet.listing.category or "")))
    for product in profile.products:
        if len(product) < _LONG:
            continue
        for found in re.finditer(re.escape(product), shown):
            head = words.sold.match(shown, found.end())
            if head is None or words.is_kindred(head.group(), profile):
                whole = words.sold.match(shown, found.start())
                if whole is None or whole.end() <= found.end() or words.is_sold_as(whole.group(), profile):
                    return True
    return False


def _method(mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """阳澄湖大闸蟹同款蒸法, 清蒸做法与阳澄湖大闸蟹同款."""
    methods, after = words.pattern("cooking-methods"), sheet.after(mention.end, _METHOD)
    same = _SAME.match(after)
    found = methods.match(after, same.end() if same else 0)
    before = sheet.before(mention.start, _METHOD)
    if found is None and words.ending("comparison-openers").search(before):
        found = methods.search(before)
    return f"名称与“{found.group()}”连用，说的是烹饪的方法" if found else ""


def _pairing(mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    found = words.ending("pairings").search(sheet.before(mention.start, _PAIR))
    return f"名称之前有“{found.group()}”，说的是做法或者搭配" if found else ""


def _recipe(mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    start = max(mention.segment.start, mention.start - _RECIPE)
    for found in words.pattern("recipes").finditer(sheet.text, start, mention.start):
        if found.end() == mention.start or sheet.is_parted(found.end()):
            return f"“{found.group()}”之后说的是做法或者搭配"
    return ""
