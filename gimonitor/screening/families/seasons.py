"""Goods offered as fresh before the season of the year can have begun. P13 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from gimonitor.model.finding import Finding
from gimonitor.model.register import Certainty, Season
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.mentions import How
from gimonitor.screening.names import Profile
from gimonitor.text.months import months_named

_NAMING = frozenset(How) - {How.PLACE}
_MARGIN = timedelta(days=14)


class _Closed(NamedTuple):
    """Why goods of this year cannot be on sale: the sentence, whether unverified; by a dated opening, or only as fresh from the tree."""

    why: str
    is_open_fact: bool
    dated: bool = False
    picked: bool = False


def out_of_season(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """Words that say the goods are there now, on a day when they cannot be; an honest presale says nothing wrong."""
    closed = _closed_for(case.profile, case.on)
    if closed is None or not case.is_like or case.shelf.has("presale"):
        return
    mention = case.best(_NAMING) or next(iter(case.all_mentions), None)
    if mention is None:
        return
    fresh = case.shelf.has("in-season", case.words.words("picked") if closed.picked else None)
    if not fresh and not closed.dated:
        return
    if fresh and case.sheet.title:
        start = case.sheet.title.start
        place = case.sheet.place(start + fresh.start, start + fresh.end)
    else:
        place = case.sheet.place(mention.start, mention.end)
    confidence = rule.number("fresh", 0.7) if fresh else rule.number("silent", 0.35)
    reason = f"{said(place)}：{case.on.isoformat()}销售，{closed.why}；如为预售应当写明。"
    notes = (f"“{case.profile.gi.name}”的时令尚未核实",) if closed.is_open_fact else ()
    yield finding(rule, case, law, place, reason, confidence, unverified=notes)


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
    today = on.strftime("%m-%d")
    if closes is None:
        inside = today >= opens.value
    elif opens.value <= closes.value:
        inside = opens.value <= today <= closes.value
    else:
        inside = today >= opens.value or today <= closes.value
    if inside:
        return None
    return _Closed(f"而时令自{opens.value}起", opens.certainty is Certainty.UNVERIFIED)


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
    month, day = map(int, known[0].split("-"))
    first = date(on.year, month, min(day, 28)) - _MARGIN
    if not season_start(on, season) <= on < first:
        return None
    return _Closed(f"而往年最早于{known[0]}开采（捕），当年日期尚未录入", is_open_fact=True)


def season_start(on: date, season: Season) -> date:
    """The day from which goods on sale are this year's: after the close of the last season, else half a year before."""
    if season.closes is not None:
        month, day = map(int, season.closes.value.split("-"))
        closed = date(on.year, month, min(day, 28))
        if closed < on:
            return closed
    return date(on.year, 3, 1)
