"""Where goods come from, as far as a listing tells: inside, outside or unknown, with the words that say so.

What the seller states as origin weighs most, then the region in a production licence number, as far as it speaks for the
area, then a place written right before the name; where goods are sent from weighs little, for it may be a warehouse,
and the seat in the name of a maker least.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from gimonitor.model.finding import Origin
from gimonitor.model.listing import Field
from gimonitor.model.register import text_of
from gimonitor.register.latin import read_latin
from gimonitor.register.regions import (
    Region,
    beginnings,
    named_divisions,
    origin_of,
    region,
)
from gimonitor.screening.areas import names_other_place_abroad, says_of
from gimonitor.screening.dictionary import is_word
from gimonitor.screening.divisions import counties, ends, is_division, is_town, regions_in
from gimonitor.screening.evidence import LICENCE, OPEN, SEAT, WRITTEN, OriginEvidence, OriginVerdict
from gimonitor.screening.makers import makers_seats
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.spoken import brought, place_of_town, places_after_goods, places_before_words, places_of_ours
from gimonitor.screening.subjects import Of, is_home_of_goods, is_made, said, subject_in_latin, subject_of, thing_at_end
from gimonitor.screening.vocabulary import Labels, Vocabulary
from gimonitor.text.codes import find_sc, sc_adcode
from gimonitor.text.keys import is_one_of
from gimonitor.text.normalise import BREAK

_TITLE = 400  # characters of a title looked at
_SENTENCE_END = re.compile(r"[.。;；!！?？|\n\uffff]")
_LATIN_PLACE = 60  # characters after a label in English
_NO = frozenset("不非没")
_PRODUCED = re.compile(r"原?产(?![品地区量业自于出销后值妇])")
_LONGEST_COUNTY = 15  # characters
_FEW = 16  # labels, and attributes that state an origin, looked at in one listing
_INSIDE, _OUTSIDE, _UNKNOWN = Origin  # a look-up each costs a call
_STATED, _PREFIX, _SENT = 1.0, OPEN, 0.4
_PLACE_KEY, _HAN = "产地", re.compile(r"[\u4e00-\u9fff]+")
_ELSEWHERE = frozenset({Field.ATTRIBUTES, Field.KEYWORDS, Field.SHOP, Field.BRAND})  # no running text


_NOTHING_SAID = OriginVerdict(Origin.UNKNOWN, 0, ())


def judge_origin(
    profile: Profile,
    sheet: Sheet,
    words: Vocabulary,
    starts: tuple[int, ...],
    labels: Labels,
    beside: Sequence[Profile] = (),
) -> OriginVerdict:
    """Weigh what a listing says about origin for one GI. `starts` are folded positions of its mentions, `beside` other GIs that are named."""
    evidence = _stated(profile, sheet, words)
    if labels.words:
        evidence += _written(profile, sheet, words, _followed(sheet, labels.words[:_FEW]))
    if labels.tails or labels.brought:
        evidence += _spoken(profile, sheet, words, labels)
    if "产" in sheet.title_text:
        evidence += _produced(profile, sheet, words)
    if labels.has_licence:
        evidence += _licences(profile, sheet)
    if starts:
        evidence += _prefixes(profile, sheet, starts)
        evidence += _within(profile, sheet, words, starts)
    evidence += _sent(profile, sheet, words)
    evidence += makers_seats(profile, sheet, words)
    if len(evidence) > 1:
        evidence.sort(key=_lightness)  # what is left open comes after a licence
    verdict = _weighed(tuple(evidence)) if evidence else _NOTHING_SAID
    if profile.foreign and verdict.value is _INSIDE:
        verdict = _without_country_alone(verdict, profile, words)
    if verdict.value is _INSIDE or not sheet.listing.description:
        return verdict
    return _with_parts(verdict, profile, sheet, words, beside)


def _without_country_alone(verdict: OriginVerdict, profile: Profile, words: Vocabulary) -> OriginVerdict:
    """The verdict, open where another field names a place that is not the name's own: 原产国 法国, 产区 卢瓦尔河谷 for 香槟."""
    others = (one for one in verdict.saying(_UNKNOWN) if one.is_stated)
    if any(names_other_place_abroad(profile, one.text, words) for one in others):
        return OriginVerdict(_UNKNOWN, 0, verdict.evidence)
    return verdict


