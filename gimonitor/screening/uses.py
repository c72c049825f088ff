"""A name that says what other goods are for, or what a vessel holds: N09 of the catalogue."""

from __future__ import annotations

import re

from gimonitor.model.finding import Clearing
from gimonitor.screening.clearings import clear
from gimonitor.screening.mentions import Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_PURPOSE = re.compile(r"(?:大米|茶叶?|酒|壶)?(?:专用(?!标[志识])|适用(?!人群|对象|于各)|通用|配套|伴侣|的?好搭档)")
_VESSEL = re.compile(r"[罐盒桶箱袋坛瓶杯缸壶柜](?!装)")
_WEIGHT = re.compile(r"\d ?(?:kg|g|克|千克|公?斤|两|只|枚|个)|[一二两三四五半]斤")
_LIST = 24  # characters in which goods are listed before or after what holds them
_LONGEST = 10  # characters of a name
_AND = frozenset(("和", "或", "及", "与", "等"))


def held(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """What a vessel can hold: 空白礼盒 可装龙井白茶, 米桶 五常大米盘锦大米都能装; names between belong to the same list.

    Lowers only where the title says that something is printed.
    """
    title = sheet.title_text
    if not _VESSEL.search(title):
        return None
    said = _held_before(mention, sheet, words) or _held_after(mention, sheet, words)
    if not said:
        return None
    decisive = words.pattern("packaging-printed").search(title) is None
    return clear("N09", profile, said, sheet, mention.start, mention.end, decisive)


def _held_before(mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    verbs = words.pattern("holding-verbs")
    if not verbs.search(sheet.text, max(0, mention.start - _LIST), mention.start):
        return ""
    before = sheet.before(mention.start, _LIST)
    found = [*verbs.finditer(before)]
    if not found:
        return ""
    verb = found[-1]
    if len(verb.group()) == 1 and not _is_of_vessel(mention, sheet, mention.start - len(before) + verb.start()):
        return ""
    if not _is_list(before[verb.end() :], words):
        return ""
    return f"名称之前有“{verb.group()}”，说明容器装什么"


def _is_of_vessel(mention: Mention, sheet: Sheet, at: int) -> bool:
    """True for a word of one character that stands by itself in the title, with no measure of goods after it: 米桶 装五常大米."""
    if mention.segment is not sheet.title or not sheet.is_parted(at):
        return False
    return _WEIGHT.search(sheet.text, mention.end, mention.segment.end) is None


def _held_after(mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """A word at the end of a clause by which the vessel named before holds all that is listed."""
    if mention.segment is sheet.title and not _VESSEL.search(sheet.title_text, 0, mention.start - sheet.title.start):
        return ""
    closers = words.pattern("holding-closers")
    if not closers.search(sheet.text, mention.end, mention.end + _LIST):
        return ""
    after = sheet.after(mention.end, _LIST)
    verb = closers.search(after)
    if verb is None or not _is_list(after[: verb.start()], words):
        return ""
    end = mention.end + verb.end()
    if after[verb.end() :] and not sheet.is_parted(end):
        return ""
    return f"名称之后有“{verb.group()}”，说明容器装什么"


def _is_list(text: str, words: Vocabulary) -> bool:
    """True for nothing but names of GIs and words for goods, one after another."""
    at = 0
    while at < len(text):
        ends = range(min(len(text), at + _LONGEST), at, -1)
        end = next(
            (e for e in ends if text[at:e] in words.homes or text[at:e] in words.things or text[at:e] in _AND), 0
        )
        if not end:
            return False
        at = end
    return True


def purpose(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Says what other goods are for: 五常大米专用米桶; not 专用礼盒装, where no empty boxes are sold."""
    found = _PURPOSE.match(sheet.text, mention.end, min(mention.segment.end, mention.end + 6))
    if found is None:
        return None
    its_own = words.pattern("purpose-exceptions").match(sheet.text, found.end(), mention.segment.end)
    if its_own and not words.pattern("packaging").search(sheet.text, its_own.end(), mention.segment.end):
        return None
    return clear("N09", profile, "名称说明用途或者适用对象", sheet, mention.start, mention.end)
