"""A name that is denied, warned of, or set beside other goods: N13 of the catalogue.

The word must govern the name itself. 不是陈米 五常大米 denies other rice, 谨防假冒 五常大米 is a stock phrase before a
name that is sold, 非五常大米不选 and 不是五常大米，假一赔十 praise what they seem to deny: none of them says anything here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from gimonitor.model.enums import quick
from gimonitor.model.finding import Clearing, Origin
from gimonitor.screening.areas import says_of
from gimonitor.screening.divisions import regions_in
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.referrals import may_refer, referral, says_lacking
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.normalise import BREAK
from gimonitor.text.quantities import quantity

_BEFORE, _AFTER, _NEAR, _GAP = 14, 12, 8, 3  # characters: before a name, after it, for a closing word, and before that
_QUOTES = "“”\"'‘’「『《〈"
_OPENERS = "【[（("
_ANSWER = re.compile(
    r"(?:(?P<asked>[吗么嘛]).{0,4}?|.{0,2}?)(?:不是|不算|不能算|算不上|不属于|并非|没有)"
)  # 是阳澄湖大闸蟹吗？答：不是
_DOUBLED = 8  # characters before a denial in which another one turns it round: 不香不敢叫五常大米
_SPOTS = frozenset(
    ("关", "村", "镇", "乡", "湖", "岛", "坞", "岭", "坑", "区", "场", "坝", "寨", "峰")
)  # last characters of places that are no divisions
_SHORTEST_SPOT, _LONGEST_SPOT = 2, 6
_TIGHT = "比"  # 和西湖龙井比 日照绿茶: what ends so and is followed by a blank looks back


@quick
class Said(StrEnum):
    """What is said of a name by the word before it; each is a group of words."""

    DENIED = "negations"
    MISTAKEN = "negation-mistakings"
    COMPARED = "comparisons"
    WARNED = "warnings"
    SENT = "referral-buyings"


def negated(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Said to be something else, or set beside it for comparison.

    A denial is decisive. A comparison is where other goods are named, a warning where nothing is offered by measure,
    and both are where the name comes again, to be judged there; else they only lower: one word would be an easy way out.
    What sends the buyer to another seller is told by `referrals`.
    """
    if mention.how is How.INVERTED:  # it is the place that is denied: 香梨 非库尔勒
        mention = mention._replace(start=mention.end - len(profile.core))
    left = max(mention.segment.start, mention.start - _BEFORE)
    if _hint(words).search(sheet.text, left, mention.start):
        governed = _governing(profile, mention, sheet, words, left)
        if governed:
            return _clearing_by(*governed, profile, mention, sheet, words)
    if may_refer(sheet, mention):
        if _is_answered_no(profile, mention, sheet, words, left):
            return _clear(profile, mention, sheet, "名称在问句里，答复是否定的")
        elsewhere = referral(profile, mention, sheet, words)
        if elsewhere:
            return _clear(profile, mention, sheet, elsewhere.reason, elsewhere.is_sure)
    if words.pattern("comparison-closers").search(sheet.text, mention.end, mention.end + _NEAR):
        return _beside(profile, mention, sheet, words, left)
    return None


@lru_cache(maxsize=16)
def _hint(words: Vocabulary) -> re.Pattern[str]:
    """Any of the words: most names have none before them, and one search tells; side by side, for `re` skips to their first characters."""
    return re.compile("|".join(re.escape(word) for said in Said for word in sorted(words.words(said))) or r"(?!)")


def _clearing_by(
    said: Said, word: str, profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary
) -> Clearing | None:
    in_title = mention.segment is sheet.title
    again = sheet.text.find(sheet.text[mention.start : mention.end], mention.end, mention.segment.end) >= 0
    match said:
        case Said.DENIED | Said.MISTAKEN:
            if _is_undone(sheet, mention.end, mention.segment.end, words):
                return None
            doubled = word in words.words("negation-callings") and _is_doubled(profile, mention, sheet, words, word)
            about = "，但前面另有否定，可能是反话" if doubled else ""
            reason = f"名称之前的“{word}”否定的就是该名称{about}"
            if said is Said.MISTAKEN:
                reason = f"名称与“{word}”连用，提醒商品不是该名称的商品"
            return _clear(profile, mention, sheet, reason, not doubled)
        case Said.COMPARED:
            if _is_substitute(mention, sheet, words):
                return None
            others = again or _names_other_goods(profile, sheet, mention)
            about = "" if others else "，但没有写明所售的另一种商品"
            return _clear(profile, mention, sheet, f"名称与“{word}”连用，是比较的说法{about}", others)
        case Said.WARNED:
            offered = _is_offered(sheet) and not again and (in_title or profile.core in sheet.title_text)
            about = "，但标题写有规格，像是在售商品" if offered else ""
            return _clear(profile, mention, sheet, f"名称与“{word}”连用，是打假、提醒的说法{about}", not offered)
        case Said.SENT:
            lacks = says_lacking(sheet, mention, words)
            about = "" if lacks else "，但没有写明本店不售"
            return _clear(profile, mention, sheet, f"名称与“{word}”连用，是请买家另购的说法{about}", lacks)


