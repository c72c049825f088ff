"""Counting: nothing seen goes unaccounted for."""

from datetime import UTC, datetime

from gimonitor.crawling.ledger import Ledger
from gimonitor.model.run import BlockKind


def test_whole_only_when_all_is_accounted_for():
    ledger = Ledger(["a", "b"])
    assert ledger.is_whole
    ledger["a"].seen = 3
    assert not ledger.is_whole
    ledger["a"].stored, ledger["a"].unchanged, ledger["a"].rejected = 1, 1, 1
    assert ledger.is_whole
    ledger["a"].seen, ledger["a"].failed = 4, 1
    assert ledger.is_accounted and not ledger.is_whole


def test_a_query_of_which_most_is_rejected_is_unread():
    ledger = Ledger(["a"])
    ledger["a"].seen = ledger["a"].stored = 3
    ledger["a"].reject("rejected (no_title): 4", None)
    ledger["a"].seen = 4
    (record,) = ledger.coverage(1, "s", datetime(2026, 1, 1, tzinfo=UTC))
    assert (record.unread, record.has_gap, record.detail) == (0, True, "rejected (no_title): 4")
    for _ in range(2):
        ledger["a"].reject("rejected (no_title): 4", None)
    ledger["a"].seen = 6
    assert ledger.coverage(1, "s", datetime(2026, 1, 1, tzinfo=UTC))[0].unread == 1


def test_a_source_that_refuses_every_query_has_refused_whatever_for():
    ledger = Ledger(["a", "b"])
    ledger["a"].block(BlockKind.FORBIDDEN, "forbidden: invalid signature")
    assert not ledger.is_refused
    ledger["b"].block(BlockKind.RATE_LIMIT, "rate_limit: quota")
    assert ledger.is_refused and not Ledger([]).is_refused
    ledger["b"].seen = 1
    assert not ledger.is_refused


def test_first_refusal_stays_and_remarks_are_counted_by_kind():
    count = Ledger(["a"])["a"]
    count.block(BlockKind.LOGIN, "login: https://x.example/1")
    count.block(BlockKind.CHALLENGE, "two")
    count.note("redirect to a private address refused: http://169.254.169.254/a: b (c)")
    for number in range(200):
        count.reject(f"rejected (no_title): {number}", None)
        count.note(f"unavailable: http://x.example/{number}")
    assert count.blocked is BlockKind.LOGIN
    assert count.detail.split("; ") == [
        "login: https://x.example/1",
        "two",
        "redirect to a private address refused: http://169.254.169.254/a: b (c)",
        "rejected (no_title) (200 times): 0",
        "unavailable (200 times): http://x.example/0",
    ]


def test_what_is_beyond_the_kinds_kept_is_counted_and_said():
    count = Ledger(["a"])["a"]
    for number in range(500):
        count.note(f"more {number} " + "x" * 1000)
    assert len(count.detail) < 10_000 and count.detail.endswith("; 460 more remarks of other kinds")


def test_coverage_has_every_query():
    records = Ledger(["a", "b"]).coverage(7, "practice", datetime(2026, 1, 1, tzinfo=UTC))
    assert [(r.run_id, r.source, r.query, r.seen) for r in records] == [
        (7, "practice", "a", 0),
        (7, "practice", "b", 0),
    ]
