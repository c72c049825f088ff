"""Names that a description only speaks of: a neighbour that sets off what is sold, and is not offered. N13 of the catalogue.

Asked of what would be found against the name, so most listings never come here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from gimonitor.model.finding import Clearing, Origin, Place, Stage
from gimonitor.model.listing import Field, Listing
from gimonitor.model.register import GI
from gimonitor.register.regions import origin_of
from gimonitor.screening.divisions import regions_in
from gimonitor.screening.names import folded
from gimonitor.screening.verdicts import NAMED, Verdict
from gimonitor.screening.vocabulary import Vocabulary

_BESIDE_NAME = frozenset({"season"})  # found of what goods of a name would be in
_DESCRIPTION = Field.DESCRIPTION  # a look-up each costs a call
_CLAUSES = re.compile(r"[，,。；;！？!?\n|\uff5c]")
_SAYS_AFTER, _SAYS_BEFORE = re.compile(r"[”’」]?[\u4e00-\u9fff]{2}"), re.compile(r"[\u4e00-\u9fff]{2}[“‘「]?$")
_QUOTES = " “”\"'‘’「」"
_NEAR = 40  # characters before a name in which a row of names begins
_CUE = 12  # characters after a name in which it is told why it is named
_NEXT = 3  # clauses after the one with the name in which the seller turns to what is sold
_FAR = 200  # characters of each clause that are read
_PRODUCT = 6  # characters after a place in which the goods are named
_SPOT = re.compile(r"[\u4e00-\u9fff]{2,3}的(?=[\u4e00-\u9fff]{2})")  # 我们|涌泉的
_VERBS = 5  # characters after who is spoken of in which the verb stands
_SAME_TOO = "就也都"  # before a verb: what makes both the same
_STRICT = re.compile("[要得].{1,8}才(?:叫|行|算|是)$")  # 沁州黄|得沁县那一带才行
_THAN, _LINK, _ONLY, _THEN, _OF, _SAME = "比", "链接", "只有", "才", "的", "就是"


def without_passing_names(verdicts: Sequence[Verdict], listing: Listing, words: Vocabulary) -> list[Verdict]:
    """What came of each GI, cleared where the description only speaks of it: 福鼎白茶口碑好 under a 政和白茶 that comes from its
    own area, 与宁夏枸杞比更甜 under goods that come from elsewhere by what the listing says."""
    if not any(map(_may_pass, verdicts)):
        return [*verdicts]
    owner = next(
        (v.gi for v in verdicts if v.origin is Origin.INSIDE and (v.gi.core or v.gi.name) in listing.title), None
    )
    return [_cleared(verdict, owner, listing, words) for verdict in verdicts]


def _may_pass(verdict: Verdict) -> bool:
    """True where the name is found in the description and nowhere else, and nothing besides."""
    named = False
    for found in verdict.findings:
        if found.family in NAMED and found.place.field is _DESCRIPTION:
            named = True
        elif found.family not in _BESIDE_NAME:
            return False
    return named


def _cleared(verdict: Verdict, owner: GI | None, listing: Listing, words: Vocabulary) -> Verdict:
    """A verdict, turned to cleared where its name is only spoken of."""
    if not _may_pass(verdict):
        return verdict
    places = [f.place for f in verdict.findings if f.family in NAMED]
    text = listing.description
    if owner and all(_is_spoken_of(text, name, words) for name in {p.text for p in places} | {verdict.gi.name}):
        said = f"标题所售是产地相符的“{owner.name}”，商品详情只是说到“{places[0].text[:40]}”"
    elif verdict.origin is Origin.OUTSIDE and _is_set_beside(verdict, places, listing, words):
        said = f"标题没有“{verdict.gi.core or verdict.gi.name}”，写明产于别处，商品详情只是拿“{places[0].text[:40]}”来比较、说明"
    else:
        return verdict
    clearing = Clearing(code="N13", reason=said, decisive=True, place=places[0], gi_id=verdict.gi.id)
    return Verdict(verdict.gi, Stage.CLEARED, clearings=(*verdict.clearings, clearing))


def _is_spoken_of(text: str, name: str, words: Vocabulary) -> bool:
    """True where each clause with a name says something of it, and nothing that offers it."""
    for clause in _CLAUSES.split(text) if name in text else ():
        if name not in clause:
            continue
        before, _, after = clause.partition(name)
        if words.pattern("offers").search(folded(before + after)):
            return False
        if not _SAYS_AFTER.match(after) and not _SAYS_BEFORE.search(before):
            return False  # one of a row of names
    return True


def _is_set_beside(verdict: Verdict, places: Sequence[Place], listing: Listing, words: Vocabulary) -> bool:
    """True where the title has nothing of a GI, and each clause that names it, and does not deny it, sets the goods off from it."""
    gi = verdict.gi
    core = gi.core or gi.name
    if core in listing.title:
        return False
    names = sorted({p.text for p in places} | {gi.name, *(alias.value for alias in gi.aliases)}, key=len, reverse=True)
    own = " ".join((listing.title, listing.origin, *(text for _, text in listing.attributes)))
    denied = {c.place.start for c in verdict.clearings if c.decisive and c.place and c.place.field is _DESCRIPTION}
    clauses = _CLAUSES.split(listing.description)
    end = -1
    for number, clause in enumerate(clauses):
        start, end = end + 1, end + 1 + len(clause)
        name = next((name for name in names if name in clause), "")
        if not name:
            continue
        before, _, after = clause.partition(name)
        if start + len(before) in denied and core not in after:
            continue
        after, next_ones = after[:_FAR], [text[:_FAR] for text in clauses[number + 1 : number + 1 + _NEXT]]
        if words.pattern("comparison-substitutes").search(after):
            return False
        if _is_compared(before, after, words) or _is_reserved(clause, core, words):
            continue
        said = _Said(gi, folded(before[-_NEAR:].rstrip(_QUOTES)), folded(after), [*map(folded, next_ones)], own)
        if any(core in turn for turn in (after, *next_ones)) or not _is_told(said, words):
            return False
    return True


class _Said(NamedTuple):
    """A clause that names a GI, folded: what stands before the name and after it, the clauses that follow, and where the goods
    are said to come from."""

    gi: GI
    lead: str
    after: str
    next_ones: Sequence[str]
    own: str


def _is_reserved(clause: str, core: str, words: Vocabulary) -> bool:
    """只有五常产的才能叫五常大米: true where a clause leaves the name to goods of the place."""
    _, only, rest = clause.partition(_ONLY)
    place, _, name = rest.partition(_THEN)
    return bool(only and name) and core in place and words.pattern("passing-ours").search(place) is None


def _is_compared(before: str, after: str, words: Vocabulary) -> bool:
    """和洛川苹果、阿克苏苹果比起来: one of the names that the goods are compared with; 与宁夏枸杞比更甜 at the beginning of a clause."""
    opened = _row(words, "comparison-openers").search(before[-_NEAR:].rstrip(_QUOTES))
    closed = _row_end(words).match(after.lstrip(_QUOTES)) if opened else None
    if opened is None or closed is None:
        return False
    return closed[1] != _THAN or not before[: len(before) - len(opened.group())].strip()


def _is_told(said: _Said, words: Vocabulary) -> bool:
    """阳澄湖大闸蟹名气大，我们的也不差: why the name is told stands beside it, and then the seller turns to what is sold."""
    turns = (said.after, *said.next_ones)
    turned = [turn.group() for text in turns for turn in words.pattern("passing-turns").finditer(text)]
    if words.ending("passing-links").search(said.lead):
        return any(_LINK in turn for turn in turned)
    bars = words.pattern("passing-bars")
    if any(bars.search(text) or text.endswith(_SAME) for text in (said.lead, *turns)):
        return False
    if humbled := words.ending("passing-humbled").search(said.lead):
        return words.pattern("passing-rivals").search(said.lead[: humbled.start()]) is None
    if _is_apart(said, words) or (words.ending("negation-callings").search(said.lead) and _own_places(said.lead, said)):
        return True
    is_turned = bool(turned) or any(_is_of_seller(text, said, words) for text in turns)
    if words.ending("passing-knowing").search(said.lead):
        return is_turned and words.pattern("passing-ours").search(said.lead) is None
    return is_turned and _has_cue(said, words)


def _has_cue(said: _Said, words: Vocabulary) -> bool:
    """阳澄湖大闸蟹|名气大: true where it is told right after a name why it is named, and nothing is offered before."""
    cue = _STRICT.match(said.after) or words.pattern("passing-cues").search(said.after[:_CUE])
    if cue is None or words.pattern("offers").search(said.after[: cue.start()]):
        return False
    groups = ("passing-leads", "comparison-openers")
    return _is_bare(said.lead, words) or any(words.ending(group).search(said.lead) for group in groups)


def _is_bare(lead: str, words: Vocabulary) -> bool:
    """True where what stands before a name in its clause calls nothing so: 新疆的|若羌红枣, but 我们的|五常大米, 就是|五常大米."""
    return not (
        words.pattern("offers").search(lead)
        or words.pattern("passing-ours").search(lead)
        or words.ending("passing-callings").search(lead)
    )


def _is_apart(said: _Said, words: Vocabulary) -> bool:
    """若羌红枣个头大，我们沧州的小而甜: the same is said of the name and, by their own place, of the goods."""
    if not said.after[:1].isalnum() or words.pattern("offers").search(said.after) or not _is_bare(said.lead, words):
        return False
    ours = words.pattern("passing-ours")
    if ours.search(said.after):
        return False
    if any(words.pattern("passing-parities").match(text.strip()) for text in said.next_ones):
        return True
    if any(_is_parallel(said.after, text, words) for text in said.next_ones):
        return True
    return any(_is_contrast(text, said, words) for text in said.next_ones)


def _is_parallel(after: str, text: str, words: Vocabulary) -> bool:
    """龙口粉丝|是绿豆的，我们|这个是红薯的: true where the same verb tells of the name and of what the seller has."""
    own, verb = words.pattern("passing-ours").match(text), words.pattern("passing-verbs").search(after[:_CUE])
    if own is None or verb is None:
        return False
    at = text.find(verb.group(), own.end(), own.end() + _VERBS)
    return at >= 0 and text[at - 1] not in _SAME_TOO


def _is_contrast(text: str, said: _Said, words: Vocabulary) -> bool:
    """但|我们|沧州的小而甜, 我们涌泉的大一圈: true where a clause begins with goods of the seller's own place and says something of them."""
    lead = _subject(words).match(text)
    begins = lead.end() if lead else 0
    contrasts, grounds = words.pattern("passing-contrasts"), words.pattern("passing-grounds")
    for start, end in _own_places(text, said):
        rest = text[end:]
        thing = next((p for p in said.gi.product_words if p in rest[:_PRODUCT]), "")
        if start > begins or not (rest.startswith(_OF) or thing) or len(rest) <= max(len(_OF) + 1, len(thing)):
            continue
        if contrasts.search(rest) or not grounds.match(rest.removeprefix(_OF).removeprefix(thing)):
            return True
    spot = _SPOT.match(text, begins) if lead and words.pattern("passing-ours").search(lead.group()) else None
    if spot is None or grounds.search(spot.group()) or grounds.match(text, spot.end()):
        return False
    return contrasts.search(text, spot.end()) is not None


