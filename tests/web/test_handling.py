"""Putting aside, ignoring, asking, answers, what is drawn: the screens beside the review itself."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no stubs
from fastapi import FastAPI
from starlette.testclient import TestClient

from gimonitor.errors import DiskFullError, InputError, NotFoundError, StoreUnreachableError
from gimonitor.model.lead import Resolution, State
from gimonitor.store import captures, leads, people, samples
from gimonitor.store.database import Store
from gimonitor.store.leads import QueueFilter
from gimonitor.web.problems import in_chinese
from gimonitor.web.tokens import open_token
from gimonitor.workflow import clocks, following, quality, rechecks
from gimonitor.workflow.rechecks import Look
from gimonitor.workflow.vocabulary import CARRIED, Answer, Channel, Seen

from .seeds import EVIL

Enter = Callable[[str], TestClient]
CRAB = "yangchenghu-crab"


def waiting(store: Store, clock: object) -> int:
    with store.read() as c:
        return leads.count_leads(c, QueueFilter(states=(State.NEW,), awake_at=clock()))  # type: ignore[operator]


def test_a_lead_put_aside_comes_back(enter: Enter, store: Store, clock: object) -> None:
    client = enter("wang")
    gone = client.post("/leads/1/hold", data={"version": "1", "until": "2026-11-23", "why": "等产地证明"})
    assert gone.status_code == 303
    assert waiting(store, clock) == 30
    assert "搁置至 2026-11-23" in client.get("/leads/1").text
    assert "1 条线索" in client.get("/leads?view=held").text
    clock.now += timedelta(days=3)  # type: ignore[attr-defined]
    assert waiting(store, clock) == 31


def test_a_hold_without_a_day_ends_by_hand_or_by_a_reply(enter: Enter, store: Store, clock: object) -> None:
    client = enter("wang")
    client.post("/leads/1/hold", data={"version": "1", "why": "待请示"})
    client.post("/leads/2/hold", data={"version": "1", "why": "待请示"})
    client.post("/leads/2/ask", data={"version": "2", "topic": "origin", "why": "算不算产区内？"})
    assert waiting(store, clock) == 29
    assert "产地认定" in client.get("/clocks").text
    assert enter("zhao").post("/leads/2/reply", data={"version": "3", "why": "不算"}).status_code == 303
    assert client.post("/leads/1/release", data={"version": "2"}).status_code == 303
    assert waiting(store, clock) == 31


def test_unusable_holds(enter: Enter) -> None:
    client = enter("wang")
    for until, why in (("2026-11-20", "今日"), ("2027-11-20", "太久"), ("20号", "错"), ("2026-11-23", " ")):
        answer = client.post("/leads/1/hold", data={"version": "1", "until": until, "why": why})
        assert answer.status_code == 422, until


def test_a_seller_is_ignored_for_a_time(enter: Enter, store: Store, clock: object) -> None:
    client = enter("wang")
    client.post("/leads/1/ignore", data={"until": "2026-11-25", "why": "正在核实授权"})
    assert waiting(store, clock) == 7  # the seller's 24 leads are out, another seller's stay
    page = client.get("/ignores").text
    assert "南京湖畔水产经营部" in page and "王一" in page and "将到期" in page
    assert "免提示至 2026-11-25" in client.get("/leads/1").text
    assert "31 条线索" in client.get("/leads?view=all").text
    clock.now += timedelta(days=6)  # type: ignore[attr-defined]
    assert waiting(store, clock) == 31  # it ended by itself
    clock.now -= timedelta(days=6)  # type: ignore[attr-defined]
    assert enter("li").post("/ignores/1/end").status_code == 303
    assert waiting(store, clock) == 31
    assert enter("li").post("/ignores/1/end").status_code == 404


def test_a_second_opinion(enter: Enter) -> None:
    wang, li = enter("wang"), enter("li")
    assert wang.post("/leads/1/consult", data={"version": "1", "to": "wang", "why": "看看"}).status_code == 422
    assert wang.post("/leads/1/consult", data={"version": "1", "to": "li", "why": "您怎么看"}).status_code == 303
    assert "征求您的意见" in li.get("/").text and "征求您的意见" not in wang.get("/").text
    form = {"version": "2", "proposed": "fair_use", "why": "配料说明"}
    assert li.post("/leads/1/opinion", data=form).status_code == 303
    assert "建议判定为“正当使用”：配料说明" in wang.get("/leads/1").text
    assert "征求您的意见" not in li.get("/").text
    assert "您征求的意见" in wang.get("/").text and "您征求的意见" not in li.get("/").text


def test_an_opinion_is_asked_only_of_who_can_give_one(
    enter: Enter, app: FastAPI, bounded: Store, clock: Callable[[], datetime]
) -> None:
    client, why = enter("wang"), "您怎么看"
    page = client.get("/leads/1").text
    with bounded.read() as c:
        version = leads.load_lead_row(c, 1).version
    with bounded.write() as c:
        token = open_token(c, people.active_person(c, "wang"), name="核", now=clock(), days=1)
    machine = TestClient(app, base_url="https://testserver", headers={"authorization": f"Bearer {token}"})
    for login, said in (
        ("operator3205", "角色不能查看线索"),
        ("auditor3205", "角色不能查看线索"),
        ("officer44", "不在officer的辖区内"),
    ):
        assert f'value="{login}"' not in page
        answer = client.post("/leads/1/consult", data={"version": version, "to": login, "why": why})
        assert answer.status_code == 422 and said in answer.text
        told = machine.post("/api/leads/1/consult", json={"version": version, "to": login, "why": why})
        assert told.status_code == 422 and said in told.json()["error"]
    assert 'value="leader3205"' in page and 'value="li"' in page
    form = {"version": version, "to": "leader3205", "why": why}
    assert client.post("/leads/1/consult", data=form).status_code == 303


def send_some(store: Store, numbers: Sequence[int], now: object, channel: Channel = Channel.PLATFORM) -> None:
    """Approve and send leads; their pack is one and the same."""
    from gimonitor.workflow import decisions
    from gimonitor.workflow.decisions import Actor
    from gimonitor.workflow.roles import Role

    wang, zhao = (Actor(login=n, roles=frozenset({r})) for n, r in (("wang", Role.OFFICER), ("zhao", Role.APPROVER)))
    with store.write() as c:
        pack = captures.StoredPack(
            kind=CARRIED[channel][0],
            file="p.zip",
            sha256="b" * 64,
            size=1,
            at=now,
            who="wang",
            lead_ids=tuple(numbers),  # type: ignore[arg-type]
        )
        captures.save_pack(c, pack)
        for number in numbers:
            version = decisions.judge(c, wang, number, 1, Resolution.CONFIRMED, now=now)  # type: ignore[arg-type]
            version = decisions.approve(c, zhao, number, version, now=now)  # type: ignore[arg-type]
            following.send(
                c, wang, number, version, now=now, channel=channel, addressee="演练平台", receipt="", workdays=5,  # type: ignore[arg-type]
                account="协会账号", reason="GI-1",
            )  # fmt: skip


def workbook(rows: list[tuple[object, ...]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def test_the_platforms_table_is_shown_then_recorded(enter: Enter, store: Store, clock: object) -> None:
    with store.read() as c:
        rows = leads.queue_page(c, QueueFilter(), None, 5).rows
    ids, links = [row.id for row in rows], [row.url for row in rows]
    send_some(store, ids, clock())  # type: ignore[operator]
    client = enter("wang")
    table = workbook(
        [
            ("商品链接", "处理结果", "驳回原因"),
            (links[0], "投诉成立，已删除", ""),
            (links[1], "投诉不成立", "证据不足"),
            (links[2], "反通知成立", "卖家有授权"),
            (links[0], "已删除", ""),
            ("https://nowhere.example/9", "已删除", ""),
            (links[3], "一片空白", ""),
        ]
    )
    shown = client.post("/answers", files={"file": ("反馈.xlsx", table)}).text
    assert "可登记 <b>3</b> 行，退回 <b>3</b> 行" in shown
    for why in ("是同一次报送", "没有对应的", "不认识的处理结果"):
        assert why in shown
    with store.read() as c:
        assert leads.load_lead_row(c, ids[0]).state is State.SENT  # nothing is written before it was shown
    sha256 = re.findall(r'name="sha256" value="(\w{64})"', shown)[0]
    back = client.get(f"/answers/refused.csv?sha256={sha256}").text
    assert back.count("\n") == 4 and "nowhere.example" in back
    assert "已登记 3 条反馈" in client.post("/answers/record", data={"sha256": sha256}).text
    with store.read() as c:
        assert [leads.load_lead_row(c, n).state for n in ids[:4]] == [State.ANSWERED] * 3 + [State.SENT]
        assert captures.notices_of(c, ids[1])[0].answer == "证据不足"
        board = quality.board(c, clock() + timedelta(days=1))  # type: ignore[operator]
    assert [(s.account, s.reason, s.sent, s.removed, s.rejected, s.upheld) for s in board] == [
        ("协会账号", "GI-1", 5, 2, 1, 1)
    ]
    again = client.post("/answers", files={"file": ("反馈.xlsx", table)}).text
    assert "可登记 <b>0</b> 行" in again
    assert client.get("/quality").text.count("66.7%") >= 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"x,y\n1,2\n"),
        ("a.xlsx", b"PK\x03\x04junk"),
        ("a.html", b"<html>"),
        ("a.csv", b"<html><table>"),
        ("a.csv", b"%PDF-1.7"),
    ],
)
def test_unusable_tables(enter: Enter, name: str, content: bytes) -> None:
    answer = enter("wang").post("/answers", files={"file": (name, content)})
    assert answer.status_code == 422
    heading = re.findall(r"<h1>(.*?)</h1>", answer.text)
    assert heading == ["填写有误"]
    assert not re.search(r"this is|save it|the file", answer.text)


def test_the_job_looks_at_every_page_that_is_due(store: Store, clock: object) -> None:
    now = clock()  # type: ignore[operator]
    send_some(store, range(1, 5), now)
    seen = {1: Seen.GONE, 2: Seen.STILL_UP, 3: Seen.CHANGED}
    asked: list[str] = []

    def look(record: leads.LeadRecord) -> Look:
        if record.lead.id == 4:
            raise InputError("链接不是 http(s) 地址")
        return Look(seen=seen[record.lead.id])

    with store.write() as c:
        version = leads.load_lead_row(c, 2).version
        officer = rechecks.MACHINE
        following.answer(c, officer, 2, version, now=now, notice_id=2, kind=Answer.REMOVED, text="")
    done = rechecks.run_rechecks(store, look, now=now + timedelta(days=1), before=asked.append)
    assert (done.looked, done.seen[Seen.UNKNOWN], len(asked)) == (4, 1, 4)
    assert rechecks.run_rechecks(store, look, now=now + timedelta(days=2)).looked == 0  # the next rung is T+3
    with store.read() as c:
        assert [clock.detail for clock in clocks.rechecks_due(c, now + timedelta(days=3))] == ["T+3"] * 4
        notable = rechecks.lately(c, now + timedelta(days=1, hours=1))
        assert [(one.lead_id, one.said_removed) for one in notable if one.said_removed] == [(2, True)]
        assert leads.load_lead(c, 1).listing.gone_at is not None


def test_a_platform_that_acts_after_the_look_kept_its_word(store: Store, clock: object) -> None:
    now = clock()  # type: ignore[operator]
    send_some(store, range(1, 2), now)
    steps = (following.recheck, Seen.STILL_UP, 24), (following.answer, Answer.REMOVED, 48)
    for act, what, hours in steps:
        with store.write() as c:
            given = {"seen": what} if act is following.recheck else {"notice_id": 1, "kind": what}
            version, at = leads.load_lead_row(c, 1).version, now + timedelta(hours=hours)
            act(c, rechecks.MACHINE, 1, version, now=at, text="", **given)  # type: ignore[operator]
    with store.read() as c:
        assert rechecks.lately(c, now + timedelta(hours=49)) == ()


def test_a_wrong_complaint_is_taken_back(enter: Enter, store: Store, clock: object) -> None:
    send_some(store, range(1, 2), clock())  # type: ignore[operator]
    with store.read() as c:
        version = leads.load_lead_row(c, 1).version
    client = enter("wang")
    assert client.post("/leads/1/withdraw", data={"version": str(version), "why": ""}).status_code == 422
    client.post("/leads/1/withdraw", data={"version": str(version), "why": "卖家出示了授权"})
    with store.read() as c:
        lead = leads.load_lead_row(c, 1)
        assert (lead.state, lead.resolution, lead.look_on) == (State.CLAIMED, None, None)
        assert clocks.answers_due(c, clock() + timedelta(days=60)) == ()  # type: ignore[operator]
        assert quality.board(c, clock())[0].withdrawn == 1  # type: ignore[operator]


def test_a_transfer_owes_its_receipt(enter: Enter, store: Store, clock: object) -> None:
    send_some(store, range(1, 2), clock(), Channel.TRANSFER)  # type: ignore[operator]
    later = clock() + timedelta(days=12)  # type: ignore[operator]
    with store.read() as c:
        assert [one.what for one in clocks.receipts_due(c, later)] == ["receipt"]
    assert (
        enter("wang").post("/leads/1/receipt", data={"notice": "1", "receipt": "常知收〔2026〕7号"}).status_code == 303
    )
    with store.read() as c:
        assert clocks.receipts_due(c, later) == ()
        assert "回执 常知收〔2026〕7号（王一 2026-11-20 补录）" in enter("wang").get("/leads/1").text
        version = leads.load_lead_row(c, 1).version
    with store.write() as c:
        following.answer(c, rechecks.MACHINE, 1, version, now=later, notice_id=1, kind=Answer.FILED, text="已立案")
    with store.read() as c:
        assert len(clocks.answers_due(c, later)) == 1  # under way: the clock goes on


def test_a_sample_is_drawn_again_and_compared(enter: Enter, store: Store) -> None:
    client = enter("wang")
    form = {
        "kind": "listings",
        "name": "十一月抽查",
        "gi": CRAB,
        "size": "10",
        "seed": "20261120",
        "since": "2026-11-01",
    }
    first = client.post("/samples", data=form).headers["location"]
    assert "与原抽取一致" in client.get(f"{first}?again=yes").text
    for position in range(1, 11):
        client.post(f"{first}/{position}", data={"result": "suspected" if position <= 6 else "clean"})
    page = client.get(first).text
    assert "60.0%" in page and "31.3–83.2%" in page  # Wilson, 6 of 10
    second = client.post("/samples", data={**form, "name": "复查", "previous": first.rpartition("/")[2]}).headers[
        "location"
    ]
    client.post(f"{second}/1", data={"result": "clean"})
    assert "不能认定有变化" in client.get(second).text
    with store.read() as c:
        one, two = samples.items_of(c, 1), samples.items_of(c, 2)
    assert [item.listing_id for item in one] == [item.listing_id for item in two]  # the same seed, the same lot
    sellers = client.post("/samples", data={"kind": "sellers", "name": "双随机", "size": "3", "seed": "s"}).headers[
        "location"
    ]
    assert re.search("王一|李二", client.get(sellers).text)


def test_what_was_given_back_is_told_with_its_reason(enter: Enter) -> None:
    wang, zhao = enter("wang"), enter("zhao")
    wang.post("/leads/1/judge", data={"version": "1", "resolution": "confirmed"})
    assert "补充产地截图" not in wang.get("/").text
    zhao.post("/leads/1/return", data={"version": "3", "why": "补充产地截图"})
    told = wang.get("/").text
    assert "退回" in told and "补充产地截图" in told and "补充产地截图" not in zhao.get("/").text
    row = wang.get("/leads?view=mine").text
    assert "补充产地截图" in row and "赵批" in row
    zhao.post("/leads/1/undo", data={"version": "4"})
    assert "补充产地截图" not in wang.get("/").text
    zhao.post("/leads/1/reopen", data={"version": "5", "why": "页面已改动"})
    assert "页面已改动" in wang.get("/").text and "页面已改动" in enter("li").get("/leads?view=open").text
    wang.post("/leads/1/judge", data={"version": "6", "resolution": "confirmed"})
    assert "页面已改动" not in wang.get("/").text


def test_a_draw_of_sellers_by_the_words_on_its_page(enter: Enter, store: Store) -> None:
    """Anybody can do it who has the numbers of the platform's shops and the page."""

    def sha(text: str) -> bytes:
        return hashlib.sha256(text.encode()).digest()

    client = enter("wang")
    form = {"kind": "sellers", "name": "双随机", "size": "5", "seed": "2026", "officer": ["wang", "li"]}
    page = client.get(client.post("/samples", data=form).headers["location"]).text
    assert "平台代码、id、平台店铺编号三段以 U+001F 相连" in page and "种子⏎抽签串" in page and "种子⏎用户名" in page
    shops = ["s11", *(f"evil{number}" for number in range(500, 500 + len(EVIL)))]
    keys = [sha(f"practice\x1fid\x1f{shop}").hex()[:32] for shop in shops]
    lot = sorted(keys, key=lambda key: sha(f"2026\n{key}"))[:5]
    assert re.findall("抽签串 ([0-9a-f]{32})", page) == lot
    assert hashlib.sha256(b"".join(key.encode() + b"\0" for key in lot)).hexdigest() in page
    order = sorted(["wang", "li"], key=lambda login: sha(f"2026\n{login}"))
    with store.read() as c:
        assert [item.officer for item in samples.items_of(c, 1)] == [order[place % 2] for place in range(5)]
    listings = form | {"kind": "listings", "gi": CRAB}
    page = client.get(client.post("/samples", data=listings).headers["location"]).text
    keys = [f"practice\ng{number:03}" for number in (*range(24), *range(500, 500 + len(EVIL)))]
    lot = sorted(keys, key=lambda key: sha(f"2026\n{key}"))[:5]
    assert re.findall("抽签串 ([^<]+)", page) == [key.replace("\n", "⏎") for key in lot]