def _with_parts(
    verdict: OriginVerdict,
    profile: Profile,
    sheet: Sheet,
    words: Vocabulary,
    beside: Sequence[Profile],
) -> OriginVerdict:
    """The verdict with the places that the description gives after the goods. What is stated of a set counts less where it is the place
    of another part: 大米：黑龙江五常；小米：山西沁县."""
    told = []
    for start, end in (*places_after_goods(profile, sheet), *places_of_ours(profile, sheet, words)):
        says = says_of(profile, sheet.text[start:end], words)
        shown, where = sheet.folded.shown(start, end), partial(sheet.place, start, end)
        told.append(OriginEvidence("文字说明的产地", shown, says, WRITTEN, where))
    if not told:
        return verdict
    kept = [
        one
        for one in verdict.evidence
        if one.says is not _OUTSIDE or all(says_of(other, one.text, words) is not _INSIDE for other in beside)
    ]
    return _weighed(tuple(sorted([*told, *kept], key=_lightness)))


def _spoken(profile: Profile, sheet: Sheet, words: Vocabulary, labels: Labels) -> Iterator[OriginEvidence]:
    """Places that are told without a label, and goods that are said to be brought from elsewhere."""
    for (start, end), whole in places_before_words(profile, sheet, words, labels.tails[:_FEW]):
        says, shown = says_of(profile, sheet.text[start:end], words), sheet.folded.shown(start, end)
        yield OriginEvidence("文字说明的产地", shown, says, WRITTEN, partial(sheet.place, *whole))
    for start, end in brought(profile, sheet, words, labels.brought[:_FEW]):
        where = partial(sheet.place, start, end)
        yield OriginEvidence("文字说明的货源", sheet.folded.shown(start, end), _OUTSIDE, WRITTEN, where)


def _lightness(one: OriginEvidence) -> float:
    return -one.weight


