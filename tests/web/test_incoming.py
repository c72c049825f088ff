"""What comes in: complaints with their answers, and leads that officers bring themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from starlette.testclient import TestClient

from gimonitor.model.finding import Screening
from gimonitor.model.listing import Field, Listing
from gimonitor.store import audit, captures, complaints, leads
from gimonitor.store.database import Store
from gimonitor.workflow import ownleads
from gimonitor.workflow.vocabulary import ComplaintSource

from .seeds import NOW, WANG, screening

Enter = Callable[[str], TestClient]
CRAB = "yangchenghu-crab"


def test_a_report_becomes_a_lead_and_gets_its_answer(enter: Enter, store: Store) -> None:
    client = enter("wang")
    form = {
        "kind": "report",
        "source": "hotline",
        "number": "12315-1",
        "gi": CRAB,
        "text": "网上卖假蟹",
        "workdays": "5",
    }
    place = client.post("/complaints", data=form).headers["location"]
    assert "剩 5 个工作日" in client.get(place).text
    new = {
        "gi": CRAB,
        "source": "hotline",
        "title": "阳澄湖大闸蟹 礼盒",
        "url": "https://item.taobao.com/item.htm?id=678901234567",
        "complaint": "1",
    }
    lead = client.post("/leads/new", data=new).headers["location"].partition("?")[0]
    page = client.get(lead).text
    assert "已认领" in page and "人工登记的疑点（来源：12315）" in page and "举报 1" in page
    again = client.post("/leads/new", data=new).headers["location"]
    assert again.startswith(f"{lead}?did=known")
    client.post(f"{place}/answer", data={"text": "已移送平台所在地"})
    assert "已移送平台所在地" in client.get(place).text
    assert client.post(f"{place}/answer", data={"text": "再答"}).status_code == 409
    with store.read() as c:
        record = leads.load_lead(c, int(lead.rpartition("/")[2]))
        assert record.listing.listing.platform == "taobao" and record.listing.listing.item_id == "678901234567"
        assert complaints.list_complaints(c, is_open=True) == []


def test_a_complainants_number_is_not_kept(enter: Enter, store: Store) -> None:
    client = enter("wang")
    form = {"kind": "report", "source": "hotline", "gi": CRAB}
    text = "回拨 13800138000；商品 https://item.taobao.com/item.htm?id=678901234567"
    place = client.post("/complaints", data=form | {"text": text}).headers["location"]
    assert place.endswith("?did=covered") and "没有保存" in client.get(place).text
    client.post(f"{place.partition('?')[0]}/answer", data={"text": "已电告 13800138000"})
    with store.read() as c:
        kept = complaints.load_complaint(c, 1)
        said = str([entry.detail for entry in audit.latest_audit(c, obj="complaint:1")])
    assert kept.text == text.replace("13800138000", "*" * 11) and kept.answer == "已电告 " + "*" * 11
    assert "13800138000" not in said + client.get("/complaints").text


def test_the_same_complaint_sent_twice_is_one(enter: Enter, store: Store, clock: object) -> None:
    client = enter("wang")
    form = {
        "kind": "report",
        "source": "hotline",
        "number": "",
        "gi": CRAB,
        "text": "网上卖假蟹",
        "url": "https://x.cn/1",
    }
    first = client.post("/complaints", data=form).headers["location"]
    clock.now += timedelta(seconds=20)  # type: ignore[attr-defined]
    again = client.post("/complaints", data=form).headers["location"]
    assert again == f"{first}?did=known" and "刚才已登记" in client.get(again).text
    assert "刚才已登记" not in client.get(first).text
    past = form | {"received": "2026-11-18"}
    apart = [client.post("/complaints", data=data).headers["location"]
             for data in (past, form | {"number": "12315-9"}, form | {"url": "https://x.cn/2"})]  # fmt: skip
    assert client.post("/complaints", data=past).headers["location"] == f"{apart[0]}?did=known"
    clock.now += timedelta(minutes=2)  # type: ignore[attr-defined]
    apart += [client.post("/complaints", data=data).headers["location"] for data in (form, past)]
    assert len({first, *apart}) == 6 and not any("?" in place for place in apart)
    with store.read() as c:
        assert len(complaints.list_complaints(c)) == 6


def test_a_form_that_is_too_long_is_told_so(enter: Enter, store: Store) -> None:
    client = enter("wang")
    form = {"kind": "report", "source": "hotline", "gi": CRAB, "text": "蟹" * (1 << 20)}
    for sent in ({"data": form}, {"data": form, "files": {"file": ("x.txt", b"x")}}):
        answer = client.post("/complaints", **sent)
        assert answer.status_code == 413
        assert "填写的内容过长" in answer.text and "1 MB" in answer.text and "后退" in answer.text
    many = client.post("/complaints", data={f"n{i}": "1" for i in range(1001)})
    assert many.status_code == 413 and "1000" in many.text
    with store.read() as c:
        assert complaints.list_complaints(c) == []


def test_a_photograph_becomes_a_lead(enter: Enter, store: Store) -> None:
    client = enter("wang")
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    form = {"gi": CRAB, "title": "市场摊位挂阳澄湖招牌", "source": "officer"}
    place = client.post("/leads/new", data=form, files={"file": ("摊位.png", png, "image/png")}).headers["location"]
    lead_id = int(re.findall(r"/leads/(\d+)", place)[0])
    with store.read() as c:
        kept = captures.captures_of(c, leads.load_lead_row(c, lead_id).listing_id, lead_id)
    assert [one.kind for one in kept] == ["image"]
    assert client.get(f"/leads/{lead_id}/evidence/{kept[0].id}").content == png
    for name, content in (("a.exe", b"MZ"), ("a.png", b"<html>"), ("a.png", b"")):
        refused = client.post("/leads/new", data=form, files={"file": (name, content, "image/png")})
        assert refused.status_code == 422, name
    assert client.post("/leads/new", data=form).status_code == 422  # neither link nor file


def test_an_own_lead_says_where_its_goods_are_from_by_all_its_findings(enter: Enter, store: Store) -> None:
    def screen(listing: Listing, _: date) -> Screening:
        return screening(listing, 50.0, (Field.TITLE, "", "阳澄湖大闸蟹", "标示产地不在保护范围内"))

    told = ownleads.Report(
        gi_id=CRAB,
        gi_name="阳澄湖大闸蟹",
        source=ComplaintSource.OFFICER,
        title="阳澄湖大闸蟹 礼盒",
        url="https://shop.example/7",
        origin="四川雅安",
    )
    with store.write() as c:
        judged = ownleads.add_lead(c, WANG, told, screen, now=NOW)
        other = replace(told, url="https://shop.example/8")
        unjudged = ownleads.add_lead(c, WANG, other, lambda listing, on: None, now=NOW)
    client = enter("wang")
    page = client.get(f"/leads/{judged.lead_id}").text
    assert page.index("人工登记的疑点") < page.index("标示产地不在保护范围内")
    assert "页面产地在产区外" in page and "页面产地不明" not in page
    assert "页面标示的产地未能判断" in client.get(f"/leads/{unjudged.lead_id}").text