def test_every_sentence_of_an_error_is_chinese(enter: Enter) -> None:
    assert in_chinese(NotFoundError("no lead 99 is stored")) == "没有编号为 99 的线索"
    for error in (
        StoreUnreachableError("locked"),
        DiskFullError("full"),
        InputError("x.csv: broken"),
        NotFoundError("?"),
    ):
        assert "\u4e00" <= in_chinese(error)[0] <= "\u9fff"
    page = enter("wang").get("/leads/99").text
    assert "没有编号为 99 的线索" in page and "is stored" not in page
    long = {"version": "1", "channel": "platform", "addressee": "某平台", "workdays": "5", "receipt": "9" * 3000}
    assert "请检查：回执编号（最多 200 个字）" in enter("wang").post("/leads/1/send", data=long).text
    assert "请检查：线索版本" in enter("wang").post("/leads/1/claim", data={"version": "x"}).text


def test_a_whole_view_is_claimed_with_a_count_first(enter: Enter, store: Store) -> None:
    client = enter("wang")
    asked = client.post("/batches", data={"deed": "claim", "every": "view=open&q=鲜活"}).text
    assert "24 条线索认领" in asked
    items = re.findall(r'name="lead" value="(\d+:\d+)"', asked)
    done = client.post("/batches", data={"deed": "claim", "lead": items, "sure": "yes"}).headers["location"]
    with store.read() as c:
        assert leads.count_leads(c, QueueFilter(states=(State.CLAIMED,), claimed_by="wang")) == 24
    client.post(f"{done}/undo")
    with store.read() as c:
        assert leads.count_leads(c, QueueFilter(states=(State.NEW,))) == 31
    held = client.post("/batches", data={"deed": "hold", "lead": items[:2], "why": "等", "sure": "yes"})
    assert held.status_code == 409  # they changed in the meantime
