"""Goods offered as fresh before the season of the year can have begun. P13 of the catalogue."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from gimonitor.model.finding import Finding
from gimonitor.model.listing import Field
from gimonitor.model.register import Certainty, Season, text_of
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.harvests import TITLE, Harvest, any_of, harvests_in, is_old, is_past
from gimonitor.screening.mentions import How
from gimonitor.screening.names import Profile
from gimonitor.screening.vocabulary import Spotted, Vocabulary
from gimonitor.text.months import first_day_named, months_named

_NAMING = frozenset(How) - {How.PLACE}
_TOLD_IN = frozenset({Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.DESCRIPTION, Field.ATTRIBUTES})
_MARGIN = timedelta(days=14)
_AHEAD = timedelta(days=120)  # before a season begins; what is sold earlier is of the last one
_DENIAL, _ASIDE = 4, 10  # characters before a word
_RANGING = frozenset(("-", "~", "—", "–", "－", "～", "至", "到", "、", "/"))
_NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_NUMBERED = frozenset((*"0123456789", *(numeral[-1:] for numeral in _NUMERALS[1:])))  # before 月
_LAST = {"上": 10, "初": 10, "中": 20}  # days of a part of a month
_NEW, _JUST = "新", "刚"  # 新米, 刚收割
_FIRST = frozenset(("新", "头", "明", "雨", "春"))  # 头茬, 明前, 雨前, 春茶
_MONTH = timedelta(days=31)  # the least by which a harvest known by its months is yet to come
_TURN_OF_YEAR = frozenset((12, 1))
_STAYS_NEW = 3  # months
_MONTHS, _BEFORE_MONTH, _AFTER_MONTH = (
    40,
    7,
    16,
)  # how many are looked at, and characters around each: 2026年10|月25日起第一批现货
_RANGE = re.compile(r"\d\s*[-/~—至到]?\s*$")  # before the year that ends it


class _Closed(NamedTuple):
    """Why goods of this year cannot be on sale: the sentence, whether unverified; by a dated opening, or only as fresh from the tree."""

    why: str
    is_open_fact: bool
    dated: bool = False
    picked: bool = False


def out_of_season(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """Words that say the goods are there now, on a day when they cannot be; an honest presale says nothing wrong."""
    if not case.is_like:
        return
    found = next(_on_the_day(case, rule, law), None) or (_told(case, rule, law) if "月" in case.sheet.text else None)
    found = found or _claimed(case, rule, law)
    if found and not _is_presale(case):
        yield found


def _is_presale(case: Case) -> bool:
    """True where the title says that the goods are sold ahead, or the description of goods that the title does not call there: 非预售 and 现货 say no."""
    found = case.shelf.has("presale")
    if found:
        return not _is_denied(case, case.shelf.title, found.start)
    text = case.sheet.listing.description
    told = [m for m in case.words.pattern("told-presales").finditer(text) if not _is_denied(case, text, m.start())]
    there = frozenset(word for word in case.words.words("in-season") if not word.startswith(_NEW)) if told else None
    return bool(told) and case.shelf.has("in-season", there) is None


def _is_denied(case: Case, text: str, at: int) -> bool:
    return case.words.ending("negations").search(text[max(0, at - _DENIAL) : at]) is not None


def _on_the_day(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """The same by the day of the screening."""
    ahead_of_time = _of_next_year(case, rule, law) if case.names_next_year else None
    closed = _closed_for(case.profile, case.on)
    goods = text_of(case.profile.gi.goods)
    if closed and closed.picked and goods in rule.words("made_goods"):
        closed = None  # 现采现炒 tells how tea is made, all the year
    if ahead_of_time or closed is None:
        yield from [ahead_of_time] if ahead_of_time else []
        return
    mention = case.best(_NAMING) or next(iter(case.all_mentions), None)
    if mention is None:
        return
    unfit = () if goods in rule.words("fished_goods") else rule.words("fished")  # nobody fishes peaches: 现捞 is a dish
    picked = case.words.words("picked").difference(unfit)
    fresh = _span(case.shelf.has("in-season", picked if closed.picked else _in_season(case.words, unfit)))
    if not fresh and closed.picked:
        return
    harvests = list(harvests_in(case))
    ahead = next((h for h in harvests if not _has_begun(case.profile, h.year, case.on)), None)
    if ahead is None and goods not in rule.words("live") and is_past(case, harvests, picked):
        return
    fresh = fresh or (_span(ahead) if ahead and ahead.word else None)
    if not fresh and not closed.dated:
        return
    if fresh and case.sheet.title:
        start = case.sheet.title.start
        place = case.sheet.place(start + fresh[0], start + fresh[1])
    else:
        place = case.sheet.place(mention.start, mention.end)
    confidence = rule.number("fresh", 0.7) if fresh else rule.number("silent", 0.35)
    reason = f"{said(place)}：{case.on.isoformat()}销售，{closed.why}；如为预售应当写明。"
    notes = (f"“{case.profile.gi.name}”的时令尚未核实",) if closed.is_open_fact else ()
    yield finding(rule, case, law, place, reason, confidence, unverified=notes)


def _told(case: Case, rule: Rule, law: Law) -> Finding | None:
    """A day before the season, told in a text as the day of the harvest or of sale: 9月5日现货; the last of a month without days."""
    for found in _days_told(case.sheet.text, case.words):
        segment = case.sheet.segment_at(found.start())
        if segment.field not in _TOLD_IN or not _is_of_the_goods(case, found.start(), found.end()):
            continue
        day = _day_meant(found, case.on)
        closed = _closed_for(case.profile, day) if day else None
        first = _first_day(case.profile.gi.season, day.year) if day and case.profile.gi.season else None
        if day is None or closed is None or first is None or not timedelta() < first - day <= _AHEAD:
            continue
        if found["sale"] and not _is_new(case, rule, closed, day):
            continue
        place = case.sheet.place(found.start(), found.end())
        reason = f"{said(place)}，说明{day.year}年{day.month}月已有新货，{closed.why}；如为预售应当写明。"
        notes = (f"“{case.profile.gi.name}”的时令尚未核实",) if closed.is_open_fact else ()
        return finding(rule, case, law, place, reason, rule.number("told", 0.5), unverified=notes)
    return None


def _days_told(text: str, words: Vocabulary) -> Iterator[re.Match[str]]:
    """The first days told: looked for around each 月, which is found sooner than a day."""
    at = -1
    for _ in range(_MONTHS):
        at = text.find("月", at + 1)
        if at < 0:
            return
        if text[at - 1 : at] not in _NUMBERED:
            continue  # 两个月
        found = _day_told(words).search(text, max(0, at - _BEFORE_MONTH), at + _AFTER_MONTH)
        if found:
            yield found


@lru_cache(maxsize=16)
def _day_told(words: Vocabulary) -> re.Pattern[str]:
    month = "|".join(_NUMERALS[:0:-1])
    harvest, sale = any_of(words.words("told-harvests") | words.words("picked")), any_of(words.words("told-sales"))
    return re.compile(
        rf"(?:(?P<year>20\d\d|(?<!\d)[12]\d)年)?(?<!\d)(?P<month>1[0-2]|0?[1-9]|{month})月"
        rf"(?:(?P<day>[0-3]?\d)[日号]|份?(?P<part>[上中下]旬|[初中底末]))?(?:[起就即已开始第一二批的份 ]){{0,4}}(?:(?P<harvest>{harvest})|(?P<sale>{sale}))"
    )


def _is_of_the_goods(case: Case, start: int, end: int) -> bool:
    """True unless a range of days ends there, or the clause tells of other years or other sellers."""
    sheet = case.sheet
    if start and sheet.folded.raw[sheet.folded.raw_at(start) - 1] in _RANGING:
        return False
    before, after = sheet.before(start, _ASIDE), sheet.after(end, _ASIDE)
    denied = case.words.ending("negations")
    for group in ("told-asides", "last-harvest"):
        if any(not denied.search(before[: aside.start()]) for aside in case.words.pattern(group).finditer(before)):
            return False
    if case.words.pattern("told-debunkings").search(after):
        return False
    return not any(case.words.ending(group).search(before) for group in ("negations", "warnings", "comparisons"))


def _day_meant(found: re.Match[str], on: date) -> date | None:
    """The day told, or the last one meant; of the year of the screening where none is told."""
    named, part = found["month"], (found["part"] or "")[:1]
    month = int(named) if named.isdigit() else _NUMERALS.index(named)
    year = int(found["year"]) % 100 + 2000 if found["year"] else on.year
    last = monthrange(year, month)[1]
    day = int(found["day"]) if found["day"] else _LAST.get(part, last)
    return date(year, month, day) if 1 <= day <= last else None


def _is_new(case: Case, rule: Rule, closed: _Closed, day: date) -> bool:
    """True where goods there on a day are of that year: live ones, and those that the title calls new, of no year before."""
    if text_of(case.profile.gi.goods) in rule.words("live"):
        return True
    harvests = list(harvests_in(case))
    if any(harvest.year < day.year for harvest in harvests) or is_old(case):
        return False
    words = case.words.words("harvest")
    new = (word for word in words if word in case.shelf.title)
    return any(not closed.picked or word.startswith(_NEW) for word in new)


def _claimed(case: Case, rule: Rule, law: Law) -> Finding | None:
    """Goods told as of this year's harvest long before it begins: 2026新米, 刚收割 in July where rice is cut in late September."""
    season, on = case.profile.gi.season, case.on
    begins = _first_day(season, on.year) if season else None
    closed = _yet_to_begin(season, begins, on) if season and begins else None
    span = _claim(case, is_near=begins - on <= _AHEAD) if begins and closed else None
    if closed is None or span is None:
        return None
    place = case.sheet.place(*span)
    reason = f"{said(place)}：{on.isoformat()}销售，{closed.why}；如为预售应当写明。"
    notes = (f"“{case.profile.gi.name}”的时令尚未核实",) if closed.is_open_fact else ()
    return finding(rule, case, law, place, reason, rule.number("fresh", 0.7), unverified=notes)