def _followed(sheet: Sheet, labels: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Labels that a place may follow, or a text in English; most are followed by something else. None that is part of a longer one."""
    text, known = sheet.text, beginnings()
    followed = [
        label
        for label in labels
        if text[(at := label[1]) : at + 2] in known
        or text[at + 1 : at + 3] in known
        or text[at + 2 : at + 4] in known
        or text[at - 1].isascii()
    ]
    return [label for label in _whole(labels) if label in followed] if followed else followed


def _whole(labels: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Labels, ordered by end, that are no part of a longer one: 原产地 is not 原产 too."""
    whole: list[tuple[int, int]] = []
    for start, end in labels:
        while whole and start <= whole[-1][0]:
            whole.pop()
        if not whole or whole[-1][1] < end:
            whole.append((start, end))
    return whole


def _weighed(evidence: tuple[OriginEvidence, ...]) -> OriginVerdict:
    """What the weightiest evidence says that says anything of the goods; UNKNOWN where it contradicts itself. Sorted by weight already."""
    weight, says = 0.0, _UNKNOWN
    for one in evidence:
        if says is not _UNKNOWN and one.weight < weight:
            break
        if one.says is _UNKNOWN or one.says is says or one.is_seat_elsewhere:
            continue
        if says is not _UNKNOWN:
            return OriginVerdict(_UNKNOWN, 0, evidence)
        weight, says = one.weight, one.says
    if says is _UNKNOWN or (weight <= _SENT and says is not _INSIDE):
        return OriginVerdict(_UNKNOWN, 0, evidence)
    return OriginVerdict(says, weight, evidence)


def _stated(profile: Profile, sheet: Sheet, words: Vocabulary) -> list[OriginEvidence]:
    """What the seller states as origin. Beside it the address of a maker who may only pack what others grow weighs less."""
    found: list[OriginEvidence] = []
    if sheet.listing.origin:
        origin = sheet.listing.origin
        found.append(OriginEvidence("标示产地", origin, _says_stated(profile, sheet, origin, words), _STATED))
    stating = [number for number in _stating(sheet.keys, words) if _is_key_of(profile, sheet.keys[number], words)]
    for number in stating[:_FEW]:
        segment = sheet.segment(sheet.attributes + number)
        if segment.end > segment.start:
            shown = sheet.folded.shown(segment.start, segment.end)
            says = _says_stated(profile, sheet, shown, words)
            where = partial(sheet.place, segment.start, segment.end)
            weight = SEAT if is_one_of(segment.key, words.words("address-keys")) else _STATED
            found.append(OriginEvidence(f"商品属性“{segment.key}”", shown, says, weight, where))
    seats = [one for one in found if one.weight == SEAT]
    if seats and (len(seats) == len(found) or is_made(profile, words)):
        found = [one._replace(weight=_STATED) for one in found]
    return sorted(found, key=_in_order) if len(found) > 1 else found


def _says_stated(profile: Profile, sheet: Sheet, text: str, words: Vocabulary) -> Origin:
    """What a stated origin says; of a town alone, what the division says that the listing names before it elsewhere."""
    says = says_of(profile, text, words)
    if says is not _UNKNOWN or profile.foreign or text[:1].isascii() or regions_in(short := folded(text[:40])):
        return says
    place = place_of_town(sheet, short)
    return says_of(profile, sheet.text[slice(*place)], words) if place else says


@lru_cache(maxsize=4096)  # the keys of attributes are few
def is_origin_key(key: str, words: Vocabulary) -> bool:
    """True for the name of an attribute that states where something comes from: 产地, Place of Origin, 黄酒产地."""
    return any(is_one_of(key, words.words(group)) for group in ("origin-keys", "growing-keys")) or bool(_what_from(key))


@lru_cache(maxsize=4096)  # a platform has the same attributes for many goods
def _stating(keys: tuple[str, ...], words: Vocabulary) -> tuple[int, ...]:
    """Which attributes state an origin."""
    return tuple(number for number, key in enumerate(keys) if is_origin_key(key, words))


def _is_key_of(profile: Profile, key: str, words: Vocabulary) -> bool:
    """False for a key that says where something else comes from: 包装产地, 香醋产地 beside 绍兴酒, 原料产地 and 种植地 of what is made of other goods."""
    if is_one_of(key, words.words("growing-keys")) and is_made(profile, words):
        return False
    what = _what_from(key)
    return not what or thing_at_end(profile, what, words) is not Of.OTHERS


@lru_cache(maxsize=4096)
def _what_from(key: str) -> str:
    """What an attribute states the origin of, folded, where its name says so: 黄酒 in 黄酒产地; else an empty text."""
    what = key.removesuffix(_PLACE_KEY)
    return folded(what) if what != key and _HAN.fullmatch(what) else ""


def _in_order(one: OriginEvidence) -> tuple[float, bool, str, str]:
    """Attributes come in any order, and what is told of them does not hang on it; what can be shown comes after the origin itself."""
    return -one.weight, one.where is not None, one.label, one.text


def _written(
    profile: Profile, sheet: Sheet, words: Vocabulary, labels: Sequence[tuple[int, int]]
) -> Iterator[OriginEvidence]:
    """Places after words such as 产自, of the goods and not of something else."""
    for start, end in labels:
        if sheet.text[end - 1].isascii():
            found = _in_latin(sheet, words, start, end)
        else:
            found = _in_chinese(profile, sheet, words, start, end)
        if found is None:
            continue
        (first, last), whose = found
        shown = sheet.folded.shown(first, last)
        says = says_of(profile, shown, words)
        where = partial(sheet.place, start, last)
        if whose is Of.GOODS:
            yield OriginEvidence("文字说明的产地", shown, says, WRITTEN, where)
        elif whose is Of.OPEN:
            says = Origin.UNKNOWN if says is Origin.OUTSIDE else says
            yield OriginEvidence("文字提到的产地", shown, says, OPEN, where)


def _in_chinese(
    profile: Profile, sheet: Sheet, words: Vocabulary, label_start: int, label_end: int
) -> tuple[tuple[int, int], Of] | None:
    """The span of the place after a label, and whose it is; None where none follows, or is denied."""
    whole = sheet.text
    text = whole[label_end : label_end + 10].partition(BREAK)[0]
    found = regions_in(text)
    if not found or found[0].start > 2 or sheet.segment_at(label_start).field in _ELSEWHERE:
        return None
    if text[found[0].end : found[0].end + 1] == "产" or not _NO.isdisjoint(text[: found[0].start]):
        return None
    start, end = label_end + found[0].start, label_end + found[0].end
    if _begins_list(sheet, start, words):
        return None
    if profile.core and whole.startswith(profile.core, end) and not whole.startswith(profile.names, end):
        end += len(profile.core)  # 苏州|阳澄湖
    if says_of(profile, whole[start:end], words) is _OUTSIDE and (
        _is_plain_word(text[: found[0].end], found[0]) or is_town(text[: found[0].end + 2])
    ):
        return None
    around = said(sheet, label_start, end, whole[start:end])
    if whole[label_start:label_end] in words.words("origin-homes"):
        return ((start, end), Of.GOODS) if is_home_of_goods(around, words) else None
    return (start, end), subject_of(profile, around, words)


def _begins_list(sheet: Sheet, start: int, words: Vocabulary) -> bool:
    """True where the name of a GI stands with a sign after it: 产地：洛川苹果—陕西洛川."""
    longest = range(3, _LONGEST_COUNTY)
    return any(sheet.text[start : start + n] in words.homes and sheet.is_parted(start + n) for n in longest)


def _in_latin(sheet: Sheet, words: Vocabulary, label_start: int, label_end: int) -> tuple[tuple[int, int], Of] | None:
    """The same after a label in English."""
    segment = sheet.segment_at(label_start)
    if segment.field in _ELSEWHERE or _touches_letters(sheet.text, label_start, label_end):
        return None
    raw, first = sheet.folded.raw, sheet.folded.place(label_start, label_end)[1]
    text = _SENTENCE_END.split(raw[first : first + _LATIN_PLACE])[0]
    length = read_latin(text, words.countries).end
    if not length:
        return None
    start, end = label_end, min(sheet.folded.folded_at(first + length), segment.end)
    while start < end and not sheet.text[start].isalnum():
        start += 1
    return (start, end), subject_in_latin(said(sheet, label_start, end, text), words)


def _touches_letters(text: str, start: int, end: int) -> bool:
    """True where letters stand beside a label: it is part of a longer word."""
    beside = (text[start - 1 : start], text[end : end + 1])
    return any(c.isascii() and c.isalpha() for c in beside)


def _produced(profile: Profile, sheet: Sheet, words: Vocabulary) -> Iterator[OriginEvidence]:
    """吉林产, 烟台产 in the title, where it speaks against the name (东阿产阿胶 is how the name itself is altered); no 水产, 产品."""
    title = sheet.title_text[:_TITLE]
    for found in _PRODUCED.finditer(title):
        if title[found.start() - 1 : found.start()] not in ends():
            continue
        widest = range(max(0, found.start() - 8), found.start() - 1)
        start = next((at for at in widest if is_division(title[at : found.start()])), None)
        if start is not None:
            says = says_of(profile, title[start : found.start()], words)
            if says is Origin.OUTSIDE:
                shown = sheet.folded.shown(start, found.end())
                yield OriginEvidence("文字说明的产地", shown, says, WRITTEN, partial(sheet.place, start, found.end()))


def _is_plain_word(text: str, found: Region) -> bool:
    """True for the short name of a district that is a word of its own, which no origin is told by: 产地 富贵平安, 产地龙凤呈祥."""
    return found.name.endswith("区") and len(text) - found.start == len(found.name) - 1 and is_word(text[found.start :])


def _licences(profile: Profile, sheet: Sheet) -> Iterator[OriginEvidence]:
    text = sheet.text
    if "sc1" not in text and "sc 1" not in text and "sc2" not in text:
        return
    for code in find_sc(sheet.folded.raw):
        home = region(sc_adcode(code.value)) or region(sc_adcode(code.value)[:4])
        if home is not None and code.valid:
            says = origin_of((home,), profile.area) if profile.area else Origin.UNKNOWN
            where = partial(sheet.raw_place, code.start, code.end)
            yield OriginEvidence(
                "食品生产许可证编号所属地区", f"SC{code.value}（{_with_city(home)}）", says, LICENCE, where
            )


def _with_city(home: Region) -> str:
    """A division with the city that it lies in: many districts bear the same name."""
    city = region(home.adcode[:4])
    return f"{city.name}{home.name}" if city and city.adcode != home.adcode else home.name


def _prefixes(profile: Profile, sheet: Sheet, starts: tuple[int, ...]) -> Iterator[OriginEvidence]:
    """A province or city written right before the name, as in 四川龙井茶; a county's name may be part of a brand (古越龙山)."""
    for start in starts:
        if sheet.text[start - 1 : start] not in ends("00"):
            continue
        before = sheet.before(start, 6)
        found = regions_in(before) if len(before) >= 2 else ()
        if found and found[-1].end == len(before) and found[-1].adcode.endswith("00"):
            words = before[found[-1].start :]
            says = says_of(profile, words)
            if says is Origin.OUTSIDE:
                at = start - len(words)
                yield OriginEvidence("名称前的地名", words, says, _PREFIX, partial(sheet.place, at, start))


def _within(
    profile: Profile, sheet: Sheet, vocabulary: Vocabulary, starts: tuple[int, ...]
) -> Iterator[OriginEvidence]:
    """A county of the area that the title names up to where the GI is named: 山东栖霞 烟台苹果, 温县铁棍山药 for 怀山药.

    Not where it is the place of the name itself, nor for goods whose houses bear the names of places: 绵竹 剑南春.
    """
    gi = profile.gi
    if gi.area is None or profile.foreign or text_of(gi.goods) in vocabulary.words("house-goods"):
        return
    first = min(starts)
    before = sheet.title_text[: first + _LONGEST_COUNTY] if first < _TITLE else ""
    for found in counties(profile.area).finditer(before):
        start, end = found.span()
        if start <= first and not _is_own_place(profile, found.group()):
            place = partial(sheet.place, start, end)
            yield OriginEvidence("标题中的县市名", sheet.folded.shown(start, end), Origin.INSIDE, _PREFIX, place)
            return


def _is_own_place(profile: Profile, words: str) -> bool:
    """True for the place that is the name's own, or all of the area: it says no more than the name does."""
    if any(words in name for name in profile.names) or (profile.core and profile.core in words):
        return True
    return all(code in profile.area for code in named_divisions()[words]) and len(profile.area) == 1


def _sent(profile: Profile, sheet: Sheet, words: Vocabulary) -> tuple[OriginEvidence, ...]:
    listing = sheet.listing
    if listing.ship_from:
        return (OriginEvidence("发货地", listing.ship_from, says_of(profile, listing.ship_from, words), _SENT),)
    seat = listing.shop.region if listing.shop else ""
    return (OriginEvidence("店铺所在地", seat, says_of(profile, seat, words), _SENT),) if seat else ()
