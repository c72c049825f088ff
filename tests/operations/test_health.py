"""The verdict over a night by its own past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.operations.health import Health, Night, Sign, judge_health, load_health
from gimonitor.store import runs
from gimonitor.store.database import Store

NOW = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
QUERIES = ("五常大米", "阳澄湖大闸蟹", "西湖龙井", "金华火腿")


def record(query: str, seen: int = 10, minutes: float = 10, began: datetime = NOW, **values: object) -> Coverage:
    given = {"pages_asked": 2, "pages_answered": 2, "stored": seen, "at": began + timedelta(minutes=minutes)}
    return Coverage(**({"run_id": 1, "source": "shop", "query": query, "seen": seen} | given | values))


def night(days: int, seen: int = 10, minutes: float = 10, **values: object) -> Night:
    began = NOW - timedelta(days=days)
    return Night(started_at=began, coverage=tuple(record(q, seen, minutes, began, **values) for q in QUERIES))


PAST = [night(days, seen=10 + days % 3) for days in range(1, 20)]


def signs(health: Health) -> list[Sign]:
    return [symptom.sign for symptom in health.symptoms]


def test_a_night_like_the_others_has_no_symptom() -> None:
    health = judge_health(night(0), PAST)
    assert (health.symptoms, health.nights) == ((), {"shop": 14})


def test_half_of_what_it_used_to_be_is_low_with_both_figures_in_the_sentence() -> None:
    health = judge_health(night(0, seen=4), PAST)
    assert signs(health) == [Sign.LOW]
    [symptom] = health.symptoms
    assert (symptom.got, symptom.usual) == (16, 44)
    assert "16 件" in symptom.text
    assert "44 件" in symptom.text


def test_only_the_last_fourteen_nights_count() -> None:
    old = [night(days, seen=100) for days in range(15, 29)]
    assert judge_health(night(0), [*PAST[:14], *old]).symptoms == ()


def test_a_night_that_asks_less_by_plan_is_no_alarm() -> None:
    half = Night(started_at=NOW, coverage=tuple(record(q, minutes=5) for q in QUERIES[:2]))
    assert judge_health(half, PAST).symptoms == ()


def test_nothing_at_all_is_told_even_without_a_past_and_names_a_page_to_open() -> None:
    [symptom] = judge_health(night(0, seen=0), []).symptoms
    assert symptom.sign is Sign.ZERO
    assert "五常大米" in symptom.text
    assert "不等于市场上没有" in symptom.text


def test_one_query_that_falls_silent_is_told_although_the_source_is_fine() -> None:
    tonight = Night(started_at=NOW, coverage=(record(QUERIES[0], 0), *(record(q) for q in QUERIES[1:])))
    [symptom] = judge_health(tonight, PAST).symptoms
    assert (symptom.sign, symptom.queries) == (Sign.QUERIES, ("五常大米",))


def test_a_refused_query_is_blocked_not_silent() -> None:
    refused = record(QUERIES[0], 0, blocked=BlockKind.CHALLENGE, pages_answered=0)
    health = judge_health(Night(started_at=NOW, coverage=(refused, *(record(q) for q in QUERIES[1:]))), PAST)
    assert signs(health) == [Sign.BLOCKED]
    assert "25%" in health.symptoms[0].text


@pytest.mark.parametrize(
    ("source", "kind", "advice"),
    [
        ("shop", BlockKind.LOGIN, "人工取证"),
        ("kuaishou_cps", BlockKind.LOGIN, "secrets edit"),
        ("jd_union", BlockKind.FORBIDDEN, "secrets edit"),
        ("ebay", BlockKind.RATE_LIMIT, "daily_calls"),
        ("ebay", BlockKind.UNAVAILABLE, "下一夜再试"),
    ],
)
def test_what_to_do_about_a_refusal_depends_on_the_door(source: str, kind: BlockKind, advice: str) -> None:
    refused = record(QUERIES[0], 0, source=source, blocked=kind, pages_answered=0)
    nothing, blocked = judge_health(Night(started_at=NOW, coverage=(refused,)), []).symptoms
    assert advice in blocked.text
    assert ("人工取证" in blocked.text) == ("结果页" in nothing.text) == (source == "shop")


def test_calls_that_came_too_fast_are_no_spent_quota() -> None:
    detail = "rate_limit: http://127.0.0.1/apis/pdd (70031 调用过于频繁，请调整调用频率)"
    refused = record("五常大米", 0, source="pdd_ddk", blocked=BlockKind.RATE_LIMIT, pages_answered=0, detail=detail)
    text = judge_health(Night(started_at=NOW, coverage=(refused,)), []).symptoms[1].text
    assert "调用过快" in text and "额度未用完" in text and "daily_calls" not in text


def test_an_api_is_quoted_so_that_a_wrong_clock_is_told_from_a_wrong_key() -> None:
    detail = "forbidden (22 times): http://127.0.0.1/apis/jd (20 无效时间戳); 3 more remarks of other kinds"
    refused = record("五常大米", 0, source="jd_union", blocked=BlockKind.FORBIDDEN, pages_answered=0, detail=detail)
    text = judge_health(Night(started_at=NOW, coverage=(refused,)), []).symptoms[1].text
    assert "平台原话：20 无效时间戳）" in text and "本机时钟" in text
    page = replace(refused, source="shop")
    assert "原话" not in judge_health(Night(started_at=NOW, coverage=(page,)), []).symptoms[1].text


def test_a_source_that_is_always_refused_in_part_is_compared_with_itself() -> None:
    def partly(days: int) -> Night:
        began = NOW - timedelta(days=days)
        refused = record(QUERIES[0], 0, began=began, blocked=BlockKind.LOGIN, pages_answered=0)
        return Night(started_at=began, coverage=(refused, *(record(q, began=began) for q in QUERIES[1:])))

    assert judge_health(partly(0), [partly(days) for days in range(1, 8)]).symptoms == ()


def test_an_answer_of_other_goods_is_no_refusal_but_its_silence_is_told() -> None:
    fuzzy = record(QUERIES[0], 0, blocked=BlockKind.FUZZY)
    health = judge_health(Night(started_at=NOW, coverage=(fuzzy, *(record(q) for q in QUERIES[1:]))), PAST)
    assert signs(health) == [Sign.QUERIES]


def test_paging_that_stops_after_the_first_page_is_told() -> None:
    usual = [night(days, pages_asked=10, pages_answered=10) for days in range(1, 8)]
    assert signs(judge_health(night(0), usual)) == [Sign.PAGES]


def test_slower_is_told_by_the_time_between_the_ends_of_slices() -> None:
    assert signs(judge_health(night(0, minutes=45), PAST)) == [Sign.SLOW]
    assert judge_health(night(0, minutes=14), PAST).symptoms == ()


def test_time_is_counted_for_the_source_that_used_it() -> None:
    def two(days: int, first: float, second: float) -> Night:
        began = NOW - timedelta(days=days)
        a = record("a", 5, first, began, source="first")
        b = record("b", 5, first + second, began, source="second")
        return Night(started_at=began, coverage=(a, b))

    health = judge_health(two(0, 10, 60), [two(days, 10, 10) for days in range(1, 8)])
    assert [(s.source, s.sign, round(s.got)) for s in health.symptoms] == [("second", Sign.SLOW, 60)]


def test_a_source_that_was_asked_every_night_and_not_this_one_is_told() -> None:
    other = Night(started_at=NOW, coverage=(record("a", source="practice"),))
    health = judge_health(other, PAST)
    assert [(s.source, s.sign) for s in health.symptoms] == [("shop", Sign.NOT_ASKED)]


def test_two_nights_are_no_past() -> None:
    assert judge_health(night(0, seen=1), PAST[:2]).symptoms == ()


def test_stored_runs_are_compared_and_interrupted_or_later_ones_left_out(sqlite_store: Store) -> None:
    made = []
    with sqlite_store.write() as c:
        for days, seen, state in (
            *((d, 10, RunState.OK) for d in range(5, 1, -1)),
            (1, 0, RunState.INTERRUPTED),
            (0, 3, RunState.OK),
        ):
            began = NOW - timedelta(days=days)
            run_id = runs.start_run(c, "nightly", {}, now=began)
            runs.save_coverage(c, record("五常大米", seen, began=began, run_id=run_id))
            runs.finish_run(c, run_id, state, "", now=began + timedelta(hours=1))
            made.append(run_id)
        by_hand = runs.start_run(c, "manual", {}, now=NOW)
        runs.save_coverage(c, record("五常大米", 500, run_id=by_hand))
    with sqlite_store.read() as c:
        health = load_health(c, runs.load_run(c, made[-1]))
        early = load_health(c, runs.load_run(c, made[0]))
    assert (signs(health), health.nights) == ([Sign.LOW], {"shop": 4})
    assert (early.symptoms, early.nights) == ((), {"shop": 0})