def _yet_to_begin(season: Season, begins: date, on: date) -> _Closed | None:
    """Why no goods of this year's harvest can be there: before a known opening, or a month and more before the months of harvest.

    What is picked past New Year (11—2月) is new goods of that year for some months more.
    """
    if season.opens is not None:
        return _closed(season, on) if on < begins else None
    harvest = season.harvest
    if harvest is None or season.opening_dates or on >= begins - _MONTH:
        return None
    months = months_named(harvest.value)
    last = next((m for m in months if m < begins.month and m + 1 not in months), 0)  # of those past New Year
    if months >= _TURN_OF_YEAR and on.month <= last + _STAYS_NEW:
        return None
    return _Closed(f"而采收期为{harvest.value}", harvest.certainty is Certainty.UNVERIFIED)


def _claim(case: Case, *, is_near: bool) -> tuple[int, int] | None:
    """The folded span that tells goods of this year's harvest; none where the title tells an earlier year, old goods or a store."""
    title, year = case.shelf.title[:TITLE], str(case.on.year)
    just = case.words.pattern("just-harvested").search(title) if is_near and _JUST in title else None
    if just is None and year not in case.sheet.text and year[2:] not in title:
        return None
    harvests = list(harvests_in(case))
    if any(harvest.year < case.on.year for harvest in harvests) or is_old(case) or _is_stored(case, title):
        return None
    told = case.words.words("harvest")
    claim = next((h for h in harvests if h.word in told and _is_claimed(case, title, h)), None)
    found = _span(claim) or (just.span() if just else None)
    if found is None or case.sheet.title is None:
        return _claim_in_text(case)
    return case.sheet.title.start + found[0], case.sheet.title.start + found[1]


