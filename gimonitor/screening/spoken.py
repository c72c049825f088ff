"""Places that a text tells without announcing them: after the goods (大枣：新疆和田) or before what is done with them (新昌原料, 定陶种的).

Whose a place is, is told as after a label; what is not plainly said of the goods says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from gimonitor.model.listing import Field
from gimonitor.register.regions import beginnings
from gimonitor.screening.divisions import ends, regions_in
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.subjects import Of, follows_others, names_others, said, subject_of, thing_at_end
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.normalise import BREAK

Span = tuple[int, int]

_SIGNS = frozenset("：:（(—-")
_SIGN = re.compile(r"[：:（(—-]+\s*(?=[\u4e00-\u9fff])")
_PIECE = re.compile(r"[\u4e00-\u9fff]+$")
_PLACE = 14  # characters after a sign, or before a word, in which a place is looked for
_LONGEST = 16  # characters of goods before a sign
_HANDLED = re.compile(r"(?:[仓寄店]|发[货出]|[包分]装|加工)")  # what is done elsewhere with goods: 五常大米（沈阳仓）
_HANDLING = 6  # characters after a place in which that is told
_RUNNING = (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.DESCRIPTION)
_ASIDE = ("origin-asides", "origin-comparisons", "origin-elsewhere")
_NOT_TOLD = frozenset(
    ("也", "比", "和", "与", "跟", "同", "不", "没", "很", "更", "吗", "冒", "季", "期", "节", "游", "膜")
)  # 广西的柑皮|也不错, 云南采摘|季, 山东大棚|膜
_DENIALS = frozenset(("不", "非", "无", "没", "别", "拒", "绝", "杜", "防", "假"))
_LOCAL = re.compile(r"(?:[^人在到从和与跟来去我他她的一]{0,6}[湖江河海山岛镇乡村街寨沟塘])?$")  # 高邮|湖, 恭城|莲花镇
_LOCAL_ENDS = frozenset(("湖", "江", "河", "海", "山", "岛", "镇", "乡", "村", "街", "寨", "沟", "塘"))
_TOWN = re.compile(r"[\u4e00-\u9fff]{2,5}?(?:镇|乡|街道|村)")
_FEW = 4  # mentions of a town looked at
_STORY = 20_000  # characters of a description that are read for places told without a label
_MANY = 16  # signs after goods, and places after words of the first person, looked at
_GOODS = 7  # characters in which 的 and goods stand after a place
_BROUGHT = re.compile(r"(?![在到来拉运过暂放养包打混冒][^，。]{0,6}(?:不|没))(?:$|[在到来拉运过暂放养包打混])")


def places_after_goods(profile: Profile, sheet: Sheet) -> Iterator[Span]:
    """Places in the description that stand after a colon, a dash or in brackets after nothing but the goods; where the name itself stands so, only those after it."""
    text = sheet.listing.description[:_STORY]
    found: list[tuple[bool, Span]] = []
    for at in _signs_after(text, _last_of_goods(profile))[:_MANY]:
        sign, goods = _SIGN.match(text, at), _PIECE.search(text[max(0, at - _LONGEST) : at])
        what = goods.group() if goods else ""
        named = what in profile.names
        if sign and (named or _is_goods(profile, what)):
            assert sheet.description is not None
            place = _place_at(sheet, sheet.folded.folded_at(sheet.description.raw_start + sign.end()))
            if place and not _HANDLED.search(sheet.after(place[1], _HANDLING)):
                found.append((named, place))
    by_name = any(named for named, _ in found)
    yield from (place for named, place in found if named or not by_name)


@lru_cache(maxsize=20_000)  # profiles are told apart by identity, so that hashing them costs nothing
def _last_of_goods(profile: Profile) -> frozenset[str]:
    """The last characters of the names of a GI, and of words for its goods."""
    return frozenset(word[-1] for word in (profile.gi.name, *profile.names, *profile.own_products))


def _signs_after(text: str, characters: Iterable[str]) -> list[int]:
    """Where signs stand right after one of some characters, in order; one character after another is found sooner than all signs."""
    found: list[int] = []
    for character in characters:
        at = text.find(character) + 1
        while at:
            if text[at : at + 1] in _SIGNS:
                found.append(at)
            at = text.find(character, at) + 1
    return sorted(found)


def _is_goods(profile: Profile, what: str) -> bool:
    """True for a word for the goods, or what their name ends with: 枸杞 for 宁夏枸杞."""
    return bool(what) and (what in profile.own_products or profile.gi.name.endswith(what))


def _place_at(sheet: Sheet, start: int) -> Span | None:
    """The place that a text begins with, with all wider ones before it."""
    text = sheet.text[start : start + _PLACE].partition(BREAK)[0]
    if text[:2] not in beginnings():
        return None
    end = 0
    for region in regions_in(text):
        if region.start > end:
            break
        end = max(end, region.end)
    return (start, start + end) if end else None


def places_before_words(
    profile: Profile, sheet: Sheet, words: Vocabulary, tails: Sequence[Span]
) -> Iterator[tuple[Span, Span]]:
    """Places right before raw goods or what is done with them, of the goods of a GI: the place, and the place with the word."""
    last = _last_characters(words)
    for start, end in tails:
        if sheet.text[start - 1 : start] not in last or sheet.segment_at(start).field not in _RUNNING:
            continue
        before = sheet.before(start, _PLACE)
        place = _place_before(_without_owner(before, words))
        if place is None:
            continue
        first = start - len(before) + place[0]
        if sheet.text.startswith(profile.names, first):
            continue  # 莱阳|梨园 is 莱阳梨|园
        shown = sheet.text[first : start - len(before) + place[1]]
        tail, after = sheet.text[start:end], sheet.after(end, _PLACE)
        text = said(sheet, first, end - 1 if tail.endswith("的") else end, shown)  # what follows 的 may be other things
        if after[:1] in _NOT_TOLD or any(words.pattern(group).search(after) for group in _ASIDE):
            continue
        if tail not in words.words("origin-doings") and thing_at_end(profile, tail, words) is not Of.GOODS:
            continue
        if after and tail.endswith("的") and not sheet.is_parted(end) and names_others(profile, after, words):
            continue  # 上海做的检测
        if subject_of(profile, text, words) is Of.GOODS and not follows_others(profile, text, words):
            yield (first, first + len(shown)), (first, end)


def places_of_ours(profile: Profile, sheet: Sheet, words: Vocabulary) -> Iterator[Span]:
    """Places in the description by which a seller calls the goods his own: 我们陕西礼泉的苹果卖相好."""
    for first, at in _after_ours(sheet, words):
        span = _place_at(sheet, at)
        if span and _is_of_ours(profile, sheet, first, span, words):
            yield span


@lru_cache(maxsize=1)  # a listing is asked about each GI that it names; sheets are told apart by identity
def _after_ours(sheet: Sheet, words: Vocabulary) -> list[tuple[int, int]]:
    """Where words of the first person stand in the description, and where a place may begin after each."""
    found: list[tuple[int, int]] = []
    assert sheet.description is not None
    text, known, start = sheet.text, beginnings(), sheet.description.start
    last = min(sheet.description.end, start + _STORY)
    begins, ours = _first_person(words)
    for character in begins:
        first = text.find(character, start, last)
        while first >= 0:
            word = ours.match(text, first)
            if word and text[word.end() : word.end() + 2] in known:
                found.append((first, word.end()))
            first = text.find(character, first + 1, last)
    return sorted(found)[:_MANY]


@lru_cache(maxsize=4)  # vocabularies are told apart by identity
def _first_person(words: Vocabulary) -> tuple[frozenset[str], re.Pattern[str]]:
    """The first characters of the words of the first person, and what matches one with all that may follow it before a place."""
    begins = frozenset(word[0] for word in words.words("origin-first-person"))
    return begins, re.compile(words.pattern("origin-first-person").pattern + "们?家?")


def _is_of_ours(profile: Profile, sheet: Sheet, first: int, place: Span, words: Vocabulary) -> bool:
    """True where 的 and the goods follow a place, which are not compared."""
    after = sheet.after(place[1], _PLACE)
    goods = next((n for n in range(_GOODS, 1, -1) if words.is_of_goods(after[1:n], profile)), 0)
    if after[:1] != "的" or not goods or after[goods : goods + 1] in _NOT_TOLD:
        return False
    if any(words.pattern(group).search(after) for group in _ASIDE):
        return False
    text = said(sheet, first, place[1], sheet.text[slice(*place)])
    return subject_of(profile, text, words) is not Of.OTHERS


@lru_cache(maxsize=4)  # vocabularies are told apart by identity
def _last_characters(words: Vocabulary) -> frozenset[str]:
    """What stands right before a word that a place is told by: the end of a division, of a town or water, or of whose it is."""
    return ends() | _LOCAL_ENDS | {word[-1] for word in words.words("origin-whose")}


def _without_owner(text: str, words: Vocabulary) -> str:
    """A text without the words at its end that say whose or who: 河北蔚县 before 老乡自己."""
    whose = words.ending("origin-whose")
    while found := whose.search(text):
        text = text[: found.start()]
    return text


def place_of_town(sheet: Sheet, text: str) -> Span | None:
    """The division that the listing names before a town, where nothing but a town is stated: 金乡 in 山东金乡鱼山镇 for 鱼山镇.

    Not in the name of a shop or a brand, nor of a town of the same name.
    """
    town = _TOWN.match(text)
    at = sheet.text.find(town[0]) if town else -1
    for _ in range(_FEW):
        if town is None or at < 0:
            return None
        if _follows_division(sheet, at) and sheet.segment_at(at).field not in (Field.SHOP, Field.BRAND):
            before = sheet.before(at, _PLACE)
            place = _place_before(before)
            if place and place[1] == len(before):
                return at - len(before) + place[0], at + len(town[0])
        at = sheet.text.find(town[0], at + 1)
    return None


def _follows_division(sheet: Sheet, at: int) -> bool:
    """True where a word stands after what may end the name of a division, and after no comma."""
    return sheet.text[at - 1 : at] in ends() and sheet.folded.raw[sheet.folded.raw_at(at) - 1] not in ",，、"


def _place_before(text: str) -> Span | None:
    """The place that a text ends with, with all wider ones before it: 山东菏泽定陶; 高邮 in 高邮湖, 恭城 in 恭城莲花镇."""
    end = len(text)
    regions = [*regions_in(text)]
    if not regions or (regions[-1].end != end and _LOCAL.fullmatch(text, regions[-1].end) is None):
        return None
    return regions[-1].start, end


def brought(profile: Profile, sheet: Sheet, words: Vocabulary, hits: Sequence[Span]) -> Iterator[Span]:
    """Words by which the goods themselves are said to be brought from elsewhere: 外地蟹, 洗澡蟹; not where that is denied or compared."""
    ends = {product[-1] for product in profile.own_products}
    for start, end in hits:
        kind = sheet.text[end - 1]
        if sheet.segment_at(start).field not in _RUNNING or (kind not in ends and kind not in "货料"):
            continue
        if not _DENIALS.isdisjoint(sheet.before(start, _PLACE)):
            continue  # 绝无洗澡蟹、外地蟹过水
        text = said(sheet, start, end, "")
        after = sheet.after(end, 8)
        if _BROUGHT.match(after) and subject_of(profile, text, words) is Of.GOODS:
            yield start, end
