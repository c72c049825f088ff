"""The years of harvest that a listing states, and whether they are those of earlier ones. What they mean for a season is not judged here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from gimonitor.screening.case import Case
from gimonitor.screening.names import Profile
from gimonitor.screening.vocabulary import Vocabulary

TITLE = 400  # characters of a title looked at
_STATED_YEAR = re.compile(r"\s*(20\d\d)(?!\d)")


class Harvest(NamedTuple):
    """A year of harvest that a title states: its folded span in the title, and the word of harvest beside it, or an empty text."""

    year: int
    start: int
    end: int
    word: str


def is_past(case: Case, harvests: Sequence[Harvest], picked: frozenset[str]) -> bool:
    """True where the goods are said to be of a harvest before, all of them; a year elsewhere does not undo that they are picked now."""
    if case.shelf.has("in-season", picked):
        return any(harvest.word in picked for harvest in harvests)
    return bool(harvests) or is_old(case) or any(year < case.on.year for year in _years_in_attributes(case))


def harvests_in(case: Case) -> Iterator[Harvest]:
    """Years in the title beside a word of harvest or the name: 2025年新米, 25年新米, 上一季新米, 2025西湖龙井, 明前 2025."""
    title = case.shelf.title[:TITLE]
    before, after = _around(case.profile, case.words)
    picked = case.words.words("picked")
    for found in _year(case.words).finditer(title):
        digits = found["year"]
        year = int(digits) % 100 + 2000 if digits else case.on.year - 1
        short = digits is not None and len(digits) == 2
        if year > case.on.year + 1:
            continue
        beside = after.match(title, found.end())
        later = beside["later"] if beside and beside["later"] not in picked else ""  # 2025年脐橙 现摘: picked now
        word = (beside["word"] or later or "") if beside else ""
        if beside and (beside["word"] or (not short and (beside["name"] or beside["made"]))):
            yield Harvest(year, found.start(), beside.end(), word)
        elif not short and (earlier := before.search(title, 0, found.start())):
            yield Harvest(year, earlier.start(), found.end(), earlier["word"])


@lru_cache(maxsize=16)
def _year(words: Vocabulary) -> re.Pattern[str]:
    last = "|".join(map(re.escape, sorted(words.words("last-harvest"), key=len, reverse=True))) or "(?!)"
    return re.compile(rf"(?<![\d.])(?P<year>20\d\d|[12]\d(?=年|新))(?![\d.])年?|(?:{last})")


@lru_cache(maxsize=20_000)
def _around(profile: Profile, words: Vocabulary) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before and after a year that is one of harvest: words of harvest, and among them what only describes the goods."""
    harvest = any_of(words.words("harvest") | words.words("in-season"))
    name = any_of({*profile.names, profile.core} - {""})
    other = any_of(words.words("variety-words") | {*profile.products} | {*profile.generic})
    between = rf"(?:[的季度份款新茶米 ]|\d{{1,2}}月(?:\d{{1,2}}[日号])?|{other}){{0,6}}?"
    after = rf"{between}(?:(?P<word>{harvest})|(?P<made>年?产(?![品地量业区值能]))|(?P<name>{name})(?:{between}(?P<later>{harvest}))?)"
    return re.compile(rf"(?P<word>{harvest}){between}$"), re.compile(after)


def any_of(words: Iterable[str]) -> str:
    return (
        "(?:" + "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) + ")" if words else "(?!)"
    )


def is_old(case: Case) -> bool:
    """True where the goods are said to be old ones: 陈米, but not 不是陈米."""
    for found in case.words.pattern("past-harvest").finditer(case.shelf.title[:TITLE]):
        before = case.shelf.title[max(0, found.start() - 8) : found.start()]
        if not any(case.words.ending(said).search(before) for said in ("negations", "comparisons", "warnings")):
            return True
    return False


def _years_in_attributes(case: Case) -> Iterator[int]:
    keys = case.words.words("harvest-keys")
    for key, text in case.sheet.listing.attributes:
        year = _STATED_YEAR.match(text) if key in keys else None
        if year:
            yield int(year[1])