def _is_doubled(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, word: str) -> bool:
    """True where another denial stands shortly before one, and not of the place: 不香不敢叫五常大米, but 没在阳澄湖养 不敢叫阳澄湖大闸蟹,
    产地不同 不叫五常大米."""
    at = sheet.text.rfind(word, mention.segment.start, mention.start)
    before = words.pattern("negation-differences").sub("", sheet.text[max(mention.segment.start, at - _DOUBLED) : at])
    return words.pattern("negation-nots").search(before) is not None and not (profile.core and profile.core in before)


def _is_substitute(mention: Mention, sheet: Sheet, words: Vocabulary) -> bool:
    """True where the goods are called a substitute right after the name: 不输五常大米的平替."""
    at = mention.end + sheet.text.startswith("的", mention.end)
    return words.pattern("comparison-substitutes").match(sheet.text, at, mention.segment.end) is not None


def _governing(
    profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, left: int
) -> tuple[Said, str] | None:
    """The word before a name whose object it is, and what it says."""
    stands = words.pattern("negation-standing").match(sheet.text, mention.end, mention.segment.end) is not None
    for lead in _leads(profile, sheet.text[left : mention.start], words, stands):
        if words.ending("negation-exceptions").search(lead):
            return None
        for said in Said:
            found = words.ending(said).search(lead)
            if found and (said is not Said.MISTAKEN or _is_mistake(found, mention, sheet, words)):
                joined = _is_joined(said, found.group(), sheet, left + len(lead), mention.start)
                return (said, found.group()) if joined else None
    return None


def _is_mistake(found: re.Match[str], mention: Mention, sheet: Sheet, words: Vocabulary) -> bool:
    """True where goods are wrongly taken for others, or are not to be: 误认成, 请勿|当成, 不要|把它|当; not 误以为五常大米都贵."""
    word, before = found.group(), found.string[: found.start()]
    if word[0] in "误错":
        return not word.endswith("为") or not sheet.after(mention.end, 1)
    thing = words.ending("negation-objects").search(before)
    return words.ending("negation-bans").search(before[: thing.start()] if thing else before) is not None


def _leads(profile: Profile, before: str, words: Vocabulary, stands: bool = False) -> Iterator[str]:
    """The text before a name, then without the 正宗, 什么 or wider place at its end, one after another: 不是|黑龙江|正宗.

    Where `stands`, the denial is meant, and may deny a kind: 不是|蒸青的|恩施玉露，别买错了.
    """
    at = len(before)
    while at >= 0:
        before = before[:at].rstrip()
        yield before
        filler = words.ending("negation-fillers").search(before)
        at = filler.start() if filler else _place_at_end(profile, before)
        if at < 0 and (stands or before[-1:] in _SPOTS):
            at = _denied_kind(before, words)


def _place_at_end(profile: Profile, before: str) -> int:
    """Where a place begins that the text ends with and the area may lie in; -1 where there is none."""
    if profile.foreign and (country := profile.gi.city[:2]) and before.endswith(country):
        return len(before) - len(country)
    found = regions_in(before) if len(before) >= 2 else ()
    if found and found[-1].end == len(before) and says_of(profile, before[found[-1].start :]) is not Origin.OUTSIDE:
        return found[-1].start
    return -1


def _denied_kind(before: str, words: Vocabulary) -> int:
    """Where a place that no division is called by, or a kind, begins right after a denial: 不是|桐木关; -1 where there is none."""
    for length in range(_SHORTEST_SPOT, _LONGEST_SPOT + 1):
        if words.ending(Said.DENIED).search(before[:-length]):
            return -1 if words.pattern("negation-grades").match(before, len(before) - length) else len(before) - length
    return -1


