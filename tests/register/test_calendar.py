"""Working days with 调休, lunar festivals, solar terms and key periods."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.register.calendar import (
    add_workdays,
    is_provisional,
    is_workday,
    key_periods,
    lunar_day,
    moved_days,
    periods_on,
    solar_term,
    workdays_between,
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday worked for the National Day week
        (date(2026, 10, 11), False),
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 17), False),
        (date(2026, 11, 20), True),
        (date(2026, 11, 22), False),
    ],
)
def test_moved_working_days_count(day: date, works: bool) -> None:
    assert is_workday(day) is works
    assert not is_provisional(day)


def test_a_year_without_a_list_is_provisional_but_keeps_statutory_days() -> None:
    assert is_provisional(date(2030, 1, 1))
    assert not is_workday(date(2030, 1, 1))
    assert not is_workday(date(2030, 10, 1))
    assert is_workday(date(2030, 3, 5))


def test_fifteen_working_days_over_the_national_day() -> None:
    assert add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert add_workdays(date(2026, 10, 10), -3) == date(2026, 9, 30)
    assert add_workdays(date(2026, 9, 30), 0) == date(2026, 9, 30)
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 10)) == 3


def test_days_off_and_moved_working_days_of_a_year() -> None:
    free, worked = moved_days(2026)
    assert {date(2026, 2, 17), date(2026, 10, 7)} <= set(free) and date(2026, 2, 14) in worked
    assert all(day.weekday() < 5 for day in free) and all(day.weekday() >= 5 for day in worked)
    assert moved_days(2050)[1] == ()  # nobody has moved any yet


def test_no_endless_walk() -> None:
    with pytest.raises(ValueError, match="working days"):
        add_workdays(date(2026, 1, 1), 100_000)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 60))
def test_counting_back_what_was_added(day: date, count: int) -> None:
    later = add_workdays(day, count)
    assert workdays_between(day, later) == count
    assert count == 0 or is_workday(later)


@pytest.mark.parametrize(
    ("year", "autumn", "spring", "dragon"),
    [
        (2027, date(2027, 9, 15), date(2027, 2, 6), date(2027, 6, 9)),
        (2028, date(2028, 10, 3), date(2028, 1, 26), date(2028, 5, 28)),
        (2029, date(2029, 9, 22), date(2029, 2, 13), date(2029, 6, 16)),
        (2030, date(2030, 9, 12), date(2030, 2, 3), date(2030, 6, 5)),
    ],
)
def test_lunar_festivals(year: int, autumn: date, spring: date, dragon: date) -> None:
    assert (lunar_day(year, 8, 15), lunar_day(year, 1, 1), lunar_day(year, 5, 5)) == (autumn, spring, dragon)


def test_solar_terms() -> None:
    assert solar_term(2026, "清明") == date(2026, 4, 5)
    assert solar_term(2027, "谷雨") == date(2027, 4, 20)
    with pytest.raises(KeyError):
        solar_term(2026, "中秋")


def test_the_key_periods_of_a_year() -> None:
    names = {period.name for period in key_periods(2027)}
    assert {"元旦", "春节", "3·15", "4·26", "五一", "端午", "中秋", "国庆", "618", "双11"} <= names
    for period in key_periods(2027):
        assert period.starts <= period.ends
        assert period.why
    assert [p.name for p in key_periods(2027) if p.unverified] == ["专用标志使用年报", "实施方案报送", "工作总结报送"]
    (autumn,) = [p for p in key_periods(2027) if p.name == "中秋"]
    assert autumn.starts <= date(2027, 9, 15) <= autumn.ends


def test_a_day_may_lie_in_a_period_of_the_next_year() -> None:
    assert [p.name for p in periods_on(date(2026, 12, 30))] == ["元旦"]
    assert "国庆" in [p.name for p in periods_on(date(2026, 10, 1))]
    assert periods_on(date(2026, 7, 15)) == ()
