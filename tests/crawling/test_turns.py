"""Turns at a site, shared by processes."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from gimonitor.crawling.hosts import Pace
from gimonitor.crawling.records import FileRecords
from gimonitor.crawling.turns import NotAskedError, TurnBook, in_hours

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)  # 09:00 in Beijing
SLOW = Pace(delay=5)
TAKER = """
import sys, json
from datetime import datetime
from pathlib import Path
from gimonitor.crawling.hosts import Pace
from gimonitor.crawling.records import FileRecords
from gimonitor.crawling.turns import TurnBook
book = TurnBook(FileRecords(Path(sys.argv[1])))
print(json.dumps([book.take("a.test", Pace(delay=5), 0.0, datetime.fromisoformat(sys.argv[2])) for _ in range(40)]))
"""


@pytest.fixture
def book(tmp_path):
    return TurnBook(FileRecords(tmp_path / "turns"))


def test_a_gap_between_turns_of_one_site_only(book):
    assert [book.take("a.test", SLOW, 0, NOW) for _ in range(3)] == [0, 5, 10]
    assert book.take("b.test", SLOW, 0, NOW) == 0
    assert book.take("a.test", SLOW, 0.5, NOW + timedelta(seconds=60)) == 0
    assert book.take("a.test", SLOW, 0, NOW + timedelta(seconds=61)) == pytest.approx(6.5)


def test_processes_share_the_turns(tmp_path):
    """Two processes that take forty turns each get eighty different ones."""
    command = [sys.executable, "-c", TAKER, str(tmp_path / "turns"), NOW.isoformat()]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    waits = sorted(wait for one in both for wait in json.loads(one.communicate(timeout=60)[0]))
    assert waits == [5.0 * n for n in range(80)]


def test_the_pages_of_a_day_end(book):
    pace = Pace(delay=0, daily_pages=2, reason="a test")
    assert [book.take("a.test", pace, 0, NOW) for _ in range(2)] == [0, 0]
    with pytest.raises(NotAskedError, match="used up"):
        book.take("a.test", pace, 0, NOW)
    assert TurnBook(FileRecords(book.records.folder)).take("a.test", pace, 0, NOW + timedelta(days=1)) == 0


def test_a_site_that_asks_for_more_time_gets_it_for_the_day(book):
    assert book.slow("a.test", 20, NOW) == 20
    assert book.take("a.test", SLOW, 0, NOW) == 20
    assert book.double("a.test", 10, NOW) == 40 and book.double("b.test", 10, NOW) == 10
    assert book.slow("a.test", 9999, NOW) == 300
    book.pause("c.test", 100, NOW)
    assert book.take("c.test", SLOW, 0, NOW) == 100
    assert book.take("a.test", SLOW, 0, NOW + timedelta(days=1)) == 0


def test_a_refusal_is_forgiven_while_the_site_answers_and_robots_txt_is_not(book):
    quick = Pace(delay=0, reason="a test")
    book.slow("a.test", 2, NOW)
    assert book.double("a.test", 1, NOW) == 4
    gaps, moment = [], NOW + timedelta(seconds=4)
    for _ in range(40):
        moment += timedelta(seconds=book.take("a.test", quick, 0, moment))
        gaps.append(book.take("a.test", quick, 0, moment))
        moment += timedelta(seconds=gaps[-1])
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] == pytest.approx(4) and gaps[5] < 3 and gaps[-1] == pytest.approx(2)


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"other": 1}', '{"next_at": "x"}', '{"next_at": 1e300}', "{"])
def test_a_damaged_file_stops_nobody(book, text):
    book.take("a.test", SLOW, 0, NOW)
    (book.records.folder / "a.test.json").write_text(text)
    assert 0 <= book.take("a.test", SLOW, 0, NOW) <= 600


@pytest.mark.parametrize(
    ("hours", "inside"),
    [("", True), ("08:00-10:00", True), ("09:00-09:01", True), ("10:00-12:00", False), ("22:00-07:00", False), ("22:00-09:30", True)],
)  # fmt: skip
def test_hours(book, hours, inside):
    assert in_hours(hours, NOW) is inside
    if not inside:
        with pytest.raises(NotAskedError, match=hours):
            book.take("a.test", Pace(delay=5, hours=hours), 0, NOW)


@pytest.mark.parametrize("hours", ["9-10", "25:00-07:00", "22:00", "08:00–10:00"])
def test_hours_that_are_none(hours):
    with pytest.raises(ValueError, match="hours"):
        Pace(delay=5, hours=hours)