def _is_joined(said: Said, word: str, sheet: Sheet, end: int, start: int) -> bool:
    """True where nothing parts the word from the name but quotes, and for most words a blank or an opening bracket."""
    folded = sheet.folded
    between = folded.raw[folded.raw_at(end - 1) + 1 : folded.raw_at(start)]
    loose = said is not Said.WARNED and not word.endswith(_TIGHT)
    return all(c.isalnum() or c in _QUOTES or (loose and (c.isspace() or c in _OPENERS)) for c in between)


def _is_undone(sheet: Sheet, at: int, limit: int, words: Vocabulary) -> bool:
    """True where a word right after a place turns the denial before it into praise, also after a comma."""
    after = sheet.text[at : min(limit, at + _AFTER)]
    found = words.pattern("negation-undoing").search(after)
    return found is not None and found.start() <= 2 and words.pattern("negation-standing").match(after) is None


def _is_answered_no(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, left: int) -> bool:
    """True where a question about the name is answered by no more than a no: 是不是新会陈皮 不是, but 是五常大米吗？不是不要钱."""
    text, limit = sheet.text, mention.segment.end
    found = _ANSWER.match(text, mention.end, limit)
    if found is None:
        return False
    asks = words.ending("negation-questions")
    if not found["asked"] and not any(asks.search(lead) for lead in _leads(profile, text[left : mention.start], words)):
        return False
    at = found.end()
    if words.ending("negation-exceptions").search(found.group()):
        return False  # 是不是五常大米，怎么不是
    whole = at == limit or sheet.is_parted(at) or text[at] in words.words("negation-answers")
    whole = whole or text.startswith(profile.names, at)
    return whole and not _is_undone(sheet, at, limit, words)


def _names_other_goods(profile: Profile, sheet: Sheet, mention: Mention) -> bool:
    """True where title or clause name goods of the kind, or a place outside the area, beside the GI's names: 媲美五常大米 东北珍珠米."""
    rest = BREAK.join(
        (sheet.title_text, sheet.text[mention.segment.start : mention.start][-40:], sheet.after(mention.end, 40))
    )
    for name in (*profile.names, sheet.text[mention.start : mention.end]):
        rest = rest.replace(name, BREAK)
    return any(product in rest for product in profile.products) or says_of(profile, rest) is Origin.OUTSIDE


def _beside(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, left: int) -> Clearing | None:
    """和五常大米一样香, 别拿它和西湖龙井比, 龙井茶的区别, 假的五常大米不要买: a word after the name tells."""
    after = sheet.after(mention.end, _NEAR)
    found = words.pattern("comparison-closers").search(after)
    if found is None or found.start() > _GAP:
        return None
    word, end = found.group(), mention.end + found.end()
    if word in words.words("comparison-questions"):
        return _clear(profile, mention, sheet, f"名称之后有“{word}”，名称用于比较", _is_aside(profile, mention, sheet))
    if word == _TIGHT and after[found.end() :] and not sheet.is_parted(end):
        return None  # 盘锦大米和五常大米比普通米香: both are sold
    warned = word in words.words("warning-closers")
    openers = words.ending("warning-openers" if warned else "comparison-openers")
    for lead in _leads(profile, sheet.text[left : mention.start], words):
        opener = openers.search(lead)
        if opener and _is_joined(Said.COMPARED, opener.group(), sheet, left + len(lead), mention.start):
            if warned:
                reason = f"“{opener.group()}……{word}”是打假、提醒的说法"
                return _clear(profile, mention, sheet, reason, _is_aside(profile, mention, sheet))
            meant = "说明两者不是一回事" if word in words.words("negation-closers") else "是比较的说法"
            return _clear(profile, mention, sheet, f"“{opener.group()}……{word}”{meant}")
    return None


def _is_aside(profile: Profile, mention: Mention, sheet: Sheet) -> bool:
    """True where the name is not what is offered: the title, which has nothing of it, names the goods, or states no measure."""
    shown = (profile.core,) if profile.core else profile.names
    named = mention.segment is sheet.title or any(name in sheet.title_text for name in shown)
    return not named or not _is_offered(sheet)


def _is_offered(sheet: Sheet) -> bool:
    """True where the title says how much there is of the goods: 10斤, 250g*2."""
    return quantity(sheet.listing.title[:400]) != quantity("")


def _clear(profile: Profile, mention: Mention, sheet: Sheet, reason: str, decisive: bool = True) -> Clearing:
    place = sheet.place(mention.start, mention.end)
    return Clearing(code="N13", reason=reason, decisive=decisive, place=place, gi_id=profile.gi.id)
