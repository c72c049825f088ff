"""Of what a text says a place: of the goods of a GI, of something else, or so that it cannot be told.

本品产自吉林 and 产自吉林的大米 say it of the goods; 包装袋产自温州, 市面上不少香梨产自河北 and 产自青海的价格便宜 do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from gimonitor.model.enums import quick
from gimonitor.model.finding import Origin
from gimonitor.model.register import text_of
from gimonitor.register.regions import find_regions, origin_of
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_BEFORE, _AFTER = 60, 30  # characters looked at
_CLAUSES = re.compile(r"[，,。；;！？!?\n|\uff5c\uffff]")
_PIECES = re.compile(r"[\s()（）\[\]【】《》“”\"~·—…+&/>、]")
_COLON = re.compile(r"[:：\s]+$")
_AMOUNT = re.compile(r"[\d.*x×%]+[a-z\u4e00-\u9fff]{0,2}$")
_ATTRIBUTE = re.compile(r"[^的]{0,8}?的")
_COMMAS = "，,"
_LATIN_WORD = re.compile(r"[a-z]+")
_LONGEST = 10  # characters of a name


@quick
class Of(StrEnum):
    """Of what a place is said."""

    GOODS = "goods"
    OTHERS = "others"
    OPEN = "open"


class Said(NamedTuple):
    """A place in a text: the raw words before and after, up to the ends of its text, and the place itself."""

    before: str
    after: str
    place: str


def said(sheet: Sheet, start: int, end: int, place: str) -> Said:
    """What stands around a folded span: the label and the place."""
    raw, segment = sheet.folded.raw, sheet.segment_at(start)
    first, last = sheet.folded.place(start, end)
    after = raw[last : last + _AFTER].partition("\uffff")[0]
    return Said(raw[max(segment.raw_start, first - _BEFORE) : first], after, place)


def subject_of(profile: Profile, text: Said, words: Vocabulary) -> Of:
    """Of what a text says that it comes from a place."""
    *earlier, clause = _CLAUSES.split(text.before)
    if _is_of_others(folded(clause), words):
        return Of.OTHERS
    subject = _subject(profile, text, earlier, clause, words)
    head, *following = [*_CLAUSES.split(text.after), ""]
    owner = _head(head)
    if owner is None or subject is Of.OTHERS:
        return subject
    found = _of_head(profile, owner, subject, words)
    return Of.OPEN if found is Of.GOODS and _sets_against(following[0], words) else found


def subject_in_latin(text: Said, words: Vocabulary) -> Of:
    """The same before a label in English: only other things that are named there leave it open."""
    clause = _CLAUSES.split(text.before)[-1]
    return Of.OPEN if not words.words("origin-others").isdisjoint(_LATIN_WORD.findall(clause.lower())) else Of.GOODS


def thing_at_end(profile: Profile, text: str, words: Vocabulary) -> Of:
    """What a folded text ends with: a word for the goods, for other things, or neither. The longest word decides.

    Raw material is the goods themselves, unless these are made of something else.
    """
    for length in range(min(len(text), _LONGEST), 0, -1):
        thing = text[-length:]
        if thing in words.words("origin-raw"):
            return Of.OTHERS if is_made(profile, words) else Of.GOODS
        if words.is_of_goods(thing, profile):
            return Of.GOODS
        if thing in words.things:
            return Of.OTHERS
    return Of.OPEN


def is_made(profile: Profile, words: Vocabulary) -> bool:
    """True for goods whose raw material is another kind of goods: liquor, noodles, ham."""
    made = words.ending("made-goods")
    return bool(made.search(text_of(profile.gi.goods)) or made.search(folded(profile.gi.name)))


def _is_of_others(clause: str, words: Vocabulary) -> bool:
    """True for a clause about other sellers' goods, or the market's: 市面上不少香梨. What the seller says of himself after it counts."""
    found = words.pattern("origin-elsewhere").search(clause)
    return found is not None and not words.pattern("origin-first-person").search(clause, found.end())


def _subject(profile: Profile, text: Said, earlier: list[str], clause: str, words: Vocabulary) -> Of:
    """Of what a clause speaks before the label."""
    if _names_another(profile, folded(_COLON.sub("", text.before)), text.place, words):
        return Of.OTHERS
    listed = _COLON.sub("", clause) != clause.rstrip()
    piece = folded(_PIECES.split(_COLON.sub("", clause) if listed else clause)[-1])
    if words.ending("origin-against").search(piece):
        return Of.OTHERS
    piece = _without_fillers(piece, words)
    if not piece:
        return _continued(text, earlier, clause, words)
    if words.pattern("origin-gifts").search(piece):
        return Of.OTHERS
    found = thing_at_end(profile, piece, words)
    return Of.GOODS if listed and found is Of.OPEN else found


def _without_fillers(piece: str, words: Vocabulary) -> str:
    """A text without the words and amounts at its end that do not tell of what it speaks."""
    fillers = words.ending("origin-fillers")
    while True:
        shorter = _AMOUNT.sub("", fillers.sub("", piece))
        if shorter == piece:
            return piece
        piece = shorter


def _continued(text: Said, earlier: list[str], clause: str, words: Vocabulary) -> Of:
    """Of what is spoken where a clause itself does not say: left open after a gift, and others' where that is set against what they say."""
    begins = clause.strip()
    after_comma = len(text.before) > len(clause) and text.before[-len(clause) - 1] in _COMMAS
    if not earlier or not after_comma:
        return Of.GOODS
    last = folded(earlier[-1])
    if words.pattern("origin-contrasts").match(begins) and _is_of_others(last, words):
        return Of.OTHERS
    return Of.OPEN if not begins and words.pattern("origin-gifts").search(last) else Of.GOODS


