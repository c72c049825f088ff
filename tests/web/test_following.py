"""From the approved lead to its close: pack, receipt, answers, clocks in working days, rechecks, questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.model.lead import Resolution, State
from gimonitor.model.zone import BEIJING
from gimonitor.papers.places import custody_log
from gimonitor.store import captures, leads
from gimonitor.store.database import Store
from gimonitor.workflow import clocks, decisions, following
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.following import term
from gimonitor.workflow.roles import Role
from gimonitor.workflow.vocabulary import Answer, Channel, Seen

Enter = Callable[[str], TestClient]
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
ZHAO = Actor(login="zhao", roles=frozenset({Role.APPROVER}))
NOW = datetime(2026, 9, 29, 2, 0, tzinfo=UTC)  # two days before 国庆


def approved(store: Store, now: datetime) -> int:
    """Lead 1, approved; gives its version."""
    with store.write() as c:
        version = decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=now)
        return decisions.approve(c, ZHAO, 1, version, now=now)


def with_pack(store: Store, now: datetime) -> None:
    pack = captures.StoredPack(kind="push", file="GI-1.zip", sha256="a" * 64, size=1, at=now, who="wang", lead_ids=(1,))
    with store.write() as c:
        captures.save_pack(c, pack)


def sent(store: Store, workdays: int = 3) -> int:
    version = approved(store, NOW)
    with_pack(store, NOW)
    with store.write() as c:
        return following.send(
            c,
            WANG,
            1,
            version,
            now=NOW,
            channel=Channel.PLATFORM,
            addressee="演练平台",
            receipt="P-7",
            workdays=workdays,
        )


@pytest.mark.parametrize(
    ("day", "workdays", "last"),
    [
        (datetime(2026, 9, 9, 2, 0, tzinfo=UTC), 1, date(2026, 9, 10)),
        (datetime(2026, 9, 11, 2, 0, tzinfo=UTC), 1, date(2026, 9, 14)),  # over a weekend
        (datetime(2026, 9, 10, 17, 0, tzinfo=UTC), 1, date(2026, 9, 14)),  # already Friday in Beijing
    ],
)
def test_a_term_ends_with_its_last_working_day_in_beijing(day: datetime, workdays: int, last: date) -> None:
    ends = term(day, workdays).astimezone(BEIJING)
    assert (ends.date(), ends.hour) == (last, 23)


def test_a_term_jumps_over_the_holidays() -> None:
    assert term(NOW, 3).astimezone(BEIJING).date() > date(2026, 10, 7)


def test_nothing_is_sent_without_a_pack(enter: Enter, store: Store) -> None:
    version = approved(store, NOW)
    form = {"version": str(version), "channel": "platform", "addressee": "演练平台", "workdays": "3"}
    answer = enter("wang").post("/leads/1/send", data=form)
    assert answer.status_code == 422 and "证据包" in answer.text
    with store.read() as c:
        assert leads.load_lead_row(c, 1).state is State.APPROVED
        assert captures.notices_of(c, 1) == ()


def test_a_hand_over_and_its_receipt_are_entries_of_the_custody_log(
    enter: Enter, store: Store, clock: object, configuration: Configuration
) -> None:
    clock.now = NOW  # type: ignore[attr-defined]
    version = approved(store, NOW)
    with_pack(store, NOW)
    client, log = enter("wang"), custody_log(configuration)
    before = list(log.entries())
    form = {"channel": "platform", "addressee": "演练平台", "workdays": "3", "without_look": "true"}
    assert client.post("/leads/1/send", data=form | {"version": str(version - 1)}).status_code == 409
    assert list(log.entries()) == before
    assert client.post("/leads/1/send", data=form | {"version": str(version)}).status_code == 303
    assert client.post("/leads/1/receipt", data={"notice": "1", "receipt": "P-9"}).status_code == 303
    sent, receipted = list(log.entries())[len(before) :]
    with store.read() as c:
        pack = captures.packs_of(c, 1)[-1]
    assert (sent.who, sent.action, sent.object, sent.sha256) == ("wang", "sent", pack.file, pack.sha256)
    assert sent.detail == "lead:1 platform -> 演练平台; receipt -"
    assert (receipted.action, receipted.sha256) == ("receipted", pack.sha256) and "P-9" in receipted.detail
    assert log.first_broken() is None


def test_sending_answering_and_rechecking(enter: Enter, store: Store, clock: object) -> None:
    clock.now = NOW  # type: ignore[attr-defined]
    version = approved(store, NOW)
    with_pack(store, NOW)
    client = enter("wang")
    form = {"version": str(version), "channel": "platform", "addressee": "演练平台", "receipt": "P-7", "workdays": "3"}
    refused = client.post("/leads/1/send", data=form)
    assert refused.status_code == 422 and "还没有复看过页面" in refused.text
    form["without_look"] = "true"
    assert client.post("/leads/1/send", data=form).status_code == 303
    assert "未复看即报送" in client.get("/leads/1").text
    page = client.get("/leads/1").text
    assert "演练平台" in page and "P-7" in page and "反馈时限" in page
    answered = client.post(
        "/leads/1/answer", data={"version": str(version + 1), "notice": "1", "kind": "rejected", "text": "证据不足"}
    )
    assert answered.status_code == 303
    assert "不予处理：证据不足" in client.get("/leads/1").text
    looked = client.post("/leads/1/recheck", data={"version": str(version + 2), "seen": "gone"})
    assert looked.status_code == 303
    with store.read() as c:
        record = leads.load_lead(c, 1)
    assert record.lead.state is State.RECHECKED
    assert record.listing.gone_at == NOW
    assert client.post("/leads/1/close", data={"version": str(version + 3), "why": "页面已失效"}).status_code == 303


def test_the_board_counts_working_days(enter: Enter, store: Store, clock: object) -> None:
    sent(store, workdays=3)
    with store.read() as c:
        assert clocks.answers_due(c, NOW)[0].left == 3
        late = clocks.answers_due(c, NOW + timedelta(days=30))[0]
        assert late.is_over and -late.left < 30
    clock.now = NOW + timedelta(days=30)  # type: ignore[attr-defined]
    page = enter("wang").get("/clocks").text
    assert f"超期 {-late.left} 个工作日" in page and "平台投诉" in page
    assert "超期" in enter("wang").get("/").text


def test_a_counter_notice_has_fifteen_days(store: Store) -> None:
    version = sent(store)
    with store.write() as c:
        following.answer(c, WANG, 1, version, now=NOW, notice_id=1, kind=Answer.COUNTER, text="经营者声明")
    with store.read() as c:
        running = clocks.counters(c, NOW)
        assert [clock.ends for clock in running] == [date(2026, 10, 14)]
        assert [(clock.left, clock.by_calendar, clock.is_soon) for clock in running] == [(15, True, False)]
        assert clocks.answers_due(c, NOW + timedelta(days=60)) == ()


def test_the_ladder_of_rechecks(store: Store) -> None:
    version = sent(store)
    with store.read() as c:
        assert clocks.rechecks_due(c, NOW) == ()
        assert [clock.detail for clock in clocks.rechecks_due(c, NOW + timedelta(days=1))] == ["T+1"]
    with store.write() as c:
        following.recheck(c, WANG, 1, version, now=NOW + timedelta(days=1), seen=Seen.STILL_UP, text="")
    with store.read() as c:
        assert clocks.rechecks_due(c, NOW + timedelta(days=2)) == ()
        assert [clock.detail for clock in clocks.rechecks_due(c, NOW + timedelta(days=3))] == ["T+3"]


def test_a_question_and_its_answer(enter: Enter, store: Store) -> None:
    officer, approver = enter("wang"), enter("zhao")
    assert officer.post("/leads/1/ask", data={"version": "1", "why": "“产自苏州”算不算产区内？"}).status_code == 303
    assert "“产自苏州”算不算产区内？" in approver.get("/clocks").text
    assert "待答复" in approver.get("/").text
    refused = officer.post("/leads/1/reply", data={"version": "2", "why": "算"})
    assert refused.status_code == 403
    assert approver.post("/leads/1/reply", data={"version": "2", "why": "须见产地证明"}).status_code == 303
    assert "须见产地证明" in officer.get("/leads/1").text
    assert "您的请示已答复" in officer.get("/").text
    assert "您的请示已答复" not in approver.get("/").text
    assert "没有待答复的请示" in approver.get("/clocks").text
    with store.read() as c:
        assert leads.load_lead_row(c, 1).state is State.NEW


def test_unusable_forms(enter: Enter, store: Store) -> None:
    version = approved(store, NOW)
    with_pack(store, NOW)
    client = enter("wang")
    good = {
        "version": str(version),
        "channel": "platform",
        "addressee": "演练平台",
        "workdays": "3",
        "without_look": "true",
    }
    for bad in ({"channel": "pigeon"}, {"addressee": " "}, {"workdays": "0"}, {"workdays": "9999"}, {"version": "x"}):
        assert client.post("/leads/1/send", data={**good, **bad}).status_code == 422, bad
    assert (
        client.post("/leads/1/answer", data={"version": str(version), "notice": "9", "kind": "removed"}).status_code
        == 422
    )
