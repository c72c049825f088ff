"""Answers on what was sent, one by one or from a table: recorded whatever came between, read in one way only; and the days
of a counter-notice, which no word in between ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gimonitor.errors import ConflictError, InputError
from gimonitor.model.finding import Finding, Place, Score, ScoreTerm, Screening, Stage, Suspicion
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field, Listing
from gimonitor.store import captures, leads
from gimonitor.store.clocks import open_notices
from gimonitor.store.database import Store, open_store
from gimonitor.store.listings import Observation, save_listings
from gimonitor.tables import open_table
from gimonitor.workflow import clocks, decisions, following
from gimonitor.workflow.answers import Preview, read_answers, read_result, record_answers
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.figures import Period
from gimonitor.workflow.notices import answers_on
from gimonitor.workflow.platformscore import platform_marks
from gimonitor.workflow.roles import Role
from gimonitor.workflow.vocabulary import Answer, Channel, Seen

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
ZHAO = Actor(login="zhao", roles=frozenset({Role.APPROVER}))
LATE = date(2026, 11, 18)
"""The last day for a complaint or suit after a counter-notice of the day of NOW."""


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    title = "五常大米 10kg"
    finding = Finding(
        model_id="m", model_version=1, family="N1a", gi_id="wuchang", gi_name="五常大米",
        place=Place(field=Field.TITLE, start=0, end=4, text=title[:4]),
        reason="产区外使用名称", clears="产地证明", severity=0.9, confidence=0.8,
    )  # fmt: skip
    score = Score(total=50.0, terms=(ScoreTerm(name="severity", value=0.9, inputs=""),))
    suspicion = Suspicion(gi_id="wuchang", gi_name="五常大米", findings=(finding,), score=score)
    screening = Screening(
        stage=Stage.FLAGGED, suspicions=(suspicion,), clearings=(), on=NOW.date(), register_digest="r"
    )
    seen = [
        Observation(
            listing=Listing(platform="practice", item_id=f"g00{n}", title=title, observed_at=NOW), screening=screening
        )
        for n in (1, 2)
    ]
    with open_store(store_url) as opened:
        with opened.write() as c:
            save_listings(c, seen, None)
        export(opened)
        send(opened, 1)
        yield opened


def export(store: Store, number: int = 1) -> None:
    pack = captures.StoredPack(
        kind="complaint", file=f"GI-{number}.zip", sha256=str(number) * 64, size=1, at=NOW, who="wang", lead_ids=(1, 2)
    )
    with store.write() as c:
        captures.save_pack(c, pack)


def version(store: Store, lead_id: int = 1) -> int:
    with store.read() as c:
        return leads.load_lead_row(c, lead_id).version


def state(store: Store, lead_id: int = 1) -> State:
    with store.read() as c:
        return leads.load_lead_row(c, lead_id).state


def send(store: Store, lead_id: int, now: datetime = NOW) -> None:
    with store.write() as c:
        v = leads.load_lead_row(c, lead_id).version
        v = decisions.judge(c, WANG, lead_id, v, Resolution.CONFIRMED, now=now)
        v = decisions.approve(c, ZHAO, lead_id, v, now=now)
        following.send(
            c, WANG, lead_id, v, now=now,
            channel=Channel.PLATFORM, addressee="演练平台", receipt=f"P-{lead_id}", workdays=7,
        )  # fmt: skip


def answer(store: Store, kind: Answer, days: int = 0, notice: int = 1) -> None:
    now = NOW + timedelta(days=days)
    with store.write() as c:
        v = leads.load_lead_row(c, 1).version
        following.answer(c, WANG, 1, v, now=now, notice_id=notice, kind=kind, text="")


def look(store: Store, seen: Seen, days: int = 1) -> None:
    with store.write() as c:
        v = leads.load_lead_row(c, 1).version
        following.recheck(c, WANG, 1, v, now=NOW + timedelta(days=days), seen=seen, text="")


def close(store: Store, days: int = 0) -> None:
    with store.write() as c:
        v = leads.load_lead_row(c, 1).version
        decisions.close(c, WANG, 1, v, now=NOW + timedelta(days=days), why="已处理")


def running(store: Store, days: int = 0) -> list[date]:
    with store.read() as c:
        return [clock.ends for clock in clocks.counters(c, NOW + timedelta(days=days))]


def test_an_answer_is_recorded_after_a_look_at_the_page_and_is_no_step_back(store: Store) -> None:
    for day, seen in enumerate(Seen, start=1):
        look(store, seen, day)
        answer(store, Answer.MORE, day)
        assert state(store) is State.RECHECKED, seen
    answer(store, Answer.REMOVED, 6)
    with store.read() as c:
        (notice,) = captures.notices_of(c, 1)
        assert answers_on(notice) == ("more",) * len(Seen) + ("removed",)
        assert notice.answered_at == NOW + timedelta(days=6)
        assert clocks.answers_due(c, NOW + timedelta(days=40)) == ()
        assert leads.load_lead_row(c, 1).look_on == date(2026, 11, 10)  # the ladder goes on where it was


def test_what_comes_after_closing_is_kept_and_brings_the_lead_back_only_to_be_acted_on(store: Store) -> None:
    close(store)
    answer(store, Answer.REMOVED, 2)
    assert state(store) is State.CLOSED
    answer(store, Answer.COUNTER, 4)
    assert state(store) is State.ANSWERED
    assert running(store, 4) == [date(2026, 11, 22)]
    with store.read() as c:
        record = leads.load_lead(c, 1)
    assert record.lead.resolution is Resolution.CONFIRMED
    assert record.lead.look_on == date(2026, 11, 10)
    assert answers_on(record.notices[0]) == ("removed", "counter")
    assert [d.action for d in record.decisions][-2:] == ["answer", "answer"]


def test_no_word_in_between_ends_the_days_of_a_counter_notice(store: Store) -> None:
    answer(store, Answer.REMOVED)
    answer(store, Answer.COUNTER)
    for kind in (Answer.ACCEPTED, Answer.RECEIVED, Answer.FILED, Answer.MORE, Answer.PASSED_ON, Answer.OTHER):
        answer(store, kind, 1)
        assert running(store, 1) == [LATE], kind
    answer(store, Answer.REMOVED)  # of the day of the statement: what it is against
    assert running(store, 1) == [LATE]


def test_what_ends_the_days_of_a_counter_notice(store: Store) -> None:
    for kind in (Answer.REMOVED, Answer.REJECTED, Answer.RESTORED, Answer.PENALTY, Answer.CONTESTED):
        answer(store, Answer.COUNTER)
        assert running(store) == [LATE]
        answer(store, kind, 2)
        assert running(store, 2) == [], kind
    close(store, 3)
    assert state(store) is State.CLOSED


def test_closing_waits_for_the_days_of_a_counter_notice(store: Store) -> None:
    answer(store, Answer.COUNTER)
    with pytest.raises(ConflictError, match=r"至 2026-11-18.*第四十三条"):
        close(store, 15)
    assert state(store) is State.ANSWERED and running(store, 15) == [LATE]
    assert running(store, 16) == [LATE]  # over, and shown until somebody sees to it
    close(store, 16)
    assert running(store, 16) == []


def test_the_days_run_on_where_the_lead_is_judged_anew_and_closed(store: Store) -> None:
    answer(store, Answer.COUNTER)
    with store.write() as c:
        v = decisions.act(c, WANG, 1, leads.load_lead_row(c, 1).version, decisions.Action.REOPEN, now=NOW, why="重新看")
        decisions.judge(c, WANG, 1, v, Resolution.FAIR_USE, now=NOW)
    assert state(store) is State.CLOSED and running(store) == [LATE]
    with store.write() as c:
        following.withdraw(c, WANG, 1, leads.load_lead_row(c, 1).version, now=NOW, why="投诉有误")
    assert state(store) is State.CLAIMED and running(store) == []


def test_a_complaint_or_suit_is_told_only_against_a_counter_notice(store: Store) -> None:
    with pytest.raises(InputError, match="反通知"):
        answer(store, Answer.CONTESTED)


def test_the_platforms_day_is_not_moved_by_what_comes_later(store: Store) -> None:
    answer(store, Answer.REMOVED, 1)
    for kind in (Answer.COUNTER, Answer.ACCEPTED, Answer.CONTESTED):
        answer(store, kind, 9)
    with store.read() as c:
        (notice,) = captures.notices_of(c, 1)
    assert notice.answered_at == NOW + timedelta(days=1)
    assert notice.detail["kind"] == "counter"  # an interim word is not what the platform said in the end


def test_a_complaint_taken_back_has_no_answers_any_more(store: Store) -> None:
    with store.write() as c:
        following.withdraw(c, WANG, 1, version(store), now=NOW, why="投诉有误")
    with pytest.raises(InputError, match="2026-11-03 撤回"):
        answer(store, Answer.REMOVED)
    with pytest.raises(InputError, match="随撤回的报送作废"):
        send(store, 1)
    export(store, 2)
    send(store, 1)
    with pytest.raises(InputError, match="撤回"):
        answer(store, Answer.REMOVED)
    assert state(store) is State.SENT
    answer(store, Answer.REMOVED, notice=2)
    assert state(store) is State.ANSWERED


def test_an_answer_to_an_older_notice_leaves_the_newer_waiting(store: Store) -> None:
    answer(store, Answer.MORE)
    with store.write() as c:
        decisions.act(c, WANG, 1, version(store), decisions.Action.REOPEN, now=NOW, why="补充材料")
    send(store, 1, NOW + timedelta(days=1))
    answer(store, Answer.REJECTED, 2)
    assert state(store) is State.SENT
    with store.read() as c:
        assert [n.answered_at is None for n in captures.notices_of(c, 1)] == [False, True]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("已删除", Answer.REMOVED),
        ("投诉成立，已下架", Answer.REMOVED),
        ("成功", Answer.REMOVED),
        ("驳回：证据不足", Answer.REJECTED),
        ("投诉不成立", Answer.REJECTED),
        ("不予处理", Answer.REJECTED),
        ("审核未通过", None),
        ("未通过", Answer.REJECTED),
        ("已受理，处理中", Answer.ACCEPTED),
        ("提交成功", Answer.ACCEPTED),
        ("待补充材料", Answer.MORE),
        ("反通知成立", Answer.RESTORED),
        ("卖家申诉中", Answer.COUNTER),
        ("REMOVED", Answer.REMOVED),
        *((said, None) for said in (
            "未删除", "未 删除", "未成功", "没有下架", "不删除", "下架失败", "删除失败，材料不足", "申诉失败", "申诉成功", "申诉成立", "反通知不成立",
            "卖家申诉不成立", "投诉已成功受理", "部分删除", "待删除", "删除后恢复", "撤销下架", "not removed", "是否成立", "",
            "处理", "成立、驳回", "已下架，反通知", "投诉成功后撤诉", "未恢复链接",
        )),
    ],
)  # fmt: skip
def test_a_cell_is_read_in_one_way_or_goes_back(said: str, kind: Answer | None) -> None:
    read = read_result(said)
    assert read is kind if kind else isinstance(read, str) and not isinstance(read, Answer), read


def preview(store: Store, tmp_path: Path, rows: str) -> Preview:
    path = tmp_path / "answers.csv"
    path.write_text(f"线索编号,处理结果,处理时间\n{rows}", "utf-8")
    with store.read() as c:
        return read_answers(c, open_table(path), now=NOW)


def record(store: Store, found: Preview) -> None:
    with store.write() as c:
        record_answers(c, WANG, found, now=NOW, file_sha256="a" * 64)


def test_a_table_is_recorded_whatever_came_between(store: Store, tmp_path: Path) -> None:
    send(store, 2)
    look(store, Seen.GONE, 0)
    found = preview(store, tmp_path, "1,已删除,2026-11-03\n2,未删除,2026-11-03\n")
    assert [(one.row, one.kind) for one in found.matched] == [(2, Answer.REMOVED)]
    assert [(one.row, "“未”" in one.why) for one in found.refused] == [(3, True)]
    record(store, found)
    close(store)
    again = preview(store, tmp_path, "1,已删除,2026-11-03\n2,驳回,2026-11-03\n")
    assert [one.row for one in again.matched] == [3] and "线索 1 的这次报送已登记过" in again.refused[0].why
    record(store, preview(store, tmp_path, "1,反通知,2026-11-03\n2,驳回,2026-11-03\n"))
    with store.read() as c:
        assert [answers_on(captures.notices_of(c, n)[0]) for n in (1, 2)] == [("removed", "counter"), ("rejected",)]
        assert open_notices(c) == []


def test_two_notices_of_one_lead_in_one_table(store: Store, tmp_path: Path) -> None:
    with store.write() as c:
        decisions.act(c, WANG, 1, version(store), decisions.Action.REOPEN, now=NOW, why="再报")
    send(store, 1)
    with store.write() as c:
        following.add_receipt(c, WANG, 1, 2, "P-9", now=NOW)
    path = tmp_path / "answers.csv"
    path.write_text("受理编号,处理结果\nP-1,驳回\nP-9,已下架\n", "utf-8")
    with store.read() as c:
        found = read_answers(c, open_table(path), now=NOW)
    record(store, found)
    with store.read() as c:
        assert [answers_on(n) for n in captures.notices_of(c, 1)] == [("rejected",), ("removed",)]


def test_what_cannot_be_recorded_names_its_row_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    send(store, 2)
    found = preview(store, tmp_path, "1,已删除,2026-11-03\n2,驳回,2026-11-03\n")
    with store.write() as c:
        following.withdraw(c, WANG, 2, version(store, 2), now=NOW, why="投诉有误")
    with pytest.raises(InputError, match=r"第 3 行（线索 2）.*撤回"):
        record(store, found)
    with store.read() as c:
        assert answers_on(captures.notices_of(c, 1)[0]) == ()
    assert "没有对应的" in preview(store, tmp_path, "2,驳回,2026-11-03\n").refused[0].why


def test_a_platform_that_acted_stays_one_that_acted(store: Store) -> None:
    def marks(days: int = 9) -> dict[str, float | None]:
        with store.read() as c:
            period = Period(first=NOW.date(), last=(NOW + timedelta(days=days)).date())
            found = platform_marks(c, period, now=NOW + timedelta(days=90))
        return {name: mark.value for name, mark in found["practice"].items()}

    answer(store, Answer.COUNTER)
    assert "acted" not in marks()  # a counter-notice is no answer of the platform
    answer(store, Answer.REMOVED, 2)
    for kind in (Answer.COUNTER, Answer.ACCEPTED, Answer.RESTORED):
        answer(store, kind, 4)
        assert (marks()["acted"], marks()["median_days"]) == (1.0, 2.0), kind
    answer(store, Answer.REMOVED, 5)
    look(store, Seen.STILL_UP, 6)
    assert marks()["promise"] == 1.0