def _names_another(profile: Profile, before: str, place: str, words: Vocabulary) -> bool:
    """True right after the name of another GI, where the place is that GI's own: 盘锦大米产地辽宁盘锦, but not 盘锦大米产自吉林."""
    before, homes = _without_fillers(before, words), words.homes
    names = [before[-length:] for length in range(min(len(before), _LONGEST), 2, -1) if before[-length:] in homes]
    others = [name for name in names if name not in profile.names]
    regions = find_regions(place) if others else ()
    return any(origin_of(regions, homes[name]) is not Origin.OUTSIDE for name in others)


def _sets_against(following: str, words: Vocabulary) -> bool:
    """True for a clause that goes on with goods of another place: 产自新疆的枸杞偏甜，产自宁夏的甘甜."""
    label = words.pattern("origin-labels").match(following)
    return label is not None and _ATTRIBUTE.match(following, label.end()) is not None


def _head(clause: str) -> str | None:
    """What a place that is an attribute belongs to: 大米 after 产自吉林榆树的; None for one that is none."""
    found = _ATTRIBUTE.match(clause)
    return folded(_PIECES.split(clause[found.end() :])[0]) if found else None


def _of_head(profile: Profile, head: str, subject: Of, words: Vocabulary) -> Of:
    """Of what a place is said that stands before 的; `subject` says it of what was named before."""
    if not head:
        return subject
    compared = words.pattern("origin-comparisons").search(head) is not None
    named = next(_things_in(profile, head, words), None)
    if compared or named is Of.OTHERS:
        return Of.OTHERS
    return named or (Of.OPEN if words.pattern("origin-asides").search(head) else subject)


def names_others(profile: Profile, head: str, words: Vocabulary) -> bool:
    """True for what a place told by an act belongs to where it is not plainly the goods: 检测报告 after 上海做的; not 都没打药."""
    plain = not head or words.pattern("origin-fillers").match(head)
    return not plain and next(_things_in(profile, head, words), Of.OPEN) is not Of.GOODS


def follows_others(profile: Profile, text: Said, words: Vocabulary) -> bool:
    """True for a clause that begins with its place, after one that begins with other things: 包装盒很好看，广东自家工厂做的."""
    *earlier, clause = _CLAUSES.split(text.before)
    if clause.strip() or not earlier:
        return False
    others = words.pattern("origin-others").match(folded(earlier[-1]))
    return others is not None and len(others[0]) > 1 and not words.is_of_goods(others[0], profile)  # not 糖 of 糖度


def is_home_of_goods(text: Said, words: Vocabulary) -> bool:
    """True for a seller's home where he goes on to say that he grows or makes the goods, with no other place between."""
    grown = words.pattern("origin-growing").search(text.after)
    return grown is not None and not find_regions(text.after[: grown.start()])


def _things_in(profile: Profile, text: str, words: Vocabulary) -> Iterator[Of]:
    """What the words of a text stand for, the longest at each place, in order."""
    for start in range(len(text)):
        for end in range(min(len(text), start + _LONGEST), start, -1):
            if words.is_of_goods(text[start:end], profile):
                yield Of.GOODS
                break
            if text[start:end] in words.things:
                yield Of.OTHERS
                break