def _is_of_seller(text: str, said: _Said, words: Vocabulary) -> bool:
    """先吃我们的, 我们这儿是集散地, 自己喝就喝雅安的: true where a clause is about the seller's own goods or the place they come from."""
    return _tells_of_own(words).search(text) is not None or any(_own_places(text, said))


def _own_places(text: str, said: _Said) -> list[tuple[int, int]]:
    """Where a text names places outside a GI's area that the goods are said to come from."""
    area = said.gi.area.adcodes.value if said.gi.area is not None else ()
    return [
        (found.start, found.end)
        for found in regions_in(text)
        if text[found.start : found.end] in said.own and (not area or origin_of((found,), area) is Origin.OUTSIDE)
    ]


@lru_cache(maxsize=64)
def _tells_of_own(words: Vocabulary) -> re.Pattern[str]:
    """Matches what the seller says of his own goods or place as against others: 我们|的, 我们这儿|是; not 我们|今天发."""
    ours, here = words.pattern("passing-ours").pattern, words.pattern("passing-here").pattern
    return re.compile(rf"{ours}(?:的(?![\u4e00-\u9fff]*的)|没有|不是|叫)|{here}[就也]?[是在产种没不的]")


@lru_cache(maxsize=64)
def _subject(words: Vocabulary) -> re.Pattern[str]:
    """Matches what may stand before the place of the goods at the beginning of a clause: 但|我们."""
    return re.compile(
        rf"\s*(?:{words.pattern('passing-conjunctions').pattern})?(?:{words.pattern('passing-ours').pattern})?"
    )


@lru_cache(maxsize=64)
def _row(words: Vocabulary, group: str) -> re.Pattern[str]:
    """Matches a word of a group with the names of a row after it, at the end of a text: 和洛川苹果、."""
    return re.compile(rf"{words.pattern(group).pattern}(?:[\u4e00-\u9fff]{{2,8}}、){{0,3}}$")


@lru_cache(maxsize=64)
def _row_end(words: Vocabulary) -> re.Pattern[str]:
    """Matches the further names of a row and the word that closes a comparison, which is group 1: 、阿克苏苹果比."""
    closers = words.pattern("comparison-closers").pattern
    return re.compile(rf"(?:、[\u4e00-\u9fff]{{2,8}}?){{0,3}}的?({closers})")
