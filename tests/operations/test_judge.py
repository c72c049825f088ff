"""The verdict over a run's records."""

from __future__ import annotations

from gimonitor.model.run import BlockKind, Coverage, RunState, Slice, SliceState
from gimonitor.operations.nightly import judge


def coverage(**values: object) -> Coverage:
    return Coverage(**({"run_id": 1, "source": "s", "query": "五常大米"} | values))


def piece(state: SliceState) -> Slice:
    return Slice(id=1, run_id=1, source="s", queries=("五常大米",), state=state)


DONE = [piece(SliceState.DONE)]


def test_everything_accounted_for_is_ok() -> None:
    verdict = judge(1, [coverage(pages_asked=2, pages_answered=2, seen=5, stored=3, unchanged=2)], DONE)
    assert (verdict.state, verdict.gaps, verdict.seen, verdict.stored) == (RunState.OK, (), 5, 3)


def test_rejected_listings_are_a_gap_and_a_night_of_nothing_else_has_failed() -> None:
    some = judge(1, [coverage(seen=5, stored=4, rejected=1)], DONE)
    assert (some.state, some.gaps) == (RunState.PARTIAL, ("s “五常大米”: 1 of 5 listings were rejected",))
    assert judge(1, [coverage(seen=5, rejected=5, unread=1)], DONE).state is RunState.FAILED


def test_a_listing_that_is_not_accounted_for_is_a_gap() -> None:
    verdict = judge(1, [coverage(seen=5, stored=3)], DONE)
    assert verdict.state is RunState.PARTIAL
    assert "2 listings are not accounted for" in verdict.gaps[0]


def test_cut_off_failed_and_unanswered_pages_are_gaps() -> None:
    verdict = judge(
        1, [coverage(pages_asked=3, pages_answered=2, seen=5, stored=4, failed=1, cut_off=True, announced=90)], DONE
    )
    assert verdict.state is RunState.PARTIAL
    assert [word in " ".join(verdict.gaps) for word in ("cut off after 5 of 90", "1 could not", "1 pages without")] == [
        True
    ] * 3


def test_a_run_that_saw_nothing_is_an_alarm_and_never_ok() -> None:
    verdict = judge(1, [coverage(pages_asked=1, pages_answered=1)], DONE)
    assert verdict.state is RunState.FAILED
    assert "alarm" in verdict.gaps[0]


def test_a_source_that_refused_everything_is_blocked() -> None:
    verdict = judge(1, [coverage(blocked=BlockKind.CHALLENGE)], [piece(SliceState.BLOCKED)])
    assert verdict.state is RunState.BLOCKED
    wrong_signature = coverage(blocked=BlockKind.FORBIDDEN, pages_asked=1)
    assert judge(1, [wrong_signature], DONE).state is RunState.BLOCKED, "one word, whatever it was refused for"
    assert judge(1, [wrong_signature, coverage(query="米", seen=1, stored=1)], DONE).state is RunState.PARTIAL


def test_an_answer_of_zero_by_a_fuzzy_page_is_no_gap() -> None:
    records = [
        coverage(seen=1, stored=1),
        coverage(query="没有", blocked=BlockKind.FUZZY, pages_asked=1, pages_answered=1),
    ]
    assert judge(1, records, DONE).state is RunState.OK


def test_a_slice_left_open_is_a_gap_although_its_listings_are_stored() -> None:
    assert judge(1, [coverage(seen=1, stored=1)], [piece(SliceState.PENDING)]).state is RunState.PARTIAL


def test_a_stopped_run_keeps_that_name() -> None:
    assert judge(1, [coverage(seen=1, stored=1)], DONE, RunState.INTERRUPTED).state is RunState.INTERRUPTED