def _is_claimed(case: Case, title: str, harvest: Harvest) -> bool:
    """False for a month beside the year, which is that of milling or packing, for 2025-2026产季, and for goods that are denied or yet to come."""
    if "月" in title[harvest.start : harvest.end] or _RANGE.search(title, 0, harvest.start):
        return False
    return not _is_denied(case, title, harvest.start) and not _is_pending(
        case, title[harvest.end : harvest.end + _ASIDE]
    )


def _is_pending(case: Case, after: str) -> bool:
    """True where the next words say that the goods are yet to come: 2026新米 10月上市, but not 非预售."""
    return any(
        not _is_denied(case, after, found.start()) for found in case.words.pattern("told-pending").finditer(after)
    )


def _is_stored(case: Case, title: str) -> bool:
    """True where the title says that the goods come from a store: 冷库, but not 非冷库."""
    return any(not _is_denied(case, title, m.start()) for m in case.words.pattern("stored-goods").finditer(title))


def _claim_in_text(case: Case) -> tuple[int, int] | None:
    """The folded span of this year right before a word of harvest in another text, which is told of the goods and of no day to come."""
    sheet, words = case.sheet, case.words
    for count, found in enumerate(_new_of(words, case.on.year).finditer(sheet.text)):
        if count == _MONTHS:
            break
        field = sheet.segment_at(found.start()).field
        pending = _is_pending(case, sheet.after(found.end(), _ASIDE))
        if field is not Field.TITLE and field in _TOLD_IN and not pending and _is_of_the_goods(case, *found.span()):
            return found.span()
    return None


@lru_cache(maxsize=64)
def _new_of(words: Vocabulary, year: int) -> re.Pattern[str]:
    new = [word for word in words.words("harvest") if word[0] in _FIRST]
    return re.compile(rf"(?<!\d){year}年?[的份度 ]?{any_of(new)}")


