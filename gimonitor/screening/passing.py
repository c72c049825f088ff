"""Names that a description only speaks of: a neighbour that sets off what is sold, and is not offered. N13 of the catalogue.

Asked of what would be found against the name, so most listings never come here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gimonitor.model.finding import Clearing, Origin, Place, Stage
from gimonitor.model.listing import Field, Listing
from gimonitor.model.register import GI
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
_NEXT = 2  # clauses after the one with the name in which the seller turns to what is sold
_THAN, _LINK = "比", "链接"


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
    elif verdict.origin is Origin.OUTSIDE and _is_set_beside(verdict.gi, places, listing, words):
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


def _is_set_beside(gi: GI, places: Sequence[Place], listing: Listing, words: Vocabulary) -> bool:
    """True where the title has nothing of a GI, and each clause that names it sets the goods off from it."""
    core = gi.core or gi.name
    if core in listing.title:
        return False
    names = sorted({p.text for p in places} | {gi.name, *(alias.value for alias in gi.aliases)}, key=len, reverse=True)
    clauses = _CLAUSES.split(listing.description)
    for number, clause in enumerate(clauses):
        name = next((name for name in names if name in clause), "")
        if not name:
            continue
        before, _, after = clause.partition(name)
        turns = [after, *clauses[number + 1 : number + 1 + _NEXT]]
        if words.pattern("comparison-substitutes").search(after):
            return False
        told = not any(core in turn for turn in turns) and _is_told(before, turns, words)
        if not told and not _is_compared(before, after, words):
            return False
    return True


def _is_compared(before: str, after: str, words: Vocabulary) -> bool:
    """和洛川苹果、阿克苏苹果比起来: one of the names that the goods are compared with; 与宁夏枸杞比更甜 at the beginning of a clause."""
    opened = _row(words, "comparison-openers").search(before[-_NEAR:].rstrip(_QUOTES))
    closed = _row_end(words).match(after.lstrip(_QUOTES)) if opened else None
    if opened is None or closed is None:
        return False
    return closed[1] != _THAN or not before[: len(before) - len(opened.group())].strip()


def _is_told(before: str, turns: Sequence[str], words: Vocabulary) -> bool:
    """阳澄湖大闸蟹名气大，我们的也不差: why the name is told stands beside it, and then the seller turns to what is sold."""
    lead = folded(before[-_NEAR:].rstrip(_QUOTES))
    found = [turn.group() for text in turns for turn in words.pattern("passing-turns").finditer(folded(text))]
    if words.ending("passing-links").search(lead):
        return any(_LINK in turn for turn in found)
    after = folded(turns[0])
    cue = words.pattern("passing-cues").search(after[:_CUE])
    if not found or cue is None or words.pattern("offers").search(after[: cue.start()]):
        return False
    return not lead or any(words.ending(group).search(lead) for group in ("passing-leads", "comparison-openers"))


@lru_cache(maxsize=64)
def _row(words: Vocabulary, group: str) -> re.Pattern[str]:
    """Matches a word of a group with the names of a row after it, at the end of a text: 和洛川苹果、."""
    return re.compile(rf"{words.pattern(group).pattern}(?:[\u4e00-\u9fff]{{2,8}}、){{0,3}}$")


@lru_cache(maxsize=64)
def _row_end(words: Vocabulary) -> re.Pattern[str]:
    """Matches the further names of a row and the word that closes a comparison, which is group 1: 、阿克苏苹果比."""
    closers = words.pattern("comparison-closers").pattern
    return re.compile(rf"(?:、[\u4e00-\u9fff]{{2,8}}?){{0,3}}的?({closers})")
