"""Working days with 调休, key periods of the year, and dates that follow the lunar calendar or the solar terms.

Working days come from chinesecalendar, which knows the State Council's yearly lists; for a year it does not know yet,
weekends and the statutory days of `holidays` are used and the answer is provisional. Lunar dates and solar terms come
from lunar-python.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
import holidays
from lunar_python import Lunar, Solar

MAX_WORKDAYS = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPeriod:
    """A time of the year when more is watched, or something is due, around the day `peak`. Bounds are included."""

    name: str
    starts: date
    ends: date
    peak: date
    why: str
    unverified: bool = False


def is_workday(day: date) -> bool:
    """True when offices work on `day`, moved working days (调休) included."""
    if is_provisional(day):
        return day.weekday() < 5 and day not in _statutory(day.year)
    return bool(chinese_calendar.is_workday(day))


def is_provisional(day: date) -> bool:
    """True when the State Council's list for that year is not known here yet."""
    return not _listed(day.year)


def add_workdays(day: date, count: int) -> date:
    """The day `count` working days after `day`; `day` itself does not count. A negative count goes back.

    Raises ValueError beyond 3,660 working days.
    """
    if abs(count) > MAX_WORKDAYS:
        raise ValueError(f"{count} working days is more than {MAX_WORKDAYS}")
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_workday(day)
    return day


def workdays_between(first: date, last: date) -> int:
    """Working days after `first` up to and including `last`; negative when `last` is earlier."""
    if last < first:
        return -workdays_between(last, first)
    return sum(is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def moved_days(year: int) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The days from Monday to Friday that are free, and the Saturdays and Sundays that are worked (调休), in a year."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    free = tuple(day for day in days if day.weekday() < 5 and not is_workday(day))
    return free, tuple(day for day in days if day.weekday() >= 5 and is_workday(day))


@lru_cache(maxsize=64)
def _listed(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=64)
def _statutory(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("CN", years=year).keys())


def lunar_day(year: int, month: int, day: int) -> date:
    """The solar date of a day of the lunar year that begins in `year`."""
    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def solar_term(year: int, name: str) -> date:
    """The date of a solar term in a year: 清明, 谷雨, 秋分 … Raises KeyError for an unknown name."""
    solar = Solar.fromYmd(year, 6, 1).getLunar().getJieQiTable()[name]
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=64)
def key_periods(year: int) -> tuple[KeyPeriod, ...]:
    """The key periods that begin in `year`, in order of their start.

    Source: the notice 国知发保函字 (2021) 29 names 春节、五一、中秋、国庆 and 4·26; the others are our own suggestion.
    """
    spring, dragon, autumn = lunar_day(year, 1, 1), lunar_day(year, 5, 5), lunar_day(year, 8, 15)
    notice = "国知发保函字（2021）29号点名的重点时段"
    own = "我们的建议，非文件规定"
    report = "2021 年通知的日期，其他年份以当年通知为准"
    periods = [
        _period("元旦", date(year, 1, 1), 3, 3, own),
        _period("年货节", spring, 30, 0, own),
        _period("春节", spring, 10, 10, notice),
        _period("3·15", date(year, 3, 15), 5, 3, own),
        _period("实施方案报送", date(year, 3, 15), 30, 0, report, unverified=True),
        _period(
            "专用标志使用年报", date(year, 3, 31), 75, 0, "2023 年度为 01-15 至 03-31，以当年通知为准", unverified=True
        ),
        _period("清明（明前茶）", solar_term(year, "清明"), 20, 0, own),
        _period("谷雨（雨前茶）", solar_term(year, "谷雨"), 10, 0, own),
        _period("4·26", date(year, 4, 26), 6, 0, notice),
        _period("五一", date(year, 5, 1), 7, 4, notice),
        _period("端午", dragon, 15, 2, own),
        _period("618", date(year, 6, 18), 29, 2, own),
        _period("中秋", autumn, 20, 2, notice),
        _period("国庆", date(year, 10, 1), 7, 6, notice),
        _period("双11", date(year, 11, 11), 28, 0, own),
        _period("工作总结报送", date(year, 12, 1), 30, 0, report, unverified=True),
        _period("双12", date(year, 12, 12), 5, 0, own),
    ]
    return tuple(sorted(periods, key=lambda period: (period.starts, period.name)))


def periods_on(day: date) -> tuple[KeyPeriod, ...]:
    """The key periods that `day` falls into."""
    near = (p for year in (day.year, day.year + 1) for p in key_periods(year))
    return tuple(p for p in near if p.starts <= day <= p.ends)


def _period(name: str, peak: date, before: int, after: int, why: str, *, unverified: bool = False) -> KeyPeriod:
    starts, ends = peak - timedelta(days=before), peak + timedelta(days=after)
    return KeyPeriod(name=name, starts=starts, ends=ends, peak=peak, why=why, unverified=unverified)