def _of_next_year(case: Case, rule: Rule, law: Law) -> Finding | None:
    """A harvest of a year that has not come: 2027新茶 in 2026; not 2026-2027产季, which has begun."""
    title = case.shelf.title[:TITLE]
    ahead = next((h for h in harvests_in(case) if h.word and h.year > case.on.year), None)
    if ahead is None or _RANGE.search(title, 0, ahead.start) or case.sheet.title is None:
        return None
    start = case.sheet.title.start
    place = case.sheet.place(start + ahead.start, start + ahead.end)
    reason = f"{said(place)}：{case.on.isoformat()}销售，而{ahead.year}年尚未到来；如为预售应当写明。"
    return finding(rule, case, law, place, reason, rule.number("fresh", 0.7))


def _span(found: Spotted | Harvest | None) -> tuple[int, int] | None:
    return (found.start, found.end) if found else None


@lru_cache(maxsize=64)
def _in_season(words: Vocabulary, unfit: tuple[str, ...]) -> frozenset[str]:
    return words.words("in-season").difference(unfit)


@lru_cache(maxsize=20_000)
def _has_begun(profile: Profile, year: int, on: date) -> bool:
    """True where the season of a year has begun on a day, or nothing says when it does."""
    season = profile.gi.season
    if year != on.year or season is None:
        return year < on.year
    first = _first_day(season, year)
    return first is None or first <= on


def _first_day(season: Season, year: int) -> date | None:
    """The day on which the season of a year begins: as known, as in most years, as in the earliest of others, or by the months of harvest."""
    known = dict(season.opening_dates)
    if year in known:
        return known[year].value
    if season.opens is not None:
        return _day_of(season.opens.value, year)
    if known:
        return min(_day_of(fact.value.strftime("%m-%d"), year) for fact in known.values())
    return first_day_named(season.harvest.value, year) if season.harvest else None


def _month_and_day(month_day: str) -> tuple[int, int]:
    """3 and 20 for 03-20, a day of every year."""
    month, day = map(int, month_day.split("-"))
    return month, day


def _day_of(month_day: str, year: int) -> date:
    month, day = _month_and_day(month_day)
    return date(year, month, min(day, 28))


@lru_cache(maxsize=20_000)  # profiles are told apart by identity, so that hashing them costs nothing
def _closed_for(profile: Profile, on: date) -> _Closed | None:
    season = profile.gi.season
    return _closed(season, on) if season else None


def _closed(season: Season, on: date) -> _Closed | None:
    """Why goods of this year cannot be on sale on a day; None where they can, or nothing is known."""
    for year, fact in season.opening_dates:
        if year == on.year and season_start(on, season) <= on < fact.value:
            unverified = fact.certainty is Certainty.UNVERIFIED
            return _Closed(f"而当年开采（捕）日为{fact.value.isoformat()}", unverified, dated=True)
    opens, closes = season.opens, season.closes
    if opens is None:
        return _before_any(season, on) if season.opening_dates else _not_picked(season, on)
    month, day = _month_and_day(opens.value)
    today = on.strftime("%m-%d")
    if closes is None:
        inside = today >= opens.value
    elif opens.value <= closes.value:
        inside = opens.value <= today <= closes.value
    else:
        inside = today >= opens.value or today <= closes.value
    if inside:
        return None
    return _Closed(f"而时令自每年{month}月{day}日起", opens.certainty is Certainty.UNVERIFIED)


def _not_picked(season: Season, on: date) -> _Closed | None:
    """The same where only the months of harvest are known: what is stored is sold beyond them, but nothing is picked a month away."""
    harvest = season.harvest
    months = months_named(harvest.value) if harvest else frozenset()
    beside = {on.month, on.month % 12 + 1, (on.month - 2) % 12 + 1}
    if harvest is None or not months or months & beside:
        return None
    return _Closed(f"而采收期为{harvest.value}", harvest.certainty is Certainty.UNVERIFIED, picked=True)


def _before_any(season: Season, on: date) -> _Closed | None:
    """The same where the opening day of the year is not known, but those of two other years are: well before all of them."""
    known = sorted(fact.value.strftime("%m-%d") for year, fact in season.opening_dates if year != on.year)
    if len(known) < 2 or len(known) < len(season.opening_dates):
        return None
    first = _day_of(known[0], on.year) - _MARGIN
    if not season_start(on, season) <= on < first:
        return None
    month, day = _month_and_day(known[0])
    return _Closed(f"而往年最早于{month}月{day}日开采（捕），当年日期尚未录入", is_open_fact=True)


def season_start(on: date, season: Season) -> date:
    """The day from which goods on sale are this year's: after the close of the last season, else half a year before."""
    if season.closes is not None:
        closed = _day_of(season.closes.value, on.year)
        if closed < on:
            return closed
    return date(on.year, 3, 1)
