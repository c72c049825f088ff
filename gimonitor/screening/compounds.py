"""Other goods that a name makes with the words right after it: made of it (长白山人参酒), or with its taste (豆瓣味鸭脖);
and goods of which the title says that they are made of what is named (苹果汁 阿克苏苹果榨)."""

from __future__ import annotations

import re

from gimonitor.screening.heads import Heads, Role, is_begun
from gimonitor.screening.mentions import Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Spotted, Vocabulary
from gimonitor.text.normalise import fold_text

_CHARACTERS = re.compile(r"[\u4e00-\u9fff]+")
_TITLE = 400  # characters of a title that are looked at
_LONGEST_USE = 4  # characters of a word for what is done with goods
_LONGEST = 7  # characters of a compound after the name
_AS_GROWN = re.compile(
    r"[\d一二两三四五六七八九十半]\s?(?:公?斤|[枚个])|\d\s?kg"
)  # sold by weight or piece, as no juice is
_INTO = re.compile(r"(?:(?:制?做|制作|制成|熬制?)出?的)?")  # 五常大米|做的|锅巴


def other_goods(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """The words after a mention that make it the name of goods of another kind; else an empty text."""
    if not _CHARACTERS.match(sheet.text, mention.end, mention.segment.end) or sheet.is_parted(mention.end):
        return ""
    return _named(profile, mention, sheet, words) or _made(profile, mention, sheet, words) or _tasting(
        profile, mention, sheet, words
    )  # fmt: skip


def made_after(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """What joins the name and may make other goods of it: 膏 in 东阿手工阿胶膏, 花 in 铁皮石斛花; else an empty text."""
    found = words.pattern("made-after").match(sheet.text, mention.end, mention.segment.end)
    if found is None or sheet.is_parted(mention.end) or is_begun(sheet.text, mention.end, found.end()):
        return ""
    whole = sheet.text[mention.end - 1 : found.end()]
    return "" if any(whole in own for own in profile.own_words) else found.group()


def goods_made(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, end: int, *, apart: bool = False
) -> str:
    """Goods of another kind that the title names as the head of a clause, and that can be made of a GI's; else an empty text.

    Beside a name in the title they stand before it, or joined to what ends at `end`: 苹果汁 阿克苏苹果榨, 阿克苏苹果鲜榨|果汁;
    `apart` from it too, where something else says that they are made of it.
    """
    title = sheet.title_text[:_TITLE]
    found = [*words.pattern("derived-heads").finditer(title)]
    if not found:
        return ""
    own = (*profile.names, *map(fold_text, profile.gi.product_words))
    spans = ((mention.start, mention.end),) if mention.segment is sheet.title else ()
    heads = Heads(sheet, words)
    as_grown = _AS_GROWN.search(sheet.listing.title[:400])
    if as_grown and any(heads.is_end(at) for product in profile.products for at in _ends(product, title)):
        return ""  # 东北大米 10斤 米糊: rice is sold
    for word in found:
        is_liquid = word.group() in words.words("derived-liquids")
        if any(word.group()[-1] in one for one in own) or (is_liquid and as_grown):
            continue
        if (
            spans
            and not apart
            and word.start() > mention.start
            and (word.start() < end or _is_parted(sheet, mention.end, word.start()))
        ):
            continue  # 砀山酥梨 榨汁 … 果汁: pears, and what to make of them
        spotted = Spotted("other-goods", word.group(), *word.span())
        if words.ending("derived-uses").search(title[max(0, word.end() - _LONGEST_USE) : word.end()]):
            continue  # 送礼收藏|自饮
        if heads.is_end(word.end()) and heads.role(spotted, spans) is not Role.NONE:
            return heads.shown(word.end(), spans)
    return ""


def amount_grown(text: str) -> bool:
    """True for a text that begins with so much of goods as they are grown: 12枚, 5kg."""
    return _AS_GROWN.match(text) is not None


def _is_parted(sheet: Sheet, start: int, end: int) -> bool:
    """True where a sign or a blank stands before a folded character of a span, or right after it."""
    return any(map(sheet.is_parted, range(start, end + 1)))


def _ends(word: str, text: str) -> list[int]:
    """Where a word ends each time that a text holds it."""
    return [found.end() for found in re.finditer(re.escape(word), text)] if word in text else []


def _named(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """Goods that stand right after the name, or after `做的`, whatever follows them."""
    goods, into = words.pattern("derived-goods"), _INTO.match(sheet.text, mention.end, mention.segment.end)
    start = into.end() if into else mention.end
    if not goods.match(sheet.text, start, mention.segment.end):
        return ""
    after = sheet.after(start, 6)
    found = goods.match(after)
    if not found or words.pattern("derived-exceptions").match(after):
        return ""
    if words.pattern("use-after").match(after, found.end()):
        return ""  # 普洱茶奶茶店专用
    word = found.group()
    return "" if any(word in own for own in profile.own_words) else word


def _made(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """Goods that end what follows on the name: 平阴玫瑰|鲜花饼."""
    limit = min(mention.segment.end, mention.end + _LONGEST)
    if not words.pattern("derived-kinds").search(sheet.text, mention.end, limit):
        return ""  # most names have none after them
    run = _run(sheet, mention, mention.end)
    found = words.ending("derived-kinds").search(run)
    if not found or _is_of_its_kind(profile, run, found.group()):
        return ""
    return "" if words.made_before.search(run, 0, found.start()) else run  # 五常大米做蛋糕


def _tasting(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """What the name gives its taste: it follows on 味 and ends with a word for food, and not for the GI's own goods."""
    flavour = words.pattern("flavour-words").match(sheet.text, mention.end, mention.segment.end)
    run = _run(sheet, mention, flavour.end()) if flavour else ""
    found = words.ending("goods-kinds").search(run) if len(run) > 1 else None
    return run if found and not _is_of_its_kind(profile, run, found.group()) else ""


def _run(sheet: Sheet, mention: Mention, start: int) -> str:
    """The characters from `start`, which follows on the name, up to a sign, a blank or a measure; empty where they are too many."""
    if any(map(sheet.is_parted, range(mention.end, min(start + 1, mention.segment.end)))):
        return ""
    found = _CHARACTERS.match(sheet.text, start, sheet.unparted(mention.start, start, _LONGEST)[1])
    run = found.group() if found else ""
    return run if len(run) < _LONGEST else ""


def _is_of_its_kind(profile: Profile, run: str, word: str) -> bool:
    """True where a compound names goods of the GI's own kind: 味 before 绿茶 for a tea."""
    return any(word in own for own in profile.own_words) or any(
        product in run or product[-1] in run for product in profile.strong
    )
